"""Writes letters in a person's hand by TensorFlow Serving's gRPC API; needs `pip install tensorflow-serving-api`.

    python examples/serving/grpc_client.py "Dear Anna" my_hand/ -o letters/

A number takes four bytes here, and about twenty in JSON: what matters where hand codes are long. The server and the
Hand's folder are those of `rest_client.py`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

SECONDS = 60  # to wait for an answer


class Client:
    """A model of a server.

    Args:
        address: of the server, HOST:PORT.
        model: its name there.
    """

    def __init__(self, address: str, model: str):
        self._stub, self._model = (
            prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(address)),
            model,
        )

    def ask(self, signature: str, output: str, **inputs: np.ndarray) -> np.ndarray:
        """An output of a signature."""
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = self._model, signature
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        return tf.make_ndarray(self._stub.Predict(request, SECONDS).outputs[output])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="to be written")
    parser.add_argument("hand", type=Path, help="a Hand's folder")
    parser.add_argument("-o", "--output", type=Path, default=Path("letters"), help="folder of the letters' PNG files")
    parser.add_argument("--server", default="127.0.0.1:8500")
    parser.add_argument("--model", default="alphabet62")
    parser.add_argument("--noise-size", type=int, default=48, help="numbers of noise that the model takes")
    parser.add_argument("--noise", type=float, default=0.6, help="0 writes a letter always the same (default: 0.6)")
    options = parser.parse_args()
    client = Client(options.server, options.model)
    glyphs = json.loads((options.hand / "hand.json").read_text(encoding="utf-8"))["glyphs"]
    pictures = np.array([[(options.hand / one["file"]).read_bytes() for one in glyphs]], object)
    characters = np.array([[one["character"].encode() for one in glyphs]], object)
    code = client.ask("learn_pictures", "code", pictures=pictures, characters=characters)
    text = [one for one in options.text if not one.isspace()]
    noise = np.random.default_rng(0).normal(0, options.noise, (len(text), options.noise_size)).astype(np.float32)
    letters = np.array([one.encode() for one in text], object)
    found = client.ask("write_pictures", "picture_bytes", text=letters, code=code, noise=noise)
    options.output.mkdir(parents=True, exist_ok=True)
    for place, picture in enumerate(found):
        (options.output / f"{place + 1:03}.png").write_bytes(picture)
    print(f"Wrote {len(found)} letters into {options.output}.")


if __name__ == "__main__":
    main()
