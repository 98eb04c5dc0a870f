"""L0: the longest next run and the distance left this week; a value on the page, worked out in caps.py."""

from midsole.domain.rules.base import SHOWN, Rule, shown_only

RULE = Rule(
    id="L0",
    name="cap",
    grade="B",
    source=(
        "The session rule (L1) turned round: at most 1.10 times the longest run of the last 30 days. "
        "The 14 days after a spike or a race, and the week's part, are experts' pacing advice (grade D). "
        "While something hurts it is at most the longest painless run, after red pain nothing at first: "
        "experts' advice too."
    ),
    advice="Run at most the shown distance next, and at most what is left of the week.",
    news_days=None,
    goes_to=SHOWN,
    check=shown_only,
)
