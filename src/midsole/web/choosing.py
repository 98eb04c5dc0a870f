"""What the list of runs is asked for: read from the address or a form, and written back."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.datastructures import FormData

from midsole.actions.listing_runs import BAREFOOT, NO_PAIR, ORDERS, Search
from midsole.domain.activity import SPORTS, SURFACES
from midsole.domain.errors import UsageError
from midsole.web.forms import LARGEST_ID, Form, is_id

type Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]
"""Of a run, an upload or a change in an address; what no row can have is no page."""
NAMES = ("from", "until", "sport", "surface", "shoe", "q", "only")
ONLY = {"flagged": "Doubted", "excluded": "Excluded"}
ORDER_WORDS = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "longest": "Longest first",
    "shortest": "Shortest first",
}
LONGEST_WORDS = 100
LAST_PAGE = 100_000


def asked(request: Request) -> Form:
    """The address read like a form."""
    return Form(FormData([(name, value) for name, value in request.query_params.multi_items()]))


def search_of(form: Form) -> Search:
    """Raises UsageError where a field can't be read."""
    only = _one_of(form, "only", ONLY)
    words = form["q"][:LONGEST_WORDS]
    return Search(
        since=form.day("from"),
        until=form.day("until"),
        sport=_one_of(form, "sport", SPORTS),
        surface=_one_of(form, "surface", SURFACES),
        shoe=_shoe(form["shoe"]),
        words=words if words.isprintable() and words else None,
        flagged=only == "flagged",
        excluded=only == "excluded",
    )


def order_of(form: Form) -> str:
    return _one_of(form, "sort", ORDERS) or "newest"


def page_of(form: Form) -> int:
    said = form["page"]
    return min(int(said), LAST_PAGE) if said.isdecimal() and len(said) < len(str(LARGEST_ID)) else 1


def chosen(form: Form) -> dict[str, str]:
    """The choice as the address holds it."""
    kept = {name: form[name][:LONGEST_WORDS] for name in (*NAMES, "sort")}
    return {name: value for name, value in kept.items() if value}


def _one_of(form: Form, name: str, known: Any) -> str | None:
    said = form[name]
    if said and said not in known:
        raise UsageError(f"There is no {name} {said!r}. Known: {', '.join(known)}.")
    return said or None


def _shoe(said: str) -> int | str | None:
    if said in ("", NO_PAIR, BAREFOOT):
        return said or None
    if not is_id(said):
        raise UsageError("There is no such pair.")
    return int(said)


def in_words(search: Search, names: Mapping[int | str | None, str], day: Any) -> str:
    """ "running, trail, since 1 Jan 2026, on the Pegasus 41": empty where nothing is asked."""
    parts = [search.sport or "", search.surface or ""]
    parts.append(f"since {day(search.since)}" if search.since else "")
    parts.append(f"until {day(search.until)}" if search.until else "")
    parts.append(f"pair: {names.get(search.shoe, 'unknown')}" if search.shoe is not None else "")
    parts.append(f"titled “{search.words}”" if search.words else "")
    parts += ["doubted" if search.flagged else "", "excluded" if search.excluded else ""]
    return ", ".join(filter(None, parts))
