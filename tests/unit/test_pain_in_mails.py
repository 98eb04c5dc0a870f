"""Pain in mails, on the page's verdict, and beside mail: what is said, and what never is."""

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from build import at, day, facts, run, source, weekly
from midsole.deliver.render import alert_mail as rendered
from midsole.deliver.render import weekly_mail
from midsole.domain import beside_mail, digest, mails, taps
from midsole.domain.alerts import AlertState
from midsole.domain.caps import cap
from midsole.domain.checkins import Body, CheckIn, Plan, SaidOver, Spot
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.letter import EPISODE, PAIN_FOOTER
from midsole.domain.load import weeks
from midsole.domain.pain import open_episodes
from midsole.domain.pain_advice import SEE_NOW, first_aid, pads, restrictions
from midsole.domain.pain_words import WHEN_OVER, feet_section, what_holds
from midsole.domain.rules import evaluate
from midsole.domain.verdict import verdict

BALL = {"place": "ball-inner", "side": "left"}
KNEE = {"place": "knee", "side": "right"}


def felt(on: str | date, level: int, moment: str = "morning", **more: Any) -> CheckIn:
    where = BALL if level or more.get("signs") else {}
    return CheckIn(day(on), moment, level, **(where | more))


def body_of(*answers: CheckIn) -> Facts:
    return facts(body=Body(check_ins=answers))


def pains(f: Facts) -> list[Finding]:
    return [x for x in evaluate(f) if x.rule in ("P1", "P2", "P3")]


MONDAY = date(2026, 11, 16)
START = MONDAY - timedelta(days=7)


def even(*said: CheckIn, synced: datetime | None = None) -> Facts:
    """A steady runner on a Monday morning."""
    inbox = source(last_success_at=synced or at(MONDAY, "05:00"))
    runs = weekly([31] * 9, last_week_start=START)
    return facts(runs, today=MONDAY, now=at(MONDAY, "06:00"), sources=(inbox,), body=Body(check_ins=said))


def week_of(f: Facts, alerts: tuple[AlertState, ...] = ()) -> digest.Digest:
    return digest.weekly(f, START, alerts, evaluate(f))


def words_of(letter: digest.Digest | mails.AlertMail) -> str:
    return " ".join(row.text for s in letter.sections for row in s.rows)


@pytest.mark.parametrize("level", [3, 8])
@pytest.mark.parametrize("synced", [at(MONDAY, "05:00"), at("2026-11-10")])
def test_open_pain_is_a_warning_whatever_else_is_steady_unknown_or_acknowledged(
    level: int, synced: datetime
) -> None:
    f = even(felt("2026-10-28", level), synced=synced)
    seen = tuple(
        AlertState(n, x.rule, x.subject, x.level, "acknowledged", f.now) for n, x in enumerate(pains(f))
    )
    mail = week_of(f, seen)
    assert (mail.verdict, mail.subject.split(" ")[0]) == ("warning", "Pain")
    assert "clinician" in " ".join(mail.footer)
    now = verdict(f, seen, evaluate(f), weeks(f, 8), cap(f))
    assert (now.tone, now.sentence.split(" ")[0]) == ("warning", "Pain")
    assert ("runs may be missing" in f"{mail.why}{now.why}".lower()) == (synced < at("2026-11-11"))


def test_a_silent_week_has_no_section_about_the_feet_and_a_painless_one_has_a_line() -> None:
    assert feet_section(even(), START).rows == ()
    said = even(felt("2026-11-10", 0, "after"), felt("2026-11-11", 0))
    assert [r.text for r in feet_section(said, START).rows] == ["2 answers on 2 days, all of them painless."]
    assert week_of(said).verdict == "steady"


def test_the_section_about_the_feet_counts_the_answers_and_names_the_worst_place_first() -> None:
    f = even(felt("2026-11-09", 2, "after", **KNEE), felt("2026-11-10", 0), felt("2026-11-14", 4))
    rows = [r.text for r in feet_section(f, START).rows]
    assert rows[:3] == [
        "3 answers on 3 days, 1 of them painless.",
        "Your left inner ball of the foot hurt 4 of 10 on the morning of 14 Nov: amber since 14 Nov. You "
        "said 4 of 10 on 14 Nov and have not said that it is gone.",
        "Your right knee hurt 2 of 10 after running on 9 Nov.",
    ]
    assert rows[3:] == [WHEN_OVER, f"First aid: {first_aid()}", f"Pads: {pads()}"]


def test_a_steady_mail_with_an_answer_in_it_stays_within_15_lines() -> None:
    f = even(felt("2026-11-10", 2, "after"), felt("2026-11-11", 0))
    late = {"late": ["a"], "unread_files": 2, "unread_news": 2, "first_ever": True}
    f = replace(f, unworn=tuple(a.id for a in f.activities[-4:]))
    mail = digest.weekly(f, START, (), evaluate(f), **late)
    assert mail.verdict == "steady"
    assert len(weekly_mail(mail).text.splitlines()) <= 15
    assert "painless" in weekly_mail(mail).text
    assert "clinician" in weekly_mail(mail).text


