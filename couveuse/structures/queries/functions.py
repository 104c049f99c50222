"""Who does what where, on a day; and what nobody does."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.structures import policy
from couveuse.structures.models import Function, Site, SiteKind, Structure, StructureFunction
from couveuse.structures.queries.structures import list_sites, list_structures


@dataclass(frozen=True, slots=True)
class StructureRow:
    """What one structure does: per function, the functions it holds."""

    structure: Structure
    held: dict[Function, list[StructureFunction]]

    @property
    def does_nothing(self) -> bool:
        return not any(self.held.values())


@dataclass(frozen=True, slots=True)
class SiteRow:
    """Who serves one site: per function, the functions held there or everywhere."""

    site: Site
    owner: Structure | None
    held: dict[Function, list[StructureFunction]]

    @property
    def gaps(self) -> list[Function]:
        return [one for one in Function if self.expects(one) and not self.held[one]]

    def expects(self, function: Function) -> bool:
        """Whoever tests on her future farm has her land already; nobody need lend it."""
        return function != Function.MEANS or self.site.kind != SiteKind.TEMPORARY


@dataclass(frozen=True, slots=True)
class Matrix:
    day: dt.date
    structures: list[StructureRow]
    sites: list[SiteRow]

    @property
    def unheld(self) -> list[Function]:
        """Functions that no structure holds anywhere."""
        return [one for one in Function if not any(row.held[one] for row in self.structures)]

    def count(self, function: Function) -> int:
        """How many structures hold it, wherever."""
        return sum(1 for row in self.structures if row.held[function])

    @property
    def sites_with_gaps(self) -> list[SiteRow]:
        return [row for row in self.sites if row.gaps]


async def who_does_what(db: AsyncSession, actor: Actor, day: dt.date) -> Matrix:
    """Structures that are members on the day and sites that are open, with what is held then."""
    everyone = await list_structures(db, actor)
    members = [one for one in everyone if one.was_member_on(day)]
    sites = [one for one in await list_sites(db, actor) if one.was_open_on(day)]
    held = await _held_on(db, actor, day)
    owners = {one.id: one for one in everyone}
    return Matrix(
        day,
        [
            StructureRow(one, _sorted(h for h in held if h.structure_id == one.id))
            for one in members
        ],
        [
            SiteRow(
                site,
                owners.get(site.structure_id),
                _sorted(h for h in held if h.site_id in (None, site.id)),
            )
            for site in sites
        ],
    )


async def who_serves(db: AsyncSession, actor: Actor, site: Site, day: dt.date) -> SiteRow:
    """One site of the matrix."""
    held = await _held_on(db, actor, day)
    return SiteRow(site, None, _sorted(h for h in held if h.site_id in (None, site.id)))


def _sorted(held: Iterable[StructureFunction]) -> dict[Function, list[StructureFunction]]:
    rows: dict[Function, list[StructureFunction]] = {function: [] for function in Function}
    for one in held:
        rows[Function(one.function)].append(one)
    return rows


async def _held_on(db: AsyncSession, actor: Actor, day: dt.date) -> list[StructureFunction]:
    """A structure that left does nothing any more, whatever was noted."""
    query = _functions(actor).where(StructureFunction.during.contains(day))
    return [one for one in await db.scalars(query) if one.structure.was_member_on(day)]


def _functions(actor: Actor) -> sa.Select[StructureFunction]:
    return (
        sa.select(StructureFunction)
        .join(StructureFunction.structure)
        .where(policy.visible_structures(actor))
        .options(joinedload(StructureFunction.structure), joinedload(StructureFunction.site))
        .order_by(
            plain(Structure.name),
            StructureFunction.site_id.nulls_first(),
            sa.func.lower(StructureFunction.during),
            StructureFunction.id,
        )
    )


async def list_functions(
    db: AsyncSession, actor: Actor, structure_id: int
) -> Sequence[StructureFunction]:
    """What a structure holds, held and will hold: latest first."""
    found = await db.scalars(
        _functions(actor)
        .where(StructureFunction.structure_id == structure_id)
        .order_by(None)
        .order_by(sa.func.lower(StructureFunction.during).desc(), StructureFunction.id)
    )
    return found.all()


async def get_function(db: AsyncSession, actor: Actor, function_id: int) -> StructureFunction:
    found = await db.scalar(
        _functions(actor)
        .where(StructureFunction.id == function_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found
