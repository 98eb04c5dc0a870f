"""The web server: all pages and the API as one application, and the thread that serves it."""

import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from midsole import __version__
from midsole.actions.box import Box
from midsole.config import Settings
from midsole.domain.errors import MidsoleError
from midsole.observe.logs import log
from midsole.web import assets
from midsole.web.api.document import describe
from midsole.web.csrf import guarded
from midsole.web.door import House
from midsole.web.heads import Heads
from midsole.web.line import Line
from midsole.web.shield import Shield
from midsole.web.troubles import tell_troubles

PAGES = (
    "today",
    "runs",
    "run",
    "changes",
    "uploads",
    "shoes",
    "shoe_accounts",
    "shoe",
    "shoe_edit",
    "inserts",
    "load",
    "body",
    "check_in",
    "comeback",
    "routine",
    "alerts",
    "settings",
    "settings_mail",
    "settings_limits",
    "settings_rules",
    "settings_export",
    "settings_health",
    "sources",
    "security",
    "targets",
    "welcome",
    "entrance",
)
"""Modules of pages; each has a `router`. Their forms are guarded; taps carry a key of their own."""
THREADS = 8
"""Pages at once: as many as the database likes to be asked by."""
PATIENCE_S = 5
"""How long requests in flight are waited for at the end."""


def make_app(box: Box, settings: Settings) -> FastAPI:
    """Every page, the one-tap links and the API."""
    app = FastAPI(
        title="Midsole",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_few_threads,
        redirect_slashes=False,  # it would lead away by the name and scheme that the request came with
    )
    app.state.house = House(box, settings)
    app.state.slow = Counter[int]()
    for name in PAGES:
        router = import_module(f"midsole.web.pages.{name}").router
        app.include_router(router, dependencies=[Depends(guarded)], include_in_schema=False)
    for name in ("midsole.web.pages.taps", "midsole.web.api.v1", "midsole.web.api.health"):
        app.include_router(import_module(name).router)
    app.include_router(assets.router)
    tell_troubles(app)
    describe(app)
    app.add_middleware(Shield, house=app.state.house)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Heads)
    return app


@asynccontextmanager
async def _few_threads(_app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    yield


def listen(settings: Settings) -> socket.socket:
    """The bound socket; who can't have it is told which setting to change."""
    family = socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET
    try:
        made = socket.create_server((settings.web_host.strip("[]"), settings.web_port), family=family)
    except OSError as error:
        where = f"{settings.web_host}:{settings.web_port}"
        raise MidsoleError(
            f"The pages can't be served at {where} ({error.strerror}). Set another web_port or web_host."
        ) from error
    # Else the second half of each answer waits 40 ms for the first one's receipt.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def address(listening: socket.socket) -> str:
    """Where a browser on this machine finds the pages."""
    host, port = listening.getsockname()[:2]
    named = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)  # noqa: S104
    return f"http://{f'[{named}]' if ':' in named else named}:{port}"


def _server(box: Box, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            make_app(box, settings),
            http=Line,
            ws="none",
            access_log=False,  # addresses of signed links and of the calendar are secrets
            log_config=None,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            forwarded_allow_ips="",
            timeout_graceful_shutdown=PATIENCE_S,
            lifespan="on",
        )
    )


def serve(box: Box, settings: Settings, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    _server(box, settings).run([listening])


def serve_beside(box: Box, settings: Settings, listening: socket.socket) -> Callable[[], None]:
    """Serve in a thread of its own, so that a stuck page stops no sync; returns what ends it."""
    server = _server(box, settings)

    def serving() -> None:
        try:
            server.run([listening])
        except Exception:
            log.exception("The pages stopped; the worker goes on.")

    thread = threading.Thread(target=serving, name="web", daemon=True)
    thread.start()

    def finish() -> None:
        server.should_exit = True
        thread.join(PATIENCE_S + 5)

    return finish
