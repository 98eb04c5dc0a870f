"""Our part of the FIT profile says what the profiles of fitparse and fitdecode say."""

from typing import Any

import fitdecode.profile
import fitparse.profile
import pytest

from midsole.decode.fit.devices import BLUETOOTH, HEART_RATE, MAKERS, POWER, STRIDES, STRYD, WATCHES
from midsole.decode.fit.profile import FIELDS, OVERLAY, Field
from midsole.decode.fit.sports import SPORT_OF_SUB_SPORT, SPORTS, SURFACES

PROFILES = {"fitparse": fitparse.profile, "fitdecode": fitdecode.profile}
OURS = [(message, field) for message, fields in FIELDS.items() for field in fields.values()]
OTHER_SPELLINGS = {"wahoo": "wahoo_fitness", "sigma": "sigmasport", "polar": "polar_electro"}


def fields_of(profile: Any, message: int) -> dict[int, Any]:
    fields = profile.MESSAGE_TYPES[message].fields
    return {field.def_num: field for field in (fields.values() if isinstance(fields, dict) else fields)}


def names_of(profile: Any, enum: str) -> dict[int, str]:
    told = profile.FIELD_TYPES[enum]
    return dict(getattr(told, "enum", None) or told.values)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(("message", "field"), OURS, ids=lambda told: getattr(told, "name", str(told)))
def test_a_field_has_the_name_type_scale_and_unit_of_the_profile(
    name: str, message: int, field: Field
) -> None:
    assert_same(field, fields_of(PROFILES[name], message)[field.number])


def assert_same(field: Field, theirs: Any) -> None:
    told = (theirs.name, theirs.base_type.name, theirs.scale or 1, theirs.offset or 0, theirs.units or None)
    assert (field.name, field.type, field.scale, field.offset, field.unit) == told


def test_the_overlay_holds_only_what_fitparse_does_not_know_and_fitdecode_says_the_same() -> None:
    for message, fields in OVERLAY.items():
        assert not fields.keys() & fields_of(fitparse.profile, message).keys()
        for number, field in fields.items():
            assert_same(field, fields_of(fitdecode.profile, message)[number])


def test_sports_are_named_as_in_the_profile() -> None:
    names = names_of(fitdecode.profile, "sport")
    assert {names[number] for number in SPORTS} == {*SPORTS.values(), "e_biking"}


def test_sub_sports_are_those_of_the_profile() -> None:
    names = names_of(fitdecode.profile, "sub_sport")
    runs = {names[number] for number, sport in SPORT_OF_SUB_SPORT.items() if sport == "running"}
    walks = {names[number] for number, sport in SPORT_OF_SUB_SPORT.items() if sport == "walking"}
    swims = {names[number] for number, sport in SPORT_OF_SUB_SPORT.items() if sport == "swimming"}
    assert runs == {"treadmill", "street", "trail", "track", "indoor_running", "ultra"}
    assert walks == {"indoor_walking", "casual_walking", "speed_walking"}
    assert swims == {"lap_swimming", "open_water"}
    assert {names[number] for number in SURFACES} == {
        "treadmill",
        "street",
        "trail",
        "track",
        "indoor_running",
        "virtual_activity",
    }


def test_makers_and_watches_are_named_as_in_the_profile() -> None:
    makers, watches = (names_of(fitdecode.profile, enum) for enum in ("manufacturer", "garmin_product"))
    assert {n: makers[n] for n in MAKERS} == {n: OTHER_SPELLINGS.get(m, m) for n, m in MAKERS.items()}
    assert {number: watches[number] for number in WATCHES} == WATCHES


def test_the_kinds_of_sensors_are_those_of_the_profile() -> None:
    enums = {
        by_bluetooth: f"{name}_device_type" for by_bluetooth, name in ((False, "antplus"), (True, "ble"))
    }
    names = {by_bluetooth: names_of(fitdecode.profile, enum) for by_bluetooth, enum in enums.items()}
    assert {names[by][kind] for kind, by in STRIDES} == {"stride_speed_distance", "footpod"}
    assert {names[by][kind] for kind, by in HEART_RATE} == {"heart_rate"}
    assert names[POWER[1]][POWER[0]] == "bike_power"
    assert names_of(fitdecode.profile, "source_type")[BLUETOOTH] == "bluetooth_low_energy"
    assert MAKERS[STRYD] == "stryd"
