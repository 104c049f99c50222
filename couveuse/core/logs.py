"""Structured logs: one JSON object a line, with the number of the request that error pages show."""

import json
import logging
import secrets
from contextvars import ContextVar
from typing import Any

_number: ContextVar[str | None] = ContextVar("request_number", default=None)
_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def new_request_number() -> str:
    """A short number that a person can read out on the phone."""
    number = secrets.token_hex(4)
    _number.set(number)
    return number


def request_number() -> str | None:
    return _number.get()


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.getMessage(),
        }
        if number := request_number():
            line["request"] = number
        line |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str = "INFO") -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("uvicorn.access", "pgqueuer", "httpx", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
