"""Whether the box is well: each check is one line with the way out."""

import os
import shutil
import socket
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from midsole.actions.account import kept
from midsole.actions.box import Box
from midsole.actions.standing import explained, is_late, is_shown
from midsole.deliver.email import Smtp
from midsole.domain.connection import ACCOUNTS, CONNECTED, LOGIN_NEEDED, label
from midsole.domain.errors import MidsoleError
from midsole.store import activities, messages, runners, sources, targets
from midsole.store.base import Tx
from midsole.store.runners import Runner

OK, WARNING, BROKEN = "ok", "warning", "broken"
NETWORK_TYPES = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "sshfs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.s3fs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "fuse.glusterfs",
        "davfs",
        "fuse.davfs2",
    }
)
MOUNTS = Path("/proc/mounts")
FREE_BYTES = 500_000_000
STATES = ("new", "done", "ignored", "bad")


@dataclass(frozen=True, slots=True)
class Check:
    """`state` is ok, warning or broken; `text` says what was found and what to do."""

    name: str
    state: str
    text: str


def doctor(box: Box, *, mail: bool = False) -> list[Check]:
    """Every check in order; with `mail` the mail server is called too."""
    found = [_writable(box), _mount(box), _disk(box), _database(box)]
    with box.store.read() as tx:
        people = runners.everyone(tx)
        found += [_originals(box, tx, people), _clock(box, tx, people), _waiting(box), *_addresses(people)]
        real = [r for r in people if not r.is_demo]
        found += [*_sources(box, tx, real), *_secret_key(box, tx), *_files(tx), *_deliveries(tx)]
        found += [_links(box), *_targets(tx)]
    return [*found, _server(box)] if mail else found


def _writable(box: Box) -> Check:
    shut = [
        str(p) for p in (box.home, box.inbox, box.outbox_folder, box.originals.folder) if not _can_write(p)
    ]
    if shut:
        return Check(
            "home", BROKEN, f"Midsole can't write to {', '.join(shut)}. Check the owner and the permissions."
        )
    return Check("home", OK, f"{box.home} can be written.")


