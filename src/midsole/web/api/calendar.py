"""The calendar feed: when pairs will be worn out, how far today's run may go, and the races."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from midsole.actions import calendar_feed, entering
from midsole.web.api.answers import answer
from midsole.web.api_visit import wanting
from midsole.web.visit import LoginNeeded, Visit, visiting

router = APIRouter(tags=["calendar"])
CALENDAR = "text/calendar"
SCOPE = "calendar"


def subscriber(
    request: Request,
    visit: Annotated[Visit, Depends(visiting)],
    token: Annotated[
        str | None, Query(max_length=200, description="For calendar programs, which send no headers.")
    ] = None,
) -> Visit:
    """By a token in the address, else as everywhere."""
    if token is None:
        return wanting(SCOPE)(request, visit)
    known = entering.by_token(visit.box, token)
    if known is None:
        raise LoginNeeded
    return wanting(SCOPE)(request, replace(visit, how="token", runner=known.runner, scopes=known.scopes))


@router.get(
    "/calendar.ics",
    response_class=Response,
    responses={200: {"content": {CALENDAR: {"schema": {"type": "string"}}}, "description": "iCalendar"}},
)
def show_calendar(request: Request, visit: Annotated[Visit, Depends(subscriber)]) -> Response:
    """When pairs will be worn out, how far today's run may go, and planned races, as all-day events."""
    return answer(request, calendar_feed.calendar(visit.box, visit.me.id), media_type=CALENDAR)
