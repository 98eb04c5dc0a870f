"""`midsole init`: every question is optional, and each is also an option."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.common import box, parse_day, say, state
from midsole.domain.errors import MidsoleError, UsageError

if TYPE_CHECKING:
    from midsole.actions.box import Box

QUESTIONS = (
    ("runner", "Your name"),
    ("email", "Mail address for warnings and the weekly mail"),
    ("smtp_host", "Mail server (Enter: mails are written into a folder)"),
    ("zone", "Time zone, as Europe/Berlin"),
    ("units", "Units, km or mi"),
    ("first_weekday", "First day of your week, monday or sunday"),
    ("folder", "A folder that your watch's files come to, beside the inbox"),
    ("shoe", "Your present pair of running shoes, as Pegasus 41"),
    ("longest", "Longest run of the last month, as 14km"),
    ("usual", "Distance in a usual week, as 30km"),
    ("pain", "Any pain from running now? y or n"),
    ("injury", "Last running injury of the past 12 months, as 2026-05-01"),
)
FOLLOWING = {
    "smtp_host": (
        ("smtp_security", "Its encryption: starttls, tls or plain"),
        ("smtp_port", "Its port (Enter: the usual one)"),
        ("smtp_user", "User at the mail server"),
        ("smtp_password", "Password"),
    ),
    "shoe": (
        ("shoe_kind", "Its kind: daily, trail, tempo, racing, minimal or walking"),
        ("shoe_start", "Distance it has done so far: 320km, 0km or unknown (Enter: say since when)"),
        ("shoe_since", "Worn since about, as 2026-03-01"),
    ),
}
SMTP = ("smtp_host", "smtp_port", "smtp_security", "smtp_user")


def init(
    ctx: typer.Context,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing.")] = False,
    runner: Annotated[str | None, typer.Option("--runner", "--name", help="Your name.")] = None,
    email: Annotated[str | None, typer.Option(help="Mail address.")] = None,
    smtp_host: Annotated[str | None, typer.Option(help="Mail server.")] = None,
    smtp_port: Annotated[int | None, typer.Option(help="Its port.")] = None,
    smtp_security: Annotated[str | None, typer.Option(help="starttls, tls or plain.")] = None,
    smtp_user: Annotated[str | None, typer.Option(help="User at the mail server.")] = None,
    smtp_password: Annotated[str | None, typer.Option(help="Better in a file: --smtp-password-file.")] = None,
    smtp_password_file: Annotated[Path | None, typer.Option(help="A file with the password alone.")] = None,
    zone: Annotated[str | None, typer.Option(help="As Europe/Berlin.")] = None,
    units: Annotated[str | None, typer.Option(help="km or mi.")] = None,
    first_weekday: Annotated[str | None, typer.Option(metavar="DAY", help="monday or sunday.")] = None,
    folder: Annotated[Path | None, typer.Option(metavar="PATH", help="Where files come to.")] = None,
    shoe: Annotated[str | None, typer.Option(help="The present pair.")] = None,
    shoe_kind: Annotated[str | None, typer.Option(help="daily, trail, tempo, racing, ...")] = None,
    shoe_start: Annotated[str | None, typer.Option(help="Done so far: 320km or unknown.")] = None,
    shoe_since: Annotated[str | None, typer.Option(metavar="DATE", help="Worn since about.")] = None,
    longest: Annotated[str | None, typer.Option(help="Longest run of the last month, as 14km.")] = None,
    usual: Annotated[str | None, typer.Option(help="Distance in a usual week, as 30km.")] = None,
    pain: Annotated[bool | None, typer.Option("--pain/--no-pain", help="Pain from running now.")] = None,
    injury: Annotated[str | None, typer.Option(metavar="DATE", help="Last running injury.")] = None,
) -> None:
    """Tell Midsole about yourself. Every answer is optional; run again, it changes what is answered."""
    given = {k: v for k, v in locals().items() if k not in ("ctx", "no_input")}
    said = {k: v for k, v in given.items() if v is not None}
    if not no_input and sys.stdin.isatty():
        _ask(said)
    _write_mail_settings(ctx, said)
    with box(ctx) as opened:
        mailed = _apply(ctx, opened, said)
        _say_next(opened)
    if not mailed:
        raise typer.Exit(1)


def _ask(said: dict[str, Any]) -> None:
    """Ask what no option answered; Enter leaves it as it is."""
    say("Enter leaves a question open.")
    for name, question in QUESTIONS:
        _ask_one(said, name, question)
        for below, further in FOLLOWING.get(name, ()) if name in said else ():
            known = {"shoe_start", "shoe_since"} if below == "shoe_since" else {below}
            if below != "smtp_password" or "smtp_password_file" not in said:
                _ask_one(said, below, further, known)


def _ask_one(said: dict[str, Any], name: str, question: str, known: set[str] | None = None) -> None:
    if (known or {name}) & set(said):
        return
    hidden = name == "smtp_password"
    answer = typer.prompt(question, default="", show_default=False, hide_input=hidden).strip()
    if answer:
        said[name] = _answer(name, answer)


def _answer(name: str, text: str) -> Any:
    if name == "pain":
        return text.lower().startswith(("y", "j"))
    if name == "smtp_port":
        if not text.isdigit():
            raise UsageError(f"{text!r} is no port.")
        return int(text)
    return Path(text) if name == "folder" else text


def _write_mail_settings(ctx: typer.Context, said: Mapping[str, Any]) -> None:
    from midsole import config
    from midsole.cli import settings_file

    values = {name: said[name] for name in SMTP if name in said}
    if values.get("smtp_security", "tls") not in config.SECURITIES:
        raise UsageError(f"There is no security {values['smtp_security']!r}: starttls, tls or plain.")
    with box(ctx) as opened:
        home = opened.home
    if "smtp_password_file" in said:
        values["smtp_password_file"] = str(said["smtp_password_file"].expanduser().absolute())
    elif "smtp_password" in said:
        settings_file.keep_password(home / "smtp-password", said["smtp_password"])
        values["smtp_password_file"] = "smtp-password"  # noqa: S105 (a file name)
    if values:
        settings_file.change(home / "midsole.toml", values)
        say(f"Mail settings are in {home / 'midsole.toml'}.")


def _apply(ctx: typer.Context, opened: "Box", said: dict[str, Any]) -> bool:
    """Write the answers; False where the test mail did not go out."""
    from midsole.actions import setup, telling
    from midsole.cli.setting_up import connect
    from midsole.cli.shoes import metres, start_of

    who = _runner(ctx, opened, said.get("runner"))
    units = said.get("units", who.units)
    today = who.today(opened.now())
    settings = _settings(said, units, today)
    start = start_of(said.get("shoe_start"), said.get("shoe_since"), units)
    injured = parse_day(said.get("injury"), today)
    metres(said.get("longest"), units)
    if settings or "zone" in said:
        who = setup.edit_runner(opened, who.id, zone=said.get("zone"), **settings)
        say(f"You are {who.name}, in {who.zone_on(today)}, with {who.units}.")
    if "shoe" in said:
        _add_shoe(opened, who, said, start)
    if injured:
        telling.injury(opened, who.id, injured, None)
        say(f"Noted: a running injury on {injured}.")
    if "folder" in said:
        say(connect(opened, who, said["folder"]))
    return _test_mail(opened, who.id, said)


def _runner(ctx: typer.Context, opened: "Box", name: str | None) -> Any:
    """Who is meant: the named one, or the first runner, whose name this becomes."""
    from midsole.actions import setup
    from midsole.actions.box import find_runner

    known = setup.everyone(opened)
    wanted = name or state(ctx).runner
    fresh = len(known) == 1 and known[0].name == "me"
    with opened.store.read() as tx:
        return known[0] if fresh else find_runner(tx, wanted)


def _settings(said: Mapping[str, Any], units: str, today: Any) -> dict[str, Any]:
    """The answers as the runner's row holds them; parsed before anything is written."""
    from midsole.actions.setup import WORDS, parse_weekday
    from midsole.cli.shoes import metres

    if units not in WORDS["units"]:
        raise UsageError(f"There are no units {units!r}: km or mi.")
    weekday = said.get("first_weekday")
    told = {
        "name": said["runner"].strip() if "runner" in said else None,
        "email": said.get("email"),
        "units": said.get("units"),
        "first_weekday": None if weekday is None else parse_weekday(weekday),
        "start_longest_m": metres(said.get("longest"), units),
        "start_usual_week_m": metres(said.get("usual"), units),
        "pain_now": said.get("pain"),
    }
    begin = any(told[name] is not None for name in ("start_longest_m", "start_usual_week_m", "pain_now"))
    return {k: v for k, v in told.items() if v is not None} | ({"start_said_on": today} if begin else {})


