"""What the gate concludes: pieces of evidence, and the findings that they show or do not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

#: What each finding of the audit is shown by.
TITLES = {
    "OP-01": "A request is followed by its id to the last page",
    "OP-02": "A fault reaches an operator in under a minute",
    "OP-03": "No request waits for PDF work",
    "OP-04": "Nobody waits in the database without a limit",
    "OP-05": "What is lost on its way ends exactly once",
    "OP-06": "No migration breaks what runs or bars the way back",
    "OP-07": "Probes tell the truth",
    "OP-08": "Every documented metric is scraped",
}


class Verdict(StrEnum):
    """How a finding stands. What was not seen is no proof, and so no GO."""

    SHOWN = "shown"
    NOT_SHOWN = "not shown"
    FAILED = "failed"


_WORST_FIRST = (Verdict.FAILED, Verdict.NOT_SHOWN, Verdict.SHOWN)


@dataclass(frozen=True)
class Evidence:
    """One thing that was seen, for or against a claim, which begins with its finding: `OP-05 orphan`."""

    claim: str
    verdict: Verdict
    said: str

    @classmethod
    def read(cls, told: dict[str, Any]) -> Self:
        """Read what a gate inside has written."""
        return cls(told["claim"], Verdict(told["verdict"]), told["said"])

    @property
    def finding(self) -> str:
        """Name the finding that it is about."""
        return self.claim.partition(" ")[0]


@dataclass(frozen=True)
class Finding:
    """One finding of the audit, and the evidence on it in one line."""

    id: str
    title: str
    verdict: Verdict
    evidence: str


def shown(claim: str, said: str) -> Evidence:
    """Say what shows a claim."""
    return Evidence(claim, Verdict.SHOWN, said)


def failed(claim: str, said: str) -> Evidence:
    """Say what speaks against a claim."""
    return Evidence(claim, Verdict.FAILED, said)


def not_shown(claim: str, said: str) -> Evidence:
    """Say what would have to be seen."""
    return Evidence(claim, Verdict.NOT_SHOWN, said)


def judged(claim: str, *, holds: bool, said: str) -> Evidence:
    """Say what was seen, which holds or does not."""
    return Evidence(claim, Verdict.SHOWN if holds else Verdict.FAILED, said)


def tried(claim: str, look: Callable[[], Iterable[Evidence]]) -> Iterator[Evidence]:
    """Look; whatever goes wrong while looking speaks against the claim."""
    try:
        yield from look()
    except Exception as error:
        yield failed(claim, f"{str(error).strip() or type(error).__name__}")


def conclude(evidence: Iterable[Evidence]) -> list[Finding]:
    """Bring the evidence together: a finding is as good as the worst of its claims."""
    by_finding: dict[str, dict[str, list[Evidence]]] = {name: defaultdict(list) for name in TITLES}
    for each in evidence:
        by_finding[each.finding][each.claim].append(each)
    return [_finding(name, list(claims.values())) for name, claims in by_finding.items()]


def is_go(findings: Iterable[Finding]) -> bool:
    """Tell whether everything is shown."""
    return all(finding.verdict is Verdict.SHOWN for finding in findings)


def _finding(name: str, claims: list[list[Evidence]]) -> Finding:
    settled = [_settle(pieces) for pieces in claims]
    if not settled:
        return Finding(name, TITLES[name], Verdict.NOT_SHOWN, "nothing was looked at")
    worst = min((verdict for verdict, _ in settled), key=_WORST_FIRST.index)
    said = [piece for verdict, pieces in settled if verdict is worst for piece in pieces]
    return Finding(name, TITLES[name], worst, "; ".join(dict.fromkeys(said)))


def _settle(pieces: list[Evidence]) -> tuple[Verdict, list[str]]:
    """A claim fails by any piece against it, and is shown by one for it; of several the last says most."""
    if against := [piece.said for piece in pieces if piece.verdict is Verdict.FAILED]:
        return Verdict.FAILED, against
    found = [piece for piece in pieces if piece.verdict is Verdict.SHOWN] or pieces
    return found[-1].verdict, [found[-1].said]
