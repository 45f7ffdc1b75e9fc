"""OP-07: probes tell the truth, now and with a dependency cut off."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import psycopg
from kit.blobs import Blobs
from kit.events import Broker

from ctl.gate.place import Place, Seen
from ctl.gate.verdict import Evidence, failed, judged
from ctl.settings import OperationsSettings

NOW, CUT = "OP-07 now", "OP-07 cut off"
BROKER = "broker"
#: Those that are for nothing without the broker; the others keep what they have to tell.
_NEEDS_BROKER = ("rasterizer", "ingest-consume", "grading-consume", "notification-consume")
_PATIENCE_SECONDS = 90.0
_PAUSE_SECONDS = 1.0

Look = Callable[[], list[Seen]]


def observed(seen: list[Seen], neighbours: list[Evidence]) -> Iterator[Evidence]:
    """Compare what every process says of the servers with what the gate found of them itself."""
    truth = {each.claim.removeprefix(f"{NOW} "): each.said for each in neighbours}
    wrong = [reason for each in seen for reason in _lies(each, truth)]
    if not seen:
        yield failed(NOW, "no process answers")
        return
    said = f"{len(seen)} processes say of {', '.join(truth)} what is so, and are in service accordingly"
    yield judged(NOW, holds=not wrong, said="; ".join(wrong) if wrong else said)


async def neighbours(settings: OperationsSettings) -> AsyncIterator[Evidence]:
    """Try what the processes' probes try; `ok`, or why not."""
    looks = {"database": _database, BROKER: _broker, "store": _store}
    for part, look in looks.items():
        try:
            await look(settings)
            said = "ok"
        except Exception as error:
            said = str(error) or type(error).__name__
        yield judged(f"{NOW} {part}", holds=said == "ok", said=said)


def cut_off(place: Place) -> Iterator[Evidence]:
    """Take the broker away from processes: some must leave, none may die, all must come back."""
    before = {each.name: each.restarts for each in place.look()}
    with place.without_broker() as look:
        _until(partial(_is_truthful, look), "the right processes to be unready without the broker")
        cut = look()
        dead = [each.name for each in cut if not each.is_alive]
    _until(lambda: all(each.is_ready for each in place.look()), "everything to be ready again")
    restarted = [each.name for each in place.look() if each.restarts > before.get(each.name, each.restarts)]
    left = [each.workload for each in cut if not each.is_ready]
    stayed = f", {len(cut) - len(left)} others stayed" if len(cut) > len(left) else ""
    said = f"without the broker {', '.join(left)} said so and left{stayed}"
    wrong = f"died: {', '.join(dead)}; " * bool(dead) + f"restarted: {', '.join(restarted)}" * bool(restarted)
    yield judged(CUT, holds=not wrong, said=wrong or f"{said}, none was restarted, all came back")


def _lies(seen: Seen, truth: dict[str, str]) -> Iterator[str]:
    if not seen.is_alive:
        yield f"{seen.name} does not say that it is alive"
    for part, said in truth.items():
        if part in seen.parts and (not seen.parts[part]) != (said == "ok"):
            yield f"{seen.name} says of {part} {seen.parts[part] or 'ok'!r}, the gate finds {said!r}"
    if seen.is_in_service not in (None, seen.is_ready):
        yield f"{seen.name} is {'' if seen.is_in_service else 'not '}in service, and says the opposite"


def _is_truthful(look: Look) -> bool:
    """Tell whether exactly those that need the broker are unready, and all know that it is away."""
    return all(
        each.is_alive
        and bool(each.parts.get(BROKER))
        and each.is_ready == (each.workload not in _NEEDS_BROKER)
        for each in look()
    )


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {_PATIENCE_SECONDS:.0f} s in vain for {what}")
        time.sleep(_PAUSE_SECONDS)


async def _database(settings: OperationsSettings) -> None:
    async with await psycopg.AsyncConnection.connect(settings.dsn.get_secret_value(), connect_timeout=5):
        return


async def _store(settings: OperationsSettings) -> None:
    await Blobs.open(settings).ping()


async def _broker(settings: OperationsSettings) -> None:
    async with Broker(settings.nats_url) as broker:
        await broker.ready(within=5)
