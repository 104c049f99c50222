"""Reads of item management: the whole item, and what it may refer to."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.files import StoredFile
from couveuse.core.sheets import fold
from couveuse.core.words import plain
from couveuse.equipment import policy
from couveuse.equipment.models import Item
from couveuse.people.queries import list_people_to_choose, list_qualifications
from couveuse.structures.queries import list_sites_to_choose, list_structures_to_choose

Pairs = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers, and all that it accepts."""

    sites: Pairs
    structures: Pairs
    people: Pairs
    companions: Pairs
    categories: Sequence[str]
    qualifications: Sequence[str]


async def list_choices(db: AsyncSession, actor: Actor, item: Item | None) -> Choices:
    """What may be chosen; what the item has already may stay, even closed or gone."""
    people = await list_people_to_choose(db, actor)
    structures = [
        pair
        for pair in await list_structures_to_choose(db, actor)
        if policy.can_add_item_for(actor, pair[0])
    ]
    sites = await list_sites_to_choose(db, actor)
    if item:
        _keep(sites, item.site_id, item.site.name)
        _keep(structures, item.structure_id, item.structure.label)
        for person in (item.manager, item.deputy):
            if person:
                _keep(people, person.id, person.name)
    return Choices(
        sites=sites,
        structures=structures,
        people=people,
        companions=await _companions(db, actor, item),
        categories=sorted(await db.scalars(sa.select(Item.category).distinct()), key=fold),
        qualifications=[one.name for one in await list_qualifications(db)],
    )


def _keep(pairs: Pairs, key: int, text: str) -> None:
    if all(key != known for known, _ in pairs):
        pairs.append((key, text))


async def _companions(db: AsyncSession, actor: Actor, item: Item | None) -> Pairs:
    """Items that may go with this one: those at hand first, those of one's structures first."""
    near = Item.structure_id.not_in(sorted(actor.structure_ids))
    order = [Item.site_id != item.site_id, Item.structure_id != item.structure_id] if item else []
    rows = await db.execute(
        sa.select(Item.id, Item.code, Item.name)
        .where(policy.visible_items(actor), Item.retired_on.is_(None))
        .order_by(*order, near, plain(Item.category), plain(Item.name), Item.id)
    )
    own = item.id if item else None
    pairs = [(key, f"{name} ({code})") for key, code, name in rows if key != own]
    for one in item.companions if item else ():
        _keep(pairs, one.id, f"{one.name} ({one.code})")
    return pairs


async def list_whole_items(
    db: AsyncSession, chosen: sa.ColumnElement[bool], *, again: bool = False
) -> Sequence[Item]:
    """Items with everything they refer to. ``again`` reads anew what the session holds already."""
    statement = sa.select(Item).where(chosen).order_by(Item.id)
    to_one = (Item.site, Item.structure, Item.manager, Item.deputy)
    items = await db.scalars(
        statement.options(*(joinedload(one) for one in to_one)).execution_options(
            populate_existing=again
        )
    )
    whole = items.all()
    # Apart: read anew together with its item, a companion would lose its own site and structure.
    lists = (selectinload(Item.companions), selectinload(Item.requirements))
    await db.scalars(statement.options(*lists))
    return whole


async def read_again(db: AsyncSession, item: Item) -> Item:
    """The item as it stands in the database now."""
    return (await list_whole_items(db, Item.id == item.id, again=True))[0]


async def list_dependents(db: AsyncSession, item: Item) -> Sequence[Item]:
    """Items in service that go with this one."""
    return (
        await db.scalars(
            sa.select(Item)
            .where(Item.companions.any(Item.id == item.id), Item.retired_on.is_(None))
            .order_by(plain(Item.name), Item.id)
        )
    ).all()


async def get_photo(db: AsyncSession, actor: Actor, sha256: str) -> StoredFile:
    """The photo of an item that the actor sees. Raises NotVisible for any other file."""
    shown = sa.exists().where(Item.photo == StoredFile.sha256, policy.visible_items(actor))
    found = await db.scalar(sa.select(StoredFile).where(StoredFile.sha256 == sha256, shown))
    if found is None:
        raise NotVisible
    return found
