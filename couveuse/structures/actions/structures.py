"""Structures join, change and leave; sites open, change and close. Nothing is deleted."""

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.objections import Objections
from couveuse.structures.forms import SiteForm, StructureForm
from couveuse.structures.models import Site, Structure
from couveuse.structures.queries import what_rests_on_site

journal.words(
    {
        "structure.added": N_("a ajouté la structure"),
        # Written from the command line, and read in the pages.
        "structure.imported": N_("a ajouté la structure en important « %(file)s »"),
        "structure.changed_by_import": N_("a modifié en important « %(file)s » : %(changes)s"),
        "structure.edited": N_("a modifié la structure"),
        "structure.left": N_("a noté la fin de l'adhésion"),
        "structure.came_back": N_("a annulé la fin de l'adhésion"),
        "site.added": N_("a ajouté le site"),
        "site.edited": N_("a modifié le site"),
        "site.closed": N_("a noté la fermeture du site"),
        "site.reopened": N_("a annulé la fermeture du site"),
    }
)

other_clocks = Objections[Site]()
"""Heard before a site gets another local time."""


@atomic
async def add_structure(db: AsyncSession, actor: Actor | None, data: StructureForm) -> Structure:
    structure = Structure(**data.model_dump())
    db.add(structure)
    await db.flush()  # the journal needs the id
    journal.record(db, actor, "structure.added", structure.id)
    return structure


@atomic
async def edit_structure(
    db: AsyncSession, actor: Actor, structure: Structure, data: StructureForm
) -> Structure:
    if data.joined_on and structure.left_on and data.joined_on > structure.left_on:
        sentence = N_("La structure est partie le %(day)s : elle ne peut pas entrer après.")
        reason = Reason("joins_too_late", sentence, {"day": structure.left_on}, field="joined_on")
        raise Refused(reason)
    _write(structure, data)
    journal.record(db, actor, "structure.edited", structure.id)
    return structure


@atomic
async def leave(
    db: AsyncSession, actor: Actor, structure: Structure, left_on: dt.date | None
) -> Structure:
    """Note the last day as a member; without a day, the structure stays after all."""
    if left_on and structure.joined_on and left_on < structure.joined_on:
        sentence = N_("La structure est entrée le %(day)s : elle ne peut pas partir avant.")
        reason = Reason("leaves_too_early", sentence, {"day": structure.joined_on}, field="left_on")
        raise Refused(reason)
    structure.left_on = left_on
    verb = "structure.left" if left_on else "structure.came_back"
    journal.record(db, actor, verb, structure.id)
    return structure


@atomic
async def add_site(
    db: AsyncSession, actor: Actor | None, structure: Structure, data: SiteForm
) -> Site:
    site = Site(structure_id=structure.id, **data.model_dump())
    db.add(site)
    await db.flush()  # the journal needs the id
    journal.record(db, actor, "site.added", site.id)
    return site


@atomic
async def edit_site(db: AsyncSession, actor: Actor, site: Site, data: SiteForm) -> Site:
    if data.time_zone != site.time_zone:
        await other_clocks.hear(db, site)
    _write(site, data)
    journal.record(db, actor, "site.edited", site.id)
    return site


@atomic
async def close_site(db: AsyncSession, actor: Actor, site: Site, closed_on: dt.date | None) -> Site:
    """Note the day of closing; without a day, the site stays open after all."""
    if closed_on:
        resting = await what_rests_on_site(db, site, closed_on)
        if reasons := [one.reason() for one in resting if one.objection]:
            raise Refused(*reasons)
    site.closed_on = closed_on
    journal.record(db, actor, "site.closed" if closed_on else "site.reopened", site.id)
    return site


def _write(record: Structure | Site, data: StructureForm | SiteForm) -> None:
    for name, value in data:
        setattr(record, name, value)
