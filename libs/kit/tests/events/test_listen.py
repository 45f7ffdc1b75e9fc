"""Listening from any point of the stream."""

import asyncio

import pytest
from kit import events
from kit.events import Broker, listen
from kit.events.streams import FACTS, declare

from libs.kit.tests.sample.messages import Filled

#: More than are fetched at once.
MANY = 250


async def test_a_listener_starts_where_it_was_and_goes_on(broker: Broker) -> None:
    for number in range(4):
        await broker.publish("korrigo.sample.v1.Filled", Filled(text=str(number)).SerializeToString(), {})
    await broker.publish("korrigo.sample.v1.Emptied", b"", {})

    heard = []
    async for sequence, _, payload in listen(broker, ["korrigo.sample.v1.Filled"], start_after=2):
        heard.append((sequence, Filled.FromString(payload).text))
        if len(heard) == 2:
            await broker.publish("korrigo.sample.v1.Filled", Filled(text="5").SerializeToString(), {})
        if len(heard) == 3:
            break

    assert heard == [(3, "2"), (4, "3"), (6, "5")]


async def test_a_listener_catches_up_without_a_gap_and_goes_on_at_once(broker: Broker) -> None:
    fact = Filled(text="one of many").SerializeToString()
    for _ in range(MANY):
        await broker.publish("korrigo.sample.v1.Filled", fact, {})
    listening = listen(broker, ["korrigo.>"], start_after=0)

    async with asyncio.timeout(4):
        caught_up = [(await anext(listening))[0] for _ in range(MANY)]
        await broker.publish("korrigo.sample.v1.Filled", fact, {})
        newest = (await anext(listening))[0]

    assert [*caught_up, newest] == [*range(1, MANY + 2)]


@pytest.mark.parametrize(("recall", "expected"), [(2, [2, 3]), (9, [1, 2, 3])])
async def test_a_listener_may_recall_what_was_told_before_it(
    broker: Broker, recall: int, expected: list[int]
) -> None:
    for number in range(3):
        await broker.publish("korrigo.sample.v1.Filled", Filled(text=str(number)).SerializeToString(), {})

    listening = listen(broker, ["korrigo.>"], start_after=None, recall=recall)

    assert [(await anext(listening))[0] for _ in expected] == expected


@pytest.mark.parametrize("start_after", [0, 9])
async def test_a_listener_that_is_too_far_away_is_told_so(broker: Broker, start_after: int) -> None:
    for number in range(3):
        await broker.publish("korrigo.sample.v1.Filled", Filled(text=str(number)).SerializeToString(), {})
    await broker.jetstream.purge_stream(FACTS, keep=1)

    with pytest.raises(events.TooOld):
        await anext(listen(broker, ["korrigo.>"], start_after=start_after))


async def test_a_listener_of_a_stream_that_was_made_anew_is_told_so(broker: Broker) -> None:
    fact = Filled(text="again").SerializeToString()
    await broker.publish("korrigo.sample.v1.Filled", fact, {})
    listening = listen(broker, ["korrigo.>"], start_after=0)
    assert (await anext(listening))[0] == 1

    await broker.jetstream.delete_stream(FACTS)
    await declare(broker)
    for _ in range(3):
        await broker.publish("korrigo.sample.v1.Filled", fact, {})

    with pytest.raises(events.TooOld):
        await anext(listening)
