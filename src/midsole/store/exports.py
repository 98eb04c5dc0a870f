"""What the lists of an export are laid over: the files that are here, and what each list was found in."""

import re
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from midsole.domain.matching import Trace
from midsole.store import laying
from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.sources import RawFile

ENDINGS = (".csv", ".json", ".csv.gz", ".json.gz")
REFUSED = ("ignored", "bad")
TOLD_APART = re.compile(r" \(\d+\)$")
"""What two members of one name in an archive are told apart by."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is here: its name in small letters, without folder and .gz, and how many legs it has."""

    id: int
    sha256: str
    name: str
    state: str
    legs: int


@dataclass(frozen=True, slots=True)
class Home:
    """Which files an export's line was found in, or became."""

    original_id: int | None
    listed_file_id: int | None
    listed_is_bad: bool


def may_be_list(file: RawFile) -> bool:
    return file.name.casefold().endswith(ENDINGS)


def lists(tx: Tx, runner_id: int) -> list[RawFile]:
    """Files that may be an export's lists, by their names, in the order they came; not what was set aside."""
    c = t.raw_file.c
    named = or_(*(func.lower(c.name).endswith(ending) for ending in ENDINGS))
    refused = c.state.in_(REFUSED) & c.decoder_version.is_not(None)
    query = select(t.raw_file).where(c.runner_id == runner_id, refused, named).order_by(c.id)
    return [RawFile(**row._mapping) for row in tx.execute(query)]


def held(tx: Tx, runner_id: int) -> list[Held]:
    """Every file of the runner, the oldest first."""
    f, r = t.raw_file.c, t.recording.c
    legs = func.count(r.id)
    query = select(f.id, f.sha256, f.name, f.state, legs).select_from(t.raw_file.outerjoin(t.recording))
    rows = tx.execute(query.where(f.runner_id == runner_id).group_by(f.id).order_by(f.id))
    return [Held(row[0], row[1], _plain(row[2]), row[3], int(row[4])) for row in rows]


def _plain(name: str) -> str:
    last = TOLD_APART.sub("", name.rpartition("/")[2])
    return last.casefold().removesuffix(".gz")


def traces(tx: Tx, runner_id: int) -> list[Trace]:
    """What identity looks at, of every recording."""
    return laying.traces(tx, runner_id, t.recording.c.runner_id == runner_id)


def homes(tx: Tx, runner_id: int, origin: str) -> dict[str, Home]:
    """External id -> where it is, of all that this export told."""
    a, f = t.remote_activity.c, t.raw_file.c
    outdated = (f.state == "bad") & (f.sha256 != a.digest)
    columns = (a.external_id, a.original_id, a.listed_file_id, outdated)
    joined = t.remote_activity.outerjoin(t.raw_file, f.id == a.listed_file_id)
    query = select(*columns).select_from(joined).where(a.runner_id == runner_id, a.origin == origin)
    return {row[0]: Home(row[1], row[2], bool(row[3])) for row in tx.execute(query)}
