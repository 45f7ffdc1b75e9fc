"""
Write a service's next revision from its models: `python -m kit.migrate revision ingest "open the ledger"`.

The models are `Base.metadata` of `<service>.store`; the revision is what they have and a scratch database
at the head lacks. Read it before it is committed. `python -m kit.migrate sql ingest` writes the SQL of every
revision, for linters to read.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import renderers
from alembic.operations.ops import CreateTableOp, DropTableOp, ExecuteSQLOp, MigrationScript, OpContainer
from alembic.script import Script
from local.postgres import Postgres
from sqlalchemy import MetaData

from kit.db.tables import FUNCTIONS, TRIGGERS
from kit.migrate.plan import pending
from kit.migrate.release import Release
from kit.migrate.render import sql
from kit.migrate.session import session
from kit.migrate.upgrade import upgrade


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m kit.migrate", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    sql_parser = commands.add_parser("sql")
    sql_parser.add_argument("service")
    sql_parser.add_argument("--out", type=Path, required=True, help="the folder for one file a revision")
    revision_parser = commands.add_parser("revision")
    revision_parser.add_argument("service")
    revision_parser.add_argument("message")
    revision_parser.add_argument(
        "--models", help="module:attribute, by default <service>.store:Base.metadata"
    )
    arguments = parser.parse_args()
    if arguments.command == "sql":
        write_sql(f"{arguments.service}.migrations", arguments.service, arguments.out)
        return
    models = arguments.models or f"{arguments.service}.store:Base.metadata"
    revision(f"{arguments.service}.migrations", arguments.message, _load(models))


def revision(package: str, message: str, metadata: MetaData) -> None:
    """Write the revision that takes the head to the models."""
    schema: str = metadata.info["schema"]
    Release(schema, package).versions.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        server = Postgres(Path(directory) / "postgres", durable=False)
        server.start()
        try:
            server.create_database("scratch")
            _write(server.dsn("scratch"), package, schema, message, metadata)
        finally:
            server.stop()


def write_sql(package: str, schema: str, folder: Path) -> None:
    """Write the SQL of every revision, one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for step in pending(Release(schema, package), [], None):
        script = "".join(f"{statement.rstrip(';')};\n" for statement in sql(step.forward))
        (folder / f"{schema}_{step.revision}.sql").write_text(script)


def _write(dsn: str, package: str, schema: str, message: str, metadata: MetaData) -> None:
    upgrade(dsn, package, schema)
    release = Release(schema, package)
    with session(dsn, schema, "revision") as connection:
        made = release.config(
            connection=connection,
            target_metadata=metadata,
            compare_server_default=True,
            process_revision_directives=_add_triggers,
            include_name=_is_ours,
        )
        number = len(release.known) + 1
        script = command.revision(made, message, autogenerate=True, rev_id=f"{number:04}")
        assert isinstance(script, Script)
        _tidy(Path(script.path))


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    return (kind, name) != ("table", "schema_release")


def _tidy(path: Path) -> None:
    """Format the revision as the house does, without Alembic's remarks."""
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.strip().startswith("# ###")))
    for task in ("format --quiet", "check --fix --quiet"):
        subprocess.run([sys.executable, "-m", "ruff", *task.split(), str(path)], check=True, timeout=60)


class _Statement(ExecuteSQLOp):
    """A statement that is written as it reads."""


@renderers.dispatch_for(_Statement)
def _render(_context: Any, operation: _Statement) -> str:
    statement = str(operation.sqltext)
    return f'op.execute("""\n{statement}\n""")' if "\n" in statement else f"op.execute({statement!r})"


def _add_triggers(_context: Any, _revision: Any, scripts: Iterable[MigrationScript]) -> None:
    """Follow the creation of the kit's tables with their triggers, so that revisions say all they do."""
    for script in scripts:
        for container in (script.upgrade_ops, script.downgrade_ops):
            if container is not None:
                _add(container)


def _add(container: OpContainer) -> None:
    for operation in list(container.ops):
        place = container.ops.index(operation) + 1
        if isinstance(operation, CreateTableOp):
            created = [_Statement(statement) for statement in TRIGGERS.get(operation.table_name, ())]
            container.ops[place:place] = created
        elif isinstance(operation, DropTableOp) and operation.table_name in FUNCTIONS:
            container.ops.insert(place, _Statement(f"DROP FUNCTION {FUNCTIONS[operation.table_name]}()"))


def _load(path: str) -> MetaData:
    module, _, attributes = path.partition(":")
    found: Any = import_module(module)
    for name in attributes.split("."):
        found = getattr(found, name)
    assert isinstance(found, MetaData)
    return found


if __name__ == "__main__":
    main()
