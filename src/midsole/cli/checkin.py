"""`midsole checkin`: say how the body feels, list what was said, and take an answer back."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from midsole.cli.common import (
    LARGEST_ID,
    Json,
    RunnerName,
    box,
    parse_day,
    runner_of,
    say,
    show,
    table,
)
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from midsole.actions.checking_in import Answered
    from midsole.domain.checkins import CheckIn

SAY = "say"
HOW = (
    "Say --fine, or where, on which side and how much from 0 to 10: "
    "midsole checkin ball-inner left 4 --when morning. See `midsole checkin say --help`."
)


class Answering(TyperGroup):
    """What begins with no command is an answer: `midsole checkin heel left 4` is `... say heel left 4`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_command = bool(args) and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if is_command else [SAY, *args])


app = typer.Typer(
    cls=Answering, help="Say how you feel: --fine, or where, on which side and how much; list the answers."
)
Id = Annotated[
    int, typer.Argument(metavar="ID", max=LARGEST_ID, help="The number in `midsole checkin list`.")
]


def register(main: typer.Typer) -> None:
    main.add_typer(app, name="checkin")


@app.command(SAY)
def answer(
    ctx: typer.Context,
    place: Annotated[
        str | None, typer.Argument(metavar="[PLACE]", help="ball-inner, ball-middle, ball-outer, toes, ...")
    ] = None,
    side: Annotated[str | None, typer.Argument(metavar="[SIDE]", help="left, right or both.")] = None,
    level: Annotated[int | None, typer.Argument(metavar="[LEVEL]", help="0 (none) to 10.")] = None,
    fine: Annotated[bool, typer.Option("--fine", help="Nothing hurts, anywhere.")] = False,
    after: Annotated[bool, typer.Option("--after", help="After a run.")] = False,
    morning: Annotated[bool, typer.Option("--morning", help="In the morning.")] = False,
    when: Annotated[str | None, typer.Option(help="morning, during, after, rest or night.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="ache, bruised, burning, sharp, pebble, cramp or numb.")
    ] = None,
    sign: Annotated[
        list[str] | None, typer.Option(help="limp, swelling, painkiller, ...; can be said again.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="A word for yourself.")] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day it was felt; default today.")
    ] = None,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """Say how you feel. Without a word of it you are asked, in a terminal."""
    from midsole.actions import checking_in
    from midsole.domain.checkins import AFTER, MORNING, PAINKILLER, checked

    moments = [m for m in (when, AFTER if after else None, MORNING if morning else None) if m]
    said: dict[str, Any] = {"place": place, "side": side, "kind": kind, "signs": sign or (), "note": note}
    if len(moments) > 1 or (fine and (place or kind or set(sign or ()) - {PAINKILLER})):
        raise UsageError("Say one moment, and either --fine or what hurts.")
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        asked_on, asked_moment = checking_in.asked_now(opened, who.id)
        day = parse_day(on, who.today(opened.now())) or asked_on
        moment = moments[0] if moments else asked_moment
        if fine or level is not None:
            answered = checked(day, moment, level or 0, **said)
        else:
            answered = _asked(day, moment, is_half=any(said.values()))
        found = checking_in.check_in(opened, who.id, answered)
    show(as_json, checking_in.shown_with_what_follows(found), lambda _: _tell(found, who.units))


@app.command("list")
def list_(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """What you said, the newest first."""
    from midsole.actions import checking_in

    with box(ctx) as opened:
        found = checking_in.check_ins(opened, runner_of(ctx, opened, runner).id)
    show(as_json, [checking_in.shown(one) for one in found], _print)


@app.command()
def remove(ctx: typer.Context, check_in_id: Id, runner: RunnerName = None) -> None:
    """Take an answer back: what followed from it follows no more."""
    from midsole.actions import checking_in

    with box(ctx) as opened:
        checking_in.remove(opened, runner_of(ctx, opened, runner).id, check_in_id)
    say(f"Removed: check-in {check_in_id}.")


# ---- asking


def _asked(day: "date", moment: str, *, is_half: bool) -> "CheckIn":
    """A few questions in a terminal; a program that says too little is told how."""
    from midsole.domain.checkins import KINDS, MOMENTS, PLACES, SIDES, SIGNS, checked

    if is_half or not sys.stdin.isatty():
        raise UsageError(HOW)
    if not typer.confirm(f"Does anything hurt ({MOMENTS[moment]}, {day})?", default=False):
        return checked(day, moment, 0)
    place = _choose("Where", PLACES)
    side = _choose("On which side", SIDES)
    level = typer.prompt("How much, from 0 (none) over 3 (mild) and 6 (strong) to 10", type=int)
    moment = _choose("When", MOMENTS, moment)
    signs = _choose_some("Which of these are so? Numbers, or Enter for none", SIGNS)
    kinds = _choose_some("What does it feel like? A number, or Enter", KINDS)
    return checked(day, moment, level, place=place, side=side, signs=signs, kind=next(iter(kinds), None))


def _choose(question: str, among: "Mapping[str, str]", usual: str | None = None) -> str:
    known = list(among)
    _offer(among)
    default = known.index(usual) + 1 if usual else None
    return _at(typer.prompt(f"{question} (a number)", type=int, default=default), known)


def _choose_some(question: str, among: "Mapping[str, str]") -> list[str]:
    _offer(among)
    said = str(typer.prompt(question, default="", show_default=False)).replace(",", " ").split()
    return [_at(int(one) if one.isdecimal() and len(one) < 3 else 0, list(among)) for one in said]


def _offer(among: "Mapping[str, str]") -> None:
    for number, words in enumerate(among.values(), 1):
        say(f"  {number:2}  {words}")


def _at(number: int, known: list[str]) -> str:
    if not 1 <= number <= len(known):
        raise UsageError(f"Choose a number from 1 to {len(known)}.")
    return known[number - 1]


# ---- telling


def _tell(found: "Answered", units: str) -> None:
    from midsole.domain.check_in_words import NOT_ADVICE, cap_words

    for sentence in found.said:
        say(sentence)
    say(cap_words(found.cap, units))
    if found.level is not None:
        say(NOT_ADVICE)
    say(f"If that was wrong: midsole checkin remove {found.check_in.id}")


def _print(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say("Nothing was said yet. Say how you feel with `midsole checkin --fine`.")
        return
    cells = [[str(r["id"]), f"{r['on_day']}", r["moment"], r["words"], r["note"]] for r in rows]
    table(["ID", "Day", "When", "What", "Note"], cells, right=["ID"])
