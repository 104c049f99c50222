"""Structures take on functions, on one site or everywhere, and lay them down."""

import datetime as dt
from collections.abc import Iterable, Iterator

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.structures.forms import FunctionForm, until
from couveuse.structures.models import Function, Site, Structure, StructureFunction
from couveuse.structures.rules import FUNCTION_NAMES

journal.words(
    {
        "structure.function_added": N_("a noté une fonction : %(what)s"),
        "structure.function_edited": N_("a modifié une fonction : %(what)s"),
        "structure.function_ended": N_("a noté la fin d'une fonction : %(what)s"),
        "structure.function_resumed": N_("a annulé la fin d'une fonction : %(what)s"),
        "structure.function_removed": N_("a retiré une fonction notée par erreur : %(what)s"),
    }
)


@atomic
async def add_function(
    db: AsyncSession, actor: Actor | None, structure: Structure, data: FunctionForm
) -> StructureFunction:
    site = await _site(db, data.site_id)
    _refuse(_date_problems(structure, data))
    held = StructureFunction(
        structure_id=structure.id,
        site_id=site.id if site else None,
        function=data.function,
        during=data.during,
    )
    db.add(held)
    _note(db, actor, "added", held, after=_told(site, data.during))
    return held


@atomic
async def edit_function(
    db: AsyncSession, actor: Actor, held: StructureFunction, data: FunctionForm
) -> None:
    """Needs the structure and the site loaded."""
    before = _told(held.site, held.during)
    site = await _site(db, data.site_id)
    _refuse(_date_problems(held.structure, data))
    held.site_id = site.id if site else None
    held.function, held.during = data.function, data.during
    _note(db, actor, "edited", held, before=before, after=_told(site, data.during))


@atomic
async def end_function(
    db: AsyncSession, actor: Actor, held: StructureFunction, last: dt.date | None
) -> None:
    """Note the last day; without one, the structure goes on. Needs the site loaded."""
    first = held.during.lower
    if first and last and last < first:
        sentence = N_("Cette fonction commence le %(day)s : elle ne peut pas finir avant.")
        raise Refused(Reason("ends_too_early", sentence, {"day": first}, field="ends_on"))
    before = _told(held.site, held.during)
    held.during = until(first, last)
    happened = "ended" if last else "resumed"
    _note(db, actor, happened, held, before=before, after=_told(held.site, held.during))


@atomic
async def remove_function(db: AsyncSession, actor: Actor, held: StructureFunction) -> None:
    """It was noted by mistake: as if it had never been. Needs the site loaded."""
    _note(db, actor, "removed", held, before=_told(held.site, held.during))
    await db.delete(held)


async def _site(db: AsyncSession, site_id: int | None) -> Site | None:
    if site_id is None:
        return None
    site = await db.get(Site, site_id)
    if site is None:
        raise Refused(
            Reason("unknown_site", N_("Choisissez un site de la liste."), field="site_id")
        )
    return site


def _refuse(reasons: Iterable[Reason]) -> None:
    if found := list(reasons):
        raise Refused(*found)


def _date_problems(structure: Structure, data: FunctionForm) -> Iterator[Reason]:
    if structure.joined_on and data.starts_on < structure.joined_on:
        sentence = N_("La structure est entrée le %(day)s. Choisissez ce jour, ou un jour d'après.")
        values = {"day": structure.joined_on}
        yield Reason("before_joining", sentence, values, field="starts_on")
    if structure.left_on and data.starts_on > structure.left_on:
        sentence = N_("La structure est partie le %(day)s. Choisissez un jour d'avant.")
        yield Reason("after_leaving", sentence, {"day": structure.left_on}, field="starts_on")


def _told(site: Site | None, during: Range[dt.date]) -> journal.Spell:
    """Where and when, as the journal keeps it."""
    return journal.Spell(site.name if site else N_("partout"), during)


def _note(
    db: AsyncSession,
    actor: Actor | None,
    happened: str,
    held: StructureFunction,
    *,
    before: journal.Spell | str = "–",
    after: journal.Spell | str = "–",
) -> None:
    label = FUNCTION_NAMES[Function(held.function)]
    what = [journal.changed(label, before, after)]
    journal.record(db, actor, f"structure.function_{happened}", held.structure_id, what=what)
