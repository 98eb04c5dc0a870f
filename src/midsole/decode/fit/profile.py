"""The part of the FIT profile that Midsole uses: messages, their fields, scales and units.

Numbers, types and scales are those of Garmin's public profile; a test compares each with the profiles that
fitparse and fitdecode carry. Types are base types; an enum stays a number until it is shown.
"""

from dataclasses import dataclass

FILE_ID, SPORT, SESSION, LAP, RECORD, EVENT, DEVICE_INFO, ACTIVITY = 0, 12, 18, 19, 20, 21, 23, 34
FIELD_DESCRIPTION = 206
TIMESTAMP = 253
FIT_EPOCH_S = 631_065_600
"""1989-12-31T00:00:00Z, where every FIT date_time begins, in seconds from 1970."""
SEMICIRCLE_DEG = 180 / 2**31
COMPRESSED_SPEED_DISTANCE = 8
"""Field of a record: 12 bits of speed (1/100 m/s), 12 bits of distance (1/16 m) that roll over at 256 m."""


@dataclass(frozen=True, slots=True)
class Field:
    """A value is raw / scale - offset, in `unit`."""

    number: int
    name: str
    type: str
    scale: float = 1
    offset: float = 0
    unit: str | None = None


def _fields(*known: Field) -> dict[int, Field]:
    return {field.number: field for field in known}


_TIME = Field(TIMESTAMP, "timestamp", "uint32", unit="s")

FIELDS: dict[int, dict[int, Field]] = {
    FILE_ID: _fields(
        Field(0, "type", "enum"),
        Field(1, "manufacturer", "uint16"),
        Field(2, "product", "uint16"),
        Field(4, "time_created", "uint32"),
        Field(8, "product_name", "string"),
    ),
    SPORT: _fields(Field(0, "sport", "enum"), Field(1, "sub_sport", "enum"), Field(3, "name", "string")),
    SESSION: _fields(
        _TIME,
        Field(2, "start_time", "uint32"),
        Field(3, "start_position_lat", "sint32", unit="semicircles"),
        Field(4, "start_position_long", "sint32", unit="semicircles"),
        Field(5, "sport", "enum"),
        Field(6, "sub_sport", "enum"),
        Field(7, "total_elapsed_time", "uint32", 1000, unit="s"),
        Field(8, "total_timer_time", "uint32", 1000, unit="s"),
        Field(9, "total_distance", "uint32", 100, unit="m"),
        Field(10, "total_cycles", "uint32", unit="cycles"),
        Field(16, "avg_heart_rate", "uint8", unit="bpm"),
        Field(17, "max_heart_rate", "uint8", unit="bpm"),
        Field(18, "avg_cadence", "uint8", unit="rpm"),
        Field(22, "total_ascent", "uint16", unit="m"),
        Field(23, "total_descent", "uint16", unit="m"),
        Field(89, "avg_vertical_oscillation", "uint16", 10, unit="mm"),
        Field(91, "avg_stance_time", "uint16", 10, unit="ms"),
        Field(92, "avg_fractional_cadence", "uint8", 128, unit="rpm"),
    ),
    LAP: _fields(
        _TIME,
        Field(2, "start_time", "uint32"),
        Field(7, "total_elapsed_time", "uint32", 1000, unit="s"),
        Field(8, "total_timer_time", "uint32", 1000, unit="s"),
        Field(9, "total_distance", "uint32", 100, unit="m"),
        Field(25, "sport", "enum"),
        Field(39, "sub_sport", "enum"),
    ),
    RECORD: _fields(
        _TIME,
        Field(0, "position_lat", "sint32", unit="semicircles"),
        Field(1, "position_long", "sint32", unit="semicircles"),
        Field(2, "altitude", "uint16", 5, 500, "m"),
        Field(3, "heart_rate", "uint8", unit="bpm"),
        Field(4, "cadence", "uint8", unit="rpm"),
        Field(5, "distance", "uint32", 100, unit="m"),
        Field(6, "speed", "uint16", 1000, unit="m/s"),
        Field(7, "power", "uint16", unit="watts"),
        Field(COMPRESSED_SPEED_DISTANCE, "compressed_speed_distance", "byte"),
        Field(39, "vertical_oscillation", "uint16", 10, unit="mm"),
        Field(41, "stance_time", "uint16", 10, unit="ms"),
        Field(53, "fractional_cadence", "uint8", 128, unit="rpm"),
        Field(73, "enhanced_speed", "uint32", 1000, unit="m/s"),
        Field(78, "enhanced_altitude", "uint32", 5, 500, "m"),
    ),
    EVENT: _fields(_TIME, Field(0, "event", "enum"), Field(1, "event_type", "enum")),
    DEVICE_INFO: _fields(
        _TIME,
        Field(0, "device_index", "uint8"),
        Field(1, "device_type", "uint8"),
        Field(2, "manufacturer", "uint16"),
        Field(3, "serial_number", "uint32z"),
        Field(4, "product", "uint16"),
        Field(25, "source_type", "enum"),
        Field(27, "product_name", "string"),
    ),
    ACTIVITY: _fields(
        _TIME,
        Field(0, "total_timer_time", "uint32", 1000, unit="s"),
        Field(1, "num_sessions", "uint16"),
        Field(5, "local_timestamp", "uint32"),
    ),
    FIELD_DESCRIPTION: _fields(
        Field(0, "developer_data_index", "uint8"),
        Field(1, "field_definition_number", "uint8"),
        Field(2, "fit_base_type_id", "uint8"),
        Field(3, "field_name", "string"),
        Field(8, "units", "string"),
        Field(14, "native_mesg_num", "uint16"),
        Field(15, "native_field_num", "uint8"),
    ),
}

OVERLAY: dict[int, dict[int, Field]] = {
    SESSION: _fields(Field(192, "workout_feel", "uint8"), Field(193, "workout_rpe", "uint8"))
}
"""Newer than fitparse's profile of 2020: workout_feel is 0-100, workout_rpe the rated exertion times ten.
Source: Garmin's public profile 21.218, as carried by fitdecode 0.11."""


_ALL = {message: fields | OVERLAY.get(message, {}) for message, fields in FIELDS.items()}


def fields_of(message: int) -> dict[int, Field]:
    """The fields that Midsole uses; none where it does not use the message."""
    return _ALL.get(message, {})
