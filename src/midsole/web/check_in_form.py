"""The form of a check-in, on the page and behind the link of a mail: what it offers, and what it said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from midsole.domain.asking import Question
from midsole.domain.check_in_words import LEVEL_WORDS, capital, fine_words
from midsole.domain.checkins import (
    KINDS,
    LONGEST_NOTE,
    MOMENTS,
    PLACES,
    SIDES,
    SIGNS,
    WORST,
    CheckIn,
    checked,
)
from midsole.domain.errors import UsageError
from midsole.web.charts.foot import drawing, is_drawn
from midsole.web.forms import Form

PART = ":"


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the fields: at first what was asked about, after an error what was said."""

    on_day: str
    moment: str
    spot: str = ""
    level: str = ""
    kind: str = ""
    signs: tuple[str, ...] = ()
    note: str = ""


def begun(on_day: date, moment: str, spot: str = "") -> Filled:
    return Filled(on_day.isoformat(), moment, spot if spot in _spots() else "")


def filled(form: Form) -> Filled:
    signs = tuple(said for said in form.data.getlist("signs") if isinstance(said, str))
    return Filled(
        form["on_day"], form["moment"], form["spot"], form["level"], form["kind"], signs, form["note"]
    )


def said_in(form: Form, on_day: date, moment: str) -> CheckIn:
    """The answer; where the form names no day or moment, the given ones."""
    said, level = filled(form), form.whole("level")
    place, _, side = said.spot.partition(PART)
    if level is None:
        raise UsageError("Say how much it hurts: choose a number from 0 to 10.")
    return checked(
        form.day("on_day") or on_day,
        said.moment or moment,
        level,
        place=place or None,
        side=side or None,
        kind=said.kind or None,
        signs=said.signs,
        note=form.maybe("note"),
    )


def fine_on(form: Form, on_day: date, moment: str) -> CheckIn:
    return checked(form.day("on_day") or on_day, form["moment"] or moment, 0)


def asked(questions: Iterable[Question], today: date) -> list[dict[str, Any]]:
    """What waits for an answer, each with the words of its one tap."""
    return [
        {
            "on_day": q.on_day,
            "moment": q.moment,
            "words": q.words,
            "why": q.why,
            "fine": fine_words(q.on_day, q.moment, today),
        }
        for q in questions
    ]


def offered(now: Filled) -> dict[str, Any]:
    """All that the template draws the fields from."""
    place = now.spot.partition(PART)[0]
    return {
        "now": now,
        "prints": drawing("prints"),
        "legs": drawing("legs"),
        "legs_open": is_drawn(place, "legs"),
        "list_open": bool(place) and (place == "other" or now.spot.endswith("both")),
        "places": [(capital(words), _row(key)) for key, words in PLACES.items()],
        "sides": [words.split()[0].capitalize() for words in SIDES.values()],
        "levels": [(n, LEVEL_WORDS.get(n, "")) for n in range(WORST + 1)],
        "moments": _choices(MOMENTS),
        "kinds": _choices(KINDS),
        "signs": _choices(SIGNS),
        "longest_note": LONGEST_NOTE,
    }


def _choices(words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(key, capital(said)) for key, said in words.items()]


def _row(place: str) -> list[tuple[str, str, str]]:
    """Of one place: its name in addresses, its value, and its side in words."""
    return [(f"{place}-{side}", f"{place}{PART}{side}", words) for side, words in SIDES.items()]


def _spots() -> set[str]:
    return {value for place in PLACES for _, value, _ in _row(place)}
