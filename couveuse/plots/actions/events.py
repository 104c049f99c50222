"""Writing in the passport of a plot: what happened to the land, for whoever comes next."""

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.plots.forms import LandEventForm
from couveuse.plots.models import LandEvent, Plot

TO_COME = N_("Cette date est à venir : le carnet dit ce qui a été fait.")
AFTER_SERVICE = N_("La parcelle n'est plus en service depuis le %(day)s. Choisissez un jour avant.")
PRIVATE_TITLE = N_("note personnelle")


@atomic
async def add_land_event(
    db: AsyncSession, actor: Actor, plot: Plot, data: LandEventForm, document: str | None = None
) -> LandEvent:
    _refuse_other_days(plot, data)
    event = LandEvent(plot_id=plot.id, created_by_id=actor.person_id, created_at=clock.now())
    _write(event, data)
    event.document = document
    db.add(event)
    await db.flush()  # the page needs the id
    journal.record(db, actor, "plot.noted", plot.id, title=_public_title(event))
    return event


@atomic
async def edit_land_event(
    db: AsyncSession,
    actor: Actor,
    plot: Plot,
    event: LandEvent,
    data: LandEventForm,
    document: str | None = None,
) -> LandEvent:
    _refuse_other_days(plot, data)
    _write(event, data)
    event.document = document or event.document
    journal.record(db, actor, "plot.note_edited", plot.id, title=_public_title(event))
    return event


@atomic
async def remove_land_event(db: AsyncSession, actor: Actor, plot: Plot, event: LandEvent) -> None:
    """Take out what was written by mistake; the journal says who did."""
    await db.delete(event)
    journal.record(db, actor, "plot.note_removed", plot.id, title=_public_title(event))


def _write(event: LandEvent, data: LandEventForm) -> None:
    for name, value in data:
        if name != "document":
            setattr(event, name, value)


def _public_title(event: LandEvent) -> str:
    """The journal is read by all who care for the plot: a personal note is not in it."""
    return PRIVATE_TITLE if event.is_personal else event.title


def _refuse_other_days(plot: Plot, data: LandEventForm) -> None:
    """Crops of earlier owners may be older than the plot; nothing is later than today."""
    last = data.ends_on or data.happened_on
    upper = plot.during.upper
    reasons: list[Reason] = []
    if data.happened_on > clock.today():
        reasons.append(Reason("to_come", TO_COME, field="happened_on"))
    if upper and last >= upper:
        reasons.append(Reason("after_service", AFTER_SERVICE, {"day": upper}, field="happened_on"))
    if reasons:
        raise Refused(*reasons)
