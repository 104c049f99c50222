"""Writes what happened to the land, and the condition reports."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.occupancy.conditions import REPORT_KINDS
from couveuse.occupancy.models import ConditionReport, ReportKind
from couveuse.plots.actions.events import PRIVATE_TITLE
from couveuse.plots.models import LandEvent, LandEventKind
from couveuse.plots.rotation import family_of
from couveuse.seeds.almanac import DAY, Almanac
from couveuse.seeds.demo_passport import CROPS, EVENTS, REPORTS, Day, EventFacts, ReportFacts
from couveuse.seeds.demo_stays import lea_enters, zoe_enters, zoe_leaves
from couveuse.seeds.ground import WRITERS, Claims
from couveuse.seeds.network import Placed
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import entry, noon

EVENING = dt.timedelta(hours=6)


async def add_passport(
    db: AsyncSession,
    placed: Placed,
    plots: Mapping[str, int],
    claims: Claims,
    almanac: Almanac,
) -> list[dict[str, Any]]:
    lines = await _add_events(db, placed, plots, claims, almanac)
    return lines + await _add_reports(db, placed, plots, claims, almanac)


# ---------------------------------------------------------------- events


async def _add_events(
    db: AsyncSession,
    placed: Placed,
    plots: Mapping[str, int],
    claims: Claims,
    almanac: Almanac,
) -> list[dict[str, Any]]:
    found = [(one, _day(almanac, one.first)) for one in _events(almanac, claims)]
    past = sorted(
        ((one, day) for one, day in found if day < almanac.today), key=lambda pair: pair[1]
    )
    rows = [_event_row(one, day, placed, plots, claims, almanac) for one, day in past]
    await add_rows(db, LandEvent, rows)
    names = {id: name for name, id in placed.people.items()}
    return [
        entry(
            "plot",
            row["plot_id"],
            "plot.noted",
            row["created_at"],
            placed.author(names[row["created_by_id"]]),
            {"title": PRIVATE_TITLE if row["is_personal"] else row["title"]},
        )
        for row in rows
    ]


def _events(almanac: Almanac, claims: Claims) -> list[EventFacts]:
    """With the crops of those who held the plot when they were sown."""
    grown = [
        EventFacts(
            one.plot,
            LandEventKind.CROP,
            one.first,
            one.crop,
            last=one.last,
            crop=one.crop,
            quantity=(one.kg, "kg") if one.kg else None,
        )
        for one in CROPS
        if claims.holder(one.plot, _day(almanac, one.first)) is not None
    ]
    return [*EVENTS, *grown]


def _day(almanac: Almanac, day: Day) -> dt.date:
    return almanac.at(*day)


def _event_row(
    facts: EventFacts,
    day: dt.date,
    placed: Placed,
    plots: Mapping[str, int],
    claims: Claims,
    almanac: Almanac,
) -> dict[str, Any]:
    last = _day(almanac, facts.last) if facts.last else None
    is_over = last is not None and last < almanac.today
    author = claims.holder(facts.plot, day) or WRITERS.get(facts.plot, "Inès")
    quantity = facts.quantity if is_over or not facts.last else None
    return {
        "plot_id": plots[facts.plot],
        "happened_on": day,
        "ends_on": last if is_over else None,
        "kind": facts.kind,
        "title": facts.title,
        "details": facts.details,
        "crop": facts.crop,
        "family": family_of(facts.crop),
        "quantity": Decimal(quantity[0]) if quantity else None,
        "unit": quantity[1] if quantity else None,
        "is_personal": facts.is_personal,
        "created_by_id": placed.people[author],
        "created_at": noon(day) + EVENING,
    }


# ---------------------------------------------------------------- condition reports


async def _add_reports(
    db: AsyncSession,
    placed: Placed,
    plots: Mapping[str, int],
    claims: Claims,
    almanac: Almanac,
) -> list[dict[str, Any]]:
    marc = placed.author("Marc")
    dated = [(one, _made_on(one, almanac)) for one in REPORTS]
    rows: list[dict[str, Any]] = [
        {
            "plot_id": plots[one.plot],
            "stay_id": claims.stays[one.person,],
            "kind": one.kind,
            "made_on": day,
            "photos": [],
            "created_by_id": marc.id,
            "created_at": noon(day) + EVENING,
        }
        | one.columns
        for one, day in dated
    ]
    await add_rows(db, ConditionReport, rows)
    return [
        entry(
            "plot",
            row["plot_id"],
            "plot.reported",
            row["created_at"],
            marc,
            {"kind": journal.Words(REPORT_KINDS[row["kind"]]), "day": row["made_on"]},
        )
        for row in rows
    ]


def _made_on(report: ReportFacts, almanac: Almanac) -> dt.date:
    """On the first day of the stay, or on its last."""
    if report.person == "Léa":
        return lea_enters(almanac)
    if report.kind == ReportKind.ENTRY:
        return zoe_enters(almanac)
    return zoe_leaves(almanac) - DAY
