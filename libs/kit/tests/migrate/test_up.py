"""Up: guarded, revision by revision, and beside code that serves on."""

import asyncio

import pytest
from kit.migrate import Busy, MigrationFailed, Patience, Refused
from kit.migrate.session import session

from libs.kit.tests.migrate.site import A, B, C, Site, revision, running, until

SLOW = revision("x3", "b2", "ALTER TABLE items ADD COLUMN x int", "SELECT pg_sleep(60)")
FAST = revision("x3", "b2", "ALTER TABLE items ADD COLUMN x int")
DROP = revision("x3", "b2", "ALTER TABLE items DROP COLUMN price", declares="compatible_since = 'x3'")


async def test_older_code_serves_through_every_revision_of_the_next_release(site: Site) -> None:
    old = site.release(A)
    site.run(old)
    site.fill(2000)

    async with running(site, old) as pod:
        await asyncio.to_thread(site.run, site.release(B))
        await pod.serves_on()

    assert pod.errors == []
    assert site.one("SELECT count(*) FROM items WHERE number IS NULL") == 0
    assert site.recorded == "a1 b2 c3 d4 e5 f6 g7"


async def test_a_failure_leaves_whole_revisions_on_which_older_code_runs(site: Site) -> None:
    old = site.release(A)
    site.run(old)
    more = {
        "x1": revision("x1", "b2", "CREATE TABLE t1 (i int)"),
        "x2": revision("x2", "x1", "CREATE TABLE t2 (i int)", "ALTER TABLE nowhere ADD COLUMN c int"),
        "x3": revision("x3", "x2", "CREATE TABLE t3 (i int)"),
    }

    with pytest.raises(MigrationFailed, match='x2: relation "nowhere" does not exist'):
        site.run(site.release(A, **more))

    assert (site.revision, site.recorded) == ("x1", "a1 b2 x1")
    assert site.one("SELECT to_regclass('t2')") is None
    assert await site.is_ready(old) == ""
    more["x2"] = revision("x2", "x1", "CREATE TABLE t2 (i int)")
    site.run(site.release(A, **more))
    assert site.revision == "x3"


async def test_a_migration_killed_in_mid_statement_frees_its_locks_and_can_be_run_again(site: Site) -> None:
    old = site.release(A)
    site.run(old)

    async with running(site, old) as pod:
        job = site.start(site.release(A, x3=SLOW))
        await until(lambda: site.is_running("%pg_sleep%"))
        job.kill()
        await until(lambda: not site.is_locked(), within=10)
        assert site.revision == "b2"
        await asyncio.to_thread(site.run, site.release(A, x3=FAST))
        await pod.serves_on()

    assert site.revision == "x3"


async def test_an_index_that_a_killed_migration_left_invalid_is_built_again(site: Site) -> None:
    site.run(site.release("f6"))
    with site.connect("a long report") as report:
        report.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        report.execute("SELECT count(*) FROM pg_class")
        job = site.start(site.release(B))
        await until(lambda: site.is_running("CREATE INDEX CONCURRENTLY%"))
        job.kill()
        await until(lambda: not site.is_locked())
    valid = "SELECT bool_and(indisvalid) FROM pg_index WHERE indexrelid = to_regclass('ix_items_price')"
    assert site.one(valid) is False

    site.run(site.release(B))

    assert site.one(valid) is True
    assert site.revision == "g7"


async def test_a_lost_connection_is_told_as_such(site: Site) -> None:
    site.run(site.release(A))
    failing = asyncio.create_task(asyncio.to_thread(site.run, site.release(A, x3=SLOW)))
    await until(lambda: site.is_running("%pg_sleep%"))
    site.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'migrate %'")

    with pytest.raises(MigrationFailed, match="x3: connection lost: terminating connection"):
        await failing


def test_a_revision_gives_up_on_a_held_table_names_who_holds_it_and_succeeds_later(site: Site) -> None:
    site.run(site.release(A))
    with site.connect("a slow report") as holder:
        holder.autocommit = False
        holder.execute("SELECT count(*) FROM items")
        with pytest.raises(MigrationFailed, match=r"c3: canceling .* \(1 tries\); in the way: a slow report"):
            site.run(site.release(B), patience=Patience(tries=1))
    assert site.revision == "b2"

    assert site.run(site.release(B)) == "applied c3, d4, e5, f6, g7"


