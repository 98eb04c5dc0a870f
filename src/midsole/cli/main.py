"""The program `midsole`: its global options, its commands, and how errors become words and exit codes."""

import errno
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from midsole import __version__
from midsole.cli.common import State, activities_app, alerts_app
from midsole.domain.errors import MidsoleError, UsageError

GROUPS = (
    "running",
    "reading",
    "load",
    "files",
    "checking",
    "setting_up",
    "entering",
    "taking_in",
    "exporting",
    "shoes",
    "inserts",
    "telling",
    "checkin",
    "pain",
    "comeback",
    "routine",
    "health",
    "targets",
    "recordings",
    "accounts",
)
"""Modules of commands; each has `register(app)` and imports nothing heavy before a command runs."""

FULL = (errno.ENOSPC, errno.EDQUOT)

PARSER_ERROR = cast(type[Exception], typer.BadParameter.__mro__[2])
"""click's ClickException, which lately lives inside typer and has no public name there."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"midsole {__version__}")
        raise typer.Exit


def options(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option("--home", metavar="PATH", help="The home; else MIDSOLE_HOME.")
    ] = None,
    runner: Annotated[
        str | None, typer.Option("--runner", metavar="NAME", help="Which runner; also after the command.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what happens, on stderr.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Shoe mileage, load ramps, and a word before it hurts."""
    ctx.obj = State(home, runner, verbose)
    if verbose:
        import logging

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(levelname)s %(message)s")


def make_app() -> typer.Typer:
    """Every command, registered in the order of GROUPS."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
    app.callback()(options)
    app.add_typer(activities_app, name="activities")
    app.add_typer(alerts_app, name="alerts")
    for name in GROUPS:
        import_module(f"midsole.cli.{name}").register(app)
    return app


app = make_app()


def main() -> None:
    """Run the command; what goes wrong is told in a sentence, never as a traceback."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code: 2 for a usage error, 1 for a failure, 130 when interrupted."""
    try:
        code = typer.main.get_command(app)(arguments, prog_name="midsole", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except UsageError as error:
        return _tell(str(error), 2)
    except MidsoleError as error:
        return _tell(str(error), 1)
    except PARSER_ERROR as error:
        return _tell(_parser_error(error), 2)
    except (KeyboardInterrupt, typer.Abort):
        return _tell("Stopped.", 130)
    except BrokenPipeError:
        _silence_stdout()
        return 0
    except OSError as error:
        return _tell(_os_error(error), 1)


def _tell(text: str, code: int) -> int:
    typer.echo(text, err=True)
    return code


def _parser_error(error: Any) -> str:
    """What the parser says, and where the help is; without a command the error is the help itself."""
    said, at = str(error.format_message()), error.ctx.command_path if error.ctx else "midsole"
    return said if "Usage:" in said else f"{said} See `{at} --help`."


def _os_error(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    remedy = " Make room, then run the same command again: it goes on." if error.errno in FULL else ""
    return f"{where}{error.strerror or error}.{remedy}"


def _silence_stdout() -> None:
    """The reader of the pipe left; nothing may be written at exit any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
