"""The errors a user can meet: each carries one sentence saying what is wrong and what to do."""


class HandwritingError(Exception):
    """Base of every error that tfhand raises on purpose; a command line prints it and exits with 2.

    The sentence is one printable line, even where it quotes a damaged file or an odd name.
    """

    def __str__(self) -> str:
        return "".join(one if one.isprintable() else repr(one)[1:-1] for one in super().__str__())


class PictureError(HandwritingError):
    """A picture is missing, unreadable, empty or too large."""


class ReadingError(HandwritingError):
    """The pieces of ink on a picture do not fit the text it is said to hold."""


class HandError(HandwritingError):
    """A Hand's folder or contents cannot be used."""


class ArchiveError(HandwritingError):
    """A data set is missing or not in the archive format."""


class PresetError(HandwritingError):
    """A preset is unknown, incomplete or does not fit its weights."""


class TextError(HandwritingError):
    """A text is empty or holds characters that cannot be written."""
