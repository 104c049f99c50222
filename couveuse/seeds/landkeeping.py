"""Keeps the land of the demonstration plausible when it is started again later: rights reach far
enough, reservations have begun, stays go on. What people changed by hand is left alone.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core.changes import for_journal
from couveuse.core.errors import Refused
from couveuse.occupancy import claims
from couveuse.occupancy.actions.telling import held_by
from couveuse.occupancy.models import PeriodKind, PlotPeriod
from couveuse.occupancy.spans import start_of
from couveuse.people.models import Membership, Person
from couveuse.plots import describing
from couveuse.plots.models import Plot, plot_right
from couveuse.seeds.almanac import DAY, Almanac
from couveuse.seeds.demo_land import CERTIFIER, HOST, PLOTS, RIGHTS, RightFacts
from couveuse.seeds.demo_people import ISSOUDUN
from couveuse.seeds.land import certified_until, renewed, right_row, year_of
from couveuse.seeds.telling import Author, entry, noon
from couveuse.structures.models import LandRight, Site, Structure

GOES_ON = (PeriodKind.STAY, PeriodKind.COLLECTIVE)
LEAVES = "LC-1"
"""Whoever holds it leaves in the end: it is free for the next season."""
WELCOME = "Accueil d'une nouvelle personne en test"

Line = dict[str, Any]


async def keep_land(db: AsyncSession, today: dt.date) -> list[Line]:
    """The lines of the journal, to be written with all the others in their order."""
    author = await _coordinator(db)
    plots = await _plots(db)
    if author is None or not plots:
        return []
    keeper = _Keeper(db, Almanac(today), author)
    # Plots before rights, as every claim locks them.
    plots = await claims.lock_plots(db, [plot.id for plot in plots])
    await keeper.keep_rights(plots)
    renewed_ones = await claims.lock_plots(db, [plot.id for plot in plots])
    held = {plot.code: plot for plot in renewed_ones}
    for code, plot in held.items():
        keeper.certify(plot)
        periods = await _periods(db, plot)
        await keeper.begin(plot, periods)
        if code != LEAVES:
            await keeper.go_on(plot, periods)
    await keeper.reserve(held)
    return keeper.lines


async def _coordinator(db: AsyncSession) -> Author | None:
    person = await db.scalar(sa.select(Person).where(Person.email == "ines@couveuse.example"))
    return Author(person.id, person.name) if person else None


async def _plots(db: AsyncSession) -> Sequence[Plot]:
    """Those of the demonstration that are still in service."""
    codes = [one.code for one in PLOTS]
    wanted = sa.select(Plot).where(Plot.code.in_(codes), sa.func.upper_inf(Plot.during))
    return (await db.scalars(wanted.order_by(Plot.id).options(joinedload(Plot.site)))).all()


async def _periods(db: AsyncSession, plot: Plot) -> list[PlotPeriod]:
    wanted = sa.select(PlotPeriod).where(PlotPeriod.plot_id == plot.id)
    return list(await db.scalars(wanted.order_by(sa.func.lower(PlotPeriod.during))))


class _Keeper:
    def __init__(self, db: AsyncSession, almanac: Almanac, author: Author) -> None:
        self.db, self.almanac, self.author = db, almanac, author
        self.today = almanac.today
        self.lines: list[Line] = []

    def _tell(self, kind: str, subject_id: int, verb: str, details: Line) -> None:
        at = noon(self.today - DAY)
        self.lines.append(entry(kind, subject_id, verb, at, self.author, details))

    # ------------------------------------------------------------ rights

    async def keep_rights(self, plots: Sequence[Plot]) -> None:
        for facts in RIGHTS:
            if facts.key == HOST:
                await self._agree_for_the_year(facts, plots)
            elif facts.renewal_years:
                await self._renew(facts)

    async def _rights(self, facts: RightFacts) -> Sequence[LandRight]:
        wanted = (
            sa.select(LandRight)
            .join(Structure, Structure.id == LandRight.structure_id)
            .join(Site, Site.id == LandRight.site_id)
            .where(Structure.short_name == facts.structure, Site.name == facts.site)
            .where(LandRight.form == facts.form, LandRight.owner_name == facts.owner_name)
            .order_by(sa.func.lower(LandRight.during))
        )
        return (await self.db.scalars(wanted)).all()

    async def _renew(self, facts: RightFacts) -> None:
        for right in await self._rights(facts):
            if right.during.upper is None:
                continue
            until, times = renewed(right.during.upper, facts.renewal_years, self.today)
            if times:
                right.during = Range(right.during.lower, until)
                right.renewals += times
                await self.db.flush()  # the claims to come rest on it
                last = {"last": str(until - DAY)}
                self._tell("land_right", right.id, "land_right.renewed", last)

    async def _agree_for_the_year(self, facts: RightFacts, plots: Sequence[Plot]) -> None:
        """Nothing is agreed for a year that has begun, when somebody ended the agreement."""
        rights = await self._rights(facts)
        hosted = [plot for plot in plots if plot.site.name == facts.site]
        if not rights or not hosted or not _is_whole_year(rights[-1].during):
            return
        last = rights[-1]
        for year in range((last.during.upper or self.today).year, self.today.year + 1):
            row = right_row(facts, last.structure_id, last.site_id)
            right = LandRight(during=year_of(year), **row)
            self.db.add(right)
            await self.db.flush()  # the tie needs the id
            ties = [{"plot_id": plot.id, "land_right_id": right.id} for plot in hosted]
            await self.db.execute(sa.insert(plot_right), ties)
            self._tell("land_right", right.id, "land_right.recorded", {})
            where = {"site": facts.site}
            verb = "structure.land_right_recorded"
            self._tell("structure", right.structure_id, verb, where)

    def certify(self, plot: Plot) -> None:
        """The certificate of each year, as long as it is the one made here."""
        until = certified_until(self.today)
        was = plot.certified_until
        if plot.certifier == CERTIFIER and was and was < self.today:
            plot.certified_until = until
            change = describing.WORDING.change("certified_until", was, until)
            details = {"changes": for_journal([change])}
            self._tell("plot", plot.id, "plot.edited", details)

    # ------------------------------------------------------------ claims

    async def begin(self, plot: Plot, periods: Sequence[PlotPeriod]) -> None:
        """A reservation whose first day came is a stay."""
        for period in periods:
            is_due = start_of(period.during) <= self.today and period.stay_id
            if period.kind == PeriodKind.RESERVED and is_due:
                period.kind = PeriodKind.STAY
                await self.db.flush()  # what follows looks at the kind
                await self._tell_claim("plot.claim_confirmed", plot, period)

    async def go_on(self, plot: Plot, periods: Sequence[PlotPeriod]) -> None:
        """Whoever held the plot last, as planned, holds it to the end of the season or the year."""
        last = periods[-1] if periods else None
        if last is None or last.kind not in GOES_ON or last.planned_end_on:
            return
        people = [one.id for one in await claims.people_of(self.db, last.stay_id)]
        if not await self._are_members(people):
            return
        start = last.during.upper
        while start and start <= self.today:
            end = self._end_after(plot, start)
            held = await self._hold(plot, Range(start, end), last, people)
            start = held.during.upper if held else None

    def _end_after(self, plot: Plot, start: dt.date) -> dt.date:
        if plot.site.name == ISSOUDUN:
            return dt.date(start.year + 1, 1, 1)
        return Almanac(start).at(1)

    async def _are_members(self, people: Sequence[int]) -> bool:
        found = await self.db.scalars(
            sa.select(Membership.person_id).where(
                Membership.person_id.in_(people), Membership.during.contains(self.today)
            )
        )
        return set(found) == set(people)

    async def _hold(
        self, plot: Plot, during: Range[dt.date], like: PlotPeriod, people: Sequence[int]
    ) -> PlotPeriod | None:
        try:
            await claims.refuse_unless_free(self.db, plot, like.kind, during, people)
        except Refused:  # somebody decided otherwise
            return None
        period = await claims.hold(
            self.db,
            plot,
            during=during,
            kind=like.kind,
            stay_id=like.stay_id,
            reason=None if people else like.reason,
            created_by_id=self.author.id,
            created_at=noon(self.today - DAY),
        )
        await self._tell_claim("plot.claimed", plot, period)
        return period

    async def reserve(self, plots: Mapping[str, Plot]) -> None:
        """One plot is kept for the season to come."""
        plot, season = plots.get(LEAVES), Range(self.almanac.at(1), self.almanac.at(2))
        reserved = sa.select(PlotPeriod.id).where(
            PlotPeriod.kind == PeriodKind.RESERVED,
            sa.func.lower(PlotPeriod.during) > self.today,
        )
        if plot and await self.db.scalar(reserved.limit(1)) is None:
            wish = PlotPeriod(kind=PeriodKind.RESERVED, reason=WELCOME)
            await self._hold(plot, season, wish, [])

    async def _tell_claim(self, verb: str, plot: Plot, period: PlotPeriod) -> None:
        people = await claims.people_of(self.db, period.stay_id)
        details = {"kind": held_by(period.kind, people), "dates": period.during}
        self._tell("plot", plot.id, verb, details)


def _is_whole_year(during: Range[dt.date]) -> bool:
    lower, upper = during.lower, during.upper
    return bool(lower and upper and lower + relativedelta(years=1) == upper)
