"""Where alerts go beside mail: `midsole push` and `midsole webhook`."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from midsole.cli.common import Json, RunnerName, box, print_json, runner_of, say, table

push_app = typer.Typer(no_args_is_help=True, help="Push messages of alerts: ntfy, Telegram, Gotify, ...")
webhook_app = typer.Typer(no_args_is_help=True, help="Signed webhooks on alerts, for programs of yours.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What you call it; its number does, too.")]
PushUrl = Annotated[str, typer.Argument(metavar="URL", help="As apprise writes it: ntfys://ntfy.sh/TOPIC.")]
HookUrl = Annotated[str, typer.Argument(metavar="URL", help="As https://host/path.")]


def register(app: typer.Typer) -> None:
    app.add_typer(push_app, name="push")
    app.add_typer(webhook_app, name="webhook")


@push_app.command("add")
def push_add(ctx: typer.Context, name: Name, url: PushUrl, runner: RunnerName = None) -> None:
    """Send alerts there too. The address is kept encrypted and not shown again."""
    _add(ctx, "push", name, url, runner)


@webhook_app.command("add")
def webhook_add(ctx: typer.Context, name: Name, url: HookUrl, runner: RunnerName = None) -> None:
    """Call that address on alerts. The secret that signs the calls is printed once."""
    _add(ctx, "webhook", name, url, runner)


def _add(ctx: typer.Context, kind: str, name: str, url: str, runner: str | None) -> None:
    from midsole.actions import targets

    with box(ctx) as opened:
        added = targets.add(opened, runner_of(ctx, opened, runner).id, kind, name, url)
    say(f"Added {name} as number {added.id}. Try it: midsole {kind} test {added.id}")
    if added.secret:
        say(f"Its secret, shown this once: {added.secret}")


@push_app.command("list")
def push_list(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """Where pushes go, and what went wrong last."""
    _list(ctx, "push", runner, as_json)


@webhook_app.command("list")
def webhook_list(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """Which webhooks are called, and what went wrong last."""
    _list(ctx, "webhook", runner, as_json)


def _list(ctx: typer.Context, kind: str, runner: str | None, as_json: bool) -> None:
    from midsole.actions import targets

    with box(ctx) as opened:
        found = targets.listed(opened, runner_of(ctx, opened, runner).id, kind)
    if as_json:
        print_json(found)
    elif not found:
        say(f"There is none. Add one with `midsole {kind} add NAME URL`.")
    else:
        table(("id", "name", "state", "last error"), [_row(view) for view in found], right=("id",))


def _row(view: dict[str, Any]) -> list[str | None]:
    return [str(view["id"]), view["name"], "paused" if view["paused"] else "on", view["error"]]


@push_app.command("test")
def push_test(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Send a test message now."""
    _on(ctx, "push", name, runner, _send_test)


@webhook_app.command("test")
def webhook_test(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Send a test event now."""
    _on(ctx, "webhook", name, runner, _send_test)


def _send_test(opened: Any, runner_id: int, view: dict[str, Any]) -> str:
    from midsole.actions import targets

    return targets.send_test(opened, runner_id, view["id"])


@push_app.command("pause")
def push_pause(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Send nothing there until it is resumed."""
    _on(ctx, "push", name, runner, _pause)


@webhook_app.command("pause")
def webhook_pause(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Call it no more until it is resumed."""
    _on(ctx, "webhook", name, runner, _pause)


def _pause(opened: Any, runner_id: int, view: dict[str, Any]) -> str:
    from midsole.actions import targets

    targets.pause(opened, runner_id, view["id"])
    return f"{view['name']} is paused."


@push_app.command("resume")
def push_resume(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Send alerts there again."""
    _on(ctx, "push", name, runner, _resume)


@webhook_app.command("resume")
def webhook_resume(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Call it on alerts again."""
    _on(ctx, "webhook", name, runner, _resume)


def _resume(opened: Any, runner_id: int, view: dict[str, Any]) -> str:
    from midsole.actions import targets

    targets.resume(opened, runner_id, view["id"])
    return f"{view['name']} gets the next alert."


@push_app.command("remove")
def push_remove(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Forget it, with what still waits for it."""
    _on(ctx, "push", name, runner, _remove)


@webhook_app.command("remove")
def webhook_remove(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Forget it, with what still waits for it."""
    _on(ctx, "webhook", name, runner, _remove)


def _remove(opened: Any, runner_id: int, view: dict[str, Any]) -> str:
    from midsole.actions import targets

    targets.remove(opened, runner_id, view["id"])
    return f"{view['name']} is removed."


type Doing = Callable[[Any, int, dict[str, Any]], str]


def _on(ctx: typer.Context, kind: str, name: str, runner: str | None, doing: Doing) -> None:
    from midsole.actions import targets

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        say(doing(opened, who.id, targets.named(opened, who.id, name, kind)))
