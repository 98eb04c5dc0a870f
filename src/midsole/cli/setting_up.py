"""Setting up and keeping: run, folders, runners, the test mail, backup and restore."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli import init
from midsole.cli.common import Json, RunnerName, box, parse_day, print_json, runner_of, say, state, table
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.backup import Saved
    from midsole.actions.box import Box

connect_app = typer.Typer(no_args_is_help=True, help="Connect Garmin, or a folder that files come to.")
disconnect_app = typer.Typer(
    no_args_is_help=True, help="Forget an account or a folder; what came from it stays."
)
runners_app = typer.Typer(no_args_is_help=True, help="The runners of this box.")
mail_app = typer.Typer(no_args_is_help=True, help="Try the mail server.")

Email = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where mail goes.")]
Zone = Annotated[str | None, typer.Option(help="As Europe/Berlin.")]
Units = Annotated[str | None, typer.Option(help="km or mi.")]
FirstWeekday = Annotated[str | None, typer.Option(metavar="DAY", help="monday or sunday.")]
WeeklyMail = Annotated[str | None, typer.Option(help="every, warnings or off.")]
AlertMail = Annotated[
    bool | None, typer.Option("--alert-mail/--no-alert-mail", help="Whether alerts are mailed.")
]
QuietFrom = Annotated[str | None, typer.Option(metavar="HH:MM", help="No mail from then on.")]
QuietUntil = Annotated[str | None, typer.Option(metavar="HH:MM", help="Mail again from then on.")]


def register(app: typer.Typer) -> None:
    app.command("init")(init.init)
    app.add_typer(connect_app, name="connect")
    app.add_typer(disconnect_app, name="disconnect")
    app.add_typer(runners_app, name="runners")
    app.add_typer(mail_app, name="mail")
    app.command()(backup)
    app.command()(restore)


@connect_app.command("folder")
def connect_folder(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder; all below it counts too.")],
    runner: RunnerName = None,
) -> None:
    """Watch a folder: its files are read, never moved, changed or deleted."""
    with box(ctx) as opened:
        say(connect(opened, runner_of(ctx, opened, runner), path))


def connect(opened: "Box", who: Any, path: Path) -> str:
    from midsole.actions.sync import connect_folder as connect_it

    number, files = connect_it(opened, who.id, path)
    place = path.expanduser().absolute()
    found, comes = ("1 file", "it comes") if files == 1 else (f"{files} files", "they come")
    return (
        f"Connected {place} for {who.name} as number {number}: {found} found; "
        f"{comes} in with the next look of `midsole run`."
    )


@disconnect_app.command("folder")
def disconnect_folder(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="PATH|ID", help="The folder, or its number.")],
    runner: RunnerName = None,
) -> None:
    """Stop looking at a folder; its activities stay."""
    from midsole.actions.sync import disconnect_folder as disconnect_it

    with box(ctx) as opened:
        gone = disconnect_it(opened, runner_of(ctx, opened, runner).id, what)
    say(f"{gone.place} is not looked at any more. What came from it stays.")


@runners_app.command("add")
def runners_add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    email: Email = None,
    zone: Zone = None,
    units: Units = None,
    first_weekday: FirstWeekday = None,
    weekly_mail: WeeklyMail = None,
    quiet_from: QuietFrom = None,
    quiet_until: QuietUntil = None,
    folder: Annotated[Path | None, typer.Option(metavar="PATH", help="Where their files come to.")] = None,
) -> None:
    """Add a runner to this box."""
    from midsole.actions import setup

    said = _said(email, units, first_weekday, weekly_mail, quiet_from, quiet_until)
    with box(ctx) as opened:
        setup.add_runner(opened, name, zone, **said)
        who = runner_of(ctx, opened, name.strip())
        say(f"Added {who.name} ({who.zones[-1][1]}, {who.units}).")
        if folder:
            say(connect(opened, who, folder))
        else:
            say(f"Now say where their runs come from: midsole connect garmin --runner {who.name}")
            say(f"or, where they come as files: midsole connect folder PATH --runner {who.name}")


def _said(
    email: str | None,
    units: str | None,
    first_weekday: str | None,
    weekly_mail: str | None,
    quiet_from: str | None,
    quiet_until: str | None,
) -> dict[str, Any]:
    """The given ones of a runner's settings, as the store wants them."""
    from midsole.actions.setup import parse_clock, parse_weekday

    said = {
        "email": email,
        "units": units,
        "first_weekday": None if first_weekday is None else parse_weekday(first_weekday),
        "weekly_mail": weekly_mail,
        "quiet_from": None if quiet_from is None else parse_clock(quiet_from),
        "quiet_until": None if quiet_until is None else parse_clock(quiet_until),
    }
    return {name: value for name, value in said.items() if value is not None}


