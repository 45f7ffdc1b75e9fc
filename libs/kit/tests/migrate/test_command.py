"""The command: what it writes, what it prints, and the code it ends with."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from kit import migrate
from kit.events import Broker, declare
from kit.migrate import Release
from local.broker import Nats
from pydantic import SecretStr

from libs.kit.tests.migrate.site import A, B, C, Site, revision

BROKEN = revision("x3", "b2", "ALTER TABLE nowhere ADD COLUMN c int")
DROP = revision("x3", "b2", "ALTER TABLE items DROP COLUMN price", declares="compatible_since = 'x3'")
NOWHERE = "nats://127.0.0.1:9"


@pytest.fixture
def nats_url(nats_server: Nats) -> str:
    """Give the broker's address."""
    return nats_server.url()


async def run(site: Site, release: Release, *arguments: str, nats: str = NOWHERE) -> int:
    """Run the command of a service and give the code that it ends with."""

    async def declare_streams() -> None:
        async with Broker(nats) as broker:
            await declare(broker, within=2)

    parser = argparse.ArgumentParser()
    migrate.add_arguments(parser)
    service = migrate.Service("shop", declare_streams, release, SecretStr(site.dsn))
    try:
        await migrate.run(parser.parse_args(arguments), service)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def report(path: Path) -> dict[str, Any]:
    """Read a report."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_as_a_process_it_goes_up_unless_told_otherwise(site: Site, nats_url: str) -> None:
    process = site.start(site.release(A), KORRIGO_NATS_URL=nats_url)
    out, err = process.communicate(timeout=120)

    assert (process.returncode, out) == (0, "")
    assert '"reason":"applied a1, b2"' in err
    assert site.revision == "b2"


async def test_the_code_tells_failed_from_refused(
    site: Site, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.run(site.release(A))

    assert await run(site, site.release(A, x3=BROKEN), nats=nats_url) == 1
    assert await run(site, site.release(A, x3=DROP), nats=nats_url) == 2
    monkeypatch.setenv("KORRIGO_MIGRATE_ALLOW", "shop:x3")
    assert await run(site, site.release(A, x3=DROP), nats=nats_url) == 0


async def test_a_plan_is_sql_with_verdicts_and_changes_nothing(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.run(site.release(A))
    before = site.described()

    code = await run(site, site.release(C), "plan")

    printed = capsys.readouterr().out
    assert code == 0
    assert "-- g7 Find items by price -- code since b2; way back; no objection\n" in printed
    assert "-- c3 Let items have a note -- code since a1; lossy way back; no objection\n" in printed
    assert "ALTER TABLE items RENAME name TO title;" in printed
    assert site.described() == before
    assert site.recorded == "a1 b2"


async def test_a_report_tells_what_was_done_and_what_failed(
    site: Site, nats_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "shop.json"

    assert await run(site, site.release(A), "up", "--report", str(path), nats=nats_url) == 0
    done = report(path)
    assert (done["service"], done["action"], done["state"]) == ("shop", "up", "done")
    assert (done["from"], done["to"], done["reason"]) == (None, "b2", "applied a1, b2")
    assert "CREATE TABLE items" in done["plan"]

    assert await run(site, site.release(A, x3=BROKEN), "up", "--report", str(path), nats=nats_url) == 0
    failed = report(path)
    assert (failed["from"], failed["to"], failed["state"]) == ("b2", "b2", "failed")
    assert failed["reason"] == 'x3: relation "nowhere" does not exist'


async def test_a_refusal_prints_the_plan_that_somebody_has_to_decide_on(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KORRIGO_MIGRATE_APPROVAL", "required")
    path, ended = tmp_path / "shop.json", tmp_path / "termination-log"
    ended.touch()
    monkeypatch.setattr("kit.migrate.command.TERMINATION_LOG", ended)

    assert await run(site, site.release(A), "up", "--report", str(path)) == 0

    told = "shop migrate up (nothing -> nothing): refused: not approved: shop:b2; nothing was changed\n"
    assert report(path)["state"] == "refused"
    assert "CREATE TABLE items" in capsys.readouterr().out
    assert ended.read_text() == told


async def test_a_service_stands_aside_when_one_before_it_failed(site: Site, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    path = tmp_path / "reports" / "shop.json"
    path.with_name("ingest.json").write_text(json.dumps({"service": "ingest", "state": "refused"}))

    assert await run(site, site.release(A), "up", "--report", str(path)) == 0

    assert (report(path)["state"], report(path)["reason"]) == ("skipped", "ingest refused")
    assert site.one("SELECT to_regnamespace('shop')") is None


async def test_a_silent_broker_fails_the_way_up_but_not_the_way_back(site: Site, tmp_path: Path) -> None:
    path = str(tmp_path / "shop.json")
    await run(site, site.release(C), "up", "--report", path)
    up = report(Path(path))
    await run(site, site.release(B), "back", "--report", path)
    back = report(Path(path))

    away = "NATS at 127.0.0.1:9 does not answer within 2 s: [Errno 111]"
    assert (up["state"], up["to"]) == ("failed", "h8")
    assert up["reason"].startswith(f"the schema is done, but not the broker: {away}")
    assert (back["state"], back["from"], back["to"]) == ("done", "h8", "g7")
    assert back["reason"].startswith(f"undid h8; queues left as they are: {away}")


async def test_a_setting_that_cannot_be_read_stops_it_before_anything(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KORRIGO_MIGRATE_ALLOW", "everything")

    assert await run(site, site.release(A)) == 78
    problem = "korrigo: KORRIGO_MIGRATE_ALLOW: must be service:revision, comma separated\n"
    assert capsys.readouterr().err == problem


async def test_the_backup_is_read_from_its_file(
    site: Site, nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backup.json").write_text('{"name": "2026-06-15"}')
    monkeypatch.setenv("KORRIGO_MIGRATE_BACKUP_FILE", str(tmp_path / "backup.json"))

    await run(site, site.release(A), nats=nats_url)

    assert site.one("SELECT backup FROM schema_release WHERE revision = 'b2'") == {"name": "2026-06-15"}
