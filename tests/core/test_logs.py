"""Logs: one JSON object a line, whatever is said in it."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest

from couveuse.core import logs


@pytest.fixture
def said(tmp_path: Path) -> Iterator[Any]:
    """What was logged since, line by line."""
    handler = logging.FileHandler(tmp_path / "log", encoding="utf-8")
    handler.setFormatter(logs.JsonLines())
    logger = logging.getLogger("couveuse.tests")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").split("\n")[:-1]]

    yield read
    logger.removeHandler(handler)
    handler.close()


log = logging.getLogger("couveuse.tests")


def test_a_line_says_when_how_grave_who_and_what(said: Any) -> None:
    log.warning("le %s est pris", "tracteur", extra={"item": 12, "path": Path("x")})

    (line,) = said()
    assert line["said"] == "le tracteur est pris"
    assert (line["level"], line["logger"]) == ("warning", "couveuse.tests")
    assert (line["item"], line["path"]) == (12, "x")
    assert len(line["at"]) == len("2026-11-23T08:00:00+0100")


def test_what_was_typed_cannot_forge_a_line(said: Any) -> None:
    log.info('x"}\n{"said": "forged"', extra={"typed": "a\nb\r\u2028c"})

    assert len(said()) == 1


def test_an_exception_is_told_whole_on_its_line(said: Any) -> None:
    try:
        int("é")
    except ValueError:
        log.exception("unexpected")

    (line,) = said()
    assert "Traceback" in line["error"]
    assert "ValueError: invalid literal for int() with base 10: 'é'" in line["error"]


def test_the_number_of_the_request_stands_on_each_of_its_lines(said: Any) -> None:
    def request() -> str:
        number = logs.new_request_number()
        log.info("one")
        log.info("two")
        return number

    number = copy_context().run(request)

    assert [line["request"] for line in said()] == [number, number]
    assert len(number) == 8


async def test_requests_at_the_same_time_keep_their_numbers_apart(said: Any) -> None:
    async def request(name: str) -> tuple[str, str]:
        number = logs.new_request_number()
        await asyncio.sleep(0)
        log.info(name)
        return name, number

    numbers = dict(await asyncio.gather(*(request(name) for name in "abc")))

    assert {line["said"]: line["request"] for line in said()} == numbers
    assert len(set(numbers.values())) == 3
