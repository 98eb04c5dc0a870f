"""Both footprints and both legs, drawn by ourselves; each region is a label of the radio that chooses it.

A drawing is of the left side, its big toe to the right; the right side is its mirror. Every region is a layer
over the whole drawing that can be tapped in its shape alone: so no script is needed."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

FIRST_X, WIDTH = 4, 144
"""A third of the ball is then wider than 40 pixels on a small phone."""
PRINT_HEIGHT, LEG_HEIGHT = 296, 330
SIDES = ("left", "right")
TOES = (
    "M112 10c13 0 21 13 21 29s-8 27-20 27-21-11-21-26 7-30 20-30z"
    "M79 6c8 0 12 8 12 18s-4 20-12 20-12-9-12-19 4-19 12-19z"
    "M55 15c7 0 11 7 11 16s-4 17-11 17-11-8-11-17 4-16 11-16z"
    "M34 29c7 0 10 6 10 14s-4 15-10 15-10-7-10-15 4-14 10-14z"
    "M16 47c6 0 9 6 9 12s-4 13-9 13-9-6-9-13 4-12 9-12z"
)
PRINT: Mapping[str, str] = {
    "toes": TOES,
    "ball-outer": "M8 84c4-9 16-15 44-16v76l-34 4c-9-20-14-48-10-64z",
    "ball-middle": "M55 68l40 1v75l-40 1z",
    "ball-inner": "M98 69c28-1 46 12 46 34 0 20-8 34-16 42l-30-1z",
    "arch": "M22 152l34-4 66 1c-10 24-15 42-13 66H44c-2-26-12-42-22-63z",
    "heel": "M44 219h65c9 36-3 69-33 69s-41-34-32-69z",
}
LEG: Mapping[str, str] = {
    "hip": "M94 4c20 0 34 14 34 32s-14 32-34 32-34-14-34-32 14-32 34-32z",
    "knee": "M88 98c19 0 31 11 31 25s-12 25-31 25-31-11-31-25 12-25 31-25z",
    "shin": "M49 152h42v92H58c-5-30-10-58-9-92z",
    "calf": "M93 152h26c24 18 24 46 8 78H93z",
    "ankle": "M62 248h41v44H60z",
    "achilles": "M104 234h37c3 16 4 30 3 46h-40z",
    "top": "M58 254v58H8c-2-12 0-18 8-23 20-9 30-18 42-35z",
}
LEG_OUTLINE = "M62 62c-4 12-5 26-4 40M126 60c2 14 0 26-5 40M8 316h100M106 284c30 0 36 8 36 32h-34"
DRAWINGS: Mapping[str, tuple[str, int, Mapping[str, str], str]] = {
    "prints": ("Footprints, as you look down on them", PRINT_HEIGHT, PRINT, ""),
    "legs": ("Legs from the side, toes outwards", LEG_HEIGHT, LEG, LEG_OUTLINE),
}


def drawing(name: str) -> Markup:
    """The two sides beside each other; all that is in it is in the list as well, for who can't see it."""
    words, height, regions, outline = DRAWINGS[name]
    sides = Markup("").join(_side(side, height, regions, outline) for side in SIDES)
    return Markup('<div class="body-map {}"><div class="sides">{}</div><p class="hint">{}.</p></div>').format(
        name, sides, words
    )


def is_drawn(place: str, name: str) -> bool:
    return place in DRAWINGS[name][2]


def _side(side: str, height: int, regions: Mapping[str, str], outline: str) -> Markup:
    layers: Sequence[Markup] = [_region(place, side, height, path) for place, path in regions.items()]
    back = _svg(side, height, Markup('<path class="outline" d="{}"/>').format(outline)) if outline else ""
    return Markup('<div class="side"><p class="side-name">{}</p><div class="layers">{}{}</div></div>').format(
        side.capitalize(), back, Markup("").join(layers)
    )


def _region(place: str, side: str, height: int, path: str) -> Markup:
    shape = Markup('<path class="region" d="{}"/>').format(path)
    at = f"{place}-{side}"
    return Markup('<label for="at-{}" data-at="{}">{}</label>').format(at, at, _svg(side, height, shape))


def _svg(side: str, height: int, inside: Markup) -> Markup:
    mirrored = (
        Markup(' transform="translate({} 0) scale(-1 1)"').format(2 * FIRST_X + WIDTH)
        if side == "right"
        else ""
    )
    return Markup('<svg viewBox="{} 0 {} {}" aria-hidden="true" focusable="false"><g{}>{}</g></svg>').format(
        FIRST_X, WIDTH, height, mirrored, inside
    )
