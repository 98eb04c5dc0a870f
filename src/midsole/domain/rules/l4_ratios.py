"""L4: acute to chronic ratio, monotony, strain; drawn and explained, never an alarm."""

from midsole.domain.rules.base import SHOWN, Rule, shown_only

RULE = Rule(
    id="L4",
    name="load ratios",
    grade="X",
    source=(
        "In the two largest running cohorts a higher acute to chronic ratio went with fewer injuries, "
        "so it is shown and explained, and never warns."
    ),
    advice="Look at the ratios if you like them, and do not let them decide alone.",
    news_days=None,
    goes_to=SHOWN,
    check=shown_only,
)
