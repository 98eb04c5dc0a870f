"""Settings of health data: who asks and when, the reminder, what is kept, its export and its deletion."""

import tempfile
from datetime import time
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import asking, export, forgetting, routine
from midsole.domain.asking import EVERY, HOW, NEVER, RULES
from midsole.domain.check_in_words import capital
from midsole.domain.errors import UsageError
from midsole.domain.letter import PAIN_FOOTER
from midsole.web.forms import Form, Posted
from midsole.web.message_words import CHANNELS, KINDS
from midsole.web.page import go_to, page
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/settings/health"
WORDS: dict[str, Any] = {"channels": CHANNELS, "kinds": KINDS}
SURE = "delete"
"""The word to type before anything is deleted."""
HINTS = {
    RULES: "While something is open, after a much longer run, in a new pair, on the way back; "
    "else once a week.",
    EVERY: "Whether anything is open or not.",
    NEVER: "You can still say how it was whenever you like.",
}


@router.get(PLACE)
def health(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(
    visit: Visit, request: Request, error: UsageError | None = None, part: str = "", **typed: str
) -> Response:
    box, me = visit.box, visit.me
    held = forgetting.held(box, me.id)
    at = me.routine_at
    return page(
        visit,
        request,
        "settings_health.html",
        status=422 if error else 200,
        error=error,
        part=part,
        ways=[(way, capital(words), HINTS[way]) for way, words in HOW.items()],
        ask=me.check_in_ask,
        reminder=typed.get("reminder", f"{at:%H:%M}" if at else ""),
        word=typed.get("word", ""),
        sure=SURE,
        held=held,
        kept=forgetting.in_words(held.counts),
        sent=forgetting.what_was_sent(box, me.id),
        lists=export.HEALTH_SHEETS,
        clinician=PAIN_FOOTER,
        **WORDS,
    )


@router.post(f"{PLACE}/asking")
def set_asking(visit: Mine, request: Request, form: Posted) -> Response:
    try:
        asking.set_ask(visit.box, visit.me.id, form.text("ask", "How you are asked"))
    except UsageError as error:
        return _page(visit, request, error, "asking")
    return go_to(visit, PLACE, "How you are asked is saved.")


@router.post(f"{PLACE}/reminder")
def set_reminder(visit: Mine, request: Request, form: Posted) -> Response:
    """An empty hour ends the reminders."""
    try:
        routine.set_reminder(visit.box, visit.me.id, _time(form))
    except UsageError as error:
        return _page(visit, request, error, "reminder", reminder=form["reminder"])
    return go_to(visit, PLACE, "The reminder is saved.")


def _time(form: Form) -> time | None:
    said = form.maybe("reminder")
    if said is None:
        return None
    try:
        return time.fromisoformat(said).replace(tzinfo=None)
    except ValueError:
        raise UsageError(f"{said!r} is no time of day: write it as 18:30.") from None


@router.get(f"{PLACE}/health.zip", dependencies=[Slowly])
def download(visit: Mine) -> Response:
    """Nothing of it stays on the disk."""
    with tempfile.TemporaryDirectory(dir=visit.box.home, prefix=".midsole-download-") as folder:
        archive = Path(folder) / "health.zip"
        export.export_health(visit.box, visit.me.id, archive)
        content = archive.read_bytes()
    name = f"midsole-health-{visit.me.today(visit.box.now())}.zip"
    said = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/zip", headers=said)


@router.post(f"{PLACE}/delete", dependencies=[Slowly])
def delete(visit: Mine, request: Request, form: Posted) -> Response:
    """The answer itself says what was deleted: it is kept nowhere, a cookie included."""
    try:
        if form["word"].casefold() != SURE:
            raise UsageError(f"Nothing was deleted. To delete it, type the word {SURE}.")
    except UsageError as error:
        return _page(visit, request, error, "delete", word=form["word"])
    done = forgetting.forget(visit.box, visit.me.id)
    gone = forgetting.in_words(done.counts)
    return page(visit, request, "settings_health_deleted.html", done=done, gone=gone, **WORDS)
