"""What is news: identity, windows, budget, and when it ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import build
from midsole.domain.alerts import (
    NEWS,
    AlertState,
    Open,
    Raise,
    Refresh,
    Resolve,
    decide,
    is_exempt,
    is_fresh_pain,
    severity,
)
from midsole.domain.checkins import Body, CheckIn
from midsole.domain.facts import Finding
from midsole.domain.rules import RULES

TODAY = build.TODAY
WEEK = "2026-11-16"
FACTS = build.facts()


def found(rule="L1", level="warn", subject="a", ago=0, **numbers) -> Finding:
    subject = WEEK if rule in ("L2", "L3") else subject
    return Finding(rule, level, subject, TODAY - timedelta(days=ago), f"{rule} {level}", "Rest.", numbers)


def after(alerts, changes, now=FACTS.now):
    """The store after the changes, as the action writes them."""
    by_id = {a.id: a for a in alerts}
    for change in changes:
        if isinstance(change, Resolve):
            by_id[change.alert_id] = replace(by_id[change.alert_id], state="resolved", resolved_at=now)
            continue
        f = change.finding
        said = {"level": f.level, "text": f.text, "numbers": f.numbers, "last_seen_on": now.date()}
        if isinstance(change, Open):
            new = AlertState(len(by_id) + 1, f.rule, f.subject, f.level, change.state, now)
            by_id[new.id] = replace(new, **said, pushed_at=now if change.push else None)
        elif isinstance(change, Raise):
            old = by_id[change.alert_id]
            pushed = now if change.push else old.pushed_at
            by_id[old.id] = replace(old, **said, state=change.state, pushed_at=pushed)
        else:
            by_id[change.alert_id] = replace(by_id[change.alert_id], **said)
    return list(by_id.values())


def judged(findings, alerts=(), *, facts=FACTS, silent=False, mails=0, load=False):
    return decide(
        findings, alerts, facts=facts, silent=silent, mails_in_7_days=mails, load_push_in_7_days=load
    )


def on(day: date):
    return build.facts(today=day)


def test_a_fresh_spike_opens_and_is_pushed():
    assert judged([found()]) == [Open(found(), "open", push=True, weekly=True)]


def test_a_silent_pass_records_as_seen_and_later_passes_say_nothing():
    alerts = after([], judged([found(), found("S1", subject="1:100")], silent=True))
    assert {a.state for a in alerts} == {"seen"}
    assert judged([found(), found("S1", subject="1:100")], alerts) == []


@pytest.mark.parametrize(
    ("ago", "weekly", "held"), [(4, True, "late"), (14, True, "late"), (15, False, None)]
)
def test_a_spike_older_than_three_days_is_seen_and_named_late_within_14(ago, weekly, held):
    assert judged([found(ago=ago)]) == [Open(found(ago=ago), "seen", False, weekly, held)]


def test_one_load_push_in_seven_days_but_an_alarm_is_never_held():
    assert judged([found()], load=True)[0].held_back == "7-days"
    assert judged([found(level="alarm")], load=True, mails=5)[0].push


def test_a_third_mail_goes_into_the_weekly_one():
    (change,) = judged([found("S1", subject="1:100")], mails=2)
    assert (change.push, change.weekly, change.held_back) == (False, True, "budget")


def test_an_exempt_mail_carries_the_others_along():
    changes = judged([found("S1", subject="1:100"), found(level="alarm")], mails=2)
    assert all(c.push for c in changes)


def test_a_resolved_spike_never_opens_again():
    alerts = after([], judged([found()]))
    gone = judged([], alerts)
    assert gone == [Resolve(1, NEWS["L1"].resolves)]
    assert judged([found()], after(alerts, gone)) == []


def test_a_pair_passes_again_only_two_per_cent_further():
    at = [found("S1", subject="1:100", used_fraction=u, threshold=1.0) for u in (1.0, 1.01, 1.02)]
    alerts = after([], judged(at[:1]))
    alerts = after(alerts, judged([], alerts))
    assert judged(at[1:2], alerts) == []
    assert isinstance(judged(at[2:], alerts)[0], Open)


def test_a_week_ends_with_the_week_and_does_not_come_back():
    alerts = after([], judged([found("L2")]))
    monday = on(date(2026, 11, 23))
    ended = judged([found("L2")], alerts, facts=monday)
    assert isinstance(ended[0], Resolve)
    assert judged([found("L2")], after(alerts, ended), facts=monday) == []


def test_a_note_that_becomes_a_warning_is_pushed():
    alerts = after([], judged([found("L2", "note")]))
    (change,) = judged([found("L2")], alerts)
    assert isinstance(change, Raise)
    assert change.push


def test_a_habit_resolves_after_seven_days_and_speaks_again_after_eight_weeks():
    alerts = after([], judged([found("S2", "note")]))
    assert judged([], alerts, facts=on(TODAY + timedelta(days=6))) == []
    week_on = on(TODAY + timedelta(days=7))
    alerts = after(alerts, judged([], alerts, facts=week_on), week_on.now)
    assert judged([found("S2", "note")], alerts, facts=on(TODAY + timedelta(days=60))) == []
    assert judged([found("S2", "note")], alerts, facts=on(TODAY + timedelta(days=63)))


def test_a_source_speaks_at_every_outage():
    alerts = after([], judged([found("W1", subject="1:look")]))
    alerts = after(alerts, judged([], alerts))
    assert judged([found("W1", subject="1:look")], alerts)[0].push


def test_acknowledged_is_not_sent_again_and_a_snooze_wakes_once():
    (alert,) = after([], judged([found("S1", subject="1:100")]))
    assert judged([found("S1", subject="1:100")], [replace(alert, state="acknowledged")]) == []
    until = FACTS.now + timedelta(days=1)
    snoozed = replace(alert, state="snoozed", snoozed_until=until)
    tomorrow = on(TODAY + timedelta(days=1))
    again = [found("S1", subject="1:100")]
    assert not any(isinstance(c, Raise) for c in judged(again, [snoozed]))
    woken = judged(again, [snoozed], facts=tomorrow)
    assert isinstance(woken[0], Raise)
    assert judged(again, after([snoozed], woken, tomorrow.now), facts=tomorrow) == []


def test_the_table_agrees_with_the_rules_own_windows():
    shown = {"L0", "L4", "L6", "P4"}
    assert {r.id: r.news_days for r in RULES if r.id not in shown} == {
        r.id: NEWS[r.id].days for r in RULES if r.id not in shown
    }


# Pain


NIGHT = "heel:left:night:2026-11-20"
JUST_SAID = CheckIn(TODAY - timedelta(days=9), "night", 3, "heel", "left", said_at=FACTS.now)


@pytest.mark.parametrize(
    ("facts", "ago"), [(FACTS, 0), (FACTS, 1), (build.facts(body=Body(check_ins=(JUST_SAID,))), 9)]
)
def test_a_red_flag_of_now_is_pushed_in_a_silent_pass_too(facts, ago):
    (change,) = judged([found("P3", "alarm", NIGHT, ago)], facts=facts, silent=True)
    assert (change.state, change.push) == ("open", True)


def test_pain_that_comes_in_with_history_is_seen_until_it_is_reported_anew():
    old = found("P1", "alarm", "heel:left:2026-11-01:alarm", ago=12)
    alerts = after([], judged([old], silent=True))
    assert [(a.state, a.pushed_at) for a in alerts] == [("seen", None)]
    assert judged([old], alerts) == []
    (change,) = judged([replace(old, happened_on=TODAY, text="Again.")], alerts)
    assert (change.state, change.push) == ("open", True)


def test_no_budget_and_no_load_push_holds_an_alarm_of_pain_back():
    both = [found("P1", "alarm", "heel:left:2026-11-20:alarm"), found("P3", "warn", "heel:day-7")]
    assert all(c.push for c in judged(both, mails=9, load=True))


def test_amber_pain_has_no_mail_of_its_own():
    (change,) = judged([found("P1", "warn", "heel:left:2026-11-20:warn")])
    assert (change.push, change.weekly) == (False, True)


def test_the_same_flag_of_another_day_speaks_though_the_first_was_snoozed():
    (alert,) = after([], judged([found("P3", "alarm", NIGHT)]))
    snoozed = replace(alert, state="snoozed", snoozed_until=FACTS.now + timedelta(days=7))
    next_day = found("P3", "alarm", "heel:left:night:2026-11-21", ago=-1)
    ended, opened = judged([next_day], [snoozed], facts=on(TODAY + timedelta(days=1)))
    assert isinstance(ended, Resolve)
    assert opened.push


def test_what_was_removed_and_is_said_again_speaks_again():
    alerts = after([], judged([found("P3", "alarm", NIGHT)]))
    alerts = after(alerts, judged([], alerts))
    (again,) = judged([found("P3", "alarm", NIGHT)], alerts)
    assert again.push


def test_beside_the_level_pain_comes_first_and_a_flag_before_a_day():
    told = [
        found("L1", "alarm", ratio=3.0),
        found("P1", "alarm", "a"),
        found("P3", "alarm", "a:day-10", days=10),
        found("P3", "alarm", "b", flag="night"),
    ]
    assert [(f.rule, f.subject) for f in sorted(told, key=severity)] == [
        ("P3", "b"),
        ("P3", "a:day-10"),
        ("P1", "a"),
        ("L1", "a"),
    ]


findings = st.lists(
    st.builds(
        found,
        st.sampled_from(["L1", "L2", "L3", "L5", "S1", "S2", "S4", "Q1", "W1", "P1", "P3"]),
        st.sampled_from(["note", "warn", "alarm"]),
        st.sampled_from(["1:70", "1:100", "b"]),
        st.integers(0, 30),
    ),
    max_size=8,
)


@given(findings, st.booleans(), st.integers(0, 3), st.booleans())
def test_deciding_again_on_its_own_result_changes_nothing(seen, silent, mails, load):
    alerts = after([], judged(seen, silent=silent, mails=mails, load=load))
    again = judged(seen, alerts, mails=mails, load=load)
    assert not any(isinstance(c, Open | Raise | Refresh) for c in again)


@given(findings)
def test_a_silent_pass_never_pushes_but_pain_of_now(seen):
    changes = [c for c in judged(seen, silent=True) if not is_fresh_pain(c.finding, FACTS)]
    assert all(c.state == "seen" and not c.push and not c.weekly for c in changes)


@given(findings, st.integers(0, 4), st.booleans())
def test_the_budget_and_the_one_load_push_hold(seen, mails, load):
    pushed = [c.finding for c in judged(seen, mails=mails, load=load) if c.push]
    if mails >= 2 and pushed:
        assert any(is_exempt(f) for f in pushed)
    spikes = [f for f in pushed if f.rule in ("L1", "L2") and f.level != "alarm"]
    assert len(spikes) <= (0 if load else 1)
