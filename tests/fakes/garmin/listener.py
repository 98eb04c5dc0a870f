"""The wire of the fake: HTTP on a loopback port, and TLS inside the tunnels that are asked for there."""

import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from ssl import SSLContext
from typing import Any

from .certificates import DOMAINS
from .wire import Answer, Request

type Respond = Callable[[Request], Answer]


class Listener(TCPServer):
    """A thread for each connection; `stop` ends them all.

    `tunnels` and `refused` name the hosts that were asked for; `crashes` are faults of the fake itself."""

    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, respond: Respond, tls: Callable[[], SSLContext], is_down: Callable[[], bool]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.respond, self.tls, self.is_down = respond, tls, is_down
        self.tunnels: list[str] = []
        self.refused: list[str] = []
        self.crashes: list[BaseException] = []
        self.open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._accepting = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        self.shutdown()
        self._accepting.join()
        with self._lock:
            threads, connections = list(self._threads), list(self.open)
        for connection in connections:
            hang_up(connection)
        for thread in threads:
            thread.join(5)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def keep(self, connection: socket.socket) -> None:
        with self._lock:
            self.open.add(connection)

    def drop(self, connection: socket.socket) -> None:
        with self._lock:
            self.open.discard(connection)
        connection.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who hangs up (or whose process was killed) is nothing special."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.crashes.append(error)

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        self.keep(request)
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            hang_up(request)
            self.drop(request)
            with self._lock:
                self._threads.discard(threading.current_thread())


class Handler(BaseHTTPRequestHandler):
    """One connection: plain requests, or a tunnel and the requests inside."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Listener

    def do_CONNECT(self) -> None:
        host = self.path.rpartition(":")[0]
        known = host.endswith(tuple(f".{domain}" for domain in DOMAINS))
        (self.server.tunnels if known else self.server.refused).append(host)
        self.close_connection = True
        if self.server.is_down():
            return
        if not known:
            self._send(Answer(403))
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        self._inside_tunnel()

    def do_GET(self) -> None:
        if not self.path.startswith("/"):  # what a proxy is asked for without a tunnel
            self.server.refused.append(self.path)
            self.close_connection = True
            self._send(Answer(403))
            return
        self._send(self.server.respond(self._request()))

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The fake keeps its own log."""

    def _inside_tunnel(self) -> None:
        tls = self.server.tls().wrap_socket(self.connection, server_side=True)
        self.server.keep(tls)
        try:
            Handler(tls, self.client_address, self.server)
        finally:
            self.server.drop(tls)

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Request(self.command, headers.get("host", ""), path, query, headers, body)

    def _send(self, answer: Answer) -> None:
        if answer.dropped:
            self.close_connection = True
            return
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[: answer.sent])
        if answer.sent is not None:
            self.close_connection = True


def hang_up(connection: socket.socket) -> None:
    """For TLS sockets too, without their good-bye: another thread may be reading from it."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return
