"""The commands that only read: status, activities, alerts, rules, and the weekly mail."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.common import (
    Json,
    RunnerName,
    Since,
    Until,
    activities_app,
    alerts_app,
    box,
    counted,
    parse_day,
    runner_of,
    say,
    show,
    state,
    table,
)
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.box import Box, Runner

LATEST = 20
NOTHING_YET = (
    "No activities yet. Connect your account with `midsole connect garmin`, or drop your watch's files into "
    "{inbox}, and run `midsole run`; or take in an archive with `midsole import PATH`."
)


def status(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """How the box does: runs, sources, files and mails."""
    from midsole.actions import views

    with box(ctx) as opened:
        named = runner or state(ctx).runner
        chosen = runner_of(ctx, opened, named).id if named else None
        show(as_json, views.status(opened, chosen), _status)


def _status(found: dict[str, Any]) -> None:
    say(f"Home      {found['home']}")
    say(f"Database  {found['database']}")
    for person in found["runners"]:
        _person(person, found)
    for source in found["sources"]:
        _source(source, several=len(found["runners"]) > 1)
    say(f"Files     {counted(found['raw_files'])}")
    if found["unread_files"]:
        say(f"          {_number(found['unread_files'], 'file')} could not be read: `midsole files --bad`")
    say(f"Mails     {counted(found['deliveries'])}")
    for mail in [*found["retrying"], *found["given_up"]]:
        say(f"          {mail['state'].replace('_', ' ')}: {mail['subject']}: {mail['error']}")
    if found["outbox_waiting"]:
        n = found["outbox_waiting"]
        say(f"{n} mail{'s wait' if n > 1 else ' waits'} in outbox, no SMTP set: {found['outbox']}")
    accounts = any(source["explained"] for source in found["sources"])
    if not accounts and not any(person["activities"] for person in found["runners"]):
        say()
        say(NOTHING_YET.format(inbox=found["inbox"]))


def _person(person: dict[str, Any], found: dict[str, Any]) -> None:
    from midsole.domain.units import distance

    runs = f"{_number(person['runs'], 'run')}, {distance(person['run_m'], person['units'])}"
    last = f", the last on {person['last_run_on']}" if person["last_run_on"] else ""
    say(f"Runner    {person['name']} ({person['zone']}): {runs}{last}")
    say(f"          {_number(person['shoes'], 'pair')} in use, {_number(person['alerts'], 'open alert')}")
    if person["catching_up"]:
        say("          History is coming in; nothing is judged until all of it is here.")
    if person["email_refused"]:
        say(f"          The address {person['email']} was refused: {person['email_refused']}")
    elif not person["email"] and found["smtp"]:
        say("          No mail address: set one with `midsole runners edit --email`.")


def _number(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _source(source: dict[str, Any], *, several: bool) -> None:
    whose = f" ({source['runner']})" if several else ""
    seen = _minute(source["last_success_at"])
    looked = f"last looked at {seen} UTC" if seen else "not looked at yet; start `midsole run`"
    if source["explained"]:
        say(f"Source    {source['id']}{whose}  {source['explained']}")
        return
    say(f"Source    {source['id']}  {source['kind']} {source['place']}{whose}: {source['error'] or looked}")


def _minute(at: str | None) -> str | None:
    return at[:16].replace("T", " ") if at else None


def list_activities(
    ctx: typer.Context,
    since: Since = None,
    until: Until = None,
    sport: Annotated[str | None, typer.Option("--sport", help="running, walking, cycling, ...")] = None,
    surface: Annotated[str | None, typer.Option("--surface", help="road, trail, treadmill, ...")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="The newest so many (without --json: 20).")
    ] = None,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """The activities in order of start, the newest last."""
    from midsole.actions import views

    with box(ctx) as opened:
        person = runner_of(ctx, opened, runner)
        _known(sport, surface)
        today = person.today(opened.now())
        found = views.activities(
            opened,
            person.id,
            since=parse_day(since, today),
            until=parse_day(until, today),
            sport=sport,
            surface=surface,
            limit=limit,
        )
        show(as_json, found, lambda rows: _activities(opened, person, rows, limit))


def _known(sport: str | None, surface: str | None) -> None:
    from midsole.domain.activity import SPORTS, SURFACES

    for said, known, what in ((sport, SPORTS, "sport"), (surface, SURFACES, "surface")):
        if said is not None and said not in known:
            raise UsageError(f"There is no {what} {said!r}. Known: {', '.join(known)}.")


def _activities(opened: "Box", person: "Runner", rows: list[dict[str, Any]], limit: int | None) -> None:
    if not rows:
        from midsole.actions import views

        fits = views.status(opened, person.id)["runners"][0]["activities"]
        say("Nothing fits." if fits else NOTHING_YET.format(inbox=opened.inbox))
        return
    from midsole.domain.units import distance, duration, pace

    shown = rows if limit else rows[-LATEST:]
    cells = []
    for a in shown:
        speed = a["counted_m"] / a["moving_s"] if a["moving_s"] else 0
        cells.append(
            [
                str(a["id"]),
                a["local_date"],
                a["sport"] + ("" if a["surface"] == "unknown" else f", {a['surface']}"),
                distance(a["distance_m"], person.units),
                duration(a["moving_s"]),
                pace(speed, person.units) if a["sport"] == "running" else "",
                " + ".join(w["shoe_name"] for w in a["shoes"]) or None,
                ", ".join([*_marks(a), a["title"] or ""]).strip(", "),
            ]
        )
    table(
        ["id", "day", "sport", "distance", "moving", "pace", "shoe", ""],
        cells,
        ["id", "distance", "moving", "pace"],
    )
    if len(shown) < len(rows):
        say(f"The newest {len(shown)} of {len(rows)}; --limit and --since show more.")


def _marks(a: dict[str, Any]) -> list[str]:
    said = [("race", a["is_race"]), ("excluded", a["excluded"]), ("confirmed", a["confirmed"])]
    return [word for word, so in said if so] + list(a["flags"])


def list_alerts(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are resolved.")] = False,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """The alerts that stand, the newest last."""
    from midsole.actions import views

    with box(ctx) as opened:
        person = runner_of(ctx, opened, runner)
        show(as_json, views.alerts(opened, person.id, also_resolved=everything), _alerts)


def _alerts(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say("No alerts. `midsole rules` says what is watched.")
    for a in rows:
        say(f"{a['id']:>4}  {a['rule']} {a['level']}, {a['state']}, of {a['happened_on']}")
        say(f"      {a['text']}")
        say(f"      Do this: {a['advice']}")


def rules(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """Every rule with its evidence, its limits and its advice."""
    from midsole.actions import views

    with box(ctx) as opened:
        show(as_json, views.rule_list(opened, runner_of(ctx, opened, runner).id), _rules)


def _rules(rows: list[dict[str, Any]]) -> None:
    import textwrap

    where = {"push": "a mail of its own", "weekly": "the weekly mail", "shown": "shown, never sent"}
    for rule in rows:
        say(f"{rule['id']}  {rule['name']}: {where[rule['goes_to']]}")
        limits = ", ".join(f"{name} = {value:g}" for name, value in rule["limits"].items())
        for head, text in (
            ("Do this", rule["advice"]),
            ("Grade", f"{rule['grade']} ({rule['grade_in_words']})"),
            ("Source", rule["source"]),
            ("Limits", limits),
        ):
            if text:
                say(textwrap.fill(f"{head}: {text}", 100, initial_indent="    ", subsequent_indent="      "))
        say()
    say("Change a limit with `midsole runners edit --limit NAME=VALUE`.")


def weekly(
    ctx: typer.Context,
    send: Annotated[bool, typer.Option("--send", help="Send it now instead of printing it.")] = False,
    week: Annotated[
        str | None,
        typer.Option("--week", metavar="WEEK", help="2026-W47 or a date in it (the week just ended)."),
    ] = None,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """Print the weekly mail as it would read now, or send it."""
    from midsole.actions import shapes
    from midsole.actions import weekly as mail
    from midsole.actions.deliver import deliver_due
    from midsole.domain.weeks import parse_week

    with box(ctx) as opened:
        person = runner_of(ctx, opened, runner)
        start = parse_week(week, person.first_weekday) if week else None
        if start is not None and start > person.today(opened.now()):
            raise UsageError(f"The week from {start} has not begun yet.")
        written = (mail.send_now if send else mail.preview)(opened, person.id, start)
        sent = bool(send and deliver_due(opened))
        found = {**shapes.weekly_mail(written), "sent": sent}
        show(as_json, found, lambda _: _sent(opened, person, found) if send else _mail(found))


def _mail(found: dict[str, Any]) -> None:
    say(f"Subject: {found['subject']}")
    say()
    say(found["text"].rstrip())


def _sent(opened: "Box", person: "Runner", found: dict[str, Any]) -> None:
    if not found["sent"]:
        say(f"Not sent yet, it is tried again: {found['subject']}. See `midsole status`.")
    elif opened.mail is None:
        say(f"Written to {opened.outbox_folder}, no SMTP set: {found['subject']}")
    elif not person.email:
        say(f"Written to {opened.outbox_folder}, as {person.name} has no address: {found['subject']}")
    else:
        say(f"Sent to {person.email}: {found['subject']}")


def _activities_default(
    ctx: typer.Context,
    since: Since = None,
    until: Until = None,
    sport: Annotated[str | None, typer.Option("--sport", help="running, walking, cycling, ...")] = None,
    surface: Annotated[str | None, typer.Option("--surface", help="road, trail, treadmill, ...")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="The newest so many (without --json: 20).")
    ] = None,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """List the activities, enter one, or say what is so about one."""
    if ctx.invoked_subcommand:
        state(ctx).runner = runner or state(ctx).runner
        return
    list_activities(ctx, since, until, sport, surface, limit, runner, as_json)


def _alerts_default(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are resolved.")] = False,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """List the alerts, acknowledge or snooze one."""
    if ctx.invoked_subcommand:
        state(ctx).runner = runner or state(ctx).runner
        return
    list_alerts(ctx, everything, runner, as_json)


def register(app: typer.Typer) -> None:
    for command in (status, rules, weekly):
        app.command()(command)
    activities_app.callback(invoke_without_command=True)(_activities_default)
    activities_app.command("list")(list_activities)
    alerts_app.callback(invoke_without_command=True)(_alerts_default)
    alerts_app.command("list")(list_alerts)
