"""Several people on the page at once: how fast a line appears, whether hands mix, and whether memory grows.

    python -m benchmarks.app_load
    python -m benchmarks.app_load --people 8 --requests 500
    python -m benchmarks.app_load --alone

Each person opens the page over HTTP, as a browser does, brings a Hand of their own and has lines written. A line must
be the very picture that the same person got when nobody else was there.

With --alone one person types, word by word, and mends letters: how long each line takes, the first one, and the first
one after a letter was mended.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from tfhand.app import archive
from tfhand.app.writing import Settings
from tfhand.cli.command import command, positive
from tfhand.core.charset import CHARACTERS
from tfhand.data import synthetic
from tfhand.hands.hand import Hand

LINES = ("Dear Anna,", "how are you today?", "It is 7 degrees here", "and the sun shines.")
TYPED = "Dear Anna, how are you today? It is 7 degrees here"
MENDED = 8  # letters
PATIENCE = 600.0  # seconds


class Person:
    """One tab of a browser, without the browser."""

    def __init__(self, address: str, name: str):
        self.address, self.key = address, f"load-{name}-{time.time_ns()}"
        self.http = httpx.Client(base_url=address, timeout=PATIENCE)
        config = self.http.get("config").json()
        ids = {one["props"].get("elem_id"): one["id"] for one in config["components"]}
        names = {number: name for name, number in ids.items() if name}
        self.events: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for one in config["dependencies"]:
            for number, event in one["targets"]:
                self.events.setdefault((names.get(number) or "", event), []).append(one)

    def do(self, name: str, event: str, values: Sequence[Any] = (), place: int = -1, data: Any = None) -> list[Any]:
        """Has an event happen; gives its outputs without the message before them.

        Args:
            name, event: of a component.
            values: of its inputs.
            place: of what the event does, where it does several things.
            data: that a script of the page gives it.

        Raises:
            RuntimeError: the page told that something is wrong.
        """
        one = self.events[name, event][place]
        body = {"data": [None, *values], "fn_index": one["id"], "session_hash": self.key, "trigger_id": None}
        body["event_data"] = data
        if one["queue"] is False:
            return self.http.post("gradio_api/run/predict", json={**body, "data": list(values)}).json()["data"]
        self.http.post("gradio_api/queue/join", json=body).raise_for_status()
        with self.http.stream("GET", "gradio_api/queue/data", params={"session_hash": self.key}) as answer:
            told: list[Any] = []
            for line in answer.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if message.get("msg") == "process_generating" and not told:
                    told = message["output"]["data"]
                elif message.get("msg") == "process_generating":
                    told = [_changed(old, new) for old, new in zip(told, message["output"]["data"], strict=True)]
                elif message.get("msg") == "process_completed":
                    told = message["output"].get("data") or told
                    break
        if 'role="alert"' in str(told[0]):
            raise RuntimeError(re.sub("<[^>]*>", "", told[0]))
        return told[1:]

    def begin(self, hand: Hand) -> None:
        """Opens the page, says whose hand it is, and brings it."""
        self.do("", "load", [""])
        self.do("agree", "click", ["own", "load"])
        with tempfile.TemporaryDirectory() as folder:
            packed = archive.pack(hand, Path(folder) / "hand.zip")
            sent = self.http.post("gradio_api/upload", files={"files": ("hand.zip", packed.read_bytes())}).json()
        file = {"path": sent[0], "orig_name": "hand.zip", "meta": {"_type": "gradio.FileData"}}
        self.do("load", "click", [file])

    def mend(self) -> None:
        """Throws a letter away that the person wrote, and goes to the letters again."""
        (tiles, *_) = self.do("steps", "change", ["mend"], place=1)
        written = re.findall(r'class="tile written" data-number="(\d+)"', str(tiles))
        self.do("tiles", "select", place=0, data={"number": int(written[0])})
        self.do("drop", "click", place=0)

    def write(self, text: str) -> str:
        """A line; gives the picture as the page shows it."""
        settings = list(vars(Settings(text)).values())
        (shown,) = self.do("text", "change", settings)
        return re.search(r'src="([^"]*)"', str(shown)).group(1)


def _changed(old: Any, new: Any) -> Any:
    """An output after what a message says has changed in it: a list of changes, or all of it."""
    if not (isinstance(new, list) and all(isinstance(one, list) and len(one) == 3 for one in new)):
        return new
    for action, path, value in new:
        if path == [] and action in ("replace", "append"):
            old = value if action == "replace" else old + value
    return old


def memory(process: int) -> float:
    """Megabytes of memory that a process holds."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1024


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=positive, default=8, help="at once (default: %(default)s)")
    parser.add_argument("--requests", type=positive, default=500, help="lines of all together (default: %(default)s)")
    parser.add_argument("--alone", action="store_true", help="one person, who types and mends")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Measures; returns the exit code."""
    options = build_parser().parse_args(argv)
    words = [sys.executable, "-m", "tfhand.app", "--port", "0", "--no-open"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = re.search(r"http://\S+/", server.stdout.readline()).group()
            if options.alone:
                _measure_alone(address)
            else:
                _measure(address, server.pid, options.people, options.requests)
            print(f"cores: {os.cpu_count()}, load average {os.getloadavg()[0]:.1f}")
        finally:
            server.terminate()
    return 0


def _hand(number: int) -> Hand:
    """A third of the letters of one person."""
    own = synthetic.archive(1, 1, seed=300 + number)
    return Hand({c: [own.draw(place)] for place, c in enumerate(CHARACTERS) if place % 3 == number % 3})


def _measure_alone(address: str) -> None:
    person, ends = Person(address, "alone"), [found.start() for found in re.finditer(r" |$", TYPED)]

    def seconds(action: Callable[[], Any]) -> float:
        began = time.monotonic()
        action()
        return time.monotonic() - began

    person.begin(_hand(0))
    first = seconds(lambda: person.write("Dear"))
    typed = [seconds(lambda end=end: person.write(TYPED[:end])) for end in ends]
    mended, after = [], []
    for number in range(MENDED):
        mended.append(seconds(person.mend))
        after.append(seconds(lambda number=number: person.write(f"{TYPED} {number}")))
    print(f"the first line, straight after the letters: {first:.2f} s")
    print(f"a line while it is typed, {len(typed)} times: {np.median(typed):.2f} s, at most {max(typed):.2f} s")
    print(f"a letter mended, and all letters shown again: {np.median(mended):.2f} s, at most {max(mended):.2f} s")
    print(f"the first line after that: {np.median(after):.2f} s, at most {max(after):.2f} s")


def _measure(address: str, process: int, count: int, requests: int) -> None:
    people = [Person(address, f"{number}") for number in range(count)]
    alone = []
    for number, person in enumerate(people):
        person.begin(_hand(number))
        alone.append({line: person.write(line) for line in LINES})
    print(f"{count} people; memory {memory(process):.0f} MB", flush=True)
    times: list[float] = []
    mixed: list[tuple[int, str]] = []
    held: list[float] = []

    def work(number: int) -> None:
        for turn in range(requests // count):
            line, began = LINES[turn % len(LINES)], time.monotonic()
            shown = people[number].write(line)
            times.append(time.monotonic() - began)
            if shown != alone[number][line]:
                mixed.append((number, line))
            if len(times) % 50 == 0:
                held.append(memory(process))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.monotonic() - began
    if len(times) < requests // count * count:
        raise SystemExit("Not all lines came.")
    median, late = np.percentile(times, [50, 95])
    print(f"{len(times)} lines in {spent:.0f} s; one takes {median:.2f} s (median), {late:.2f} s (95 of 100)")
    print(f"mixed hands: {len(mixed)}; memory meanwhile: {' '.join(f'{one:.0f}' for one in held)} MB")


if __name__ == "__main__":
    sys.exit(main())
