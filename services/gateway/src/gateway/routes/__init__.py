"""The endpoints, by what they are about."""

from fastapi import APIRouter

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

API = APIRouter(prefix="/api/v1")
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
):
    API.include_router(module.router)

IMAGES = images.router

__all__ = ["API", "IMAGES"]
