"""APScheduler as the clock: each tick claims its slot, and who claimed it runs the job."""

from collections.abc import Callable
from datetime import UTC, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from midsole.actions.box import Box
from midsole.actions.slots import claim_slot
from midsole.domain.when import slot
from midsole.observe.logs import log
from midsole.worker.schedule import Job

THREADS = 4


def tick(box: Box, job: Job) -> bool:
    """Run the job if this tick's slot is ours. An error is logged, and the next slot tries again."""
    try:
        if job.slotted and not claim_slot(box, job.name, slot(box.now(), job.period_s)):
            return False
        job.run(box)
    except Exception:
        log.exception("The job %s failed; it is tried again in %s s.", job.name, job.period_s)
    return True


def start(box: Box, jobs: tuple[Job, ...]) -> Callable[[], None]:
    """Start ticking at once; returns what stops it when the work in flight is done."""
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(THREADS)})
    for job in jobs:
        scheduler.add_job(
            tick,
            "interval",
            seconds=job.period_s,
            args=(box, job),
            id=job.name,
            coalesce=True,
            max_instances=1 if job.slotted else 2,  # the second finds what the first has in hand taken
            misfire_grace_time=job.period_s,
            next_run_time=box.now() + timedelta(milliseconds=10),
        )
    scheduler.start()
    return lambda: scheduler.shutdown(wait=True)
