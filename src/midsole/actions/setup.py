"""The first runner of a new home, and what a runner can be told to be."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from midsole.actions.box import Box
from midsole.domain import kept
from midsole.domain.errors import MidsoleError, UsageError
from midsole.domain.facts import Limits
from midsole.store import messages, runners, sources
from midsole.store.base import Tx
from midsole.store.runners import DEMO_ADDRESS, Runner

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

WORDS = {"units": ("km", "mi"), "weekly_mail": ("every", "warnings", "off")}


def make_home(box: Box) -> None:
    """A home without a runner gets one, who owns the inbox: it is new and empty, so it has no history."""
    with box.store.read() as tx:
        if runners.everyone(tx):
            return
    with box.store.write() as tx:
        if not runners.everyone(tx):
            runner_id = runners.add(tx, "me", system_zone(), box.now())
            inbox = sources.connect(tx, runner_id, "folder", str(box.inbox), box.now())
            sources.finish_first_look(tx, inbox, box.now())


def system_zone() -> str:
    """This machine's zone by name; UTC where it has none."""
    local = Path("/etc/localtime")
    if local.is_symlink():
        name = str(local.resolve()).partition("zoneinfo/")[2].removeprefix("posix/")
        if name and is_zone(name):
            return name
    return "UTC"


@cache
def zones() -> tuple[str, ...]:
    """Every zone with a place in its name, and UTC."""
    named = (z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(named))


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return bool(name)


def add_runner(box: Box, name: str, zone: str | None, **settings: Any) -> int:
    """A further runner of this box; their files come from a folder of their own."""
    with box.store.write() as tx:
        return add_runner_in(tx, box.now(), name, zone, **settings)


def add_runner_in(tx: Tx, now: datetime, name: str, zone: str | None, **settings: Any) -> int:
    """Like `add_runner`, as a part of what else is written at once."""
    clean, chosen = kept.name_of("A runner", name), zone or system_zone()
    _check(chosen, settings)
    _refuse_taken(tx, None, clean, settings.get("email"))
    return runners.add(tx, clean, chosen, now, **settings)


def edit_runner(
    box: Box, runner_id: int, *, zone: str | None = None, zone_from: date | None = None, **settings: Any
) -> Runner:
    """Change what was given; a new address is tried afresh, a new zone holds from its date on."""
    _check(zone, settings)
    kept.check_days(zone_from)
    if settings.get("name") is not None:
        settings["name"] = kept.name_of("A runner", settings["name"])
    if "email" in settings:
        settings["email_refused"] = None
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        _refuse_taken(tx, runner.id, settings.get("name"), settings.get("email"))
        if runner.is_demo and "email" in settings:
            raise UsageError("The demo gets no mail: its runs are made up.")
        if settings:
            runners.change(tx, runner_id, **settings)
        if zone:
            runners.set_zone(tx, runner_id, zone, zone_from or _zone_since(runner, box.now()))
        return runners.get(tx, runner_id)


def set_limits(box: Box, runner_id: int, said: Mapping[str, float | None]) -> Runner:
    """Change these limits, None back to its default; what that makes true is no news."""
    chosen = {name: value for name, value in said.items() if value is not None}
    _check(None, {"limits": dict.fromkeys(said, 1.0) | chosen})
    plain = asdict(Limits())
    with box.store.write() as tx:
        now = asdict(runners.lock(tx, runner_id).limits) | {name: plain[name] for name in said} | chosen
        own = {name: type(plain[name])(value) for name, value in now.items() if value != plain[name]}
        runners.change(tx, runner_id, limits=own)
    from midsole.actions.evaluate import evaluate  # every command opens a home; few need all of the mails

    evaluate(box, runner_id, silent=True)
    with box.store.read() as tx:
        return runners.get(tx, runner_id)


