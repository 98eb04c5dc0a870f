"""Who may enter the pages: the first password, and a new one for who lost it."""

from typing import TYPE_CHECKING, Annotated

import typer

from midsole.cli.common import RunnerName, runner_of, say, state
from midsole.cli.setting_up import runners_app
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.box import Box
    from midsole.config import Settings


def register(app: typer.Typer) -> None:  # noqa: ARG001  the group is registered by setting_up
    runners_app.command("recover")(recover)


def recover(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Left out while there is one.")] = None,
    runner: RunnerName = None,
) -> None:
    """Print a link with which a runner sets a new password for the pages; it works once, within the hour."""
    from midsole import config
    from midsole.actions.pass_codes import make_recovery
    from midsole.app import open_box

    settings = config.read(config.find_home(state(ctx).home))
    opened = open_box(settings=settings)
    try:
        who = runner_of(ctx, opened, name or runner)
        code = make_recovery(opened, who.id)
    finally:
        opened.store.close()
    say(f"Within the hour, and once, {who.name} sets a new password at")
    say(f"  {_place(settings)}/recover/{code}")
    say(f"Every browser in which {who.name} is logged in is then logged out.")


def _place(settings: "Settings") -> str:
    """Where pages are found, as far as the settings tell."""
    return settings.web_public_url.rstrip("/") or f"http://localhost:{settings.web_port}"


def open_the_door(settings: "Settings", opened: "Box", place: str) -> None:
    """Before the first page is served: the owner's password from its file, or a code to set one with."""
    from midsole.web.door import House

    if settings.web_owner_password_file:
        _set_owner_password(settings, opened)
    if not House(opened, settings).is_private:
        _say_setup_code(opened, settings.web_public_url.rstrip("/") or place)


def _set_owner_password(settings: "Settings", opened: "Box") -> None:
    from pathlib import Path

    from midsole.actions.logging_in import set_owner_password

    path = settings.home / Path(settings.web_owner_password_file).expanduser()
    try:
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"web_owner_password_file {path} can't be read: {why}.") from error
    try:
        set_now = set_owner_password(opened, password)
    except UsageError as error:
        raise UsageError(f"web_owner_password_file {path} does not do: {error}") from error
    if set_now:
        say("The first runner's password is set from web_owner_password_file.")


def _say_setup_code(opened: "Box", place: str) -> None:
    from midsole.actions.pass_codes import make_setup_code

    code = make_setup_code(opened)
    if code is not None:
        say("Nobody has a password yet, and the pages can be reached from elsewhere.")
        say(f"Set the first one at {place}/setup with this code, within a day: {code}")
