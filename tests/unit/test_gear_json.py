"""Pairs out of Garmin's JSON, as real answers spell it and as broken ones might."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midsole.sources.base import Gear
from midsole.sources.gear_json import gear_of, is_shoes, metres_of, pairs_of, shoe_ids

LEGACY = {
    "gearPk": 32013344,
    "uuid": "d340baa3e8d7416789c95740142474d5",
    "gearMakeName": "Other",
    "gearModelName": "Unknown Shoes",
    "gearTypeName": "Shoes",
    "gearStatusName": "active",
    "displayName": "",
    "customMakeModel": "Brooks Adrenaline GTS 21",
    "dateBegin": "2022-04-10T20:00:00.0",
    "dateEnd": None,
    "maximumMeters": 608000.0,
    "updateDate": "2023-01-14T13:34:54.0",
}
V2 = {
    "uuid": "522f1e21-0822-451d-88a3-b0b661802c2f",
    "gearType": "SHOES",
    "status": "ACTIVE",
    "brand": "Mizuno",
    "model": "Neo Vista",
    "maxUsageDistanceMeters": 1000000.0,
    "firstUseDate": "2026-03-18",
    "numActivitiesLinked": 2,
    "distanceUsedMeters": 51955.45,
    "processing": False,
    "createdDate": "2026-03-23T01:15:28.0",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def pair_of(row: object, stats: object = None) -> Gear:
    pair = gear_of(row, stats)
    assert pair is not None
    return pair


def test_a_new_pair_tells_brand_model_limit_and_totals() -> None:
    pair = pair_of(V2)

    assert (pair.name, pair.brand, pair.model) == ("Mizuno Neo Vista", "Mizuno", "Neo Vista")
    assert (pair.limit_m, pair.total_m, pair.runs) == (1_000_000.0, 51955.45, 2)
    assert (pair.first_used_on, pair.retired_on) == (date(2026, 3, 18), None)


def test_a_pair_keeps_its_json_as_it_came() -> None:
    assert json.loads(pair_of(V2).told) == V2


def test_an_older_pair_is_called_what_the_runner_typed() -> None:
    pair = pair_of(LEGACY)

    assert (pair.name, pair.brand, pair.model) == ("Brooks Adrenaline GTS 21", None, None)
    assert (pair.limit_m, pair.first_used_on) == (608_000.0, date(2022, 4, 10))


def test_a_name_given_by_the_runner_goes_before_all_else() -> None:
    assert pair_of({**LEGACY, "displayName": "Rain shoes"}).name == "Rain shoes"
    assert pair_of({**V2, "name": "Race day"}).name == "Race day"


def test_both_spellings_of_a_uuid_are_the_same_pair() -> None:
    dashed = {**V2, "uuid": "D340BAA3-e8d7-4167-89c9-5740142474d5"}

    assert pair_of(dashed).external_id == pair_of(LEGACY).external_id


@pytest.mark.parametrize("uuid", [None, 7, "", "d340", "z" * 32, "d340baa3e8d7416789c95740142474d5" * 2])
def test_a_pair_without_a_usable_id_is_skipped_and_the_rest_is_read(uuid: object) -> None:
    assert [pair.name for pair in pairs_of([{**V2, "uuid": uuid}, LEGACY])] == ["Brooks Adrenaline GTS 21"]


def test_bikes_are_no_shoes() -> None:
    assert pairs_of([{**V2, "gearType": "BIKE"}, {**LEGACY, "gearTypeName": "Bike"}, V2]) == [pair_of(V2)]


def test_a_retired_pair_tells_since_when() -> None:
    ended = pair_of({**LEGACY, "gearStatusName": "retired", "dateEnd": "2025-09-01T14:50:58.0"})

    assert ended.retired_on == date(2025, 9, 1)


def test_a_retired_pair_without_a_day_takes_its_last_change_or_its_first_use() -> None:
    changed = pair_of({**V2, "status": "RETIRED", "updatedDate": "2026-10-02T01:00:00.0"})

    assert changed.retired_on == date(2026, 10, 2)
    assert pair_of({**V2, "status": "RETIRED"}).retired_on == date(2026, 3, 18)


def test_an_end_that_lies_behind_an_active_pair_is_not_believed() -> None:
    assert pair_of({**LEGACY, "dateEnd": "2025-09-01T14:50:58.0"}).retired_on is None


def test_totals_are_not_known_while_garmin_counts_again() -> None:
    pair = pair_of({**V2, "processing": True, "distanceUsedMeters": 0.0, "numActivitiesLinked": 0})

    assert (pair.total_m, pair.runs) == (None, None)


def test_an_older_pair_takes_its_totals_from_its_statistics() -> None:
    pair = pair_of(LEGACY, {"totalDistance": 1234.5, "totalActivities": 3, "processing": False})

    assert (pair.total_m, pair.runs) == (1234.5, 3)
    assert pair_of(LEGACY, {"totalDistance": 1.0, "processing": True}).total_m is None
    assert pair_of(LEGACY, ["odd"]).total_m is None


@pytest.mark.parametrize("limit", [0, -5, 12, 1e12, float("nan"), float("inf"), True, "far", None])
def test_an_absurd_limit_is_none(limit: object) -> None:
    assert pair_of({**V2, "maxUsageDistanceMeters": limit}).limit_m is None


def test_names_are_printable_and_short() -> None:
    pair = pair_of({**V2, "name": "Blue\n\x1b[31m \ud800" + "x" * 5000, "brand": "\x00"})

    assert pair.name.isprintable()
    assert len(pair.name) == 100
    assert pair.name.startswith("Blue [31m x")
    assert pair.brand is None
    assert pair.told.encode()


def test_only_shoes_of_an_activity_are_worn() -> None:
    bike = {**V2, "uuid": "1" * 32, "gearType": "BIKE"}

    assert shoe_ids([bike, V2, "odd", V2]) == ("522f1e210822451d88a3b0b661802c2f",)


def test_activities_of_a_pair_tell_their_metres() -> None:
    rows = [
        {"activityId": 1, "distance": 5000.5},
        {"activityId": "2", "distance": None},
        {"distance": 3.0},
        None,
    ]

    assert metres_of(rows) == {"1": 5000.5, "2": 0.0}


@pytest.mark.parametrize("real", [V2, LEGACY], ids=["v2", "legacy"])
@given(data=st.data(), odd=JSON | st.just(10**400) | st.just(["x"] * 2000))
def test_no_field_can_break_a_pair(real: dict[str, Any], data: st.DataObject, odd: object) -> None:
    row = dict(real)
    row[data.draw(st.sampled_from(sorted(real)))] = odd

    for pair in pairs_of([row]):
        assert len(pair.external_id) == 32
        assert 0 < len(pair.name) <= 100
        assert pair.told.encode()


@given(row=JSON, stats=JSON)
def test_whatever_comes_is_a_pair_or_none(row: object, stats: object) -> None:
    assert gear_of(row, stats) is None or is_shoes(row)
    assert pairs_of([row]) == []
    assert metres_of([row]) == {} or isinstance(row, dict)
