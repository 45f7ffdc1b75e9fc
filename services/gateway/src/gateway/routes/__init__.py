"""The endpoints, by what they are about."""

from gateway.routes import (
    accounts,
    batches,
    exams,
    images,
    live,
    marking,
    members,
    operations,
    results,
    sessions,
    staging,
    uploads,
)

ROUTERS = tuple(
    module.router
    for module in (
        sessions,
        accounts,
        exams,
        members,
        batches,
        uploads,
        staging,
        marking,
        results,
        live,
        operations,
        images,
    )
)

__all__ = ["ROUTERS"]
