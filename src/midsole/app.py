"""The composition root: settings become a box of parts that the actions work with."""

import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from midsole import config
from midsole.actions.box import Box
from midsole.actions.setup import make_home
from midsole.config import Settings
from midsole.deliver.email import Outbox, Smtp
from midsole.domain.errors import MidsoleError
from midsole.observe.clock import utc_now
from midsole.store.base import Store
from midsole.store.originals import Originals
from midsole.store.secrets import Secrets

DEFAULT_PORT = {"starttls": 587, "tls": 465, "plain": 25}


def open_box(
    home: Path | None = None,
    *,
    settings: Settings | None = None,
    now: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> Box:
    """Open the home, making what is missing: folders, settings file, database, the first runner."""
    chosen = settings or config.read(config.find_home(home))
    _make_folders(chosen)
    store = Store(chosen.url)
    store.upgrade()
    box = build(chosen, store, now, sleep)
    make_home(box)
    return box


def _make_folders(settings: Settings) -> None:
    """Only the owner may read a home: it holds where somebody runs."""
    try:
        for folder in (settings.home, settings.inbox, settings.outbox, settings.originals):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not settings.config_file.exists():
            settings.config_file.write_text(config.example(), encoding="utf-8")
    except OSError as error:
        raise MidsoleError(
            f"{settings.home} can't be made ({error.strerror}). Name another folder with --home."
        ) from error


def build(
    settings: Settings, store: Store, now: Callable[[], datetime], sleep: Callable[[float], None]
) -> Box:
    sender = settings.mail_from or f"midsole@{socket.gethostname() or 'localhost'}"
    return Box(
        home=settings.home,
        inbox=settings.inbox,
        store=store,
        originals=Originals(settings.originals),
        secrets=Secrets(settings.secret_key),
        outbox=Outbox(settings.outbox),
        outbox_folder=settings.outbox,
        mail=_smtp(settings, sender),
        mail_from=sender,
        now=now,
        sleep=sleep,
        jitter=random.random,
        settle_s=settings.settle_s,
        public_url=settings.web_public_url.rstrip("/"),
        worker=f"{os.getpid()}-{threading.get_ident() % 10_000}-{uuid.uuid4().hex[:8]}",
    )


def _smtp(settings: Settings, sender: str) -> Smtp | None:
    if not settings.smtp_host:
        return None
    return Smtp(
        settings.smtp_host,
        settings.smtp_port or DEFAULT_PORT[settings.smtp_security],
        settings.smtp_security,
        settings.smtp_user or None,
        settings.smtp_password or None,
        settings.smtp_timeout_s,
        sender,
    )
