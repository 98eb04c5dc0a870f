"""Accounts: connect Garmin, read it now, forget it; and the pairs that it knows."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli import shoes
from midsole.cli.common import Json, RunnerName, box, parse_day, print_json, runner_of, say, table
from midsole.cli.setting_up import connect_app, disconnect_app
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.box import Box

UNOFFICIAL = (
    "Midsole logs in as Garmin's own app does, by the library garminconnect; Garmin does not support that.\n"
    "The password is used for this one attempt and kept nowhere; what is kept is a token, encrypted."
)
NEXT = "Garmin Connect is connected. The first sync begins with `midsole run`, or now: midsole sync"
TOKENS_KEPT = "The tokens are kept, encrypted. Whether Garmin takes them shows the first sync: midsole sync"
CODE_SENT = "Garmin has sent you a code. Enter it within ten minutes: midsole connect garmin --code CODE"
MOST_CODES = 3
TOKEN_FILE = "garmin_tokens.json"  # noqa: S105 (a file name)
LARGEST_TEXT = 200_000

PairName = Annotated[str, typer.Argument(metavar="PAIR", help="Garmin's pair, or a part of its name.")]


def register(app: typer.Typer) -> None:
    app.command()(sync)


def sync(ctx: typer.Context, runner: RunnerName = None) -> None:
    """Read the accounts and folders now, until everything is here; ends with 1 where an account can't be."""
    from midsole.actions.once import sync_now
    from midsole.cli.meter import meter

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        with meter() as show:
            done = sync_now(opened, who.id, show)
    for problem in done.problems:
        typer.echo(problem, err=True)
    files = "file" if done.new_files == 1 else "files"
    runs = "activity" if done.new_activities == 1 else "activities"
    came = f"{done.new_activities} new {runs}, {done.new_files} new {files}"
    say(f"Done: {came} ({done.bad_files} bad).")
    if done.failed:
        raise typer.Exit(1)


@connect_app.command("garmin")
def connect_garmin(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Of the Garmin account.")] = None,
    code: Annotated[str | None, typer.Option(metavar="CODE", help="The code that Garmin sent.")] = None,
    tokens: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A garmin_tokens.json made elsewhere; - reads stdin.")
    ] = None,
    china: Annotated[bool, typer.Option("--china", help="An account of garmin.cn.")] = False,
    adopt: Annotated[
        bool | None, typer.Option("--shoes/--no-shoes", help="Add Garmin's pairs, or only propose them.")
    ] = None,
    write_back: Annotated[
        bool | None,
        typer.Option("--write-back/--no-write-back", help="Write your word on a run's pair to Garmin."),
    ] = None,
    runner: RunnerName = None,
) -> None:
    """Connect Garmin Connect by e-mail and password (and a code), or by tokens made elsewhere."""
    from midsole.actions import connecting
    from midsole.domain.connection import GARMIN

    _refuse_mixed(email, code, tokens, china=china)
    said = {"adopt": adopt, "write_back": write_back}
    chosen = {name: value for name, value in said.items() if value is not None}
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        if code is not None:
            connecting.enter_code(opened, who.id, code)
            say(NEXT)
        elif tokens is not None:
            connecting.take_tokens(opened, who.id, _tokens(tokens), china=china, adopt=adopt)
            say(TOKENS_KEPT)
        elif email or china or not (chosen and connecting.known(opened, who.id, GARMIN)):
            _log_in(opened, who.id, email, china=china, adopt=adopt)
        if chosen:
            connecting.set_option(opened, who.id, **chosen)
            say(_options(chosen))


def _refuse_mixed(email: str | None, code: str | None, tokens: Path | None, *, china: bool) -> None:
    given = {"--code": code, "--tokens": tokens, "--email": email, "--china": china or None}
    names = [name for name, value in given.items() if value is not None]
    if code is not None and len(names) > 1:
        raise UsageError(f"--code goes on with a login that has begun; leave {' and '.join(names[1:])} out.")
    if tokens is not None and email is not None:
        raise UsageError("--tokens is a login made elsewhere: leave --email out.")


