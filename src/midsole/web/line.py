"""One line to a browser: how long it may take to say what it wants, and how many lines there are at once."""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 20.0
"""So long a request may take from its first letter to the end of its headers, a new line to its first."""
FLUSH_S = 60.0
"""So long an answer may take to be fetched once all of it is written."""
MOST_AT_ONCE = 400
"""Far below the number of files that a process may have open: the worker beside needs some too."""


class Line(H11Protocol):
    """uvicorn alone waits for ever for a request, and for who does not fetch the answer."""

    head_s = HEAD_S
    most_at_once = MOST_AT_ONCE
    late: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > self.most_at_once:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.loop.call_later(FLUSH_S, self.transport.abort)

    @property
    def is_idle(self) -> bool:
        """Nothing that came over it is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _watch(self) -> None:
        if not self.is_idle:
            self._unwatch()
        elif self.late is None:
            self.late = self.loop.call_later(self.head_s, self.transport.abort)

    def _unwatch(self) -> None:
        if self.late is not None:
            self.late.cancel()
            self.late = None

    def _make_room(self) -> None:
        """Whoever has waited longest without a word goes, so that a new visitor gets in."""
        idle = [line for line in self.connections if isinstance(line, Line) and line.late is not None]
        oldest = min(idle, key=lambda line: line.late.when() if line.late else 0.0, default=self)
        oldest._unwatch()  # it goes, and stays among the connections until the next turn of the loop
        oldest.transport.abort()
