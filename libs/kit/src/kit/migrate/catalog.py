"""Compare a migrated schema with what the models would create, as the database itself describes both."""

import re
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, TextClause, text

from kit.migrate.session import session

#: Columns, constraints, indexes, triggers and functions of a schema, one line each, without its name.
_DESCRIBE = text("""
WITH tables AS (
  SELECT c.oid, c.relname FROM pg_class c
  WHERE c.relnamespace = CAST(:namespace AS oid) AND c.relkind = 'r'
    AND c.relname NOT IN ('alembic_version', 'schema_release'))
SELECT format('column %s.%s %s%s%s%s', t.relname, a.attname, format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attnotnull THEN ' not null' ELSE '' END, ' identity ' || nullif(a.attidentity::text, ''),
  ' default ' || pg_get_expr(d.adbin, d.adrelid))
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL SELECT format('constraint %s.%s %s', t.relname, c.conname, pg_get_constraintdef(c.oid))
FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND (c.contype <> 'n' OR NOT c.convalidated)
UNION ALL SELECT format('index %s%s', pg_get_indexdef(i.indexrelid),
  CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END)
FROM tables t JOIN pg_index i ON i.indrelid = t.oid
UNION ALL SELECT format('trigger %s', pg_get_triggerdef(g.oid))
FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL SELECT format('enum %s %s', y.typname, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder))
FROM pg_type y JOIN pg_enum e ON e.enumtypid = y.oid
WHERE y.typnamespace = CAST(:namespace AS oid) GROUP BY y.typname
UNION ALL SELECT format('function %s %s', p.proname, p.prosrc)
FROM pg_proc p WHERE p.pronamespace = CAST(:namespace AS oid)
""")
_ACTUAL = text("SELECT to_regnamespace(quote_ident(current_schema()))::oid")
_WANTED = text("SELECT pg_my_temp_schema()")
_MAY_COMPARE = text("SELECT has_database_privilege(current_database(), 'TEMP')")

#: What older rows or inserts do not survive although the models do not know it.
_HARMFUL = re.compile(r"^column (?!.* (?:default|identity) ).* not null\b|NOT VALID$|INVALID$")


@dataclass(frozen=True)
class Comparison:
    """What differs between a schema and the models."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    #: The tables that the models know.
    tables: frozenset[str]

    @property
    def all(self) -> list[str]:
        """List every difference."""
        extra = [f"only in the schema: {line}" for line in self.extra]
        return extra + [f"only in the models: {line}" for line in self.missing]

    @property
    def harmful(self) -> list[str]:
        """List what the code would stumble over: the schema may hold more than the models say."""
        extra = tuple(line for line in self.extra if _HARMFUL.search(line) and self._is_known(line))
        return Comparison(self.missing, extra, self.tables).all

    def _is_known(self, line: str) -> bool:
        kind, _, name = line.partition(" ")
        return kind == "index" or name.partition(".")[0] in self.tables


def differences(dsn: str | SecretStr, schema: str, metadata: MetaData) -> list[str]:
    """List what the schema has and the models lack, and the other way round; change nothing."""
    with session(dsn, schema, f"compare {schema}") as connection:
        return compare(connection, schema, metadata).all


def may_compare(connection: Connection) -> bool:
    """Tell whether the role may make the temporary tables that a comparison needs."""
    return bool(connection.scalar(_MAY_COMPARE))


def compare(connection: Connection, schema: str, metadata: MetaData) -> Comparison:
    """Create the models as temporary tables, describe both, roll back."""
    try:
        actual = describe(connection, schema)
        connection.execute(text(f'SET LOCAL search_path = pg_temp, "{schema}"'))
        metadata.create_all(connection, checkfirst=False)
        wanted = describe(connection, schema, _WANTED)
    finally:
        connection.rollback()
    tables = frozenset(table.name for table in metadata.tables.values())
    return Comparison(tuple(sorted(wanted - actual)), tuple(sorted(actual - wanted)), tables)


def describe(connection: Connection, schema: str, namespace: TextClause = _ACTUAL) -> set[str]:
    """Describe the tables that the search path finds first, or those of another namespace."""
    lines = connection.scalars(_DESCRIBE, {"namespace": connection.scalar(namespace)})
    return {" ".join(re.sub(rf"\b(?:pg_temp(?:_\d+)?|{schema})\.", "", line).split()) for line in lines}
