"""Mail goes out once, is tried again when it may help, and waits out an outage."""

import asyncio
from uuid import UUID

import pytest
from notification.domain import Kind, State

from services.notification.tests.conftest import LINK, Desk


async def test_a_mail_is_sent_to_its_contact_and_its_link_forgotten(open_desk: Desk) -> None:
    await open_desk.notify(await open_desk.contact())

    await open_desk.sender().send_due()

    [mail], delivery = open_desk.post.mails, await open_desk.one()
    assert open_desk.post.recipients == ["ada@school.example"]
    assert LINK in mail.get_content()
    assert mail["Message-ID"] == f"<{delivery.id}@korrigo>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (delivery.state, delivery.link) == (State.SENT, "")


async def test_nothing_is_sent_twice(open_desk: Desk) -> None:
    account = await open_desk.contact()
    for _ in range(2):
        await open_desk.notify(account, kind=Kind.RESULTS_RELEASED, occasion="release:1")
        await open_desk.sender().send_due()
        await open_desk.let_time_pass()

    assert len(open_desk.post.mails) == 1


async def test_an_occasion_reaches_everybody_once_however_often_it_is_told(open_desk: Desk) -> None:
    ada, bob = await open_desk.contact(), await open_desk.contact("bob@school.example")
    await open_desk.notify(ada, occasion="release:1")

    made = await open_desk.notify(ada, bob, occasion="release:1")
    again = await open_desk.notify(ada, bob, occasion="release:1")
    later = await open_desk.notify(ada, bob, occasion="release:2")

    assert [len(each) for each in (made, again, later)] == [1, 0, 2]


async def test_thousands_are_told_in_one_go(desk: Desk) -> None:
    accounts = [UUID(int=number) for number in range(7000)]

    async with asyncio.timeout(5):
        made = await desk.notify(*accounts, occasion="release:1")

    assert len(made) == 7000


async def test_two_senders_share_the_mails(open_desk: Desk) -> None:
    for number in range(30):
        await open_desk.notify(await open_desk.contact(f"{number}@school.example"))

    counts = await asyncio.gather(*(open_desk.sender().send_due() for _ in range(3)))

    assert sum(counts) == 30
    assert len(set(open_desk.post.recipients)) == len(open_desk.post.mails) == 30


async def test_a_temporary_refusal_is_tried_again_later_and_later(open_desk: Desk) -> None:
    await open_desk.notify(await open_desk.contact())
    open_desk.post.to_recipient = lambda _: "451 greylisted"
    pauses = []
    for _ in range(4):
        await open_desk.sender().send_due()
        pauses.append(round(await open_desk.pause(), -1))
        await open_desk.let_time_pass()

    delivery = await open_desk.one()
    assert pauses == [30, 60, 120, 240]
    assert (delivery.state, delivery.attempts) == (State.WAITING, 4)
    assert (delivery.reason, delivery.link) == ("451 greylisted", LINK)


async def test_a_mail_that_is_refused_too_often_is_given_up(open_desk: Desk) -> None:
    await open_desk.notify(await open_desk.contact())
    open_desk.post.to_mail = lambda: "452 full"
    for _ in range(9):
        await open_desk.sender().send_due()
        await open_desk.let_time_pass()

    delivery = await open_desk.one()
    assert (delivery.state, delivery.attempts, delivery.link) == (State.FAILED, 8, "")


async def test_a_permanent_refusal_fails_at_once_and_the_others_go_on(open_desk: Desk) -> None:
    await open_desk.notify(await open_desk.contact("gone@school.example"))
    await open_desk.notify(await open_desk.contact("ada@school.example"))
    open_desk.post.to_recipient = lambda who: "550 no such user" if who.startswith("gone") else "250 ok"

    await open_desk.sender().send_due()

    gone, ada = await open_desk.deliveries()
    assert (gone.state, gone.reason, gone.link) == (State.FAILED, "550 no such user", "")
    assert ada.state is State.SENT


async def test_an_unreachable_server_is_no_try(desk: Desk) -> None:
    await desk.notify(await desk.contact())
    for _ in range(12):
        await desk.sender().send_due()
        await desk.let_time_pass()

    waiting = await desk.one()
    async with desk.post.open():
        await desk.sender().send_due()

    assert (waiting.state, waiting.attempts) == (State.WAITING, 0)
    assert (await desk.one()).state is State.SENT


async def test_a_server_that_goes_away_in_between_costs_no_try_and_no_mail(open_desk: Desk) -> None:
    for number in range(3):
        await open_desk.notify(await open_desk.contact(f"{number}@school.example"))
    answers = iter(["250 kept", "421 going down"])
    open_desk.post.to_mail = lambda: next(answers, "250 kept")

    await open_desk.sender().send_due()
    await open_desk.let_time_pass()
    await open_desk.sender().send_due()

    assert sorted(open_desk.post.recipients) == [f"{number}@school.example" for number in range(3)]
    assert {delivery.state for delivery in await open_desk.deliveries()} == {State.SENT}


async def test_a_sender_that_died_leaves_its_mails_to_another(open_desk: Desk) -> None:
    await open_desk.notify(await open_desk.contact())
    sender = open_desk.sender()
    stopped = asyncio.Event()
    stopped.set()

    assert await sender.send_due(stopped) == 1
    assert not open_desk.post.mails
    assert await open_desk.sender().send_due() == 1
    assert len(open_desk.post.mails) == 1


async def test_without_a_contact_a_delivery_fails_with_its_reason(open_desk: Desk) -> None:
    await open_desk.notify(UUID(int=1))

    await open_desk.sender().send_due()

    assert (await open_desk.one()).reason == "CONTACT_UNKNOWN"


async def test_an_address_that_the_server_cannot_take_fails_alone(desk: Desk) -> None:
    await desk.notify(await desk.contact("zoé@school.example"))
    await desk.notify(await desk.contact("ada@school.example"))

    async with desk.post.open(utf8=False):
        await desk.sender().send_due()

    zoe, ada = await desk.deliveries()
    assert (zoe.state, zoe.reason) == (State.FAILED, "ADDRESS_NOT_SUPPORTED")
    assert ada.state is State.SENT


async def test_the_loop_sends_until_it_is_told_to_stop(open_desk: Desk) -> None:
    stopping, arrived = asyncio.Event(), asyncio.Event()
    open_desk.post.to_mail = lambda: arrived.set() or "250 kept"  # type: ignore[func-returns-value]  # in passing
    await open_desk.notify(await open_desk.contact())

    running = asyncio.create_task(open_desk.sender().loop(stopping))
    async with asyncio.timeout(10):
        await arrived.wait()
        stopping.set()
        await running

    assert (await open_desk.one()).state is State.SENT


@pytest.mark.parametrize(
    ("name", "exam_name"),
    [
        ("Ada\r\nBcc: eve@evil.example", ""),
        ("Ada", "Maths\nBcc: eve@evil.example"),
        ("A\u2028Bcc: eve@evil.example", "\x0b\x85"),
    ],
)
async def test_no_name_reaches_a_header_or_a_line_of_its_own(
    open_desk: Desk, name: str, exam_name: str
) -> None:
    account = await open_desk.contact(name=name, language="en")
    await open_desk.notify(account, kind=Kind.RESULTS_RELEASED, exam_name=exam_name)

    await open_desk.sender().send_due()

    [mail] = open_desk.post.mails
    assert mail["Bcc"] is None
    assert open_desk.post.recipients == ["ada@school.example"]
    assert not any(line.startswith("Bcc") for line in mail.get_content().splitlines())
