"""The scripts for Slurm and Kubernetes parse, and give `fit` what it understands."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tfhand.fit import build_parser

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted((EXAMPLES / "slurm").glob("*.sbatch"))
MANIFESTS = sorted((EXAMPLES / "kubernetes").glob("*.yaml"))
BASH = shutil.which("bash")


def documents(path: Path) -> list[dict]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def script_of(path: Path) -> str:
    """What a manifest's container runs."""
    (job,) = documents(path)
    if job["kind"] == "JobSet":
        (replicated,) = job["spec"]["replicatedJobs"]
        job = replicated["template"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["command"][0] == "/bin/bash"
    return container["args"][0]


def run(script: str, folder: Path, **known: str) -> list[str]:
    """The words of the `python` that a script starts, in a folder where that only says what it is told."""
    python = folder / "bin" / "python"
    python.parent.mkdir(exist_ok=True)
    python.write_text('#!/bin/bash\nprintf "%s\\n" "$@" > words\nprintf "%s" "${TF_CONFIG:-}" > tf_config\n')
    python.chmod(0o755)
    environment = {"PATH": f"{python.parent}:{os.environ['PATH']}", **known}
    subprocess.run([str(BASH), "-euo", "pipefail", "-c", script], cwd=folder, env=environment, check=True)
    return (folder / "words").read_text().splitlines()


def checked(words: list[str]) -> dict:
    """The settings that `fit` reads from the words of a command."""
    assert words[:2] == ["-m", "tfhand.fit"]
    return vars(build_parser().parse_args(words[2:]))


def test_there_are_examples():
    assert len(SCRIPTS) == len(MANIFESTS) == 2


@pytest.mark.skipif(BASH is None, reason="no bash here")
class TestScripts:
    @pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
    def test_slurm_scripts_parse(self, path):
        assert path.read_text().startswith("#!/bin/bash\n")
        assert subprocess.run([str(BASH), "-n", path], check=False).returncode == 0

    @pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
    def test_scripts_in_manifests_parse(self, path):
        assert subprocess.run([str(BASH), "-n", "-c", script_of(path)], check=False).returncode == 0

    def test_one_node_begins_and_goes_on(self, tmp_path):
        script = SCRIPTS[0].read_text()
        settings = checked(run(script, tmp_path))
        assert (settings["family"], settings["strategy"]) == ("stylegan", "mirrored")
        checkpoints = tmp_path / "runs" / "0002-stylegan-synthetic" / "checkpoints"
        checkpoints.mkdir(parents=True)
        (checkpoints / "step-0000010.npz").touch()
        assert checked(run(script, tmp_path, SLURM_RESTART_COUNT="1"))["resume"] == "runs/0002-stylegan-synthetic"

    def test_every_task_of_slurm_knows_all_workers_and_its_number(self, tmp_path):
        for name, text in (
            ("scontrol", 'printf "node1\\nnode2\\n"'),
            ("srun", 'shift; SLURM_PROCID=1 exec "$@"'),
        ):
            command = tmp_path / "bin" / name
            command.parent.mkdir(exist_ok=True)
            command.write_text(f"#!/bin/bash\n{text}\n")
            command.chmod(0o755)
        settings = checked(run(SCRIPTS[1].read_text(), tmp_path, SLURM_JOB_NODELIST="node[1-2]", SLURM_JOB_ID="7"))
        assert settings["strategy"] == "multiworker"
        known = json.loads((tmp_path / "tf_config").read_text())
        assert known["cluster"] == {"worker": ["node1:12345", "node2:12345"]}
        assert known["task"] == {"type": "worker", "index": 1}

    @pytest.mark.parametrize(("path", "strategy"), [*zip(MANIFESTS, ("mirrored", "multiworker"), strict=True)])
    def test_pods_begin_and_go_on(self, path, strategy, tmp_path):
        script = script_of(path).replace("/runs", "runs")
        known = {"WORKERS": "4", "PORT": "12345", "JOB_COMPLETION_INDEX": "2"}
        checkpoints = tmp_path / "runs" / "0001-stylegan-synthetic" / "checkpoints"
        checkpoints.mkdir(parents=True)
        assert checked(run(script, tmp_path, **known))["strategy"] == strategy
        (checkpoints / "step-0000010.npz").touch()
        assert checked(run(script, tmp_path, **known))["resume"] == "runs/0001-stylegan-synthetic"
        if strategy == "multiworker":
            config = json.loads((tmp_path / "tf_config").read_text())
            assert config["task"]["index"] == 2
            assert config["cluster"]["worker"] == [f"tfhand-fit-0-{index}.tfhand:12345" for index in range(4)]


def test_the_guide_names_the_examples_and_every_flag_it_uses_exists():
    guide = (EXAMPLES.parent / "docs" / "guide" / "many_devices.md").read_text(encoding="utf-8")
    for path in (*SCRIPTS, *MANIFESTS):
        assert f"examples/{path.parent.name}/{path.name}" in guide
    commands = re.findall(r"python -m tfhand\.fit [^#\n]+", guide)
    assert len(commands) >= 6
    for command in commands:
        checked(shlex.split(command)[1:])


@pytest.mark.parametrize("path", ["Containerfile", "examples/kubernetes/Containerfile"])
def test_a_container_is_built_of_what_is_there(path):
    """What is copied exists, and so do the extras that are installed."""
    root = EXAMPLES.parent
    lines = [line.split() for line in (root / path).read_text(encoding="utf-8").splitlines()]
    copied = [name for words in lines if words[:1] == ["COPY"] for name in words[1:-1]]
    assert {"tfhand", "saved_models", "setup.cfg"} <= set(copied)
    assert all((root / name).exists() for name in copied)
    setup = configparser.ConfigParser()
    setup.read(root / "setup.cfg", encoding="utf-8")
    extras = re.findall(r"\"\.\[(.+?)\]\"", " ".join(" ".join(words) for words in lines if words[:1] == ["RUN"]))
    assert extras
    assert set(extras) <= setup["options.extras_require"].keys()
