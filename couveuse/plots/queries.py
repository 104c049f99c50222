"""Reads of plots and of what happened to their land. Visibility is part of each."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.files import StoredFile
from couveuse.core.i18n import N_, gettext
from couveuse.core.prepared import Prepared
from couveuse.core.words import plain
from couveuse.plots import policy
from couveuse.plots.models import LandEvent, LandEventKind, Plot, PlotLineage
from couveuse.plots.rotation import Grown
from couveuse.structures.models import LandRight, Site, Structure
from couveuse.structures.policy import visible_sites


class MapRow(NamedTuple):
    """What a map shows of a plot."""

    id: int
    code: str
    name: str | None
    outline: dict[str, Any] | None
    site: str


WHOLE = (joinedload(Plot.site), selectinload(Plot.rights), selectinload(Plot.parcels))


async def get_plot(db: AsyncSession, actor: Actor, plot_id: int) -> Plot:
    """A plot with its site, rights and cadastral parcels."""
    found = await db.scalar(
        sa.select(Plot).where(Plot.id == plot_id, policy.visible_plots(actor)).options(*WHOLE)
    )
    if found is None:
        raise NotVisible
    return found


async def list_plots(db: AsyncSession, actor: Actor) -> Sequence[Plot]:
    """Every plot, in service or not, with its site, by site and code."""
    found = await db.scalars(
        sa.select(Plot)
        .join(Site, Site.id == Plot.site_id)
        .where(policy.visible_plots(actor))
        .options(*WHOLE)
        .order_by(plain(Site.name), Site.id, plain(Plot.code), Plot.id)
    )
    return found.all()


_TO_CHOOSE = Prepared(
    sa.select(Plot.id, Plot.code, Plot.name)
    .where(Plot.during.op("@>")(sa.bindparam("day", type_=sa.Date)))
    .order_by(Plot.code)
)


async def list_plots_to_choose(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """Plots in service today as the options of a list: id, code and name."""
    if not policy.can_see_plots(actor):
        return []
    rows = await _TO_CHOOSE.all(db, day=clock.today())
    return [(key, f"{code} · {name}" if name else code) for key, code, name in rows]


async def list_plots_for_map(
    db: AsyncSession, actor: Actor, day: dt.date, site_id: int | None = None
) -> list[MapRow]:
    """Plots that are in service on the day and have an outline."""
    query = (
        sa.select(Plot.id, Plot.code, Plot.name, Plot.outline, Site.name)
        .join(Site, Site.id == Plot.site_id)
        .where(policy.visible_plots(actor), Plot.outline.is_not(None), Plot.during.contains(day))
        .order_by(Plot.id)
    )
    if site_id:
        query = query.where(Plot.site_id == site_id)
    return [MapRow(*row) for row in await db.execute(query)]


async def list_sites_for_plots(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """Sites on which the actor may add a plot, as the options of a list."""
    rows = await db.execute(
        sa.select(Site.id, Site.name, Site.structure_id)
        .where(visible_sites(actor), Site.closed_on.is_(None))
        .order_by(plain(Site.name), Site.id)
    )
    return [
        (key, name)
        for key, name, structure_id in rows
        if policy.can_add_plot_for(actor, structure_id)
    ]


async def find_site(db: AsyncSession, actor: Actor, site_id: int) -> Site | None:
    return await db.scalar(sa.select(Site).where(Site.id == site_id, visible_sites(actor)))


async def list_rights_on(db: AsyncSession, site_ids: Collection[int]) -> Sequence[LandRight]:
    """What may let the plots of these sites be lent, the latest first; with its structure."""
    found = await db.scalars(
        sa.select(LandRight)
        .join(Structure, Structure.id == LandRight.structure_id)
        .where(LandRight.site_id.in_(site_ids))
        .options(joinedload(LandRight.structure))
        .order_by(sa.func.lower(LandRight.during).desc(), LandRight.id)
    )
    return found.all()


# ---------------------------------------------------------------- lineage


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a plot comes from and what became of it, one step each way."""

    parents: Sequence[Plot]
    children: Sequence[Plot]


async def lineage_of(db: AsyncSession, actor: Actor, plot_id: int) -> Lineage:
    return Lineage(
        parents=await _relatives(db, actor, PlotLineage.parent_id, PlotLineage.child_id, plot_id),
        children=await _relatives(db, actor, PlotLineage.child_id, PlotLineage.parent_id, plot_id),
    )


async def _relatives(
    db: AsyncSession,
    actor: Actor,
    wanted: InstrumentedAttribute[int],
    known: InstrumentedAttribute[int],
    plot_id: int,
) -> Sequence[Plot]:
    found = await db.scalars(
        sa.select(Plot)
        .join(PlotLineage, wanted == Plot.id)
        .where(known == plot_id, policy.visible_plots(actor))
        .order_by(plain(Plot.code), Plot.id)
    )
    return found.all()


