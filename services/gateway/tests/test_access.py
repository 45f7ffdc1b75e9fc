"""Which role may call which endpoint: every route, every role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute
from gateway import access, web
from gateway.routes import ROUTERS
from korrigo.ingest.v1 import ingest_service_pb2 as ingest

from services.gateway.tests.browser import URL, Browser, Gateway

EXAM, OTHER_EXAM = uuid4(), uuid4()
WHO = ("nobody", "student", "marker", "other office", "office", "author", "operator", "admin")
STRANGERS = {"nobody": 401, "student": 404, "other office": 404, "author": 404, "operator": 404, "admin": 404}
#: By rule, who is refused and how; whoever is not named is let in.
REFUSED: Mapping[str, Mapping[str, int]] = {
    "anyone": {},
    "signed_in": {"nobody": 401},
    "any_marker": {"nobody": 401},
    "student": {"nobody": 401},
    "admin": {"nobody": 401} | {who: 403 for who in WHO if who not in ("nobody", "admin")},
    "operator": {"nobody": 401} | {who: 403 for who in WHO if who not in ("nobody", "admin", "operator")},
    "author": {"nobody": 401} | {who: 403 for who in WHO if who not in ("nobody", "admin", "author")},
    "office": STRANGERS | {"marker": 403},
    "marker": STRANGERS | {"office": 403},
    "member": STRANGERS,
}
#: Streams do not end by themselves; `test_live` opens them.
ENDLESS = "/api/v1/events"
#: What the gateway asks for itself: to find out whose something is.
OWN_QUESTIONS = {"ListExams", "ResolveRendition"}


def _routes() -> Iterator[APIRoute]:
    for router in (*ROUTERS, web.router(Path("/nowhere"))):
        yield from cast(Iterator[APIRoute], router.routes)


def _rules(route: APIRoute) -> list[str]:
    calls = [dependency.call for dependency in route.dependant.dependencies]
    return [call.__name__ for call in calls if call and call.__module__ == access.__name__]


@pytest.mark.parametrize(
    "route", list(_routes()), ids=lambda route: f"{min(route.methods or ())} {route.path}"
)
def test_every_route_names_exactly_one_rule(route: APIRoute) -> None:
    [rule] = _rules(route)

    assert rule in REFUSED


@pytest.mark.parametrize("rule", REFUSED)
async def test_a_route_lets_in_whom_its_rule_names(people: Mapping[str, Browser], rule: str) -> None:
    ruled = [route for route in _routes() if _rules(route) == [rule] and route.path != ENDLESS]
    calls = [(method, each) for each in ruled for method in each.methods or ()]
    for method, route in sorted(calls, key=_ends_session):
        for who in WHO:
            answer = await people[who].call(method, _path(route), None if method in access.SAFE else {})
            met, expected = (method, route.path, who, answer.status_code), REFUSED[rule].get(who)
            if expected:
                assert met == (method, route.path, who, expected)
            else:
                assert answer.status_code not in (401, 403, 500), met


async def test_peers_are_asked_in_the_one_role_that_the_rule_found(
    gateway: Gateway, people: Mapping[str, Browser]
) -> None:
    for route in _routes():
        if "exam_id" in route.path and "GET" in (route.methods or ()):
            await people["office"].get(_path(route))
    heard = [*gateway.ingest.heard, *gateway.grading.heard]

    assert len(heard) > 10
    assert {(who.role, who.exam_id) for name, _, who in heard if name not in OWN_QUESTIONS} == {
        ("office", str(EXAM))
    }


async def test_a_route_in_no_role_s_reach_does_not_exist(people: Mapping[str, Browser]) -> None:
    answers = [await people["office"].get(path) for path in ("/nothing", "/exams/none/ledger")]

    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.fixture
async def people(gateway: Gateway) -> Mapping[str, Browser]:
    """A browser for each of `WHO`."""
    found = {"nobody": gateway.browser()}
    somewhere = ingest.ResolveRenditionResponse(exam_id=str(EXAM), blob_key="pages/none.jpg")
    gateway.ingest.answers["ResolveRendition"] = somewhere
    for who in WHO[1:]:
        roles = [who] if who in ("admin", "operator") else ["office"] if who == "author" else []
        account = await gateway.account(f"{who.replace(' ', '-')}@school.example", roles=roles)
        if who in ("marker", "office"):
            await gateway.join(account, EXAM, who)
        if who == "other office":
            await gateway.join(account, OTHER_EXAM, "office")
        found[who] = await gateway.signed_in(account)
    return found


def _path(route: APIRoute) -> str:
    """An address of a route."""
    path = route.path_format.format(**{name: _value(name) for name in route.param_convertors})
    return path if path.startswith(("/api/", "/i/")) else f"{URL}{path}"


def _ends_session(call: tuple[str, APIRoute]) -> bool:
    """Whether nobody is signed in after it."""
    return call[0] == "DELETE" and call[1].path.endswith("/session")


def _value(name: str) -> UUID | int | str:
    """A path parameter; only the exam is there."""
    match name:
        case "exam_id":
            return EXAM
        case "side" | "number":
            return 1
        case "path":
            return "exams"
        case _:
            return uuid4()
