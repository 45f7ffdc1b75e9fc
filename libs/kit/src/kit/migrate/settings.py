"""What a migration is told from outside: what may be done, and on which backup it relies."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from kit.settings import Settings

_NAMES = re.compile(r"\w+:\w+(?:,\w+:\w+)*")


def _names(value: str) -> str:
    stripped = re.sub(r"\s", "", value)
    if stripped and not _NAMES.fullmatch(stripped):
        raise ValueError("must be service:revision, comma separated")
    return stripped


def _object(value: str) -> str:
    try:
        found = json.loads(value) if value else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError("must be a JSON object")
    return value


Names = Annotated[str, AfterValidator(_names)]


class MigrationSettings(Settings):
    """Settings of `python -m <service> migrate` alone."""

    service: str = "migrate"
    #: Revisions that may destroy, break running code, or lose rows on the way back.
    migrate_allow: Names = ""
    #: With "required" nothing is changed unless `migrate_approved` names the revision it leads to.
    migrate_approval: Literal["", "none", "required"] = ""
    migrate_approved: Names = ""
    #: What is known of the backup that the migration relies on, as a JSON object.
    migrate_backup: Annotated[str, AfterValidator(_object)] = ""

    def allows(self, schema: str, revision: str) -> bool:
        """Tell whether a revision is allowed by name."""
        return _names_it(self.migrate_allow, schema, revision)

    def approves(self, schema: str, revision: str) -> bool:
        """Tell whether the schema may be brought to a revision."""
        return self.migrate_approval != "required" or _names_it(self.migrate_approved, schema, revision)

    @property
    def backup(self) -> dict[str, Any] | None:
        """Give the backup's reference."""
        return json.loads(self.migrate_backup) if self.migrate_backup else None


def _names_it(names: str, schema: str, revision: str) -> bool:
    """Look for a revision by its number or by the name of its file."""
    wanted = f"{schema}:{revision}"
    return any(name == wanted or name.startswith(f"{wanted}_") for name in names.split(","))