async def divided_on(db: AsyncSession, plot_ids: Collection[int]) -> dict[int, dt.date]:
    """From when those of the plots that were split or merged are others."""
    rows = await db.execute(
        sa.select(PlotLineage.parent_id, PlotLineage.happened_on)
        .where(PlotLineage.parent_id.in_(plot_ids))
        .distinct()
    )
    return {row.parent_id: row.happened_on for row in rows}


def ground_of(plot_id: int) -> sa.Select[int]:
    """The ids of a plot and of all that it came from: the same ground, further back."""
    start = sa.select(sa.literal(plot_id, sa.BigInteger).label("id")).cte("ground", recursive=True)
    further = sa.select(PlotLineage.parent_id).join(start, PlotLineage.child_id == start.c.id)
    return sa.select(start.union(further).c.id)


# ---------------------------------------------------------------- passport


async def list_land_events(
    db: AsyncSession,
    actor: Actor,
    plot_id: int,
    *,
    kinds: Collection[str] = (),
    limit: int | None = None,
) -> Sequence[sa.Row[LandEvent, str]]:
    """What happened to the ground of a plot, newest first, with the code it had then."""
    query = (
        sa.select(LandEvent, Plot.code)
        .join(Plot, Plot.id == LandEvent.plot_id)
        .where(
            LandEvent.plot_id.in_(ground_of(plot_id)),
            policy.visible_plots(actor),
            policy.visible_land_events(actor),
        )
        .order_by(LandEvent.happened_on.desc(), LandEvent.id.desc())
        .limit(limit)
    )
    if kinds:
        query = query.where(LandEvent.kind.in_(kinds))
    return (await db.execute(query)).all()


async def get_land_event(db: AsyncSession, actor: Actor, event_id: int) -> LandEvent:
    found = await db.scalar(
        sa.select(LandEvent).where(LandEvent.id == event_id, policy.visible_land_events(actor))
    )
    if found is None:
        raise NotVisible
    return found


async def get_document(db: AsyncSession, actor: Actor, sha256: str) -> StoredFile:
    """The paper of a line that the actor sees. Raises NotVisible for any other file."""
    shown = sa.exists().where(
        LandEvent.document == StoredFile.sha256, policy.visible_land_events(actor)
    )
    found = await db.scalar(sa.select(StoredFile).where(StoredFile.sha256 == sha256, shown))
    if found is None:
        raise NotVisible
    return found


async def is_held_by(db: AsyncSession, plot_id: int, person_id: int, day: dt.date) -> bool:
    """Whether somebody has a stay on the plot that day."""
    during = sa.column("during", DATERANGE)
    held = (
        sa.select(sa.column("plot_id"))
        .select_from(sa.text("plot_period JOIN stay_person USING (stay_id)"))
        .where(
            sa.column("plot_id") == plot_id,
            sa.column("person_id") == person_id,
            sa.column("kind") == "stay",
            during.contains(day),
        )
    )
    return bool(await db.scalar(sa.select(held.exists())))


async def list_grown(db: AsyncSession, actor: Actor, plot_id: int) -> list[Grown]:
    """The crops and covers that the ground carried, whoever grew them.

    Of what somebody wrote for themselves, others learn the family alone: the land remembers it.
    """
    rows = await db.execute(
        sa.select(
            LandEvent.family,
            sa.case(
                (
                    policy.visible_land_events(actor),
                    sa.func.coalesce(LandEvent.crop, LandEvent.title),
                )
            ),
            sa.func.coalesce(LandEvent.ends_on, LandEvent.happened_on),
            LandEvent.happened_on,
            sa.case((LandEvent.plot_id != plot_id, Plot.code)),
            LandEvent.ends_on.is_not(None),
        )
        .join(Plot, Plot.id == LandEvent.plot_id)
        .where(
            LandEvent.plot_id.in_(ground_of(plot_id)),
            LandEvent.kind.in_((LandEventKind.CROP, LandEventKind.COVER)),
            LandEvent.family.is_not(None),
        )
    )
    return [
        Grown(family, crop or gettext(N_("culture")), until, since, plot, has_end)
        for family, crop, until, since, plot, has_end in rows
        if family
    ]


async def lock_plots(db: AsyncSession, plot_ids: Collection[int]) -> list[Plot]:
    """The plots as they stand now, whole, held until the end of the transaction, by id.

    Nothing that only refers to them waits (FOR NO KEY UPDATE).
    """
    found = await db.scalars(
        sa.select(Plot)
        .where(Plot.id.in_(plot_ids))
        .options(joinedload(Plot.site, innerjoin=True), *WHOLE[1:])
        .order_by(Plot.id)
        .with_for_update(of=Plot, key_share=True)
        .execution_options(populate_existing=True)
    )
    plots = list(found.unique())
    if len(plots) != len(set(plot_ids)):
        raise NotVisible
    return plots
