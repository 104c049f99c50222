"""As little of an HTTP client as can be: kept connections, one request at a time on each."""

import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^=]+)=([^;\r]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    body: bytes


@dataclass
class Browser:
    """Cookies, and requests as the bytes that a browser would send."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> bytes:
        return self._bytes("GET", path, b"")

    def post(self, path: str, **fields: object) -> bytes:
        if token := self.cookies.get("csrf"):
            fields["_csrf_token"] = token
        return self._bytes("POST", path, urlencode(fields).encode())

    def _bytes(self, method: str, path: str, body: bytes) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "User-Agent: Mozilla/5.0 (bench)",
            "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
            "Accept-Language: fr-FR,fr;q=0.9,en;q=0.8",
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if method == "POST":
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def keep(self, answer: Answer) -> Answer:
        for name, value in COOKIE.findall(answer.head):
            self.cookies[name.decode()] = value.decode()
        return answer


class Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = b""

    def send(self, request: bytes) -> None:
        self._got = b""
        self.socket.sendall(request)

    def receive(self) -> Answer | None:
        """Take in what has come; the answer once it is whole."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self._got += piece
        head, end, body = self._got.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return None
        return Answer(int(head[9:12]), head, body)

    def ask(self, request: bytes) -> Answer:
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer


class Lines:
    """Several kept connections, each with one request on its way."""

    def __init__(self, port: int, count: int) -> None:
        self.lines = [Line(port) for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for line in self.lines:
            line.socket.close()

    def ask(self, requests: Sequence[bytes]) -> list[Answer]:
        """Send the requests as lines become free; the answers in the order they came."""
        waiting, answers = deque(requests), list[Answer]()
        with selectors.DefaultSelector() as ready:
            for line in self.lines:
                ready.register(line.socket, selectors.EVENT_READ, line)
                if waiting:
                    line.send(waiting.popleft())
            while len(answers) < len(requests):
                for key, _ in ready.select():
                    if answer := key.data.receive():
                        answers.append(answer)
                        if waiting:
                            key.data.send(waiting.popleft())
        return answers

    def volley(self, requests: Sequence[bytes]) -> tuple[float, list[Answer]]:
        """All at once, one on each line: seconds until the last is answered, and the answers."""
        assert len(requests) == len(self.lines)
        start = time.perf_counter()
        answers = self.ask(requests)
        return time.perf_counter() - start, answers
