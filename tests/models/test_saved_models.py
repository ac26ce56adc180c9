"""The SavedModels that are shipped: TensorFlow alone loads them, and they give what the Python networks give."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.support.preset_outputs import SAVED_MODELS, shipped
from tests.support.signatures import assert_alike, inputs_of, outputs_of
from tfhand.models import presets, registry, serving

SHIPPED = [folder for folder in shipped() if (folder / presets.SAVED_MODEL).is_dir()]
TOLERANCE = 1e-5  # on images in [-1, 1], and on other outputs as a share of their largest number

WRITE_A_GLYPH = """
import json, sys
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
characters = tf.io.read_file(model.characters.asset_path).numpy().decode()
code, noise = (model.signatures["write"].structured_input_signature[1][name].shape[1] for name in ("code", "noise"))
given = {"code": tf.zeros((1, code)), "characters": tf.constant([characters.index("g")]), "noise": tf.zeros((1, noise))}
glyph = model.signatures["write"](**given)["images"][0, :, :, 0].numpy()
tfhand = "tfhand" in sys.modules
print(json.dumps({"tfhand": tfhand, "glyph": glyph.tolist()}))
"""


@pytest.fixture(params=SHIPPED, ids=lambda path: path.name)
def folder(request) -> Path:
    return request.param


def test_the_main_presets_hold_one():
    assert {folder.name for folder in SHIPPED} >= {
        "alphabet62",
        "hand62",
        "cgan-digits",
        "cgan-writers",
        "stylegan62",
        "stargan-mnist",
    }


def test_gives_what_the_networks_give(folder):
    loaded, networks = tf.saved_model.load(str(folder / presets.SAVED_MODEL)), registry.load(folder)
    signatures, inputs = registry.spec_of(folder).signatures(networks), inputs_of(networks)
    assert set(loaded.signatures) == set(signatures)
    for name, expected in outputs_of(signatures, inputs).items():
        wanted = loaded.signatures[name].structured_input_signature[1]
        assert {key: (tuple(one.shape), one.dtype.name) for key, one in wanted.items()} == {
            key: ((None, *shape), dtype) for key, (shape, dtype) in signatures[name].inputs.items()
        }
        output = signatures[name].output
        found = loaded.signatures[name](**{key: tf.constant(array) for key, array in inputs[name].items()})
        assert set(found) == {output}
        unit = 1.0 if output == "images" else np.abs(expected).max()
        assert expected.std() > 1e-3
        assert_alike(networks, name, found[output], expected, atol=TOLERANCE * unit, share=0.98)


def test_knows_its_characters(folder):
    expected = presets.read_config(folder)["characters"]
    asset = folder / presets.SAVED_MODEL / "assets" / serving.CHARACTERS
    assert asset.read_text(encoding="utf-8") == expected
    loaded = tf.saved_model.load(str(folder / presets.SAVED_MODEL))
    assert Path(loaded.characters.asset_path.numpy().decode()) == asset


def test_tensorflow_alone_writes_a_glyph():
    result = subprocess.run(
        [sys.executable, "-c", WRITE_A_GLYPH, str(SAVED_MODELS / "hand62" / presets.SAVED_MODEL)],
        cwd="/",
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["tfhand"] is False
    glyph = np.array(found["glyph"])
    assert glyph.shape == (32, 32)
    assert np.abs(glyph).max() <= 1
    assert 0.03 < (glyph > 0).mean() < 0.5  # ink on paper
    assert (glyph[0] < -0.9).all()


def test_networks_of_a_shipped_preset_list_their_parts(capsys):
    """As the README shows it: by name, with the shape of what each gives and its parameters."""
    from tfhand.models.hand.networks import HandNetworks

    HandNetworks.from_preset(SAVED_MODELS / "hand62").summary()
    rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert [name for name, _ in rows] == [
        "HandNetworks,",
        "part",
        "hand_encoder",
        "mapping_network",
        "generator",
        "all",
    ]
    assert [re.sub(" {2,}", " ", rest) for _, rest in rows[2:]] == [
        "(68,) 802,040",
        "(192,) 223,040",
        "(32, 32, 1) 1,779,809",
        "2,804,889",
    ]
