"""Where a mail's links lead: what the runner may answer with one tap, and the pages that show why."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from midsole.domain.checkins import AFTER, MORNING
from midsole.domain.errors import NotThere
from midsole.domain.facts import NOTE, Facts, Finding
from midsole.domain.letter import Link, episode_key, is_of_pain
from midsole.domain.units import short_day

SHOE, SNOOZE, ACKNOWLEDGE, WRONG, STOP, FEEL = "shoe", "snooze", "ack", "wrong", "stop", "feel"
TICKS = "ticks"
WEEKLY, ALERT, CHECK_IN, ROUTINE = "weekly", "alert", "checkin", "routine"
"""The kinds of mail that STOP ends, each alone."""
MOMENT_BY_LETTER = {"m": MORNING, "a": AFTER}
SNOOZE_DAYS = 7
PAGES = {
    "L": ("See your weeks", "/load"),
    "W": ("Look at your sources", "/settings/sources"),
}
FIRST_AID = Link("First aid, and when to see a clinician", place="/body/help#first-aid")
OPEN = Link("Open Midsole", place="/")


def answers(finding: Finding, ids: Mapping[tuple[str, str], int], facts: Facts) -> tuple[Link, ...]:
    """All that may be answered to what a mail says first."""
    alert_id, activity_id = ids.get((finding.rule, finding.subject)), _activity(finding, facts)
    taps = []
    if alert_id is not None:
        taps += [Link("I have seen it", ACKNOWLEDGE, alert_id), Link("Silent for a week", SNOOZE, alert_id)]
    if activity_id is not None:
        taps.append(Link("This was not me, or the distance is wrong", WRONG, activity_id))
    return (*taps, *_of_pain(finding, facts), *_page(finding, ids), why(finding))


def short_answers(finding: Finding, ids: Mapping[tuple[str, str], int], facts: Facts) -> tuple[Link, ...]:
    """For what is said further down: that it was seen, the pair's page, and why it is told."""
    wanted = () if finding.level == NOTE else (ACKNOWLEDGE,)
    taps = (tap for tap in answers(finding, ids, facts) if tap.purpose in wanted)
    page = _page(finding, ids) if finding.rule.startswith(("S", "P")) else ()
    return (*taps, *page, why(finding))


def why(finding: Finding) -> Link:
    return Link("Why am I told this?", place=f"/alerts/rules#{finding.rule}")


def shoe(activity_id: int) -> Link:
    return Link("Say which pair", SHOE, activity_id)


def feel(on_day: date, moment: str) -> Link:
    """How were the feet on that day: after the run, or in the morning. One tap says that all is fine."""
    letter = next(letter for letter, known in MOMENT_BY_LETTER.items() if known == moment)
    return Link("Say how your feet are", FEEL, f"{on_day:%Y%m%d}{letter}")


def felt(about: str) -> tuple[date, str]:
    """The day and the moment that `feel` asked about."""
    day, letter = about[:-1], about[-1:]
    try:
        return date.fromisoformat(day), MOMENT_BY_LETTER[letter]
    except (ValueError, KeyError):
        raise NotThere("This link asks about no day.") from None


def ticks(on_day: date) -> Link:
    """All of that day's routine at once."""
    return Link("I have done them all", TICKS, f"{on_day:%Y%m%d}")


def ticked(about: str) -> date:
    """The day that `ticks` asked about."""
    try:
        return date.fromisoformat(about)
    except ValueError:
        raise NotThere("This link is of no day.") from None


def weekly_links() -> tuple[Link, ...]:
    return (
        OPEN,
        Link("Choose your mails", place="/settings/mail"),
        Link("Stop the weekly mail", STOP, WEEKLY),
    )


def alert_links() -> tuple[Link, ...]:
    return (
        OPEN,
        Link("Choose your mails", place="/settings/mail"),
        Link("Stop mails of alerts", STOP, ALERT),
    )


def _activity(finding: Finding, facts: Facts) -> int | None:
    """The one that the finding speaks of."""
    told = finding.numbers.get("activity")
    if isinstance(told, int):
        return told
    if finding.rule != "L1":
        return None
    return next((a.id for a in facts.activities if a.key == finding.subject), None)


def _of_pain(finding: Finding, facts: Facts) -> tuple[Link, ...]:
    """The next morning's question, for what is said then decides; and first aid. A mail may be read on that
    very morning: the day is named."""
    if not is_of_pain(finding) or finding.level == NOTE:
        return ()
    on = facts.today + timedelta(days=1)
    return (
        replace(feel(on, MORNING), words=f"Say how it feels on the morning of {short_day(on)}"),
        FIRST_AID,
    )


def _page(finding: Finding, ids: Mapping[tuple[str, str], int]) -> tuple[Link, ...]:
    told = finding.numbers
    if is_of_pain(finding):
        number = ids.get(episode_key(finding))
        return (Link("See how it went", place="/body" if number is None else f"/body/episodes/{number}"),)
    if "shoe" in told:
        return (Link(f"Open the {told['shoe_name']}", place=f"/shoes/{told['shoe']}"),)
    if "insert" in told:
        return (Link(f"Open the {told['insert_name']}", place="/inserts"),)
    page = PAGES.get(finding.rule[0])
    return (Link(page[0], place=page[1]),) if page else ()
