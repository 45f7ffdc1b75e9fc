"""A list in pages: each item once, in bounded answers, and no token but its own."""

import base64
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from google.longrunning.operations_pb2 import (  # type: ignore[import-untyped]  # ships no stubs
    ListOperationsRequest,
    ListOperationsResponse,
    Operation,
)
from hypothesis import given
from hypothesis import strategies as st
from kit.rpc import paging
from kit.rpc.paging import BYTES, DEFAULT_SIZE, LARGEST_SIZE, PageSizeInvalid, PageTokenInvalid, Paging


def _answer(numbers: list[int], request: ListOperationsRequest) -> ListOperationsResponse:
    asked = Paging.of(request, paging.number)
    rest = [number for number in numbers if asked.after is None or (number,) > asked.after]
    operations, token = asked.page(
        rest[: asked.limit], key=lambda number: (number,), show=lambda number: Operation(name=str(number))
    )
    return ListOperationsResponse(operations=operations, next_page_token=token)


async def _pages(numbers: list[int], request: ListOperationsRequest) -> list[list[int]]:
    async def call(asked: ListOperationsRequest) -> ListOperationsResponse:
        return _answer(numbers, asked)

    pages = await paging.read_all(call, request)
    return [[int(operation.name) for operation in page.operations] for page in pages]


@given(st.sets(st.integers(0, 10_000), max_size=50), st.integers(1, 20))
async def test_each_item_is_on_one_page_and_none_is_empty(chosen: set[int], size: int) -> None:
    numbers = sorted(chosen)

    pages = await _pages(numbers, ListOperationsRequest(page_size=size))

    assert [number for page in pages for number in page] == numbers
    assert all(page for page in pages) or not numbers


@pytest.mark.parametrize(
    ("asked", "given_"), [(0, DEFAULT_SIZE), (1, 1), (LARGEST_SIZE, LARGEST_SIZE), (10**6, LARGEST_SIZE)]
)
def test_a_page_has_as_many_items_as_asked_up_to_a_bound(asked: int, given_: int) -> None:
    answer = _answer(list(range(2000)), ListOperationsRequest(page_size=asked))

    assert len(answer.operations) == given_


def test_a_page_of_fewer_than_no_items_is_refused() -> None:
    with pytest.raises(PageSizeInvalid):
        _answer([], ListOperationsRequest(page_size=-1))


def test_a_page_ends_before_it_is_too_large_for_one_message() -> None:
    big = Operation(name="x" * (BYTES // 3))
    asked = Paging.of(ListOperationsRequest(), paging.number)

    shown, token = asked.page(range(10), key=lambda number: (number,), show=lambda _: big)

    assert len(shown) == 2
    assert Paging.of(ListOperationsRequest(page_token=token), paging.number).after == (1,)


def test_an_item_too_large_for_a_page_is_a_page() -> None:
    huge = Operation(name="x" * 2 * BYTES)
    asked = Paging.of(ListOperationsRequest(), paging.number)

    shown, token = asked.page([1, 2], key=lambda number: (number,), show=lambda _: huge)

    assert (len(shown), bool(token)) == (1, True)


def test_a_list_without_messages_has_pages_too() -> None:
    asked = Paging.of_list("people", 2, "", paging.words)

    shown, token = asked.rows(["ada", "bea", "cem"], key=lambda name: (name,))

    assert shown == ["ada", "bea"]
    assert Paging.of_list("people", 2, token, paging.words).after == ("bea",)
    with pytest.raises(PageTokenInvalid):
        Paging.of_list("pets", 2, token, paging.words)


def test_what_comes_before_the_page_meanwhile_shifts_nothing() -> None:
    first = _answer([10, 20, 30], ListOperationsRequest(page_size=2))

    second = _answer(
        [5, 10, 15, 20, 30], ListOperationsRequest(page_size=2, page_token=first.next_page_token)
    )

    assert [operation.name for operation in second.operations] == ["30"]


def test_the_parts_of_a_key_come_back_as_they_were() -> None:
    key = (3, "Éa|b", str(uuid4()), date(2026, 11, 17), datetime(2026, 11, 17, 8, 0, 0, 123456, tzinfo=UTC))
    readers = (paging.number, paging.words, paging.uid, paging.day, paging.moment)
    asked = Paging.of(ListOperationsRequest(page_size=1), *readers)

    _, token = asked.page([1, 2], key=lambda _: key, show=lambda _: Operation())

    assert Paging.of(ListOperationsRequest(page_size=9, page_token=token), *readers).after == key


def _token(*parts: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


OWN = "of this list"


@pytest.mark.parametrize(
    ("token", "reader"),
    [
        ("1", paging.number),
        ("!", paging.number),
        ("é", paging.number),
        (base64.urlsafe_b64encode(b"{}").decode(), paging.number),
        (_token(OWN), paging.number),
        (_token(OWN, 1, 2), paging.number),
        (_token(OWN, "1"), paging.number),
        (_token(OWN, 2**64 - 1), paging.number),
        (_token(OWN, 7), paging.words),
        (_token(OWN, "a\0b"), paging.words),
        (_token(OWN, "' OR true"), paging.uid),
        (_token(OWN, 7), paging.uid),
        (_token(OWN, "yesterday"), paging.day),
        (_token("of another list", 1), paging.number),
    ],
)
def test_a_token_that_is_none_is_refused(
    token: str, reader: paging.Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "_name", lambda _: OWN)

    with pytest.raises(PageTokenInvalid):
        Paging.of(ListOperationsRequest(page_token=token), reader)


def test_a_token_of_the_list_of_something_else_is_refused() -> None:
    token = _answer([1, 2], ListOperationsRequest(name="ours", page_size=1)).next_page_token

    with pytest.raises(PageTokenInvalid):
        _answer([1, 2], ListOperationsRequest(name="theirs", page_token=token))


def test_a_token_says_nothing_of_its_key_to_a_reader() -> None:
    answer = _answer([1234567, 7654321], ListOperationsRequest(page_size=1))

    assert "1234567" not in answer.next_page_token
