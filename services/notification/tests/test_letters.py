"""What deliveries may do, and what mails say. No I/O."""

from datetime import UTC, datetime
from functools import partial
from itertools import product
from uuid import UUID

import pytest
from notification.domain import (
    FOR_EXAM,
    MAX_ATTEMPTS,
    MOVES,
    SUBJECTS,
    TEXTS,
    Contact,
    ContactInvalid,
    Delivery,
    Kind,
    KindUnknown,
    State,
    WrongState,
    kind_of,
    letter,
)

LANGUAGES = ("fr", "en")
ACCOUNT = UUID(int=7)
LINK = "https://korrigo.example/link/token"


def _delivery(kind: Kind = Kind.INVITATION, state: State = State.WAITING, *, link: str = LINK) -> Delivery:
    created = datetime(2026, 6, 15, tzinfo=UTC)
    return Delivery(UUID(int=1), ACCOUNT, kind, "Maths {x}", link, state, 0, "", created)


def _contact(language: str = "fr", email: str = "ada@school.example") -> Contact:
    return Contact(ACCOUNT, email, "Ada {name}", language)


@pytest.mark.parametrize(("state", "move"), list(product(State, MOVES)))
def test_a_delivery_makes_its_moves_and_no_other(state: State, move: str) -> None:
    delivery, (allowed, target) = _delivery(state=state), MOVES[move]
    act = partial(delivery.fail, "why") if move == "fail" else delivery.send

    if state in allowed:
        act()
        assert (delivery.state, delivery.link, len(delivery.news)) == (target, "", 1)
    else:
        with pytest.raises(WrongState):
            act()
        assert (delivery.state, delivery.news) == (state, [])


def test_pauses_double_up_to_an_hour_and_then_it_is_given_up() -> None:
    delivery, pauses = _delivery(), []
    for _ in range(MAX_ATTEMPTS):
        delivery.refuse("451", is_final=False)
        pauses.append(delivery.pause.total_seconds())

    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 1920]
    assert delivery.state is State.FAILED


@pytest.mark.parametrize("key", list(product(Kind, LANGUAGES)))
def test_every_kind_is_written_in_every_language(key: tuple[Kind, str]) -> None:
    kind, language = key
    said = letter(_delivery(kind), _contact(language), "https://korrigo.example")

    assert key in SUBJECTS
    assert key in TEXTS
    assert LINK in said.text
    assert "Ada {name}" in said.text
    assert said.text.startswith("Bonjour" if language == "fr" else "Hello")
    assert "\n" not in said.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_results_lead_to_the_own_results_and_name_the_exam(language: str) -> None:
    said = letter(_delivery(Kind.RESULTS_RELEASED, link=""), _contact(language), "https://korrigo.example")

    assert "https://korrigo.example/results" in said.text
    assert "Maths {x}" in said.subject


def test_the_languages_are_the_same_everywhere() -> None:
    assert set(FOR_EXAM) == {language for _, language in TEXTS} == set(LANGUAGES)


@pytest.mark.parametrize(
    "email",
    [
        *("", "ada", "ada@school.example\nBcc: x@y", "a b@c", "ada@@x"),
        *(
            "ada,bob@school.example",
            "<ada@school.example>",
            "ada@school.example;",
            "a*b@[",
            "?b@x,<",
            "(a)@x",
        ),
    ],
)
def test_a_contact_without_a_plain_address_is_refused(email: str) -> None:
    with pytest.raises(ContactInvalid):
        _contact(email=email).check()


def test_what_a_mail_server_says_of_a_person_is_in_no_fact() -> None:
    delivery = _delivery()

    delivery.refuse("550 <ada@school.example> is unknown", is_final=True)

    [ended] = delivery.news
    assert (ended.reason, delivery.reason) == ("550", "550 <ada@school.example> is unknown")


def test_a_contact_in_an_unknown_language_is_refused() -> None:
    with pytest.raises(ContactInvalid):
        _contact("de").check()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KindUnknown):
        kind_of("NEWSLETTER")