async def test_two_jobs_at_once_take_turns(site: Site) -> None:
    site.run(site.release(A))
    release = site.release(B)

    ended = await asyncio.gather(*(asyncio.to_thread(site.run, release) for _ in range(2)))

    assert sorted(ended) == ["applied c3, d4, e5, f6, g7", "nothing to do: the schema is at g7"]


def test_a_backfill_goes_on_where_it_was_stopped(site: Site) -> None:
    site.run(site.release("c3"))
    site.fill(2000)
    site.run(site.release("d4"))
    with site.connect("a slow pod") as pod:
        pod.execute("BEGIN")
        pod.execute("UPDATE items SET price = 2 WHERE id = 1200")
        with pytest.raises(MigrationFailed, match=r"e5: canceling .* in the way: a slow pod"):
            site.run(site.release("e5"), patience=Patience(tries=1))
    left = "SELECT count(*) FROM items WHERE number IS NULL"
    assert site.one(left) == 1000

    site.run(site.release("e5"))

    assert site.one(left) == 0


def test_a_second_job_leaves_with_the_name_of_the_first(site: Site) -> None:
    release = site.release(A)
    with (
        session(site.dsn, "shop", "migrate up shop on another host"),
        pytest.raises(Busy, match=r"migrate up shop on another host \(backend \d+\); gave up after 0.2 s"),
    ):
        site.run(release, patience=Patience(wait=0.2))


