"""Operators are told once of each problem, together, wherever they look, until it arrives."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage

import pytest
import pytest_asyncio
from notification.domain import State
from notification.operators.alerts import STORM, Alert, fault
from notification.operators.channels import Channels
from notification.operators.guard import HostForbidden, public_address
from notification.operators.herald import Herald
from notification.operators.store import Operators, dispatches
from notification.operators.targets import Target, parse
from notification.operators.webhook import AlertmanagerHook
from pydantic import SecretStr
from sqlalchemy import select, text
from standardwebhooks import Webhook

from services.notification.tests.conftest import Desk

SECRET = "whsec_c2VjcmV0LW9mLXR3ZW50eS1mb3VyLWJ5dGVz"
RUNBOOKS = "https://wiki.school.example/korrigo/"
MAIL = Target(name="sre", url=SecretStr("mailto:sre@school.example"))
POISON = fault("grading", "MessageDead", "grading korrigo.ingest.v1.CopyReady ValueError", "It was given up.")


@dataclass
class Office:
    """Operators' side of a notification service, its loop turned by hand."""

    desk: Desk

    def herald(self, *targets: Target, private_hosts: tuple[str, ...] = ()) -> Herald:
        channels = Channels(SecretStr(self.desk.post.url), "Korrigo <no-reply@school.example>", private_hosts)
        return Herald(self.desk.database, channels, targets or (MAIL,), runbooks=RUNBOOKS)

    async def report(self, *alerts: Alert) -> None:
        async with self.desk.database.transaction() as session:
            await Operators(session).report(*alerts)

    async def later(self, span: timedelta = timedelta(minutes=1)) -> None:
        """Let time pass for everything that is kept."""
        async with self.desk.database.transaction() as session:
            await session.execute(
                text("UPDATE alerts SET changed_at = changed_at - :span, told_at = told_at - :span"),
                {"span": span},
            )
            await session.execute(text("UPDATE dispatches SET due_at = now()"))

    async def tell(self, herald: Herald | None = None) -> None:
        """Have everything told that is to be told after a minute."""
        await self.later()
        herald = herald or self.herald()
        await herald.announce()
        await herald.deliver()

    async def states(self) -> list[tuple[str, int]]:
        async with self.desk.database.transaction() as session:
            rows = await session.execute(select(dispatches.c.state, dispatches.c.attempts))
            return [(row.state, row.attempts) for row in rows]

    @property
    def mails(self) -> list[EmailMessage]:
        return self.desk.post.mails


@pytest_asyncio.fixture
async def office(open_desk: Desk) -> Office:
    """Give an office whose mail server answers."""
    return Office(open_desk)


async def test_a_fault_is_told_once_however_often_it_is_raised(office: Office) -> None:
    for _ in range(5):
        await office.report(POISON)
    await office.tell()
    await office.report(POISON)
    await office.tell()

    [mail] = office.mails
    assert mail["To"] == "sre@school.example"
    assert mail["Subject"].startswith("Korrigo: [critical] MessageDead: grading")
    assert "It was given up." in mail.get_content()
    assert f"Runbook: {RUNBOOKS}MessageDead.md" in mail.get_content()


async def test_a_problem_that_lasts_is_told_again_after_hours(office: Office) -> None:
    await office.report(POISON)
    await office.tell()
    await office.later(timedelta(hours=5))
    await office.report(POISON)
    await office.tell()

    assert len(office.mails) == 2
    assert "(2 times)" in office.mails[1]["Subject"]


async def test_what_happens_together_is_told_together_and_the_worst_first(office: Office) -> None:
    await office.report(*(Alert(str(n), f"Lag{n}", "warning", "ingest", "slow") for n in range(3)), POISON)

    await office.tell()

    [mail] = office.mails
    assert "MessageDead" in mail["Subject"]
    assert mail["Subject"].endswith("and 3 more")


async def test_the_end_of_a_problem_is_told(office: Office) -> None:
    firing = Alert("f", "DatabaseDown", "critical", "grading", "no answer")
    await office.report(firing)
    await office.tell()
    await office.report(Alert("f", "DatabaseDown", "critical", "grading", "no answer", is_firing=False))
    await office.tell()

    assert [("RESOLVED" in mail["Subject"]) for mail in office.mails] == [False, True]


async def test_the_end_of_what_was_never_told_is_no_news(office: Office) -> None:
    await office.report(Alert("f", "DatabaseDown", "critical", "grading", "no answer", is_firing=False))
    await office.tell()

    assert office.mails == []


