"""Page images by random key; what the session may not see does not exist."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from gateway.access import SignedIn
from gateway.context import Context, context

router = APIRouter(tags=["images"])
On = Annotated[Context, Depends(context)]
CACHE_CONTROL = "private, max-age=31536000, immutable"


@router.get("/i/{key}")
async def read_image(key: str, request: Request, person: SignedIn, on: On) -> Response:
    """One image. The address never changes its content."""
    found = await on.images.find(key, account_id=person.account.id, session_id=person.session.id)
    etag = f'"{key}"'
    headers = {"Cache-Control": CACHE_CONTROL, "ETag": etag}
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    content = await on.blobs.get(found.blob_key)
    return Response(content, headers=headers, media_type=found.media_type)
