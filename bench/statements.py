"""The statements that PostgreSQL ran, read from its own log."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg

from couveuse.core.embedded import Cluster

RAN = re.compile(r"^bench-log LOG:  (?:statement|execute [^:]*): ", re.MULTILINE)
END = re.compile(r"^bench-log |\Z", re.MULTILINE)
NOT_COUNTED = re.compile(r"(?i)^(BEGIN|COMMIT|ROLLBACK)\b(?! TO)")


class Log:
    def __init__(self, cluster: Cluster) -> None:
        self._path = cluster.data / "server.log"

    def during(self, work: Callable[[], object]) -> list[str]:
        """What ran meanwhile; the start and end of transactions left out, savepoints not."""
        start = self._path.stat().st_size
        work()
        time.sleep(0.2)
        with self._path.open("rb") as file:
            file.seek(start)
            text = file.read().decode()
        found = (text[one.end() : _end(text, one.end())] for one in RAN.finditer(text))
        said = (" ".join(statement.split()) for statement in found)
        return [statement for statement in said if not NOT_COUNTED.match(statement)]


def _end(text: str, start: int) -> int:
    match = END.search(text, start)
    return match.start() if match else len(text)


def besides_session(said: list[str]) -> list[str]:
    return [statement for statement in said if "FROM session" not in statement]


@contextmanager
def logged(cluster: Cluster) -> Iterator[Log]:
    """Let the server log every statement for a while."""
    settings = {"log_statement": "all", "log_line_prefix": "bench-log "}
    asyncio.run(_alter(cluster, [f"SET {key} = '{value}'" for key, value in settings.items()]))
    try:
        yield Log(cluster)
    finally:
        asyncio.run(_alter(cluster, [f"RESET {key}" for key in settings]))


async def _alter(cluster: Cluster, changes: list[str]) -> None:
    admin = await asyncpg.connect(cluster.dsn("postgres"))
    for change in changes:
        await admin.execute(f"ALTER SYSTEM {change}")
    await admin.execute("SELECT pg_reload_conf()")
    await admin.close()
    await asyncio.sleep(0.5)  # each backend hears of it by itself