def _refuse_taken(tx: Tx, runner_id: int | None, name: str | None, email: str | None) -> None:
    """A new name must be nobody else's; nor may one be called what another one's mail is, by which people
    (and proxies that log them in) are known as well."""
    others = [r for r in runners.everyone(tx) if r.id != runner_id]
    if name is not None and name.casefold() in {r.name.casefold() for r in others}:
        raise UsageError(f"There is a runner {name!r} already.")
    if name is not None and name.casefold() in {(r.email or "").casefold() for r in others}:
        raise UsageError(f"{name!r} can't be a name here. Choose another one.")
    if email is not None and email.casefold() in {r.name.casefold() for r in others}:
        raise UsageError(f"{email!r} is no mail address.")


def everyone(box: Box) -> list[Runner]:
    with box.store.read() as tx:
        return runners.everyone(tx)


def _zone_since(runner: Runner, now: datetime) -> date:
    """A runner without history yet has always lived there."""
    fresh = len(runner.zones) == 1 and runner.created_at.date() == now.date()
    return runner.zones[0][0] if fresh else runner.today(now)


def _check(zone: str | None, settings: dict[str, Any]) -> None:
    if zone is not None and not is_zone(zone):
        raise UsageError(f"There is no zone {zone!r}; zones look like Europe/Berlin.")
    email = settings.get("email")
    if email is not None and (not _looks_like_address(email) or email.casefold() == DEMO_ADDRESS):
        raise UsageError(f"{email!r} is no mail address.")
    for name, words in WORDS.items():
        if settings.get(name, words[0]) not in words:
            raise UsageError(f"There is no {name} {settings[name]!r}. Known: {', '.join(words)}.")
    known = Limits.__dataclass_fields__
    for name, value in settings.get("limits", {}).items():
        if name not in known:
            raise UsageError(f"There is no limit {name!r}. Known: {', '.join(known)}.")
        if not 0 < value < 1e6:
            raise UsageError(f"The limit {name} can't be {value}.")


def _looks_like_address(email: str) -> bool:
    local, at, domain = email.rpartition("@")
    fit = email.isprintable() and len(email) <= kept.LONGEST_ADDRESS
    return fit and bool(local and at and domain) and not any(c.isspace() or c in '<>,"' for c in email)


def erase_runner(box: Box, runner_id: int) -> int:
    """Remove the person and all that is theirs, originals too; returns how many files went.

    What was said of the body goes first, and from the copies too: while something of it stays, so does the
    person, who can then be erased again."""
    from midsole.actions.forgetting import remove_mails
    from midsole.actions.uploading import sweep

    with box.store.read() as tx:
        _check_not_last(tx, runner_id)
    _forget_body(box, runner_id)
    with box.store.write() as tx:
        _check_not_last(tx, runner_id)
        message_ids = messages.message_ids(tx, runner_id)
        orphans = runners.erase(tx, runner_id)
    remove_mails(box, message_ids)
    for sha256 in orphans:
        box.originals.remove(sha256)
    sweep(box)
    return len(orphans)


def _check_not_last(tx: Tx, runner_id: int) -> None:
    if all(runner.is_demo for runner in runners.everyone(tx) if runner.id != runner_id):
        raise UsageError("This is the only runner. To erase everything, delete the home folder.")


def _forget_body(box: Box, runner_id: int) -> None:
    from midsole.actions import forgetting

    held = forgetting.held(box, runner_id)
    if held.is_empty and not held.is_unfinished:
        return
    if left := forgetting.forget(box, runner_id).left:
        raise MidsoleError(f"Not erased yet, only the health data, and of those is left: {' '.join(left)}")


def parse_clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time of day; write 22:00.") from error


def parse_weekday(text: str) -> int:
    matching = [i for i, day in enumerate(WEEKDAYS) if len(text) >= 2 and day.startswith(text.lower())]
    if len(matching) != 1:
        raise UsageError(f"{text!r} is no weekday; write monday or sunday.")
    return matching[0]
