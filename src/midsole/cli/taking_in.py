"""Many files at once: import, and reading all kept ones anew."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midsole.cli.common import RunnerName, box, runner_of, say, table
from midsole.cli.meter import Show, meter

if TYPE_CHECKING:
    from midsole.actions.exports import Heard
    from midsole.actions.importing import Imported
    from midsole.actions.rebuild import Rebuilt

MOST_NAMED = 20
"""From there on files are not named one by one, but counted by what is wrong with them."""
MOST_LINES = 5
INTERRUPTED = 130


def register(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command()(rebuild)


def import_(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, folders, archives.")],
    runner: RunnerName = None,
) -> None:
    """Take in files, folders, archives and exports. History is silent: one notice at its end, no alarms."""
    from midsole.actions.importing import Imported, import_files, list_files
    from midsole.cli.exporting import brought_back

    if brought_back(ctx, paths, runner):
        return
    began, done = time.monotonic(), Imported()
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        files = list_files(opened, paths)
        if not files:
            say(f"There is nothing to import in {', '.join(map(str, paths))}.")
            return
        try:
            with meter() as show:
                import_files(opened, who.id, files, lambda: _show_import(show, done, len(files)), done)
        except KeyboardInterrupt:
            what = "files" if done.taken.found == len(files) else "files found so far"
            say(_stopped("import", done.read, len(done.taken.ids), what))
            raise typer.Exit(INTERRUPTED) from None
    _print_imported(done, time.monotonic() - began)
    if done.bad and not (done.new or done.known or done.ignored or done.waiting):
        raise typer.Exit(1)


def _show_import(show: Show, done: "Imported", files: int) -> None:
    """An archive's files are known when it is at its end."""
    all_in = done.taken.found == files
    show("Taking in", done.taken.files, done.taken.files if all_in else None)
    if all_in and done.taken.ids:
        show("Reading", done.read, len(done.taken.ids))


def _stopped(command: str, done: int, of: int, what: str = "files") -> str:
    how_far = f"{done:,} of {of:,} {what} are read" if of else "no file is read yet"
    return f"Stopped: {how_far}, and nothing is lost. The same `midsole {command}` goes on from there."


def _print_imported(done: "Imported", seconds: float) -> None:
    counts = (("new", done.new), ("already known", done.known), ("ignored", done.ignored), ("bad", done.bad))
    table(("files", "number"), [[name, str(n)] for name, n in counts], right=("number",))
    print_refused(done.refused)
    news = [heard for heard in done.heard if heard.news or (done.ignored and _is_refused(heard))]
    for heard in news:
        _print_heard(heard)
    if done.waiting:
        say(f"{done.waiting:,} more are being read by another Midsole, which goes on with them.")
    files = done.new + done.known + done.ignored + done.bad
    if not files:
        return
    pace = f", {files / seconds:.0f}/s" if files > MOST_NAMED else ""
    took = f"{_count(files, 'file', 'files')} in {seconds:.1f} s{pace}."
    if done.new or done.activities > 0:
        took = f"{_new_activities(done)}. {took}"
    elif not (done.ignored or done.bad or done.waiting or news):
        took = f"Nothing new. {took}"
    say(took)


def _is_refused(heard: "Heard") -> bool:
    """A whole list of it can't be read."""
    return any(line is None for _, line, _ in heard.refused)


def _print_heard(heard: "Heard") -> None:
    """What a list told, then the lines that told nothing, by what is wrong with them."""
    not_on_feet = f", {heard.not_on_feet:,} of them not on foot" if heard.not_on_feet else ""
    named = f"{_count(heard.lines, 'activity', 'activities')} named{not_on_feet}; {_where(heard)}"
    say(f"{heard.account}: {named if heard.lines else 'nothing named'}.")
    if pairs := _pairs(heard):
        say(f"  Pairs: {pairs}.")
    if heard.pairs.bikes:
        say(f"  Not taken in, as bikes are no shoes: {', '.join(heard.pairs.bikes)}.")
    lines: dict[str, list[str]] = {}
    for place, line, why in heard.refused:
        lines.setdefault(why, []).append(place if line is None else f"line {line:,}")
    for why, places in list(lines.items())[:MOST_NAMED]:
        more = f" and {len(places) - MOST_LINES:,} more" if len(places) > MOST_LINES else ""
        say(f"  Says nothing of use: {', '.join(places[:MOST_LINES])}{more}: {why.rstrip('.')}.")


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _where(heard: "Heard") -> str:
    in_all = heard.matched + heard.added + heard.waiting + heard.told_by_account
    how = f" ({heard.by_start:,} of them by start and size)" if heard.by_start else ""
    parts = {
        f"matched to files{how}": heard.matched,
        "added without a file": heard.added,
        "wait for a file that is being read": heard.waiting,
        "known from the account itself": heard.told_by_account,
        "say too little to be added": heard.lines - in_all,
    }
    return ", ".join(f"{n:,} {what}" for what, n in parts.items() if n)


