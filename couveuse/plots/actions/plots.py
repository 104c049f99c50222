"""Adding plots, changing what is said of them, drawing them, ending their service."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import geo, journal
from couveuse.core.actor import Actor
from couveuse.core.changes import for_journal
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.geo import Outline
from couveuse.core.i18n import N_
from couveuse.plots import describing, queries
from couveuse.plots.actions.apart import lock_outlines, refuse_shared_ground
from couveuse.plots.forms import ParcelShare, PlotFields, PlotForm
from couveuse.plots.models import Plot, PlotParcel
from couveuse.structures.models import LandRight, Site

journal.words(
    {
        "plot.added": N_("a ajouté la parcelle"),
        "plot.edited": N_("a modifié la parcelle : %(changes)s"),
        "plot.drawn": N_("a dessiné le contour (%(area)s m²)"),
        "plot.erased": N_("a effacé le contour"),
        "plot.service_ended": N_("a noté le dernier jour en service : %(day)s"),
        "plot.back_in_service": N_("a annulé la fin de service"),
        "plot.split": N_("a divisé la parcelle le %(day)s : %(parts)s"),
        "plot.made_by_split": N_("a créé la parcelle en divisant %(parent)s le %(day)s"),
        "plot.merged": N_("a réuni la parcelle à d'autres le %(day)s : %(child)s"),
        "plot.made_by_merge": N_("a créé la parcelle en réunissant %(parents)s le %(day)s"),
        "plot.noted": N_("a écrit dans le carnet : %(title)s"),
        "plot.note_edited": N_("a corrigé une ligne du carnet : %(title)s"),
        "plot.note_removed": N_("a retiré du carnet : %(title)s"),
    }
)

UNKNOWN_RIGHT = N_("Ce droit sur la terre n'est pas de ce site. Cochez ceux du site choisi.")
HAS_DESCENDANTS = N_(
    "Cette parcelle a été divisée ou réunie le %(day)s : sa fin de service reste ce jour-là."
)


class SeenBefore(Conflict):
    """Somebody else changed the plot after the form was opened."""

    def __init__(self) -> None:
        sentence = N_(
            "La parcelle a été modifiée entre-temps. Relisez ce qui a changé, puis enregistrez "
            "de nouveau."
        )
        super().__init__(Reason("seen_before", sentence))


@atomic
async def create_plot(
    db: AsyncSession,
    actor: Actor | None,
    site: Site,
    data: PlotFields,
    outline: Outline | None = None,
) -> Plot:
    """Put a plot in service. The outline, when given, has been checked.

    With no right named, the only one in force on the site that day covers it.
    """
    during: Range[dt.date] = Range(data.starts_on, None)
    if outline:
        await lock_outlines(db)
        await refuse_shared_ground(db, outline, during)
    plot = Plot(site_id=site.id, rights=[], parcels=[], during=during)
    plot.site = site
    _write_columns(plot, data)
    _draw(plot, outline)
    db.add(plot)
    write_parcels(plot, data.shares)
    await _write_rights(db, plot, data.rights or await _only_right(db, site, data.starts_on))
    await db.flush()  # the journal needs the id
    journal.record(db, actor, "plot.added", plot.id)
    return plot


@atomic
async def edit_plot(db: AsyncSession, actor: Actor | None, plot: Plot, data: PlotForm) -> Plot:
    """Change what is said of a plot. Raises SeenBefore when somebody did since the form opened."""
    await lock_outlines(db)
    [plot] = await queries.lock_plots(db, [plot.id])
    _refuse_unless_seen(plot, data.seen)
    before = describing.facts_of(plot)
    _write_columns(plot, data)
    await _serve(db, plot, Range(data.starts_on, _upper_after(plot, data.starts_on)))
    write_parcels(plot, data.shares)
    await _write_rights(db, plot, data.rights)
    await db.flush()  # the constraints answer here
    if changes := describing.WORDING.between(before, describing.facts_of(plot)):
        journal.record(db, actor, "plot.edited", plot.id, changes=for_journal(changes))
    return plot


def _upper_after(plot: Plot, starts_on: dt.date) -> dt.date | None:
    upper = plot.during.upper
    if upper and starts_on >= upper:
        sentence = N_("La parcelle finit son service avant. Choisissez un jour plus tôt.")
        raise Refused(Reason("starts_too_late", sentence, field="starts_on"))
    return upper


@atomic
async def redraw_plot(
    db: AsyncSession,
    actor: Actor | None,
    plot: Plot,
    outline: Outline | None,
    seen: str | None = None,
) -> Plot:
    """Give a plot another outline, checked before; None erases it. The declared area stays."""
    await lock_outlines(db)
    [plot] = await queries.lock_plots(db, [plot.id])
    _refuse_unless_seen(plot, seen)
    if plot.outline == outline:
        return plot
    if outline:
        await refuse_shared_ground(db, outline, plot.during, plot)
    _draw(plot, outline)
    await db.flush()  # the constraints answer here
    verb = "plot.drawn" if outline else "plot.erased"
    journal.record(db, actor, verb, plot.id, area=plot.area_m2)
    return plot


@atomic
async def end_service(db: AsyncSession, actor: Actor, plot: Plot, last_day: dt.date | None) -> Plot:
    """Note the last day in service; without a day, the plot stays in service after all."""
    await lock_outlines(db)
    [plot] = await queries.lock_plots(db, [plot.id])
    lower = plot.during.lower
    heirs = await queries.lineage_of(db, actor, plot.id)
    if heirs.children:
        raise Refused(Reason("has_descendants", HAS_DESCENDANTS, {"day": plot.during.upper}))
    if last_day and lower and last_day < lower:
        sentence = N_(
            "La parcelle est entrée en service le %(day)s : elle ne peut pas finir avant."
        )
        raise Refused(Reason("ends_too_early", sentence, {"day": lower}, field="last_day"))
    await _serve(db, plot, Range(lower, last_day + dt.timedelta(days=1) if last_day else None))
    await db.flush()  # claims beyond that day answer here
    verb = "plot.service_ended" if last_day else "plot.back_in_service"
    journal.record(db, actor, verb, plot.id, day=last_day)
    return plot


async def _serve(db: AsyncSession, plot: Plot, during: Range[dt.date]) -> None:
    """Give a plot its days in service; on days that are new to it, its ground must be free."""
    if plot.outline and not plot.during.contains(during):
        await refuse_shared_ground(db, plot.outline, during, plot)
    plot.during = during


def write_parcels(plot: Plot, shares: Iterable[ParcelShare]) -> None:
    """Make the cadastral parcels of a plot these; those that stay keep their row."""
    wanted = {share.reference: share.area_m2 for share in shares}
    kept = {one.reference: one for one in plot.parcels if one.reference in wanted}
    for reference, area in wanted.items():
        one = kept.setdefault(reference, PlotParcel(reference=reference))
        one.area_m2 = area
    plot.parcels = list(kept.values())


def _write_columns(plot: Plot, data: PlotFields) -> None:
    for name in describing.TYPED:
        setattr(plot, name, getattr(data, name))


def _draw(plot: Plot, outline: Outline | None) -> None:
    plot.outline = outline
    plot.area_m2 = geo.area_m2(outline) if outline else None


async def _write_rights(db: AsyncSession, plot: Plot, right_ids: Iterable[int]) -> None:
    wanted = set(right_ids)
    found = await db.scalars(
        sa.select(LandRight)
        .where(LandRight.id.in_(wanted), LandRight.site_id == plot.site_id)
        .order_by(LandRight.id)
    )
    rights = list(found)
    if len(rights) != len(wanted):
        raise Refused(Reason("unknown_right", UNKNOWN_RIGHT, field="rights"))
    plot.rights = rights


async def _only_right(db: AsyncSession, site: Site, day: dt.date) -> list[int]:
    """The right on the land of a site on a day, where there is no choice."""
    found = await db.scalars(
        sa.select(LandRight.id).where(LandRight.site_id == site.id, LandRight.during.contains(day))
    )
    keys = list(found)
    return keys if len(keys) == 1 else []


def _refuse_unless_seen(plot: Plot, seen: str | None) -> None:
    if seen is not None and seen != describing.digest_of(plot):
        raise SeenBefore
