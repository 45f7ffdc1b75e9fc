"""The next releases that a cluster is upgraded to: what each does to the schema, and the way back."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import grading.migrations
import psycopg
import pytest
from grading.store import METADATA
from kit.migrate import Migration, MigrationFailed, MigrationSettings, Refused, Release
from kit.testing import Template
from local.postgres import Postgres

RELEASES = Path(__file__).parents[3] / "tests" / "cluster" / "releases"
NOW = Release("grading", "grading.migrations", METADATA)
_numbers = count(1)


@pytest.fixture
def dsn(postgres: Postgres, template: Template) -> Iterator[str]:
    """Give a database that this release has migrated."""
    name = f"grading_release_{next(_numbers)}"
    postgres.create_database(name, template=template("grading.migrations", "grading"))
    yield postgres.dsn(name)
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Release:
    """Give the release that the test names, as the image would hold it."""
    package = f"following_{next(_numbers)}"
    shutil.copytree(next(iter(grading.migrations.__path__)), tmp_path / package)
    shutil.copytree(RELEASES / request.param, tmp_path / package / "versions", dirs_exist_ok=True)
    monkeypatch.syspath_prepend(tmp_path)
    return Release("grading", package, METADATA)


def up(release: Release, dsn: str, allow: str = "") -> str:
    return Migration(release, dsn, MigrationSettings(migrate_allow=allow)).up()


def back(dsn: str) -> str:
    return Migration(NOW, dsn, MigrationSettings()).back()


@pytest.mark.parametrize("following", ["compatible"], indirect=True)
def test_a_compatible_release_is_applied_and_stays(dsn: str, following: Release) -> None:
    assert up(following, dsn) == "applied 9001"
    assert back(dsn) == f"nothing to do: the schema is at 9001, newer than {NOW.head} and compatible"


@pytest.mark.parametrize("following", ["incompatible"], indirect=True)
def test_an_incompatible_release_is_refused_beside_older_code_and_undone_for_it(
    dsn: str, following: Release
) -> None:
    with psycopg.connect(dsn, application_name=NOW.application_name):
        with pytest.raises(Refused, match=rf"grading:9002 \(breaks running code of {NOW.head}\)"):
            up(following, dsn)
        assert up(following, dsn, "grading:9002") == "applied 9001, 9002"

    assert back(dsn) == "undid 9002"
    assert up(following, dsn) == "applied 9002"


@pytest.mark.parametrize("following", ["failing"], indirect=True)
def test_a_failing_release_leaves_a_schema_that_suits_older_code(dsn: str, following: Release) -> None:
    with pytest.raises(MigrationFailed, match='9002: relation "constellations" does not exist'):
        up(following, dsn)

    assert back(dsn) == f"nothing to do: the schema is at 9001, newer than {NOW.head} and compatible"


@pytest.mark.parametrize("following", ["destructive"], indirect=True)
def test_a_destructive_release_waits_for_a_word(dsn: str, following: Release) -> None:
    with pytest.raises(Refused, match=r"grading:9001 \(destructive\)"):
        up(following, dsn)

    assert up(following, dsn, "grading:9001") == "applied 9001"
    assert back(dsn).startswith("nothing to do: ")
