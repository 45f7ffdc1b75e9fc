"""What the gate can only ask where the servers can be reached: in a pod, or on this machine."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ctl.failure import Failure
from ctl.gate import ending, guarding, limits, probes, telling
from ctl.gate.verdict import Evidence, failed
from ctl.settings import OperationsSettings


@dataclass(frozen=True)
class Question:
    """How to find out, and the claim that fails when that goes wrong."""

    claim: str
    look: Callable[[OperationsSettings], AsyncIterator[Evidence]]


#: What only looks.
OBSERVED: Mapping[str, Question] = MappingProxyType(
    {
        "told": Question(telling.CLAIM, telling.observed),
        "roles": Question(limits.ROLES, limits.of_roles),
        "records": Question(ending.ORPHAN, ending.of_records),
        "releases": Question(guarding.RECORDED, guarding.recorded),
        "neighbours": Question(probes.NOW, probes.neighbours),
    }
)
#: What does something to the installation.
PROVOKED: Mapping[str, Question] = MappingProxyType(
    {
        "poison": Question(telling.CLAIM, telling.tried),
        "deadlock": Question(limits.TRIED, limits.tried),
        "migrate": Question(guarding.GUARD, guarding.tried),
    }
)


async def answer(settings: OperationsSettings, questions: Sequence[str]) -> list[Evidence]:
    """Answer every question, all at once; what goes wrong is an answer too."""
    answers = await asyncio.gather(*(_one(settings, _known(question)) for question in questions))
    return [each for evidence in answers for each in evidence]


async def _one(settings: OperationsSettings, question: Question) -> list[Evidence]:
    try:
        return [each async for each in question.look(settings)]
    except Exception as error:
        return [failed(question.claim, str(error).strip() or type(error).__name__)]


def _known(asked: str) -> Question:
    """Find a question; those about a file name it, as `plant=KEY`."""
    name, _, key = asked.partition("=")
    match name:
        case "plant":
            return Question(ending.ORPHAN, partial(ending.plant, key=key))
        case "find":
            return Question(ending.ORPHAN, partial(ending.find, key=key))
    if found := OBSERVED.get(name) or PROVOKED.get(name):
        return found
    raise Failure(f"the gate has no question {name}")
