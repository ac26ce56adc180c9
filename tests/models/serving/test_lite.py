"""LiteRT files: they give what the networks give."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.signatures import inputs_of, outputs_of
from tfhand import export
from tfhand.models import presets, registry
from tfhand.models.serving import Signature, floats, lite

SHIPPED = "hand62", "cgan-digits", "stylegan62", "stargan-mnist", "reader62"
TOLERANCE = 5e-3  # on images in [-1, 1], and on other outputs as a share of their largest number


def run(content: bytes, inputs: dict[str, np.ndarray]) -> np.ndarray:
    interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter(model_content=content)
    (output,) = interpreter.get_signature_runner()(**inputs).values()
    return output


def assert_gives_the_same(networks) -> None:
    signatures = lite.fixed(registry.SPECS[networks.family].signatures(networks))
    inputs = inputs_of(networks, lite.ROWS, lite.SAMPLES)
    expected = outputs_of(signatures, inputs)
    for name, signature in signatures.items():
        content = lite.convert(networks, {name: signature})
        assert len(content) < 2.5 * networks.count_params() + 100_000  # two bytes for a weight, and the graph
        unit = 1.0 if signature.output == "images" else np.abs(expected[name]).max()
        np.testing.assert_allclose(run(content, inputs[name]), expected[name], atol=TOLERANCE * unit, err_msg=name)
        assert expected[name].std() > 1e-3


@pytest.mark.parametrize("name", ["tiny-reader", "tiny-cgan"])
def test_gives_what_the_networks_give(saved_models, name):
    assert_gives_the_same(registry.load(saved_models / name))


@pytest.mark.large
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_presets(name):
    assert_gives_the_same(registry.load(name))


def test_sizes_are_closed():
    (signature,) = lite.fixed(
        {"encode": Signature(len, {"samples": floats(None, 8), "mask": floats(None)}, "n")}
    ).values()
    assert signature.inputs == {"samples": floats(lite.SAMPLES, 8), "mask": floats(lite.SAMPLES)}
    assert signature.rows == lite.ROWS


class TestCommand:
    def test_a_file_for_each_signature(self, shelf, tmp_path, capsys):
        assert export.main(["tiny-cgan", "--tflite", "-o", str(tmp_path / "phone")]) == 0
        assert capsys.readouterr().out.startswith(f"Wrote {tmp_path / 'phone' / 'generate.tflite'} (0.")
        content = (tmp_path / "phone" / "generate.tflite").read_bytes()
        given = {"characters": np.array([3], np.int32), "noise": np.zeros((1, 3), np.float32)}
        expected = registry.load("tiny-cgan").generate(*given.values())
        np.testing.assert_allclose(run(content, given), expected, atol=TOLERANCE)

    def test_serving_makes_the_numbered_folder(self, shelf, tmp_path, capsys):
        import tensorflow as tf

        assert export.main(["tiny-cgan", "--serving", "-o", str(tmp_path)]) == 0
        folder = tmp_path / "tiny-cgan" / presets.SAVED_MODEL
        names = "generate", "write_pictures", "write_glyphs"
        assert capsys.readouterr().out == f"Wrote {folder} with the signatures {', '.join(names)}.\n"
        assert set(names) <= set(tf.saved_model.load(str(folder)).signatures)

    @pytest.mark.parametrize("form", ["--serving", "--tflite"])
    def test_a_folder_must_be_given(self, here, misuse, form):
        assert "give the folder with -o" in misuse(export.main, "tiny-cgan", form)

    def test_a_family_that_has_no_light_form(self, here, refusal):
        assert "run under TensorFlow alone" in refusal(export.main, "tiny-cgan", "--light")
