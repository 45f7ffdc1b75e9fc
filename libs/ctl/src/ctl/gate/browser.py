"""Somebody of an exam office at a browser, as far as the gate needs one."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import urllib3

from ctl.failure import Failure

API = "/api/v1"
_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What the gateway answered, and how soon."""

    status: int
    request_id: str
    content: bytes
    seconds: float

    def json(self) -> Any:
        """Read it."""
        return orjson.loads(self.content) if self.content else None


class Browser:
    """Signed in with a password; remembers its cookie and its token."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = urllib3.PoolManager(retries=False, timeout=_SECONDS)
        self._headers = {"Origin": self._url}

    def sign_in(self, email: str, password: str) -> None:
        """Sign in."""
        login = orjson.dumps({"email": email, "password": password})
        session = self._ask("POST", "/session", login, "application/json").json()
        self._headers["X-Korrigo-CSRF"] = session["csrf"]

    def get(self, path: str) -> Answer:
        """Read something; a path outside the API begins with `//`."""
        return self._ask("GET", path)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Read a whole list."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            page = self.get(f"{path}?{urlencode({'page_token': token})}" if token else path).json()
            found += page["items"]
            if not (token := page.get("next_page_token", "")):
                return found

    def send(self, method: str, path: str, **body: Any) -> Answer:
        """Change something, once."""
        content = orjson.dumps({"request_id": str(uuid4()), **body})
        return self._ask(method, path, content, "application/json")

    def put(self, path: str, content: bytes) -> Answer:
        """Send bytes."""
        return self._ask("PUT", path, content, "application/octet-stream")

    def _ask(self, method: str, path: str, content: bytes | None = None, kind: str = "") -> Answer:
        address = self._url + (path[1:] if path.startswith("//") else API + path)
        headers = self._headers | ({"Content-Type": kind} if kind else {})
        began = time.perf_counter()
        try:
            sent = self._http.request(method, address, body=content, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise Failure(f"{self._url} does not answer: {error}") from error
        seconds = time.perf_counter() - began
        self._keep_cookie(sent.headers)
        if sent.status >= 400:
            raise Failure(f"{method} {path} was answered {sent.status}: {sent.data[:300].decode()}")
        return Answer(sent.status, sent.headers.get("X-Request-Id", ""), sent.data, seconds)

    def _keep_cookie(self, headers: Mapping[str, str]) -> None:
        for name, morsel in SimpleCookie(headers.get("Set-Cookie", "")).items():
            self._headers["Cookie"] = f"{name}={morsel.value}"
