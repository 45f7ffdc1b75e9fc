"""What a release would do to a schema: its pending revisions with their SQL, their way back and a verdict."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from alembic.script import Script

from kit.migrate.release import Release
from kit.migrate.render import body, render
from kit.migrate.rules import BREAKING, LOSSY, Applied, may_run
from kit.migrate.session import Refused

T = TypeVar("T")

_LIMITS = ("lock_timeout", "statement_timeout")


@dataclass(frozen=True)
class Step:
    """A pending revision as its file declares it."""

    revision: str
    title: str
    compatible_since: str
    forward: tuple[str, ...]
    reverse: tuple[str, ...] | None
    is_destructive: bool
    #: Settings of the connection that the revision asks for, else the session's hold.
    limits: dict[str, str]

    @property
    def is_lossy(self) -> bool:
        """Tell whether the way back loses rows or values."""
        return any(map(LOSSY.search, body(self.reverse or ())))

    @property
    def applied(self) -> Applied:
        """Give what the schema remembers of it."""
        return Applied(self.revision, self.compatible_since, self.reverse, self.is_lossy)


@dataclass(frozen=True)
class Reviewed:
    """A step and what stands against it."""

    step: Step
    objections: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say the verdict in a line."""
        step = self.step
        back = "no way back" if step.reverse is None else "lossy way back" if step.is_lossy else "way back"
        against = "; ".join(self.objections) or "no objection"
        return f"{step.revision} {step.title} -- code since {step.compatible_since}; {back}; {against}"


def pending(
    release: Release, chain: Sequence[Applied], current: str | None, upto: str = "head"
) -> list[Step]:
    """List the revisions after *current*, oldest first; `compatible_since` is carried on, never back."""
    found: list[Step] = []
    rows = list(chain)
    scripts = list(release.scripts.iterate_revisions(upto, current or "base"))
    for script in reversed(scripts):
        step = _carried(_step(release, script, rows[-1] if rows else None), rows)
        found.append(step)
        rows.append(step.applied)
    return found


def review(steps: Iterable[Step], chain: Sequence[Applied], live: Collection[str]) -> list[Reviewed]:
    """Say what stands against each step, given the heads of the code that is running."""
    reviewed: list[Reviewed] = []
    before = list(chain)
    for step in steps:
        after = [*before, step.applied]
        broken = sorted(head for head in live if may_run(head, before) and not may_run(head, after))
        objections = ["destructive"] if step.is_destructive else []
        objections += [f"breaks running code of {head}" for head in broken]
        reviewed.append(Reviewed(step, tuple(objections)))
        before = after
    return reviewed


def script_text(reviewed: Sequence[Reviewed]) -> str:
    """Write the plan as a script: each verdict as a comment above its SQL."""
    return "\n\n".join("\n".join((f"-- {each}", *body(each.step.forward))) for each in reviewed)


def _carried(step: Step, rows: Sequence[Applied]) -> Step:
    order = [*(row.revision for row in rows), step.revision]
    if step.compatible_since not in order:
        raise Refused(f"{step.revision}: compatible_since {step.compatible_since!r} is no ancestor of it")
    if rows and order.index(step.compatible_since) < order.index(rows[-1].compatible_since):
        return replace(step, compatible_since=rows[-1].compatible_since)
    return step


def _step(release: Release, script: Script, previous: Applied | None) -> Step:
    before = str(script.down_revision or "base")
    forward = render(release, f"{before}:{script.revision}")
    return Step(
        revision=script.revision,
        title=(script.doc or "").rstrip("."),
        compatible_since=_compatible_since(script, body(forward), previous),
        forward=forward,
        reverse=_reverse(release, script, before, is_empty=not body(forward)),
        is_destructive=_declared(script, "is_destructive", any(map(LOSSY.search, body(forward)))),
        limits={name: value for name in _LIMITS if (value := _declared(script, name, ""))},
    )


def _compatible_since(script: Script, forward: tuple[str, ...], previous: Applied | None) -> str:
    """Inherit what is not declared, but guess nothing: SQL that may break older code must declare it."""
    if declared := _declared(script, "compatible_since", ""):
        return declared
    if previous is None:
        return script.revision
    if breaking := next(filter(BREAKING.search, forward), None):
        raise Refused(f"{script.revision} must declare compatible_since: {breaking}")
    return previous.compatible_since


def _reverse(release: Release, script: Script, before: str, *, is_empty: bool) -> tuple[str, ...] | None:
    """Render the way back; an empty `downgrade` is none unless the revision says or does nothing."""
    if not hasattr(script.module, "downgrade"):
        return None
    try:
        reverse = render(release, f"{script.revision}:{before}", down=True)
    except NotImplementedError:
        return None
    is_meant = is_empty or _declared(script, "reverse_is_nothing", False)
    return reverse if body(reverse) or is_meant else None


def _declared(script: Script, name: str, default: T) -> T:
    found: T = getattr(script.module, name, default)
    return found
