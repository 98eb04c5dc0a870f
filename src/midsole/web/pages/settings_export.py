"""Settings of export: everything as one archive, single lists, and a runner's data erased."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from midsole.actions import export, setup
from midsole.actions.box import Runner
from midsole.domain.errors import Retry, UsageError
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/settings/export"
ARCHIVE = "midsole-{day}.zip"
CHUNK_BYTES = 2**18
LISTS = {
    "activities.csv": "Every run, walk and ride with its numbers",
    "wearings.csv": "Which pair each of them wore, and who said so",
    "shoes.csv": "Pairs with their limits, dates and prices",
    "inserts.csv": "Insoles and pads",
    "fittings.csv": "Which insert was in which pair, and when",
    "alerts.csv": "Every warning that was told",
    "calendar.csv": "Pauses, injuries and races",
    "daily_steps.csv": "Steps of each day",
    "checkins.csv": "What you said of your body",
    "exercises.csv": "Exercises that you ticked",
    "comebacks.csv": "Your ways back after a break or pain",
    "settings.csv": "Your settings and limits",
}

_writing = threading.Lock()
"""One archive at a time: its originals are read whole, which keeps a disk busy."""


@router.get(PLACE)
def overview(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(
    visit: Visit, request: Request, form: Form | None = None, error: UsageError | None = None
) -> Response:
    everyone = setup.everyone(visit.box)
    others = [r for r in everyone if r.id != visit.me.id and not r.is_demo]
    return page(
        visit,
        request,
        "settings_export.html",
        status=422 if error else 200,
        error=error,
        typed=form["name"] if form else "",
        lists=[(name, LISTS.get(name, "")) for name in export.sheet_names(visit.box, visit.me.id)],
        is_only=not others and not visit.me.is_demo,
        others=[(other.id, other.name) for other in others] if visit.is_owner else [],
        home=visit.box.home if visit.is_owner else None,
    )


@router.get(f"{PLACE}/everything.zip", dependencies=[Slowly])
def everything(visit: Mine) -> Response:
    """Written aside first, so that it comes whole or not at all; nothing stays on the disk."""
    if not _writing.acquire(blocking=False):
        raise Retry("Another export is being written. Try again in a minute.")
    try:
        with _aside(visit) as folder:
            archive = folder / "export.zip"
            done = export.export(visit.box, visit.me.id, archive)
            file, size = archive.open("rb"), archive.stat().st_size
    finally:
        _writing.release()
    headers = {"Content-Length": str(size), "X-Midsole-Missing": str(len(done.missing))}
    name = ARCHIVE.format(day=visit.me.today(visit.box.now()))
    return _download(file, name, "application/zip", headers)


@contextmanager
def _aside(visit: Visit) -> Iterator[Path]:
    """In the home, which has room for what it holds; a file that is open is read on when its name is gone."""
    with tempfile.TemporaryDirectory(dir=visit.box.home, prefix=".midsole-download-") as folder:
        yield Path(folder)


def _download(file: IO[bytes], name: str, media_type: str, headers: dict[str, str]) -> Response:
    said = {"Content-Disposition": f'attachment; filename="{name}"', **headers}
    return StreamingResponse(_chunks(file), media_type=media_type, headers=said)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


@router.get(PLACE + "/{name}.csv", dependencies=[Slowly])
def one_list(visit: Mine, name: str) -> Response:
    with _aside(visit) as folder:
        written = folder / "list.csv"
        with written.open("wb") as file:
            export.write_sheet(visit.box, visit.me.id, f"{name}.csv", file)
        found = written.open("rb")
    return _download(found, f"midsole-{name}.csv", "text/csv; charset=utf-8", {})


@router.post(f"{PLACE}/erase")
def erase(visit: Mine, request: Request, form: Posted) -> Response:
    """One's own data after typing the name; the owner may also erase another runner."""
    try:
        who = _whom(visit, form)
        if form["name"].casefold() != who.name.casefold():
            raise UsageError(f"Nothing was erased. To erase it, type the name exactly: {who.name}")
        files = setup.erase_runner(visit.box, who.id)
    except UsageError as error:
        return _page(visit, request, form, error)
    said = f"{who.name} is erased, with {files} {'original' if files == 1 else 'originals'}."
    return go_to(visit, "/" if who.id == visit.me.id else PLACE, said)


def _whom(visit: Visit, form: Form) -> Runner:
    asked = form.whole("runner")
    if asked is None or asked == visit.me.id:
        return visit.me
    others = [r for r in setup.everyone(visit.box) if r.id == asked] if visit.is_owner else []
    if not others:
        raise UsageError("Only the owner erases another runner.")
    return others[0]
