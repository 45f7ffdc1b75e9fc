"""Whatever a service may answer instead of yes, the browser says it in both languages."""

import json
import re
from pathlib import Path

import pytest

from tests.contracts.services import SERVICES, ask

ROOT = Path(__file__).parents[2]
WEB = ROOT / "services" / "web" / "src"
MESSAGES = WEB / "i18n" / "messages"
LANGUAGES = ("fr", "en")
#: Said between services only; the gateway answers in its own words, or nobody hears it.
INTERNAL = {
    "BLOB_NOT_FOUND",
    "CONTACT_UNKNOWN",
    "COPY_READY_ALREADY",
    "HOST_FORBIDDEN",
    "KIND_UNKNOWN",
    "LETTER_NOT_FOUND",
    "NOT_DECLARED",
    "OPERATION_INVALID",
    "TOKEN_INVALID",
    "TOKEN_MISSING",
    "TOO_OLD",
    "WRONG_SCHEMA",
    # The categories, which are never said themselves.
    "ABORTED",
    "FAILED_PRECONDITION",
    "INVALID_ARGUMENT",
    "RESOURCE_EXHAUSTED",
}
#: Words of the contract's comments that are no reasons.
NOT_REASONS = {"UPPER_SNAKE", "PASSWORD_RESET", "RESULTS_RELEASED"}
REFUSALS = """
import importlib, json, pkgutil, sys
from enum import StrEnum
from kit.errors import Refusal
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if "migrations.versions" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
def below(kind):
    for child in kind.__subclasses__():
        yield child
        yield from below(child)
said = {kind.reason for kind in below(Refusal) if kind.__module__.split(".")[0] == sys.argv[1]}
reasons = sys.modules.get("rasterizer.refusals")
print(json.dumps(sorted(said | {str(reason) for reason in reasons.RefusalReason} if reasons else said)))
"""


def known(language: str) -> set[str]:
    """List the reasons that have a sentence in a language."""
    files = MESSAGES.glob(f"*{language}.json")
    written = (key for file in files for key in json.loads(file.read_text(encoding="utf-8")))
    return {key.removeprefix("reason_") for key in written if key.startswith("reason_")}


def blockers() -> set[str]:
    """List the reasons against a release that the browser says with a number and a place to decide."""
    source = (WEB / "views" / "office" / "blockers.ts").read_text(encoding="utf-8")
    return set(re.findall(r"^  ([A-Z_]+): \{", source, re.MULTILINE))


@pytest.mark.parametrize("service", [*SERVICES, "kit"])
def test_every_reason_that_a_service_gives_has_a_sentence(service: str) -> None:
    reasons = set(ask(REFUSALS, service)) - INTERNAL

    assert {language: reasons - known(language) for language in LANGUAGES} == {"fr": set(), "en": set()}


def test_every_reason_that_the_contract_names_has_a_sentence() -> None:
    comments = [
        line.partition("//")[2]
        for file in (ROOT / "proto" / "src").rglob("*.proto")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    named = {word for line in comments for word in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", line)}

    assert named - known("fr") - blockers() - NOT_REASONS == set()


def test_both_languages_say_the_same_things() -> None:
    for french in MESSAGES.glob("*fr.json"):
        english = french.with_name(french.name.replace("fr.json", "en.json"))
        keys, translated = (json.loads(file.read_text(encoding="utf-8")).keys() for file in (french, english))
        assert keys == translated, french.name
