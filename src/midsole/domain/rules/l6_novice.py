"""L6: fewer than 30 days of history and no start values; its cap stands in for L0's in caps.py."""

from midsole.domain.rules.base import SHOWN, Rule, shown_only

RULE = Rule(
    id="L6",
    name="novice",
    grade="C/D",
    source=(
        "Small studies of new runners and experts' advice: with fewer than 30 days of history the next run "
        "is at most the longest so far and 10 % or 1 km, whichever is more; every ratio says not enough data."
    ),
    advice="Add a little at a time until 30 days are known, or tell Midsole your longest run and usual week.",
    news_days=None,
    goes_to=SHOWN,
    check=shown_only,
)
