"""W1 to W3 of accounts and D1: each at its edges, and what is said of it how often."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from test_alerts import after
from test_rules import FORBIDDEN

from build import TODAY, at, day, facts, run, source, weekly
from midsole.domain import digest, mails
from midsole.domain.alerts import AlertState, Open, Resolve, decide, is_exempt
from midsole.domain.facts import NOTE, WARN, Facts, Finding, Pause
from midsole.domain.rules import evaluate

GARMIN = {"name": "Garmin Connect", "kind": "garmin"}
PERSONAL = {"name": "Garmin's Personal API", "kind": "garmin_personal"}
LONG_AGO = at("2026-11-17", "12:00")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def found(f: Facts, rule: str) -> list[Finding]:
    return [x for x in evaluate(f) if x.rule == rule]


def of(*sources, **more) -> Facts:
    return facts([run(TODAY)], sources=sources, **more)


def pushes(days: list[Facts], alerts: tuple[AlertState, ...] = ()) -> list[list[str]]:
    """What is pushed on each of these passes, as rule and subject, however many mails went out before."""
    pushed, known = [], list(alerts)
    for f in days:
        changes = decide(
            evaluate(f), known, facts=f, silent=False, mails_in_7_days=9, load_push_in_7_days=False
        )
        known = after(known, changes, f.now)
        pushed.append([f"{c.finding.rule} {c.finding.subject}" for c in changes if getattr(c, "push", False)])
    return pushed


# W1


@pytest.mark.parametrize("state", ["login_needed", "mfa_pending", "disconnected"])
def test_w1_leaves_those_alone_that_wait_for_the_runner(state):
    assert found(of(source(state=state, last_success_at=LONG_AGO, **GARMIN)), "W1") == []


def test_w1_says_that_an_account_was_limited_or_out_for_a_day_and_that_it_goes_on_trying():
    limited = source(state="rate_limited", last_success_at=LONG_AGO, error="Too many requests.", **GARMIN)
    (said,) = found(of(limited), "W1")
    assert said.text == (
        "Garmin Connect could not be looked at for 78 hours (it wants fewer requests: Too many requests); "
        "newer runs are not known."
    )
    assert said.advice == "See what midsole status says about it; Midsole goes on trying by itself."
    assert said.subject == "1:look"
    out = source(state="degraded", last_success_at=LONG_AGO, error="It answers with 503.", **GARMIN)
    assert "78 hours (It answers with 503); newer" in found(of(out), "W1")[0].text
    assert found(of(replace(out, last_success_at=at(ago(1), "18:00"))), "W1") == []


def test_w1_gives_a_connection_a_day_also_after_a_new_log_in():
    back = source(state="degraded", last_success_at=LONG_AGO, connected_at=at(TODAY, "17:00"), **GARMIN)
    assert found(of(back), "W1") == []
    assert found(of(replace(back, connected_at=at(ago(1), "17:59"))), "W1")
    assert (
        found(of(source(state="degraded", last_success_at=None, created_at=at(TODAY), **GARMIN)), "W1") == []
    )


def test_w1_misses_no_runs_where_the_other_garmin_connection_brings_them():
    shoes_only = source(1, state="degraded", last_success_at=LONG_AGO, **GARMIN)
    (said,) = found(of(shoes_only, source(2, **PERSONAL)), "W1")
    assert said.text.endswith("; what is newer there is not known.")


def test_no_run_for_11_days_is_not_asked_for_while_an_account_is_shut_or_none_is_connected():
    runs = [run(ago(11))]
    shut = source(1, state="login_needed", **GARMIN)
    shut_out = facts(runs, sources=(shut,))
    assert (len(found(shut_out, "W2")), found(shut_out, "W1")) == (1, [])
    assert found(facts(runs, sources=(replace(shut, state="disconnected"),)), "W1") == []
    assert found(facts(runs, sources=(shut, source(2, **PERSONAL))), "W1")[0].subject == "2:runs"


# W2


def test_w2_names_the_account_since_when_and_the_one_thing_to_do():
    shut = source(7, state="login_needed", last_success_at=LONG_AGO, error="The session has ended.", **GARMIN)
    (said,) = found(of(shut), "W2")
    assert (said.level, said.subject, said.weekly_only) == (WARN, "7:log-in", False)
    assert said.text == (
        "Garmin Connect wants you to log in again. The session has ended. "
        "Nothing that came there after 17 Nov is known here."
    )
    assert said.advice == "Log in again with midsole connect garmin."
    assert is_exempt(said)


def test_w2_asks_for_a_new_key_where_a_key_is_what_is_missing():
    (said,) = found(of(source(state="login_needed", last_success_at=None, **PERSONAL)), "W2")
    assert said.text == "Garmin's Personal API wants a new key. Nothing has come from it yet."
    assert said.advice.endswith("give it to midsole connect garmin-personal.")


@pytest.mark.parametrize("state", ["connected", "degraded", "rate_limited", "mfa_pending", "disconnected"])
def test_w2_is_silent_in_every_other_state(state):
    assert found(of(source(state=state, last_success_at=LONG_AGO, **GARMIN)), "W2") == []


def test_w2_speaks_in_a_pause_too_and_once_for_each_connection():
    both = (source(1, state="login_needed", **GARMIN), source(2, state="login_needed", **PERSONAL))
    assert len(found(of(*both, pauses=(Pause(ago(3), None, "ill"),)), "W2")) == 2


def standing(*states: str) -> list[Facts]:
    """A pass an hour for each state of the one connection."""
    return [
        of(source(state=state, last_success_at=at(TODAY, "05:00"), **GARMIN), now=at(TODAY, f"{6 + n:02}:00"))
        for n, state in enumerate(states)
    ]


def test_an_outage_is_one_mail_at_once_whatever_the_budget_and_the_next_one_another():
    passes = standing("connected", "login_needed", "login_needed", "connected", "login_needed")
    assert pushes(passes) == [[], ["W2 1:log-in"], [], [], ["W2 1:log-in"]]


def test_a_login_that_was_begun_and_given_up_is_the_same_outage():
    passes = standing("login_needed", "mfa_pending", "login_needed", "mfa_pending", "connected")
    assert pushes(passes) == [["W2 1:log-in"], [], [], [], []]


def test_a_first_login_that_waits_for_its_code_is_no_outage():
    assert pushes(standing("disconnected", "mfa_pending", "connected")) == [[], [], []]


def test_w2_ends_with_a_success_and_when_the_account_is_forgotten():
    out = standing("login_needed")[0]
    alerts = after([], [Open(found(out, "W2")[0], "open", push=True, weekly=False)], out.now)
    for gone in (*standing("connected"), *standing("disconnected"), of()):
        changes = decide(
            evaluate(gone), alerts, facts=gone, silent=False, mails_in_7_days=0, load_push_in_7_days=False
        )
        assert [c.alert_id for c in changes if isinstance(c, Resolve)] == [1]


def test_the_mail_of_w2_says_in_its_subject_what_is_wrong_and_in_its_third_line_what_to_do():
    f = of(source(state="login_needed", last_success_at=LONG_AGO, **GARMIN))
    mail = mails.alert_mail(found(f, "W2"), f)
    assert mail.subject == "Sync: Garmin Connect wants you to log in again"
    assert mail.do_this == "Log in again with midsole connect garmin."
    assert "bookkeeping" in mail.why


# W3


def key(days: int, **more) -> Facts:
    return of(source(expires_on=TODAY + timedelta(days=days), **(PERSONAL | more)))


@pytest.mark.parametrize(
    ("days", "threshold"),
    [(15, None), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)],
)
def test_w3_finds_the_nearest_threshold_only(days, threshold):
    expires = TODAY + timedelta(days=days)
    wanted = [] if threshold is None else [f"1:{expires}:{threshold}"]
    assert [x.subject for x in found(key(days), "W3")] == wanted


def test_w3_says_when_the_key_ends_and_how_to_get_a_new_one():
    (said,) = found(key(14), "W3")
    assert said.level == NOTE
    assert said.text == (
        "The key for Garmin's Personal API ends in 14 days, on 4 Dec; "
        "without a new one no runs come from there any more."
    )
    assert said.advice.startswith("Make a new key in Garmin Connect on the web")
    assert "ends tomorrow;" in found(key(1), "W3")[0].text
    assert "ends today;" in found(key(0), "W3")[0].text


def test_a_key_that_was_refused_is_w2s_matter():
    assert found(key(7, state="login_needed"), "W3") == []


def test_each_threshold_is_pushed_exactly_once_and_a_new_key_begins_anew():
    expires = TODAY + timedelta(days=20)
    mine = source(expires_on=expires, **PERSONAL)
    passes = [
        facts([run(on)], today=on, sources=(replace(mine, last_success_at=at(on, "17:00")),))
        for on in (TODAY + timedelta(days=n // 2) for n in range(2 * 22))
    ]
    said = [subject for once in pushes(passes) for subject in once]
    assert said == [f"W3 1:{expires}:{n}" for n in (14, 7, 1)]
    new = replace(mine, expires_on=TODAY + timedelta(days=30), last_success_at=passes[-1].now)
    renewed = [replace(passes[-1], sources=(new,))]
    assert pushes([*passes, *renewed])[-1] == [f"W3 1:{TODAY + timedelta(days=30)}:14"]


def test_a_threshold_does_not_speak_twice_when_the_runner_flies_back_over_midnight():
    expires = TODAY + timedelta(days=7)
    here, there = (
        facts([run(TODAY)], today=on, now=at(TODAY), sources=(source(expires_on=expires, **PERSONAL),))
        for on in (TODAY, ago(1))
    )
    assert pushes([there, here, there, here]) == [[f"W3 1:{expires}:14"], [f"W3 1:{expires}:7"], [], []]


# D1


def steps(today: dict[int, int], usual: int = 8_000, known: int = 34) -> Facts:
    """The usual steps on the last days but for some (days ago -> steps)."""
    even = {ago(n): usual for n in range(known + 1)}
    return facts(steps=even | {ago(n): count for n, count in today.items()})


def test_d1_speaks_on_the_second_day_of_seven_above_twice_the_usual():
    assert found(steps({2: 16_001}), "D1") == []
    assert found(steps({2: 16_001, 0: 16_000}), "D1") == []
    assert found(steps({7: 16_001, 0: 16_001}), "D1") == []
    (said,) = found(steps({6: 16_001, 0: 16_001}), "D1")
    assert (said.level, said.subject, said.happened_on, said.weekly_only) == (NOTE, "-", TODAY, True)


def test_d1_says_the_days_and_claims_no_harm():
    (said,) = found(steps({4: 17_500, 2: 24_300}), "D1")
    assert said.text == (
        "On 2 of the last 7 days you took more than twice your usual steps (17,500 on 16 Nov and 24,300 on "
        "18 Nov; usual: 8,000). Standing and walking all day loads the forefoot too; whether that harms has "
        "not been studied."
    )
    assert said.numbers == {"median_steps": 8_000, "days": "2026-11-16, 2026-11-18", "steps": "17500, 24300"}


def test_d1_needs_14_known_days_before_each_day_it_judges():
    assert found(steps({1: 20_000, 0: 20_000}, known=15), "D1")
    assert found(steps({1: 20_000, 0: 20_000}, known=14), "D1") == []


def test_for_d1_a_missing_day_is_not_a_day_of_no_steps():
    f = steps({1: 20_000, 0: 20_000})
    every_other = {d: n for d, n in f.steps.items() if d.day % 2 or d >= ago(1)}
    assert found(replace(f, steps=every_other), "D1")
    in_a_drawer = steps({1: 20_000, 0: 20_000} | dict.fromkeys(range(2, 30), 0))
    assert found(in_a_drawer, "D1") == []


def test_d1_counts_paused_days_and_stands_in_the_weekly_mail_only():
    f = replace(steps({2: 20_000, 0: 20_000}), pauses=(Pause(ago(30), None, "ill"),))
    assert len(found(f, "D1")) == 1
    assert pushes([f]) == [[]]
    mail = digest.weekly(f, day("2026-11-16"), (), evaluate(f), stale=False)
    assert "twice your usual steps" in " ".join(r.text for s in mail.sections for r in s.rows)


def test_d1_speaks_again_only_eight_weeks_later():
    f = steps({2: 20_000, 0: 20_000})
    alerts = after(
        [], decide(evaluate(f), (), facts=f, silent=False, mails_in_7_days=0, load_push_in_7_days=False)
    )
    gone = replace(alerts[0], state="resolved", resolved_at=f.now)
    for weeks, speaks in ((7, False), (8, True)):
        later = replace(f, now=f.now + timedelta(weeks=weeks))
        changes = decide(
            evaluate(f), [gone], facts=later, silent=False, mails_in_7_days=0, load_push_in_7_days=False
        )
        assert bool(changes) is speaks


# The weekly mail


START = day("2026-11-09")


def mail_of(*sources) -> digest.Digest:
    f = facts(
        weekly([31] * 9, last_week_start=START),
        today="2026-11-16",
        now=at("2026-11-16", "06:00"),
        sources=sources,
    )
    return digest.weekly(f, START, (), evaluate(f))


def fresh(connection_id: int = 1, **more):
    return source(connection_id, **({"last_success_at": at("2026-11-16", "05:00")} | more))


def test_a_shut_account_gives_no_verdict_and_says_what_to_do():
    mail = mail_of(fresh(state="login_needed", **GARMIN))
    assert mail.subject == "No verdict: Garmin Connect wants you to connect it again"
    assert mail.do_this == (
        "Log in again with midsole connect garmin; until the runs are in, no cap here is sure."
    )


def test_an_account_that_nobody_waits_for_leaves_the_verdict():
    half = fresh(2, state="mfa_pending", last_success_at=None, **GARMIN)
    assert mail_of(fresh(), half).verdict == "steady"
    shoes_only = fresh(2, state="login_needed", last_success_at=at("2026-11-01"), **GARMIN)
    mail = mail_of(fresh(1, **PERSONAL), shoes_only)
    assert mail.verdict == "steady"
    said = " ".join(r.text for s in mail.sections if s.title == "Sources" for r in s.rows)
    assert "Garmin's Personal API: last sync 60 min ago" in said
    assert (
        "Garmin Connect lets Midsole in no more; it was last read 14 days ago (1 Nov). Log in again" in said
    )


# What holds for all


LOUD = of(
    source(1, state="degraded", last_success_at=LONG_AGO, error="It answers with 503.", **GARMIN),
    source(2, state="login_needed", **PERSONAL),
    source(3, expires_on=TODAY, **PERSONAL),
    steps={ago(n): 20_000 if n < 3 else 8_000 for n in range(35)},
)


def test_every_finding_has_one_sentence_of_advice_and_claims_nothing():
    assert {x.rule for x in evaluate(LOUD)} >= {"D1", "W1", "W2", "W3"}
    for said in evaluate(LOUD):
        assert re.fullmatch(r"[A-Z].*\.", said.advice)
        assert not re.search(r"[.!?] [A-Z]", said.advice)
        assert not any(word in (said.text + said.advice).lower() for word in FORBIDDEN)
        assert set(said.numbers)
