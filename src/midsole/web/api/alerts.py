"""Alerts: what stands, what was, and what the runner does about one."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from midsole.actions import alerts, views
from midsole.actions.alert_view import one_alert
from midsole.domain.beside_mail import is_of_the_body
from midsole.domain.errors import NotThere
from midsole.web.api.answers import Page, Paged, answer, cut, page
from midsole.web.api.who import Reader, Writer
from midsole.web.api.words import PathId, Said, Told
from midsole.web.visit import Visit

router = APIRouter(tags=["alerts"])


class Alert(Told):
    """`numbers` are what the rule saw, other ones by rule; `activity` is the run it is about."""

    id: int
    rule: str
    name: str
    level: str
    subject: str
    activity: int | None
    state: str
    happened_on: str
    opened_at: str
    snoozed_until: str | None
    resolved_at: str | None
    pushed_at: str | None
    text: str
    advice: str
    evidence: str
    numbers: dict[str, Any]


class WhichAlerts(Paged):
    """`resolved`: also those that are no longer so."""

    resolved: bool = False


class Snooze(Said):
    days: Annotated[int, Field(ge=1, le=366)] = 7


@router.get("/alerts", response_model=Page[Alert])
def list_alerts(request: Request, visit: Reader, asked: Annotated[WhichAlerts, Query()]) -> Response:
    """The alerts that stand, the newest first; to a token without the scope `health` none of the body."""
    known = views.alerts(visit.box, visit.me.id, also_resolved=asked.resolved)
    rows = [row for row in known if may_see(visit, row)]
    rows.sort(key=lambda row: -row["id"])
    return page(request, *cut(rows, asked, "id"))


@router.get("/alerts/{alert_id}", response_model=Alert)
def show_alert(request: Request, visit: Reader, alert_id: PathId) -> Response:
    """One alert, also where it is resolved."""
    return answer(request, _shown(visit, alert_id))


def _shown(visit: Visit, alert_id: int) -> dict[str, Any]:
    found = one_alert(visit.box, visit.me.id, alert_id)
    if not may_see(visit, found):
        raise NotThere(f"There is no alert {alert_id}.")
    return found


def may_see(visit: Visit, row: Mapping[str, Any]) -> bool:
    said = (row["subject"], row["text"], row["advice"])
    return visit.may_read_health or not is_of_the_body(row["rule"], said, row["numbers"])


@router.post("/alerts/{alert_id}/acknowledge", response_model=Alert)
def acknowledge_alert(request: Request, visit: Writer, alert_id: PathId) -> Response:
    """Seen: it is not said again unless it gets worse."""
    _shown(visit, alert_id)
    alerts.acknowledge(visit.box, visit.me.id, alert_id)
    return answer(request, _shown(visit, alert_id))


@router.post("/alerts/{alert_id}/snooze", response_model=Alert)
def snooze_alert(request: Request, visit: Writer, alert_id: PathId, said: Snooze | None = None) -> Response:
    """Not now: the alert is silent for some days."""
    _shown(visit, alert_id)
    alerts.snooze(visit.box, visit.me.id, alert_id, (said or Snooze()).days)
    return answer(request, _shown(visit, alert_id))
