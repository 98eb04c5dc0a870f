"""What machines ask of the whole box: whether it is ready, and its figures."""

from collections.abc import Iterator
from datetime import datetime

from midsole.actions.box import Box
from midsole.actions.standing import is_shown
from midsole.observe.metrics import Gauge, as_text
from midsole.store import figures, messages, readiness, sources
from midsole.store.base import Tx


def why_not_ready(box: Box) -> str | None:
    """None where the database answers and has this program's schema."""
    return readiness.why_not_ready(box.store)


def metrics(box: Box) -> bytes:
    """Every figure, as Prometheus reads it."""
    with box.store.read() as tx:
        return as_text([*_sources(tx, box.now()), *_queues(tx, box.now()), *_counts(tx)])


def _sources(tx: Tx, now: datetime) -> Iterator[Gauge]:
    known = [c for c in sources.connections(tx) if is_shown(c, now)]
    yield Gauge(
        "source_last_success_age_seconds",
        "Seconds since a source was last looked at with success; since it was connected where it never was.",
        {(c.kind, str(c.id)): _age_s(c.last_success_at or c.created_at, now) for c in known},
        ("kind", "number"),
    )
    yield Gauge(
        "source_failing",
        "1 where the last look at the source failed or it needs a log-in.",
        {(c.kind, str(c.id)): float(bool(c.error) or c.state != "connected") for c in known},
        ("kind", "number"),
    )


def _queues(tx: Tx, now: datetime) -> Iterator[Gauge]:
    waiting = figures.oldest(tx, now)
    yield Gauge(
        "queue_age_seconds",
        "How long the first in each queue has waited; 0 where nothing waits.",
        {(name,): 0.0 if at is None else _age_s(at, now) for name, at in waiting.items()},
        ("queue",),
    )


def _counts(tx: Tx) -> Iterator[Gauge]:
    for name, told, counts, label in (
        ("deliveries", "Messages by state.", messages.delivery_counts(tx), "state"),
        ("raw_files", "Files by state; bad is what could not be decoded.", sources.file_counts(tx), "state"),
        (
            "open_alerts",
            "Alerts of load, shoes and sources that nobody answered, by level.",
            figures.open_alerts(tx),
            "level",
        ),
    ):
        yield Gauge(name, told, {(key,): float(n) for key, n in counts.items()}, (label,))
    yield Gauge("runners", "Runners of this box.", {(): float(figures.runner_count(tx))})


def _age_s(at: datetime, now: datetime) -> float:
    """Never below 0, whatever clocks say."""
    return max(0.0, (now - at).total_seconds())
