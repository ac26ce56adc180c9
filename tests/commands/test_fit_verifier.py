"""`fit --verifier`: the verifier that a training names finds the hands of the preset's new people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tfhand import fit
from tfhand.core.config import as_json
from tfhand.core.json_files import write_json
from tfhand.hands.glyph import as_network_input
from tfhand.models import presets
from tfhand.models.cgan import warm_start
from tfhand.models.generation import GenerationConfig
from tfhand.models.optimize_code import optimize_code
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.verifier.config import VerifierConfig
from tfhand.models.verifier.networks import Verifier

SMALL = {"characters": "01a", "image_size": 8, "generator_widths": [4, 4], "discriminator_widths": [4, 4], "steps": 1}
FAMILIES = {
    "cgan": {"writers": True, "hand_size": 5, "discriminator_widths": [4, 4, 4], "batch_size": 8, "targets": 2},
    "stylegan": {"encoder_widths": [4, 4], "batch_size": 8, "encoder_batch": 4},
}


@pytest.fixture(params=FAMILIES)
def family(request, people, tmp_path, monkeypatch) -> str:
    """A family; in the working directory its small.json, the archive six.npz, and two verifiers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warm_start, "SEARCH", GenerationConfig(steps=2))
    people.save("six.npz")
    for name, characters in (("fits", "01a"), ("knows-others", "01b")):
        config = VerifierConfig(characters, image_size=8, widths=(2, 2), features=3, embedding_size=3)
        Verifier(**as_json(config)).save_to_preset(name, card="# For tests\n")
    write_json(Path("small.json"), SMALL | FAMILIES[request.param])
    return request.param


@pytest.mark.large
def test_a_verifier_is_named_looked_at_and_handed_on(family, people, capsys):
    words = [family, "--settings", "small.json", "--data", "six.npz"]
    assert fit.main([*words, "--verifier", "knows-others"]) == 2
    assert "knows-others knows other characters" in capsys.readouterr().err
    assert fit.main([*words, "--verifier", "fits", "--preset", "verified"]) == 0
    assert presets.generation_of("verified").verifier == "fits"
    pipeline = GlyphPipeline.from_preset("verified").with_steps(2)
    assert pipeline.verifier.characters == "01a"
    places = [people.labels.tolist().index(people.classes.tolist().index(character)) for character in "0a"]
    samples, numbers = people.render(places, 8)[None], pipeline.numbers("0a")[None]
    by_pixels = optimize_code(pipeline.writer, None, as_network_input(samples), numbers, pipeline.generation)
    assert not np.array_equal(pipeline.codes(samples, numbers), by_pixels)
    assert fit.main([*words, "--from", "verified", "--preset", "again"]) == 0
    assert presets.generation_of("again").verifier == "fits"
