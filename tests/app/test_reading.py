from __future__ import annotations

import pytest
from PIL import Image

from tests.support.joined_words import joined_page
from tfhand.app.models import Models
from tfhand.app.reading import LINE, PAGE, read_photos
from tfhand.app.session import OWN, Session
from tfhand.app.work import Cancelled

SAYS = "elle lele\nleel elle"


@pytest.fixture
def person():
    session = Session("de")
    session.agree(OWN, "")
    yield session
    session.close()


@pytest.fixture
def letter(tmp_path):
    Image.fromarray(joined_page(SAYS)[0]).save(tmp_path / "letter.png")
    return tmp_path / "letter.png"


@pytest.fixture
def empty(tmp_path):
    Image.new("RGB", (900, 500), "white").save(tmp_path / "empty.png")
    return tmp_path / "empty.png"


def test_the_bar_follows_the_lines(person, letter):
    told = []
    seen, failed = read_photos(person, [letter], PAGE, SAYS, Models(reader=""), lambda *one: told.append(one))
    assert [share for share, _ in told] == [0.0, 0.5, 1.0, 1.0]
    assert told[0][1] == "Foto 1 von 1 wird gelesen"
    assert failed == []
    assert [word.text for word in seen[0].hand.words] == SAYS.split()
    assert person.hand == seen[0].hand


def test_reading_that_is_stopped_between_lines_changes_nothing(person, letter):
    def stop(share, what):
        if share > 0:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        read_photos(person, [letter], PAGE, SAYS, Models(reader=""), stop)
    assert not person.hand.words


def test_one_photo_of_several_may_fail(person, letter, empty):
    told = []
    texts = f"{SAYS}\n\nabc"
    seen, failed = read_photos(person, [letter, empty], PAGE, texts, Models(reader=""), lambda *one: told.append(one))
    assert len(seen) == 1
    assert failed[0].startswith("empty.png: Auf dem Bild ist keine Tinte zu sehen")
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert told[-2][1] == "Foto 2 von 2 wird gelesen"


def test_photos_that_all_fail_change_nothing(person, empty):
    with pytest.raises(Exception, match="keine Tinte"):
        read_photos(person, [empty], LINE, "abc", Models(reader=""), lambda share, what: None)
    assert not person.hand.samples
