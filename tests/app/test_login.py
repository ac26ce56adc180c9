from __future__ import annotations

import pytest

pytest.importorskip("starlette")
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tfhand.app import catalogue, login
from tfhand.app.login import TRIES, Login, Password

SECRET = "a long password"


@pytest.fixture
def password() -> Password:
    one = Password(SECRET)
    one.starting = False
    return one


def client_of(password: Password, address: str = "10.0.0.1", language: str = "en", scheme: str = "http") -> TestClient:
    everything = Route("/{path:path}", lambda request: PlainTextResponse("given"), methods=["GET", "POST"])
    app = Starlette(routes=[everything], middleware=[Login.of(password)])
    headers = {"accept-language": language}
    return TestClient(app, f"{scheme}://testserver", client=(address, 5000), headers=headers, follow_redirects=False)


@pytest.fixture
def client(password) -> TestClient:
    return client_of(password)


def give(client: TestClient, given: str):
    return client.post("/login", data={"password": given})


@pytest.mark.parametrize("path", ["/config", "/assets/a.js", "/gradio_api/heartbeat/x", "/gradio_api/startup-events"])
def test_nothing_is_given_out_before(client, path):
    assert client.get(path).status_code == 401
    assert client.post("/gradio_api/cancel", json={}).status_code == 401
    client.cookies.set("tfhand-00000000", "x")
    assert client.get(path).text == "Log in first."


def test_gradio_sees_at_its_start_that_it_runs(password, client):
    password.starting = True
    assert client.get("/gradio_api/startup-events").text == "given"
    assert client.get("/config").status_code == 401


def test_who_gives_the_password_is_let_in(client, password):
    asked = client.get("/")
    assert asked.status_code == 401
    assert 'type="password"' in asked.text
    answer = give(client, f" {SECRET} ")
    assert answer.status_code == 303
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert client.get("/config").text == "given"
    assert client_of(password).get("/config").status_code == 401
    assert client.get("/login").headers["location"] == "./"


def test_the_cookie_is_for_tls_alone_where_there_is_tls(password, client):
    assert "secure" in give(client_of(password, scheme="https"), SECRET).headers["set-cookie"].lower()
    assert "secure" not in give(client, SECRET).headers["set-cookie"].lower()


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_what_is_wrong_is_told_in_the_browsers_language(password, language):
    client, words = client_of(password, language=language), catalogue.words(language)
    wrong = give(client, "a wrong password")
    assert wrong.status_code == 401
    assert f'lang="{language}"' in wrong.text
    assert words["error_password"].replace("'", "&#x27;") in wrong.text
    for _ in range(TRIES):
        late = give(client, SECRET * 2)
    assert late.status_code == 429
    assert words["error_tries"].replace("'", "&#x27;") in late.text


def test_tries_are_bounded_by_address(password, client, monkeypatch):
    for _ in range(TRIES):
        assert give(client, "wrong").status_code == 401
    assert give(client, SECRET).status_code == 429  # or it could be told from a wrong one
    assert give(client_of(password, "10.0.0.2"), SECRET).status_code == 303
    monkeypatch.setattr(login, "WINDOW", 0.0)
    assert give(client, SECRET).status_code == 303


def test_tries_of_all_together_are_bounded(password, monkeypatch):
    monkeypatch.setattr(login, "TRIES_OF_ALL", 8)
    codes = [give(client_of(password, f"10.0.0.{number}"), "wrong").status_code for number in range(10)]
    assert codes == [401] * 8 + [429] * 2


def test_right_ones_are_not_counted(password, client):
    for _ in range(TRIES + 2):
        assert give(client, SECRET).status_code == 303


def test_whatever_is_sent_to_log_in(client):
    assert client.post("/login", content=b"x" * 5000).status_code == 413
    assert client.post("/login", content=b"password=%ff%00\xff").status_code == 401
    assert client.post("/login", content=b"").status_code == 401