def _add_shoe(opened: "Box", who: Any, said: Mapping[str, Any], start: Any) -> None:
    from midsole.actions import shoes
    from midsole.cli.shoes import add_pair

    name = said["shoe"].strip()
    if name.casefold() in (pair.name.casefold() for pair in shoes.known(opened, who.id)):
        say(f"{name} is known; change it with `midsole shoes edit`.")
        return
    add_pair(opened, who, name, said.get("shoe_kind") or "daily", start, {})


def _test_mail(opened: "Box", runner_id: int, said: Mapping[str, Any]) -> bool:
    """Sent when server or address was just given and both are known."""
    from midsole.actions.mailtest import send_test

    given = "email" in said or any(name.startswith("smtp_") for name in said)
    who = _by_id(opened, runner_id)
    if not given or opened.mail is None or not who.email:
        return True
    try:
        say(send_test(opened, runner_id))
    except MidsoleError as error:
        typer.echo(f"{error} Your answers are kept; try again with `midsole mail test`.", err=True)
        return False
    return True


def _by_id(opened: "Box", runner_id: int) -> Any:
    from midsole.actions import setup

    return next(who for who in setup.everyone(opened) if who.id == runner_id)


def _say_next(opened: "Box") -> None:
    say(
        f"Next: midsole connect garmin, or copy your watch's files into {opened.inbox} "
        "(or midsole connect folder PATH); then midsole run."
    )
    if opened.mail is None:
        say(f"No mail server is set: mails are written into {opened.outbox_folder}.")
