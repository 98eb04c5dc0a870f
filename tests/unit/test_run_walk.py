"""Recognising how a run was run: by samples, by laps, by its mean speed."""

import pytest
from fit_writer import fit_run

from build import at
from midsole.decode.course import timed
from midsole.domain.errors import BadInput
from midsole.domain.run_walk import by_mean_speed, recognise, together

JOG, WALK = 2.6, 1.4


def samples(*parts, every_s=1):
    """Points of parts (speed in m/s, seconds), one every so often."""
    points, now_s, now_m = [(0.0, 0.0)], 0.0, 0.0
    for speed, seconds in parts:
        for _ in range(seconds // every_s):
            now_s, now_m = now_s + every_s, now_m + speed * every_s
            points.append((now_s, now_m))
    return points


def jog_and_walk(times, jog_s, walk_s=60):
    return [part for _ in range(times) for part in ((JOG, jog_s), (WALK, walk_s))]


@pytest.mark.parametrize(("times", "jog_min"), [(5, 1), (5, 3), (4, 5), (2, 13)])
def test_jogging_and_walking_are_told_apart(times, jog_min):
    how = recognise(samples(*jog_and_walk(times, jog_min * 60)))
    assert how.bouts == times
    assert how.longest_s == pytest.approx(jog_min * 60, abs=15)
    assert how.running_s == pytest.approx(times * jog_min * 60, abs=15 * times)
    assert how.walking_s == pytest.approx(times * 60, abs=15 * times)


def test_a_red_light_does_not_end_a_bout_and_a_chat_does():
    crossing = recognise(samples((JOG, 600), (0.0, 20), (JOG, 600)))
    assert (crossing.bouts, round(crossing.longest_s, -2)) == (1, 1200)
    chat = recognise(samples((JOG, 600), (0.0, 120), (JOG, 600)))
    assert chat.bouts == 2
    assert chat.longest_s == pytest.approx(600, abs=15)


def test_between_the_two_speeds_it_goes_on_as_it_was():
    assert recognise(samples((JOG, 300), (1.85, 300), (JOG, 300))).bouts == 1
    assert recognise(samples((WALK, 300), (1.85, 300), (WALK, 300))).bouts == 0


def test_a_few_steps_of_the_other_kind_are_no_bout():
    assert recognise(samples((JOG, 300), (WALK, 10), (JOG, 300))).bouts == 1
    assert recognise(samples((WALK, 300), (JOG, 10), (WALK, 300))).bouts == 0


def test_laps_of_a_minute_tell_it_as_well():
    laps = [(0.0, 0.0)]
    for number in range(10):
        laps.append((laps[-1][0] + 60, laps[-1][1] + 60 * (WALK if number % 2 else JOG)))
    how = recognise(laps)
    assert how.bouts == 5
    assert how.longest_s == pytest.approx(60, abs=10)


def test_a_file_without_samples_tells_its_speed_by_its_laps():
    raw = fit_run(at("2026-11-02"), 3_000, 1_080, records_every_s=None, lap_every_m=1_000)
    assert timed(raw, 0) == ((0, 0), (360, 1_000), (720, 2_000), (1_080, 3_000))
    assert recognise(timed(raw, 0)).bouts == 1
    with pytest.raises(BadInput):
        timed(fit_run(at("2026-11-02"), 0, 600, records_every_s=None), 0)


def test_a_tcx_of_laps_alone_tells_its_jogging_by_them():
    laps = "".join(
        f'<Lap StartTime="2026-11-02T07:{number:02}:00Z"><TotalTimeSeconds>60</TotalTimeSeconds>'
        f"<DistanceMeters>{60 * (WALK if number % 2 else JOG)}</DistanceMeters></Lap>"
        for number in range(10)
    )
    run = f'<Activity Sport="Running"><Id>2026-11-02T07:00:00Z</Id>{laps}</Activity>'
    raw = f"<TrainingCenterDatabase><Activities>{run}</Activities></TrainingCenterDatabase>".encode()
    assert recognise(timed(raw, 0)).bouts == 5


def test_what_tells_no_speed_tells_nothing():
    assert recognise([]) is None
    assert recognise([(0.0, 0.0)]) is None


def test_without_samples_the_mean_speed_decides():
    assert by_mean_speed(1800, 5000).longest_s == 1800
    assert by_mean_speed(1800, 2000).running_s == 0
    mixed = by_mean_speed(600, 1100)
    assert mixed.bouts == 0
    assert 0 < mixed.running_s < 600


def test_two_runs_of_a_day_are_one():
    one, other = recognise(samples((JOG, 600))), recognise(samples((JOG, 900)))
    both = together([one, other])
    assert both.running_s == one.running_s + other.running_s
    assert both.longest_s == other.longest_s
