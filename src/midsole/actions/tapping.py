"""What one tap of a mail does, told in a sentence; done twice it is done once, and each can be undone."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from midsole.actions import activities, alerts, asking, assigning, routine, setup
from midsole.actions.box import Box
from midsole.actions.links import SETTLED, LinkIsOver, Opened
from midsole.domain.activity import Activity
from midsole.domain.alerts import ACKNOWLEDGED, SNOOZED, AlertState
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.letter import full_day, plain
from midsole.domain.taps import CHECK_IN, ROUTINE, SNOOZE_DAYS, TICKS, WEEKLY, ticked
from midsole.domain.units import distance
from midsole.domain.wearing import BAREFOOT
from midsole.store import guesses, shoes

AROUND = timedelta(days=60)
"""Pairs worn so near the run's day come first."""
NO_PAIR = 0
"""Chosen in place of a pair: barefoot, or in other shoes that nobody counts."""
WANTED = {"weekly_mail": ("every", "warnings"), "check_in_ask": ("rules", "every")}
USUAL_REMINDER = time(18)


@dataclass(frozen=True, slots=True)
class Choice:
    """A pair that the run may have worn; `probability` where it was guessed."""

    id: int
    name: str
    probability: float | None = None
    worn: bool = False


def choices(box: Box, opened: Opened) -> list[Choice]:
    """Pairs in use on that day, the likeliest first, then the one worn last."""
    run = _run(opened)
    with box.store.read() as tx:
        pairs = [s for s in shoes.pairs(tx, opened.runner.id) if s.can_be_worn_on(run.local_date)]
        guessed = {g.shoe_id: g.probability for g in guesses.of(tx, [run.id]).get(run.id, [])}
        answer = shoes.answers(tx, [run.id]).get(run.id)
        since = shoes.last_worn(tx, opened.runner.id, run.local_date, AROUND)
    worn = {shoe_id for shoe_id, _ in answer.parts} if answer else set()
    made = [Choice(s.id, s.name, guessed.get(s.id), s.id in worn) for s in pairs]
    made.sort(key=lambda c: (-(c.probability or 0.0), -since.get(c.id, date.min).toordinal()))
    return [*made, Choice(NO_PAIR, BAREFOOT, worn=None in worn)]


def wear(box: Box, opened: Opened, shoe_id: int) -> str:
    run, known = _run(opened), {c.id: c for c in choices(box, opened)}
    if shoe_id not in known:
        raise NotThere("There is no such pair to choose.")
    chosen = known[shoe_id]
    if not chosen.worn or len([c for c in known.values() if c.worn]) > 1:
        assigning.assign(box, opened.runner.id, [run.id], [chosen.name])
    if shoe_id == NO_PAIR:
        return "It counts on none of your pairs."
    return f"It is on the {chosen.name}."


def snooze(box: Box, opened: Opened) -> str:
    """A second tap does not make the silence longer."""
    alert, now = _alert(opened), box.now()
    if alert.state != SNOOZED or alert.snoozed_until is None or alert.snoozed_until <= now:
        alerts.snooze(box, opened.runner.id, alert.id, SNOOZE_DAYS)
    return "It is silent for a week. If it gets worse, it speaks again at once."


def acknowledge(box: Box, opened: Opened) -> str:
    alert = _alert(opened)
    if alert.state != ACKNOWLEDGED:
        alerts.acknowledge(box, opened.runner.id, alert.id)
    return "Noted. It is not said again unless it gets worse."


def open_again(box: Box, opened: Opened) -> str:
    """Takes back a snooze or an acknowledgement."""
    alerts.open_again(box, opened.runner.id, _alert(opened).id)
    return "Taken back: the alert is open again."


def leave_out(box: Box, opened: Opened) -> str:
    if not _run(opened).excluded:
        activities.edit(box, opened.runner.id, _run(opened).id, excluded=True)
    return "It is left out: it counts on no pair and in no week. It is kept, and can be counted again."


def count_again(box: Box, opened: Opened) -> str:
    if _run(opened).excluded:
        activities.edit(box, opened.runner.id, _run(opened).id, excluded=False)
    return "It counts again."


