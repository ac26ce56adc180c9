"""A small server that speaks as TensorFlow Serving does, to try the clients beside this file where that is not at hand.

    python -m tfhand.export alphabet62 -o served/ --serving
    python examples/serving/server.py served/ --rest_api_port 8501 --port 8500

It needs TensorFlow and nothing of tfhand. It answers TensorFlow Serving's REST predict API, and gRPC's Predict where
`tensorflow-serving-api` is installed. It is no TensorFlow Serving: it answers this machine alone, one request at a
time, and knows neither batching nor other versions. For more than a trial take TensorFlow Serving itself.
"""

from __future__ import annotations

import argparse
import base64
import json
from collections.abc import Mapping
from concurrent import futures
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import tensorflow as tf

HOST, LARGEST = "127.0.0.1", 64_000_000  # bytes of a request
DEFAULT = "serving_default"


class Model:
    """The newest version of a SavedModel.

    Args:
        folder: of its versions, 1/ and so on.
    """

    def __init__(self, folder: Path):
        self.version = max((path.name for path in folder.iterdir() if path.name.isdigit()), key=int)
        self._loaded = tf.saved_model.load(str(folder / self.version))
        self.signatures = self._loaded.signatures

    def inputs(self, signature: str) -> Mapping[str, tf.TensorSpec]:
        """What a signature takes, by name.

        Raises:
            ValueError: there is no such signature.
        """
        if signature not in self.signatures:
            raise ValueError(f"Serving signature name: {signature!r} not found.")
        return self.signatures[signature].structured_input_signature[1]

    def predict(self, signature: str, given: Mapping[str, Any]) -> dict[str, tf.Tensor]:
        """The outputs of a signature by name, from arrays, or lists of numbers, texts and bytes.

        Raises:
            ValueError, tf.errors.OpError: inputs that it does not take.
        """
        wanted = self.inputs(signature)
        if given.keys() != wanted.keys():
            raise ValueError(f"The signature {signature!r} takes {', '.join(sorted(wanted))}.")
        return self.signatures[signature](
            **{name: tf.constant(value, wanted[name].dtype) for name, value in given.items()}
        )

    def metadata(self) -> dict[str, Any]:
        """The shapes of all inputs, as TensorFlow Serving tells them; -1 is any."""

        def told(spec: tf.TensorSpec) -> dict[str, Any]:
            return {"tensor_shape": {"dim": [{"size": str(-1 if side is None else side)} for side in spec.shape]}}

        inputs = {name: {key: told(one) for key, one in self.inputs(name).items()} for name in self.signatures}
        return {"metadata": {"signature_def": {"signature_def": {name: {"inputs": inputs[name]} for name in inputs}}}}


def answer(model: Model, request: Mapping[str, Any]) -> dict[str, Any]:
    """What the REST predict API answers: by columns for "inputs", by rows for "instances".

    Raises:
        ValueError, TypeError, KeyError, tf.errors.OpError: a request that it does not understand.
    """
    signature = request.get("signature_name", DEFAULT)
    if "instances" in request:
        rows = [
            one if isinstance(one, dict) else dict.fromkeys(model.inputs(signature), one)
            for one in request["instances"]
        ]
        found = model.predict(signature, {name: _decoded([row[name] for row in rows]) for name in rows[0]})
        columns = {name: _encoded(name, value) for name, value in found.items()}
        if len(columns) == 1:
            return {"predictions": next(iter(columns.values()))}
        return {"predictions": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]}
    given = request["inputs"]
    given = given if isinstance(given, dict) and "b64" not in given else dict.fromkeys(model.inputs(signature), given)
    found = model.predict(signature, {name: _decoded(value) for name, value in given.items()})
    columns = {name: _encoded(name, value) for name, value in found.items()}
    return {"outputs": columns if len(columns) > 1 else next(iter(columns.values()))}


def _decoded(value: Any) -> Any:
    """Lists of JSON, whose {"b64": ...} are bytes."""
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value


def _encoded(name: str, value: tf.Tensor) -> Any:
    """A tensor as JSON holds it; the bytes of an output that is called ..._bytes are base64."""

    def each(one: Any) -> Any:
        if isinstance(one, list):
            return [each(item) for item in one]
        if isinstance(one, bytes):
            return {"b64": base64.b64encode(one).decode()} if name.endswith("_bytes") else one.decode()
        return one

    return each(value.numpy().tolist())


def rest_server(models: Mapping[str, Model], port: int) -> HTTPServer:
    """The server of the REST API; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, _, what = self.path.removeprefix("/v1/models/").partition("/")
            if name not in models or what not in ("", "metadata"):
                return self._send(404, {"error": f"Servable not found for request: {self.path}"})
            state = {"version": models[name].version, "state": "AVAILABLE"}
            self._send(200, models[name].metadata() if what else {"model_version_status": [state]})

        def do_POST(self) -> None:
            name, _, verb = self.path.removeprefix("/v1/models/").partition(":")
            size = int(self.headers.get("Content-Length", 0))
            if name not in models or verb != "predict":
                return self._send(404, {"error": f"Servable not found for request: {self.path}"})
            if size > LARGEST:
                return self._send(413, {"error": f"A request is {LARGEST} bytes at most."})
            try:
                found = answer(models[name], json.loads(self.rfile.read(size)))
            except (ValueError, TypeError, KeyError, AttributeError, IndexError, tf.errors.OpError) as error:
                return self._send(400, {"error": str(error)})
            self._send(200, found)

        def _send(self, status: int, content: Mapping[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    return HTTPServer((HOST, port), Handler)


def grpc_server(models: Mapping[str, Model], port: int) -> tuple[Any, int]:
    """The running gRPC server and its port; port 0 takes a free one."""
    import grpc
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request: Any, context: Any) -> Any:
            name, signature = request.model_spec.name, request.model_spec.signature_name or DEFAULT
            if name not in models:
                context.abort(grpc.StatusCode.NOT_FOUND, f"Servable not found for request: {name}")
            try:
                given = {key: tf.make_ndarray(one) for key, one in request.inputs.items()}
                found = models[name].predict(signature, given)
            except (ValueError, TypeError, tf.errors.OpError) as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            response = predict_pb2.PredictResponse(model_spec=request.model_spec)
            for key, one in found.items():
                response.outputs[key].CopyFrom(tf.make_tensor_proto(one))
            return response

    limits = [("grpc.max_receive_message_length", LARGEST)]
    server = grpc.server(futures.ThreadPoolExecutor(1), options=limits)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(), server)
    port = server.add_insecure_port(f"{HOST}:{port}")
    server.start()
    return server, port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds a folder for each model, with its versions")
    parser.add_argument("--rest_api_port", type=int, default=8501, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--port", type=int, help="of gRPC, which is off without it; 0 takes a free one")
    options = parser.parse_args()
    models = {path.name: Model(path) for path in sorted(options.folder.iterdir()) if (path / "1").is_dir()}
    rest = rest_server(models, options.rest_api_port)
    ports = f"http://{HOST}:{rest.server_port}"
    if options.port is not None:
        _server, port = grpc_server(models, options.port)  # it runs as long as it is held
        ports += f" and grpc://{HOST}:{port}"
    print(f"Serving {', '.join(models)} at {ports}", flush=True)
    rest.serve_forever()


if __name__ == "__main__":
    main()
