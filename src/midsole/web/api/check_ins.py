"""Check-ins and episodes of pain: health data, for sessions and for tokens of the scope `health` alone."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from midsole.actions import checking_in, episodes
from midsole.domain.checkins import KINDS, LONGEST_NOTE, MOMENTS, PLACES, SIDES, SIGNS, WORST, checked
from midsole.web.api.answers import Page, Paged, answer, cut, page
from midsole.web.api.who import Healer
from midsole.web.api.words import Day, PathId, Said, Told, is_one_of

router = APIRouter(tags=["body"])

type Place = Annotated[str, is_one_of(tuple(PLACES)), Field(json_schema_extra={"enum": list(PLACES)})]
type Side = Annotated[str, is_one_of(tuple(SIDES)), Field(json_schema_extra={"enum": list(SIDES)})]
type Moment = Annotated[str, is_one_of(tuple(MOMENTS)), Field(json_schema_extra={"enum": list(MOMENTS)})]
type Kind = Annotated[str, is_one_of(tuple(KINDS)), Field(json_schema_extra={"enum": list(KINDS)})]
type Sign = Annotated[str, is_one_of(tuple(SIGNS)), Field(json_schema_extra={"enum": list(SIGNS)})]


class CheckIn(Told):
    """`place` null: all of the body; `words` say the answer in English."""

    id: int
    on_day: str
    moment: str
    level: int
    place: str | None
    side: str | None
    kind: str | None
    signs: list[str]
    note: str | None
    said_at: str
    words: str


class Answered(CheckIn):
    """And what follows: `said` to be shown at once, red flags first; `standing` of all the body."""

    standing: str | None
    said: list[str]
    next_run_m: float | None
    because: str
    episode_id: int | None


class NewCheckIn(Said):
    """All fine: only `moment`, and `level` 0. `on_day` is today unless said otherwise."""

    moment: Moment
    level: Annotated[int, Field(ge=0, le=WORST)]
    on_day: Day | None = None
    place: Place | None = None
    side: Side | None = None
    kind: Kind | None = None
    signs: Annotated[list[Sign], Field(max_length=len(SIGNS), default_factory=list)]
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = None


class Flag(Told):
    on: str
    flag: str
    words: str


class Episode(Told):
    """Pain of one place; `onset_on` is its first report, `ended_how` is painless or said."""

    id: int
    place: str
    side: str
    words: str
    opened_on: str
    onset_on: str
    ended_on: str | None
    ended_how: str | None
    is_open: bool
    is_red: bool
    level: str
    worst: int
    last_pain_on: str
    last_level: int
    reports: int
    flags: list[Flag]


class EpisodeAtOnset(Episode):
    """And what was true when it began: `known` in SI units, `known_words` in English."""

    known: dict[str, Any]
    known_words: list[str]


@router.get("/checkins", response_model=Page[CheckIn])
def list_check_ins(request: Request, visit: Healer, asked: Annotated[Paged, Query()]) -> Response:
    """What you said of your body, the newest first."""
    rows = [checking_in.shown(one) for one in checking_in.check_ins(visit.box, visit.me.id)]
    rows.sort(key=lambda row: -row["id"])
    return page(request, *cut(rows, asked, "id"))


@router.post("/checkins", response_model=Answered, status_code=201)
def add_check_in(request: Request, visit: Healer, said: NewCheckIn) -> Response:
    """Say how you feel; the answer tells what follows, red flags first."""
    told = said.model_dump(exclude={"on_day", "moment", "level"})
    on_day = said.on_day or visit.me.today(visit.box.now())
    found = checking_in.check_in(visit.box, visit.me.id, checked(on_day, said.moment, said.level, **told))
    response = answer(request, checking_in.shown_with_what_follows(found), 201)
    response.headers["location"] = f"/api/v1/checkins/{found.check_in.id}"
    return response


@router.get("/checkins/{check_in_id}", response_model=Answered)
def show_check_in(request: Request, visit: Healer, check_in_id: PathId) -> Response:
    """One answer, with what follows from it by now."""
    found = checking_in.one(visit.box, visit.me.id, check_in_id)
    return answer(request, checking_in.shown_with_what_follows(found))


@router.delete("/checkins/{check_in_id}", status_code=204, response_class=Response)
def remove_check_in(visit: Healer, check_in_id: PathId) -> Response:
    """Take an answer back: what followed from it follows no more."""
    checking_in.remove(visit.box, visit.me.id, check_in_id)
    return Response(status_code=204)


@router.get("/pain", response_model=Page[Episode])
def list_pain(request: Request, visit: Healer, asked: Annotated[Paged, Query()]) -> Response:
    """The episodes of pain, open and over, the newest first."""
    rows = episodes.episodes(visit.box, visit.me.id)
    rows.sort(key=lambda row: -row["id"])
    return page(request, *cut(rows, asked, "id"))


@router.get("/pain/{episode_id}", response_model=EpisodeAtOnset)
def show_pain(request: Request, visit: Healer, episode_id: PathId) -> Response:
    """One episode, with what was true when it began."""
    return answer(request, episodes.one(visit.box, visit.me.id, episode_id))


@router.post("/pain/{episode_id}/over", response_model=EpisodeAtOnset)
def say_over(request: Request, visit: Healer, episode_id: PathId) -> Response:
    """It is over, by your word; pain reported later is a new episode."""
    return answer(request, episodes.say_over(visit.box, visit.me.id, episode_id))


@router.delete("/pain/{episode_id}/over", response_model=EpisodeAtOnset)
def take_back_over(request: Request, visit: Healer, episode_id: PathId) -> Response:
    """Take that word back: the episode is open again."""
    return answer(request, episodes.not_over(visit.box, visit.me.id, episode_id))
