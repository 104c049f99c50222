"""What pages that are signed share: who may still sign on paper, and the signed paper itself."""

import datetime as dt
from collections.abc import Sequence

from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.files import PDF, FileStore, find_file
from couveuse.followup.models import Signature
from couveuse.people.models import Person


def to_file(
    me: Actor, parties: Sequence[Person], signatures: Sequence[Signature]
) -> list[tuple[int, str]]:
    """Whose signature on paper the actor may still put here: never one's own."""
    known = {me.person_id, *(one.person_id for one in signatures)}
    return list({one.id: one.name for one in parties if one.id not in known}.items())


async def scan_file(
    db: AsyncSession,
    files: FileStore,
    signatures: Sequence[Signature],
    signer_id: int,
    day: dt.date,
) -> File:
    """The paper that somebody signed. Load what it signs through the actor before."""
    scan = next((one.scan for one in signatures if one.person_id == signer_id), None)
    return await stored_paper(db, files, scan, day)


async def stored_paper(db: AsyncSession, files: FileStore, scan: str | None, day: dt.date) -> File:
    found = await find_file(db, scan) if scan else None
    if found is None:
        raise NotVisible
    kind = "pdf" if found.media_type == PDF else "jpg"
    return File(
        path=files.path(found.sha256),
        media_type=found.media_type,
        content_disposition_type="inline",
        filename=f"feuille-{day}.{kind}",
        headers={"cache-control": "no-store"},  # who may see it may change
    )
