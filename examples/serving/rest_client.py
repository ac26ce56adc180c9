"""Writes letters in a person's hand by TensorFlow Serving's REST API: no TensorFlow, and nothing of tfhand, is needed.

    python -m tfhand.extract examples/sample.jpg --says "quick fox 273" -o my_hand/
    python examples/serving/rest_client.py "Dear Anna" my_hand/ -o letters.png

The server is TensorFlow Serving, or `server.py` beside this file, with what `python -m tfhand.export --serving` wrote.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import random
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image


def ask(url: str, signature: str, inputs: dict[str, Any]) -> Any:
    """The output of a signature."""
    body = json.dumps({"signature_name": signature, "inputs": inputs}).encode()
    request = urllib.request.Request(f"{url}:predict", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)["outputs"]


def noise_size(url: str) -> int:
    """How many numbers of noise make a letter differ from the next."""
    with urllib.request.urlopen(f"{url}/metadata") as response:
        signatures = json.load(response)["metadata"]["signature_def"]["signature_def"]
    return int(signatures["write_pictures"]["inputs"]["noise"]["tensor_shape"]["dim"][1]["size"])


def samples_of(hand: Path) -> tuple[list[dict[str, str]], list[str]]:
    """The pictures in a Hand's folder, as JSON holds files, and what they show."""
    glyphs = json.loads((hand / "hand.json").read_text(encoding="utf-8"))["glyphs"]
    files = [base64.b64encode((hand / one["file"]).read_bytes()).decode() for one in glyphs]
    return [{"b64": file} for file in files], [one["character"] for one in glyphs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="to be written")
    parser.add_argument("hand", type=Path, help="a Hand's folder")
    parser.add_argument("-o", "--output", type=Path, default=Path("letters.png"))
    parser.add_argument("--server", default="http://127.0.0.1:8501")
    parser.add_argument("--model", default="alphabet62")
    parser.add_argument("--noise", type=float, default=0.6, help="0 writes a letter always the same (default: 0.6)")
    options = parser.parse_args()
    url, text = f"{options.server}/v1/models/{options.model}", [one for one in options.text if not one.isspace()]
    pictures, characters = samples_of(options.hand)
    code = ask(url, "learn_pictures", {"pictures": [pictures], "characters": [characters]})
    draw = random.Random(0)
    noise = [[draw.gauss(0, options.noise) for _ in range(noise_size(url))] for _ in text]
    found = ask(url, "write_pictures", {"text": text, "code": code, "noise": noise})
    letters = [Image.open(io.BytesIO(base64.b64decode(one["b64"]))) for one in found]
    line = Image.new("L", (sum(one.width for one in letters), letters[0].height), 255)
    for place, one in enumerate(letters):
        line.paste(one, (place * one.width, 0))
    line.save(options.output)
    print(f"Wrote {options.output}.")


if __name__ == "__main__":
    main()
