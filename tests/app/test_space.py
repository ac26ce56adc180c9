"""The Space of examples/space starts as it would be started there, and asks for its password."""

from __future__ import annotations

import http.cookiejar
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPACE = ROOT / "examples" / "space"
SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
SECRET = "a long password"


def test_its_requirements_are_what_is_imported_there():
    (line,) = (SPACE / "requirements.txt").read_text(encoding="utf-8").split("\n", 1)[0:1]
    package, _, address = line.partition(" @ ")
    urls = SETUP["metadata"]["project_urls"]
    assert package == "tfhand[app]"
    assert address == "git+" + re.search(r"Source = (\S+)", urls).group(1)
    extra = {re.split(r"[><=~]", one)[0] for one in SETUP["options.extras_require"]["app"].split()}
    assert {"gradio", "pillow-heif", "pypdfium2"} <= extra


def test_its_settings_name_what_is_there():
    settings = dict(re.findall(r"^(\w+): (.*)$", (SPACE / "README.md").read_text(encoding="utf-8"), re.M))
    assert settings["sdk"] == "gradio"
    assert (SPACE / settings["app_file"]).is_file()
    version = settings["python_version"].strip('"')
    assert f"Programming Language :: Python :: {version}" in SETUP["metadata"]["classifiers"]


def started(folder: Path, **more: str) -> subprocess.Popen:
    """The Space in a folder of its own; the package is found by its path, as an installed one."""
    copied = folder / "app.py"
    copied.write_text((SPACE / "app.py").read_text(encoding="utf-8"), encoding="utf-8")
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "PORT": "0", **more}
    return subprocess.Popen(
        [sys.executable, "app.py"], cwd=folder, env=surroundings, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def test_without_a_password_it_does_not_start(tmp_path):
    with started(tmp_path, TFHAND_APP_PASSWORD="") as space:
        _, told = space.communicate(timeout=120)
    assert space.returncode == 2
    assert "TFHAND_APP_PASSWORD" in told


@pytest.mark.large
def test_whoever_knows_the_password_gets_the_page(tmp_path):
    pytest.importorskip("gradio", reason="Gradio is not installed")
    with started(tmp_path, TFHAND_APP_PASSWORD=SECRET) as space:
        try:
            port = re.search(r":(\d+)/", space.stdout.readline()).group(1)
            address = f"http://127.0.0.1:{port}/"
            jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
            browser = urllib.request.build_opener(jar)
            with pytest.raises(urllib.error.HTTPError) as refused:
                browser.open(address, timeout=60)
            assert refused.value.code == 401
            assert 'type="password"' in refused.value.read().decode()
            refused.value.close()
            sent = urllib.parse.urlencode({"password": SECRET}).encode()
            with browser.open(f"{address}login", sent, timeout=60) as page:
                assert "gradio" in page.read().decode()
        finally:
            space.terminate()
