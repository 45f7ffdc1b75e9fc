"""
The audit's eight findings, looked at in a running installation: GO when every one is shown.

Looking changes nothing. What only an experiment can show is tried when it is asked for: the gate then signs
in as an exam office, imports 500 pages, kills a worker, cuts off the broker, provokes a deadlock and a fault.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ctl.failure import Failure
from ctl.gate import (
    ending,
    following,
    guarding,
    journeys,
    limits,
    probes,
    scraping,
    telling,
    trial,
    unhurried,
)
from ctl.gate.browser import Browser
from ctl.gate.inside import OBSERVED, PROVOKED, Question
from ctl.gate.place import Place
from ctl.gate.verdict import Evidence, Finding, Verdict, conclude, failed, is_go, tried

__all__ = ["Experiment", "Finding", "Verdict", "check", "is_go"]

_HOUR = 3600.0


@dataclass(frozen=True)
class Experiment:
    """What it takes to try what looking cannot show."""

    #: An account that may create exams.
    email: str
    password: str
    #: How large the file is that nobody may wait for.
    pages: int = 500


def check(
    place: Place, *, hours: float = 24, prometheus: str = "", experiment: Experiment | None = None
) -> list[Finding]:
    """Look at every finding, over so many hours of logs; with an experiment, try the rest."""
    evidence = [*_observe(place, hours, prometheus or place.prometheus)]
    if experiment:
        evidence += _provoke(place, experiment)
    return conclude(evidence)


def _observe(place: Place, hours: float, prometheus: str) -> Iterator[Evidence]:
    seen, answers = place.look(), _answers(place, OBSERVED)
    neighbours = [each for each in answers if each.claim.startswith(f"{probes.NOW} ")]
    journey = journeys.newest(place, hours * _HOUR)
    yield from (each for each in answers if each not in neighbours)
    yield from following.observed(journey, hours)
    yield from unhurried.observed(journey, hours)
    yield from limits.observed(seen)
    yield from ending.observed(seen)
    yield from guarding.judges()
    yield from probes.observed(seen, neighbours)
    yield from scraping.observed(seen)
    if prometheus:
        yield from tried(scraping.SCRAPED, lambda: scraping.scraped(seen, prometheus, place.namespace))


def _provoke(place: Place, experiment: Experiment) -> Iterator[Evidence]:
    """Try one thing after the other, so that none disturbs another's measurement."""
    began = time.time()
    yield from _answers(place, PROVOKED)
    yield from tried(telling.MAIL, lambda: telling.caught(place, began))
    yield from tried(following.CLAIM, lambda: _import(place, experiment))
    yield from tried(ending.ORPHAN, lambda: ending.orphan(place))
    yield from tried(probes.CUT, lambda: probes.cut_off(place))


def _import(place: Place, experiment: Experiment) -> Iterator[Evidence]:
    began, browser = time.time(), Browser(place.url)
    browser.sign_in(experiment.email, experiment.password)
    done = trial.run(place, browser, sides=experiment.pages)
    journey = journeys.of(place, done.request_id, time.time() - began + _HOUR)
    yield from following.tried(done, journey)
    yield from unhurried.tried(done)
    yield from ending.worker(done, journey)


def _answers(place: Place, questions: Mapping[str, Question]) -> list[Evidence]:
    """Have questions answered where the servers can be reached; without an answer, all claims fail."""
    try:
        return [Evidence.read(told) for told in place.ask(["gate", "inside", *questions])]
    except Failure as failure:
        return [failed(question.claim, str(failure)) for question in questions.values()]
