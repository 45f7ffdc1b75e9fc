"""Back: run by the older image, which has none of the revisions that it undoes."""

import asyncio
import json

import pytest
from kit.migrate import MigrationFailed, Patience, Refused

from libs.kit.tests.migrate.site import A, B, C, Site, revision, running, until

LOSSY = revision(
    "i9",
    "h8",
    "ALTER TABLE items ADD COLUMN must text NOT NULL DEFAULT ''",
    declares="compatible_since = 'i9'",
).replace("def downgrade(): pass", "def downgrade(): op.execute('ALTER TABLE items DROP COLUMN must')")
STAYS = "nothing to do: the schema is at {}, newer than b2 and compatible"


def test_compatible_changes_stay(site: Site) -> None:
    site.run(site.release(A))
    site.run(site.release(B))

    assert site.run(site.release(A), "back") == STAYS.format("g7")
    assert site.revision == "g7"


async def test_only_what_older_code_cannot_bear_is_undone_and_can_be_done_again(site: Site) -> None:
    old = site.release(A)
    site.run(old)
    site.run(site.release(C))
    site.sql("INSERT INTO items (title, note) VALUES ('kept', 'kept too')")
    assert "needs code of h8" in await site.is_ready(old)

    assert site.run(old, "back") == "undid h8"

    assert (site.revision, site.recorded) == ("g7", "a1 b2 c3 d4 e5 f6 g7")
    assert site.sql("SELECT name, note FROM items") == [("kept", "kept too")]
    async with running(site, old) as pod:
        pass
    assert pod.errors == []
    assert "waiting for migration" in await site.is_ready(site.release(C))
    site.run(site.release(C))
    assert site.sql("SELECT title, note FROM items WHERE note <> ''") == [("kept", "kept too")]


def test_after_a_half_done_up_there_is_nothing_to_undo(site: Site) -> None:
    old = site.release(A)
    site.run(old)
    broken = revision("d4", "c3", "SELECT 1/0")
    with pytest.raises(MigrationFailed, match="d4: division by zero"):
        site.run(site.release("c3", d4=broken))

    for action in ("back", "up"):
        assert site.run(old, action) == STAYS.format("c3")


def test_a_lossy_way_back_waits_for_a_word(site: Site) -> None:
    old = site.release(A)
    site.run(old)
    site.run(site.release(C, i9=LOSSY))

    with pytest.raises(Refused, match=r"cannot go back: shop:i9 \(lossy\); nothing was changed"):
        site.run(old, "back")
    assert site.revision == "i9"

    assert site.run(old, "back", migrate_allow="shop:i9") == "undid i9, h8"
    assert site.revision == "g7"


@pytest.mark.parametrize(
    "downgrade", ["def downgrade(): pass", "def downgrade(): raise NotImplementedError", ""]
)
def test_a_revision_without_a_way_back_ends_it(site: Site, downgrade: str) -> None:
    one_way = revision("i9", "g7", "ALTER TABLE items RENAME TO things", declares="compatible_since = 'i9'")
    site.run(site.release(B, i9=one_way.replace("def downgrade(): pass", downgrade)))

    with pytest.raises(Refused, match=r"shop:i9 \(no way back\)"):
        site.run(site.release(A), "back", migrate_allow="shop:i9")
    assert site.revision == "i9"


def test_stored_statements_run_as_they_were_written(site: Site) -> None:
    way_back = """def downgrade():
    op.execute("UPDATE items SET note = 'a;b%' WHERE name LIKE 'x%'")
    op.execute(sa.text("UPDATE items SET note = note || :v").bindparams(v="o'k"))
    op.execute("DO $$ BEGIN PERFORM 1; PERFORM 2; END $$")
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_items_price")
"""
    breaking = revision("i9", "g7", "SELECT 1", declares="import sqlalchemy as sa\ncompatible_since = 'i9'")
    site.run(site.release(B, i9=breaking.replace("def downgrade(): pass", way_back)))
    site.sql("INSERT INTO items (name) VALUES ('xyz')")

    assert site.run(site.release(B), "back") == "undid i9"

    assert site.one("SELECT note FROM items") == "a;b%o'k"
    assert site.one("SELECT to_regclass('ix_items_price')") is None
    assert (site.revision, site.recorded) == ("g7", "a1 b2 c3 d4 e5 f6 g7")


def test_a_held_table_leaves_the_newer_schema(site: Site) -> None:
    site.run(site.release(C))
    with site.connect("a slow report") as holder:
        holder.autocommit = False
        holder.execute("SELECT count(*) FROM items")
        with pytest.raises(MigrationFailed, match=r"h8: canceling .* in the way: a slow report"):
            site.run(site.release(A), "back", patience=Patience(tries=1))
    assert (site.revision, site.recorded[-2:]) == ("h8", "h8")

    assert site.run(site.release(A), "back") == "undid h8"


async def test_a_way_back_that_was_killed_goes_on(site: Site) -> None:
    old = site.release(A)
    site.run(site.release(C))
    kept = json.dumps(site.one("SELECT reverse_sql FROM schema_release WHERE revision = 'h8'"))
    put = "UPDATE schema_release SET reverse_sql = '{}' WHERE revision = 'h8'"
    site.sql(put.format(json.dumps(["BEGIN;", "SELECT pg_sleep(60)", "COMMIT;"])))
    job = site.start(old, "back")
    await until(lambda: site.is_running("%pg_sleep%"))
    job.kill()
    await until(lambda: not site.is_locked())
    assert (site.revision, site.recorded[-2:]) == ("h8", "h8")

    site.sql(put.format(kept.replace("'", "''")))

    assert await asyncio.to_thread(site.run, old, "back") == "undid h8"


def test_a_newer_release_is_no_way_back(site: Site) -> None:
    site.run(site.release(A))

    with pytest.raises(Refused, match=r"waiting for migration: .* needs g7; there is no way back to it"):
        site.run(site.release(B), "back")


def test_a_revision_that_nobody_recorded_is_not_undone(site: Site) -> None:
    site.run(site.release(A))
    site.sql("UPDATE alembic_version SET version_num = 'zz'")

    with pytest.raises(Refused, match="at zz, which schema_release does not record"):
        site.run(site.release(A), "back")
