"""Rights on land: recorded, changed, renewed. The law's limits come from the dated table."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotVisible, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.structures.forms import LandRightForm, NewLandRightForm, RenewalForm, until
from couveuse.structures.models import LandForm, LandRight, Site, Structure
from couveuse.structures.queries import form_on, list_land_forms
from couveuse.structures.rules import land_right_problems

journal.words(
    {
        "land_right.recorded": N_("a noté ce droit sur la terre"),
        "land_right.edited": N_("a modifié ce droit sur la terre"),
        "land_right.renewed": N_("a renouvelé ce droit jusqu'au %(last)s"),
        "structure.land_right_recorded": N_("a noté un droit sur la terre : %(site)s"),
        "structure.land_right_removed": N_(
            "a retiré un droit sur la terre noté par erreur : %(site)s"
        ),
    }
)


@atomic
async def record_land_right(
    db: AsyncSession,
    actor: Actor | None,
    structure: Structure,
    data: NewLandRightForm,
    document: str | None = None,
) -> LandRight:
    """``document`` is the name of a stored file."""
    site = await db.get(Site, data.site_id)
    if site is None:
        raise Refused(
            Reason("unknown_site", N_("Choisissez un site de la liste."), field="site_id")
        )
    right = LandRight(structure_id=structure.id, site_id=site.id, document=document)
    await _write(db, right, data)
    db.add(right)
    await db.flush()  # the journal needs the id
    journal.record(db, actor, "land_right.recorded", right.id)
    journal.record(db, actor, "structure.land_right_recorded", structure.id, site=site.name)
    return right


@atomic
async def edit_land_right(
    db: AsyncSession,
    actor: Actor,
    right: LandRight,
    data: LandRightForm,
    document: str | None = None,
) -> None:
    """The ground stays the same. Without a new document, the one on file stays unless removed."""
    await _hold(db, right)
    await _write(db, right, data)
    if document or data.remove_document:
        right.document = document
    journal.record(db, actor, "land_right.edited", right.id)


@atomic
async def renew_land_right(
    db: AsyncSession, actor: Actor, right: LandRight, data: RenewalForm
) -> None:
    """One renewal more, until a later last day."""
    await _hold(db, right)
    first, last = right.during.lower, right.last_day
    if last is None or data.ends_on <= last:
        raise Refused(_not_longer(last))
    renewed = LandRightForm(
        starts_on=first,  # type: ignore[arg-type]  # the database keeps no right without a start
        ends_on=data.ends_on,
        form=right.form,
        renewals=right.renewals + 1,
        yearly_fee=right.yearly_fee,
    )
    await _check(db, renewed)
    right.during, right.renewals = until(first, data.ends_on), renewed.renewals
    journal.record(db, actor, "land_right.renewed", right.id, last=data.ends_on)


@atomic
async def remove_land_right(db: AsyncSession, actor: Actor, right: LandRight) -> None:
    """It was noted by mistake. Refused when plots rest on it. Needs the site loaded."""
    site = right.site.name
    await db.delete(right)
    journal.record(db, actor, "structure.land_right_removed", right.structure_id, site=site)


def _not_longer(last: dt.date | None) -> Reason:
    if last is None:
        sentence = N_("Ce droit n'a pas de fin : il n'y a rien à renouveler.")
        return Reason("no_end", sentence, field="ends_on")
    sentence = N_("Ce droit va déjà jusqu'au %(day)s. Choisissez un jour d'après.")
    return Reason("not_longer", sentence, {"day": last}, field="ends_on")


async def _hold(db: AsyncSession, right: LandRight) -> None:
    """Who changes the same right waits, and then sees what was changed."""
    held = sa.select(LandRight).where(LandRight.id == right.id).with_for_update(key_share=True)
    if await db.scalar(held.execution_options(populate_existing=True)) is None:
        raise NotVisible


async def _write(db: AsyncSession, right: LandRight, data: LandRightForm) -> None:
    form = await _check(db, data)
    right.form, right.during = form.code, data.during
    right.renewals, right.conditions = data.renewals, data.conditions
    right.owner_name, right.owner_contact = data.owner_name, data.owner_contact
    # Somebody who types 0 for a free loan means that nothing is paid.
    right.yearly_fee = data.yearly_fee if form.allows_fee else data.yearly_fee or None


async def _check(db: AsyncSession, data: LandRightForm) -> LandForm:
    """The form as the law knew it on the first day; raises Refused with every reason."""
    form = form_on(await list_land_forms(db), data.form, data.starts_on)
    if form is None:
        raise Refused(Reason("unknown_form", N_("Choisissez une forme de la liste."), field="form"))
    reasons = land_right_problems(
        form, data.starts_on, data.ends_on, data.renewals, data.yearly_fee or None
    )
    if found := list(reasons):
        raise Refused(*found)
    return form
