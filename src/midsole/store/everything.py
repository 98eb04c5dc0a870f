"""All that the database holds of one runner: read as rows that fit any home, and put into another one."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import batched
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from midsole.domain.connection import DISCONNECTED, FOLDER, FORMER_FOLDER
from midsole.domain.errors import BadInput
from midsole.store import portable
from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.references import Numbers, Row, named_rows, renumbered

OF_THE_BOX = frozenset(
    table.name
    for table in (t.slot, t.attempt, t.login, t.session, t.api_token, t.pass_code, t.target, t.upload)
)
"""Tables that are no runner's, and those that say who may enter this box and where it sends."""
MADE_BY_ITSELF = ("delivery_alert", "weekly", "delivery", "alert", "seen_file", "runner_zone")
"""What a runner who has nothing may have all the same; it makes room for what comes in."""
OF_EVERY_RUNNER = frozenset({*MADE_BY_ITSELF, "runner", "connection"})
ONCE = (t.connection, t.seen_file)
"""A folder that was left on two machines is one place here."""
AT_ONCE = 500

type Tables = Mapping[str, Sequence[Row]]


@cache
def tables() -> tuple[Table, ...]:
    """Every table with rows of a runner, those that others name before those."""
    return tuple(table for table in t.metadata.sorted_tables if table.name not in OF_THE_BOX)


def _of(table: Table, runner_id: int) -> ColumnElement[bool]:
    """Whose a row is, it says itself, or the row says that it belongs to."""
    if table is t.runner:
        return table.c.id == runner_id
    if "runner_id" in table.c:
        return table.c.runner_id == runner_id
    name, owner = next((n, o) for n, o in named_rows(table).items() if not table.c[n].nullable)
    return table.c[name].in_(select(owner.c.id).where(_of(owner, runner_id)))


def _in_order(tx: Tx, table: Table, runner_id: int) -> Select[Any]:
    """By key, and texts by their letters' numbers, as both databases can."""
    plain = tx.dialect.name == "postgresql"
    keys = (c.collate("C") if plain and isinstance(c.type, String) else c for c in table.primary_key)
    return select(table).where(_of(table, runner_id)).order_by(*keys)


# Out


def numbers_from_one(tx: Tx, runner_id: int) -> Numbers:
    """New numbers for all rows, 1, 2, 3 in each table: the same content is told by the same bytes."""
    numbers = Numbers()
    for table in tables():
        if "id" in table.c:
            ids = select(table.c.id).where(_of(table, runner_id)).order_by(table.c.id)
            for new, old in enumerate(tx.scalars(ids), 1):
                numbers.know(table.name, old, new)
    return numbers


def rows(tx: Tx, table: Table, runner_id: int, numbers: Numbers, inbox: str) -> Iterator[Row]:
    """The rows as they leave the box, as JSON."""
    for found in tx.execute(_in_order(tx, table, runner_id)).yield_per(AT_ONCE):
        whole = portable.portable(table, dict(found._mapping), inbox)
        yield portable.as_json(renumbered(table, whole, numbers))


def originals(tx: Tx, runner_id: int) -> list[str]:
    """The SHA-256 of every raw file, in the order they came."""
    c = t.raw_file.c
    return list(tx.scalars(select(c.sha256).where(c.runner_id == runner_id).order_by(c.id)))


def unowned(tx: Tx, shas: Collection[str]) -> set[str]:
    """Those of the originals that are no runner's."""
    c = t.raw_file.c
    owned: set[str] = set()
    for some in batched(shas, AT_ONCE):
        owned |= set(tx.scalars(select(c.sha256).where(c.sha256.in_(some))))
    return set(shas) - owned


def held(tx: Tx, runner_id: int) -> dict[str, int]:
    """Table -> how many rows, of those of which a runner who has nothing yet has none."""
    found = {}
    for table in tables():
        if table.name not in OF_EVERY_RUNNER:
            counted = select(func.count()).select_from(table).where(_of(table, runner_id))
            found[table.name] = int(tx.scalar(counted) or 0)
    return {name: count for name, count in found.items() if count}


# In


def put(tx: Tx, runner_id: int, told: Tables, inbox: str | None) -> None:
    """Put rows, as `incoming` read them, into a runner who has nothing; `inbox`: where it is theirs."""
    if len(told.get("runner", ())) != 1:
        raise BadInput("it holds no runner, or several")
    _make_room(tx, runner_id, inbox)
    here = _accounts(tx, runner_id)
    fresh = {table: [_admitted(table, row) for row in told.get(table.name, ())] for table in tables()}
    numbers = _numbers(tx, runner_id, fresh, here)
    for table, found in fresh.items():
        _refuse_lost(table, found, numbers)
        new = [_arrived(table, row, numbers, inbox) for row in found]
        _write(tx, table, new, runner_id, set(here.values()))


def _make_room(tx: Tx, runner_id: int, inbox: str | None) -> None:
    for name in MADE_BY_ITSELF:
        table = t.metadata.tables[name]
        tx.execute(delete(table).where(_of(table, runner_id)))
    c = t.connection.c
    comes_in = (c.kind == FORMER_FOLDER) | ((c.kind == FOLDER) & (c.place == inbox))
    tx.execute(delete(t.connection).where(c.runner_id == runner_id, comes_in))


