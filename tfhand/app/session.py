"""What one person has on the page: whose hand it is, what was read, every step back, and a folder of their own."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tfhand.app import catalogue
from tfhand.app.limits import MEGABYTE, Limits
from tfhand.app.sentences import translated
from tfhand.core.json_files import read_json, write_json
from tfhand.errors import HandError, HandwritingError, PictureError
from tfhand.hands.hand import Hand
from tfhand.hands.sample import GENERATED, Sample
from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.synthesizer import Synthesizer

OWN, PERMITTED = "own", "permitted"  # whose hand it is
STEPS = 100  # that can be undone
WRITTEN, DOUBTFUL = "written", "doubtful"  # and GENERATED: what a letter or a word on the page is
LONGEST_NAME = 60
HAND, NOTE = "hand", "person.json"  # what the folder keeps of a person, should the server be killed


class Session:
    """One tab of a browser. Its folder is deleted by `close`, and holds the Hand as it is now until then.

    Args:
        language: of what the page says.
        limits: of what may be sent.
        folder: that is to be made; None for any place.

    Attributes:
        folder: for the files of this person alone.
        language: of what the page says.
        whose: OWN, PERMITTED, or empty while nobody has said.
        name: of the person, for the names of files and fonts; may be empty.
        hand: the letters as they are now, without what networks write.
        photos: the pictures read last, from which pieces can be cut.
        chosen: the letter or word that is being mended.
        tiles: letters and words that are shown, by the numbers of their tiles.
        subjects: all that was ever chosen, by the numbers under which the page knows it.
        offered: forms of the chosen letter to choose among.
        offers: how often other forms were asked for.
        busy: is held while the Hand is completed.
        mending: is held while a letter or word is mended, or another one chosen.
        stopped: is set by who wants to end long work.
        used, left: when something was last done, and when the tab was closed; None while it is open.
    """

    def __init__(
        self, language: str = catalogue.LANGUAGES[0], limits: Limits | None = None, folder: Path | None = None
    ):
        self.folder = Path(tempfile.mkdtemp(prefix="tfhand-page-")) if folder is None else folder
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.language, self.limits = language, limits or Limits()
        self.whose, self.name = "", ""
        self.hand = Hand()
        self.photos: list[Path] = []
        self.chosen: Sample | WordSample | None = None
        self.tiles: tuple[Sample | WordSample, ...] = ()
        self.subjects: list[Sample | WordSample] = []
        self.offered: tuple[Sample, ...] = ()
        self.offers = 0
        self.used = time.monotonic()
        self.left: float | None = None
        self.busy, self.mending, self.stopped = threading.Lock(), threading.Lock(), threading.Event()
        self._sent: set[Path] = set()
        self._before: list[Hand] = []
        self._after: list[Hand] = []
        self._complete: tuple[Hand | None, int, Hand] = None, 0, Hand()
        self._drawn: tuple[tuple[int, ...], Hand, dict[str, list[Sample]]] = (), Hand(), {}

    @classmethod
    def again(cls, folder: Path, language: str, limits: Limits) -> Session:
        """The Session whose folder a server that was killed has left.

        Raises:
            HandwritingError or KeyError: what is there cannot be read.
        """
        session = cls(language, limits, folder)
        noted = read_json(folder / NOTE)
        session.whose, session.name = str(noted["whose"]), str(noted["name"])
        if (folder / HAND).exists():
            session.hand = Hand.load(folder / HAND)
        return session

    def say(self, key: str, **values: object) -> str:
        """A text of the page in this person's language."""
        return catalogue.text(self.language, key, **values)

    def sentence(self, error: HandwritingError) -> str:
        """What an error says, in this person's language and without the places of their files."""
        return translated(self.language, re.sub(rf"{re.escape(str(self.folder))}/(received-\d+/)?", "", str(error)))

    def agree(self, whose: str, name: str) -> None:
        """Notes whose hand it is.

        Raises:
            HandwritingError: nothing was chosen.
        """
        if whose not in (OWN, PERMITTED):
            raise HandwritingError(self.say("error_consent"))
        self.whose, self.name = whose, " ".join(name.split())[:LONGEST_NAME]
        self._keep()

    def check_consent(self) -> None:
        """Raises HandwritingError unless somebody has said whose hand it is."""
        if not self.whose:
            raise HandwritingError(self.say("error_consent"))

    def receive(self, paths: Sequence[str | Path]) -> list[Path]:
        """Copies files that were sent into the person's folder.

        Raises:
            PictureError: none, too many, too large, or no longer there.
        """
        if not paths:
            raise PictureError(self.say("error_no_file"))
        if len(paths) > self.limits.files:
            raise PictureError(self.say("error_many_files", count=len(paths), most=self.limits.files))
        received = []
        for number, path in enumerate(map(Path, paths), 1):
            if not path.is_file():
                raise PictureError(self.say("error_lost_file", name=path.name))
            if path.stat().st_size > self.limits.upload * MEGABYTE:
                raise PictureError(self.say("error_large_file", name=path.name, most=self.limits.upload))
            place = self.folder / f"received-{number}"
            place.mkdir(exist_ok=True)
            received.append(Path(shutil.copyfile(path, place / path.name)))
        self._sent.update(map(Path, paths))
        return received

    def change(self, hand: Hand) -> None:
        """Takes another Hand; the one before can be had back."""
        self._before = [*self._before, self.hand][-STEPS:]
        self._after = []
        self._take(hand)

    def undo(self) -> None:
        """Goes a step back.

        Raises:
            HandwritingError: there is none.
        """
        if not self._before:
            raise HandwritingError(self.say("error_undo"))
        self._after.append(self.hand)
        self._take(self._before.pop())

    def redo(self) -> None:
        """Takes a step that was undone again.

        Raises:
            HandwritingError: there is none.
        """
        if not self._after:
            raise HandwritingError(self.say("error_redo"))
        self._before.append(self.hand)
        self._take(self._after.pop())

    def _take(self, hand: Hand) -> None:
        self.hand = hand
        self._keep()

    def _keep(self) -> None:
        """Notes what would be lost otherwise if the server were killed."""
        write_json(self.folder / NOTE, {"whose": self.whose, "name": self.name})
        if self.hand.samples or self.hand.words:
            self.hand.save(self.folder / HAND)
        else:
            shutil.rmtree(self.folder / HAND, ignore_errors=True)

    def require_hand(self) -> Hand:
        """The Hand.

        Raises:
            HandError: nothing was read yet.
        """
        if not self.hand.samples and not self.hand.words:
            raise HandError(self.say("error_no_hand"))
        return self.hand

    def complete(self, pen: Synthesizer, seed: int = 0) -> Hand:
        """The Hand with every letter that the networks know, generated where the person wrote none.

        All that is written and shown is taken from it, so that a letter looks on the page as it will on paper. It is
        learned once for what the person wrote and a seed; doubtful letters are left out. Where nothing is there to
        learn from, nothing is generated.
        """
        with self.busy:
            hand = self.require_hand()
            if not self.is_complete(seed):
                self._complete = hand, seed, self._completed(hand.approved, pen, seed)
            return self._complete[2]

    def _completed(self, own: Hand, pen: Synthesizer, seed: int) -> Hand:
        key = seed, *map(id, own.written.samples), *map(id, own.words)
        if self._drawn[0] != key:
            self._drawn = key, own, {}
        drawn, missing = self._drawn[2], own.missing(pen.learned)
        asked = "".join(character for character in missing if character not in drawn) if pen.can_learn(own) else ""
        again = "".join(character for character in asked if character.islower())
        found = pen.text_glyphs(asked + again, own, seed=seed, joined="never").samples if asked else ()
        for sample in found:
            if isinstance(sample, Sample):
                drawn.setdefault(sample.character, []).append(sample)
        generated = [sample for character in missing for sample in drawn.get(character, ())]
        return Hand(samples=(*own.samples, *generated), words=own.words)

    def is_complete(self, seed: int = 0) -> bool:
        """Whether `complete` is at hand."""
        return self._complete[0] is self.hand and self._complete[1] == seed

    def file(self, ending: str) -> Path:
        """The place of a file for this person to keep, named after them."""
        kept = "".join(one for one in self.name if one.isalnum() or one in " -_").strip().replace(" ", "-")
        return self.folder / f"{kept or self.say('file_name')}{ending}"

    def close(self) -> None:
        """Deletes all that is there of this person, and what they sent."""
        for path in self._sent:
            path.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.hand, self._before, self._after = Hand(), [], []
        self._complete, self._drawn = (None, 0, Hand()), ((), Hand(), {})
        self.photos, self.chosen, self.tiles, self.subjects, self.offered = [], None, (), [], ()


def state_of(one: Sample | WordSample) -> str:
    """What a letter or a word on the page is: WRITTEN, DOUBTFUL or GENERATED."""
    if isinstance(one, WordSample):
        return WRITTEN if all(one.sure) else DOUBTFUL
    if one.doubt:
        return DOUBTFUL
    return GENERATED if one.source == GENERATED else WRITTEN
