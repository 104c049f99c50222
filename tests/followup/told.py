"""What every page, paper and list tells a reader of words that are not for everybody."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.files import StoredFile
from tests.conftest import Browser
from tests.guards.doors import Door

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDLESS = {"equipment.live"}


@dataclass(slots=True)
class Secrets:
    """Words and files that are not for everybody, and what addresses may be filled in with."""

    words: list[str] = field(default_factory=list)
    """Each stands in one place only; where somebody reads it, the page holds it."""
    files: dict[str, str] = field(default_factory=dict)
    """By the end of an address, the word for what is sent from there."""
    values: dict[str, list[object]] = field(default_factory=dict)
    """What the parameters of addresses may be."""
    asked: dict[str, str] = field(default_factory=dict)
    """What may be asked for behind the question mark."""


async def store_photo(db: AsyncSession, folder: Path, pair: str) -> str:
    """A file in the store. Returns its name."""
    name = pair * 32
    db.add(StoredFile(sha256=name, media_type="image/jpeg", size=3))
    path = folder / "files" / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"jpg")
    return name


async def told_to(browser: Browser, doors: list[Door], secrets: Secrets) -> dict[str, set[str]]:
    """By word, the doors behind which it stands."""
    told: dict[str, set[str]] = {}
    for door in doors:
        for address in addresses(door, secrets):
            answer = await browser.get(address)
            text = words_of(answer)
            found = [word for word in secrets.words if word in text]
            found += [
                word
                for ending, word in secrets.files.items()
                if address.endswith(ending) and answer.status_code == 200
            ]
            for word in found:
                told.setdefault(word, set()).add(door.name)
    return told


def addresses(door: Door, secrets: Secrets) -> list[str]:
    """Each way to fill in the address, and to search; none when it is about something else."""
    if door.method != "GET" or door.name in ENDLESS or set(door.parameters) - set(secrets.values):
        return []
    filled: list[dict[str, object]] = [{}]
    for name in door.parameters:
        filled = [one | {name: value} for one in filled for value in secrets.values[name]]
    plain = [door.at(**one) for one in filled]
    asked = [
        f"{plain[0]}?{name}={secrets.asked[name]}"
        for name in door.questions
        if name in secrets.asked
    ]
    return plain + asked


def words_of(answer: Any) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "application/pdf":
        pages = PdfReader(io.BytesIO(answer.content)).pages
        return "\n".join(page.extract_text() for page in pages)
    if kind == XLSX:
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        return "\n".join(str(row) for sheet in book for row in sheet.values)
    return answer.text
