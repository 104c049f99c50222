"""Structures and sites."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.structures import policy
from couveuse.structures.models import Site, Structure


async def get_structure(db: AsyncSession, actor: Actor, structure_id: int) -> Structure:
    found = await find_structure(db, actor, structure_id)
    if found is None:
        raise NotVisible
    return found


async def find_structure(db: AsyncSession, actor: Actor, structure_id: int) -> Structure | None:
    return await db.scalar(
        sa.select(Structure).where(Structure.id == structure_id, policy.visible_structures(actor))
    )


async def list_structures(db: AsyncSession, actor: Actor) -> Sequence[Structure]:
    """Members first, then those that left."""
    found = await db.scalars(
        sa.select(Structure)
        .where(policy.visible_structures(actor))
        .order_by(~_is_member(), plain(Structure.name), Structure.id)
    )
    return found.all()


async def list_structures_to_choose(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """Structures that are members today, as the options of a list: id and name."""
    found = await db.scalars(
        sa.select(Structure)
        .where(policy.visible_structures(actor), _is_member())
        .order_by(plain(Structure.name), Structure.id)
    )
    return [(one.id, one.label) for one in found]


def _is_member() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(Structure.left_on >= clock.today(), sa.true())


async def get_site(db: AsyncSession, actor: Actor, site_id: int) -> tuple[Site, Structure]:
    """A site with the structure that runs it."""
    found = await db.execute(
        sa.select(Site, Structure)
        .join(Structure, Structure.id == Site.structure_id)
        .where(Site.id == site_id, policy.visible_sites(actor))
    )
    row = found.one_or_none()
    if row is None:
        raise NotVisible
    return row[0], row[1]


async def list_sites(
    db: AsyncSession, actor: Actor, structure_id: int | None = None
) -> Sequence[Site]:
    """Open sites first; of one structure, or of the whole network."""
    query = sa.select(Site).where(policy.visible_sites(actor))
    if structure_id:
        query = query.where(Site.structure_id == structure_id)
    found = await db.scalars(query.order_by(~_is_open(), plain(Site.name), Site.id))
    return found.all()


async def list_sites_to_choose(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """Open sites as the options of a list: id and name."""
    found = await db.scalars(
        sa.select(Site)
        .where(policy.visible_sites(actor), _is_open())
        .order_by(plain(Site.name), Site.id)
    )
    return [(one.id, one.name) for one in found]


def _is_open() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(Site.closed_on > clock.today(), sa.true())
