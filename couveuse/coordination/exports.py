"""What is kept of a person as one archive: plain text to read, JSON to take elsewhere, files."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.queries import own_data
from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.files import PDF, FileStore, find_file
from couveuse.core.i18n import N_

README = N_(
    "Ceci est une copie de ce que le réseau garde de vous, faite le %(day)s.\n\n"
    "- chronologie.txt : ce qui a une date, en clair, du plus récent au plus ancien.\n"
    "- donnees.json : chaque enregistrement, tel qu'il est gardé, pour le relire ou le porter "
    "ailleurs.\n"
    "- fichiers : vos photos et vos papiers ; leur nom est celui que donne donnees.json.\n\n"
    "Les comptes rendus que seul le groupe de suivi lit y sont. Un brouillon que son auteur n'a "
    "montré à personne n'y est pas ; « drafts » dit de qui il est."
)


async def own_archive(db: AsyncSession, actor: Actor, store: FileStore) -> bytes:
    """A ZIP of everything about the person who asks."""
    whose = actor.person_id
    data = {
        "person": await own_data.read_self(db, whose),
        "records": await own_data.read_own_rows(db, whose),
        "journal": await own_data.list_own_acts(db, whose),
        "drafts": await own_data.list_drafts_about(db, whose),
    }
    days = await own_data.list_own_days(db, actor)
    files = await _files(db, store, await own_data.list_own_files(db, whose))
    return _zipped(data, days, files)


async def _files(
    db: AsyncSession, store: FileStore, names: Sequence[str]
) -> list[tuple[str, Path]]:
    """Their name in the archive, and where they are."""
    found = []
    for name in names:
        kept = await find_file(db, name)
        path = store.path(name)
        if kept and path.is_file():
            found.append((f"{name}.{'pdf' if kept.media_type == PDF else 'jpg'}", path))
    return found


def _zipped(data: dict[str, Any], days: Sequence[Any], files: Sequence[tuple[str, Path]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        readme = i18n.translated(README, {"day": clock.today()})
        archive.writestr("LISEZ-MOI.txt", readme)
        archive.writestr("chronologie.txt", "\n".join(_line(*one) for one in days) + "\n")
        archive.writestr("donnees.json", json.dumps(data, ensure_ascii=False, indent=2))
        for name, path in files:
            archive.write(path, f"fichiers/{name}")
    return out.getvalue()


def _line(on: Any, sentence: str, note: str | None) -> str:
    said = f"{i18n.day(on)} : {sentence}"
    return f"{said} ({note})" if note else said
