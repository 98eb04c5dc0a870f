"""Running Midsole: the worker, the pages, or both in one process."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from midsole.cli.common import say, state

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    from midsole.actions.box import Box
    from midsole.config import Settings


def register(app: typer.Typer) -> None:
    for command in (run, worker, web):
        app.command()(command)


def _open(ctx: typer.Context) -> "tuple[Box, Settings, bool]":
    """The opened home, its settings, and whether it is new; long runs write a log."""
    from midsole import config
    from midsole.app import open_box
    from midsole.observe import logs

    logs.set_up(verbose=state(ctx).verbose)
    settings = config.read(config.find_home(state(ctx).home))
    first = not settings.config_file.exists()
    return open_box(settings=settings), settings, first


def run(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="One pass, then end: for cron.")] = False,
) -> None:
    """Watch the folders, judge every run, send what is due, serve the pages; ends by Ctrl-C or SIGTERM."""
    opened, settings, first = _open(ctx)
    _say_where(settings, opened, first=first)
    if once:
        _run_once(opened)
        return
    _work(opened, settings, pages=True, first=first)


def worker(ctx: typer.Context) -> None:
    """Like run, without the pages."""
    opened, settings, first = _open(ctx)
    _say_where(settings, opened, first=first)
    _work(opened, settings, pages=False, first=first)


def web(ctx: typer.Context) -> None:
    """Serve the pages alone; a worker elsewhere takes in and sends."""
    from midsole.cli.entering import open_the_door
    from midsole.web.server import listen, serve

    opened, settings, _ = _open(ctx)
    try:
        with listen(settings) as listening:
            open_the_door(settings, opened, _say_pages(settings, listening))
            serve(opened, settings, listening)
    finally:
        opened.store.close()


def _work(opened: "Box", settings: "Settings", *, pages: bool, first: bool) -> None:
    from midsole.worker.run import run_worker

    finish = _serve_beside(opened, settings, first=first) if pages else None
    say("Running. Stop with Ctrl-C.")
    run_worker(opened, settings.look_every_s, finish)


def _serve_beside(opened: "Box", settings: "Settings", *, first: bool) -> "Callable[[], None] | None":
    """Pages that can't be served keep no run from being taken in."""
    from midsole.cli.entering import open_the_door
    from midsole.domain.errors import MidsoleError
    from midsole.web.server import listen, serve_beside

    try:
        listening = listen(settings)
        place = _say_pages(settings, listening)
        open_the_door(settings, opened, place)
    except MidsoleError as error:
        say(str(error))
        return None
    finish = serve_beside(opened, settings, listening)
    if first and sys.stdout.isatty():
        _open_browser(place)
    return finish


def _say_pages(settings: "Settings", listening: "socket") -> str:
    from midsole.web.server import address

    place = address(listening)
    say(f"Pages: {settings.web_public_url or place}")
    return place


def _open_browser(place: str) -> None:
    """Once, where there is a desktop to show it on."""
    import os
    import webbrowser

    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(place)


def _say_where(settings: "Settings", opened: "Box", *, first: bool) -> None:
    say(f"Home: {settings.home}")
    if first:
        say(f"  settings  {settings.config_file}")
        say(f"  inbox     {settings.inbox}  (drop the watch's files here)")
        say(f"  outbox    {settings.outbox}  (mail, until a mail server is set)")
        say(
            f"  database  {settings.database_file if not settings.database_url else 'as set in database_url'}"
        )
        say("Answer three questions on the page below, or type: midsole init")
    waiting = len(list(settings.outbox.glob("*.eml")))
    if opened.mail is None and waiting:
        say(f"{waiting} {'mail waits' if waiting == 1 else 'mails wait'} in outbox, no SMTP set.")
    elif opened.mail is None:
        say("No SMTP set: mails are written into outbox.")


def _run_once(opened: "Box") -> None:
    from midsole.actions.once import run_once

    try:
        done = run_once(opened)
    finally:
        opened.store.close()
    for problem in done.problems:
        typer.echo(problem, err=True)
    mails = f"{done.mails} {'mail' if done.mails == 1 else 'mails'}"
    files = "file" if done.new_files == 1 else "files"
    say(f"Done: {done.new_files} new {files} ({done.bad_files} bad), {mails}.")
    if done.failed:
        raise typer.Exit(1)
