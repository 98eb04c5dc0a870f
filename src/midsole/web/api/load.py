"""The load: weeks, the cap, a planned run, the rules, and the weekly mail as it would read now."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from midsole.actions import forgetting, long_view, shapes, views, weekly
from midsole.domain.cadence import Cadence, are_enough
from midsole.domain.errors import UsageError
from midsole.domain.weeks import week_start
from midsole.web.api.answers import All, answer, items
from midsole.web.api.who import Reader
from midsole.web.api.words import Asked, Day, Metres, Said, Told
from midsole.web.api_visit import keep_nowhere
from midsole.web.visit import Forbidden, Visit

router = APIRouter(tags=["load"])
MOST_WEEKS = 2_000
SHORT = "fewer than 16 known weeks"
NEEDS_HEALTH = (
    "The weekly mail speaks of the body, and this token lacks the scope 'health'. "
    "Make another one at /settings/security."
)


class Week(Told):
    """A runner's own week; null is not enough data, and `missing` says why."""

    week_start: str
    iso_week: str | None
    distance_m: float
    usual_m: float | None
    runs: int
    longest_m: float | None
    ramp: float | None
    acwr: float | None
    monotony: float | None
    strain: float | None
    walk_m: float
    cross_s: float
    ascent_m: float | None
    descent_m: float | None
    steps: int | None
    fast_s: float | None
    missing: list[str]


class Cap(Told):
    """The longest next run and the most distance left this week that stay inside the rules.

    `held_by` is amber, red or comeback where pain, or the way back from it, holds them. A token without the
    scope `health` is told neither that nor why."""

    next_run_m: float | None
    week_left_m: float | None
    because: str
    missing: list[str]
    held_by: str | None


class Load(Told):
    weeks: list[Week]
    cap: Cap


class SurfaceShare(Told):
    """Metres of the last 4 weeks, and of the 12 before them."""

    surface: str
    lately_m: float
    before_m: float


class CrossTraining(Told):
    """Seconds a week, in the mean of the last 4 weeks and of the 12 before them."""

    sport: str
    lately_s: float
    before_s: float


class RunCadence(Told):
    """A run's mean; `own_spm` is the median of your runs at like pace in the 28 days before it."""

    activity_id: int
    on: str
    cadence_spm: float
    own_spm: float | None
    is_low: bool


class Habits(Told):
    """Up to `as_of`, the last known day. What `missing` names can't be compared yet."""

    as_of: str
    surfaces: list[SurfaceShare]
    cross_training: list[CrossTraining]
    cadence: list[RunCadence]
    missing: list[str]


class Plan(Cap):
    """The cap of that day, and the rules that a planned run would newly trip."""

    on: str
    plan_m: float | None
    tripped: list[str]


class Rule(Told):
    id: str
    name: str
    grade: str
    grade_in_words: str
    goes_to: str
    news_days: int | None
    advice: str
    source: str
    limits: dict[str, float]


class WeeklyMail(Told):
    week_start: str
    verdict: str
    subject: str
    text: str
    html: str


class Weeks(Asked):
    """How many weeks, the last of which holds `until`."""

    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 8
    until: Day | None = None


class Trying(Asked):
    """A planned run of that distance, on that day or today."""

    plan_m: Annotated[Metres, Field(gt=0, le=1e6)] | None = None
    on: Day | None = None


class PlannedRun(Said):
    distance_m: Annotated[Metres, Field(gt=0, le=1e6)]
    date: Day


@router.get("/load", response_model=Load)
def show_load(request: Request, visit: Reader, asked: Annotated[Weeks, Query()]) -> Response:
    """The last weeks against the usual, the oldest first; and today's cap."""
    found = views.load_weeks(visit.box, visit.me.id, asked.weeks, asked.until)
    return answer(request, {**found, "cap": _as_told_to(visit, found["cap"])})


