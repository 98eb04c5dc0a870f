"""A run without a file: what the runner typed in, kept as a document like any other raw file."""

import json
import re
from datetime import UTC, datetime
from math import isfinite

from midsole.domain.activity import SPORTS, SURFACES, Recording
from midsole.domain.errors import BadInput

MARK = re.compile(rb'"midsole"\s*:\s*(?!"strava")')
"""A line of Strava's list says the same of itself, with another name."""


def encode(
    *,
    sport: str,
    started_at: datetime,
    distance_m: float,
    timer_s: float,
    surface: str = "unknown",
    title: str | None = None,
    is_race: bool = False,
) -> bytes:
    """Return the document; the same words give the same bytes, so entering a run twice is one run."""
    document = {
        "midsole": "manual",
        "sport": sport,
        "surface": surface,
        "started_at": started_at.isoformat(),
        "distance_m": float(distance_m),
        "timer_s": float(timer_s),
        "title": title,
        "is_race": is_race,
    }
    text = json.dumps(document, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


class ManualDecoder:
    """Reads what `encode` wrote; its distance comes from the runner, so it counts as an edit."""

    name = "manual"
    version = 1

    def sniff(self, head: bytes) -> bool:
        return head.lstrip().startswith(b"{") and MARK.search(head) is not None

    def decode(self, raw: bytes) -> list[Recording]:
        try:
            document = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"The entry can't be read: {error}.") from None
        if not isinstance(document, dict) or document.get("midsole") != "manual":
            raise BadInput("The JSON document is not an entry of a run by hand.")
        return [_recording(document)]


def _recording(document: dict[str, object]) -> Recording:
    started_at = _started_at(document.get("started_at"))
    offset = started_at.utcoffset()
    timer_s = _amount(document, "timer_s")
    title = document.get("title")
    return Recording(
        leg=0,
        sport=_word(document, "sport", SPORTS),
        surface=_word(document, "surface", SURFACES),
        started_at=started_at.astimezone(UTC),
        distance_m=_amount(document, "distance_m"),
        distance_from="edit",
        timer_s=timer_s,
        moving_s=timer_s,
        elapsed_s=timer_s,
        utc_offset_s=int(offset.total_seconds()) if offset is not None else None,
        is_race=document.get("is_race") is True,
        title=title if isinstance(title, str) else None,
    )


def _started_at(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        if moment is not None and moment.tzinfo is not None:
            moment.astimezone(UTC)
            return moment
    except (ValueError, OverflowError):
        pass
    raise BadInput(
        "The entry's started_at must be an ISO time with its offset, as 2026-03-01T07:30:00+01:00."
    )


def _amount(document: dict[str, object], name: str) -> float:
    value = document.get(name)
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value < 1e9
        and isfinite(value)
    ):
        return float(value)
    raise BadInput(f"The entry's {name} must be a number of 0 or more.")


def _word(document: dict[str, object], name: str, words: tuple[str, ...]) -> str:
    word = document.get(name, "unknown")
    if isinstance(word, str) and word in words:
        return word
    raise BadInput(f"The entry's {name} must be one of {', '.join(words)}.")