def test_an_alert_mail_of_red_pain_says_what_it_is_what_to_do_and_whom_to_see() -> None:
    f = body_of(felt("2026-11-20", 7, "night"))
    flag = next(x for x in pains(f) if x.rule == "P3")
    numbers = {(EPISODE, "ball-inner:left:2026-11-20"): 9, ("P3", flag.subject): 5}
    mail = mails.alert_mail(pains(f), f, ids=numbers)
    assert mail.subject == (
        "Pain alarm: Red flag: pain at night, your left inner ball of the foot, on 20 Nov (7 of 10)"
    )
    assert (mail.tone, mail.do_this) == ("warning", "Do not run, and see a clinician now.")
    text = rendered(mail).text
    for words in ("not medical advice", "see a clinician", first_aid(), pads(), "Do not run."):
        assert words in text
    links = [link for row in mail.sections[0].tapped for link in row.links]
    assert {link.place for link in links} >= {"/body/episodes/9", "/body/help#first-aid", "/alerts/rules#P3"}
    assert [link.about for link in links if link.purpose == taps.FEEL] == ["20261121m"]


def test_while_the_gate_of_red_pain_waits_nothing_is_steady_and_no_cap_is_offered() -> None:
    over = SaidOver(Spot("knee", "right"), day("2026-11-02"), day("2026-11-08"), at("2026-11-08"))
    plan = Plan(day("2026-11-02"), day("2026-11-08"), "pain", 31_000, 10_000)
    f = even(felt("2026-11-02", 8, **KNEE))
    f = replace(f, body=replace(f.body, said_over=(over,), plans=(plan,)))
    mail, now = week_of(f), verdict(f, (), evaluate(f), weeks(f, 8), cap(f))
    assert cap(f).next_run_m == 0
    assert mail.subject.endswith("No run for now")
    assert {mail.verdict, now.tone}.isdisjoint({"steady"})
    for words in (mail.do_this, now.do_this, words_of(mail)):
        assert "gate" in words or "painless" in words
        assert "at most 0" not in words


@pytest.mark.parametrize(("level", "first"), [(4, "keep runs short"), (8, "do not run, and see a clinician")])
def test_a_load_alert_gives_no_advice_beyond_what_pain_allows(level: int, first: str) -> None:
    runs = [*weekly([31] * 8, last_week_start="2026-11-09"), run("2026-11-19", 15)]
    f = facts(runs, body=Body(check_ins=(felt("2026-11-19", level, "after"),)))
    mail = mails.alert_mail([x for x in evaluate(f) if x.rule == "L1"], f)
    assert mail.do_this.startswith(f"Pain is open, and that goes first: {first}")
    assert len(mail.footer) == 2


def test_beside_the_red_of_an_episode_its_own_amber_is_not_said_and_no_other_place_is_blamed() -> None:
    f = even(felt("2026-11-05", 4), felt("2026-11-13", 4, "night"))
    first, last = next(x for x in pains(f) if x.rule == "P1"), week_of(f)
    assert first.advice.startswith("Do not run, and see a clinician")
    assert "hurt 4 of 10 on the morning of 5 Nov" not in words_of(last).split("How the feet felt")[0]
    assert last.subject.startswith("Pain alarm: ")
    two = even(felt("2026-11-05", 4, **KNEE), felt("2026-11-13", 4, "night"))
    knee = next(x for x in pains(two) if x.rule == "P1" and x.numbers["place"] == "knee")
    assert knee.advice.startswith("Do not run: another place is red")


def test_days_are_counted_to_the_day_of_the_mail_and_it_says_how_to_end_the_episode() -> None:
    f = even(felt("2026-10-20", 4))
    mail = digest.weekly(f, START, (), evaluate(f), episodes={(EPISODE, "ball-inner:left:2026-10-20"): 7})
    assert "Day 27 of the pain" in mail.subject
    assert "midsole pain over 7" in weekly_mail(mail).text
    assert [
        link.place for row in mail.sections[0].tapped for link in row.links if "episodes" in link.place
    ] == ["/body/episodes/7"]


def test_the_morning_that_an_alert_asks_about_is_named_by_its_day() -> None:
    f = body_of(felt("2026-11-20", 4))
    links = taps.answers(pains(f)[0], {}, f)
    assert [link.words for link in links if link.purpose == taps.FEEL] == [
        "Say how it feels on the morning of 21 Nov"
    ]


def test_a_first_week_that_was_too_much_is_said_of_that_week_and_not_for_months() -> None:
    runs = [*weekly([31] * 6, last_week_start="2026-09-14"), *weekly([31, 31, 31], last_week_start=START)]
    f = facts(runs, today=MONDAY, now=at(MONDAY, "06:00"), sources=(source(),))
    found = [x for x in evaluate(f) if x.rule == "L5"]
    assert [x.happened_on.isoformat() for x in found] == ["2026-10-26"]
    told = [digest.weekly(f, day(start), (), found, stale=False) for start in ("2026-10-26", "2026-11-09")]
    assert ["You ran again on 26 Oct" in mail.subject for mail in told] == [True, False]


