"""`fit --verifier`: the verifier that a training names finds the hands of the preset's new people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tfhand import fit
from tfhand.core.config import as_json, write_json
from tfhand.hands.hand import Hand
from tfhand.models import optimize_code as refinement
from tfhand.models import presets
from tfhand.models.verifier.config import VerifierConfig
from tfhand.models.verifier.networks import Verifier
from tfhand.synthesis.synthesizer import Synthesizer, load

SMALL = {"characters": "01a", "image_size": 8, "generator_widths": [4, 4], "discriminator_widths": [4, 4], "steps": 1}
FAMILIES = {
    "cgan": {"writers": True, "hand_size": 5, "discriminator_widths": [4, 4, 4], "batch_size": 8, "targets": 2},
    "stylegan": {"encoder_widths": [4, 4], "batch_size": 8, "encoded": 4},
}


@pytest.fixture(params=FAMILIES)
def family(request, people, tmp_path, monkeypatch) -> str:
    """A family; in the working directory its small.json, the archive six.npz, and two verifiers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(refinement, "STEPS", 2)
    monkeypatch.setattr(refinement, "SEARCH_STEPS", 2)
    people.save("six.npz")
    for name, characters in (("fits", "01a"), ("knows-others", "01b")):
        sizes = {"characters": characters, "image_size": 8}
        judge = Verifier(**as_json(VerifierConfig(**sizes, widths=(2, 2), features=3, embedding_size=3)))
        presets.save(name, judge, {}, "# For tests\n", **sizes)
    write_json(Path("small.json"), SMALL | FAMILIES[request.param])
    return request.param


def test_a_guide_is_named_looked_at_and_handed_on(family, people, capsys):
    words = [family, "--settings", "small.json", "--data", "six.npz"]
    assert fit.main([*words, "--verifier", "knows-others"]) == 2
    assert "knows-others knows other characters" in capsys.readouterr().err
    assert fit.main([*words, "--verifier", "fits", "--preset", "guided"]) == 0
    assert presets.guide("guided").settings.characters == "01a"
    places = {character: people.labels.tolist().index(people.classes.tolist().index(character)) for character in "0a"}
    hand = Hand({character: [people.draw(place)] for character, place in places.items()})
    pen = load("guided")
    assert not np.array_equal(pen.code(hand), Synthesizer(pen.networks).code(hand))
    assert fit.main([*words, "--from", "guided", "--preset", "again"]) == 0
    assert presets.verifier_name("again") == "fits"
