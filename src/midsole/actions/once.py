"""One pass over everything: find, ingest, evaluate, weekly if due, deliver."""

from dataclasses import dataclass, field

from midsole.actions.box import Box
from midsole.actions.deliver import deliver_due
from midsole.actions.evaluate import evaluate_all
from midsole.actions.ingest import ingest_due
from midsole.actions.sync import sync
from midsole.actions.weekly import weekly_all
from midsole.decode import registry
from midsole.store import sources


@dataclass(slots=True)
class Pass:
    """What a pass brought."""

    new_files: int = 0
    bad_files: int = 0
    mails: int = 0
    problems: list[str] = field(default_factory=list)


def run_once(box: Box) -> Pass:
    """Every step in the order the data goes; each leaves its rows behind for the next."""
    done = take_in(box)
    evaluate_all(box)
    weekly_all(box)
    done.mails = deliver_due(box)
    return done


def take_in(box: Box) -> Pass:
    """Look at every source and ingest what is due."""
    done = Pass()
    with box.store.write() as tx:
        sources.retry_refused(tx, registry.VERSION, box.now())
        connected = sources.connections(tx)
    for connection in connected:
        looked = sync(box, connection)
        done.problems += looked.problems
    ingested = ingest_due(box)
    done.new_files = len(ingested)
    done.bad_files = sum(file.state == "bad" for file in ingested)
    return done
