"""Writes who held which plot."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.occupancy.models import HELD_BY_PEOPLE, PeriodKind, PlotPeriod, Stay, stay_person
from couveuse.occupancy.rules import KINDS
from couveuse.seeds.almanac import DAY, Almanac
from couveuse.seeds.demo_land import NORTH, WHOLE
from couveuse.seeds.demo_stays import ClaimFacts, claims_of, split_day
from couveuse.seeds.network import Placed
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import Author, entry, noon

AHEAD = 30 * DAY
"""A claim is written down a month before it begins."""
WRITERS = {"LC-5": "Nadia", "NV": "Paul", "NV-1": "Paul", "NV-2": "Paul"}


@dataclass(slots=True)
class Claims:
    facts: list[ClaimFacts]
    stays: dict[tuple[str, ...], int]
    """By who holds them together: nobody of the demonstration comes back after a gap."""
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def holder(self, plot: str, day: dt.date) -> str | None:
        """Who holds a plot on a day, the first of them; empty for a collective use."""
        for one in self.facts:
            if one.plot == plot and one.start <= day < one.end and one.kind in HOLDS:
                return one.people[0] if one.people else ""
        return None


HOLDS = ("stay", "collective")


async def add_claims(
    db: AsyncSession, placed: Placed, plots: Mapping[str, int], almanac: Almanac
) -> Claims:
    facts = claims_of(almanac)
    written = [_written_at(one, almanac) for one in facts]
    stays = await _add_stays(db, placed, facts, written)
    rows = [
        {
            "plot_id": plots[one.plot],
            "during": Range(one.start, one.end),
            "kind": one.kind,
            "stay_id": stays[one.people] if one.people else None,
            "reason": None if one.planned_end_on else one.reason,
            "end_reason": one.reason if one.planned_end_on else None,
            "planned_end_on": one.planned_end_on,
            "created_by_id": writer_of(one, placed).id,
            "created_at": at,
        }
        for one, at in zip(facts, written, strict=True)
    ]
    await add_rows(db, PlotPeriod, rows)
    claims = Claims(facts, stays)
    for one, at in zip(facts, written, strict=True):
        claims.lines += _told(one, plots[one.plot], at, placed, almanac)
    return claims


def writer_of(claim: ClaimFacts, placed: Placed) -> Author:
    return placed.author(WRITERS.get(claim.plot, "Inès"))


def _written_at(claim: ClaimFacts, almanac: Almanac) -> dt.datetime:
    """Before it begins, once the product was in use, and never today."""
    first_use = almanac.today - 1450 * DAY
    return noon(min(max(claim.start - AHEAD, first_use), almanac.today - 2 * DAY))


async def _add_stays(
    db: AsyncSession, placed: Placed, facts: list[ClaimFacts], written: list[dt.datetime]
) -> dict[tuple[str, ...], int]:
    begun: dict[tuple[str, ...], dt.datetime] = {}
    for one, at in zip(facts, written, strict=True):
        if one.people and one.kind in HELD_BY_PEOPLE:
            begun.setdefault(one.people, at)
    ids = await add_rows(db, Stay, [{"created_at": at} for at in begun.values()])
    stays = dict(zip(begun, ids, strict=True))
    rows = [
        {"stay_id": id, "person_id": placed.people[name]}
        for people, id in stays.items()
        for name in people
    ]
    await db.execute(sa.insert(stay_person), rows)
    return stays


# ---------------------------------------------------------------- the journal


def _told(
    claim: ClaimFacts, plot_id: int, at: dt.datetime, placed: Placed, almanac: Almanac
) -> list[dict[str, Any]]:
    author, cut = writer_of(claim, placed), split_day(almanac)
    if claim.plot == NORTH.code and claim.start == cut:
        at = noon(cut - 20 * DAY)
        return [claim_told("plot.claim_goes_on", claim, plot_id, at, author, placed)]
    planned = claim.planned_end_on
    as_made = claim._replace(end=planned + DAY, reason=None) if planned else claim
    lines = [claim_told("plot.claimed", as_made, plot_id, at, author, placed)]
    if planned:
        at = noon(claim.end - 45 * DAY)
        ended = claim_told("plot.claim_ended", claim, plot_id, at, author, placed)
        ended["details"] |= journal.kept({"was": Range(as_made.start, as_made.end)})
        lines.append(ended)
    if claim.plot == WHOLE.code and claim.end == cut:
        lines.append(
            claim_told("plot.claim_cut", claim, plot_id, noon(cut - 20 * DAY), author, placed)
        )
    return lines


def claim_told(
    verb: str, claim: ClaimFacts, plot_id: int, at: dt.datetime, author: Author, placed: Placed
) -> dict[str, Any]:
    details: dict[str, Any] = {
        "kind": journal.Words(
            KINDS[PeriodKind(claim.kind)], ", ".join(placed.names[name] for name in claim.people)
        ),
        "dates": Range(claim.start, claim.end),
    }
    if claim.reason:
        details["reason"] = claim.reason
    return entry("plot", plot_id, verb, at, author, details)
