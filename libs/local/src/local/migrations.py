"""Know that this very code has already migrated this data, so that a second start need not."""

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from local.files import write
from local.home import Home


def fingerprint(packages: Iterable[str]) -> str:
    """Hash the packages' code: any change to it migrates again."""
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted(_folder(package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def are_done(home: Home, code: str) -> bool:
    """Say whether both the database and the broker bear the mark: whoever empties one migrates again."""
    return all(mark.exists() and mark.read_text() == code for mark in _marks(home))


def mark_done(home: Home, code: str) -> None:
    """Leave the mark of the code that has migrated everything."""
    for mark in _marks(home):
        write(mark, code)


def _marks(home: Home) -> tuple[Path, ...]:
    return (home.postgres / "korrigo.migrated", home.nats / "korrigo.migrated")


def _folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])
