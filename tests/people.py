"""The people of a running system: invited by mail, signed in once, met again by their address."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol, Self

from tests.client import Client, RefusedError
from tests.waiting import until

PASSWORD = "Popular-Curtains-1"
ADMIN, OFFICE = "admin@lycee.example", "secretariat@lycee.example"
_LINK = re.compile(r"https?://\S+/link/([\w-]+)")


class Place(Protocol):
    """Where Korrigo runs: on this machine or in a cluster."""

    @property
    def url(self) -> str:
        """Give the address for browsers."""
        ...

    def mails(self) -> list[EmailMessage]:
        """Read every mail that was sent, oldest first."""
        ...

    def command(self, service: str, *arguments: str) -> str:
        """Run a command of a service where it runs, as an operator would, and give what it prints."""
        ...


@dataclass
class People:
    """Everybody who is signed in."""

    system: Place
    _known: dict[str, Client] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def admin(self) -> Client:
        """The administrator, by the link that the gateway's own command prints."""
        if ADMIN not in self._known:
            link = self.system.command(
                "gateway", "invite", "--role", "admin", "--email", ADMIN, "--name", "Alix"
            )
            self._known[ADMIN] = self._by_link(ADMIN, _LINK.search(link))
        return self._known[ADMIN]

    @property
    def office(self) -> Client:
        """An exam office, invited by the administrator."""
        if OFFICE not in self._known:
            account = {"email": OFFICE, "name": "Camille Office", "language": "fr", "roles": ["office"]}
            self.admin.send("POST", "/accounts", **account)
        return self.invited(OFFICE)

    def invited(self, email: str) -> Client:
        """Somebody who was sent an invitation; signs in by its link the first time."""
        if email not in self._known:
            self._known[email] = self._by_link(email, until(lambda: self.link(email), f"a mail to {email}"))
        return self._known[email]

    def again(self, email: str) -> Client:
        """The same person at another browser."""
        self.invited(email)
        client = self.stranger()
        client.sign_in(email, PASSWORD)
        return client

    def stranger(self) -> Client:
        """Somebody who is not signed in."""
        return self._stack.enter_context(Client(self.system.url))

    def link(self, email: str) -> re.Match[str] | None:
        """Find the newest one-time link mailed to an address."""
        return next((link for body in reversed(self.mails(email)) if (link := _LINK.search(body))), None)

    def mails(self, email: str) -> list[str]:
        """Read the mails to an address, oldest first."""
        wanted = [mail for mail in self.system.mails() if email in mail["To"]]
        bodies = (mail.get_body(("plain", "html")) for mail in wanted)
        return [str(body.get_content()) for body in bodies if body]

    def _by_link(self, email: str, link: re.Match[str] | None) -> Client:
        """Sign in by a link, or by the password when an earlier session has used the link."""
        assert link
        client = self.stranger()
        try:
            client.open_link(link[1], PASSWORD)
        except RefusedError:
            client.sign_in(email, PASSWORD)
        return client
