"""Walking through the product by its links, as a visitor does."""

import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from urllib.parse import urljoin, urlsplit

from tests.guards.doors import Door
from tests.html import Element, parse

Fetch = Callable[[str], Awaitable[str | None]]
"""The page at an address; None for what is no page, or does not open."""


async def walk(
    fetch: Fetch, doors: Sequence[Door], visits: int, start: str = "/"
) -> AsyncIterator[tuple[str, str, str | None]]:
    """From the first page on: the name of each door met, its address, and its page.

    Of one kind so many addresses are opened: what a page offers depends on its record.
    """
    patterns = [(re.compile(pattern(door)), door.name) for door in sorted(doors, key=freedom)]
    opened, seen, waiting = Counter[str](), {start}, deque([start])
    while waiting:
        address = waiting.popleft()
        path = urlsplit(address).path
        name = next((name for one, name in patterns if one.fullmatch(path)), None)
        if name is None or name == "equipment.live" or opened[name] >= visits:  # it never ends
            continue
        opened[name] += 1
        text = await fetch(address)
        yield name, address, text
        for link in links(parse(text), address) if text else ():
            if link not in seen:
                seen.add(link)
                waiting.append(link)


def links(page: Element, address: str) -> Iterator[str]:
    """Where the links and the search forms of a page lead, in this site."""
    for element in page.walk():
        target = element.attrs.get("href")
        if element.tag == "form" and element.attrs.get("method", "get") == "get":
            target = element.attrs.get("action", address)
        target = target or element.attrs.get("src") or element.attrs.get("data-source")
        if target:
            parts = urlsplit(urljoin(f"https://site{address}", target))
            if parts.netloc == "site":
                yield f"{parts.path}?{parts.query}" if parts.query else parts.path


def freedom(door: Door) -> int:
    """The more a path says in words, the sooner it is meant."""
    return len(door.parameters)


def pattern(door: Door) -> str:
    kinds = {"int": "[0-9]+", "str": "[^/]+", "path": ".+"}
    return re.sub(r"{\w+:(\w+)}", lambda held: kinds[held[1]], door.path)
