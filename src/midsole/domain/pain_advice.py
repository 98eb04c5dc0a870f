"""What to do about pain, in the words that rules, mails and pages share: RULES.md section 3, no more."""

from midsole.domain.checkins import FOREFOOT, Spot
from midsole.domain.facts import ALARM, NOTE, WARN

RESTRICTIONS = {
    NOTE: "Run easily if you run at all, and check again tomorrow morning.",
    WARN: (
        "Keep runs short, easy, soft and flat in a cushioned pair, no speed and no long run, and stop when "
        "it gets worse."
    ),
    ALARM: (
        "Do not run, and see a clinician when it hurts to walk, when it gets worse, or when it is still "
        "there on day 10."
    ),
}
HOLD = {
    NOTE: "Hold: make nothing harder, and see tomorrow morning how every place feels before the next run.",
    WARN: (
        "Hold: rest until a morning has told how every place feels, then keep runs short, easy, soft and "
        "flat in a cushioned pair, no speed and no long run, and stop when it gets worse."
    ),
}
"""In place of these where the pain is new in another place, during an episode or a comeback."""
BESIDE_RED = "Do not run: another place is red, and a clinician who looks at it can look at this one too."
SEE_NOW = "Do not run, and see a clinician now."
DAY_7 = {
    WARN: "Keep runs short, easy, soft and flat, or rest, and see a clinician if it is there on day 10.",
    ALARM: "Do not run, and see a clinician if it is there on day 10.",
}
SEE = {
    WARN: "See a clinician, and until then keep runs short, easy, soft and flat: no speed, no long run.",
    ALARM: "Do not run, and see a clinician.",
}
"""Day 7, and days 10 and 14, by whether the pain is amber or red."""
DETAILS = {
    NOTE: (),
    WARN: (
        "Run short, easy, on soft and flat ground, in a cushioned pair: no speed, no long run.",
        "Worse in mid-run: stop there.",
        "A twinge asks for 1-2 days off, a flare-up for 1-2 weeks.",
        "New pain in another place: hold, and see how it is before the next run.",
        "A lot of pain, or exercises that make it worse, count as red flags: see a clinician.",
        "A painkiller can hide pain: no day with one counts as painless.",
    ),
    ALARM: (
        "Do not run. Exercises do not take the place of rest.",
        "Swim, ride, row or use an elliptical only where that is painless.",
        "The way back begins with four things without pain: walk barefoot, stairs, light hops, calf raise.",
        "A painkiller can hide pain: no day with one counts as painless.",
    ),
}


def restrictions(level: str) -> str:
    """The one sentence that holds while pain is at that level (note, warn, alarm)."""
    return RESTRICTIONS[level]


def details(level: str) -> tuple[str, ...]:
    """The same restrictions one by one, for a page or the foot of a mail; nothing at a note."""
    return DETAILS[level]


def first_aid() -> str:
    """One paragraph; it says who advises it, and nothing of medicines but whom to ask."""
    return (
        "In the first 1-2 weeks: rest it; ice it for 15-20 minutes 2-3 times a day with a cloth between; "
        "compress it from the toes up; keep it raised. This is advice of coaches and an insole maker, not "
        "shown in a trial. About medicines ask a pharmacist or doctor."
    )


def pads() -> str:
    """One paragraph, for the forefoot; the mixed evidence is part of it."""
    return (
        "A metatarsal pad goes just behind the ball of the foot, not under it; a few millimetres matter. The "
        "evidence is mixed: no change of pressure in 23 healthy runners, some help in 13 patients."
    )


def clinician() -> str:
    """When to see one, in one paragraph."""
    return (
        "See a clinician now with pain at rest or at night; swelling, heat or redness; numbness that stays; "
        "a toe that drifts or changes its shape; one step with sudden sharp pain; or pain that gets worse "
        "although you rest, or from the exercises. See one too when pain is still there on day 10, and again "
        "on day 14."
    )


def is_forefoot(spot: Spot) -> bool:
    """Where a pad may help at all."""
    return spot.place in FOREFOOT