@router.get("/habits", response_model=Habits)
def show_habits(request: Request, visit: Reader) -> Response:
    """Surfaces, cross-training and cadence against your own past."""
    return answer(request, _habits(long_view.habits_of(visit.box, visit.me.id)))


def _habits(found: long_view.Habits) -> dict[str, Any]:
    missing = [] if found.surfaces.is_enough else [f"surfaces: {SHORT}, or than 5 runs on known surfaces"]
    missing += [] if found.cross_training.is_enough else [f"cross_training: {SHORT}"]
    if not are_enough(found.cadences):
        missing.append("cadence: too few runs at like pace in the 28 days before the last five")
    return {
        "as_of": found.as_of.isoformat(),
        "surfaces": [
            {"surface": p.name, "lately_m": p.lately, "before_m": p.before} for p in found.surfaces.parts
        ],
        "cross_training": [
            {"sport": p.name, "lately_s": round(p.lately), "before_s": round(p.before)}
            for p in found.cross_training.parts
        ],
        "cadence": [_run_cadence(c) for c in found.cadences],
        "missing": missing,
    }


def _run_cadence(c: Cadence) -> dict[str, Any]:
    return {
        "activity_id": c.activity_id,
        "on": c.on.isoformat(),
        "cadence_spm": c.spm,
        "own_spm": c.own_spm,
        "is_low": c.is_low,
    }


@router.get("/cap", response_model=Plan)
def show_cap(request: Request, visit: Reader, asked: Annotated[Trying, Query()]) -> Response:
    """How far the next run may go, and what is left this week."""
    return answer(request, _cap(visit, asked.plan_m, asked.on))


@router.post("/plan-check", response_model=Plan)
def check_plan(request: Request, visit: Reader, said: PlannedRun) -> Response:
    """Which rules a planned run would newly trip, and the cap of that day. Nothing is kept of it."""
    return answer(request, _cap(visit, said.distance_m, said.date))


def _cap(visit: Visit, plan_m: float | None, on: Any) -> dict[str, Any]:
    if on is not None and on < visit.me.today(visit.box.now()):
        raise UsageError(f"{on} is past; a cap is for today or later.")
    return _as_told_to(visit, views.cap(visit.box, visit.me.id, plan_m=plan_m, on=on))


def _as_told_to(visit: Visit, cap: dict[str, Any]) -> dict[str, Any]:
    """Why pain holds a cap is a matter of health."""
    if cap["held_by"] is None or visit.may_read_health:
        return cap
    hidden = {**cap, "held_by": None, "because": "there is a word about it for you: open the page"}
    if "tripped" in hidden:
        hidden["tripped"] = [rule for rule in hidden["tripped"] if not rule.startswith("P")]
    return hidden


@router.get("/rules", response_model=All[Rule])
def list_rules(request: Request, visit: Reader) -> Response:
    """Every rule with its evidence and the limits that hold for you."""
    return items(request, views.rule_list(visit.box, visit.me.id))


class OfWeek(Asked):
    """A day in the week; without it, the week just ended."""

    week: Day | None = None


@router.get("/weekly", response_model=WeeklyMail)
def preview_weekly(request: Request, visit: Reader, asked: Annotated[OfWeek, Query()]) -> Response:
    """The weekly mail as it would read now; nothing is sent.

    Once anything was said of the body, it speaks of that: then the token needs the scope `health`, too."""
    if forgetting.is_told(visit.box, visit.me.id):
        if not visit.may_read_health:
            raise Forbidden(NEEDS_HEALTH)
        keep_nowhere(request)
    return answer(request, shapes.weekly_mail(_written(visit, asked.week)))


def _written(visit: Visit, day: Any) -> weekly.Written:
    me = visit.me
    start = None if day is None else week_start(day, me.first_weekday)
    if start is not None and start > me.today(visit.box.now()):
        raise UsageError(f"The week from {start} has not begun yet.")
    return weekly.preview(visit.box, me.id, start)
