"""People whose browser asks again while a server is away, as the web app does."""

from __future__ import annotations

import time
from typing import Any

import httpx2

from tests.client import Answer, Client
from tests.people import People

AWAY = (502, 503, 504)
_PAUSE = 0.2


class PatientClient(Client):
    """Somebody who sends the same request, with the same request id, until it is answered."""

    patience = 90.0

    def ask(self, method: str, path: str, **request: Any) -> Answer:
        """Send one request as often as it takes."""
        deadline = time.monotonic() + self.patience
        while True:
            answer = self._ask_once(method, path, **request)
            if answer and not _is_away(answer):
                return answer
            assert time.monotonic() < deadline, f"{method} {path} was not answered in {self.patience:.0f} s"
            time.sleep(_PAUSE)

    def _ask_once(self, method: str, path: str, **request: Any) -> Answer | None:
        try:
            return super().ask(method, path, **request)
        except httpx2.TransportError:
            return None


def _is_away(answer: Answer) -> bool:
    """Tell whether a proxy answered that reaches nobody, which it may say in its own way."""
    is_foreign = answer.status >= 400 and "json" not in answer.headers.get("content-type", "")
    return answer.status in AWAY or is_foreign


class PatientPeople(People):
    """Everybody who is signed in, each with patience."""

    def stranger(self) -> Client:
        """Somebody who is not signed in."""
        return self._stack.enter_context(PatientClient(self.system.url))
