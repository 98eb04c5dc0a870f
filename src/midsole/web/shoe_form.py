"""The form of a pair: what it says, and what it may choose from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from midsole.actions.shoes import Start
from midsole.domain.activity import SPORTS, SURFACES
from midsole.domain.errors import UsageError
from midsole.domain.shoes import LIMIT_M_BY_KIND, START_KNOWN, START_UNKNOWN, Shoe
from midsole.web.forms import Form
from midsole.web.shoe_words import kind_options, said_m

LONGEST_NAME = 100
FARTHEST_M = 1e8
KEEP, SINCE = "keep", "since"


@dataclass(frozen=True, slots=True)
class Told:
    """What the form says. `start` None: it stays. `details`: model, limit, price and days."""

    name: str
    kind: str
    start: Start | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DefaultFor:
    """Of which runs a pair is the default, and from which day on."""

    sport: str
    surface: str | None
    since: date | None

    def __iter__(self) -> Iterator[Any]:
        return iter((self.sport, self.surface, self.since))

    @property
    def words(self) -> str:
        return f"{self.sport} on {self.surface}" if self.surface else self.sport


def options(units: str) -> dict[str, Any]:
    """What templates of the form need to choose from."""
    return {
        "kinds": kind_options(units),
        "sports": [(sport, sport.capitalize()) for sport in SPORTS if sport != "unknown"],
        "surfaces": [("", "Any surface"), *((s, s.capitalize()) for s in SURFACES if s != "unknown")],
    }


def read_pair(form: Form, units: str) -> Told:
    kind = form["kind"]
    if kind not in LIMIT_M_BY_KIND:
        raise UsageError(f"There is no kind {kind!r}. Known: {', '.join(LIMIT_M_BY_KIND)}.")
    price = form.number("price")
    if price is not None and price < 0:
        raise UsageError("A price can't be below 0.")
    details = {
        "model": short(form.maybe("model"), "A model"),
        "limit_m": far(form, "limit", units) or LIMIT_M_BY_KIND[kind],
        "bought_on": form.day("bought_on"),
        "first_used_on": form.day("first_used_on"),
        "price": price,
    }
    return Told(short(form.text("name"), "A name") or "", kind, _start(form, units), details)


def short(text: str | None, what: str) -> str | None:
    if text is not None and len(text) > LONGEST_NAME:
        raise UsageError(f"{what} has at most {LONGEST_NAME} characters.")
    return text


def far(form: Form, name: str, units: str) -> float | None:
    """A distance that a pair may have."""
    metres = form.distance(name, units)
    if metres is not None and metres > FARTHEST_M:
        raise UsageError("That is farther than any pair goes: write at most 100,000 km.")
    return metres


def _start(form: Form, units: str) -> Start | None:
    match form["start_how"]:
        case "unknown":
            return Start(unknown=True)
        case "since":
            since = form.day("worn_since")
            if since is None:
                raise UsageError("Say since about which day it is worn.")
            return Start(worn_since=since)
        case "keep":
            return None
        case _:
            return Start(known_m=far(form, "start", units) or 0.0)


def default_of(form: Form) -> DefaultFor | None:
    """What it shall be the default for; None where nothing was chosen."""
    sport, surface = form["default_sport"], form["default_surface"]
    if not sport:
        return None
    if sport not in SPORTS or (surface and surface not in SURFACES):
        raise UsageError("Choose a sport, and a surface or any.")
    return DefaultFor(sport, surface or None, form.day("default_since"))


def filled(shoe: Shoe, units: str) -> dict[str, str]:
    """The form as the pair stands."""
    how = {START_KNOWN: START_KNOWN, START_UNKNOWN: START_UNKNOWN}.get(shoe.start_how, KEEP)
    return {
        "name": shoe.name,
        "model": shoe.model or "",
        "kind": shoe.kind,
        "limit": said_m(shoe.limit_m, units),
        "start_how": how,
        "start": said_m(shoe.start_m, units),
        "bought_on": shoe.bought_on.isoformat() if shoe.bought_on else "",
        "first_used_on": shoe.first_used_on.isoformat() if shoe.first_used_on else "",
        "price": "" if shoe.price is None else f"{shoe.price:g}",
    }


def changes(told: Told, form: Form, shoe: Shoe, units: str) -> tuple[Start | None, dict[str, Any]]:
    """What differs from the pair as it stands; a distance that was left as it was shown is not touched."""
    before = filled(shoe, units)
    found = {"name": told.name, "kind": told.kind, **told.details}
    if form["limit"] == before["limit"]:
        del found["limit_m"]
    as_before = all(form[name] == before[name] for name in ("start_how", "start"))
    start = None if as_before and told.start and not told.start.worn_since else told.start
    return start, {name: value for name, value in found.items() if value != getattr(shoe, name)}
