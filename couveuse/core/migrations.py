"""Bring a database to the newest revision; any number of processes may try at once."""

import re
from functools import cache

from couveuse.core.paths import MIGRATIONS


@cache
def newest_revision() -> str:
    """The head of the revisions, read from their files: pages need not load Alembic for it."""
    made, replaced = set[str](), set[str]()
    for path in (MIGRATIONS / "versions").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        made |= set(re.findall(r'^revision\b[^=]*= "(\w+)"', text, re.MULTILINE))
        replaced |= set(re.findall(r'^down_revision\b[^=]*= "(\w+)"', text, re.MULTILINE))
    (head,) = made - replaced
    return head


def migrate(url: str, revision: str = "head") -> None:
    """Run the missing revisions. Blocks; call it from a thread when an event loop runs."""
    from alembic import command  # noqa: PLC0415, heavy: pages never need it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, revision)


async def is_fresh(url: str) -> bool:
    """Whether the database has no revision yet and no table of anybody else's."""
    import asyncpg  # noqa: PLC0415, SQLAlchemy's engine would be more than one question needs

    connection = await asyncpg.connect(url.replace("+asyncpg", "", 1))
    try:
        return not await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema())"
        )
    finally:
        await connection.close()
