"""Every route, every person: the answer is the one of the table."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.conftest import Browser
from tests.guards.access_matrix import CODES, TABLE
from tests.guards.conftest import Records
from tests.guards.doors import Door


@dataclass(frozen=True, slots=True)
class Line:
    method: str
    route: str
    record: str
    codes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.record}"


HEAD, *ROWS = [line.split() for line in TABLE.splitlines() if line]
PEOPLE = tuple(HEAD)
LINES = [Line(method, route, record, tuple(codes)) for method, route, record, *codes in ROWS]
ENDLESS = "equipment.live"


def test_every_route_has_its_lines(doors: list[Door]) -> None:
    assert {f"{line.method} {line.route}" for line in LINES} == {str(door) for door in doors}


def test_every_line_names_every_person_once() -> None:
    assert [str(line) for line in LINES if len(line.codes) != len(PEOPLE)] == []
    assert {code for line in LINES for code in line.codes} <= {*CODES.values(), "in"}
    assert len({str(line) for line in LINES}) == len(LINES)


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_each_person_gets_the_answer_of_the_table(
    line: Line,
    app: Litestar,
    browse: Callable[..., Any],
    outer: AsyncConnection,
    doors: list[Door],
    world: Records,
) -> None:
    (door,) = [door for door in doors if str(door) == f"{line.method} {line.route}"]
    path = door.at(**{name: world[name][line.record] for name in door.parameters})
    answers: dict[str, str] = {}
    for name in PEOPLE:
        browser = await browse(None if name == "nobody" else name)
        undo = await outer.begin_nested()
        if line.route == ENDLESS:
            answer = await begin(app, browser, path)
        else:
            answer = await (browser.get(path) if line.method == "GET" else browser.post(path))
        answers[name] = code_of(answer)
        await undo.rollback()

    assert answers == dict(zip(PEOPLE, line.codes, strict=True))


def code_of(answer: httpx.Response) -> str:
    path = answer.headers.get("location", "").partition("?")[0]
    return "in" if path == "/connexion" else CODES.get(answer.status_code, str(answer.status_code))


async def begin(app: Litestar, browser: Browser, path: str) -> httpx.Response:
    """The beginning of an answer that has no end."""
    begun: asyncio.Future[httpx.Response] = asyncio.get_running_loop().create_future()
    request = browser.http.build_request("GET", path)
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("testserver.local", 80),
    }

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            begun.set_result(httpx.Response(message["status"], headers=message["headers"]))

    running = asyncio.ensure_future(app(scope, receive, send))
    answer = await begun
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return answer