def correct(box: Box, opened: Opened, distance_m: float | None) -> str:
    """The right distance, as the runner says."""
    run, units = _run(opened), opened.runner.units
    if not distance_m:
        raise UsageError("Say the right distance, for example 10.2 km.")
    if abs(run.distance_m - distance_m) >= 1:
        activities.edit(box, opened.runner.id, run.id, distance_m=distance_m)
    after, before = (plain(distance(m, units)) for m in (distance_m, run.distance_m))
    return f"It has {after} now; it had {before}. Enter another one if that is wrong."


def confirm(box: Box, opened: Opened) -> str:
    if not _run(opened).confirmed:
        activities.edit(box, opened.runner.id, _run(opened).id, confirmed=True)
    return "Confirmed: it counts in full."


def stop(box: Box, opened: Opened) -> str:
    runner_id = opened.runner.id
    if opened.about == WEEKLY:
        setup.edit_runner(box, runner_id, weekly_mail="off")
        return "The weekly mail comes no more."
    if opened.about == CHECK_IN:
        asking.set_ask(box, runner_id, "none")
        return "You are not asked any more. The page still takes your word at any time."
    if opened.about == ROUTINE:
        routine.set_reminder(box, runner_id, None)
        return "The reminders come no more. Your routine stays on its page."
    setup.edit_runner(box, runner_id, alert_mail=False)
    return "Alerts are not mailed any more. They stand on the page and in the weekly mail."


def send_again(box: Box, opened: Opened, how: str = "") -> str:
    """`how` is what `before` told."""
    runner_id = opened.runner.id
    if opened.about == WEEKLY:
        wanted = how if how in WANTED["weekly_mail"] else "every"
        setup.edit_runner(box, runner_id, weekly_mail=wanted)
        return "The weekly mail comes again."
    if opened.about == CHECK_IN:
        asking.set_ask(box, runner_id, how if how in WANTED["check_in_ask"] else "rules")
        return "You are asked again."
    if opened.about == ROUTINE:
        routine.set_reminder(box, runner_id, _clock(how))
        return "The reminders come again."
    setup.edit_runner(box, runner_id, alert_mail=True)
    return "Alerts are mailed again."


def is_off(opened: Opened) -> bool:
    """Whether the kind of mail that the link stops is stopped already."""
    runner = opened.runner
    return {
        WEEKLY: runner.weekly_mail == "off",
        CHECK_IN: runner.check_in_ask == "none",
        ROUTINE: runner.routine_at is None,
    }.get(opened.about, not runner.alert_mail)


def before(box: Box, opened: Opened) -> str:
    """How it was before the tap, so that its page can put it back: what was set, or what was ticked."""
    runner = opened.runner
    if opened.purpose == TICKS:
        return " ".join(routine.ticked_on(box, runner.id, ticked(opened.about)))
    if opened.about == CHECK_IN:
        return runner.check_in_ask
    if opened.about == ROUTINE:
        return f"{runner.routine_at:%H:%M}" if runner.routine_at else ""
    return runner.weekly_mail


def _clock(said: str) -> time:
    try:
        return time.fromisoformat(said)
    except ValueError:
        return USUAL_REMINDER


def tick_all(box: Box, opened: Opened) -> str:
    count = routine.tick_all(box, opened.runner.id, ticked(opened.about))
    return "Ticked: all of it is done." if count else "Nothing is in your routine any more."


def untick_all(box: Box, opened: Opened, how: str = "") -> str:
    """Takes back what the tap ticked; `how` names what was ticked before it."""
    day = ticked(opened.about)
    for name in set(routine.names_of(box, opened.runner.id)) - set(how.split()):
        routine.untick(box, opened.runner.id, name, day)
    return "Taken back."


def run_words(opened: Opened) -> str:
    """ "12.4 km on 16 Nov": what the mail said of it."""
    run = _run(opened)
    return f"{plain(distance(run.distance_m, opened.runner.units))} on {full_day(run.local_date)}"


def _run(opened: Opened) -> Activity:
    assert opened.activity is not None
    return opened.activity


def _alert(opened: Opened) -> AlertState:
    if opened.alert is None:
        raise LinkIsOver(SETTLED)
    return opened.alert
