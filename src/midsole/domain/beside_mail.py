"""What is said of an alert beside mail: short words for a push, an event for a webhook; never of pain."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from midsole.domain.alerts import severity
from midsole.domain.facts import Finding
from midsole.domain.health_words import speak_of_the_body
from midsole.domain.letter import highest_per_pair, kind_words, short_words

OF_PAIN = "Midsole has something for you to read: open the page."
"""Not even that it is about pain: what is said here goes through the hands of others."""
SUBJECT = "Midsole"


def speaks_of_pain(finding: Finding) -> bool:
    """How somebody's feet are goes through no third party's hands, whichever rule says it, and wherever."""
    said = (finding.subject, finding.text, finding.advice)
    return is_of_the_body(finding.rule, said, finding.numbers)


def is_of_the_body(rule: str, said: Iterable[str], numbers: Mapping[str, object]) -> bool:
    """The same of an alert that is kept."""
    told = (f"{key} {value}" for key, value in numbers.items())
    return rule.startswith("P") or speak_of_the_body(" ".join((*said, *told)))


def row_subject(findings: Iterable[Finding], subject: str) -> str:
    """What the table of messages calls it, beside the mail: its subject, but for pain."""
    return SUBJECT if any(speaks_of_pain(f) for f in findings) else subject


def push_words(findings: Sequence[Finding], units: str, page_url: str) -> dict[str, Any]:
    """Title and one sentence of the most severe, how many more there are, and where to read on."""
    ordered = sorted(highest_per_pair(findings), key=severity)
    top, rest = ordered[0], len(ordered) - 1
    hidden = speaks_of_pain(top)
    said = OF_PAIN if hidden else f"{short_words(top, units).rstrip('.')}."
    more = f" And {rest} more." if rest else ""
    link = f"\n{page_url}" if page_url else ""
    return {"title": SUBJECT if hidden else kind_words(top), "body": f"{said}{more}{link}"}


def test_push() -> dict[str, Any]:
    return {"title": "Midsole: a test", "body": "Push messages from Midsole reach you."}


test_push.__test__ = False  # type: ignore[attr-defined]  # pytest would take the name for a test


def alert_words(finding: Finding) -> dict[str, Any]:
    """The alert as a webhook carries it; of pain nothing but that the page has a word."""
    if speaks_of_pain(finding):
        nothing = dict.fromkeys(("rule", "level", "advice", "happened_on"))
        return {**nothing, "text": OF_PAIN, "numbers": {}}
    return {
        "rule": finding.rule,
        "level": finding.level,
        "text": finding.text,
        "advice": finding.advice,
        "numbers": dict(finding.numbers),
        "happened_on": finding.happened_on.isoformat(),
    }


def event(
    kind: str, message_id: str, at: datetime, runner_id: int, alert: dict[str, Any] | None
) -> dict[str, Any]:
    """The body of a webhook: type alert or test."""
    return {
        "id": message_id.strip("<>"),
        "type": kind,
        "created_at": at.isoformat(),
        "runner": runner_id,
        "alert": alert,
    }