def _pairs(heard: "Heard") -> str:
    pairs = heard.pairs
    proposed = "proposed (midsole shoes proposals)"
    parts = {"added": len(pairs.added), "linked": len(pairs.linked), proposed: len(pairs.proposed)}
    return ", ".join(f"{n:,} {what}" for what, n in parts.items() if n)


def _new_activities(done: "Imported") -> str:
    new = f"{done.activities:,} new {'activity' if done.activities == 1 else 'activities'}"
    if done.uncounted <= 0:
        return new
    count = "counts" if done.uncounted == 1 else "count"
    return f"{new}, and {done.uncounted:,} that {count} for nothing yet: `midsole files` says why"


def print_refused(refused: Sequence[tuple[str, str, str]]) -> None:
    """(file, state, why) one by one; where those of one state are many, by what is wrong with them."""
    of_state = Counter(state for _, state, _ in refused)
    named = [row for row in refused if of_state[row[1]] <= MOST_NAMED]
    kinds = Counter((state, why) for _, state, why in refused if of_state[state] > MOST_NAMED).most_common()
    if named:
        table(("file", "state", "why"), [list(row) for row in named])
    if kinds:
        rows = [[f"{n:,}", state, why] for (state, why), n in kinds[:MOST_NAMED]]
        table(("files", "state", "why"), rows, right=("files",))
        more = sum(n for _, n in kinds[MOST_NAMED:])
        say(f"{f'{more:,} more, for other reasons. ' if more else ''}All of them: midsole files")


def rebuild(ctx: typer.Context, runner: RunnerName = None) -> None:
    """Read all kept files anew, as after an update. What you said, shoes and alerts stay; nothing is sent."""
    from midsole.actions.rebuild import Rebuilt
    from midsole.actions.rebuild import rebuild as read_anew

    began, done = time.monotonic(), Rebuilt()
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        try:
            with meter() as show:
                read_anew(opened, who.id, lambda: show("Reading", done.read, done.files), done)
        except KeyboardInterrupt:
            say(_stopped("rebuild", done.read, done.files))
            raise typer.Exit(INTERRUPTED) from None
    _print_rebuilt(done, who.units, time.monotonic() - began)


def _print_rebuilt(done: "Rebuilt", units: str, seconds: float) -> None:
    from midsole.domain.units import distance

    if done.resumed:
        say("A rebuild was under way: this one went on from there.")
    say(f"{done.read:,} {'file' if done.read == 1 else 'files'} read anew in {seconds:.1f} s.")
    _print_changes(done, lambda metres: f"{'-' if metres < 0 else '+'}{distance(abs(metres), units)}")
    for name in done.newly_read[:MOST_NAMED]:
        say(f"{name} can be read now.")
    if len(done.newly_read) > MOST_NAMED:
        say(f"So can {len(done.newly_read) - MOST_NAMED:,} more.")
    print_refused([(name, "no activity", why) for name, why in done.dropped])
    if done.kept:
        say("These can't be read as they lie there. What was read before stands:")
        print_refused([(name, "kept", why) for name, why in done.kept])


def _print_changes(done: "Rebuilt", signed: Callable[[float], str]) -> None:
    before, after = done.before_m.keys(), done.after_m.keys()
    came, gone = len(after - before), len(before - after)
    if not (done.changed or came or gone):
        say("Every activity counts as before.")
        return
    parts = [f"{done.changed:,} changed their distance" if done.changed else ""]
    parts += [f"{came:,} are new" if came else "", f"{gone:,} are gone" if gone else ""]
    say(f"Of the activities {', '.join(filter(None, parts))}: {signed(done.difference_m)} in all.")
