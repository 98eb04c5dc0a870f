"""Uploads: many files or archives at once, and what became of them."""

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from midsole.actions import uploading
from midsole.web.api.answers import All, answer, items
from midsole.web.api.words import Asked, PathId, Told
from midsole.web.api_visit import wanting
from midsole.web.problems import PROBLEM
from midsole.web.receiving import receive
from midsole.web.visit import Visit

router = APIRouter(tags=["uploads"])
type Uploader = Annotated[Visit, Depends(wanting("upload"))]
MULTIPART = "multipart/form-data"
FORM = {
    "requestBody": {
        "required": True,
        "description": "Each part with a file name is a file or an archive; its field's name is free.",
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                    "required": ["file"],
                }
            }
        },
    }
}
NO_ROOM = {
    "description": "The disk is full",
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Upload(Told):
    """`state` is receiving, due, done or failed; `counts` grows while a worker reads the files."""

    id: int
    made_at: str
    state: str
    files: int
    bytes: int
    attempts: int
    counts: dict[str, Any]
    error: str | None
    done_at: str | None


class Latest(Asked):
    limit: Annotated[int, Field(ge=1, le=500)] = 20


@router.post("/uploads", response_model=Upload, status_code=202, openapi_extra=FORM, responses={507: NO_ROOM})
async def upload(request: Request, visit: Uploader) -> Response:
    """Send files or archives; a worker reads them, and Location says where to ask how far it is."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MULTIPART:
        raise HTTPException(415, f"Send the files as a form: Content-Type: {MULTIPART}.")
    received = await receive(request, visit)
    found = await run_sync(uploading.view, visit.box, visit.me.id, received.id)
    response = answer(request, found, 202)
    response.headers["location"] = f"/api/v1/uploads/{received.id}"
    return response


@router.get("/uploads", response_model=All[Upload])
def list_uploads(request: Request, visit: Uploader, asked: Annotated[Latest, Query()]) -> Response:
    """The latest uploads, the newest first; they are forgotten after 90 days."""
    return items(request, uploading.latest(visit.box, visit.me.id, asked.limit))


@router.get("/uploads/{upload_id}", response_model=Upload)
def show_upload(request: Request, visit: Uploader, upload_id: PathId) -> Response:
    """How far an upload is, and what became of its files."""
    return answer(request, uploading.view(visit.box, visit.me.id, upload_id))
