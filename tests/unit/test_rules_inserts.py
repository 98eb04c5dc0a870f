"""S5 at its edges, and what the mails say of inserts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from build import TODAY, at, facts, run, runs_every, shoe, source, worn
from build import weekly as weekly_runs
from midsole.deliver.render import weekly_mail
from midsole.domain.activity import Activity
from midsole.domain.digest import alert_mail, weekly
from midsole.domain.facts import NOTE, WARN, Facts, Finding, Limits
from midsole.domain.inserts import Fitting, FittingWorn, Insert, InsertWorn
from midsole.domain.rules import RULE_BY_ID, evaluate
from midsole.domain.shoes import Wear

RUNS = runs_every(2, 5, for_days=60)
WORN_M = 150_000


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def insert(
    name: str = "Blue insole",
    runs: Sequence[Activity] = RUNS,
    *,
    number: int = 5,
    until: date | None = None,
    **more: Any,
) -> InsertWorn:
    """Fitted into the Pegasus for all of these runs."""
    values = {"id": number, "name": name, "kind": "insole", "limit_m": 480_000} | more
    recent = tuple(Wear(a.id, a.local_date, a.counted_m) for a in runs)
    days = [w.local_date for w in recent]
    fitting = FittingWorn(Fitting(1, min(days), until), "Pegasus", sum(w.distance_m for w in recent))
    return InsertWorn(Insert(**values), (fitting,), len(recent), min(days), max(days), recent)


def found(f: Facts) -> list[Finding]:
    return [x for x in evaluate(f) if x.rule == "S5"]


def of(*inserts: InsertWorn, **more: Any) -> Facts:
    return facts(RUNS, inserts=inserts, **more)


@pytest.mark.parametrize(
    ("km", "levels"),
    [(335.9, []), (336, [NOTE]), (479.9, [NOTE]), (480, [NOTE, WARN]), (2_000, [NOTE, WARN])],
)
def test_s5_notes_at_70_per_cent_warns_at_100_and_never_alarms(km: float, levels: list[str]) -> None:
    assert [x.level for x in found(of(insert(start_m=km * 1000 - WORN_M)))] == levels


def test_s5_says_the_numbers_the_date_and_what_to_do() -> None:
    note, warn = found(of(insert(start_m=340_000)))
    assert note.text.startswith("The Blue insole has 490 km: 102 % of its limit of 480 km.")
    assert warn.advice == "Replace the insole Blue insole, or set another limit."
    assert (warn.subject, warn.numbers["insert"], warn.numbers["insert_name"]) == ("5:100", 5, "Blue insole")
    (early,) = found(of(insert(start_m=200_000)))
    assert "At the pace of the last 8 weeks it gets there between" in early.text
    assert early.advice.startswith("Order the next insole")


def test_s5_is_news_from_the_run_that_passed_the_threshold() -> None:
    (said,) = found(of(insert(start_m=198_000)))
    assert said.happened_on == ago(4)


def test_s5_is_silent_of_retired_inserts_and_of_those_not_worn_for_60_days() -> None:
    old = insert(runs=[run(ago(61), 5)], start_m=500_000)
    assert found(of(insert(start_m=500_000, retired_on=TODAY), old)) == []
    assert len(found(of(insert(runs=[run(ago(60), 5)], start_m=500_000)))) == 2


def test_s5_follows_the_limits_that_the_runner_set_for_shoes() -> None:
    strict = Limits(shoe_note=0.2, shoe_warn=0.3)
    assert [x.level for x in found(of(insert(), limits=strict))] == [NOTE, WARN]


def test_s5_has_its_evidence_and_advice() -> None:
    rule = RULE_BY_ID["S5"]
    assert (rule.grade, rule.goes_to, rule.news_days) == ("D", "push", 14)


def test_an_alert_mail_says_the_highest_threshold_of_each_insert_and_how_to_retire_it() -> None:
    both = of(insert(start_m=340_000), insert("Pad", number=6, kind="pad", start_m=200_000))
    mail = alert_mail(found(both), both, ids={("S5", "5:100"): 7, ("S5", "6:70"): 8})
    assert mail.subject == "Shoes: The Blue insole has 490 km: 102 % of its limit of 480 km (and 1 more)"
    assert [r.command for r in mail.sections[0].rows] == [
        'midsole inserts retire "Blue insole"',
        "midsole alerts ack 7",
    ]
    assert [r.command for r in mail.sections[1].rows] == ["midsole alerts ack 8"]


def rows_of(f: Facts) -> list[tuple[str, str, float | None]]:
    digest = weekly(f, date(2026, 11, 9), [], evaluate(f))
    return [(r.label, r.text, r.share) for s in digest.sections if s.title == "Inserts" for r in s.rows]


def test_the_weekly_mail_shows_each_insert_in_use_with_its_bar_and_its_pair() -> None:
    used = insert(runs=RUNS[:10], start_m=430_000, until=ago(30))
    retired = insert("Old", number=6, retired_on=ago(1))
    shown = rows_of(of(insert("Pad", number=7, kind="pad"), used, retired))
    assert [label for label, _, _ in shown] == ["Blue insole", "Pad"]
    assert shown[0] == ("Blue insole", "480 km of 480 km, 100 %, past its limit, in no pair", 1.0)
    assert shown[1][1].startswith("150 km of 480 km, 31 %")
    assert shown[1][1].endswith(", in the Pegasus")


def test_a_steady_mail_shows_the_two_most_worn_inserts_and_has_at_most_15_lines() -> None:
    runs = weekly_runs([31] * 9, last_week_start="2026-11-09")
    pairs = tuple(worn(shoe(f"Pair {n}", id=n), runs, worn_m=50_000 * n) for n in range(1, 7))
    many = tuple(insert(f"Insole {n}", runs, number=n, start_m=10_000.0 * n) for n in range(3))
    f = facts(runs, today="2026-11-16", shoes=pairs, inserts=many, unworn=tuple(r.id for r in runs[-9:]))
    f = replace(f, sources=(source(last_success_at=at("2026-11-16", "17:00")),))
    mail = weekly(f, date(2026, 11, 9), [], evaluate(f), late=["a"], first_ever=True, unread_files=2)
    (section,) = (s for s in mail.sections if s.title == "Inserts")
    (of_pairs,) = (s for s in mail.sections if s.title == "Pairs")
    assert mail.verdict == "steady"
    assert [row.label for row in of_pairs.rows] == ["Pair 6"]
    assert "; 5 more: midsole shoes" in of_pairs.rows[0].text
    assert [row.label for row in section.rows] == ["Insole 2", "Insole 1"]
    assert section.rows[-1].text.endswith("; 1 more: midsole inserts")
    assert len(weekly_mail(mail).text.splitlines()) <= 15


def test_a_mail_without_inserts_has_no_part_about_them() -> None:
    assert rows_of(facts(RUNS, shoes=(worn(shoe(), RUNS),))) == []
