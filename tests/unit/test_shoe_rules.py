"""The runner's rules: what fits, which one answers, how they are kept, said and read."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import at, run, shoe
from midsole.domain.errors import UsageError
from midsole.domain.rule_checks import as_json, checked, from_json
from midsole.domain.rule_words import (
    describe,
    parse_circle,
    parse_duration,
    parse_pace,
    parse_span,
    parse_weekdays,
)
from midsole.domain.shoe_rules import Circle, Conditions, ShoeRule, first, local_start, matches
from midsole.domain.units import pace

LONG_AGO = date(2000, 1, 1)
MUNICH = Circle(48.137, 11.575, 300)
KM_LAT = 1 / 111.195
"""Degrees of latitude to a kilometre, on a globe of 6,371 km."""

FULL = run(
    "2026-11-07",
    21,
    minutes=105,
    surface="trail",
    title="Sunday #Long run with Zoë",
    device="garmin fenix7 1234",
    foot_pod="98765",
    ascent_m=420.0,
    cadence_spm=172.0,
    start_lat=48.137,
    start_lon=11.575,
    is_race=True,
)
"""It knows everything of itself: 21 km at 5:00 /km with 20 m of climb per km, on a Saturday at 07:00."""
FITTING = {
    "sports": ("running", "walking"),
    "surfaces": ("trail",),
    "min_distance_m": 21_000.0,
    "max_distance_m": 21_000.0,
    "min_moving_s": 6_300.0,
    "max_moving_s": 6_300.0,
    "faster_than_s_per_km": 300.1,
    "slower_than_s_per_km": 299.9,
    "min_cadence_spm": 172.0,
    "max_cadence_spm": 172.0,
    "min_climb_m_per_km": 20.0,
    "max_climb_m_per_km": 20.0,
    "weekdays": (4, 5),
    "time_from": time(6),
    "time_until": time(7, 1),
    "near": MUNICH,
    "device": "FENIX",
    "foot_pod": "98765",
    "words": ("tempo", "#long"),
    "since": date(2026, 11, 7),
    "until": date(2026, 11, 7),
    "is_race": True,
}
WHOLE = Conditions(**FITTING)
OTHERS = {
    "sports": ("walking",),
    "surfaces": ("road", "track"),
    "min_distance_m": 21_001.0,
    "max_distance_m": 20_999.0,
    "min_moving_s": 6_301.0,
    "max_moving_s": 6_299.0,
    "faster_than_s_per_km": 300.0,
    "slower_than_s_per_km": 300.0,
    "min_cadence_spm": 173.0,
    "max_cadence_spm": 171.0,
    "min_climb_m_per_km": 21.0,
    "max_climb_m_per_km": 19.0,
    "weekdays": (0, 6),
    "time_from": time(7, 0, 1),
    "time_until": time(7),
    "near": Circle(48.137 + KM_LAT, 11.575, 990),
    "device": "forerunner",
    "foot_pod": "9876",
    "words": ("lon", "ong", "#run", "zo"),
    "since": date(2026, 11, 8),
    "until": date(2026, 11, 6),
    "is_race": False,
}
CLOCKS = {"time_from": time(5), "time_until": time(9)}
LACKING = {
    "sport": ("unknown", Conditions(sports=("running",))),
    "surface": ("unknown", Conditions(surfaces=("trail",))),
    "distance_m": (0.0, Conditions(max_distance_m=5_000.0)),
    "moving_s": (0.0, Conditions(max_moving_s=600.0)),
    "cadence_spm": (None, Conditions(max_cadence_spm=400.0)),
    "ascent_m": (None, Conditions(min_climb_m_per_km=0.0)),
    "title": (None, Conditions(words=("run",))),
    "device": (None, Conditions(device="fenix")),
    "foot_pod": (None, Conditions(foot_pod="98765")),
    "start_lat": (None, Conditions(near=MUNICH)),
    "start_lon": (None, Conditions(near=MUNICH)),
}


def fits(conditions, activity=FULL, clock=None):
    return matches(conditions, activity, clock or local_start(activity, "UTC"))


def rule(place=1, shoe_id=1, conditions=None, from_date=LONG_AGO, id=None):  # noqa: A002
    return ShoeRule(
        id or place * 10, place, shoe_id, conditions or Conditions(sports=("running",)), from_date
    )


# ---- what fits


def test_a_run_that_is_all_that_is_asked_fits():
    assert fits(WHOLE)


@pytest.mark.parametrize("name", sorted(FITTING))
def test_each_condition_alone_can_fit_or_refuse(name):
    together = CLOCKS if name.startswith("time_") else {}
    assert fits(Conditions(**(together | {name: FITTING[name]})))
    assert not fits(Conditions(**(together | {name: OTHERS[name]})))


NAMES = st.sets(st.sampled_from(sorted(FITTING)))


@given(NAMES, NAMES)
def test_all_that_is_asked_must_fit(right, wrong):
    asked = {name: FITTING[name] for name in right} | {name: OTHERS[name] for name in wrong}
    together = CLOCKS if asked.keys() & CLOCKS.keys() else {}
    assert fits(Conditions(**(together | asked))) is (not wrong)


@pytest.mark.parametrize("field", sorted(LACKING))
def test_what_an_activity_does_not_know_of_itself_never_fits(field):
    nothing, asked = LACKING[field]
    assert not fits(asked, replace(FULL, **{field: nothing}))


@pytest.mark.parametrize("field", ["distance_m", "moving_s"])
def test_there_is_no_pace_without_a_distance_and_a_time(field):
    stood = replace(FULL, **{field: 0.0})
    assert not fits(Conditions(faster_than_s_per_km=9_999.0), stood)
    assert not fits(Conditions(slower_than_s_per_km=1.0), stood)


@given(st.times(), st.times(), st.times())
def test_a_span_of_the_day_and_its_rest_hold_every_clock_once(begin, end, clock):
    if begin == end:
        return
    moment = datetime.combine(FULL.local_date, clock)
    inside = fits(Conditions(time_from=begin, time_until=end), clock=moment)
    rest = fits(Conditions(time_from=end, time_until=begin), clock=moment)
    assert inside is not rest


def test_a_span_over_midnight_holds_both_sides_of_it():
    night = Conditions(time_from=time(22), time_until=time(2))
    for clock, inside in (
        ("21:59", False),
        ("22:00", True),
        ("00:00", True),
        ("01:59", True),
        ("02:00", False),
    ):
        assert fits(night, clock=at("2026-11-07", clock)) is inside


def test_the_clock_is_that_of_the_place_where_it_began():
    abroad = replace(FULL, started_at=datetime(2026, 11, 7, 20, 30, tzinfo=UTC), utc_offset_s=9 * 3600)
    assert local_start(abroad, "Europe/Berlin").time() == time(5, 30)
    at_home = replace(abroad, utc_offset_s=None)
    assert local_start(at_home, "Europe/Berlin").time() == time(21, 30)
    moved = lambda day: "Asia/Tokyo" if day >= date(2026, 11, 8) else "Europe/Berlin"  # noqa: E731
    assert local_start(at_home, moved).time() == time(21, 30)


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [
        (48.137 + 0.299 * KM_LAT, 11.575, True),
        (48.137 - 0.301 * KM_LAT, 11.575, False),
        (48.137, 11.575 + 0.3 * KM_LAT / 0.6674 * 0.99, True),
        (48.137, 11.575 + 0.3 * KM_LAT / 0.6674 * 1.01, False),
        (-48.137, 11.575, False),
    ],
)
def test_the_start_lies_within_metres_of_a_point(lat, lon, inside):
    assert fits(Conditions(near=MUNICH), replace(FULL, start_lat=lat, start_lon=lon)) is inside


def test_a_place_beside_the_date_line_reaches_over_it():
    fiji = Conditions(near=Circle(0.0, 179.999, 500))
    assert fits(fiji, replace(FULL, start_lat=0.0, start_lon=-179.999))


@pytest.mark.parametrize(
    ("title", "word", "inside"),
    [
        ("Track intervals", "track", True),
        ("Backtrack", "track", False),
        ("Tracks", "track", False),
        ("hard #track session", "track", True),
        ("hard #track session", "#track", True),
        ("hard track session", "#track", False),
        ("a#track", "#track", False),
        ("#track_work", "#track", False),
        ("LANGER LAUF ÜBER DIE STRASSE", "straße", True),
        ("Cafe\u0301 run", "café", True),
        ("Café run", "caf", False),
        ("long  run at noon", "Long run", True),
        ("up-tempo", "tempo", True),
        ("tempo2", "tempo", False),
        ("backtrack, then track", "track", True),
        ("क\u093fन", "क", False),
        ("бег: ТЕМПО!", "темпо", True),
    ],
)
def test_words_are_whole_and_in_any_case(title, word, inside):
    assert fits(Conditions(words=(word,)), replace(FULL, title=title)) is inside


WORD = st.text("abcäß", min_size=1, max_size=3)


@given(st.lists(WORD, max_size=5), WORD)
def test_a_word_is_found_exactly_where_the_title_has_it(title, word):
    spelled = [text.upper().casefold() for text in title]
    found = fits(Conditions(words=(word,)), replace(FULL, title=" ".join(title).upper()))
    assert found == (word.casefold() in spelled)


# ---- which one answers


def numbers(most=1e6):
    return st.none() | st.floats(0, most, allow_nan=False)


@st.composite
def conditions(draw):
    """Any that can be asked for."""
    values = {
        "sports": tuple(draw(st.lists(st.sampled_from(["running", "walking", "cycling"]), unique=True))),
        "surfaces": tuple(draw(st.lists(st.sampled_from(["road", "trail"]), unique=True))),
        "weekdays": tuple(sorted(draw(st.sets(st.integers(0, 6))))),
        "words": tuple(draw(st.lists(WORD, max_size=2))),
        "device": draw(st.none() | WORD),
        "foot_pod": draw(st.none() | st.integers(1, 10**9).map(str)),
        "is_race": draw(st.none() | st.booleans()),
        "near": draw(
            st.none() | st.builds(Circle, st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 1e5))
        ),
    }
    for name in ("distance_m", "moving_s", "cadence_spm", "climb_m_per_km"):
        least, most = sorted([draw(numbers()), draw(numbers())], key=lambda n: n or 0)
        values |= {f"min_{name}": least, f"max_{name}": most}
    slower, faster = draw(st.floats(0, 500)), draw(st.floats(501, 2_000))
    values["slower_than_s_per_km"] = draw(st.sampled_from([None, slower]))
    values["faster_than_s_per_km"] = draw(st.sampled_from([None, faster]))
    if draw(st.booleans()):
        begin, end = draw(
            st.lists(st.times().map(lambda t: t.replace(fold=0)), min_size=2, max_size=2, unique=True)
        )
        values |= {"time_from": begin, "time_until": end}
    since, until = sorted(draw(st.lists(st.dates(), min_size=2, max_size=2)))
    values |= {"since": draw(st.sampled_from([None, since])), "until": draw(st.sampled_from([None, until]))}
    made = Conditions(**values)
    return Conditions(sports=("running",)) if made == Conditions() else made


ACTIVITIES = st.builds(
    lambda n, km, sport, surface, climb: run(
        date(2026, 1, 1) + timedelta(days=n), km, sport=sport, surface=surface, ascent_m=climb, title="a b"
    ),
    st.integers(0, 300),
    st.floats(0, 60),
    st.sampled_from(["running", "walking", "cycling"]),
    st.sampled_from(["road", "trail", "unknown"]),
    st.none() | st.floats(0, 900),
)
KINDS = st.builds(
    lambda sports, surfaces, least_m: Conditions(sports, surfaces, least_m),
    st.sampled_from([(), ("running",), ("running", "walking")]),
    st.sampled_from([(), ("trail",), ("road",)]),
    st.sampled_from([None, 5_000.0, 20_000.0]),
)
DAYS = st.integers(0, 300).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
PAIRS = st.builds(
    lambda dates: {
        n: shoe(f"pair {n}", id=n, first_used_on=begun, retired_on=gone)
        for n, (begun, gone) in enumerate(dates)
    },
    st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), min_size=3, max_size=3),
)
RULES = st.lists(st.tuples(st.integers(0, 2), KINDS, DAYS), max_size=5).map(
    lambda rows: [rule(place, *row) for place, row in enumerate(rows, 1)]
)


@given(RULES, ACTIVITIES, PAIRS, st.booleans(), st.randoms())
def test_the_first_that_can_answer_does_and_no_other(rules, activity, pairs, past, random):
    mixed = random.sample(rules, len(rules))
    found = first(mixed, activity, local_start(activity, "UTC"), pairs, past=past)

    def answers(one):
        begun = past or one.from_date <= activity.local_date
        return (
            begun
            and pairs[one.shoe_id].can_be_worn_on(activity.local_date)
            and fits(one.conditions, activity)
        )

    assert found == next((one for one in rules if answers(one)), None)


@given(st.integers(1, 4), st.integers(5, 9))
def test_of_two_rules_that_fit_the_order_decides(sooner, later):
    pairs = {1: shoe(id=1), 2: shoe("Speedgoat", "trail", id=2)}
    for shoe_id, other in ((1, 2), (2, 1)):
        rules = [rule(later, other), rule(sooner, shoe_id)]
        assert first(rules, FULL, at("2026-11-07"), pairs).shoe_id == shoe_id


def test_a_rule_holds_from_its_first_day_on_and_for_the_past_only_where_it_is_asked_for():
    tomorrow = rule(from_date=date(2026, 11, 8))
    pairs = {1: shoe()}
    assert first([tomorrow], FULL, at("2026-11-07"), pairs) is None
    assert first([tomorrow], FULL, at("2026-11-07"), pairs, past=True) == tomorrow
    today = replace(tomorrow, from_date=date(2026, 11, 7))
    assert first([today], FULL, at("2026-11-07"), pairs) == today


@pytest.mark.parametrize("out", [{"retired_on": date(2026, 11, 6)}, {"bought_on": date(2026, 11, 8)}])
def test_a_rule_whose_pair_was_not_in_use_leaves_the_run_to_the_next_rule(out):
    pairs = {1: shoe(id=1, **out), 2: shoe("Speedgoat", id=2)}
    assert first([rule(1, 1), rule(2, 2)], FULL, at("2026-11-07"), pairs, past=True).shoe_id == 2


def test_a_rule_of_a_pair_that_is_gone_answers_nothing():
    assert first([rule(1, 7)], FULL, at("2026-11-07"), {1: shoe()}) is None


# ---- kept


@given(conditions())
def test_conditions_come_back_from_json_as_they_were(asked):
    assert from_json(json.loads(json.dumps(as_json(asked)))) == asked


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*FITTING, "colour"]), ANY_JSON, min_size=1, max_size=3) | ANY_JSON)
def test_any_json_is_a_rule_that_works_or_is_refused_in_words(told):
    try:
        made = from_json(told)
    except UsageError:
        return
    assert from_json(as_json(made)) == made
    assert fits(made) in (True, False)
    assert describe(made, "km")


def test_a_condition_that_this_program_does_not_know_is_not_left_out():
    with pytest.raises(UsageError, match="'colour'"):
        from_json({"sports": ["running"], "colour": "blue"})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "needs a condition"),
        ({"min_distance_m": 20_000.0, "max_distance_m": 10_000.0}, "smallest distance is above the largest"),
        ({"min_moving_s": 2.0, "max_moving_s": 1.0}, "smallest time"),
        ({"min_cadence_spm": 180.0, "max_cadence_spm": 170.0}, "smallest cadence"),
        ({"min_climb_m_per_km": 30.0, "max_climb_m_per_km": 20.0}, "smallest climb"),
        ({"faster_than_s_per_km": 285.0, "slower_than_s_per_km": 285.0}, "faster than the one pace"),
        ({"faster_than_s_per_km": 0.0}, "nobody is faster"),
        ({"since": date(2026, 2, 1), "until": date(2026, 1, 1)}, "2026-01-01 lies before 2026-02-01"),
        ({"time_from": time(5)}, "its begin and its end"),
        ({"time_from": time(5), "time_until": time(5)}, "two different times"),
        ({"near": Circle(91.0, 0.0, 300)}, "latitude"),
        ({"near": Circle(0.0, 0.0, 0.0)}, "more than nothing"),
        ({"near": Circle(0.0, 0.0, 100_001.0)}, "at most 100 km"),
        ({"near": Circle(float("nan"), 0.0, 300)}, "latitude"),
        ({"words": ("#",)}, "empty word"),
        ({"device": "  "}, "empty word"),
        ({"device": "x" * 101}, "at most 100"),
        ({"sports": ("unknown",)}, "no sport 'unknown'"),
        ({"surfaces": ("sand",)}, "Known: road, trail, treadmill, track, virtual"),
        ({"weekdays": (7,)}, "mon, tue"),
        ({"min_distance_m": float("inf")}, "out of reach"),
        ({"min_climb_m_per_km": -1.0}, "out of reach"),
    ],
)
def test_what_nothing_can_be_is_refused_in_words(asked, words):
    with pytest.raises(UsageError, match=words):
        checked(Conditions(**asked))


# ---- in words


@pytest.mark.parametrize(
    ("asked", "units", "words"),
    [
        (
            {"sports": ("running",), "surfaces": ("trail",), "min_distance_m": 18_000.0, "weekdays": (5,)},
            "km",
            "trail runs of 18.0 km or more on Saturdays",
        ),
        (
            {"sports": ("running", "walking", "hiking"), "max_distance_m": 16_093.44},
            "mi",
            "runs, walks or hikes of 10.0 mi at most",
        ),
        (
            {"faster_than_s_per_km": 285.0, "slower_than_s_per_km": 240.0},
            "km",
            "activities faster than 4:45 /km and slower than 4:00 /km",
        ),
        (
            {
                "surfaces": ("road", "track"),
                "min_moving_s": 3_600.0,
                "max_moving_s": 5_400.0,
                "weekdays": (0, 2),
            },
            "km",
            "road or track activities lasting 1:00:00 to 1:30:00 on Mondays or Wednesdays",
        ),
        (
            {"weekdays": (0, 1, 2, 3, 4), "time_from": time(5, 30), "time_until": time(9)},
            "km",
            "activities on Mondays to Fridays starting between 05:30 and 09:00",
        ),
        (
            {"near": MUNICH, "words": ("tempo", "#track"), "is_race": False},
            "km",
            "activities not marked as a race, starting within 300 m of 48.137, 11.575, "
            'with "tempo" or "#track" in the title',
        ),
        ({"near": Circle(1.0, 2.0, 2_500)}, "km", "activities starting within 2.5 km of 1.0, 2.0"),
        (
            {"device": "fenix", "foot_pod": "98765", "min_cadence_spm": 170.0, "max_climb_m_per_km": 20.0},
            "km",
            "activities with a cadence of 170 or more, climbing 20 m per km at most, "
            'recorded by "fenix", with foot pod 98765',
        ),
        (
            {"since": date(2026, 1, 1), "until": date(2026, 3, 1), "is_race": True},
            "km",
            "activities marked as a race, since 2026-01-01, until 2026-03-01",
        ),
    ],
)
def test_a_rule_is_said_in_plain_words(asked, units, words):
    assert describe(Conditions(**asked), units) == words


@given(conditions(), st.sampled_from(["km", "mi"]))
def test_every_rule_can_be_said(asked, units):
    words = describe(asked, units)
    assert words.strip() == words != ""
    assert "None" not in words
    assert "  " not in words


# ---- as typed


@pytest.mark.parametrize(
    ("text", "units", "seconds"),
    [("4:45/km", "mi", 285), ("4:45", "km", 285), ("7:39 /mi", "km", 285.2), ("7:39", "mi", 285.2)],
)
def test_a_pace_is_read_as_people_write_it(text, units, seconds):
    assert parse_pace(text, units) == pytest.approx(seconds, abs=0.1)


@given(st.integers(60, 1_800), st.sampled_from(["km", "mi"]))
def test_a_pace_as_shown_is_read_again(seconds, units):
    shown = pace(1000 / seconds, units)
    assert pace(1000 / parse_pace(shown, units), units) == shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 5_400),
        ("90min", 5_400),
        ("1h30", 5_400),
        ("1 h 30 min", 5_400),
        ("2h", 7_200),
        ("1:30:00", 5_400),
        ("52:10", 3_130),
    ],
)
def test_a_time_is_read_as_people_write_it(text, seconds):
    assert parse_duration(text) == seconds


def test_weekdays_are_read_one_by_one_and_from_to():
    assert parse_weekdays(["sat,sun"]) == (5, 6)
    assert parse_weekdays(["Mon-Fri"]) == (0, 1, 2, 3, 4)
    assert parse_weekdays(["fri-mon", "saturday"]) == (0, 4, 5, 6)


def test_a_span_of_the_day_is_read():
    assert parse_span("05:30-09:00") == (time(5, 30), time(9))
    assert parse_span("22–2") == (time(22), time(2))
    assert parse_span("17:00 to 24:00") == (time(17), time(0))


def test_a_place_is_read_with_how_near():
    assert parse_circle("48.137,11.575", "500m", "km") == Circle(48.137, 11.575, 500)
    assert parse_circle("-33.9; 151.2 within 0.5 km", None, "km") == Circle(-33.9, 151.2, 500)
    assert parse_circle("48.137 11.575", None, "km").radius_m == 300


@pytest.mark.parametrize(
    "read",
    [
        lambda: parse_pace("fast", "km"),
        lambda: parse_pace("4:75", "km"),
        lambda: parse_duration(""),
        lambda: parse_duration("soon"),
        lambda: parse_weekdays(["s"]),
        lambda: parse_weekdays(["mon-"]),
        lambda: parse_weekdays(["someday"]),
        lambda: parse_span("9"),
        lambda: parse_span("25-26"),
        lambda: parse_span("5:30-24:30"),
        lambda: parse_circle("Munich", None, "km"),
        lambda: parse_circle("48.137", None, "km"),
        lambda: parse_circle("48.1,11.5 within 1km", "2km", "km"),
        lambda: parse_circle("48.1,11.5", "far", "km"),
    ],
)
def test_what_can_not_be_read_is_refused_with_an_example(read):
    with pytest.raises(UsageError, match="write"):
        read()
