"""Writes the land of the demonstration: functions, rights, plots, their lineage and passport."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import geo, journal
from couveuse.plots.models import LineageKind, Plot, PlotLineage, PlotParcel, plot_right
from couveuse.seeds.almanac import DAY, Almanac
from couveuse.seeds.demo_land import (
    CERTIFIER,
    FUNCTIONS,
    GARDEN,
    HOST,
    HOST_YEARS,
    LEASE,
    LOAN,
    MEADOW,
    NORTH,
    ORCHARD,
    PLOTS,
    RIGHTS,
    SOUTH,
    WHOLE,
    PlotFacts,
    RightFacts,
    ring_of,
)
from couveuse.seeds.demo_people import ISSOUDUN, NEUVY, STRUCTURES
from couveuse.seeds.demo_stays import split_day
from couveuse.seeds.ground import add_claims
from couveuse.seeds.network import Placed
from couveuse.seeds.passport import add_passport
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import Author, entry, noon
from couveuse.structures.models import LandRight, StructureFunction
from couveuse.structures.rules import FUNCTION_NAMES

LOAN_SINCE, LOAN_UNTIL = dt.date(2021, 1, 1), dt.date(2032, 1, 1)
LEASE_SINCE, LEASE_UNTIL = dt.date(2023, 11, 11), dt.date(2032, 11, 11)
COVERS = relativedelta(months=30)
"""A right reaches at least as far: the season to come, and the warning before its end."""

Line = dict[str, Any]


async def add_land(db: AsyncSession, placed: Placed, today: dt.date) -> list[Line]:
    """The lines of the journal, to be written with all the others in their order."""
    almanac = Almanac(today)
    ines = placed.author("Inès")
    lines = await _add_functions(db, placed, almanac, ines)
    rights, told = await _add_rights(db, placed, almanac, ines)
    plots = await _add_plots(db, placed, almanac)
    await _link_rights(db, plots, rights)
    lines += told + _plots_told(plots, almanac, ines, placed.author("Paul"))
    await _add_lineage(db, plots, almanac)
    claims = await add_claims(db, placed, plots, almanac)
    lines += claims.lines
    lines += await add_passport(db, placed, plots, claims, almanac)
    return lines


# ---------------------------------------------------------------- functions, rights


async def _add_functions(
    db: AsyncSession, placed: Placed, almanac: Almanac, author: Author
) -> list[Line]:
    joined = {one.key: dt.date(one.joined_year, 1, 1) for one in STRUCTURES}
    since = [service_start(site, almanac) if site else joined[key] for key, _, site in FUNCTIONS]
    rows = [
        {
            "structure_id": placed.structures[key],
            "site_id": placed.sites[site] if site else None,
            "function": function,
            "during": Range(first, None),
        }
        for (key, function, site), first in zip(FUNCTIONS, since, strict=True)
    ]
    await add_rows(db, StructureFunction, rows)
    return [
        _function_told(row, site, first, author, noted_on(first, almanac))
        for row, (_, _, site), first in zip(rows, FUNCTIONS, since, strict=True)
    ]


def _function_told(
    row: Mapping[str, Any], site: str | None, first: dt.date, author: Author, at: dt.datetime
) -> Line:
    after = journal.Spell(site or "partout", Range(first, None))
    what = [journal.changed(FUNCTION_NAMES[row["function"]], "–", after)]
    subject = row["structure_id"]
    return entry("structure", subject, "structure.function_added", at, author, {"what": what})


def service_start(site: str, almanac: Almanac) -> dt.date:
    """From when the plots of a site are in service."""
    if site == ISSOUDUN:
        return dt.date(almanac.today.year + min(HOST_YEARS), 1, 1)
    if site == NEUVY:
        return max(almanac.at(-3), min(LEASE_SINCE, almanac.at(-3, 12)))
    return almanac.at(-4)


def noted_on(first: dt.date, almanac: Almanac) -> dt.datetime:
    """What is older than the use of the product was written down when that began."""
    return noon(min(max(first, almanac.today - 1480 * DAY), almanac.today - DAY))


class _RightDays(NamedTuple):
    during: Range[dt.date]
    renewals: int = 0


def right_days(facts: RightFacts, almanac: Almanac) -> list[_RightDays]:
    """One right, renewed as often as it takes to reach far enough; one for each year of a host."""
    if facts.key == HOST:
        years = [almanac.today.year + n for n in HOST_YEARS]
        return [_RightDays(year_of(year)) for year in years]
    if facts.key in (GARDEN, MEADOW, ORCHARD):
        return [_RightDays(Range(min(LOAN_SINCE, almanac.at(-4)), None))]
    since, until = {LOAN: (LOAN_SINCE, LOAN_UNTIL), LEASE: (LEASE_SINCE, LEASE_UNTIL)}[facts.key]
    first = min(since, service_start(facts.site, almanac))
    end, times = renewed(until, facts.renewal_years, almanac.today)
    return [_RightDays(Range(first, end), times)]


def renewed(until: dt.date, years: int, today: dt.date) -> tuple[dt.date, int]:
    """The end after enough renewals, and how many those are."""
    times = 0
    while until < today + COVERS:
        until += relativedelta(years=years)
        times += 1
    return until, times


def year_of(year: int) -> Range[dt.date]:
    return Range(dt.date(year, 1, 1), dt.date(year + 1, 1, 1))


def right_row(facts: RightFacts, structure_id: int, site_id: int) -> dict[str, Any]:
    return {
        "structure_id": structure_id,
        "site_id": site_id,
        "form": facts.form,
        "owner_name": facts.owner_name,
        "owner_contact": facts.owner_contact,
        "conditions": facts.conditions,
        "yearly_fee": None if facts.yearly_fee is None else Decimal(facts.yearly_fee),
    }


async def _add_rights(
    db: AsyncSession, placed: Placed, almanac: Almanac, author: Author
) -> tuple[dict[str, list[int]], list[Line]]:
    dated = [(one, days) for one in RIGHTS for days in right_days(one, almanac)]
    rows = [
        right_row(one, placed.structures[one.structure], placed.sites[one.site]) | days._asdict()
        for one, days in dated
    ]
    ids = await add_rows(db, LandRight, rows)
    rights: dict[str, list[int]] = {one.key: [] for one in RIGHTS}
    lines: list[Line] = []
    for (facts, days), id in zip(dated, ids, strict=True):
        rights[facts.key].append(id)
        at = noted_on(days.during.lower or almanac.today, almanac)
        lines += right_told(facts, id, placed.structures[facts.structure], at, author)
    return rights, lines


def right_told(
    facts: RightFacts, right_id: int, structure_id: int, at: dt.datetime, author: Author
) -> list[Line]:
    where, verb = {"site": facts.site}, "structure.land_right_recorded"
    return [
        entry("land_right", right_id, "land_right.recorded", at, author, {}),
        entry("structure", structure_id, verb, at, author, where),
    ]


# ---------------------------------------------------------------- plots


async def _add_plots(db: AsyncSession, placed: Placed, almanac: Almanac) -> dict[str, int]:
    facts = (WHOLE, *PLOTS)
    defaults: dict[str, Any] = {
        column.key: None for column in sa.inspect(Plot).column_attrs if column.key != "id"
    } | _LAND
    rows = [defaults | _plot_row(one, placed, almanac) for one in facts]
    ids = await add_rows(db, Plot, rows)
    plots = {one.code: id for one, id in zip(facts, ids, strict=True)}
    parcels = [
        {"plot_id": plots[one.code], "reference": reference}
        for one in facts
        for reference in one.parcels
    ]
    await add_rows(db, PlotParcel, parcels)
    return plots


_LAND: dict[str, Any] = {
    "covered_m2": Decimal(0),
    "tunnels": 0,
    "beds": 0,
    "has_water": True,
    "has_power": False,
    "has_fence": False,
    "features": [],
}


def _plot_row(facts: PlotFacts, placed: Placed, almanac: Almanac) -> dict[str, Any]:
    outline = facts.outline
    if facts is WHOLE:
        rings = [[ring_of(part)] for part in (NORTH, SOUTH)]
        outline = {"type": "MultiPolygon", "coordinates": rings}
    conversion = dt.date.fromisoformat(facts.conversion_on) if facts.conversion_on else None
    return {
        "site_id": placed.sites[facts.site],
        "code": facts.code,
        "name": facts.name,
        "during": service_of(facts, almanac),
        "outline": outline,
        "area_m2": geo.area_m2(outline),
        "declared_m2": Decimal(facts.declared_m2),
        "soil": facts.soil,
        "water": facts.water,
        "insee_code": facts.insee_code,
        "conversion_on": conversion,
        "certifier": CERTIFIER if conversion else None,
        "certified_until": certified_until(almanac.today) if conversion else None,
    } | facts.more


def certified_until(today: dt.date) -> dt.date:
    return dt.date(today.year + 1, 3, 31)


def service_of(facts: PlotFacts, almanac: Almanac) -> Range[dt.date]:
    start = service_start(facts.site, almanac)
    if facts is WHOLE:
        return Range(start, split_day(almanac))
    return Range(split_day(almanac) if facts.site == NEUVY else start, None)


async def _link_rights(
    db: AsyncSession, plots: Mapping[str, int], rights: Mapping[str, Sequence[int]]
) -> None:
    await db.execute(
        sa.insert(plot_right),
        [
            {"plot_id": plots[one.code], "land_right_id": id}
            for one in (WHOLE, *PLOTS)
            for key in one.rights
            for id in rights[key]
        ],
    )


async def _add_lineage(db: AsyncSession, plots: Mapping[str, int], almanac: Almanac) -> None:
    await add_rows(
        db,
        PlotLineage,
        [
            {
                "parent_id": plots[WHOLE.code],
                "child_id": plots[part.code],
                "kind": LineageKind.SPLIT,
                "happened_on": split_day(almanac),
            }
            for part in (NORTH, SOUTH)
        ],
    )


def _plots_told(
    plots: Mapping[str, int], almanac: Almanac, author: Author, divider: Author
) -> list[Line]:
    day = split_day(almanac)
    split_at = noted_on(split_day(almanac) - 20 * DAY, almanac)
    parts: dict[str, Any] = {"day": day, "parts": f"{NORTH.code}, {SOUTH.code}"}
    lines = [entry("plot", plots[WHOLE.code], "plot.split", split_at, divider, parts)]
    for one in (WHOLE, *PLOTS):
        if one in (NORTH, SOUTH):
            made: dict[str, Any] = {"day": day, "parent": WHOLE.code}
            line = entry("plot", plots[one.code], "plot.made_by_split", split_at, divider, made)
        else:
            at = noted_on(service_start(one.site, almanac), almanac)
            line = entry("plot", plots[one.code], "plot.added", at, author, {})
        lines.append(line)
    return lines
