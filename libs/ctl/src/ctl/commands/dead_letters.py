"""`korrigoctl dead-letters ls | show | replay | drop`: messages that nobody could handle."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from cyclopts import App
from kit.events import Broker, dead
from kit.events.dead import Letter

from ctl import faults
from ctl.failure import Failure
from ctl.output import Format, Output, rows, write
from ctl.settings import OperationsSettings

app = App(name="dead-letters", help="Look at messages that were given up; send them again, or drop them.")

#: What the service that gave a letter up told operators.
FAULT = "MessageDead"

Act = Callable[[Broker, int], Awaitable[None]]

_SHOWN = ("sequence", "subject", "id", "consumer", "reason", "at")


class NoSuchLetter(Failure):
    """There is no dead letter of that number."""


@app.command(name="ls")
def list_letters(*, output: Output = Format.TEXT) -> None:
    """List the dead letters, oldest first."""
    found = asyncio.run(_with_broker(_all))
    told = [{name: getattr(letter, name) for name in _SHOWN} for letter in found]
    table = rows("NUMBER", "AT", "CONSUMER", "SUBJECT", "REASON", of=[_row(letter) for letter in found])
    write(told, output, table if found else "There is no dead letter.")


@app.command
def show(number: int, *, output: Output = Format.TEXT) -> None:
    """Show one letter with its headers and where its handler failed; the payload stays where it is."""
    letter = asyncio.run(_with_broker(lambda broker: _find(broker, number)))
    told = {name: value for name, value in asdict(letter).items() if name != "payload"}
    told["bytes"] = len(letter.payload)
    headers = "\n".join(f"  {name}: {value}" for name, value in sorted(letter.headers.items()))
    text = f"{letter.subject} for {letter.consumer}, {told['bytes']} bytes\n{headers}\n\n{letter.stack}"
    write(told, output, text)


@app.command
def replay(*numbers: int, every: bool = False) -> None:
    """
    Send letters again and drop them: whoever has heard one already stays unmoved.

    Parameters
    ----------
    numbers
        As `ls` shows them.
    every
        All that there are now.
    """
    done = asyncio.run(_with_broker(lambda broker: _chosen(broker, numbers, dead.replay, every=every)))
    write(done, Format.TEXT, f"sent again: {done}")


@app.command
def drop(*numbers: int) -> None:
    """Forget letters for good."""
    done = asyncio.run(_with_broker(lambda broker: dismiss(broker, numbers)))
    write(done, Format.TEXT, f"dropped: {done}")


async def _with_broker(act: Callable[[Broker], Awaitable[Any]]) -> Any:
    async with _broker() as broker:
        return await act(broker)


@asynccontextmanager
async def _broker() -> AsyncIterator[Broker]:
    async with Broker(OperationsSettings.start().nats_url) as broker:
        await broker.ready(within=10)
        yield broker


async def _all(broker: Broker) -> list[Letter]:
    return [letter async for letter in dead.letters(broker)]


async def _find(broker: Broker, number: int) -> Letter:
    try:
        return await dead.show(broker, number)
    except dead.LetterNotFound as error:
        raise NoSuchLetter(f"there is no dead letter {number}; see `korrigoctl dead-letters ls`") from error


async def dismiss(broker: Broker, numbers: Sequence[int], act: Act = dead.drop) -> int:
    """Have letters dropped, or whatever is to be done with them; what was told of them is over then."""
    chosen = [await _find(broker, number) for number in numbers]
    for letter in chosen:
        await act(broker, letter.sequence)
    left = {(letter.teller, letter.about) for letter in await _all(broker)}
    for teller, about in {(letter.teller, letter.about) for letter in chosen} - left:
        await faults.end(broker, teller, FAULT, about)
    return len(chosen)


async def _chosen(broker: Broker, numbers: tuple[int, ...], act: Act, *, every: bool) -> int:
    chosen = [letter.sequence for letter in await _all(broker)] if every else numbers
    return await dismiss(broker, chosen, act)


def _row(letter: Letter) -> tuple[object, ...]:
    return letter.sequence, f"{letter.at:%Y-%m-%d %H:%M}", letter.consumer, letter.subject, letter.reason
