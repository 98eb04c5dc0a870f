"""P4: pain and shoe, counted on the pages (domain/pain_and_shoe.py) and never a finding."""

from midsole.domain.rules.base import SHOWN, Rule, shown_only

RULE = Rule(
    id="P4",
    name="pain and shoe",
    grade="-",
    source=(
        "Your own runs, counted: sore mornings after runs in this pair against those in the others, likewise "
        "surfaces, distances and calf stretches, with Fisher's exact test (two-sided), from 5 runs on each "
        "side. Below 0.05 it is called a pattern. Counted, not caused."
    ),
    advice="Compare the pairs; a count is no cause, and several counts at once make chance hits likelier.",
    news_days=None,
    goes_to=SHOWN,
    check=shown_only,
)
