"""A real web server on loopback that is called by webhooks and push, and answers as told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Call:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Hooks:
    """`answers` are given one after the other, the last one for ever; 0 hangs up without an answer."""

    port: int
    answers: list[int] = field(default_factory=lambda: [200])
    calls: list[Call] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def hook_server(*answers: int) -> Iterator[Hooks]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hooks.calls.append(Call(self.path, dict(self.headers), body))
            if status := hooks.next():
                self.send_response(status)
                self.send_header("Location", f"{hooks.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def do_GET(self) -> None:
            hooks.calls.append(Call(self.path, dict(self.headers), b""))
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hooks = Hooks(server.server_address[1], list(answers) or [200])
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield hooks
        finally:
            server.shutdown()
