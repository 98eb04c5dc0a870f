"""The weekly mail's verdict, subject and first lines; the alert mail; the closing notice."""

from datetime import date, timedelta

import pytest

import build
from midsole.domain.alerts import AlertState
from midsole.domain.digest import Counts, alert_mail, notice, weekly
from midsole.domain.facts import Pause
from midsole.domain.rules import evaluate

MONDAY = date(2026, 11, 16)
START = MONDAY - timedelta(days=7)
SOURCE = build.source(last_success_at=build.at(MONDAY, "03:00"))


def digest(kms, *, alerts=(), last=(), **more):
    values = {"today": MONDAY, "now": build.at(MONDAY, "06:00"), "sources": (SOURCE,)} | more
    facts = build.facts(_runs(kms, last), **values)
    return weekly(facts, START, alerts, evaluate(facts))


def _runs(kms, last):
    """The weeks, and if `last` is given a last one of just these runs."""
    weeks = build.weekly([*kms, 0] if last else kms, last_week_start=START)
    return [*weeks, *(build.run(START + timedelta(days=n), km) for n, km in enumerate(last))]


def test_an_even_week_is_steady_with_its_numbers_and_the_next_run():
    mail = digest([31] * 9)
    assert mail.verdict == "steady"
    assert mail.subject == "Steady: 31 km, usual 31. Next run at most 11.3 km"


def test_a_steep_week_warns_with_three_numbers_and_both_caps():
    mail = digest([30] * 8, last=[10, 10, 10, 10, 8])
    assert mail.verdict == "warning"
    assert mail.subject.startswith("Load warning: 48 km, 60 % above your usual 30. This week at most")
    assert "at most" in mail.do_this
    assert "Evidence:" in mail.why


def test_a_small_step_is_watched():
    mail = digest([30] * 8, last=[9, 9, 9, 9])
    assert (mail.verdict, mail.subject.split(":")[0]) == ("watch", "Watch")


def test_a_worn_pair_is_watched_until_it_is_acknowledged():
    runs = build.weekly([31] * 9, last_week_start=START)
    pair = build.worn(build.shoe("Pegasus"), runs, worn_m=650_000)
    assert digest([31] * 9, shoes=(pair,)).verdict == "watch"
    known = AlertState(5, "S1", "1:100", "warn", "acknowledged", build.at("2026-11-01"))
    assert digest([31] * 9, shoes=(pair,), alerts=[known]).verdict == "steady"


def test_a_stale_source_gives_no_verdict_and_says_since_when():
    silent = build.source(last_success_at=build.at("2026-11-10"))
    mail = digest([31] * 9, sources=(silent,))
    assert mail.subject == "No verdict: nothing synced since Tuesday"


def test_too_little_history_gives_no_verdict():
    assert digest([20], known_since=START).verdict == "no-verdict"


def test_a_week_without_a_run_is_told_kindly():
    assert "rest is part of it" in digest([31] * 8 + [0]).why
    assert "rest is part of it" in digest([31] * 8 + [0], sources=()).why


def test_in_a_declared_break_no_distance_is_suggested():
    away = Pause(START, START + timedelta(days=20), "holiday")
    assert digest([31] * 8 + [0], pauses=(away,)).do_this == (
        "Take the break you planned; when it is over, begin short."
    )


def test_the_mid_week_warning_has_its_own_words():
    runs = [
        *build.weekly([31] * 8, last_week_start=START),
        build.run("2026-11-17", 22),
        build.run("2026-11-19", 28),
    ]
    facts = build.facts(runs, today="2026-11-19")
    mail = alert_mail([f for f in evaluate(facts) if f.rule == "L2"], facts)
    assert mail.subject == "Load warning: 50 km by Thursday, your usual week is 31. Easy or off until Sunday."


def test_an_alert_mail_says_only_the_highest_threshold_of_a_pair():
    pair = build.worn(build.shoe("Pegasus"), [build.run("2026-11-19", 10)], worn_m=650_000)
    facts = build.facts([], shoes=(pair,))
    mail = alert_mail([f for f in evaluate(facts) if f.rule == "S1"], facts, ids={("S1", "1:100"): 7})
    assert len(mail.findings) == 1
    assert [r.command for r in mail.sections[0].rows] == [
        'midsole shoes retire "Pegasus"',
        "midsole alerts ack 7",
    ]


@pytest.mark.parametrize("words", ["1 run", "10 km", "1 file that could"])
def test_the_notice_says_what_came_in_and_what_is_true_today(words):
    said = notice(build.facts(), Counts(1, 10_000, START, START, bad=1))
    rows = " ".join(r.text for s in said.sections for r in s.rows)
    assert words in said.subject + rows
