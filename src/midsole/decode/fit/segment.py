"""One segment of a FIT file: its messages as columns or rows, decoded when they are asked for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray

from midsole.decode.fit.profile import FIELD_DESCRIPTION, TIMESTAMP, fields_of
from midsole.decode.fit.walk import COMPRESSED, Group, Layout, Place, base_type, parse_layout

Floats = NDArray[np.float64]
Value = int | float | str | bytes | tuple[int | float, ...]
"""A raw value: a number without its scale, a text, opaque bytes, or the valid elements of an array."""


MOST_ROWS = 50_000
"""Of messages with one definition, read one by one: more than any recording has laps, events and devices."""
NO_MESSAGES = Group(parse_layout(bytes(5)), np.zeros(0, dtype=np.int64))


@dataclass(slots=True)
class Segment:
    """One part of a FIT file (most files have one; chained ones have several)."""

    data: bytes
    groups: list[Group]
    crc_ok: bool
    truncated: bool
    error: str | None
    stopped_at: int
    _orders: dict[int, NDArray[np.intp]] = field(default_factory=dict)
    _tables: dict[int, NDArray[np.void]] = field(default_factory=dict)

    def count(self, message: int) -> int:
        return sum(group.places.size for group in self._groups(message))

    def rows(self, message: int) -> list[dict[int, Value]]:
        """Every message of a kind in the file's order: field number to raw value, invalid ones left out.

        Of messages that the profile knows only the fields that it knows.
        """
        found = [
            (offset, _row(group.layout, self.data, offset))
            for group in self._groups(message)
            for offset in group.places[:MOST_ROWS].tolist()
        ]
        if len(self._groups(message)) > 1:
            found.sort(key=lambda each: each[0])
        return [row for _, row in found]

    def messages(self, message: int) -> list[dict[str, float | str]]:
        """The rows by the profile's names, numbers scaled to their units; of an array the first element."""
        known = fields_of(message)
        return [
            {
                known[number].name: named
                for number, value in row.items()
                if number in known
                if (named := _scaled(value, known[number].scale, known[number].offset)) is not None
            }
            for row in self.rows(message)
        ]

    def developer_column(self, message: int, natives: frozenset[int], unit: str) -> Floats:
        """Return what developer fields say that stand for one of the native fields, in that unit.

        Only where the field's own description says so: others reuse the numbers of native fields. Developer
        values stand in the unit of their description, without the native field's scale.
        """
        column = np.full(self.count(message), np.nan)
        for key, kind in self._standing_for(message, natives, unit).items():
            told = self._joined(message, partial(self._developed, key=key, kind=kind))
            column = np.where(np.isnan(column), told, column)
        return column

    def columns(self, message: int, fields: Iterable[int]) -> dict[int, Floats]:
        """Return for each field number n values in its unit, NaN where there is none; all of equal length."""
        known = fields_of(message)
        return {
            number: self._scale(self.column(message, number), known[number].scale, known[number].offset)
            for number in fields
        }

    @staticmethod
    def _scale(column: Floats, scale: float, offset: float) -> Floats:
        if scale != 1:
            column /= scale
        if offset:
            column -= offset
        return column

    def column(self, message: int, number: int) -> Floats:
        """Return the raw numbers of one field in the file's order, NaN where a message has none.

        The timestamp of a message with a compressed header is worked out from those before it.
        """
        return self._joined(message, lambda group: self._part(group, number))

    def byte_column(self, message: int, number: int, size: int) -> NDArray[np.uint8]:
        """Return the n x size bytes of an opaque field, 0xFF where a message has none of that size."""
        return self._joined(message, lambda group: self._bytes(group, number, size))

    def _joined[T: (np.float64, np.uint8)](
        self, message: int, part: Callable[[Group], NDArray[T]]
    ) -> NDArray[T]:
        """Put the parts of all groups of one message into the file's order."""
        parts = [part(group) for group in self._groups(message)]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return part(NO_MESSAGES)
        joined: NDArray[T] = np.concatenate(parts)[self._order(message)]
        return joined

    def _order(self, message: int) -> NDArray[np.intp]:
        order = self._orders.get(message)
        if order is None:
            places = np.concatenate([group.places for group in self._groups(message)])
            order = self._orders[message] = np.argsort(places, kind="stable")
        return order

    def _bytes(self, group: Group, number: int, size: int) -> NDArray[np.uint8]:
        place = group.layout.fields.get(number)
        if place is None or place.size != size:
            return np.full((group.places.size, size), 0xFF, dtype=np.uint8)
        table = self._table(group).view(np.uint8).reshape(group.places.size, -1)
        return table[:, place.offset : place.offset + size]

    def _groups(self, message: int) -> list[Group]:
        return [group for group in self.groups if group.layout.number == message and group.places.size]

    def _part(self, group: Group, number: int) -> Floats:
        written = self._written(group, number)
        return self._with_compressed(group, written) if number == TIMESTAMP else written

    def _written(self, group: Group, number: int) -> Floats:
        """Return one field as it stands in the messages of a group, without what their headers tell."""
        place = group.layout.fields.get(number)
        if place is None or not place.is_number:
            return np.full(group.places.size, np.nan)
        return _numbers(self._table(group), group.layout, place)

    def _compressed(self, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.frombuffer(self.data, np.uint8)[places] & COMPRESSED > 0

    def _table(self, group: Group) -> NDArray[np.void]:
        """Return the messages of a group side by side: one copy each, whatever lies between them."""
        table = self._tables.get(id(group))
        if table is None:
            size = group.layout.size
            starts = len(self.data) - size + 1
            every = np.ndarray((starts,), np.dtype((np.void, size)), self.data, strides=(1,))
            table = self._tables[id(group)] = every[group.places]
        return table

    def _with_compressed(self, group: Group, times: Floats) -> Floats:
        """Fill in the times that five bits of the header tell (they count from the last full timestamp)."""
        compressed = self._compressed(group.places) & np.isnan(times)
        if not compressed.any():
            return times
        offsets, told = self._compressed_times()
        wanted = group.places[compressed]
        times[compressed] = told[np.searchsorted(offsets, wanted)]
        return times

    def _compressed_times(self) -> tuple[NDArray[np.int64], Floats]:
        """Return offsets and times of all messages that have a full or a compressed timestamp.

        The base is the last full timestamp of any message; five bits roll over every 32 s, and each
        roll-over counts, so a gap in which no message came is lost only beyond 31 s (FIT protocol).
        """
        places: list[NDArray[np.int64]] = []
        fulls: list[Floats] = []
        for group in self.groups:
            if group.places.size and (
                TIMESTAMP in group.layout.fields or self._compressed(group.places).any()
            ):
                places.append(group.places)
                fulls.append(self._written(group, TIMESTAMP))
        offsets, full = np.concatenate(places), np.concatenate(fulls)
        order = np.argsort(offsets, kind="stable")
        offsets, full = offsets[order], full[order]
        used = ~np.isnan(full) | self._compressed(offsets)
        offsets, full = offsets[used], full[used]
        return offsets, _rolled(full, np.frombuffer(self.data, np.uint8)[offsets] & 0x1F)

    def _developed(self, group: Group, key: tuple[int, int], kind: int) -> Floats:
        place = group.layout.developer.get(key)
        if place is None or (base := base_type(kind, place.size)).code == "s":
            return np.full(group.places.size, np.nan)
        return _numbers(self._table(group), group.layout, replace(place, base=base))

    def _standing_for(self, message: int, natives: frozenset[int], unit: str) -> dict[tuple[int, int], int]:
        """(developer data index, field number) -> base type, from the field descriptions."""
        found: dict[tuple[int, int], int] = {}
        for told in self.rows(FIELD_DESCRIPTION):
            index, number, kind = told.get(0), told.get(1), told.get(2)
            stands = told.get(14) == message and told.get(15) in natives and told.get(8) == unit
            if stands and isinstance(index, int) and isinstance(number, int) and isinstance(kind, int):
                found[index, number] = kind
        return found


def _rolled(full: Floats, low: NDArray[np.integer]) -> Floats:
    """Return the times of messages in order: full ones as they are, the others counted on from them."""
    anchored = np.abs(full) < 2**40
    clock = np.where(anchored, full, 0).astype(np.int64) & 0x1F
    clock = np.where(anchored, clock, low)
    gained = np.diff(clock, prepend=clock[:1]) & 0x1F
    gained[anchored] = 0
    total = np.cumsum(gained)
    last = np.maximum.accumulate(np.where(anchored, np.arange(full.size), -1))
    times: Floats = np.where(last >= 0, full[last] + total - total[last], np.nan)
    return times


def _numbers(table: NDArray[np.void], layout: Layout, place: Place) -> Floats:
    """Return one field of all messages; of an array the first element. Infinity is no measurement."""
    kind = np.dtype(layout.order + place.base.code)
    raw = np.ndarray((len(table),), kind, table, place.offset, (layout.size,))
    with np.errstate(invalid="ignore"):  # a signalling NaN is no number like any other
        numbers = raw.astype(np.float64)
    invalid = ~np.isfinite(numbers) if place.base.invalid is None else raw == place.base.invalid
    numbers[invalid] = np.nan
    return numbers


def _row(layout: Layout, data: bytes, offset: int) -> dict[int, Value]:
    row: dict[int, Value] = {}
    for place, value in zip(layout.unpacked, layout.values.unpack_from(data, offset), strict=True):
        if type(value) is int:
            if value != place.base.invalid:
                row[place.number] = value
        elif type(value) is float:
            if isfinite(value):
                row[place.number] = value
        elif (told := _many(value, layout.order, place)) is not None:
            row[place.number] = told
    return row


def _many(raw: bytes, order: str, place: Place) -> Value | None:
    """Return a text cut at its NUL, opaque bytes, or the valid elements of an array; None where none is."""
    if place.base.name == "string":
        return raw.split(b"\0")[0].decode("utf-8", "replace") or None
    if not place.is_number:
        return raw if raw.strip(b"\xff") else None
    elements = unpack_from(f"{order}{place.count}{place.base.code}", raw)
    valid = tuple(e for e in elements if e != place.base.invalid and isfinite(e))
    return valid or None


def _scaled(value: Value, scale: float, offset: float) -> float | str | None:
    first = value[0] if isinstance(value, tuple) else value
    if isinstance(first, bytes):
        return None
    return first if isinstance(first, str) else first / scale - offset
