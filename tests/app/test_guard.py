from __future__ import annotations

import os

import pytest

pytest.importorskip("starlette")
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tfhand.app.guard import Guard, is_inside
from tfhand.app.limits import Limits


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    everything = Route("/{path:path}", lambda request: PlainTextResponse("given"), methods=["GET", "POST"])
    return TestClient(Starlette(routes=[everything], middleware=[Guard.of(Limits(upload=1, files=1))]))


@pytest.mark.parametrize(
    "path",
    ["/", "/config", "/theme.css", "/assets/index.js", "/gradio_api/queue/join", "/gradio_api/heartbeat/abc", "/login"],
)
def test_what_the_page_needs_is_let_through(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/docs", "/openapi.json", "/monitoring", "/monitoring/summary", "/gradio_api/mcp/sse",
        "/gradio_api/proxy=https://x.org/",
        "/proxy=http://x.org", "/gradio_api/deep_link", "/gradio_api/stream/1", "/vibe-code/",
        "/gradio_api/file/etc/passwd",
    ],
)  # fmt: skip
def test_the_rest_is_not_there(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "//etc/passwd", "%2Fetc%2Fpasswd", "%252Fetc%252Fpasswd", "../../etc/passwd", "C:/windows/x",
        "http://169.254.169.254/", "https://example.org/x.png",
        "FOLDER/../../../etc/passwd", "FOLDER/%2e%2e/%2e%2e/etc/passwd",
        "FOLDER-beside/x", "FOLDER", "FOLDER/link",
    ],
)  # fmt: skip
def test_files_outside_are_not_given_out(client, tmp_path, path):
    os.symlink("/etc/passwd", tmp_path / "link")
    answer = client.get(f"/gradio_api/file={path.replace('FOLDER', str(tmp_path))}")
    assert answer.status_code in (403, 404)


def test_a_file_of_gradios_folder_is_given_out(client, tmp_path):
    (tmp_path / "a b.pdf").write_bytes(b"x")
    assert client.get(f"/gradio_api/file={tmp_path}/a%20b.pdf").status_code == 200
    assert is_inside(f"{tmp_path}/a b.pdf", str(tmp_path))


def test_too_much_at_once_is_refused(client):
    assert client.post("/gradio_api/upload", content=bytes(4_000_000)).status_code == 413
