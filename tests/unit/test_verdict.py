"""The verdict of this moment: the weekly mail's levels, said of the week that runs."""

import build
from midsole.domain.alerts import AlertState
from midsole.domain.caps import cap
from midsole.domain.load import weeks
from midsole.domain.rules import evaluate
from midsole.domain.verdict import verdict

EVEN = [31] * 8


def now(kms=EVEN, *, more=(), alerts=(), **facts):
    values = {"sources": (build.source(),)} | facts
    known = build.facts([*build.weekly(kms, last_week_start="2026-11-09"), *more], **values)
    return verdict(known, alerts, evaluate(known), weeks(known, 8), cap(known))


def test_an_even_week_is_steady_with_what_is_run_so_far():
    found = now(more=[build.run("2026-11-18", 10)])
    assert found.tone == "steady"
    assert found.sentence == "Steady: 10 km so far this week, your usual is 31 km."
    assert found.do_this == "Next run at most 11.3 km, and at most 24.1 km more this week."


def test_a_week_without_a_run_so_far_is_no_week_of_nothing():
    found = now()
    assert found.sentence == "Steady: no run yet this week, your usual is 31 km."
    assert "no run and" not in found.why.lower()


def test_a_long_run_warns_for_a_week_with_its_numbers_and_evidence():
    found = now(more=[build.run("2026-11-18", 15)])
    assert (found.tone, found.rule) == ("warning", "L1")
    assert found.sentence.startswith("Load warning: 15 km in one run on 18 Nov")
    assert "Evidence: one large cohort study." in found.why


def test_a_steep_week_is_said_with_its_three_numbers():
    runs = [build.run(f"2026-11-{n}", 10.5) for n in (16, 17, 18, 19, 20)]
    found = now([42] * 8, more=[*runs, build.run("2026-11-20", 12, clock="17:00")], today="2026-11-20")
    assert (found.tone, found.rule) == ("warning", "L2")
    assert found.sentence == "Load warning: 64.5 km so far this week, 54 % above your usual 42."
    assert "not shown to prevent injury" in found.note


def test_an_acknowledged_pair_is_not_said_again():
    pair = build.worn(build.shoe(), build.weekly(EVEN, last_week_start="2026-11-09"), worn_m=650_000)
    assert now(shoes=(pair,)).tone == "watch"
    seen = AlertState(5, "S1", "1:100", "warn", "acknowledged", build.at("2026-11-01"))
    assert now(shoes=(pair,), alerts=[seen]).tone == "steady"


def test_a_silent_source_gives_no_verdict_and_never_says_that_all_is_fine():
    silent = build.source(last_success_at=build.at("2026-11-10"))
    found = now(sources=(silent,))
    assert (found.tone, found.sentence) == ("no-verdict", "No verdict: nothing synced since 10 Nov.")
    assert found.as_of == silent.last_success_at
    assert "no cap here is sure" in found.do_this


def test_without_a_usual_week_there_is_no_verdict_and_the_reason_is_said():
    found = now([0, 0, 0, 0, 0, 0, 0, 20], known_since="2026-11-09")
    assert found.sentence == "No verdict: your usual week is not known yet."
    assert "fewer than 30 days of history" in found.why
    assert found.do_this.startswith("Next run at most")


def test_the_verdict_is_as_of_the_source_that_was_read_longest_ago():
    old, new = build.at("2026-11-20", "01:00"), build.at("2026-11-20", "17:00")
    ways = (build.source(1, last_success_at=old), build.source(2, last_success_at=new))
    assert now(sources=ways).as_of == old
    assert now(sources=()).as_of is None
