"""A password before the page: nothing is given out without it, and it cannot be tried without end."""

from __future__ import annotations

import html
import secrets
import threading
import time
from collections import deque
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tfhand.app import catalogue
from tfhand.core.files import read_text

WINDOW = 60.0  # seconds in which wrong tries are counted
TRIES, TRIES_OF_ALL = 5, 60  # in that time: of one address, and of all together
MOST_TOKENS = 1000  # browsers that are logged in; the first ones have to do it again
LONGEST = 4096  # bytes of what is sent to log in
_PAGE = Path(__file__).parent / "static" / "login.html"
_STARTUP = "/gradio_api/startup-events"  # which Gradio asks itself when it starts


class Password:
    """The password, who has given it, and who has tried it in vain.

    Attributes:
        cookie: by which a browser shows that it is logged in.
        starting: whether the page is not served yet.
    """

    def __init__(self, password: str):
        self.cookie, self.starting = f"tfhand-{secrets.token_hex(4)}", True  # servers on one machine share cookies
        self._password = password.encode()
        self._tokens: deque[str] = deque(maxlen=MOST_TOKENS)
        self._wrong: deque[tuple[float, str]] = deque()
        self._trying = threading.Lock()

    def knows(self, token: str) -> bool:
        """Whether a browser is logged in."""
        return any(secrets.compare_digest(token.encode(), one.encode()) for one in self._tokens)

    def try_it(self, given: str, address: str) -> tuple[str, str]:
        """A token for who gives the right password, else an empty one; and the key of what is wrong.

        Args:
            given: for the password.
            address: from which it comes.
        """
        with self._trying:
            now = time.monotonic()
            while self._wrong and now - self._wrong[0][0] > WINDOW:
                self._wrong.popleft()
            own = sum(one == address for _, one in self._wrong)
            if own >= TRIES or len(self._wrong) >= TRIES_OF_ALL:
                return "", "error_tries"
            if secrets.compare_digest(given.strip().encode(), self._password):
                self._tokens.append(secrets.token_urlsafe(32))
                return self._tokens[-1], ""
            self._wrong.append((now, address))
            return "", "error_password"


class Login:
    """Lets through who has given the password, and asks everyone else for it."""

    def __init__(self, app: ASGIApp, password: Password, language: str | None = None):
        self.app, self.password, self.language = app, password, language

    @classmethod
    def of(cls, password: Password, language: str | None = None) -> Middleware:
        """As Starlette wants it.

        Args:
            password: that is asked for.
            language: of the page that asks; None for each browser's.
        """
        return Middleware(cls, password=password, language=language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # the page needs none
            return
        request = Request(scope, receive)
        if path.rstrip("/") == "/login":
            await (await self._answer(request))(scope, receive, send)
        elif self.password.knows(request.cookies.get(self.password.cookie, "")) or (
            self.password.starting and path == _STARTUP
        ):
            await self.app(scope, receive, send)
        else:
            asks = path == "/" and request.method in ("GET", "HEAD")
            await (self._asking(request) if asks else PlainTextResponse("Log in first.", 401))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        """What who sends a password gets."""
        if request.method != "POST":
            return RedirectResponse("./", 303)
        sent = b""
        async for part in request.stream():
            sent += part
            if len(sent) > LONGEST:
                return PlainTextResponse("Too large.", 413)
        given = parse_qs(sent.decode("utf-8", "replace")).get("password", [""])[0]
        token, wrong = self.password.try_it(given, request.client.host if request.client else "")
        if wrong:
            return self._asking(request, wrong)
        answer = RedirectResponse("./", 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(self.password.cookie, token, httponly=True, samesite="lax", secure=secure)
        return answer

    def _asking(self, request: Request, wrong: str = "") -> Response:
        """The page that asks for the password."""
        language = self.language or catalogue.best(request.headers.get("accept-language", ""))
        words = {key: html.escape(text) for key, text in catalogue.words(language).items()}
        told = f'<p role="alert">⚠ {words[wrong]}</p>' if wrong else ""
        page = Template(read_text(_PAGE)).substitute(
            language=language,
            title=words["title"].lstrip("# "),
            ask=words["login_ask"],
            go=words["login_go"],
            told=told,
        )
        return HTMLResponse(page, 429 if wrong == "error_tries" else 401, {"cache-control": "no-store"})
