"""What one image knows of its schema: the revisions, the newest of them, and the models."""

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

_SCRIPTS = Path(__file__).parent / "alembic"


@dataclass(frozen=True)
class Release:
    """The revisions in `<package>/versions`; with *models* a migrated schema is compared with them."""

    schema: str
    package: str
    models: MetaData | None = field(default=None, compare=False)

    @cached_property
    def versions(self) -> Path:
        """Tell where the revisions are."""
        return Path(next(iter(import_module(self.package).__path__))) / "versions"

    def config(self, **configure: Any) -> Config:
        """Make Alembic's configuration; *configure* reaches its context."""
        made = Config()
        made.set_main_option("script_location", str(_SCRIPTS))
        made.set_main_option("path_separator", "newline")
        made.set_main_option("version_locations", str(self.versions))
        made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        made.attributes["configure"] = configure
        return made

    @cached_property
    def scripts(self) -> ScriptDirectory:
        """Read the revisions; they do not change while the process runs."""
        return ScriptDirectory.from_config(self.config())

    @cached_property
    def head(self) -> str:
        """Tell the newest revision; there is exactly one."""
        found = self.scripts.get_current_head()
        if found is None:
            raise LookupError(f"{self.package} has no revisions")
        return found

    @cached_property
    def known(self) -> frozenset[str]:
        """Tell every revision."""
        return frozenset(script.revision for script in self.scripts.walk_revisions())

    @property
    def application_name(self) -> str:
        """Name the connections of running code, so that a migration sees whom it would break."""
        return f"head={self.head} {self.schema}"
