"""A service that answers what a test says, for what a real one does rarely."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """A request that came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


@dataclass(frozen=True)
class Answer:
    """A response; without a status, the connection is closed in place of one."""

    status: int | None = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class StubService:
    """Answers each request by `answer`, and keeps what came."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Received], Answer] = lambda _: Answer()
        self._lock = threading.Lock()
        self._connections = 0
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with stub._lock:
                    stub._connections += 1
                    self.connection_number = stub._connections

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                request = Received(self.path, dict(self.headers), body, self.connection_number)
                with stub._lock:
                    stub.received.append(request)
                    answer = stub.answer(request)
                if answer.status is None:
                    self.close_connection = True
                    return
                content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in {"content-length": str(len(content)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
                # A body that is shorter than announced ends with its connection.
                self.close_connection |= "content-length" in answer.headers

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def busy(milliseconds: int) -> Answer:
    """The refusal of a service without room."""
    error = {"type": "rate_limit_error", "code": "queue_full", "message": "no room", "param": None, "request_id": "r1"}
    seconds = -(-milliseconds // 1000)
    headers = {"retry-after": str(seconds), "x-retry-after-ms": str(milliseconds)}
    return Answer(429, {"error": error}, headers)
