"""The states of a connection: what each look makes of it, when the next one is, and all of that in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from midsole.domain.errors import MidsoleError, NeedsRunner, RateLimited, Retry
from midsole.domain.facts import SourceHealth
from midsole.domain.units import short_day
from midsole.domain.when import LONGEST_WAIT, next_try

DISCONNECTED, MFA_PENDING, CONNECTED = "disconnected", "mfa_pending", "connected"
DEGRADED, RATE_LIMITED, LOGIN_NEEDED = "degraded", "rate_limited", "login_needed"
STATES = (DISCONNECTED, MFA_PENDING, CONNECTED, DEGRADED, RATE_LIMITED, LOGIN_NEEDED)
NOT_YET = frozenset({DISCONNECTED, MFA_PENDING})
"""Nobody waits for anything from these."""
WITH_RUNNER = NOT_YET | {LOGIN_NEEDED}
"""No next try: only the runner can go on."""

FOLDER, GARMIN, GARMIN_PERSONAL = "folder", "garmin", "garmin_personal"
FORMER_FOLDER = "former_folder"
"""A folder that was watched on another machine: what came from it stays, nobody looks at it."""
ACCOUNTS = {GARMIN: "Garmin Connect", GARMIN_PERSONAL: "Garmin's Personal API"}
LISTS_FIRST = (GARMIN_PERSONAL, GARMIN)
COMMANDS = {GARMIN: "midsole connect garmin", GARMIN_PERSONAL: "midsole connect garmin-personal"}

OF_THIS_MACHINE = "The key file "
"""How errors begin that no waiting mends."""

FIRST_RATE_WAIT = timedelta(minutes=15)
FIRST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE = timedelta(hours=2), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connection stands after a look: `failures` in a row; no `next_at`: it waits for the runner."""

    state: str
    next_at: datetime | None
    failures: int = 0
    error: str | None = None


def succeeded(now: datetime, pause: timedelta) -> Standing:
    return Standing(CONNECTED, now + pause)


def failed(error: MidsoleError, failures_before: int, now: datetime, jitter: float) -> Standing:
    """After a look that raised; what is no Retry and no NeedsRunner (an answer of nonsense) may pass, too."""
    failures, said = max(failures_before, 0) + 1, str(error)
    if isinstance(error, NeedsRunner):
        return Standing(LOGIN_NEEDED, None, failures, said)
    state = RATE_LIMITED if isinstance(error, RateLimited) else DEGRADED
    return Standing(state, next_try(_with_wish(error, failures), failures, now, jitter), failures, said)


def _with_wish(error: MidsoleError, failures: int) -> Retry:
    """A limit without a time is a longer one than an outage: guesses too early make it longer still."""
    wish = error.after if isinstance(error, Retry) else None
    if isinstance(error, RateLimited) and (wish is None or wish <= timedelta(0)):
        return RateLimited(str(error), _doubled(FIRST_RATE_WAIT, failures, LONGEST_WAIT))
    return Retry(str(error), wish)


def login_pause(refused: int) -> timedelta:
    """How long no log-in may be tried after the `refused`-th one in a row that met a limit."""
    return _doubled(FIRST_LOGIN_PAUSE, refused, LONGEST_LOGIN_PAUSE) if refused > 0 else timedelta(0)


def _doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    return min(first * (1 << min(times - 1, 12)), longest)


# ---- which connection brings the runs


def awaited(sources: Iterable[SourceHealth]) -> list[SourceHealth]:
    """The connections without which runs may be missing.

    Of a runner's two Garmin connections one lists the activities: the official one while it works, else the
    other; that one stands for both."""
    connected = [s for s in sources if s.state not in NOT_YET]
    lists = next(
        (s for kind in LISTS_FIRST for s in connected if s.kind == kind and s.state == CONNECTED), None
    )
    return [s for s in connected if lists is None or s is lists or s.kind not in ACCOUNTS]


# ---- in words


def label(kind: str, place: str) -> str:
    """The connection's name as the runner knows it: the account's, or the folder's path."""
    return ACCOUNTS.get(kind, place)


def mend(kind: str) -> str:
    """The one thing that only the runner can do, in a sentence."""
    if kind == GARMIN:
        return f"Log in again with {COMMANDS[kind]}."
    if kind == GARMIN_PERSONAL:
        return f"Make a new key in Garmin Connect on the web and give it to {COMMANDS[kind]}."
    return "See what midsole status says about it, and mend the connection."


def explain(
    kind: str,
    place: str,
    state: str,
    *,
    error: str | None,
    next_at: datetime | None,
    last_success_at: datetime | None,
    now: datetime,
) -> str:
    """One or two sentences: what is so, since when, the next try, and what only the runner can do."""
    name, known = label(kind, place), _known(last_success_at, now)
    why = f" ({error.rstrip('. ')})" if error else ""
    match state:
        case "disconnected":
            return (
                f"{name} is not connected{why}. To connect it, type {COMMANDS.get(kind, 'midsole connect')}."
            )
        case "mfa_pending":
            command = COMMANDS.get(kind, "midsole connect")
            return f"{name} has sent you a code and waits for it. Type {command} --code CODE."
        case "login_needed":
            return f"{name} lets Midsole in no more{why}; {known}. {mend(kind)}"
        case "rate_limited":
            return f"{name} wants fewer requests{why}; {known}. {_next(kind, error, next_at, now)}"
        case "degraded":
            return f"{name} can't be read now{why}; {known}. {_next(kind, error, next_at, now)}"
    then = f", the next look is {_when(next_at, now)}" if next_at else ""
    return f"{name} is connected; {_known(last_success_at, now)}{then}."


def explain_health(source: SourceHealth, now: datetime) -> str:
    return explain(
        source.kind,
        source.name,
        source.state,
        error=source.error,
        next_at=source.next_at,
        last_success_at=source.last_success_at,
        now=now,
    )


def _known(last_success_at: datetime | None, now: datetime) -> str:
    if last_success_at is None:
        return "it was never read so far"
    return f"it was last read {ago(now - last_success_at)} ago ({short_day(last_success_at.date())})"


def _next(kind: str, error: str | None, next_at: datetime | None, now: datetime) -> str:
    """Where the fault lies with this machine, the error itself says what to do."""
    theirs = kind in ACCOUNTS and not (error or "").startswith(OF_THIS_MACHINE)
    nothing_to_do = ", there is nothing for you to do" if theirs else ""
    return f"Midsole tries again {_when(next_at, now)}{nothing_to_do}."


def _when(at: datetime | None, now: datetime) -> str:
    return f"in {ago(at - now)}" if at is not None and at > now else "now"


def ago(span: timedelta) -> str:
    """ "25 min", "3 h", "4 days": whole ones, for both directions of time."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