def _tokens(path: Path) -> str:
    """garminconnect names the folder of its file, so that is taken too."""
    if str(path) == "-":
        return sys.stdin.buffer.read(LARGEST_TEXT).decode("utf-8", "replace")
    expanded = path.expanduser()
    return _read(expanded / TOKEN_FILE if expanded.is_dir() else expanded)


def _options(chosen: dict[str, bool]) -> str:
    words = []
    if "adopt" in chosen:
        how = "are added by themselves" if chosen["adopt"] else "are only proposed: midsole shoes proposals"
        words.append(f"Garmin's pairs {how}.")
    if "write_back" in chosen:
        written = "is written to Garmin too" if chosen["write_back"] else "stays in Midsole"
        words.append(f"What you say of a run's pair {written}.")
    return " ".join(words)


def _log_in(opened: "Box", runner_id: int, email: str | None, *, china: bool, adopt: bool | None) -> None:
    """One attempt; the password is asked for, never an option: those others see, and shells keep."""
    from midsole.actions import connecting
    from midsole.domain.connection import GARMIN

    connecting.refuse_too_early(opened, runner_id, GARMIN)
    say(UNOFFICIAL)
    address = (email or _ask("Garmin e-mail")).strip()
    connected = connecting.known(opened, runner_id, GARMIN)
    if adopt is None and sys.stdin.isatty() and not (connected and "adopt" in connected.notes):
        adopt = typer.confirm("Shall Garmin's pairs be added by themselves?", default=True)
    password = _ask("Garmin password", hidden=True)
    say("Logging in; this takes up to a minute.")
    asked = connecting.log_in(opened, runner_id, address, password, china=china, adopt=adopt)
    if asked.state == connecting.CONNECTED:
        say(NEXT)
    elif not sys.stdin.isatty():
        say(CODE_SENT)
    else:
        _ask_for_code(opened, runner_id)


def _ask_for_code(opened: "Box", runner_id: int) -> None:
    """A wrong code leaves the login waiting, so that it can be corrected."""
    from midsole.actions import connecting
    from midsole.domain.errors import BadInput

    for attempt in range(MOST_CODES):
        try:
            connecting.enter_code(opened, runner_id, _ask("The code that Garmin sent you"))
        except BadInput as error:
            if attempt == MOST_CODES - 1:
                raise
            say(str(error))
        else:
            say(NEXT)
            return


def _ask(what: str, *, hidden: bool = False) -> str:
    """From the terminal, or a line of stdin where there is none."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=hidden))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError(f"{what} is missing: type it in a terminal, or give it as a line of stdin.")
    return line


def _read(path: Path) -> str:
    try:
        with path.expanduser().open(encoding="utf-8-sig") as file:
            return file.read(LARGEST_TEXT)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{path} can't be read: {why}.") from error


@connect_app.command("garmin-personal")
def connect_garmin_personal(
    ctx: typer.Context,
    key_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A file with the key; else it is asked for.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day the key ends: you are warned before.")
    ] = None,
    runner: RunnerName = None,
) -> None:
    """Connect Garmin's Personal API by a key made in Garmin Connect's settings: official, without shoes."""
    from midsole.actions import connecting
    from midsole.domain.connection import GARMIN_PERSONAL

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        connecting.refuse_too_early(opened, who.id, GARMIN_PERSONAL)
        key = _read(key_file) if key_file else _ask("Personal API key", hidden=True)
        if expires is None and sys.stdin.isatty():
            question = "The day the key ends, as 2027-02-19"
            expires = str(typer.prompt(question, default="", show_default=False)).strip() or None
        last_day = parse_day(expires, who.today(opened.now()))
        connecting.take_key(opened, who.id, key, last_day)
    say("Garmin's Personal API is connected. The first sync begins with `midsole run`, or now: midsole sync")
    if last_day is None:
        say("Its keys end silently: say when with --expires DATE, and you are warned before.")


@disconnect_app.command("garmin")
def disconnect_garmin(ctx: typer.Context, runner: RunnerName = None) -> None:
    """Forget the login to Garmin Connect; activities and pairs stay."""
    from midsole.domain.connection import GARMIN

    _disconnect(ctx, runner, GARMIN)


@disconnect_app.command("garmin-personal")
def disconnect_garmin_personal(ctx: typer.Context, runner: RunnerName = None) -> None:
    """Forget the key of Garmin's Personal API; activities stay."""
    from midsole.domain.connection import GARMIN_PERSONAL

    _disconnect(ctx, runner, GARMIN_PERSONAL)