def test_while_nothing_may_be_run_the_subject_says_so_also_without_a_usual_week() -> None:
    over = SaidOver(Spot("knee", "right"), day("2026-10-02"), day("2026-11-08"), at("2026-11-08"))
    plan = Plan(day("2026-10-02"), day("2026-11-08"), "pain", 31_000, 10_000)
    body = Body(check_ins=(felt("2026-10-02", 8, **KNEE),), said_over=(over,), plans=(plan,))
    runs, inbox = weekly([31] * 6, last_week_start="2026-09-21"), source(last_success_at=at(MONDAY, "05:00"))
    f = facts(runs, today=MONDAY, now=at(MONDAY, "06:00"), sources=(inbox,), body=body)
    mail = digest.weekly(f, START, (), [], stale=False)
    assert mail.subject == "Watch: no run last week. No run for now"
    assert verdict(f, (), [], weeks(f, 8), cap(f)).sentence == "Watch: no run yet this week."


def test_pads_are_for_the_forefoot_and_first_aid_for_the_first_two_weeks() -> None:
    knee = body_of(felt("2026-11-20", 7, **KNEE))
    assert pads() not in words_of(mails.alert_mail(pains(knee), knee))
    assert first_aid() in words_of(mails.alert_mail(pains(knee), knee))
    old = body_of(felt("2026-11-01", 7))
    assert first_aid() not in words_of(mails.alert_mail(pains(old), old))


# Beside mail

HOSTILE = [
    Finding("L5", WARN, "2026-11-01", MONDAY, "You ran again after a break.", "Rest.", {"why": "pain"}),
    Finding("L5", ALARM, "2026-11-01", MONDAY, "100 % of usual.", "Stop when it is sore.", {"week": 1}),
    Finding("L3", WARN, "2026-11-16", MONDAY, "Two things were harder while amber.", "Rest.", {}),
    Finding("S1", ALARM, "1:100", MONDAY, "The Ghost has 660 km; pain was reported in it.", "Retire it.", {}),
    Finding("S1", ALARM, "1:100", MONDAY, "The Ghost has 660 km.", "Retire it.", {"pain_reports": 2}),
    Finding("C1", NOTE, "me", MONDAY, "Cadence 5 % below.", "Try + 5 % while it hurts.", {}),
    *pains(body_of(felt("2026-11-20", 7, "night", note="left foot is swollen, s3cret"))),
]


@pytest.mark.parametrize("finding", HOSTILE, ids=lambda f: f.rule)
def test_nothing_about_the_body_goes_beside_mail(finding: Finding) -> None:
    told = [
        beside_mail.push_words([finding], "km", "https://x/alerts"),
        beside_mail.alert_words(finding),
        beside_mail.row_subject([finding], f"Pain alarm: {finding.text}"),
    ]
    said = json.dumps(told).lower().replace("/alerts", "")
    assert not re.search(
        r"pain|sore|hurt|red flag|foot|ball|amber|night|alarm|warn|s3cret|\b[plsc]\d\b", said
    )
    assert beside_mail.OF_PAIN.lower() in said


def test_what_has_nothing_to_do_with_the_body_is_said() -> None:
    f = facts([*weekly([31] * 8, last_week_start="2026-11-09"), run("2026-11-19", 15)])
    (spike,) = [x for x in evaluate(f) if x.rule == "L1"]
    assert beside_mail.push_words([spike], "km", "")["title"] == "Load warning"
    assert beside_mail.row_subject([spike], "Load warning") == "Load warning"


def test_a_weekly_mail_made_late_in_the_week_has_the_cap_of_its_own_day() -> None:
    f = even(felt("2026-11-18", 4, "night"))
    late = replace(f, today=date(2026, 11, 19), now=at("2026-11-19", "06:00"))
    told = week_of(late)
    assert "No run for now" in told.subject
    assert "at most" not in next(s for s in told.sections if s.title == "Cap").rows[0].text


def test_beside_a_red_flag_no_milder_word_of_the_clinician_is_said() -> None:
    assert what_holds(open_episodes(even(felt("2026-11-14", 2, "night"))), ALARM) == SEE_NOW
    assert what_holds(open_episodes(even(felt("2026-11-14", 7))), ALARM) == restrictions(ALARM)


def test_the_closing_notice_of_an_import_says_when_to_see_a_clinician_where_it_speaks_of_pain() -> None:
    counts = mails.Counts(9, 90_000.0, START, START, activities=9)
    assert PAIN_FOOTER in mails.notice(even(felt("2026-11-14", 2, "night")), counts).footer
    assert PAIN_FOOTER not in mails.notice(even(), counts).footer
