"""S3: the first kilometres in a new model."""

from datetime import date, timedelta

from midsole.domain.facts import NOTE, WARN, Facts, Finding
from midsole.domain.load import read_log, usual_m
from midsole.domain.rules import l1_session
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.shoes import Worn
from midsole.domain.units import distance, distance_down
from midsole.domain.weeks import DAY, week_start

SLOW_KINDS = frozenset({"minimal", "racing"})
IN_USE_DAYS = 14
WEEK_SHARE = 0.25


def check(facts: Facts) -> list[Finding]:
    pairs = [pair for pair in facts.shoes if is_new(facts, pair)]
    return _findings(facts, pairs) if pairs else []


def _findings(facts: Facts, pairs: list[Worn]) -> list[Finding]:
    spikes = _spikes(facts)
    log = read_log(facts)
    usual = usual_m(log, week_start(facts.today, facts.first_weekday))
    return [_finding(facts, pair, _spike_in(pair, spikes), usual) for pair in pairs]


def is_new(facts: Facts, pair: Worn) -> bool:
    """Worn lately, and below 50 km (minimal and racing kinds: 100 km) on a model not run in before."""
    last, total_m = pair.last_worn_on, pair.distance_m
    if pair.shoe.retired_on is not None or last is None or total_m is None:
        return False
    lately = facts.today - last <= IN_USE_DAYS * DAY
    return lately and total_m < first_m(facts, pair) and not _known_model(facts, pair)


def first_m(facts: Facts, pair: Worn) -> float:
    limits = facts.limits
    return limits.new_racing_pair_m if pair.shoe.kind in SLOW_KINDS else limits.new_pair_m


def _known_model(facts: Facts, pair: Worn) -> bool:
    model = pair.shoe.model
    return model is not None and any(
        o.shoe.id != pair.shoe.id
        and o.shoe.model == model
        and (o.distance_m or o.worn_m) >= first_m(facts, o)
        for o in facts.shoes
    )


def _spikes(facts: Facts) -> dict[int, date]:
    """The days of the runs that L1 warns of, by activity."""
    warned = {f.subject: f.happened_on for f in l1_session.check(facts) if f.level != NOTE}
    found = (s for s in read_log(facts).sessions if s.key in warned)
    return {number: warned[s.key] for s in found for number in s.activity_ids}


def _spike_in(pair: Worn, spikes: dict[int, date]) -> date | None:
    days = [spikes[w.activity_id] for w in pair.recent if w.activity_id in spikes]
    return max(days, default=None)


def _finding(facts: Facts, pair: Worn, spike_on: date | None, usual: float | None) -> Finding:
    assert pair.distance_m is not None
    total_m, units = pair.distance_m, facts.units
    done, first = distance(total_m, units), distance(first_m(facts, pair), units)
    said = f"The {pair.shoe.name} is new: {done} of its first {first}."
    if spike_on is not None:
        said += " A run much longer than any of the 30 days before it was in this pair."
    return Finding(
        rule=RULE.id,
        level=NOTE if spike_on is None else WARN,
        subject=str(pair.shoe.id),
        happened_on=spike_on or pair.first_worn_on or facts.today - timedelta(days=IN_USE_DAYS),
        text=said,
        advice=_advice(pair, usual, units),
        numbers={
            "shoe": pair.shoe.id,
            "shoe_name": pair.shoe.name,
            "distance_m": total_m,
            "first_m": first_m(facts, pair),
            "usual_m": usual,
        },
        weekly_only=True,
    )


def _advice(pair: Worn, usual: float | None, units: str) -> str:
    share = f" ({distance_down(WEEK_SHARE * usual, units)})" if usual else ""
    return f"No long run in the {pair.shoe.name} yet, and at most a quarter of the week{share}."


RULE = Rule(
    id="S3",
    name="new pair",
    grade="D",
    source="Coaches' advice: change to a new model slowly, to a minimal or racing one more slowly still.",
    advice="No long run in a new pair and at most a quarter of the week, for 50 km (minimal, racing: 100).",
    news_days=14,
    goes_to=WEEKLY,
    check=check,
)
