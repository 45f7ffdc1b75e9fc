"""One-time links: invitations and forgotten passwords, made only when they are sent."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from gateway.store import Errands
from kit.errors import InvalidArgument, Unavailable
from sqlalchemy import text

from services.gateway.tests.browser import PASSWORD, URL, Gateway, once

NEW = "another-long-word"


async def test_an_invited_person_sets_a_password_and_is_signed_in(gateway: Gateway) -> None:
    token = await _invited(gateway, "new@school.example")
    browser = gateway.browser()

    shown = (await browser.get(f"/links/{token}")).json()
    answer = await browser.post(f"/links/{token}", {"password": NEW, "name": "Nel", "language": "en"})

    assert (shown["kind"], shown["email"]) == ("invitation", "new@school.example")
    assert answer.json()["account"] | {"id": 0, "created_at": 0} == {
        "id": 0,
        "email": "new@school.example",
        "name": "Nel",
        "language": "en",
        "roles": [],
        "state": "active",
        "created_at": 0,
        "last_seen_at": None,
    }
    assert (await browser.get("/sessions")).status_code == 200


async def test_a_link_works_once(gateway: Gateway) -> None:
    token = await _invited(gateway, "new@school.example")
    await gateway.browser().post(f"/links/{token}", {"password": NEW})

    again = await gateway.browser().post(f"/links/{token}", {"password": "yet-another-word"})

    assert (again.status_code, again.json()["reason"]) == (409, "LINK_USED")
    assert (await gateway.browser().sign_in("new@school.example", NEW)).status_code == 200


async def test_an_old_link_has_expired(gateway: Gateway) -> None:
    token = await _invited(gateway, "new@school.example")
    async with gateway.database.transaction() as session:
        await session.execute(text("UPDATE links SET expires_at = now() - interval '1 second'"))

    answer = await gateway.browser().post(f"/links/{token}", {"password": NEW})

    assert (answer.status_code, answer.json()["reason"]) == (409, "LINK_EXPIRED")


async def test_an_unknown_link_is_not_found_before_a_password_is_hashed(gateway: Gateway) -> None:
    answer = await gateway.browser().post("/links/guess", {"password": NEW})

    assert (answer.status_code, answer.json()["reason"]) == (404, "LINK_UNKNOWN")


async def test_a_weak_password_leaves_the_link_unused(gateway: Gateway) -> None:
    token = await _invited(gateway, "new@school.example")

    weak = await gateway.browser().post(f"/links/{token}", {"password": "short"})

    assert weak.json()["reason"] == "PASSWORD_WEAK"
    assert (await gateway.browser().get(f"/links/{token}")).status_code == 200


async def test_a_newer_invitation_replaces_the_older(gateway: Gateway) -> None:
    first = await _invited(gateway, "new@school.example")
    account, admin = await gateway.account("new@school.example", is_new=True), await gateway.as_admin()

    await admin.post(f"/accounts/{account.id}/invite")
    await gateway.courier.carry_due()

    assert (await gateway.browser().get(f"/links/{first}")).json()["reason"] == "LINK_UNKNOWN"
    assert (await gateway.browser().get(f"/links/{_sent(gateway)}")).status_code == 200


async def test_a_forgotten_password_is_replaced_by_link_and_ends_old_sessions(gateway: Gateway) -> None:
    old = await gateway.signed_in(await gateway.account("ada@school.example"))

    answer = await gateway.browser().post("/password-resets", {"email": "Ada@school.example"})
    await gateway.courier.carry_due()
    await gateway.browser().post(f"/links/{_sent(gateway)}", {"password": NEW})

    assert (answer.status_code, answer.json()) == (202, {})
    assert (await old.get("/sessions")).status_code == 401
    assert (await gateway.browser().sign_in("ada@school.example", PASSWORD)).status_code == 401
    assert (await gateway.browser().sign_in("ada@school.example", NEW)).status_code == 200


async def test_asking_for_a_reset_says_nothing_about_accounts(gateway: Gateway) -> None:
    answer = await gateway.browser().post("/password-resets", {"email": "nobody@school.example"})

    assert (answer.status_code, answer.json()) == (202, {})
    assert await gateway.courier.carry_due() == 0


async def test_asking_twice_sends_one_reset(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    for _ in range(2):
        await gateway.browser().post("/password-resets", {"email": "ada@school.example"})
        await gateway.courier.carry_due()

    assert len(gateway.notification.requests("SendLink")) == 1


async def test_a_disabled_account_gets_no_link(gateway: Gateway) -> None:
    account = await gateway.account("ada@school.example")
    await (await gateway.as_admin()).call("PATCH", f"/accounts/{account.id}", {"state": "disabled"})

    await gateway.browser().post("/password-resets", {"email": "ada@school.example"})
    await gateway.courier.carry_due()

    assert not gateway.notification.requests("SendLink")


async def test_a_link_of_a_disabled_account_is_dead(gateway: Gateway) -> None:
    token = await _invited(gateway, "new@school.example")
    account = await gateway.account("new@school.example", is_new=True)
    await (await gateway.as_admin()).call("PATCH", f"/accounts/{account.id}", {"state": "disabled"})

    assert (await gateway.browser().post(f"/links/{token}", {"password": NEW})).status_code == 404


async def test_inviting_twice_makes_one_account_and_one_mail(gateway: Gateway) -> None:
    admin = await gateway.as_admin()
    body = {"email": "New@school.example", "name": "Nel", "roles": ["office"], **once()}

    first, second = await admin.post("/accounts", body), await admin.post("/accounts", body)
    await gateway.courier.carry_due()
    third = await admin.post("/accounts", body)
    await gateway.courier.carry_due()

    assert first.json()["id"] == second.json()["id"] == third.json()["id"]
    assert len(gateway.notification.requests("SendLink")) == 1


async def test_an_errand_waits_while_notification_is_away(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    gateway.notification.answers["PutContact"] = Unavailable()

    asked = await gateway.browser().post("/password-resets", {"email": "ada@school.example"})
    await gateway.courier.carry_due()
    gateway.notification.answers.clear()
    await _let_time_pass(gateway)
    await gateway.courier.carry_due()

    assert asked.status_code == 202
    assert len(gateway.notification.requests("SendLink")) == 1
    assert await _errands(gateway) == 0


@pytest.mark.parametrize("failure", [InvalidArgument(), ZeroDivisionError()])
async def test_an_errand_that_fails_is_kept_and_does_not_hold_up_others(
    gateway: Gateway, failure: Exception
) -> None:
    await gateway.account("ada@school.example")
    await gateway.browser().post("/password-resets", {"email": "ada@school.example"})
    gateway.notification.answers["SendLink"] = failure

    await gateway.courier.carry_due()

    assert await _errands(gateway) == 1
    assert await gateway.courier.carry_due() == 0


async def test_a_courier_that_died_leaves_its_errand_to_another(gateway: Gateway) -> None:
    await _invite(gateway, "new@school.example")
    async with gateway.database.transaction() as session:
        await session.execute(text("UPDATE errands SET due_at = now() + interval '1 minute'"))

    assert await gateway.courier.carry_due() == 0
    await _let_time_pass(gateway)
    assert await gateway.courier.carry_due() == 1


async def test_a_courier_that_died_after_sending_sends_the_same_again_and_no_other_mail(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _invite(gateway, "new@school.example")
    await _carry_and_die(gateway, monkeypatch)

    await _let_time_pass(gateway)
    await gateway.courier.carry_due()

    first, second = gateway.notification.requests("SendLink")
    assert (first.request_id, first.link) == (second.request_id, second.link)
    assert (await gateway.browser().get(f"/links/{_sent(gateway)}")).status_code == 200
    assert await _errands(gateway) == 0


async def test_a_repeated_link_that_was_used_meanwhile_stays_used(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _invite(gateway, "new@school.example")
    await _carry_and_die(gateway, monkeypatch)
    await gateway.browser().post(f"/links/{_sent(gateway)}", {"password": NEW})

    await _let_time_pass(gateway)
    await gateway.courier.carry_due()

    again = await gateway.browser().post(f"/links/{_sent(gateway)}", {"password": "yet-another-word"})
    assert again.json()["reason"] == "LINK_USED"


async def test_a_new_name_is_told_to_notification(gateway: Gateway) -> None:
    browser = await gateway.signed_in(await gateway.account("ada@school.example"))

    await browser.call("PATCH", "/account", {"name": "Ada King"})
    await gateway.courier.carry_due()

    assert [one.contact.name for one in gateway.notification.requests("PutContact")] == ["Ada King"]
    assert gateway.notification.callers("PutContact")[0].is_service


async def test_no_link_and_no_password_appears_in_an_answer_or_a_log(
    gateway: Gateway, logged: Sequence[Mapping[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    token = await _invited(gateway, "new@school.example")
    browser, admin = gateway.browser(), await gateway.as_admin()
    answers = [
        await browser.post(f"/links/{token}", {"password": NEW}),
        await browser.get("/session"),
        await admin.get("/accounts"),
        await browser.sign_in("new@school.example", NEW),
    ]
    said = "".join(answer.text for answer in answers) + caplog.text + str(logged)

    async with gateway.database.transaction() as session:
        hashes = await session.scalars(text("SELECT password FROM accounts WHERE password IS NOT NULL"))
    assert logged
    for secret in (token, NEW, *hashes, *browser.client.cookies.values()):
        assert secret not in said


async def _carry_and_die(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a courier crash between sending and forgetting."""

    async def die(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as dying:
        dying.setattr(Errands, "finish", die)
        with pytest.raises(ZeroDivisionError):
            await gateway.courier.carry_due()


async def _invite(gateway: Gateway, email: str) -> None:
    admin = await gateway.as_admin()
    await admin.post("/accounts", {"email": email, "name": "Nel", **once()})


async def _invited(gateway: Gateway, email: str) -> str:
    """The token of an invitation that was sent."""
    await _invite(gateway, email)
    await gateway.courier.carry_due()
    return _sent(gateway)


def _sent(gateway: Gateway) -> str:
    link: str = gateway.notification.requests("SendLink")[-1].link
    assert link.startswith(f"{URL}/link/")
    return link.rpartition("/")[2]


async def _errands(gateway: Gateway) -> int:
    async with gateway.database.transaction() as session:
        return int(await session.scalar(text("SELECT count(*) FROM errands")) or 0)


async def _let_time_pass(gateway: Gateway) -> None:
    async with gateway.database.transaction() as session:
        await session.execute(text("UPDATE errands SET due_at = now()"))
