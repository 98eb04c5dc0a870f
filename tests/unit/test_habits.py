"""Surfaces and cross-training against the runner's own past: said once, when something changed."""

from datetime import date, timedelta

from build import facts, run
from midsole.domain.habits import cross_training, habits_section, surfaces

TODAY = date(2026, 11, 23)
"""A Monday, on which the mail about the week before is written."""
SUNDAY, WEEK_START = date(2026, 11, 22), date(2026, 11, 16)
WEEKS = 26


def week_of(n, surface="road", km=8.0, **more):
    """Four runs, n weeks before the last one."""
    return [run(SUNDAY - timedelta(days=7 * n + d), km, surface=surface, **more) for d in (0, 2, 4, 5)]


def steady(weeks=WEEKS):
    return [a for n in range(weeks) for a in week_of(n)]


def rides(weeks, hours, sport="cycling"):
    return [run(SUNDAY - timedelta(days=7 * n + 1), 25, sport=sport, minutes=hours * 60) for n in weeks]


def mail_line(activities, week_start=WEEK_START, **more):
    rows = habits_section(facts(activities, today=TODAY, **more), week_start).rows
    assert len(rows) <= 1
    return rows[0].text if rows else ""


def lines(activities, mails=10):
    """Of the last so many mails."""
    starts = [WEEK_START - timedelta(weeks=n) for n in reversed(range(mails))]
    return [mail_line([a for a in activities if a.local_date < s + timedelta(7)], s) for s in starts]


def test_a_steady_runner_is_told_nothing():
    assert set(lines([*steady(), *rides(range(WEEKS), 1.5)])) == {""}


def test_a_new_surface_is_said_once_and_not_every_week():
    trails = [
        a
        for n in range(4)
        for a in (*week_of(n)[:3], run(SUNDAY - timedelta(days=7 * n + 5), 8, surface="trail"))
    ]
    road = [a for n in range(4, WEEKS) for a in week_of(n)]
    said = lines([*trails, *road])
    assert [bool(line) for line in said] == [False] * 6 + [True] + [False] * 3
    assert said[6].startswith("Trail 6 % of the distance, new before")


def test_a_share_that_moved_by_20_points_is_said_with_both_shares():
    mixed = [a for n in range(WEEKS) for a in (*week_of(n)[:3], *week_of(n, "trail")[3:])]
    now = [a for a in mixed if a.local_date < SUNDAY - timedelta(27)]
    now += [a for n in range(4) for a in (*week_of(n)[:2], *week_of(n, "trail")[2:])]
    assert set(lines(mixed)) == {""}
    said = [line for line in lines(now) if line]
    assert said == ["Trail 50 % of the distance, 25 % before (the last 4 weeks against your own 12 before)."]


def test_cross_training_is_said_where_it_doubled_or_halved_by_an_hour_a_week():
    assert "Cross-training 2.0 h a week, 1.0 h before" in mail_line(
        [*steady(), *rides(range(4, WEEKS), 1), *rides(range(4), 2)]
    )
    given_up = [line for line in lines([*steady(), *rides(range(4, WEEKS), 1.5)]) if line]
    assert [line.partition(" (")[0] for line in given_up] == ["Cross-training 0.4 h a week, 1.5 h before"]
    assert mail_line([*steady(), *rides(range(4), 0.9)]) == ""
    assert mail_line([*steady(), *rides(range(4, WEEKS), 3), *rides(range(4), 4)]) == ""


def test_while_the_week_is_not_in_yet_nothing_has_changed():
    home = [a for a in [*steady(), *rides(range(4, WEEKS), 1.5)] if a.local_date < WEEK_START]
    assert mail_line(home) == ""


def test_with_less_than_16_weeks_or_few_runs_nothing_is_compared():
    trail = [a for n in range(3) for a in week_of(n, "trail")]
    rest = [a for n in range(3, 14) for a in week_of(n)]
    short = facts([*trail, *rest], today=TODAY, known_since=rest[-1].local_date)
    assert not surfaces(short, SUNDAY).is_enough
    assert habits_section(short, WEEK_START).rows == ()
    few = facts([*trail[:4], *(a for n in range(5, 20) for a in week_of(n))], today=TODAY)
    assert not surfaces(few, SUNDAY).is_enough


def test_unknown_surfaces_are_counted_apart_and_are_no_share():
    unknown = [run(SUNDAY - timedelta(days=n), 8, surface="unknown") for n in range(1, 8)]
    found = surfaces(facts([*steady(), *unknown], today=TODAY), SUNDAY)
    assert [(p.name, found.shares(p)) for p in found.parts] == [("road", (1.0, 1.0))]
    assert (found.lately_runs, found.unknown_runs, found.soft_runs) == (23, 7, 0)


def test_other_sports_are_hours_a_week_each_and_walks_are_none_of_them():
    beside = [*rides(range(4), 2), *rides(range(WEEKS), 0.5, "swimming"), *rides(range(4), 9, "walking")]
    found = cross_training(facts([*steady(), *beside], today=TODAY), SUNDAY)
    assert [(p.name, p.lately / 3600, p.before / 3600) for p in found.parts] == [
        ("cycling", 2.0, 0.0),
        ("swimming", 0.5, 0.5),
    ]