def _can_write(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _mount(box: Box) -> Check:
    kind = mount_type(box.home, _mounts())
    if kind in NETWORK_TYPES and box.store.database_url.startswith("sqlite"):
        return Check(
            "mount",
            WARNING,
            f"{box.home} is on a network mount ({kind}), where SQLite may lose data. "
            "Move the home to a local disk, or use PostgreSQL.",
        )
    return Check("mount", OK, f"The home is on a local disk{f' ({kind})' if kind else ''}.")


def _mounts() -> list[tuple[str, str]]:
    """(mount point, type) of everything mounted; empty where the system does not tell."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    parts = (line.split() for line in lines)
    return [(p[1].replace("\\040", " "), p[2]) for p in parts if len(p) > 2]


def mount_type(folder: Path, mounts: Iterable[tuple[str, str]]) -> str | None:
    """The type of the innermost mount that holds the folder; of several on one point the last."""
    real = folder.resolve()
    holding = [(len(point), n, kind) for n, (point, kind) in enumerate(mounts) if real.is_relative_to(point)]
    return max(holding)[2] if holding else None


def _disk(box: Box) -> Check:
    free = shutil.disk_usage(box.home).free
    if free < FREE_BYTES:
        return Check("disk", WARNING, f"Only {free / 1e6:.0f} MB are free on the home's disk. Make room.")
    return Check("disk", OK, f"{free / 1e9:.1f} GB are free.")


def _database(box: Box) -> Check:
    damage = box.store.check()
    if damage:
        said = "; ".join(damage[:3])
        text = f"The database is damaged ({said}). Restore the newest backup with `midsole restore`."
        return Check("database", BROKEN, text)
    return Check("database", OK, "The database is sound.")


def _originals(box: Box, tx: Tx, people: Iterable[Runner]) -> Check:
    shas = {f.sha256 for r in people for f in sources.raw_files(tx, r.id, STATES)}
    gone = sorted(sha for sha in shas if not box.originals.path(sha).is_file())
    if gone:
        which = ", ".join(sha[:12] for sha in gone[:3])
        are, them = ("is", "it") if len(gone) == 1 else ("are", "them")
        text = f"{len(gone)} of {len(shas)} originals {are} missing ({which}). Restore {them} from a backup."
        return Check("originals", BROKEN, text)
    return Check("originals", OK, f"All {len(shas)} originals are there." if shas else "No originals yet.")


def _clock(box: Box, tx: Tx, people: Iterable[Runner]) -> Check:
    now = box.now()
    for runner in people:
        last = activities.span(tx, runner.id)[1]
        if last and last > runner.today(now) + timedelta(days=1):
            today = runner.today(now)
            text = f"{runner.name} has a run on {last}, but today is {today}. Check this machine's clock."
            return Check("clock", WARNING, text)
    zones = ", ".join(f"{r.zone_on(r.today(now))} ({r.name})" for r in people)
    return Check("clock", OK, f"{now:%Y-%m-%d %H:%M} UTC; zones: {zones}.")


def _waiting(box: Box) -> Check:
    n = 0 if box.mail else sum(1 for _ in box.outbox_folder.glob("*.eml"))
    if n:
        text = f"{mails(n)} in outbox, no SMTP set. Read them in {box.outbox_folder}, or run `midsole init`."
        return Check("mail", WARNING, text)
    if box.mail is None:
        return Check("mail", OK, f"No SMTP set: mails will be written to {box.outbox_folder}.")
    return Check("mail", OK, "A mail server is set.")


def mails(n: int) -> str:
    return f"{n} mail{'' if n == 1 else 's'} wait{'s' if n == 1 else ''}"


def _addresses(people: Iterable[Runner]) -> Iterator[Check]:
    for runner in people:
        if runner.email_refused:
            text = f"The address {runner.email} of {runner.name} was refused: {runner.email_refused} "
            yield Check("address", BROKEN, text + "Set another with `midsole runners edit --email`.")


def _sources(box: Box, tx: Tx, people: Collection[Runner]) -> Iterator[Check]:
    several = len(people) > 1
    for runner in people:
        connected = [c for c in sources.connections(tx, runner.id) if is_shown(c, box.now())]
        if not connected:
            yield Check(
                "source",
                WARNING,
                f"{runner.name} has no source. Run `midsole connect garmin`, or `connect folder PATH`.",
            )
        for c in connected:
            found = _source(box, runner, c)
            yield replace(found, text=f"{runner.name}: {found.text}") if several else found
    yield from _one_account_twice(tx)


def _one_account_twice(tx: Tx) -> Iterator[Check]:
    """The same number of an owner under two runners: every run of it counts for both."""
    runners_of: dict[object, set[int]] = {}
    for c in sources.connections(tx):
        if owner := c.notes.get("owner"):
            runners_of.setdefault(owner, set()).add(c.runner_id)
    if any(len(ids) > 1 for ids in runners_of.values()):
        text = "Two runners have connected the same Garmin account: its runs count for both. Disconnect one."
        yield Check("source", WARNING, text)


def _source(box: Box, runner: Runner, c: sources.Connection) -> Check:
    name = label(c.kind, c.place)
    if c.state != CONNECTED:
        return Check("source", BROKEN if c.state == LOGIN_NEEDED else WARNING, explained(c, box.now()))
    if c.error:
        return Check("source", BROKEN, f"{name}: {c.error}")
    if c.kind in ACCOUNTS:
        return Check("source", WARNING if is_late(c, box.now()) else OK, explained(c, box.now()))
    oldest = box.now() - timedelta(hours=runner.limits.silent_look_h)
    if c.last_success_at is None and c.created_at >= oldest:
        return Check("source", OK, f"{name} was not looked at yet; start `midsole run`.")
    last = c.last_success_at or c.created_at
    if last < oldest:
        text = f"{name} was not looked at since {last:%Y-%m-%d %H:%M} UTC. Is `midsole run` running?"
        return Check("source", WARNING, text)
    return Check("source", OK, f"{name} was looked at {last:%Y-%m-%d %H:%M} UTC.")


def _secret_key(box: Box, tx: Tx) -> Iterator[Check]:
    """The key that the logins are encrypted with; there is none until an account is connected."""
    secret = [c for c in sources.connections(tx) if c.secret]
    problems = dict.fromkeys([box.secrets.problem(), *(_unreadable(box, c) for c in secret)])
    for problem in filter(None, problems):
        yield Check("secret key", BROKEN, problem)
    if secret and not any(problems):
        yield Check("secret key", OK, f"The stored log-ins can be read with {box.secrets.path}.")


def _unreadable(box: Box, connection: sources.Connection) -> str | None:
    try:
        kept(box, connection)
    except MidsoleError as error:
        return str(error)
    return None


def _files(tx: Tx) -> Iterator[Check]:
    bad = sources.file_counts(tx)["bad"]
    if bad:
        text = f"{bad} file{' is' if bad == 1 else 's are'} unreadable and kept: `midsole files --bad`."
        yield Check("files", WARNING, text)


def _deliveries(tx: Tx) -> Iterator[Check]:
    counts = messages.delivery_counts(tx)
    lost = counts["failed"] + counts["given_up"]
    if lost:
        yield Check("deliveries", WARNING, f"{lost} mail(s) could not be sent; `midsole status` says why.")


def _links(box: Box) -> Check:
    if not box.public_url:
        text = "web_public_url is not set, so mails carry no links: they name the commands to type."
        return Check("links", OK, text)
    if not box.public_url.startswith("https://"):
        text = f"Links of mails lead to {box.public_url}, which is not encrypted: use https."
        return Check("links", WARNING, text)
    return Check("links", OK, f"Links of mails lead to {box.public_url}.")


def _targets(tx: Tx) -> Iterator[Check]:
    """Push addresses and webhooks that are left alone; an error says that Midsole itself paused them."""
    for row in targets.paused(tx):
        why = f": {row.error}" if row.error else "."
        text = f"Nothing is sent to {row.name} ({row.kind} of {row.runner}){why}"
        yield Check(
            "target", WARNING if row.error else OK, f"{text} Resume it with `midsole {row.kind} resume`."
        )


def _server(box: Box) -> Check:
    """Only whether somebody answers; `midsole mail test` sends."""
    if not isinstance(box.mail, Smtp):
        return Check("smtp", WARNING, "No mail server is set, so none was called.")
    where = f"{box.mail.host}:{box.mail.port}"
    try:
        socket.create_connection(
            (box.mail.host, box.mail.port), timeout=min(10.0, box.mail.timeout_s)
        ).close()
    except OSError as error:
        return Check(
            "smtp",
            BROKEN,
            f"{where} does not answer ({error.strerror or error}). Check smtp_host and smtp_port.",
        )
    return Check("smtp", OK, f"{where} answers; `midsole mail test` sends a mail.")
