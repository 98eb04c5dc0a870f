"""What each rule watches, in the words of the page "Why am I told this?"; numbers are the runner's limits."""

WATCHES = {
    "L0": "The longest next run and the distance left this week that stay inside the other rules.",
    "L1": (
        "Each run against the longest of the 30 days before it. Runs with less than 10 minutes between them "
        "are one."
    ),
    "L2": (
        "The week so far against your usual week: the larger of last week and the mean of the four before it."
    ),
    "L3": (
        "Things that got harder in one week: more distance, more fast minutes, a new pair, a new surface, "
        "more descent. Two are a note, three a warning."
    ),
    "L4": (
        "Ratios of this week to the weeks before, monotony and strain. They are shown and explained, and "
        "nobody is warned by them."
    ),
    "L5": (
        "The first four weeks after a break, a pause or pain for which you did not run: the first run and "
        "the first week. A way back of your own follows your runs and what you answer."
    ),
    "L6": "A new runner: with fewer than 30 known days most rules say that there is not enough data.",
    "C1": (
        "Your cadence in the last five runs against your own 28 days at like pace. It is told when three of "
        "them are 5 % or more below; a change is suggested only while the forefoot hurts."
    ),
    "P1": (
        "How much it hurts, from 0 to 10, and where. From 3 on, or when the morning after a run is worse "
        "than before it, an episode begins: short and easy runs only. Above 5, sharp or limping: no run."
    ),
    "P2": (
        "The morning after each run, for pain that is gone on the run and back the next day. Two sore "
        "mornings after the last three days with a run begin an episode."
    ),
    "P3": (
        "Signs that want a clinician at once: pain at rest or at night, swelling, heat or redness, numbness "
        "that stays, a toe that drifts, one step with sudden sharp pain, worse although you rest. And pain "
        "that is still there on day 7, 10 and 14 of an episode: the last that you said is pain, and nothing "
        "painless since. Such an alarm waits for no quiet hours beyond the next 07:00 and counts in no "
        "budget of mails."
    ),
    "P4": (
        "Next-morning soreness after runs in one pair against runs in the others, and by surface, distance "
        "and days since a calf stretch: counts from five runs each, with an exact test. A count is no cause."
    ),
    "D1": "Days with more than twice your usual steps, on 2 days of the last 7.",
    "S1": "The distance of each pair in use against its own limit, told once for each threshold.",
    "S2": "Whether nearly all of the last 8 weeks was run in one pair.",
    "S3": "A pair of a model that is new to you, and long runs in it.",
    "S4": "Runs of the last 28 days that no pair is known for: a pair's distance is only as good as that.",
    "S5": "The distance of each insole, orthotic or pad against its own limit.",
    "Q1": "Runs that cannot have been as recorded: too fast, too far, a jump, an impossible date.",
    "W1": "Sources that could not be read, and a watch from which nothing comes any more.",
    "W2": "Accounts that let Midsole in no more until you log in again.",
    "W3": "Keys of accounts that end by themselves, 14, 7 and 1 days before.",
}
WHAT_WE_KNOW = (
    "No public evidence supports a promise to foresee your injury: on the one public labelled data set what "
    "was published as 0.724 (of 1) falls to about 0.6 when future data is kept out, and nine of ten overuse "
    "injuries come with no spike at all. So Midsole warns about load and wear, and each warning says its "
    "numbers and how good its evidence is. Most runs that it warns of cause no injury."
)
