"""Uploads: sending files and archives, and how far the reading of them is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from midsole.actions import uploading
from midsole.actions.uploading import MOST_FILES
from midsole.domain.errors import UsageError
from midsole.web.choosing import Number
from midsole.web.page import go_to, page
from midsole.web.receiving import receive
from midsole.web.visit import Mine, Visit

router = APIRouter()

UNDER_WAY = ("receiving", "due")
SLOW = timedelta(minutes=1)
"""A worker that runs has begun by then."""


@router.get("/uploads")
def uploads(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(visit: Visit, request: Request, error: UsageError | None = None) -> Response:
    rows = [_told(visit, upload) for upload in uploading.latest(visit.box, visit.me.id)]
    status = 422 if error else 200
    bounds = {"most_files": MOST_FILES, "most_mb": visit.house.settings.web_upload_mb}
    return page(visit, request, "uploads.html", status=status, error=error, uploads=rows, **bounds)


@router.post("/uploads")
async def send(visit: Mine, request: Request) -> Response:
    """The token of the form is in the address, so that the files are read once, as they come."""
    try:
        upload = await receive(request, visit)
    except UsageError as error:
        return await run_in_threadpool(_page, visit, request, error)
    except HTTPException as full:
        return await run_in_threadpool(_said, visit, request, full)
    files = "1 file is" if upload.files == 1 else f"{upload.files:,} files are"
    return go_to(visit, f"/uploads/{upload.id}", f"{files} here and will be read now.")


def _said(visit: Visit, request: Request, full: HTTPException) -> Response:
    title = "The disk is full"
    return page(visit, request, "trouble.html", status=full.status_code, title=title, detail=str(full.detail))


@router.get("/uploads/{upload_id}")
def upload(visit: Mine, request: Request, upload_id: Number) -> Response:
    found = _told(visit, uploading.view(visit.box, visit.me.id, upload_id))
    return page(visit, request, "upload.html", upload=found)


@router.get("/uploads/{upload_id}/progress")
def progress(visit: Mine, upload_id: Number) -> JSONResponse:
    """What the page's script asks every second."""
    found = _told(visit, uploading.view(visit.box, visit.me.id, upload_id))
    return JSONResponse({name: found[name] for name in ("under_way", "words", "done", "of")})


def _told(visit: Visit, upload: Mapping[str, Any]) -> dict[str, Any]:
    """With what a person reads of it: `words`, and how far it is, `done` of `of` (0: not known yet)."""
    counts = upload["counts"]
    under_way = upload["state"] in UNDER_WAY
    age = visit.box.now() - datetime.fromisoformat(upload["made_at"])
    untouched = upload["state"] == "due" and not upload["attempts"] and age > SLOW
    done, of = counts.get("read", 0), counts.get("to_read", 0) if counts.get("all_in") else 0
    return {
        **upload,
        "under_way": under_way,
        "words": _words(upload),
        "done": done,
        "of": of,
        "untouched": untouched,
    }


def _words(upload: Mapping[str, Any]) -> str:
    counts = upload["counts"]
    match upload["state"]:
        case "receiving":
            return "Arriving."
        case "failed":
            return f"Not taken in: {upload['error']}"
        case "done":
            return _result(counts)
    if not counts:
        return "Here, and waits to be read."
    if not counts["all_in"] or not counts["to_read"]:
        return f"Taking in: {counts['taken']:,} so far."
    return f"Reading: {counts['read']:,} of {counts['to_read']:,}."


def _result(counts: Mapping[str, Any]) -> str:
    """ "12 new activities, 3 files known already, 1 could not be read." """
    told = {
        "new activity|new activities": max(0, counts["activities"]),
        "activity that counts for nothing yet|activities that count for nothing yet": max(
            0, counts["uncounted"]
        ),
        "file known already|files known already": counts["known"],
        "file of another kind|files of another kind": counts["ignored"] + counts["left_out"],
        "file that could not be read|files that could not be read": counts["bad"],
        "file that another Midsole reads now|files that another Midsole reads now": counts["waiting"],
    }
    parts = [f"{n:,} {words.split('|')[n != 1]}" for words, n in told.items() if n]
    return f"{', '.join(parts)}." if parts else "Nothing in it is an activity."