def _accounts(tx: Tx, runner_id: int) -> dict[tuple[str, str], int]:
    """What the runner has connected here already stays as it is."""
    c = t.connection.c
    mine = tx.execute(select(c.kind, c.place, c.id).where(c.runner_id == runner_id))
    return {(kind, place): id_ for kind, place, id_ in mine}


def _numbers(
    tx: Tx, runner_id: int, fresh: Mapping[Table, Sequence[Row]], here: Mapping[tuple[str, str], int]
) -> Numbers:
    """A number of this database for every row that comes in."""
    numbers = Numbers()
    for table, found in fresh.items():
        if table is t.runner:
            new = [runner_id] * len(found)
        elif table is t.connection:
            new = _of_places(tx, [(row["kind"], row["place"]) for row in found], here)
        elif "id" in table.c:
            new = _reserved(tx, table, len(found))
        else:
            continue
        _know(numbers, table, [row["id"] for row in found], new)
    return numbers


def _of_places(tx: Tx, places: Sequence[tuple[str, str]], here: Mapping[tuple[str, str], int]) -> list[int]:
    fresh = [place for place in dict.fromkeys(places) if place not in here]
    numbers = dict(zip(fresh, _reserved(tx, t.connection, len(fresh)), strict=True)) | dict(here)
    return [numbers[place] for place in places]


def _know(numbers: Numbers, table: Table, olds: Sequence[int], news: Sequence[int]) -> None:
    for old, new in zip(olds, news, strict=True):
        if numbers.knows(table.name, old):
            raise BadInput(f"{table.name} has two rows with the number {old}")
        numbers.know(table.name, old, new)


def _reserved(tx: Tx, table: Table, count: int) -> list[int]:
    """Numbers that no row has and none gets meanwhile, rising."""
    if tx.dialect.name == "postgresql":
        sequence = f"nextval(pg_get_serial_sequence('{table.name}', 'id'))"
        query = text(f"SELECT {sequence} FROM generate_series(1, :count)")  # noqa: S608 (our own table's name)
        return sorted(tx.scalars(query, {"count": count}))
    begin = int(tx.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0)
    return list(range(begin + 1, begin + 1 + count))


def _refuse_lost(table: Table, found: Sequence[Row], numbers: Numbers) -> None:
    for name, other in named_rows(table).items():
        for row in found:
            if row.get(name) is not None and not numbers.knows(other.name, row[name]):
                raise BadInput(f"{table.name}.{name} names a row of {other.name} that is not there")


def _admitted(table: Table, row: Row) -> Row:
    """Held to the same as what leaves a box: no file brings a mail that waits, or a folder to look at."""
    return portable.portable(table, row, portable.INBOX)


def _arrived(table: Table, row: Row, numbers: Numbers, inbox: str | None) -> Row:
    new = renumbered(table, row, numbers)
    if table is t.connection and (row["kind"], row["place"]) == (FOLDER, portable.INBOX):
        return new | ({"place": inbox} if inbox else {"kind": FORMER_FOLDER, "state": DISCONNECTED})
    return new


def _write(tx: Tx, table: Table, new: list[Row], runner_id: int, stay: Collection[int]) -> None:
    try:
        if table is t.runner:
            tx.execute(update(table).where(table.c.id == runner_id).values(**_named(tx, new[0])))
        elif table is t.delivery:
            _insert(tx, table, _told_apart(tx, new, runner_id))
        elif table in ONCE:
            _insert(tx, table, [row for row in _once(table, new) if row.get("id") not in stay])
        else:
            _insert(tx, table, new)
    except (IntegrityError, DataError) as error:
        why = str(error.orig).partition("\n")[0]
        raise BadInput(f"{table.name} can't be so ({why})") from error


def _once(table: Table, new: Sequence[Row]) -> Iterable[Row]:
    return {tuple(row[c.name] for c in table.primary_key): row for row in reversed(new)}.values()


def _insert(tx: Tx, table: Table, new: Sequence[Row]) -> None:
    """What names rows of its own table is written when all of them are there."""
    later = [name for name, other in named_rows(table).items() if other is table]
    for some in batched(new, AT_ONCE):
        tx.execute(insert(table), [row | dict.fromkeys(later) for row in some])
    for row in new:
        if named := {name: row[name] for name in later if row.get(name) is not None}:
            tx.execute(update(table).where(table.c.id == row["id"]).values(**named))


def _named(tx: Tx, row: Row) -> Row:
    """A name that is another's is not taken over."""
    c = t.runner.c
    others = tx.scalars(select(c.name).where(c.id != row["id"]))
    taken = row["name"].casefold() in (name.casefold() for name in others)
    return {name: value for name, value in row.items() if not (name == "id" or (name == "name" and taken))}


def _told_apart(tx: Tx, new: list[Row], runner_id: int) -> list[Row]:
    """A second copy of a runner in one home has the same mails under names of its own."""
    c = t.delivery.c
    taken: set[str] = set()
    for some in batched((row["message_id"] for row in new), AT_ONCE):
        taken |= set(tx.scalars(select(c.message_id).where(c.message_id.in_(some))))
    return [
        row | {"message_id": row["message_id"].replace("<", f"<{runner_id}.", 1)}
        if row["message_id"] in taken
        else row
        for row in new
    ]
