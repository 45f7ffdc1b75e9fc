"""Who may call which method, written on the method."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf import descriptor_pool

from kit.errors import PermissionDenied
from kit.identity import Caller

Method = TypeVar("Method", bound=Callable[..., Any])


class NotAllowed(PermissionDenied):
    """You may not do this in this role."""


@dataclass(frozen=True)
class Access:
    """The roles of people and the workloads that may call a method."""

    roles: frozenset[str]
    services: frozenset[str]

    def admits(self, caller: Caller) -> bool:
        """Tell whether *caller* may call."""
        return caller.issuer in self.services if caller.is_service else caller.role in self.roles


def allowed(*roles: str, services: tuple[str, ...] = ()) -> Callable[[Method], Method]:
    """Let people in one of *roles*, and the named services, call this method; nobody else may."""

    def mark(method: Method) -> Method:
        method.__allowed__ = Access(frozenset(roles), frozenset(services))  # type: ignore[attr-defined]
        return method

    return mark


def rules(servicer: object, service: str) -> dict[str, Access]:
    """Collect the access of each method of *service* by its path; one that says nothing is an error."""
    methods = descriptor_pool.Default().FindServiceByName(service).methods
    found = {method.name: _access(servicer, method.name) for method in methods}
    if silent := [name for name, access in found.items() if access is None]:
        raise AssertionError(f"{service}: {', '.join(silent)} must say who is allowed")
    return {f"/{service}/{name}": access for name, access in found.items() if access}


def _access(servicer: object, name: str) -> Access | None:
    return getattr(getattr(servicer, name, None), "__allowed__", None)


_caller: ContextVar[Caller] = ContextVar("caller")


@contextmanager
def called_by(caller: Caller) -> Iterator[None]:
    """Let `caller()` tell *caller* in this context."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def caller() -> Caller:
    """Tell who called the method that is being served; LookupError outside of one."""
    return _caller.get()
