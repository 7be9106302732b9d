"""A proxy in front of a server that answers some requests with 503, and cuts the connection of others."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

#: What is done to a request: passed on, "503", "cut" before the server hears of it, "lost" when it has answered.
SLOW_DOWN = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"


class Proxy:
    """Runs while it is entered. `fault` says what becomes of a request, by its number, method and path."""

    def __init__(self, server: str, fault: Callable[[int, str, str], str | None]) -> None:
        self.counts: Counter[str] = Counter()
        place = urlsplit(server)
        lock = threading.Lock()
        numbers = iter(range(10**9))
        counts = self.counts

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with lock:
                    what = fault(next(numbers), self.command, self.path)
                    counts[what or "passed"] += 1
                if what == "503":
                    self._answer(503, {"Content-Type": "application/xml"}, SLOW_DOWN)
                elif what == "cut":
                    self.close_connection = True
                    self.connection.close()
                else:
                    self._pass_on(body, is_lost=what == "lost")

            def _pass_on(self, body: bytes, *, is_lost: bool) -> None:
                connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                data = answer.read()
                connection.close()
                if is_lost:
                    self.close_connection = True
                    self.connection.close()
                    return
                apart = {"connection", "transfer-encoding", "content-length", "date", "server"}
                kept = {name: value for name, value in answer.getheaders() if name.lower() not in apart}
                length = answer.getheader("Content-Length") if self.command == "HEAD" else None
                self._answer(answer.status, kept, data, length)

            def _answer(self, status: int, headers: dict[str, str], data: bytes, length: str | None = None) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", length or str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _handle  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
