"""Talk to Korrigo as a browser does: cookie, CSRF header, request ids, uploads in chunks, live events."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx2

from tests.waiting import until

API = "/api/v1"


class RefusedError(AssertionError):
    """The server said no; the problem tells why."""

    def __init__(self, answer: Answer) -> None:
        self.problem: dict[str, Any] = answer.json() if answer.content else {}
        self.status = answer.status
        self.reason = str(self.problem.get("reason", ""))
        self.metadata: dict[str, Any] = self.problem.get("metadata", {})
        super().__init__(f"{answer.method} {answer.path}: {answer.status} {answer.content[:500]!r}")


@dataclass(frozen=True)
class Answer:
    """One answer of the server, kept whole."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    seconds: float

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.content)


@dataclass(frozen=True)
class Event:
    """One live event."""

    sequence: int
    name: str
    kind: str
    id: str
    exam_id: str


class Client:
    """Somebody at a browser; keeps every answer that it was given."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[Answer] = []
        self.account: dict[str, Any] = {}
        self._http = httpx2.Client(base_url=url, headers={"Origin": url}, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    @property
    def id(self) -> str:
        """Give the id of the account that is signed in."""
        return str(self.account["id"])

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Sign in with a password; return the session."""
        return self._signed_in(self.call("POST", "/session", {"email": email, "password": password}))

    def open_link(self, token: str, password: str) -> dict[str, Any]:
        """Set a password by a one-time link, which signs in; return the session."""
        return self._signed_in(self.call("POST", f"/links/{token}", {"password": password}))

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send one request and keep its answer, whatever it is; paths outside the API begin with `//`."""
        address = path[1:] if path.startswith("//") else API + path
        sent = self._http.request(
            method, address, json=body, content=content, headers=dict(headers or {}), params=dict(query or {})
        )
        took = sent.elapsed.total_seconds()
        answer = Answer(method, address, sent.status_code, dict(sent.headers), sent.content, took)
        self.answers.append(answer)
        return answer

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request as it is; return the JSON of the answer or raise `RefusedError`."""
        answer = _granted(self.ask(method, path, body=body))
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        """Read a resource."""
        return self.call("GET", path)

    def send(self, method: str, path: str, **body: Any) -> Any:
        """Change something; a request id is made unless given."""
        return self.call(method, path, {"request_id": str(uuid4()), **body})

    def download(self, path: str) -> bytes:
        """Read a file."""
        return _granted(self.ask("GET", path)).content

    def image(self, key: str) -> bytes:
        """Read a page image by its key."""
        return self.download(f"//i/{key}")

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Read a list page after page."""
        query: dict[str, str] = {}
        while True:
            page = _granted(self.ask("GET", path, query=query)).json()
            yield page
            if not page.get("next_page_token"):
                return
            query = {"page_token": page["next_page_token"]}

    def items(self, path: str) -> list[dict[str, Any]]:
        """Read a whole list."""
        return [item for page in self.pages(path) for item in page["items"]]

    def send_roster(self, exam_id: str, content: bytes, *, dry_run: bool = False) -> dict[str, Any]:
        """Send a roster file."""
        query = {"request_id": str(uuid4()), "dry_run": str(dry_run).lower()}
        kind = {"Content-Type": "text/csv"}
        answer = self.ask("POST", f"/exams/{exam_id}/roster", content=content, headers=kind, query=query)
        report: dict[str, Any] = _granted(answer).json()
        return report

    def open_upload(
        self, exam_id: str, batch_id: str, name: str, size: int, *, replaces: str | None = None
    ) -> dict[str, Any]:
        """Announce a file, perhaps in place of a scan that was refused."""
        body = {"exam_id": exam_id, "batch_id": batch_id, "file_name": name, "bytes": size}
        announced: dict[str, Any] = self.send("POST", "/uploads", **body, replaces=replaces)
        return announced

    def put_chunk(self, upload: Mapping[str, Any], number: int, content: bytes) -> Answer:
        """Send one chunk of a file's content."""
        chunk = content[number * upload["chunk_bytes"] :][: upload["chunk_bytes"]]
        return _granted(self.ask("PUT", f"/uploads/{upload['id']}/{number}", content=chunk, headers=_BYTES))

    def complete(self, upload: Mapping[str, Any]) -> dict[str, Any]:
        """Hand the file over; return its scan."""
        scan: dict[str, Any] = self.send("POST", f"/uploads/{upload['id']}/complete")["scan"]
        return scan

    def upload(
        self, exam_id: str, batch_id: str, file: Path, *, name: str = "", replaces: str | None = None
    ) -> dict[str, Any]:
        """Send a whole file; return its scan."""
        content = file.read_bytes()
        announced = self.open_upload(exam_id, batch_id, name or file.name, len(content), replaces=replaces)
        for number in range(announced["chunks"]):
            self.put_chunk(announced, number, content)
        return self.complete(announced)

    @contextmanager
    def events(self, *, after: int | None = None) -> Iterator[Events]:
        """Listen to live events while the block runs."""
        headers = {"Last-Event-ID": str(after)} if after is not None else {}
        with self._http.stream("GET", f"{API}/events", headers=headers) as stream:
            assert stream.status_code == 200, stream.status_code
            heard = Events()
            reader = threading.Thread(target=heard.read, args=(stream,), daemon=True)
            reader.start()
            until(heard.is_open.is_set, "the stream of events to open", seconds=20)
            yield heard

    def _signed_in(self, session: dict[str, Any]) -> dict[str, Any]:
        self._http.headers["X-Korrigo-CSRF"] = session["csrf"]
        self.account = session["account"]
        return session


@dataclass
class Events:
    """The live events that were heard so far."""

    heard: list[Event] = field(default_factory=list)
    is_open: threading.Event = field(default_factory=threading.Event)

    def read(self, stream: httpx2.Response) -> None:
        """Read events until the stream ends."""
        try:
            fields: dict[str, str] = {}
            for line in stream.iter_lines():
                self.is_open.set()
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                elif fields:
                    self._keep(fields)
                    fields = {}
        except httpx2.TransportError:
            return  # the listener left, or the server ended

    def wait_for(self, wanted: Callable[[Event], bool], what: str, *, seconds: float = 60) -> Event:
        """Return the first event that is wanted, now or when it comes."""
        return until(lambda: next(filter(wanted, list(self.heard)), None), what, seconds=seconds)

    def _keep(self, fields: Mapping[str, str]) -> None:
        if "event" not in fields:
            return
        told = json.loads(fields.get("data", "{}"))
        event = Event(
            sequence=int(fields.get("id", 0)),
            name=fields["event"],
            kind=told.get("kind", ""),
            id=told.get("id", ""),
            exam_id=told.get("exam_id", ""),
        )
        self.heard.append(event)


_BYTES = {"Content-Type": "application/octet-stream"}


def _granted(answer: Answer) -> Answer:
    if answer.status >= 400:
        raise RefusedError(answer)
    return answer
