"""Refusals: documented once, told apart by reason."""

import pytest
from kit import errors


class ScanTooOld(errors.FailedPrecondition):
    """The scan was replaced; open the new one.

    Raised when the version is not the newest.
    """


class NamedOtherwise(errors.NotFound):
    """It is not here."""

    reason = "GONE"


def test_the_first_line_of_the_docstring_is_the_message() -> None:
    assert str(ScanTooOld()) == "The scan was replaced; open the new one."


def test_a_message_of_ones_own_wins() -> None:
    assert str(ScanTooOld("Scan 3 was replaced.")) == "Scan 3 was replaced."


def test_the_reason_is_the_class_name_unless_it_names_its_own() -> None:
    assert (ScanTooOld.reason, NamedOtherwise.reason) == ("SCAN_TOO_OLD", "GONE")


def test_what_the_refusal_is_about_travels_as_metadata() -> None:
    assert ScanTooOld(scan="s1", message="any name is free").metadata == {
        "scan": "s1",
        "message": "any name is free",
    }


@pytest.mark.parametrize("code", errors.CATEGORIES)
def test_a_refusal_is_rebuilt_in_its_category(code: str) -> None:
    refusal = errors.refusal_of(code, "WHY", "A sentence.", {"a": "b"})

    assert type(refusal) is errors.CATEGORIES[code]
    assert (refusal.code, refusal.reason, str(refusal), refusal.metadata) == (
        code,
        "WHY",
        "A sentence.",
        {"a": "b"},
    )


def test_a_failure_is_no_refusal() -> None:
    with pytest.raises(KeyError):
        errors.refusal_of("INTERNAL", "WHY", "A sentence.", {})
