"""What stands between the browser and Gradio: only the addresses that the page needs, and no outside world.

Gradio can fetch web addresses for a browser, stream, share and describe itself; a page for one's own hand needs none of
that. Files are given out from Gradio's own folder alone, whatever path is asked for. The browser is told to ask nobody
else for anything.
"""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tfhand.app.limits import MEGABYTE, Limits

_FILE = "/gradio_api/file="
_NEEDED = re.compile(
    r"/(?:|config|theme\.css|favicon\.ico|manifest\.json|robots\.txt|login|login/)"
    r"|/(?:assets|static|svelte|custom_component)/.*"
    r"|/gradio_api/(?:queue/(?:join|data)|run/.*|upload|upload_progress|heartbeat/.*|cancel|reset|startup-events"
    r"|app_id|info|dev/reload|component_server)/?"
)
_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
        b"frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'none'"
    ),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}
_HEADROOM = 2 * MEGABYTE  # of a request over its files


class Guard:
    """Refuses what the page does not need, and files outside Gradio's folder."""

    def __init__(self, app: ASGIApp, most: int):
        self.app, self.most = app, most

    @classmethod
    def of(cls, limits: Limits) -> Middleware:
        """As Starlette wants it."""
        return Middleware(cls, most=limits.upload * limits.files * MEGABYTE + _HEADROOM)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused:
            await PlainTextResponse(refused[1], refused[0])(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [pair for pair in message.get("headers", []) if pair[0].lower() not in _HEADERS]
                message = {**message, "headers": [*given, *_HEADERS.items()]}
            await send(message)

        await self.app(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > self.most:
            return 413, "Too large."
        if path.startswith(_FILE):
            return (
                None if is_inside(path.removeprefix(_FILE), os.environ["GRADIO_TEMP_DIR"]) else (403, "Not given out.")
            )
        return None if _NEEDED.fullmatch(path) else (404, "Not here.")


def is_inside(asked: Any, folder: str) -> bool:
    """Whether a path, however it is written, is of a file in a folder."""
    place = unquote(str(asked))
    if "\0" in place or "://" in place:
        return False
    return os.path.realpath(place).startswith(os.path.join(os.path.realpath(folder), ""))
