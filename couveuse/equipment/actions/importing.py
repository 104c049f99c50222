"""Importing items from a spreadsheet: the plan beside the database, then the plan carried out."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.columns import CellProblem, ignored_titles, titles_of
from couveuse.core.db import atomic
from couveuse.core.i18n import N_
from couveuse.core.plans import Outcome, PlanChanged, RowsToCorrect, Summary, summary_of
from couveuse.core.sheets import read_sheet
from couveuse.equipment import claims, consequences, describing
from couveuse.equipment.actions.items import lock_catalogue
from couveuse.equipment.catalogue import list_whole_items
from couveuse.equipment.consequences import Prospect
from couveuse.equipment.importing import (
    ItemPlan,
    Known,
    Place,
    Places,
    PlannedItem,
    Source,
    name_key,
    plan_rows,
    whole_plan,
    with_problems,
)
from couveuse.equipment.inventory import COLUMNS, KNOWN, read_items
from couveuse.equipment.models import Item, item_companion, item_requirement
from couveuse.people.models import Membership, Person, Qualification
from couveuse.structures.actions import add_site, add_structure
from couveuse.structures.forms import SiteForm, StructureForm
from couveuse.structures.models import Site, Structure

journal.words(
    {
        "item.imported": N_("a ajouté le matériel en important « %(file)s »"),
        "item.changed_by_import": N_("a modifié en important « %(file)s » : %(changes)s"),
    }
)

COLUMN_OF = {"capacity": "units", "site_id": "site_name", "audience": "structure_name"}
"""Where the file says what a reason is about."""
NOT_YET = -1
"""Stands for the id of what the import itself will create."""


async def plan_import(db: AsyncSession, data: bytes, filename: str) -> ItemPlan:
    """What the file would do. Raises SheetProblem when it cannot be read at all."""
    return await _plan(db, await asyncio.to_thread(_read, data, filename))


def _read(data: bytes, filename: str) -> Source:
    sheet = read_sheet(data, filename, KNOWN)
    return Source(
        rows=tuple(read_items(sheet)),
        titles=titles_of(sheet, COLUMNS),
        ignored=tuple(ignored_titles(sheet, COLUMNS)),
        filename=filename,
    )


async def _plan(db: AsyncSession, source: Source) -> ItemPlan:
    known = await _known(db)
    planned = plan_rows(source, known)
    checked = [await _beside_bookings(db, row, known, source.titles) for row in planned]
    return whole_plan(source, checked, known)


async def _known(db: AsyncSession) -> Known:
    items = await list_whole_items(db, sa.true(), again=True)
    structures = {
        one.id: (Place(one.id, one.label, one.is_member), (one.name, one.short_name))
        for one in await db.scalars(sa.select(Structure).order_by(Structure.id))
    }
    sites = [
        (Place(one.id, one.name, one.is_open, structures[one.structure_id][0], one.time_zone),
         (one.name,))
        for one in await db.scalars(sa.select(Site).order_by(Site.id))
    ]  # fmt: skip
    names = await db.scalars(sa.select(Qualification.name))
    return Known(
        items={item.code.lower(): item for item in items},
        structures=Places(structures.values()),
        sites=Places(sites),
        people=Places(await _people(db)),
        qualifications={name_key(name): name for name in names},
    )


async def _people(db: AsyncSession) -> list[tuple[Place, Sequence[str | None]]]:
    members = sa.select(Membership.person_id).where(Membership.during.contains(clock.today()))
    every = sa.select(Person, Person.id.in_(members)).order_by(Person.id)
    return [
        (
            Place(one.id, one.name, is_member),
            (one.email, one.name, f"{one.family_name} {one.given_name}"),
        )
        for one, is_member in await db.execute(every)
    ]


async def _beside_bookings(
    db: AsyncSession, row: PlannedItem, known: Known, titles: Mapping[str, str]
) -> PlannedItem:
    """The bookings to come that a change would upset are problems of its row."""
    if row.item is None or row.outcome != Outcome.CHANGE:
        return row
    reasons = await consequences.reasons_against(db, row.item, _prospect(row, row.item, known))
    return with_problems(
        row,
        (
            CellProblem(
                row.number,
                titles[COLUMN_OF.get(reason.field or "", reason.field or "code")],
                reason.message,
                reason.values,
            )
            for reason in reasons
        ),
    )


def _prospect(row: PlannedItem, item: Item, known: Known) -> Prospect:
    present = consequences.prospect_of(item)
    codes = row.facts.get("companions")
    found = [known.items.get(code.lower()) for code in codes or ()]
    return Prospect(
        capacity=row.facts.get("capacity", present.capacity),
        zone=row.site.zone if row.site else present.zone,
        companion_ids=present.companion_ids
        if codes is None
        else frozenset(one.id for one in found if one),
        structure_id=(row.structure.id or NOT_YET) if row.structure else present.structure_id,
        audience=present.audience,
    )


# ---------------------------------------------------------------- carrying it out


@atomic
async def apply_import(
    db: AsyncSession, actor: Actor | None, plan: ItemPlan, *, only_good_rows: bool = False
) -> Summary:
    """Do what the plan says. Raises PlanChanged, with a new plan, when it would now do otherwise.

    While rows have problems nothing is written, unless only the good ones are asked for.
    """
    await lock_catalogue(db)
    await claims.lock_items(db, [row.item.id for row in plan.items if row.item])
    plan = await _same_plan(db, plan)
    if plan.has_problems and not only_good_rows:
        raise RowsToCorrect
    await _carry_out(db, actor, plan)
    return summary_of(plan)


async def _same_plan(db: AsyncSession, plan: ItemPlan) -> ItemPlan:
    fresh = await _plan(db, plan.source)
    if fresh.digest != plan.digest:
        raise PlanChanged(fresh)
    return fresh


async def _carry_out(db: AsyncSession, actor: Actor | None, plan: ItemPlan) -> None:
    rows = [row for row in plan.items if row.outcome in (Outcome.CREATE, Outcome.CHANGE)]
    structures = await _add_structures(db, actor, plan.structures)
    sites = await _add_sites(db, actor, plan.sites, structures)
    written = [await _write(db, row, structures, sites) for row in rows]
    await db.flush()  # new items have their ids now
    await _write_companions(db, rows, written)
    await _write_requirements(db, rows, written)
    for row, item in zip(rows, written, strict=True):
        _tell(db, actor, row, item, plan.source.filename)


async def _add_structures(
    db: AsyncSession, actor: Actor | None, places: Iterable[Place]
) -> dict[str, Structure]:
    return {
        place.label: await add_structure(db, actor, StructureForm(name=place.label))
        for place in places
    }


async def _add_sites(
    db: AsyncSession,
    actor: Actor | None,
    places: Iterable[Place],
    structures: Mapping[str, Structure],
) -> dict[str, Site]:
    made: dict[str, Site] = {}
    for place in places:
        assert place.owner is not None  # noqa: S101, the plan gives each new site its structure
        owner = structures.get(place.owner.label) or await db.get_one(Structure, place.owner.id)
        made[place.label] = await add_site(db, actor, owner, SiteForm(name=place.label))
    return made


async def _write(
    db: AsyncSession,
    row: PlannedItem,
    structures: Mapping[str, Structure],
    sites: Mapping[str, Site],
) -> Item:
    item = row.item or Item(code=row.code)
    has_other_units = row.item is not None and row.facts.get("capacity", 0) not in (
        0,
        item.capacity,
    )
    for name in describing.COLUMNS:
        if name in row.facts:
            setattr(item, name, row.facts[name])
    if row.structure:
        item.structure_id = row.structure.id or structures[row.structure.label].id
    if row.site:
        item.site_id = row.site.id or sites[row.site.label].id
    if row.manager:
        item.manager_id = row.manager.id
    if row.deputy:
        item.deputy_id = row.deputy.id
    db.add(item)
    if has_other_units:
        await claims.fit_outages(db, item)
    return item


async def _write_companions(
    db: AsyncSession, rows: Sequence[PlannedItem], written: Sequence[Item]
) -> None:
    wanted = {
        item.id: row.facts["companions"]
        for row, item in zip(rows, written, strict=True)
        if "companions" in row.facts
    }
    codes = (await db.execute(sa.select(Item.code, Item.id))).all()
    ids = {code.lower(): key for code, key in codes}
    links = [
        {"item_id": key, "companion_id": ids[code.lower()], "position": place}
        for key, companions in wanted.items()
        for place, code in enumerate(companions)
    ]
    await db.execute(sa.delete(item_companion).where(item_companion.c.item_id.in_(wanted)))
    if links:
        await db.execute(sa.insert(item_companion), links)


async def _write_requirements(
    db: AsyncSession, rows: Sequence[PlannedItem], written: Sequence[Item]
) -> None:
    wanted = {
        item.id: row.facts["requirements"]
        for row, item in zip(rows, written, strict=True)
        if "requirements" in row.facts
    }
    ids = await _qualification_ids(db, {name for names in wanted.values() for name in names})
    links = [
        {"item_id": key, "qualification_id": ids[name_key(name)]}
        for key, names in wanted.items()
        for name in names
    ]
    await db.execute(sa.delete(item_requirement).where(item_requirement.c.item_id.in_(wanted)))
    if links:
        await db.execute(sa.insert(item_requirement), links)


async def _qualification_ids(db: AsyncSession, names: Iterable[str]) -> dict[str, int]:
    """The ids of qualifications by the key of their name; made when new."""
    if rows := [{"name": name} for name in sorted(names)]:
        await db.execute(insert(Qualification).values(rows).on_conflict_do_nothing())
    found = (await db.execute(sa.select(Qualification.name, Qualification.id))).all()
    return {name_key(name): key for name, key in found}


def _tell(
    db: AsyncSession, actor: Actor | None, row: PlannedItem, item: Item, filename: str
) -> None:
    if row.item is None:
        journal.record(db, actor, "item.imported", item.id, file=filename)
        return
    changes = [{"label": one.label, "before": one.was, "after": one.becomes} for one in row.changes]
    journal.record(db, actor, "item.changed_by_import", item.id, file=filename, changes=changes)
