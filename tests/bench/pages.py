"""What a browser waits for: every page of a home with ten years of runs, also while files come in."""

import gzip
import http.client
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from fit_writer import fit_run

from bench.report import Figure, Part, Table, prose
from bench.ten_years import ACTIVITIES, Clock, open_home
from midsole.actions import checking_in
from midsole.actions.box import Box
from midsole.config import Settings
from midsole.domain.checkins import AFTER, MORNING, REST, CheckIn
from midsole.domain.facts import WARN, Finding
from midsole.store import body, messages, shoes
from midsole.web.server import listen, serve_beside
from midsole.worker.clock import start
from midsole.worker.schedule import jobs

PATHS = (
    *("/", "/runs", "/runs?page=60", "/runs?sport=running&sort=longest", "/runs/2500", "/runs/waiting"),
    *("/changes", "/uploads", "/shoes", "/shoes/1", "/shoes/1/edit", "/inserts", "/load", "/load?weeks=104"),
    *("/alerts", "/alerts/rules", "/settings", "/settings/mail", "/settings/limits", "/settings/sources"),
    *("/body", "/body/episodes/1", "/body/comeback", "/body/routine", "/body/check-ins", "/settings/health"),
    *("/settings/rules", "/settings/push", "/settings/export", "/settings/security"),
    *("/api/v1/activities", "/api/v1/shoes", "/api/v1/load", "/api/v1/cap", "/api/v1/alerts"),
)
MEDIAN_MS, P95_MS, MOST_KB = 50, 100, 60
TIMES, QUICK_TIMES = 40, 3
FILES, QUICK_FILES = 2_000, 20
OLD_PAIRS, OLD_ALERTS, ANSWERS = 25, 400, 400


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a path was asked does not show: its times in ms, and its bytes as they are sent."""

    path: str
    ms: Sequence[float]
    sent: int

    @property
    def median(self) -> float:
        return statistics.median(self.ms)

    @property
    def p95(self) -> float:
        return sorted(self.ms)[min(len(self.ms) - 1, int(len(self.ms) * 0.95))]


def measure(*, quick: bool) -> Part:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        box = open_home(Path(folder) / "home", clock)
        _live_in(box)
        with _served(box) as port:
            seen = [_ask(port, path, QUICK_TIMES if quick else TIMES) for path in PATHS]
            received_s, read_s, meanwhile = _upload(port, QUICK_FILES if quick else FILES)
        box.store.close()
    pages = [s for s in seen if not s.path.startswith("/api/")]
    slowest, widest = max(seen, key=lambda s: s.median), max(pages, key=lambda s: s.sent)
    figures = [
        Figure(f"slowest page's median ({slowest.path})", slowest.median, MEDIAN_MS, "ms"),
        Figure("slowest page's 95th of 100", max(s.p95 for s in seen), P95_MS, "ms"),
        Figure(f"largest page, compressed ({widest.path})", widest.sent / 1000, MOST_KB, "kB"),
        Figure("first page while files come in, median", statistics.median(meanwhile), 250, "ms"),
    ]
    facts = [
        prose(
            f"""{QUICK_FILES if quick else FILES:,} files in one upload: received in {received_s:.1f} s,
            read {read_s:.1f} s later; the first page was asked {len(meanwhile)} times meanwhile, the slowest
            answer took {max(meanwhile):.0f} ms."""
        )
    ]
    rows = [(s.path, f"{s.median:.1f}", f"{s.p95:.1f}", f"{s.sent / 1000:.1f}") for s in seen]
    return Part("Pages", figures, [_how()], Table(("page", "median ms", "p95 ms", "kB sent"), rows), facts)


def _how() -> str:
    return prose(
        f"""In a home with {ACTIVITIES:,} activities of ten years, {OLD_PAIRS + 3} pairs, {OLD_ALERTS} former
        alerts, {ANSWERS} answers and an open comeback.
        Asked over HTTP on this machine by a client that takes gzip, one request after the
        other, with the worker's clock beside it, from the first byte sent to the last one read; the first
        five do not count."""
    )


def _live_in(box: Box) -> None:
    """Ten years leave retired pairs and old alerts behind, and a sore foot its answers and its plan."""
    now = box.now()
    _answer(box)
    with box.store.write() as tx:
        for n in range(OLD_PAIRS):
            day = now.date() - timedelta(days=120 * (n + 1))
            pair = {"kind": "daily", "limit_m": 640_000.0, "start_m": 600_000.0, "start_how": "known"}
            shoes.add(tx, 1, now, name=f"Old pair {n}", retired_on=day, **pair)
        for n in range(OLD_ALERTS):
            at = now - timedelta(days=9 * (n + 1))
            words = f"This run is {11 + n % 20} % longer than any in the last 30 days."
            told = Finding(
                "L1", WARN, f"old:{n}", at.date(), words, "Keep the next run short.", {"ratio": 0.2}
            )
            alert_id = messages.open_alert(tx, 1, told, "open", at, at.date())
            messages.change_alert(tx, alert_id, state="resolved", resolved_at=at, pushed_at=at)


def _answer(box: Box) -> None:
    """Two answers every other day; the last pain is red."""
    today = box.now().date()
    with box.store.write() as tx:
        for n in range(ANSWERS // 2, 0, -1):
            for moment in (AFTER, MORNING):
                pain = (
                    {"level": 3, "place": "ball-inner", "side": "left"}
                    if n % 40 in (5, 6, 7)
                    else {"level": 0}
                )
                said = CheckIn(today - timedelta(days=2 * n), moment, **pain)
                body.add_check_in(tx, 1, said, box.now() - timedelta(days=2 * n))
    checking_in.check_in(box, 1, CheckIn(today - timedelta(days=1), REST, 6, "heel", "left"))


@contextmanager
def _served(box: Box) -> Iterator[int]:
    settings = Settings(home=box.home, web_port=0)
    stop = start(replace(box, settle_s=0.0), jobs(60))
    with listen(settings) as listening:
        finish = serve_beside(box, settings, listening)
        try:
            yield listening.getsockname()[1]
        finally:
            finish()
            stop()


def _ask(port: int, path: str, times: int) -> Seen:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = [_once(client, path) for _ in range(times + 5)][5:]
    client.close()
    return Seen(path, [ms for ms, _ in found], found[-1][1])


def _once(client: http.client.HTTPConnection, path: str) -> tuple[float, int]:
    begin = time.perf_counter()
    client.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = client.getresponse()
    body = answer.read()
    ms = (time.perf_counter() - begin) * 1000
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}: {body[:300]!r}")
    return ms, len(body)


def _upload(port: int, files: int) -> tuple[float, float, list[float]]:
    """Seconds to receive them, seconds until all are read, and how long the first page took meanwhile."""
    over, meanwhile = threading.Event(), []

    def looking() -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not over.is_set():
            meanwhile.append(_once(client, "/")[0])
            time.sleep(0.05)
        client.close()

    looker = threading.Thread(target=looking)
    body, boundary = _many_files(files)
    looker.start()
    try:
        begin = time.perf_counter()
        place = _send(port, body, boundary)
        received = time.perf_counter()
        _wait_until_read(port, place)
        return received - begin, time.perf_counter() - received, meanwhile
    finally:
        over.set()
        looker.join()


def _many_files(count: int) -> tuple[bytes, str]:
    boundary, parts = "midsole-bench", []
    now = Clock().at
    for n in range(count):
        raw = fit_run(now - timedelta(days=4_000, hours=9 * n), 8_000.0 + n, 2_900.0)
        head = f'Content-Disposition: form-data; name="files"; filename="{n}.fit"'
        parts.append(f"--{boundary}\r\n{head}\r\n\r\n".encode() + raw + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), boundary


def _send(port: int, body: bytes, boundary: str) -> str:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    client.request(
        "POST", "/api/v1/uploads", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    answer = client.getresponse()
    said = answer.read()
    if answer.status != 202:
        raise RuntimeError(f"The upload answered {answer.status}: {said[:300]!r}")
    return str(answer.headers["Location"])


def _wait_until_read(port: int, place: str) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while True:
        client.request("GET", place, headers={"Accept-Encoding": "gzip"})
        answer = client.getresponse()
        body = answer.read()
        told = json.loads(gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body)
        if told["state"] in ("done", "failed"):
            if told["state"] == "failed":
                raise RuntimeError(f"The upload failed: {told}")
            return
        time.sleep(0.2)
