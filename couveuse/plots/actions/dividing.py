"""Splitting and merging plots on a day, with their lineage.

Claims on the plots are the matter of the slice above: it ends those that reach beyond the day,
calls these, and lets the claims go on upon the new plots, all in one transaction.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import geo, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.plots import queries
from couveuse.plots.actions.plots import write_parcels
from couveuse.plots.describing import shares_of
from couveuse.plots.dividing import merge_problems, shared_out, split_problems
from couveuse.plots.forms import ParcelShare
from couveuse.plots.models import LineageKind, Plot, PlotLineage
from couveuse.plots.split_forms import Part

INHERITED = (
    "soil",
    "water",
    "has_water",
    "has_power",
    "has_fence",
    "access",
    "forbidden",
    "insee_code",
    "conversion_on",
    "certifier",
    "certified_until",
    "bed_length_m",
    "bed_width_m",
)

UNSOUND_SLICE = N_(
    "Le contour de %(plot)s ne se coupe pas bien pour « %(code)s » : sa tranche est trop mince, ou "
    "tordue. Changez sa surface ou l'ordre des morceaux, ou redessinez d'abord %(plot)s."
)


@atomic
async def split_plot(
    db: AsyncSession, actor: Actor | None, plot: Plot, on: dt.date, parts: Sequence[Part]
) -> list[Plot]:
    """End a plot the day before and begin its parts that day, as large together as it was.

    They inherit its land: soil, water, rights, cadastral parcels, organic date. Where no part was
    drawn, each gets a slice of the outline; where nothing was said of cultivable ground, its share.
    Raises Refused with every reason; a claim that reaches beyond the day is one.
    """
    [plot] = await queries.lock_plots(db, [plot.id])
    if reasons := split_problems(plot, on, parts, await queries.divided_on(db, [plot.id])):
        raise Refused(*reasons)
    parts = _drawn(plot, _cultivable(plot, parts))
    upper = plot.during.upper
    plot.during = Range(plot.during.lower, on)
    await db.flush()  # claims beyond that day answer here
    children = [_part_of(plot, part, Range(on, upper)) for part in parts]
    db.add_all(children)
    await db.flush()  # the lineage needs their ids
    _descend(db, LineageKind.SPLIT, on, [plot], children)
    codes = ", ".join(child.code for child in children)
    journal.record(db, actor, "plot.split", plot.id, day=on, parts=codes)
    for child in children:
        journal.record(db, actor, "plot.made_by_split", child.id, day=on, parent=plot.code)
    return children


def _drawn(plot: Plot, parts: Sequence[Part]) -> Sequence[Part]:
    if not plot.outline or any(part.outline for part in parts):
        return parts
    slices = geo.cut(plot.outline, [float(part.size_m2) for part in parts])
    pairs = list(zip(parts, slices, strict=True))
    if unsound := [_unsound(plot, part) for part, outline in pairs if outline is None]:
        raise Refused(*unsound)
    return [part.model_copy(update={"outline": outline}) for part, outline in pairs]


def _unsound(plot: Plot, part: Part) -> Reason:
    values = {"code": part.code, "plot": plot.code}
    return Reason("unsound_slice", UNSOUND_SLICE, values, field=f"size_{part.line}")


def _cultivable(plot: Plot, parts: Sequence[Part]) -> Sequence[Part]:
    """What was said; where nothing was, each part's share of the whole."""
    if plot.cultivable_m2 is None or any(part.cultivable_m2 is not None for part in parts):
        return parts
    shares = shared_out(plot.cultivable_m2, [part.size_m2 for part in parts])
    return [
        part.model_copy(update={"cultivable_m2": share})
        for part, share in zip(parts, shares, strict=True)
    ]


def _part_of(plot: Plot, part: Part, during: Range[dt.date]) -> Plot:
    child = Plot(
        code=part.code,
        name=part.name,
        during=during,
        declared_m2=part.size_m2,
        covered_m2=part.covered_m2 or Decimal(0),
        cultivable_m2=part.cultivable_m2,
        tunnels=part.tunnels,
        beds=part.beds,
        outline=part.outline,
        area_m2=geo.area_m2(part.outline) if part.outline else None,
        features=list(plot.features),
        **{name: getattr(plot, name) for name in INHERITED},
    )
    _settle(child, plot, plot.rights, [ParcelShare(one.reference, None) for one in plot.parcels])
    return child


