"""What every action works with: the store, the originals, the channels and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from midsole.deliver.base import Channel
from midsole.domain.errors import UsageError
from midsole.store import runners
from midsole.store.base import Store, Tx
from midsole.store.originals import Originals
from midsole.store.runners import Runner
from midsole.store.secrets import Secrets

__all__ = ["Box", "Runner", "find_runner"]


@dataclass(frozen=True, slots=True)
class Box:
    """The machine's parts; `mail` is None while no server is set, `worker` names this process in claims."""

    home: Path
    inbox: Path
    store: Store
    originals: Originals
    secrets: Secrets
    outbox: Channel
    outbox_folder: Path
    mail: Channel | None
    mail_from: str
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    jitter: Callable[[], float]
    settle_s: float
    worker: str
    public_url: str = ""
    """Where pages are reached from outside, without a slash at its end; empty: mails carry no links."""
    stopping: Callable[[], bool] = lambda: False
    """Whether the worker was told to end: what takes long breaks off where it can go on later."""


def find_runner(tx: Tx, name: str | None) -> Runner:
    """The named runner; the name can be left out while there is one."""
    known = runners.everyone(tx)
    names = ", ".join(r.name for r in known)
    real = [r for r in known if not r.is_demo]
    if name is None and len(real) == 1:
        return real[0]
    if name is None:
        raise UsageError(f"There are several runners: say which with --runner ({names}).")
    matching = [r for r in known if r.name.casefold() == name.casefold()]
    if not matching:
        raise UsageError(f"There is no runner {name!r}. Known: {names}.")
    return matching[0]
