"""The files that came in: which are counted, which not and why, trying again and setting aside."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from midsole.actions import files
from midsole.web.api.answers import All, Page, Paged, items, page
from midsole.web.api.answers import number_in as cursor_number
from midsole.web.api.who import Reader, Writer
from midsole.web.api.words import Ids, Said, Told
from midsole.web.slowly import Slowly

router = APIRouter(tags=["files"])


class File(Told):
    id: int
    name: str
    received_at: str
    size_bytes: int
    format: str | None
    state: str
    cause: str
    reason: str | None
    attempts: int
    activities: list[int]


class WhichFiles(Paged):
    """`all`: also those that are counted; `bad`: only those that could not be read."""

    all: bool = False
    bad: bool = False


class Named(Said):
    ids: Ids


class Again(Said):
    """Without `ids`: all that could not be read."""

    ids: Ids | None = None


@router.get("/files", response_model=Page[File])
def list_files(request: Request, visit: Reader, asked: Annotated[WhichFiles, Query()]) -> Response:
    """The files that are not counted and why, the newest first."""
    rows, last = files.listing_before(
        visit.box,
        visit.me.id,
        cursor_number(asked.cursor),
        asked.limit,
        everything=asked.all,
        bad=asked.bad,
    )
    return page(request, rows, last)


@router.post("/files/retry", response_model=All[File], dependencies=[Slowly])
def retry_files(request: Request, visit: Writer, said: Again) -> Response:
    """Read files again now, or bring back what you ignored."""
    return items(request, files.retry(visit.box, visit.me.id, said.ids))


@router.post("/files/ignore", response_model=All[File])
def ignore_files(request: Request, visit: Writer, said: Named) -> Response:
    """Say that files need not be counted; they are kept."""
    return items(request, files.ignore(visit.box, visit.me.id, said.ids))
