"""What a recording says of devices: maker and watch by name, and the foot pod by its number."""

from collections.abc import Iterable, Mapping

MAKERS = {
    1: "garmin",
    15: "dynastream",
    16: "timex",
    23: "suunto",
    32: "wahoo",
    40: "concept2",
    70: "sigma",
    71: "tomtom",
    89: "tacx",
    95: "stryd",
    123: "polar",
    258: "lezyne",
    260: "zwift",
    265: "strava",
    267: "bryton",
    289: "hammerhead",
    294: "coros",
    310: "decathlon",
    326: "nike",
}
GARMIN = 1
WATCHES = {
    717: "fr405",
    782: "fr50",
    988: "fr60",
    1018: "fr310xt",
    1124: "fr110",
    1328: "fr910xt",
    1345: "fr610",
    1436: "fr70",
    1482: "fr10",
    1551: "fenix",
    1623: "fr620",
    1632: "fr220",
    1765: "fr920xt",
    1903: "fr15",
    1907: "vivo_active",
    1967: "fenix2",
    1988: "epix",
    2050: "fenix3",
    2148: "fr25",
    2153: "fr225",
    2156: "fr630",
    2157: "fr230",
    2158: "fr735xt",
    2337: "vivo_active_hr",
    2413: "fenix3_hr",
    2431: "fr235",
    2503: "fr35",
    2544: "fenix5s",
    2604: "fenix5x",
    2691: "fr935",
    2697: "fenix5",
    2700: "vivoactive3",
    2886: "fr645",
    2888: "fr645m",
    2891: "fr30",
    2900: "fenix5s_plus",
    3076: "fr245",
    3077: "fr245_music",
    3110: "fenix5_plus",
    3111: "fenix5x_plus",
    3113: "fr945",
    3226: "venu",
    3282: "fr45",
    3288: "fenix6S",
    3290: "fenix6",
    3291: "fenix6x",
    3466: "instinct_solar",
    3589: "fr745",
    3600: "venusq",
    3638: "enduro",
    3652: "fr945_lte",
    3703: "venu2",
    3704: "venu2s",
    3851: "venu2_plus",
    3869: "fr55",
    3888: "instinct_2",
    3889: "instinct_2s",
    3905: "fenix7s",
    3906: "fenix7",
    3907: "fenix7x",
    3943: "epix_gen2",
    3990: "fr255_music",
    3992: "fr255",
    4024: "fr955",
    4115: "venusq2",
    4257: "fr265_large",
    4260: "venu3",
    4261: "venu3s",
    4313: "epix_gen2_pro_47",
    4315: "fr965",
    4341: "enduro2",
    4374: "fenix7s_pro_solar",
    4375: "fenix7_pro_solar",
    4376: "fenix7x_pro_solar",
    4394: "instinct_2x",
    4426: "vivoactive5",
    4432: "fr165",
    4433: "fr165_music",
    4532: "fenix8_solar",
    4536: "fenix8",
    4575: "enduro3",
    4625: "vivoactive6",
}
"""Garmin's running watches (enum `garmin_product`); of another one the number is shown."""
LONGEST_NAME = 100
BLUETOOTH = 3
"""Source type bluetooth_low_energy, which numbers the kinds of devices in its own way."""
STRIDES = frozenset({(124, False), (6, True)})
"""Device type and whether by Bluetooth: ANT+ stride_speed_distance, Bluetooth's footpod."""
HEART_RATE = frozenset({(120, False), (1, True)})
POWER = (11, False)
SENSORS = frozenset({number for number, _ in (*STRIDES, *HEART_RATE, POWER)})
STRYD = 95
"""Its pod is a power meter to watches that know no running power."""
UNSET_SERIALS = frozenset({2**31 - 1, 2**32 - 1})
CREATOR = 0
"""Device index of the one that made the file."""

type Told = Mapping[str, float | str]


def device_name(file_id: Told, devices: Iterable[Told]) -> str | None:
    """Maker and product in words as far as they are known, for example "garmin fr945"."""
    creator = next((told for told in devices if told.get("device_index") == CREATOR), {})
    maker = _number(file_id, "manufacturer") or _number(creator, "manufacturer")
    product = _number(file_id, "product") or _number(creator, "product")
    named = file_id.get("product_name") or creator.get("product_name")
    words = [
        MAKERS.get(maker, f"maker {maker}") if maker else None,
        named if isinstance(named, str) else _product(maker, product),
    ]
    return " ".join(word.strip() for word in words if word and word.strip())[:LONGEST_NAME] or None


def foot_pod(devices: Iterable[Told]) -> str | None:
    """Return the serial number of the first foot pod.

    A chest strap that counts strides, too, is told once as each: it stays on no pair of shoes."""
    sensors = [told for told in devices if told.get("device_type") in SENSORS]
    straps = {_number(told, "serial_number") for told in sensors if _kind(told) in HEART_RATE}
    for told in sensors:
        serial = _number(told, "serial_number") or 0
        if _is_pod(told) and 0 < serial < 2**32 and serial not in straps | UNSET_SERIALS:
            return str(serial)
    return None


def _is_pod(told: Told) -> bool:
    kind = _kind(told)
    return kind in STRIDES or (kind == POWER and _number(told, "manufacturer") == STRYD)


def _kind(told: Told) -> tuple[int | None, bool]:
    return _number(told, "device_type"), _number(told, "source_type") == BLUETOOTH


def _product(maker: int | None, product: int | None) -> str | None:
    if not product:
        return None
    return WATCHES.get(product, str(product)) if maker == GARMIN else str(product)


def _number(told: Told, name: str) -> int | None:
    value = told.get(name)
    return None if value is None or isinstance(value, str) else int(value)
