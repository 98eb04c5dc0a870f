"""The runner: settings, sources and how all does; races and pauses."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from midsole.actions import forgetting, shapes, telling, views
from midsole.domain.facts import Pause as KnownPause
from midsole.web.api.alerts import may_see
from midsole.web.api.answers import All, answer, items
from midsole.web.api.who import Reader, Writer
from midsole.web.api.words import Day, Said, Text, Told
from midsole.web.api_visit import wanting
from midsole.web.visit import Visit

router = APIRouter(tags=["runner"])
OF_THE_BOX = ("home", "inbox", "outbox", "database")
"""Where things lie on the machine is told to its owner alone."""
OF_HEALTH = ("ill", "injured")
type HealthReader = Annotated[Visit, Depends(wanting("health"))]


class Runner(Told):
    id: int
    name: str
    email: str | None
    email_refused: str | None
    units: str
    weekly_mail: str
    alert_mail: bool
    zone: str
    first_weekday: str
    quiet_from: str | None
    quiet_until: str | None
    limits: dict[str, float]


class Standing(Told):
    """A runner and what is known of them in numbers."""

    id: int
    name: str
    email: str | None
    email_refused: str | None
    zone: str
    units: str
    first_weekday: int
    weekly_mail: str
    catching_up: str | None
    activities: int
    runs: int
    run_m: float
    first_run_on: str | None
    last_run_on: str | None
    shoes: int
    alerts: int


class Source(Told):
    id: int
    runner: str
    kind: str
    place: str
    name: str
    state: str
    explained: str | None
    next_look_at: str | None
    next_login_at: str | None
    code_wanted_until: str | None
    key_expires_on: str | None
    created_at: str
    last_look_at: str | None
    last_success_at: str | None
    error: str | None
    first_look_done: bool


class FileStates(Told):
    new: int
    done: int
    ignored: int
    bad: int


class DeliveryStates(Told):
    due: int
    sent: int
    failed: int
    given_up: int
    withdrawn: int


class BadFile(Told):
    id: int
    runner: str
    name: str
    reason: str | None


class Troubled(Told):
    """A mail that was not sent at its first try."""

    id: int
    runner: str
    subject: str
    address: str
    state: str
    error: str | None
    attempts: int
    next_at: str | None


class Status(Told):
    """How it does for you; where things lie on the machine (else null) is told to its owner alone."""

    home: str | None
    inbox: str | None
    outbox: str | None
    database: str | None
    smtp: bool
    outbox_waiting: int | None
    runners: list[Standing]
    sources: list[Source]
    raw_files: FileStates
    unread_files: int
    bad_files: list[BadFile]
    deliveries: DeliveryStates
    retrying: list[Troubled]
    given_up: list[Troubled]


class Race(Told):
    on: str
    name: str | None


class Pause(Told):
    from_: Annotated[str, Field(alias="from")]
    until: str | None
    reason: str


class HealthData(Told):
    """`counts` by table; `waiting`: messages not sent yet that may speak of it; `sent`: those that were."""

    ask: str
    reminder_at: str | None
    counts: dict[str, int]
    waiting: int
    sent: int
    deleting_unfinished: bool


class NewRace(Said):
    on: Day
    name: Text | None = None


class NewPause(Said):
    """From today unless said otherwise; without `until` its end is open."""

    since: Day | None = None
    until: Day | None = None
    reason: Annotated[str, Field(max_length=20, json_schema_extra={"enum": list(telling.REASONS)})] = "break"


class LastDay(Said):
    until: Day


@router.get("/runners/me", response_model=Runner)
def show_runner(request: Request, visit: Reader) -> Response:
    """Whose token or session this is, with settings and limits."""
    return answer(request, shapes.runner(visit.me))


@router.get("/status", response_model=Status)
def show_status(request: Request, visit: Reader) -> Response:
    """How it does: runs, sources, files and mails."""
    return answer(request, _status(visit))


def _status(visit: Visit) -> dict[str, Any]:
    found = views.status(visit.box, visit.me.id)
    if not visit.is_owner:
        found |= dict.fromkeys((*OF_THE_BOX, "outbox_waiting"))
    if not visit.may_read_health:
        found["runners"] = [one | {"alerts": _alerts_told_to(visit)} for one in found["runners"]]
    return found


def _alerts_told_to(visit: Visit) -> int:
    known = views.alerts(visit.box, visit.me.id)
    return sum(row["state"] == "open" and may_see(visit, row) for row in known)


@router.get("/sources", response_model=All[Source])
def list_sources(request: Request, visit: Reader) -> Response:
    """Where your activities come from, and when each was last looked at."""
    return items(request, views.status(visit.box, visit.me.id)["sources"])


@router.get("/races", response_model=All[Race])
def list_races(request: Request, visit: Reader) -> Response:
    """The races, past and planned."""
    return items(request, _races(visit))


def _races(visit: Visit) -> list[dict[str, Any]]:
    return [{"on": day, "name": name} for day, name in telling.races(visit.box, visit.me.id)]


@router.post("/races", response_model=Race, status_code=201)
def plan_race(request: Request, visit: Writer, said: NewRace) -> Response:
    """Plan a race: its distance is said in the weekly mail, not pushed as a warning."""
    telling.race(visit.box, visit.me.id, said.on, said.name)
    return answer(request, {"on": said.on, "name": said.name}, 201)


@router.get("/pauses", response_model=All[Pause])
def list_pauses(request: Request, visit: Reader) -> Response:
    """The pauses that were noted."""
    return items(request, _pauses(visit))


def _pauses(visit: Visit) -> list[dict[str, Any]]:
    return [_pause(one, visit) for one in telling.said(visit.box, visit.me.id).pauses]


def _pause(one: KnownPause, visit: Visit) -> dict[str, Any]:
    """That somebody was ill or injured, a token is told that may read health data."""
    tells = visit.may_read_health or one.reason not in OF_HEALTH
    return {"from": one.from_date, "until": one.until_date, "reason": one.reason if tells else "break"}


@router.post("/pauses", response_model=Pause, status_code=201)
def note_pause(request: Request, visit: Writer, said: NewPause) -> Response:
    """Note a pause: Midsole stays silent and plans the way back."""
    noted = telling.pause(visit.box, visit.me.id, said.since, said.until, said.reason)
    return answer(request, _pause(noted, visit), 201)


@router.post("/pauses/end", response_model=All[Pause])
def end_pause(request: Request, visit: Writer, said: LastDay) -> Response:
    """The open pause ends with that day."""
    telling.end_pause(visit.box, visit.me.id, said.until)
    return items(request, _pauses(visit))


@router.get("/health-data", response_model=HealthData)
def show_health_data(request: Request, visit: HealthReader) -> Response:
    """What is kept of your body, in numbers, and how you are asked."""
    return answer(request, forgetting.health(visit.box, visit.me.id))
