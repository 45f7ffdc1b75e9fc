"""Compare a migrated schema with what the models would create, as the database itself describes both."""

from pydantic import SecretStr
from sqlalchemy import Connection, MetaData, text

from kit.migrate.session import session

_EXPECTED = "expected_by_models"

#: Columns, constraints, indexes, triggers and functions of a schema, one line each, without its name.
_DESCRIBE = text("""
WITH tables AS (
  SELECT c.oid, c.relname FROM pg_class c
  WHERE c.relnamespace = to_regnamespace(quote_ident(:schema)) AND c.relkind = 'r'
    AND c.relname <> 'alembic_version')
SELECT format('column %s.%s %s%s%s%s', t.relname, a.attname, format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attnotnull THEN ' not null' ELSE '' END, ' identity ' || nullif(a.attidentity::text, ''),
  ' default ' || pg_get_expr(d.adbin, d.adrelid))
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL SELECT format('constraint %s.%s %s', t.relname, c.conname, pg_get_constraintdef(c.oid))
FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype <> 'n'
UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid))
FROM tables t JOIN pg_index i ON i.indrelid = t.oid
UNION ALL SELECT format('trigger %s', pg_get_triggerdef(g.oid))
FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL SELECT format('function %s %s', p.proname, p.prosrc)
FROM pg_proc p WHERE p.pronamespace = to_regnamespace(quote_ident(:schema))
""")


def differences(dsn: str | SecretStr, schema: str, metadata: MetaData) -> list[str]:
    """List what the schema has and the models lack, and the other way round; change nothing."""
    with session(dsn, schema, f"compare {schema}") as connection:
        actual = _describe(connection, schema)
        connection.execute(text(f"CREATE SCHEMA {_EXPECTED}"))
        connection.execute(text(f"SET LOCAL search_path = {_EXPECTED}"))
        metadata.create_all(connection)
        expected = _describe(connection, _EXPECTED)
        connection.rollback()
    extra = [f"only in the schema: {line}" for line in sorted(actual - expected)]
    return extra + [f"only in the models: {line}" for line in sorted(expected - actual)]


def _describe(connection: Connection, schema: str) -> set[str]:
    lines = connection.scalars(_DESCRIBE, {"schema": schema})
    return {" ".join(line.replace(f"{schema}.", "").split()) for line in lines}
