"""One line of a diagnosis."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a part is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is, and what to do about it."""

    name: str
    verdict: Verdict
    detail: str


async def checked(name: str, look: Callable[[], Awaitable[str]], *, within: float = 15) -> Check:
    """Look at a part; whatever goes wrong is the finding."""
    try:
        async with asyncio.timeout(within):
            detail = await look()
    except TimeoutError:
        return Check(name, Verdict.FAILED, f"no answer within {within:g} s")
    except Exception as error:
        return Check(name, Verdict.FAILED, str(error).strip() or type(error).__name__)
    return Check(name, Verdict.OK, detail)
