"""What is news: identity, windows, budget, and when it ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import build
from midsole.domain.alerts import NEWS, AlertState, Open, Raise, Refresh, Resolve, decide, is_exempt
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
    shown = {"L0", "L4", "L6"}
    assert {r.id: r.news_days for r in RULES if r.id not in shown} == {
        r.id: NEWS[r.id].days for r in RULES if r.id not in shown
    }


findings = st.lists(
    st.builds(
        found,
        st.sampled_from(["L1", "L2", "L3", "L5", "S1", "S2", "S4", "Q1", "W1"]),
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
def test_a_silent_pass_never_pushes(seen):
    assert all(c.state == "seen" and not c.push and not c.weekly for c in judged(seen, silent=True))


@given(findings, st.integers(0, 4), st.booleans())
def test_the_budget_and_the_one_load_push_hold(seen, mails, load):
    pushed = [c.finding for c in judged(seen, mails=mails, load=load) if c.push]
    if mails >= 2 and pushed:
        assert any(is_exempt(f) for f in pushed)
    spikes = [f for f in pushed if f.rule in ("L1", "L2") and f.level != "alarm"]
    assert len(spikes) <= (0 if load else 1)