@atomic
async def merge_plots(
    db: AsyncSession,
    actor: Actor | None,
    plots: Sequence[Plot],
    on: dt.date,
    code: str,
    name: str | None = None,
) -> Plot:
    """End plots the day before and begin one that day, as large as they were together.

    What they do not share is kept with care: the latest organic date, every ban, every right.
    """
    plots = await queries.lock_plots(db, [plot.id for plot in plots])
    divided = await queries.divided_on(db, [plot.id for plot in plots])
    if reasons := merge_problems(plots, on, divided):
        raise Refused(*reasons)
    upper = plots[0].during.upper
    for plot in plots:
        plot.during = Range(plot.during.lower, on)
    await db.flush()  # claims beyond that day answer here
    whole = _whole_of(plots, code, name, Range(on, upper))
    db.add(whole)
    await db.flush()  # the lineage needs its id
    _descend(db, LineageKind.MERGE, on, plots, [whole])
    codes = ", ".join(plot.code for plot in plots)
    journal.record(db, actor, "plot.made_by_merge", whole.id, day=on, parents=codes)
    for plot in plots:
        journal.record(db, actor, "plot.merged", plot.id, day=on, child=whole.code)
    return whole


def _whole_of(plots: Sequence[Plot], code: str, name: str | None, during: Range[dt.date]) -> Plot:
    outlines = [plot.outline for plot in plots if plot.outline]
    outline = geo.joined(outlines) if len(outlines) == len(plots) else None
    cultivable = [plot.cultivable_m2 for plot in plots]
    conversions = [plot.conversion_on for plot in plots]
    certified = [plot.certified_until for plot in plots]
    whole = Plot(
        code=code,
        name=name,
        during=during,
        declared_m2=sum((plot.size_m2 for plot in plots), Decimal(0)),
        covered_m2=sum((plot.covered_m2 for plot in plots), Decimal(0)),
        cultivable_m2=None if None in cultivable else sum(_said(cultivable), Decimal(0)),
        tunnels=sum(plot.tunnels for plot in plots),
        beds=sum(plot.beds for plot in plots),
        bed_length_m=_shared(plot.bed_length_m for plot in plots),
        bed_width_m=_shared(plot.bed_width_m for plot in plots),
        outline=outline,
        area_m2=geo.area_m2(outline) if outline else None,
        soil=_texts((plot.soil for plot in plots), " ; "),
        water=_texts((plot.water for plot in plots), " ; "),
        access=_texts((plot.access for plot in plots), "\n"),
        forbidden=_texts((plot.forbidden for plot in plots), "\n"),
        has_water=any(plot.has_water for plot in plots),
        has_power=any(plot.has_power for plot in plots),
        has_fence=all(plot.has_fence for plot in plots),
        features=list(dict.fromkeys(word for plot in plots for word in plot.features)),
        insee_code=_shared(plot.insee_code for plot in plots),
        conversion_on=None if None in conversions else max(_said(conversions)),
        certifier=_shared(plot.certifier for plot in plots),
        certified_until=None if None in certified or None in conversions else min(_said(certified)),
    )
    rights = {right.id: right for plot in plots for right in plot.rights}
    shares = {one.reference: one for plot in plots for one in shares_of(plot)}
    _settle(whole, plots[0], rights.values(), _summed(plots, shares))
    return whole


def _summed(plots: Sequence[Plot], shares: dict[str, ParcelShare]) -> list[ParcelShare]:
    """A parcel under two of the plots: the shares added, unless one of them is not said."""
    taken: dict[str, list[Decimal | None]] = {reference: [] for reference in shares}
    for plot in plots:
        for one in plot.parcels:
            taken[one.reference].append(one.area_m2)
    return [
        ParcelShare(key, None if None in areas else sum(_said(areas), Decimal(0)))
        for key, areas in taken.items()
    ]


def _settle(plot: Plot, like: Plot, rights: Iterable[Any], shares: Iterable[ParcelShare]) -> None:
    plot.site, plot.site_id = like.site, like.site_id
    plot.rights, plot.parcels = list(rights), []
    write_parcels(plot, shares)


def _descend(
    db: AsyncSession,
    kind: LineageKind,
    on: dt.date,
    parents: Sequence[Plot],
    children: Sequence[Plot],
) -> None:
    db.add_all(
        PlotLineage(parent_id=parent.id, child_id=child.id, kind=kind, happened_on=on)
        for parent in parents
        for child in children
    )


def _said(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _shared(values: Iterable[Any]) -> Any:
    """The value that all of them have, or None."""
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _texts(values: Iterable[str | None], glue: str) -> str | None:
    return glue.join(dict.fromkeys(value for value in values if value)) or None