#: How many jobs have come to migrate.
MIGRATING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'migrate up shop%' AND query <> ''
"""


async def test_a_waiting_job_does_not_stop_the_index_that_the_first_one_builds(site: Site) -> None:
    site.run(site.release("f6"))
    release = site.release(B)
    with site.connect("a long report") as report:
        report.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        report.execute("SELECT count(*) FROM pg_class")
        first = asyncio.create_task(asyncio.to_thread(site.run, release))
        await until(lambda: site.is_running("CREATE INDEX CONCURRENTLY%"))
        second = asyncio.create_task(asyncio.to_thread(site.run, release, patience=Patience(wait=60)))
        await until(lambda: site.one(MIGRATING) == 2)

    assert await first == "applied g7"
    assert await second == "nothing to do: the schema is at g7"


def test_destructive_sql_waits_for_a_word(site: Site) -> None:
    site.run(site.release(A))
    release = site.release(A, x3=DROP)

    with pytest.raises(Refused, match=r"shop:x3 \(destructive\); nothing was changed"):
        site.run(release)
    with pytest.raises(Refused):
        site.run(release, migrate_allow="other:x3,shop:b2")

    assert site.run(release, migrate_allow="other:x1, shop:x3_drop_the_price") == "applied x3"


async def test_a_revision_that_breaks_running_code_waits_for_a_word(site: Site) -> None:
    old, new = site.release(B), site.release(C)
    site.run(old)

    async with running(site, old):
        with pytest.raises(Refused, match=r"shop:h8 \(breaks running code of g7\)"):
            await asyncio.to_thread(site.run, new)
        assert await site.is_ready(old) == ""
        assert await asyncio.to_thread(site.run, new, migrate_allow="shop:h8") == "applied h8"

    assert "needs code of h8 or newer, this code is g7" in await site.is_ready(old)


async def test_code_that_is_gone_is_not_broken(site: Site) -> None:
    old = site.release(B)
    site.run(old)
    async with running(site, old):
        pass

    await until(
        lambda: not site.one("SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^head='")
    )

    assert site.run(site.release(C)) == "applied h8"


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE items RENAME TO things", "ALTER TYPE item_state ADD VALUE 'gone'"],
)
def test_what_may_break_must_be_declared(site: Site, statement: str) -> None:
    site.run(site.release(A))

    with pytest.raises(Refused, match="x3 must declare compatible_since"):
        site.run(site.release(A, x3=revision("x3", "b2", statement)), migrate_allow="shop:x3")


def test_a_declaration_that_is_no_ancestor_is_refused(site: Site) -> None:
    site.run(site.release(A))
    stray = revision("x3", "b2", "SELECT 1", declares="compatible_since = 'zz'")

    with pytest.raises(Refused, match="x3: compatible_since 'zz' is no ancestor of it"):
        site.run(site.release(A, x3=stray))


def test_two_heads_are_refused(site: Site) -> None:
    more = {name: revision(name, "b2", "SELECT 1") for name in ("x3", "y3")}

    with pytest.raises(Refused, match="Multiple heads"):
        site.run(site.release(A, **more))


def test_nothing_happens_that_was_not_approved(site: Site) -> None:
    release = site.release(A)

    with pytest.raises(Refused, match="not approved: shop:b2"):
        site.run(release, migrate_approval="required", migrate_approved="shop:a1")
    assert site.run(release, migrate_approval="required", migrate_approved="grading:0007,shop:b2")

    assert site.run(release, migrate_approval="required") == "nothing to do: the schema is at b2"


def test_what_was_there_and_the_backup_are_recorded(site: Site) -> None:
    site.run(site.release(A))
    site.run(site.release("c3"), migrate_backup='{"name": "2026-06-15"}', version="2.0")

    rows = site.sql("SELECT revision, outgoing, backup, applied_by FROM schema_release ORDER BY position")
    assert [row[:3] for row in rows] == [
        ("a1", None, None),
        ("b2", None, None),
        ("c3", "b2", {"name": "2026-06-15"}),
    ]
    assert rows[-1][3] == "2.0"


async def test_a_schema_from_before_the_record_is_taken_over(site: Site) -> None:
    old = site.release(A)
    site.run(old)
    site.sql("DROP TABLE schema_release")
    assert await site.is_ready(old) == ""
    assert "waiting for migration: the schema is at b2" in await site.is_ready(site.release(B))

    assert site.run(site.release(B), "plan") == "would apply c3, d4, e5, f6, g7"
    assert site.one("SELECT to_regclass('schema_release')") is None
    site.run(site.release(B))

    assert site.recorded == "a1 b2 c3 d4 e5 f6 g7"
    assert await site.is_ready(old) == ""


def test_a_version_that_somebody_moved_by_hand_is_refused(site: Site) -> None:
    site.run(site.release("c3"))
    site.sql("UPDATE alembic_version SET version_num = 'b2'")

    with pytest.raises(Refused, match="the schema is at b2, but schema_release at c3"):
        site.run(site.release("c3"))


def test_a_statement_is_read_through_its_remark(site: Site) -> None:
    site.run(site.release(A))
    hidden = revision("x3", "b2", "-- nothing to see\nDROP TABLE items", declares="compatible_since = 'x3'")

    with pytest.raises(Refused, match="destructive"):
        site.run(site.release(A, x3=hidden))


def test_an_older_image_leaves_a_newer_schema_alone(site: Site) -> None:
    site.run(site.release(B))
    assert site.run(site.release(A)) == "nothing to do: the schema is at g7, newer than b2 and compatible"

    site.run(site.release(C))

    with pytest.raises(Refused, match="needs code of h8 or newer"):
        site.run(site.release(A))
    with pytest.raises(Refused, match="on another branch: x3 was never applied"):
        site.run(site.release(A, x3=revision("x3", "b2", "SELECT 1")))


def test_code_that_stops_using_a_column_is_named_by_a_revision_without_sql(site: Site) -> None:
    marker = revision("m3", "b2", declares="")
    drop = revision("m4", "m3", "ALTER TABLE items DROP COLUMN state", declares="compatible_since = 'm3'")
    site.run(site.release(A, m3=marker))
    site.run(site.release(A, m3=marker, m4=drop), migrate_allow="shop:m4")

    assert site.run(site.release(A, m3=marker)).endswith("newer than m3 and compatible")
    with pytest.raises(Refused, match="needs code of m3 or newer, this code is b2"):
        site.run(site.release(A))


def test_a_revision_may_ask_for_other_limits_which_end_with_it(site: Site) -> None:
    site.run(site.release(A))
    keep = "CREATE TABLE {} AS SELECT current_setting('statement_timeout') AS limited"
    patient = revision("x3", "b2", keep.format("during"), declares="statement_timeout = '7min'")
    site.run(site.release(A, x3=patient, x4=revision("x4", "x3", keep.format("after"))))

    assert site.one("SELECT limited FROM during") == "7min"
    assert site.one("SELECT limited FROM after") == "5min"
