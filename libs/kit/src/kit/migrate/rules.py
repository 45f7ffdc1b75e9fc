"""Which code may run on which schema, and which SQL can break code or lose rows: pure judgements."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

#: What may be dropped without losing a row; a name after DROP may stand without COLUMN.
_KEEPS_ROWS = (
    "CONSTRAINT|DEFAULT|NOT|IDENTITY|EXPRESSION|INDEX|FUNCTION|PROCEDURE|TRIGGER|RULE|POLICY|VIEW|STATISTICS"
)

#: One action of an ALTER TABLE, up to the next.
_ACTION = r"(?:(?!,\s*ADD\b).)*"

#: SQL after which rows or values are gone.
LOSSY = re.compile(
    rf"\bDROP\s++(?!(?:{_KEEPS_ROWS})\b)"
    r"|\b(?:TRUNCATE|DELETE\s+FROM)\b"
    r"|\bALTER\s+(?:COLUMN\s+)?\S+\s+(?:SET\s+DATA\s+)?TYPE\b",
    re.IGNORECASE,
)

#: SQL that code which was written before it may not survive, or whose effect cannot be read off it.
BREAKING = re.compile(
    rf"{LOSSY.pattern}"
    r"|\b(?:DROP|RENAME|REVOKE)\b"
    r"|\bSET\s+(?:NOT\s+NULL|SCHEMA)\b"
    r"|\bADD\s+(?:CONSTRAINT|CHECK|UNIQUE|PRIMARY\s+KEY|FOREIGN\s+KEY|EXCLUDE|VALUE)\b"
    r"|\bCREATE\s+(?:UNIQUE|OR\s+REPLACE|RULE|POLICY|(?:CONSTRAINT\s+)?TRIGGER)\b"
    r"|\bROW\s+LEVEL\s+SECURITY\b"
    rf"|\bADD\b(?={_ACTION}\bNOT\s+NULL\b)(?!{_ACTION}\b(?:DEFAULT|GENERATED)\b)"
    r"|\bDO\b\s*(?:LANGUAGE\b|\$)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Applied:
    """A revision that the schema has; sequences of them are oldest first."""

    revision: str
    #: The oldest code that may run on the schema as this revision leaves it.
    compatible_since: str
    reverse: tuple[str, ...] | None = None
    is_lossy: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether code may run on a schema, and why."""

    is_ready: bool
    reason: str


def may_run(head: str, chain: Sequence[Applied]) -> bool:
    """Tell whether code with this head works on the schema that the chain ends in."""
    order = [applied.revision for applied in chain]
    return head in order and order.index(chain[-1].compatible_since) <= order.index(head)


def judge(head: str, current: str | None, chain: Sequence[Applied], known: Collection[str]) -> Verdict:
    """Judge code with this head, whose folder holds the known revisions, on a schema at *current*."""
    applied = {each.revision for each in chain}
    if current == head:
        return Verdict(True, f"the schema is at {head}")
    if current is None or (current in known and head not in applied):
        return Verdict(False, f"waiting for migration: the schema is at {current}, this code needs {head}")
    if not chain or chain[-1].revision != current:
        return Verdict(False, f"the schema is at {current}, which schema_release does not record")
    if head not in applied:
        return Verdict(False, f"the schema is at {current}, on another branch: {head} was never applied")
    if may_run(head, chain):
        return Verdict(True, f"the schema is at {current}, newer than {head} and compatible")
    since = chain[-1].compatible_since
    return Verdict(
        False, f"the schema is at {current} and needs code of {since} or newer, this code is {head}"
    )
