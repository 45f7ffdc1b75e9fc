"""The web app's files; any other path is the app itself, which routes in the browser."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from gateway.access import Anyone
from gateway.refusals import NothingHere

FOREVER = "public, max-age=31536000, immutable"
#: Folders whose paths never mean the app: what is missing there is missing.
NOT_THE_APP = ("api/", "i/", "assets/")


def router(root: Path) -> APIRouter:
    """The route that serves the built app in *root*."""
    routes = APIRouter()
    index = root / "index.html"

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False, dependencies=[Anyone])
    async def read_web(path: str) -> Response:
        file = _file(root, path)
        if file is not None:
            caching = FOREVER if path.startswith("assets/") else "no-cache"
            return FileResponse(file, headers={"Cache-Control": caching})
        if path.startswith(NOT_THE_APP) or not index.is_file():
            raise NothingHere
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    return routes


def _file(root: Path, path: str) -> Path | None:
    """The file that a path names, if it is one of the app's own."""
    if not path or "\0" in path:
        return None
    file = (root / path).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None
