"""Why a file counts for nothing, in words."""

import pytest

from midsole.domain.uncounted import Outcome, why_uncounted, why_unread


def outcome(number=1, sport="running", counted_m=10_000.0, *, excluded=False, confirmed=False, flags=()):
    return Outcome(number, sport, counted_m, excluded, confirmed, flags)


@pytest.mark.parametrize(
    ("state", "attempts", "set_aside", "cause"),
    [
        ("new", 0, False, "waiting"),
        ("bad", 1, False, "failed"),
        ("ignored", 1, False, "other kind"),
        ("ignored", 1, True, "ignored by you"),
    ],
)
def test_a_file_that_was_not_read_has_a_cause(state, attempts, set_aside, cause):
    why = why_unread(state, "It is cut off.", attempts, set_aside=set_aside)
    assert why is not None
    assert why.cause == cause


def test_a_file_that_was_read_has_none():
    assert why_unread("done", None, 1, set_aside=False) is None


def test_a_file_that_took_several_tries_says_so():
    why = why_unread("new", None, 3, set_aside=False)
    assert why is not None
    assert why.reason == "not read yet, tried 3 times"


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"excluded": True, "counted_m": 0.0}, "excluded"),
        ({"flags": ("date",), "counted_m": 0.0}, "doubted"),
        ({"flags": ("impossible-speed",), "counted_m": 0.0}, "doubted"),
        ({"flags": ("impossible-distance",), "counted_m": 0.0}, "doubted"),
        ({"sport": "unknown"}, "unknown sport"),
        ({"sport": "unknown", "counted_m": 0.0}, "unknown sport"),
        ({"counted_m": 0.0}, "no distance"),
        ({"counted_m": 0.0, "flags": ("treadmill",)}, "no distance"),
    ],
)
def test_an_activity_that_counts_for_nothing_has_a_cause(told, cause):
    why = why_uncounted([outcome(**told)])
    assert why is not None
    assert why.cause == cause


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"flags": ("distance-jump", "recovered")},
        {"flags": ("date",), "confirmed": True},
        {"flags": ("impossible-speed",)},
        {"sport": "cycling"},
    ],
)
def test_an_activity_that_counts_has_none(told):
    assert why_uncounted([outcome(**told)]) is None


def test_of_several_legs_the_one_that_counts_for_nothing_is_named():
    why = why_uncounted([outcome(1), outcome(2, "other", 0.0), outcome(3, counted_m=0.0, flags=("date",))])
    assert why is not None
    assert why.cause == "no distance"
    assert why.reason == "activity 2: it holds no distance; activity 3: its date cannot be"
