"""C1: fewer steps a minute than the runner's own at like pace."""

from statistics import median

from midsole.domain.cadence import Cadence, last_cadences, low_runs
from midsole.domain.checkins import FOREFOOT
from midsole.domain.facts import NOTE, WARN, Facts, Finding
from midsole.domain.pain import open_episodes, standing
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.units import percent, short_day

MORE = 0.05


def check(facts: Facts) -> list[Finding]:
    low = low_runs(last_cadences(facts))
    return [_finding(facts, low)] if low else []


def _finding(facts: Facts, low: list[Cadence]) -> Finding:
    now, own = (median(values) for values in zip(*((c.spm, c.own_spm or 0.0) for c in low), strict=True))
    hurts = _has_forefoot_pain(facts)
    return Finding(
        rule=RULE.id,
        level=WARN if hurts else NOTE,
        subject="-",
        happened_on=low[-1].on,
        text=f"{_text(low, now, own)} {IN_PAIN if hurts else ''}".rstrip(),
        advice=_advice_in_pain(now) if hurts else ADVICE,
        numbers={"runs": len(low), "cadence_spm": round(now, 1), "own_spm": round(own, 1)},
        weekly_only=True,
    )


def _has_forefoot_pain(facts: Facts) -> bool:
    """Amber: while anything is red there is no running to change."""
    open_now = open_episodes(facts)
    return standing(facts) == WARN and any(e.spot.place in FOREFOOT for e in open_now)


def _text(low: list[Cadence], now: float, own: float) -> str:
    *days, last = dict.fromkeys(short_day(c.on) for c in low)
    on = f"{', '.join(days)} and {last}" if days else last
    return (
        f"In {len(low)} of your last 5 runs you took at least 5 % fewer steps a minute than your own median "
        f"of the 28 days before at like pace ({now:.0f} against {own:.0f}; {on}; a run counts with its "
        f"mean). {IN_THE_LAB}"
    )


def _advice_in_pain(now: float) -> str:
    return (
        f"Try {now * (1 + MORE):.0f} steps a minute on easy runs, {percent(MORE)} more than your {now:.0f} "
        f"of now, and {LIGHTER}; when it keeps coming back, have your gait analysed."
    )


IN_THE_LAB = "In the laboratory 5-10 % more steps a minute lowered the load on the forefoot."
IN_PAIN = "It matters now, while you have pain in the forefoot."
LIGHTER = "land with the foot below you, not far ahead (overstriding), and leave out fast downhills"
ADVICE = f"{LIGHTER.capitalize()}; when it keeps coming back, have your gait analysed."

RULE = Rule(
    id="C1",
    name="cadence",
    grade="C",
    source=(
        "Laboratory: 5-10 % more steps a minute lower the load on the forefoot. Measured against your own: "
        "the 170-180 that coaches name is background and no target."
    ),
    advice=(
        "While the forefoot hurts, try 5 % more steps a minute than your own, without overstriding or fast "
        "downhill running."
    ),
    news_days=14,
    goes_to=WEEKLY,
    check=check,
)
