"""Who may sign in, how often they may try, and what ends a session."""

import asyncio
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, text

from services.gateway.tests.browser import PASSWORD, Gateway

NEW = "another-long-word"


async def test_a_right_password_signs_in(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    browser = gateway.browser()

    answer = await browser.sign_in(" Ada@School.example ")

    assert answer.json()["account"]["email"] == "ada@school.example"
    assert (await browser.get("/session")).json()["account"]["name"] == "Ada Lovelace"


async def test_nobody_is_signed_in_without_a_cookie(gateway: Gateway) -> None:
    answer = await gateway.browser().get("/session")

    assert answer.json() == {"account": None, "csrf": "", "memberships": []}


@pytest.mark.parametrize("email", ["ada@school.example", "nobody@school.example"])
async def test_a_wrong_password_and_an_unknown_account_look_the_same(gateway: Gateway, email: str) -> None:
    await gateway.account("ada@school.example")

    answer = await gateway.browser().sign_in(email, "wrong")

    assert (answer.status_code, answer.json()["reason"]) == (401, "WRONG_CREDENTIALS")


async def test_an_invited_or_disabled_account_cannot_sign_in(gateway: Gateway) -> None:
    await gateway.account("new@school.example", is_new=True)
    gone = await gateway.account("gone@school.example")
    admin = await gateway.as_admin()
    assert (await admin.call("PATCH", f"/accounts/{gone.id}", {"state": "disabled"})).status_code == 200

    answers = [await gateway.browser().sign_in(f"{who}@school.example") for who in ("new", "gone")]

    assert {answer.json()["reason"] for answer in answers} == {"WRONG_CREDENTIALS"}


async def test_disabling_an_account_ends_its_sessions_and_enabling_lets_it_in(gateway: Gateway) -> None:
    account = await gateway.account()
    browser, admin = await gateway.signed_in(account), await gateway.as_admin()

    await admin.call("PATCH", f"/accounts/{account.id}", {"state": "disabled"})
    assert (await browser.get("/sessions")).status_code == 401
    await admin.call("PATCH", f"/accounts/{account.id}", {"state": "active"})

    assert (await gateway.browser().sign_in(account.email)).status_code == 200


async def test_nobody_can_disable_their_own_account(gateway: Gateway) -> None:
    admin = await gateway.as_admin()
    own = (await admin.get("/session")).json()["account"]["id"]

    answer = await admin.call("PATCH", f"/accounts/{own}", {"state": "disabled"})

    assert (answer.status_code, answer.json()["reason"]) == (409, "OWN_ACCOUNT")


async def test_many_failures_stop_an_account_for_a_while(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    await _fail(gateway, "account:ada@school.example", 8)

    answer = await gateway.browser().sign_in("ada@school.example")

    assert (answer.status_code, answer.json()["reason"]) == (429, "TOO_MANY_ATTEMPTS")
    assert 0 < int(answer.headers["Retry-After"]) <= 900


async def test_failures_are_forgotten_after_their_window(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    await _fail(gateway, "account:ada@school.example", 8, ago=timedelta(minutes=16))

    assert (await gateway.browser().sign_in("ada@school.example")).status_code == 200


async def test_many_failures_from_one_address_stop_that_address_only(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    await _fail(gateway, "address:198.51.100.1", 100)

    there = await gateway.browser(address="198.51.100.1").sign_in("ada@school.example")
    here = await gateway.browser(address="198.51.100.2").sign_in("ada@school.example")

    assert (there.status_code, here.status_code) == (429, 200)


async def test_successes_do_not_count_and_forget_the_account_s_failures(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    await _fail(gateway, "account:ada@school.example", 7)

    await gateway.browser().sign_in("ada@school.example")

    async with gateway.database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM failed_logins")) == 0


async def test_tries_at_once_get_no_further_than_one_by_one(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    tries = (gateway.browser().sign_in("ada@school.example", f"wrong-{number}") for number in range(14))

    statuses = [answer.status_code for answer in await asyncio.gather(*tries)]

    # Two are checked at a time, so one may be on its way when the last allowed one fails.
    assert statuses.count(401) <= 9
    assert statuses.count(429) >= 5


async def test_sessions_are_listed_and_ended_one_by_one(gateway: Gateway) -> None:
    account = await gateway.account()
    here, there = await gateway.signed_in(account), await gateway.signed_in(account)

    listed = (await here.get("/sessions")).json()["items"]
    [other] = [one["id"] for one in listed if not one["is_current"]]
    await here.call("DELETE", f"/sessions/{other}")

    assert len(listed) == 2
    assert (await there.get("/sessions")).status_code == 401
    assert (await here.get("/sessions")).status_code == 200


async def test_nobody_ends_another_account_s_session(gateway: Gateway) -> None:
    ada = await gateway.signed_in(await gateway.account("ada@school.example"))
    bob = await gateway.signed_in(await gateway.account("bob@school.example"))
    [own] = (await ada.get("/sessions")).json()["items"]

    await bob.call("DELETE", f"/sessions/{own['id']}")

    assert (await ada.get("/sessions")).status_code == 200


async def test_signing_out_ends_the_session_and_drops_the_cookie(gateway: Gateway) -> None:
    browser = await gateway.signed_in(await gateway.account())

    answer = await browser.call("DELETE", "/session")

    assert answer.status_code == 204
    assert re.search(r"__Host-korrigo=.*Max-Age=0", answer.headers["Set-Cookie"])
    assert (await browser.get("/session")).json()["account"] is None


async def test_an_old_session_expires(gateway: Gateway) -> None:
    browser = await gateway.signed_in(await gateway.account())
    async with gateway.database.transaction() as session:
        await session.execute(text("UPDATE sessions SET expires_at = now()"))

    assert (await browser.get("/sessions")).status_code == 401


async def test_a_changed_password_ends_the_other_sessions(gateway: Gateway) -> None:
    account = await gateway.account()
    here, there = await gateway.signed_in(account), await gateway.signed_in(account)

    answer = await here.post("/account/password", {"current": PASSWORD, "password": NEW})

    assert answer.status_code == 204
    assert (await there.get("/sessions")).status_code == 401
    assert (await here.get("/sessions")).status_code == 200
    assert (await gateway.browser().sign_in(account.email, NEW)).status_code == 200


async def test_a_password_changes_only_with_the_current_one(gateway: Gateway) -> None:
    browser = await gateway.signed_in(await gateway.account())

    answer = await browser.post("/account/password", {"current": "wrong", "password": NEW})

    assert (answer.status_code, answer.json()["reason"]) == (401, "WRONG_CREDENTIALS")


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaa", "motdepasse", "x" * 300])
async def test_a_weak_password_is_refused(gateway: Gateway, weak: str) -> None:
    browser = await gateway.signed_in(await gateway.account())

    answer = await browser.post("/account/password", {"current": PASSWORD, "password": weak})

    assert answer.status_code == 422
    assert (answer.json()["reason"], answer.json()["metadata"]) == ("PASSWORD_WEAK", {"minimum": "10"})


async def test_the_cookie_over_https_is_bound_to_this_host_and_hidden_from_scripts(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")

    cookie = (await gateway.browser().sign_in("ada@school.example")).headers["Set-Cookie"]

    assert cookie.startswith("__Host-korrigo=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_the_cookie_over_loopback_http_has_a_plain_name(gateway: Gateway) -> None:
    await gateway.account("ada@school.example")
    local = gateway.restarted(public_url="http://127.0.0.1:8080")

    cookie = (await local.browser().sign_in("ada@school.example")).headers["Set-Cookie"]

    assert cookie.startswith("korrigo=")
    assert "Secure" not in cookie


async def test_what_is_done_to_accounts_is_in_the_audit_trail(gateway: Gateway) -> None:
    account = await gateway.account("ada@school.example")
    admin, browser = await gateway.as_admin(), gateway.browser()
    await browser.sign_in(account.email)
    await browser.post("/account/password", {"current": PASSWORD, "password": NEW})
    roles = {"email": account.email, "name": "Ada", "roles": ["office"], "request_id": str(uuid4())}
    await admin.post("/accounts", roles)
    await admin.call("PATCH", f"/accounts/{account.id}", {"state": "disabled"})

    async with gateway.database.transaction() as session:
        rows = await session.execute(text("SELECT action, actor_role FROM audit ORDER BY id"))

    assert [tuple(row) for row in rows] == [
        ("signed_in", "person"),
        ("password_changed", "student"),
        ("roles_changed", "admin"),
        ("account_state_changed", "admin"),
    ]


async def _fail(gateway: Gateway, key: str, times: int, *, ago: timedelta = timedelta()) -> None:
    """Remember failed sign-ins without the price of each."""
    kind, _, name = key.partition(":")
    digest = func.encode(func.sha256(func.convert_to(name, "UTF8")), "hex")
    async with gateway.database.transaction() as session:
        hashed = await session.scalar(digest.select())
        values = {"key": f"account:{hashed}" if kind == "account" else key, "times": times, "ago": ago}
        statement = "SELECT :key, now() - :ago FROM generate_series(1, :times)"
        await session.execute(text(f"INSERT INTO failed_logins (key, failed_at) {statement}"), values)
