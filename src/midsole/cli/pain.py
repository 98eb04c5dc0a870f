"""`midsole pain`: how it stands, what was true when pain began, and sore mornings counted."""

from typing import Annotated, Any

import typer

from midsole.cli.common import LARGEST_ID, Json, RunnerName, box, runner_of, say, show, state

pain_app = typer.Typer(no_args_is_help=False, help="How the pain stands, and your word that it is over.")

EpisodeId = Annotated[int, typer.Argument(metavar="ID", max=LARGEST_ID, help="The number in `midsole pain`.")]


def register(app: typer.Typer) -> None:
    pain_app.callback(invoke_without_command=True)(pain)
    pain_app.command("over")(over)
    pain_app.command("not-over")(not_over)
    pain_app.command("show")(show_one)
    app.add_typer(pain_app, name="pain")


def pain(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """How the pain stands, and your word that it is over."""
    if ctx.invoked_subcommand:
        state(ctx).runner = runner or state(ctx).runner
        return
    from midsole.actions import body

    with box(ctx) as opened:
        person = runner_of(ctx, opened, runner)
        show(as_json, body.stands(opened, person.id), _stands)


def over(ctx: typer.Context, episode_id: EpisodeId, runner: RunnerName = None) -> None:
    """It is over: your word counts."""
    from midsole.actions import episodes

    with box(ctx) as opened:
        found = episodes.say_over(opened, runner_of(ctx, opened, runner).id, episode_id)
    say(f"Noted: {found['words']} is over since {found['ended_on']}.")


def not_over(ctx: typer.Context, episode_id: EpisodeId, runner: RunnerName = None) -> None:
    """Take back that it is over."""
    from midsole.actions import episodes

    with box(ctx) as opened:
        found = episodes.not_over(opened, runner_of(ctx, opened, runner).id, episode_id)
    say(f"Noted: {found['words']} is not over.")


def show_one(
    ctx: typer.Context, episode_id: EpisodeId, runner: RunnerName = None, as_json: Json = False
) -> None:
    """One episode with what was true when it began."""
    from midsole.actions import episodes

    with box(ctx) as opened:
        found = episodes.one(opened, runner_of(ctx, opened, runner).id, episode_id)
    show(as_json, found, _one)


def _stands(found: dict[str, Any]) -> None:
    from midsole.domain.letter import PAIN_FOOTER

    if found["standing"]:
        say(f"{'Red' if found['standing'] == 'alarm' else 'Amber'}: {found['do_this']}")
    elif found["as_of"]:
        say(f"Nothing is open. The newest answer is of {found['as_of']}.")
    else:
        say("No answer yet. Say how your feet are with `midsole checkin`.")
    for episode in found["open"]:
        say(_line(episode))
    for episode in found["past"]:
        say(_line(episode))
    _counts(found["pain_and_shoe"])
    if found["as_of"]:
        say()
        say(f"Not medical advice. {PAIN_FOOTER}")


def _line(episode: dict[str, Any]) -> str:
    level = "red" if episode["is_red"] or (episode["ended_on"] and episode["level"] == "alarm") else "amber"
    when = f"{episode['onset_on']} to {episode['ended_on'] or 'now'}"
    worst = f", at most {episode['worst']} of 10" if episode["worst"] else ""
    return f"{episode['id']:4}  {when}  {episode['words']}: {level}{worst}"


def _counts(found: dict[str, Any]) -> None:
    if not found["comparisons"]:
        return
    say()
    say("Sore mornings, counted:")
    for one in found["comparisons"]:
        say(f"  {one['words']}")
    say(found["words"])


def _one(found: dict[str, Any]) -> None:
    from midsole.domain.letter import PAIN_FOOTER
    from midsole.domain.onset import NOT_CAUSES

    say(_line(found))
    for flag in found["flags"]:
        say(f"Red flag on {flag['on']}: {flag['words']}.")
    say()
    say(f"When it began. {NOT_CAUSES}")
    for sentence in found["known_words"]:
        say(f"  {sentence}")
    say()
    say(f"Not medical advice. {PAIN_FOOTER}")
