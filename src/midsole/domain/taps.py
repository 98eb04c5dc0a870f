"""Where a mail's links lead: what the runner may answer with one tap, and the pages that show why."""

from collections.abc import Mapping

from midsole.domain.facts import NOTE, Facts, Finding
from midsole.domain.letter import Link

SHOE, SNOOZE, ACKNOWLEDGE, WRONG, STOP = "shoe", "snooze", "ack", "wrong", "stop"
WEEKLY, ALERT = "weekly", "alert"
SNOOZE_DAYS = 7
PAGES = {
    "L": ("See your weeks", "/load"),
    "W": ("Look at your sources", "/settings/sources"),
}
OPEN = Link("Open Midsole", place="/")


def answers(finding: Finding, ids: Mapping[tuple[str, str], int], facts: Facts) -> tuple[Link, ...]:
    """All that may be answered to what a mail says first."""
    alert_id, activity_id = ids.get((finding.rule, finding.subject)), _activity(finding, facts)
    taps = []
    if alert_id is not None:
        taps += [Link("I have seen it", ACKNOWLEDGE, alert_id), Link("Silent for a week", SNOOZE, alert_id)]
    if activity_id is not None:
        taps.append(Link("This was not me, or the distance is wrong", WRONG, activity_id))
    return (*taps, *_page(finding), why(finding))


def short_answers(finding: Finding, ids: Mapping[tuple[str, str], int], facts: Facts) -> tuple[Link, ...]:
    """For what is said further down: that it was seen, the pair's page, and why it is told."""
    wanted = () if finding.level == NOTE else (ACKNOWLEDGE,)
    taps = (tap for tap in answers(finding, ids, facts) if tap.purpose in wanted)
    pair = _page(finding) if finding.rule.startswith("S") else ()
    return (*taps, *pair, why(finding))


def why(finding: Finding) -> Link:
    return Link("Why am I told this?", place=f"/alerts/rules#{finding.rule}")


def shoe(activity_id: int) -> Link:
    return Link("Say which pair", SHOE, activity_id)


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


def _page(finding: Finding) -> tuple[Link, ...]:
    told = finding.numbers
    if "shoe" in told:
        return (Link(f"Open the {told['shoe_name']}", place=f"/shoes/{told['shoe']}"),)
    if "insert" in told:
        return (Link(f"Open the {told['insert_name']}", place="/inserts"),)
    page = PAGES.get(finding.rule[0])
    return (Link(page[0], place=page[1]),) if page else ()
