"""The commands that look after the box: config and doctor."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from midsole.cli.common import Json, box, say, show, state

SECRETS = ("smtp_password",)


def config(
    ctx: typer.Context,
    example: Annotated[bool, typer.Option("--example", help="Print the commented reference.")] = False,
    as_json: Json = False,
) -> None:
    """The settings of this machine, and where each comes from."""
    from midsole import config as settings

    if example:
        say(settings.example().rstrip())
        return
    home = settings.find_home(state(ctx).home)
    read = settings.read(home)
    values = {name: _masked(name, getattr(read, name)) for name in settings.SETTINGS}
    came = {name: _came_from(name, read.config_file) for name in settings.SETTINGS}
    found = {
        "home": str(home),
        "config_file": str(read.config_file),
        "config_file_exists": read.config_file.exists(),
        "inbox": str(read.inbox),
        "outbox": str(read.outbox),
        "database": _masked("database_url", read.url),
        "settings": values,
        "from": came,
    }
    show(as_json, found, _config)


def _masked(name: str, value: Any) -> Any:
    """A secret is never printed, nor the password in an address."""
    if name in SECRETS:
        return "********" if value else ""
    if name == "database_url":
        head, at, tail = str(value).rpartition("@")
        scheme, _, user = head.partition("://")
        return f"{scheme}://{user.partition(':')[0]}:********@{tail}" if at and ":" in user else value
    return value


def _came_from(name: str, file: Path) -> str:
    names = {name, f"{name}_file"}
    if any(f"MIDSOLE_{n.upper()}" in os.environ for n in names):
        return "environment"
    return "file" if names & _written(file) else "default"


def _written(file: Path) -> set[str]:
    import tomllib

    return set(tomllib.loads(file.read_text(encoding="utf-8"))) if file.exists() else set()


def _config(found: dict[str, Any]) -> None:
    there = "" if found["config_file_exists"] else " (not made yet; `midsole init` makes it)"
    say(f"Home      {found['home']}")
    say(f"Settings  {found['config_file']}{there}")
    say(f"Database  {found['database']}")
    say()
    for name, value in found["settings"].items():
        came = found["from"][name]
        say(f"{name} = {value!r}{'' if came == 'default' else f'  (from the {came})'}".replace("'", '"'))
    say()
    say("`midsole config --example` explains each. A runner's own settings: `midsole runners`.")


def doctor(
    ctx: typer.Context,
    mail: Annotated[bool, typer.Option("--mail", help="Also call the mail server.")] = False,
    as_json: Json = False,
) -> None:
    """Check the home, database, originals, sources and mail; exit code 1 when something is broken."""
    from dataclasses import asdict

    from midsole.actions.doctor import BROKEN
    from midsole.actions.doctor import doctor as examine

    with box(ctx) as opened:
        checks = [asdict(check) for check in examine(opened, mail=mail)]
    broken = any(check["state"] == BROKEN for check in checks)
    show(as_json, {"ok": not broken, "checks": checks}, _checks)
    if broken:
        raise typer.Exit(1)


def _checks(found: dict[str, Any]) -> None:
    for check in found["checks"]:
        say(f"{check['state']:8} {check['name']:11} {check['text']}")


def register(app: typer.Typer) -> None:
    app.command()(config)
    app.command()(doctor)