async def test_in_a_storm_news_are_gathered_for_longer_and_none_is_lost(office: Office) -> None:
    for number in range(STORM):
        await office.report(Alert(str(number), "Lag", "warning", "ingest", "slow"))
        await office.tell()
    for number in range(STORM, STORM + 7):
        await office.report(Alert(str(number), "Lag", "warning", "ingest", "slow"))
    await office.tell()
    held = len(office.mails)
    await office.later(timedelta(minutes=10))
    await office.tell()

    assert (held, len(office.mails)) == (STORM, STORM + 1)
    assert office.mails[-1]["Subject"].endswith("and 6 more")


async def test_a_message_is_tried_until_the_mail_server_takes_it(desk: Desk) -> None:
    office = Office(desk)
    await office.report(POISON)
    await office.tell()
    assert await office.states() == [(State.WAITING, 1)]

    async with desk.post.open():
        await office.tell()

    assert len(office.mails) == 1
    assert await office.states() == [(State.SENT, 1)]


@dataclass
class Listener:
    """A webhook's other end: keeps what is posted, answers as told."""

    posts: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answer: Callable[[], str] = lambda: "204 No Content"
    port: int = 0

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = (line.partition(": ") for line in head.split("\r\n")[1:-2])
        headers = {name.lower(): value for name, _, value in fields}
        body = await reader.readexactly(int(headers["content-length"]))
        self.posts.append((headers, body.decode()))
        writer.write(f"HTTP/1.1 {self.answer()}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Target]:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            url = SecretStr(f"http://localhost:{self.port}/hook")
            yield Target(name="pager", url=url, secret=SecretStr(SECRET))


async def test_a_webhook_is_signed_so_that_its_reader_can_trust_it(office: Office) -> None:
    listener = Listener()
    async with listener.open() as target:
        await office.report(POISON)
        await office.tell(office.herald(target, private_hosts=("localhost",)))

    [(headers, body)] = listener.posts
    told = Webhook(SECRET).verify(body, headers)
    assert told == json.loads(body)
    assert headers["host"] == f"localhost:{listener.port}"
    assert told["type"] == "alerts.changed"
    assert [alert["name"] for alert in told["data"]["alerts"]] == ["MessageDead"]


async def test_no_webhook_reaches_into_the_network(office: Office) -> None:
    listener = Listener()
    async with listener.open() as target:
        await office.report(POISON)
        await office.tell(office.herald(target))

    assert listener.posts == []
    assert await office.states() == [(State.WAITING, 1)]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.1.2.3", "fd00::1"]
)
async def test_no_address_inside_the_network_is_public(address: str) -> None:
    with pytest.raises(HostForbidden):
        await public_address(address, 443, ())


async def test_a_redirect_is_not_followed_and_counts_as_a_failure(office: Office) -> None:
    listener = Listener(answer=lambda: "302 Found\r\nlocation: http://169.254.169.254/latest")
    async with listener.open() as target:
        await office.report(POISON)
        await office.tell(office.herald(target, private_hosts=("localhost",)))

    assert len(listener.posts) == 1
    assert await office.states() == [(State.WAITING, 1)]


@pytest.mark.parametrize(
    ("targets", "complaint"),
    [
        ("nobody", "must be a JSON list"),
        ('[{"name": "sre", "url": "mailto:nobody"}]', "needs one e-mail address"),
        ('[{"name": "hook", "url": "https://pager.example/x"}]', "secret of 24 bytes"),
        ('[{"name": "chat", "url": "json://10.0.0.1/x"}]', "must be mailto:, https: or one of"),
        ('[{"name": "a", "url": "mailto:a@b"}, {"name": "a", "url": "mailto:a@c"}]', "names a target twice"),
    ],
)
def test_a_target_that_cannot_work_is_refused_at_the_start(targets: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse(SecretStr(targets))


def posted(**changes: object) -> bytes:
    alert = {
        "status": "firing",
        "labels": {"alertname": "OutboxStuck", "severity": "critical", "service": "ingest"},
        "annotations": {"summary": "Facts wait", "runbook_url": "docs/runbooks/OutboxStuck.md"},
        "fingerprint": "ab12",
        "startsAt": "2026-11-25T00:00:00Z",
    }
    return json.dumps({"version": "4", "groupKey": "{}", "alerts": [alert], **changes}).encode()


async def test_alertmanager_is_heard_when_it_knows_the_token(office: Office) -> None:
    hook = AlertmanagerHook(office.desk.database, SecretStr("the-token-of-alertmanager"))
    token = {"authorization": "Bearer the-token-of-alertmanager"}

    answers = [
        await hook({"authorization": "Bearer another"}, posted()),
        await hook({}, posted()),
        await hook(token, b"{}"),
        await hook(token, posted(version="5")),
        await hook(token, posted()),
    ]
    await office.tell()

    assert answers == [401, 401, 422, 422, 200]
    [mail] = office.mails
    assert "OutboxStuck: Facts wait" in mail["Subject"]
