"""The page as a server on this machine: built, limited, guarded and opened."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
import webbrowser
from typing import Any

from tfhand.app.guard import Guard
from tfhand.app.limits import LOOPBACK, MEGABYTE, Limits
from tfhand.app.login import Login, Password
from tfhand.app.models import Models
from tfhand.app.sessions import Sessions, kept_folder
from tfhand.errors import HandwritingError

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "GRADIO_ALLOWED_PATHS": "",
}


def serve(
    host: str,
    port: int,
    preset: str,
    limits: Limits,
    shown: bool = True,
    language: str | None = None,
    password: str | None = None,
) -> None:
    """Serves the page until Ctrl-C.

    Args:
        host: the address; others than this machine's own are warned of.
        port: 0 for any that is free.
        preset: that writes.
        limits: of what people may do.
        shown: in a browser.
        language: of the page; None for each browser's.
        password: that is asked for; None for none.

    Raises:
        HandwritingError: the port is taken.
    """
    app = start(host, port, preset, limits, language, password)
    try:
        print(f"The page is at {app.address} (Ctrl-C ends it).", flush=True)
        if host not in LOOPBACK:
            print("warning: others can reach it; they are asked for the password.", flush=True)
        if shown:
            webbrowser.open(app.address)
        threading.Event().wait()
    finally:
        app.close()


class Running:
    """A page that is served; `close` ends it and deletes all that people left."""

    def __init__(self, blocks: Any, sessions: Sessions, folder: str):
        self.blocks, self.sessions, self._folder = blocks, sessions, folder
        self.address: str = blocks.local_url

    def close(self) -> None:
        self.blocks.close(verbose=False)
        self.sessions.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def start(
    host: str,
    port: int,
    preset: str,
    limits: Limits,
    language: str | None = None,
    password: str | None = None,
    models: Models | None = None,
) -> Running:
    """Starts to serve the page, and returns; see `serve`.

    Args:
        models: in place of those of the preset.
    """
    port = _free_port(host, port)
    folder = tempfile.mkdtemp(prefix="tfhand-app-")
    os.environ.update(QUIET, GRADIO_TEMP_DIR=folder)

    from tfhand.app.blocks import build, look

    models, sessions = models or Models(preset), Sessions(limits, kept_folder())
    asked = None if password is None else Password(password)
    between = [Guard.of(limits), *([Login.of(asked, language)] if asked else [])]
    blocks = build(sessions, models, language)
    blocks.queue(max_size=limits.queue, api_open=False)
    blocks.launch(
        server_name=host,
        server_port=port,
        share=False,
        inbrowser=False,
        quiet=True,
        prevent_thread_lock=True,
        show_error=False,
        allowed_paths=[],
        blocked_paths=[],
        max_file_size=limits.upload * MEGABYTE,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        ssr_mode=False,
        pwa=False,
        strict_cors=True,
        state_session_capacity=limits.people,
        app_kwargs={"middleware": between, "docs_url": None, "redoc_url": None, "openapi_url": None},
        **look(language),
    )
    if asked:
        asked.starting = False
    sessions.start()
    models.start()
    return Running(blocks, sessions, folder)


def _free_port(host: str, port: int) -> int:
    """The port itself, or any that is free for 0.

    Raises:
        HandwritingError: it is taken, or there is no such address here.
    """
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((host, port))
            return one.getsockname()[1]
    except OSError as error:
        raise HandwritingError(
            f"The page cannot be served on {host}, port {port} ({error.strerror}); say another --port, or 0 for any."
        ) from None
