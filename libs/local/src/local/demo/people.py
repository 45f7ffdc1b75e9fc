"""Somebody at a browser: signed in over HTTP, by the link of a caught mail the first time."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar
from uuid import UUID, uuid5

import httpx2

from local import mail
from local.home import Home

_LINK = re.compile(r"https?://\S+/link/([\w-]+)")
_LIMIT = 120.0

T = TypeVar("T")


class DemoFailedError(RuntimeError):
    """The demo exam could not be made; the message says at which step."""


class Person:
    """
    A signed-in account.

    The id of each request follows from its step, so that a demo that was interrupted goes on where it was.
    """

    def __init__(self, url: str, email: str, password: str, *, namespace: UUID) -> None:
        self.email = email
        self._password = password
        self._namespace = namespace
        self._client = httpx2.Client(base_url=f"{url}/api/v1", headers={"Origin": url}, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def sign_in(self, link: Callable[[], str]) -> dict[str, Any]:
        """Sign in; set the password by a one-time link when there is none yet."""
        answer = self._client.post("/session", json={"email": self.email, "password": self._password})
        if answer.status_code == 401:
            token = link().rsplit("/", 1)[-1]
            answer = self._client.post(f"/links/{token}", json={"password": self._password})
        session: dict[str, Any] = _checked(answer).json()
        self._client.headers["X-Korrigo-CSRF"] = session["csrf"]
        account: dict[str, Any] = session["account"]
        return account

    def get(self, path: str) -> Any:
        """Read a resource."""
        return _checked(self._client.get(path)).json()

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, step: str = "") -> Any:
        """Change something, once however often it is sent; steps of the same path need a name."""
        content = {**(body or {}), "request_id": str(self.id_of(f"{method} {path} {step}"))}
        answer = _checked(self._client.request(method, path, json=content))
        return answer.json() if answer.content else None

    def send_file(self, method: str, path: str, content: bytes, *, kind: str) -> Any:
        """Send a file as the body."""
        query = {"request_id": str(self.id_of(f"{method} {path}"))}
        headers = {"Content-Type": kind}
        sent = self._client.request(method, path, content=content, params=query, headers=headers)
        answer = _checked(sent)
        return answer.json() if answer.content else None

    def act(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send what carries ids of its own."""
        return _checked(self._client.post(path, json=body)).json()

    def id_of(self, step: str) -> UUID:
        """Give the one id of a step."""
        return uuid5(self._namespace, f"{self.email} {step}")


def mailed_link(home: Home, email: str) -> str:
    """Find the newest one-time link that was mailed to an address; it may take a moment to arrive."""
    return until(lambda: _newest_link(home, email), f"a mail to {email}")


def until(look: Callable[[], T | None], what: str) -> T:
    """Look again and again until there is something; raise `DemoFailedError` when it takes too long."""
    deadline = time.monotonic() + _LIMIT
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise DemoFailedError(f"waited in vain for {what}")
        time.sleep(0.2)
    return found


def _newest_link(home: Home, email: str) -> str | None:
    for message in reversed(mail.read(home.mail)):
        body = message.get_body(("plain", "html"))
        link = _LINK.search(body.get_content()) if body and email in message["To"] else None
        if link:
            return link[0]
    return None


def _checked(answer: httpx2.Response) -> httpx2.Response:
    if answer.is_error:
        request = answer.request
        raise DemoFailedError(
            f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:500]}"
        )
    return answer
