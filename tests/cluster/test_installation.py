"""An installation comes up by itself, and people reach it like any web site."""

from tests.client import Client
from tests.cluster.installation import RELEASE, Installation
from tests.people import ADMIN, People

READY_WITHIN_SECONDS = 90


def test_it_is_ready_soon_after_it_is_installed(installation: Installation) -> None:
    assert installation.ready_in < READY_WITHIN_SECONDS


def test_its_own_tests_pass(installation: Installation) -> None:
    said = installation.helm("test", RELEASE, "--timeout", "180s")

    assert "Phase:          Succeeded" in said


def test_an_invited_administrator_signs_in_through_the_ingress(people: People) -> None:
    assert people.admin.account["email"] == ADMIN


def test_browsers_are_served_the_web_app(people: People) -> None:
    answer = people.stranger().ask("GET", "//")

    assert answer.status == 200
    assert b"<script" in answer.content


def test_mails_lead_back_to_the_host(people: People) -> None:
    client: Client = people.office

    assert client.id
    assert people.system.url in people.mails(client.account["email"])[0]
