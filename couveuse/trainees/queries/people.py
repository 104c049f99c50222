"""The person whose file it is, and where she stands."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.people.models import Person
from couveuse.trainees import policy
from couveuse.trainees.models import Agreement, Path


async def get_trainee(db: AsyncSession, actor: Actor, person_id: int) -> Person:
    """The person, when the actor may open her file."""
    found = await db.scalar(
        sa.select(Person).where(Person.id == person_id, policy.visible_trainees(actor))
    )
    if found is None:
        raise NotVisible
    return found


async def has_file(db: AsyncSession, actor: Actor, person_id: int) -> bool:
    """Whether there is a path or an agreement to show, and the actor may open it."""
    theirs = [sa.exists().where(table.person_id == Person.id) for table in (Path, Agreement)]
    found = await db.scalar(
        sa.select(Person.id).where(
            Person.id == person_id,
            policy.visible_trainees(actor),
            sa.or_(*(one.correlate(Person) for one in theirs)),
        )
    )
    return found is not None


async def find_open_path(db: AsyncSession, person_id: int) -> Path | None:
    """The path under way, with its structure. Load the person through the actor before."""
    return await db.scalar(
        sa.select(Path)
        .where(Path.person_id == person_id, Path.closed_on.is_(None))
        .options(joinedload(Path.structure), joinedload(Path.next_actor))
    )
