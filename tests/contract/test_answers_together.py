"""Browsers and workers at once: each answer, question, reminder, episode and plan is there once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from pathlib import Path

from sqlalchemy import text

from home import ME, NOW, Home, a_home
from midsole.actions import asking, checking_in, forgetting, routine
from midsole.actions.evaluate import evaluate
from midsole.domain.checkins import checked

HURT = checked(NOW.date(), "night", 6, place="heel", side="left")


def at_once(*work: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(work)) as pool:
        for done in [pool.submit(one) for one in work]:
            done.result()


def count(home: Home, table: str) -> int:
    with home.box.store.read() as tx:
        return int(tx.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_each_is_there_once_and_nothing_outlives_forgetting(tmp_path: Path, database_url: str) -> None:
    with a_home(tmp_path / "x", database_url=database_url) as home:
        box = home.box
        home.run(NOW - timedelta(days=1), 8)
        home.once()
        routine.set_reminder(box, ME, time(0))
        at_once(*[lambda: checking_in.check_in(box, ME, HURT)] * 3, *[lambda: evaluate(box, ME)] * 2)
        at_once(*[lambda: asking.ask_all(box)] * 2, *[lambda: routine.remind_all(box)] * 2)
        assert {name: count(home, name) for name in ("check_in", "episode", "comeback_plan")} == {
            "check_in": 1,
            "episode": 1,
            "comeback_plan": 1,
        }
        with box.store.read() as tx:
            sent = tx.execute(text("SELECT kind, count(*) FROM delivery GROUP BY kind")).all()
        assert {number for _, number in sent} == {1}
        assert "alert" in {kind for kind, _ in sent}
        at_once(lambda: forgetting.forget(box, ME), *[lambda: evaluate(box, ME)] * 3)
        assert [count(home, name) for name in ("check_in", "episode", "comeback_plan", "question")] == [0] * 4
