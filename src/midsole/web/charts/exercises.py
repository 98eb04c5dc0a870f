"""Exercises as line figures, drawn by ourselves: the body in the colour of the text, the movement in another.

Only where a drawing says more than the words beside it."""

from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup

from midsole.domain.units import short_day

LEG = "M44 8V70Q33 78 35 98H88Q99 98 96 88Q80 80 66 68V8"
"""A lower leg from the side, its foot flat on the floor, toes to the right."""
DRAWINGS: Mapping[str, tuple[str, int, str, str]] = {
    "calf-stretch": (
        "Hands on a wall, the back heel on the floor: with the back knee straight, and with it bent",
        240,
        "M104 8V112M8 112h100M228 8V112M132 112h100"
        "M76 34L56 68L22 108h14M56 68L72 84L68 108h13M72 42L102 38"
        "M202 42L184 76L172 94L150 108h14M184 76L200 90L192 108h13M198 50L226 44",
        "M86 26a8 8 0 1 1-16 0a8 8 0 1 1 16 0M212 34a8 8 0 1 1-16 0a8 8 0 1 1 16 0",
    ),
    "heel-drop": (
        "A foot on the edge of a step: the ball stands on it, the heel sinks below it",
        160,
        "M82 82h72M82 82v34M44 6V76Q34 88 34 102Q36 110 46 105L84 79H102Q110 76 104 68Q84 62 66 48V6",
        "M16 80v30M10 102l6 8l6-8",
    ),
    "heel-raise": (
        "A foot on the floor: the heel rises, the ball and the toes stay down",
        160,
        "M14 111h140M56 4V56Q44 62 44 76Q46 86 56 87L88 108H108Q116 105 110 97Q94 84 78 60V4",
        "M26 106V76M20 84l6-8l6 8",
    ),
    "towel-scrunch": (
        "A foot flat on a towel: the toes pull the towel towards the heel",
        160,
        f"M12 106h140{LEG}M82 103q6-12 12 0t12 0t12 0h28",
        "M142 86h-26M123 80l-8 6l8 6",
    ),
    "toe-spread": (
        "A foot from above, its toes spread apart",
        160,
        "M66 114Q54 112 56 92Q58 76 52 60Q56 48 78 46Q100 46 104 60Q100 80 98 96Q94 114 78 114Z"
        "M100 50L112 26M88 44L92 18M77 43L76 18M66 46L59 23M56 52L44 34",
        "M124 34l12-8M130 24l8 1l-3 8M34 42l-12-8M28 32l-8 1l3 8",
    ),
    "balance": (
        "Standing on one leg, the arms out",
        160,
        "M80 28V66V110h14M80 66L98 80L88 96M80 38L54 50M80 38L106 50M40 112h84",
        "M88 18a8 8 0 1 1-16 0a8 8 0 1 1 16 0",
    ),
    "arch-ball": (
        "A foot on a ball, which rolls under the arch",
        160,
        "M44 6V60Q33 68 36 84Q50 90 66 82Q80 86 96 84Q102 76 90 72Q76 66 66 56V6M12 112h140"
        "M75 97a11 11 0 1 1-22 0a11 11 0 1 1 22 0",
        "M44 101H24M31 95l-8 6l8 6M84 101h20M97 95l8 6l-8 6",
    ),
}
"""Exercise -> what is seen, the width, the body, and the movement (of a whole figure: its head)."""
HEADS = frozenset({"calf-stretch", "balance"})
HEIGHT = 120
DAY_WIDTH, STRIP_HEIGHT, MOST = 10, 44, 5


def drawing(exercise: str) -> Markup | None:
    """None where a drawing would say nothing."""
    if exercise not in DRAWINGS:
        return None
    seen, width, body, other = DRAWINGS[exercise]
    kind = "body" if exercise in HEADS else "move"
    return Markup(
        '<svg class="exercise" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img">'
        '<title>{seen}</title><path class="body" d="{body}"/><path class="{kind}" d="{other}"/></svg>'
    ).format(w=width, h=HEIGHT, seen=seen, body=body, kind=kind, other=other)


def strip(days: Sequence[tuple[date, int]], said: str) -> Markup:
    """A bar a day for how many exercises were ticked (five and more are full); `said` tells the numbers."""
    drawn = Markup("").join(_day(place, on, done) for place, (on, done) in enumerate(days))
    return Markup(
        '<svg class="ticks" viewBox="0 0 {w} {h}" width="{w}" height="{h}" preserveAspectRatio="xMinYMid"'
        ' role="img"><title>{said}</title>{drawn}</svg>'
    ).format(w=DAY_WIDTH * len(days), h=STRIP_HEIGHT, said=said, drawn=drawn)


def _day(place: int, on: date, done: int) -> Markup:
    high = round(4 + (STRIP_HEIGHT - 4) * min(done, MOST) / MOST) if done else 2
    return Markup(
        '<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{high}">'
        "<title>{on}: {done} done</title></rect>"
    ).format(
        kind="value" if done else "none",
        x=place * DAY_WIDTH + 1,
        y=STRIP_HEIGHT - high,
        w=DAY_WIDTH - 2,
        high=high,
        on=short_day(on),
        done=done,
    )