@runners_app.command("edit")
def runners_edit(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Left out while there is one.")] = None,
    new_name: Annotated[str | None, typer.Option("--name", help="A new name.")] = None,
    email: Email = None,
    zone: Zone = None,
    zone_from: Annotated[str | None, typer.Option(metavar="DATE", help="Living there since.")] = None,
    units: Units = None,
    first_weekday: FirstWeekday = None,
    weekly_mail: WeeklyMail = None,
    alert_mail: AlertMail = None,
    quiet_from: QuietFrom = None,
    quiet_until: QuietUntil = None,
    limit: Annotated[
        list[str] | None, typer.Option(metavar="NAME=NUMBER", help="As session_warn=1.2.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(metavar="PATH", help="Connect this folder too.")] = None,
) -> None:
    """Change what was given about a runner."""
    from midsole.actions import setup

    said = _said(email, units, first_weekday, weekly_mail, quiet_from, quiet_until)
    said |= {"name": new_name.strip()} if new_name is not None else {}
    said |= {"alert_mail": alert_mail} if alert_mail is not None else {}
    if zone_from and not zone:
        raise UsageError("--zone-from needs --zone.")
    with box(ctx) as opened:
        who = runner_of(ctx, opened, name)
        if limit:
            said["limits"] = _limits(who.limits, limit)
        if not (said or zone or folder):
            raise UsageError("Say what to change, for example --email you@example.org.")
        since = parse_day(zone_from, who.today(opened.now()))
        changed = setup.edit_runner(opened, who.id, zone=zone, zone_from=since, **said)
        words = [*(f"{key.replace('_', ' ')} {value}" for key, value in said.items() if key != "limits")]
        words += [*(limit or []), *([f"zone {zone}"] if zone else [])]
        if words:
            say(f"{changed.name}: {', '.join(words)}.")
        if folder:
            say(connect(opened, changed, folder))


def _limits(known: Any, said: list[str]) -> dict[str, float]:
    """What differs from the defaults, with what was just said laid over it."""
    from dataclasses import asdict

    from midsole.domain.facts import Limits

    plain = asdict(Limits())
    limits = {name: value for name, value in asdict(known).items() if value != plain[name]}
    return limits | dict(_limit(text, plain) for text in said)


def _limit(text: str, plain: dict[str, float]) -> tuple[str, float]:
    name, _, number = (part.strip() for part in text.partition("="))
    if name not in plain:
        raise UsageError(f"There is no limit {name!r}. Known: {', '.join(plain)}.")
    try:
        return name, int(number) if isinstance(plain[name], int) else float(number)
    except ValueError:
        raise UsageError(f"{text!r} is no limit: write {name}={plain[name]}.") from None


@runners_app.command("list")
def runners_list(ctx: typer.Context, as_json: Json = False) -> None:
    """Every runner with their settings."""
    from midsole.actions import setup, shapes

    with box(ctx) as opened:
        found = [shapes.runner(who) for who in setup.everyone(opened)]
    if as_json:
        print_json(found)
        return
    rows = [
        [r["name"], r["email"], r["zone"], r["units"], r["first_weekday"], r["weekly_mail"]] for r in found
    ]
    table(("name", "mail", "zone", "units", "week begins", "weekly mail"), rows)


@runners_app.command("erase")
def runners_erase(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Really erase everything of this runner.")] = False,
) -> None:
    """Erase a runner and all that is theirs, originals too. There is no way back but a backup."""
    from midsole.actions import setup

    with box(ctx) as opened:
        who = runner_of(ctx, opened, name)
        if not yes:
            raise UsageError(f"This erases all of {who.name} for good. Add --yes if you mean it.")
        files = setup.erase_runner(opened, who.id)
    say(f"{who.name} is erased, with {files} {'original' if files == 1 else 'originals'}.")


@mail_app.command("test")
def mail_test(ctx: typer.Context, runner: RunnerName = None) -> None:
    """Send the test mail now and say what the server answered."""
    from midsole.actions.mailtest import send_test

    with box(ctx) as opened:
        say(send_test(opened, runner_of(ctx, opened, runner).id))


def backup(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A .tar or .tar.gz file.")],
) -> None:
    """Write database, originals, settings and secrets into one file. It may run beside `midsole run`."""
    from midsole.actions.backup import backup as back_up

    target = path.expanduser().absolute()
    if not target.name.endswith((".tar", ".tar.gz", ".tgz")):
        raise UsageError(f"{path} should end in .tar or .tar.gz.")
    with box(ctx) as opened:
        saved = back_up(opened, target)
    say(f"Backed up to {target}: {_held(saved)}. It holds your passwords: keep it safe.")
    if not saved.with_database:
        say("The database is PostgreSQL and is not in it: back that up with pg_dump.")
    _tell_problems(saved)


def _held(saved: "Saved") -> str:
    words = [f"{n} {name}" for name, n in saved.counts.items() if name != "files"]
    return ", ".join([*words, f"{saved.originals} originals"])


def _tell_problems(saved: "Saved") -> None:
    for problem in saved.problems:
        typer.echo(f"Not in the backup: {problem}", err=True)


def restore(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="What `midsole backup` wrote.")],
    home: Annotated[Path | None, typer.Option("--home", metavar="PATH", help="An empty or new home.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Move what a full home holds aside.")] = False,
) -> None:
    """Bring a backup back, everything verified first. Stop `midsole run` before."""
    from midsole import config
    from midsole.actions import backup as backups
    from midsole.observe.clock import utc_now

    target = config.find_home(home or state(ctx).home)
    saved = backups.restore(path.expanduser().absolute(), target, utc_now(), force=force)
    say(f"Restored to {target}: {_held(saved)}.")
    if saved.aside:
        say(f"What was there before lies in {saved.aside}.")
    if not saved.with_database:
        say("The database was PostgreSQL: restore it with pg_restore.")
    _tell_problems(saved)