def _disconnect(ctx: typer.Context, runner: str | None, kind: str) -> None:
    from midsole.actions import connecting
    from midsole.domain.connection import label

    with box(ctx) as opened:
        connecting.disconnect(opened, runner_of(ctx, opened, runner).id, kind)
    say(f"{label(kind, '')} is forgotten: its login and all that was kept for it. What came from it stays.")


# The pairs that Garmin knows


@shoes.app.command("proposals")
def proposals(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """Pairs of an account or export that wait for your word."""
    from midsole.actions import pairs, shapes

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        rows = [shapes.proposal(*found) for found in pairs.proposals(opened, who.id)]
    if as_json:
        print_json(rows)
        return
    if not rows:
        say("No pair of an account or export waits for a word.")
        return
    table(("pair", "brand", "model", "limit", "first used", "retired", "may be"), _cells(rows, who.units))
    say("Add one with `midsole shoes accept PAIR` (or --all), say which it is with `midsole shoes link PAIR")
    say("NAME`, or leave it out with `midsole shoes decline PAIR`.")


def _cells(rows: list[dict[str, Any]], units: str) -> list[list[str | None]]:
    from midsole.domain.units import distance

    def day(value: Any) -> str | None:
        return value.isoformat() if value else None

    return [
        [
            row["name"],
            row["brand"],
            row["model"],
            distance(row["limit_m"], units) if row["limit_m"] else None,
            day(row["first_used_on"]),
            day(row["retired_on"]),
            row["may_be"],
        ]
        for row in rows
    ]


@shoes.app.command("accept")
def accept(
    ctx: typer.Context,
    pair: Annotated[str | None, typer.Argument(metavar="PAIR", help="Garmin's pair.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every pair that waits.")] = False,
    runner: RunnerName = None,
) -> None:
    """Add a pair that Garmin knows as a pair of your own."""
    from midsole.actions import pairs

    if (pair is None) == (not everything):
        raise UsageError("Name a pair, or say --all.")
    with box(ctx) as opened:
        added = pairs.accept(opened, runner_of(ctx, opened, runner).id, pair)
    for shoe in added:
        say(f"Added {shoe.name}.")
    if not added:
        say("No pair of an account or export waits for a word.")


@shoes.app.command("link")
def link(ctx: typer.Context, pair: PairName, name: shoes.Name, runner: RunnerName = None) -> None:
    """Say that Garmin's pair is this one here."""
    from midsole.actions import pairs

    with box(ctx) as opened:
        linked, shoe = pairs.link(opened, runner_of(ctx, opened, runner).id, pair, name)
    say(f"Garmin's {linked.name} is {shoe.name}.")


@shoes.app.command("decline")
def decline(ctx: typer.Context, pair: PairName, runner: RunnerName = None) -> None:
    """Leave a pair of an account or export out."""
    from midsole.actions import pairs

    with box(ctx) as opened:
        declined = pairs.decline(opened, runner_of(ctx, opened, runner).id, pair)
    say(f"Garmin's {declined.name} is left out.")


@shoes.app.command("compare")
def compare(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """Garmin's total of each pair beside Midsole's, and why they differ."""
    from midsole.actions import totals

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        found = totals.compare_all(opened, who.id)
    if as_json:
        print_json([totals.as_view(one) for one in found])
        return
    if not found:
        say("No pair is linked to one of Garmin's.")
    for one in found:
        for line in totals.lines(one, who.units):
            say(line)
