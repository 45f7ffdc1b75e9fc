"""Which code may run on which schema, and which SQL must say so itself."""

import pytest
from kit.migrate.rules import BREAKING, LOSSY, Applied, judge, may_run

KNOWN_TO_A = ("a1", "b2")
UP_TO_B = [Applied(revision, "a1") for revision in ("a1", "b2", "c3", "g7")]
UP_TO_C = [*UP_TO_B, Applied("h8", "h8")]


@pytest.mark.parametrize(
    ("head", "current", "chain", "known", "is_ready", "reason"),
    [
        ("b2", "b2", [], KNOWN_TO_A, True, "the schema is at b2"),
        ("b2", "g7", UP_TO_B, KNOWN_TO_A, True, "newer than b2 and compatible"),
        ("b2", "h8", UP_TO_C, KNOWN_TO_A, False, "needs code of h8 or newer, this code is b2"),
        ("b2", None, [], KNOWN_TO_A, False, "waiting for migration: the schema is at None"),
        ("g7", "b2", UP_TO_B[:2], ("a1", "b2", "c3", "g7"), False, "at b2, this code needs g7"),
        ("b2", "zz", UP_TO_B, KNOWN_TO_A, False, "which schema_release does not record"),
        ("x3", "g7", UP_TO_B, ("a1", "b2", "x3"), False, "on another branch: x3 was never applied"),
    ],
)
def test_code_runs_on_its_own_schema_and_on_compatible_newer_ones(
    head: str, current: str | None, chain: list[Applied], known: tuple[str, ...], is_ready: bool, reason: str
) -> None:
    verdict = judge(head, current, chain, known)

    assert verdict.is_ready is is_ready
    assert reason in verdict.reason


def test_code_that_is_several_releases_old_runs_on_what_is_compatible_all_along() -> None:
    assert may_run("b2", UP_TO_B)
    assert not may_run("b2", UP_TO_C)
    assert may_run("h8", UP_TO_C)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE a DROP  CONSTRAINT x",
        "ALTER TABLE a DROP b",
        "DROP INDEX i",
        "ALTER TABLE a RENAME COLUMN b TO c",
        "ALTER TYPE s ADD VALUE 'x'",
        "ALTER TABLE a ADD COLUMN b int NOT NULL",
        "ALTER TABLE a ADD b int NOT NULL DEFAULT 0, ADD c int NOT NULL",
        "ALTER TABLE a ALTER b TYPE bigint",
        "ALTER TABLE a ALTER COLUMN b\n SET NOT NULL",
        "alter table a add constraint x check (b > 0)",
        "CREATE UNIQUE INDEX i ON a (b)",
        "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()",
        "DO $$ BEGIN PERFORM 1; END $$",
    ],
)
def test_sql_that_may_break_older_code_is_seen(statement: str) -> None:
    assert BREAKING.search(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE a (b int NOT NULL, CONSTRAINT c UNIQUE (b))",
        "CREATE TYPE s AS ENUM ('a')",
        "CREATE INDEX i ON a (b)",
        "ALTER TABLE a ADD COLUMN b int",
        "ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0",
        "ALTER TABLE a ADD COLUMN b int GENERATED ALWAYS AS IDENTITY NOT NULL",
        "ALTER TABLE a ALTER COLUMN b SET DEFAULT 1",
    ],
)
def test_additive_sql_needs_no_word(statement: str) -> None:
    assert not BREAKING.search(statement)


@pytest.mark.parametrize(
    ("statement", "is_lossy"),
    [
        ("ALTER TABLE a DROP COLUMN b", True),
        ("ALTER TABLE a DROP b", True),
        ("DROP TABLE a", True),
        ("DROP MATERIALIZED VIEW a", True),
        ("TRUNCATE a", True),
        ("DELETE FROM a", True),
        ("ALTER TABLE a ALTER COLUMN b SET DATA TYPE int", True),
        ("ALTER TABLE a DROP  CONSTRAINT c", False),
        ("ALTER TABLE a ALTER COLUMN b DROP NOT NULL", False),
        ("DROP INDEX CONCURRENTLY IF EXISTS i", False),
        ("ALTER TABLE a RENAME COLUMN b TO c", False),
    ],
)
def test_sql_after_which_rows_or_values_are_gone_is_seen(statement: str, is_lossy: bool) -> None:
    assert bool(LOSSY.search(statement)) is is_lossy
