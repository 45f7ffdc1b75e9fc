"""One run of `migrate` on one schema: up to the release's head, or back until older code may run."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from alembic import command
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from pydantic import SecretStr
from sqlalchemy import Connection, text

from kit.migrate import catalog, record
from kit.migrate.grants import grant_to_service
from kit.migrate.plan import Reviewed, Step, pending, review, script_text
from kit.migrate.release import Release
from kit.migrate.render import is_remark
from kit.migrate.rules import Applied, may_run
from kit.migrate.session import MigrationFailed, Patience, Refused, session, with_retries
from kit.migrate.settings import MigrationSettings
from kit.telemetry import get_logger

_LIVE = text("""
SELECT DISTINCT substring(application_name FROM '^head=(\\S+)') FROM pg_stat_activity
WHERE datname = current_database() AND application_name ~ ('^head=\\S+ ' || CAST(:schema AS text) || '( |$)')
""")


class Migration:
    """
    What a run found, what it means to do, and how far it came.

    A failure leaves the schema at a whole revision, on which the code that ran before still runs; running
    it again goes on from there.
    """

    def __init__(
        self,
        release: Release,
        dsn: str | SecretStr,
        settings: MigrationSettings,
        patience: Patience | None = None,
    ) -> None:
        self.release = release
        self.before: str | None = None
        self.after: str | None = None
        #: The pending revisions with verdicts and SQL, for whoever decides.
        self.script = ""
        self._dsn = dsn
        self._settings = settings
        self._patience = patience or Patience()
        self._log = get_logger().bind(schema=release.schema)

    def up(self) -> str:
        """Apply what is pending, one revision a transaction, and compare the result with the models."""
        with self._session("up") as connection:
            self._create_schema(connection)
            if self._is_newer(connection):
                return self._stay(connection)
            chain = record.adopt(connection, self.release, self._circumstances)
            self._grant(connection)
            reviewed = self._review(connection, chain)
            self._refuse(reviewed)
            for each in reviewed:
                self._apply(connection, each.step)
            self._grant(connection)
            return self._summary("applied", reviewed) + self._verified(connection)

    def plan(self) -> str:
        """Say what `up` would do, and change nothing."""
        with self._session("plan") as connection:
            if self._is_newer(connection):
                return self._stay(connection)
            chain = record.adopt(connection, self.release, self._circumstances, write=False)
            reviewed = self._review(connection, chain)
            against = self._against(reviewed)
            return f"would be refused: {against}" if against else self._summary("would apply", reviewed)

    def back(self) -> str:
        """Undo what the schema remembers, newest first, only until this release's code may run."""
        with self._session("back") as connection:
            found = record.verdict(connection, self.release)
            if found.is_ready:
                return f"nothing to do: {found.reason}"
            chain = record.load(connection)
            if self.release.head not in {row.revision for row in chain} or chain[-1].revision != self.before:
                raise Refused(f"{found.reason}; there is no way back to it")
            undone = _undoing(self.release.head, chain)
            self._refuse_loss(undone)
            for applied in undone:
                self._undo(connection, applied)
            self._grant(connection)
            return f"undid {', '.join(applied.revision for applied in undone)}"

    @contextmanager
    def _session(self, action: str) -> Iterator[Connection]:
        who = f"migrate {action} {self.release.schema} on {socket.gethostname()} as {os.getpid()}"
        try:
            with session(self._dsn, self.release.schema, who, self._patience) as connection:
                self.before = self.after = record.current(connection)
                yield connection
        except (CommandError, RevisionError) as error:  # two heads, a missing parent
            raise Refused(str(error)) from error

    @property
    def _circumstances(self) -> record.Circumstances:
        return record.Circumstances(self._settings.version, self.before, self._settings.backup)

    def _create_schema(self, connection: Connection) -> None:
        """Create the schema only where it is missing: asking for it needs rights that its owner may lack."""
        schema = self.release.schema
        if not connection.scalar(text("SELECT to_regnamespace(quote_ident(:schema))"), {"schema": schema}):
            connection.execute(text(f'CREATE SCHEMA "{schema}"'))
        connection.commit()

    def _is_newer(self, connection: Connection) -> bool:
        return self.before is not None and self.before not in self.release.known

    def _stay(self, connection: Connection) -> str:
        """Leave a schema alone that newer code has migrated."""
        found = record.verdict(connection, self.release)
        if not found.is_ready:
            raise Refused(found.reason)
        return f"nothing to do: {found.reason}"

    def _review(self, connection: Connection, chain: list[Applied]) -> list[Reviewed]:
        steps = pending(self.release, chain, self.before)
        live = set(connection.scalars(_LIVE, {"schema": self.release.schema}))
        connection.commit()
        reviewed = review(steps, chain, live)
        self.script = script_text(reviewed)
        return reviewed

    def _refuse(self, reviewed: list[Reviewed]) -> None:
        if against := self._against(reviewed):
            raise Refused(f"{against}; nothing was changed")

    def _against(self, reviewed: list[Reviewed]) -> str:
        """Tell what nobody has allowed or approved."""
        schema = self.release.schema
        unallowed = [each for each in reviewed if each.objections and not self._allows(each.step.revision)]
        if unallowed:
            reasons = (f"{schema}:{each.step.revision} ({', '.join(each.objections)})" for each in unallowed)
            return f"not allowed by name: {'; '.join(reasons)}"
        if reviewed and not self._settings.approves(schema, reviewed[-1].step.revision):
            return f"not approved: {schema}:{reviewed[-1].step.revision}"
        return ""

    def _allows(self, revision: str) -> bool:
        return self._settings.allows(self.release.schema, revision)

    def _apply(self, connection: Connection, step: Step) -> None:
        """Apply a revision; it is there for good once this is logged."""
        with_retries(connection, self._patience, step.revision, partial(self._upgrade, connection, step))
        self.after = step.revision
        self._log.info("revision_applied", revision=step.revision)

    def _upgrade(self, connection: Connection, step: Step) -> None:
        def stamp(ctx: Any, **_: Any) -> None:
            record.record(ctx.connection, step, self._circumstances)  # the transaction of the version

        _limit(connection, step.limits)
        connection.commit()  # Alembic takes an open transaction for the caller's and would never commit
        command.upgrade(self.release.config(connection=connection, on_version_apply=stamp), step.revision)

    def _grant(self, connection: Connection) -> None:
        _limit(connection, {})
        grant_to_service(connection, self.release.schema)
        connection.commit()

    def _verified(self, connection: Connection) -> str:
        """Compare with the models; what only the schema has is noted when it does no harm."""
        if self.release.models is None:
            return ""
        if not catalog.may_compare(connection):
            return "; not compared with the models: the role may not make temporary tables"
        found = catalog.compare(connection, self.release.schema, self.release.models)
        if found.harmful:
            raise MigrationFailed(f"the schema differs from the models: {'; '.join(found.harmful)}")
        for line in found.extra:
            self._log.info("only_in_the_schema", what=line)
        return ""

    def _refuse_loss(self, undone: list[Applied]) -> None:
        against = [
            f"{self.release.schema}:{row.revision} ({'no way back' if row.reverse is None else 'lossy'})"
            for row in undone
            if row.reverse is None or (row.is_lossy and not self._allows(row.revision))
        ]
        if against:
            raise Refused(f"cannot go back: {'; '.join(against)}; nothing was changed")

    def _undo(self, connection: Connection, applied: Applied) -> None:
        """Undo a revision by the statements that were stored with it."""
        with_retries(connection, self._patience, applied.revision, partial(_run_back, connection, applied))
        self.after = record.current(connection)
        self._log.info("revision_undone", revision=applied.revision)

    def _summary(self, verb: str, reviewed: list[Reviewed]) -> str:
        names = ", ".join(each.step.revision for each in reviewed)
        return f"{verb} {names}" if names else f"nothing to do: the schema is at {self.after}"


def _undoing(head: str, chain: list[Applied]) -> list[Applied]:
    rest = list(chain)
    undone: list[Applied] = []
    while not may_run(head, rest):
        undone.append(rest.pop())
    return undone


def _limit(connection: Connection, limits: dict[str, str]) -> None:
    """Return to the session's limits, which operations may have changed, and set those that are asked for."""
    for name in ("lock_timeout", "statement_timeout"):
        connection.execute(text(f"SET {name} = '{limits[name]}'" if name in limits else f"RESET {name}"))


def _run_back(connection: Connection, applied: Applied) -> None:
    """Run the stored statements as they are, BEGIN and COMMIT included, on the bare connection."""
    raw: Any = connection.connection.driver_connection
    statements = list(applied.reverse or ())
    end = len(statements) - 1 - statements[::-1].index("COMMIT;")
    forget = f"DELETE FROM schema_release WHERE revision = '{applied.revision}'"
    raw.autocommit = True
    try:
        for statement in (*statements[:end], forget, *statements[end:]):
            if not is_remark(statement):
                raw.execute(statement.encode())
    finally:
        if not raw.broken:
            raw.execute("ROLLBACK")
            raw.autocommit = False
