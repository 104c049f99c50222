"""Occupancy in figures: each with its formula, its denominator and the list behind it."""

import datetime as dt
from fractions import Fraction
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.occupancy import exports, policy, queries
from couveuse.occupancy.lists import Cell
from couveuse.occupancy.pages.periods import ASKED, AskedFilters, AskedSeason, query_of
from couveuse.occupancy.pages.season import other_seasons
from couveuse.occupancy.queries import Filters
from couveuse.occupancy.season import Season
from couveuse.occupancy.summary import Facts, Summary, decimal, summarise
from couveuse.web.deps import Db, Me, Web
from couveuse.web.guards import require
from couveuse.web.render import page

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def count(db: AsyncSession, me: Actor, season: Season, filters: Filters) -> Summary:
    """Three statements, then whole numbers only."""
    grounds = await queries.list_grounds(db, me, season.range, filters)
    held = await queries.list_held(db, season.range, grounds, narrowed=filters.is_set)
    before = await queries.list_before(db, season.range)
    return summarise(Facts(grounds, held, before, season.start, season.end))


class FigurePages(Controller):
    path = "/chiffres"
    dependencies = ASKED

    @get(name="occupancy.figures")
    async def index(
        self,
        request: Web,
        db: Db,
        me: Me,
        season: AskedSeason,
        filters: AskedFilters,
    ) -> Response[str]:
        require(policy.can_see_figures(me))
        summary = await count(db, me, season, filters)
        # Not all of it: what a template is given stays in memory until the next collection.
        return page(
            request,
            "occupancy/figures.html",
            season=season,
            filters=filters,
            more=query_of(filters),
            figures=summary.figures,
            shares=summary.shares,
            sites=await queries.list_sites_with_plots(db, me),
            other_seasons=other_seasons(season),
            shown=shown,
        )

    @get("/liste/{stem:str}", name="occupancy.figure_lists.show")
    async def show(
        self,
        request: Web,
        db: Db,
        me: Me,
        stem: FromPath[str],
        season: AskedSeason,
        filters: AskedFilters,
    ) -> Response[str]:
        """The list behind a figure."""
        require(policy.can_see_figures(me))
        summary = await count(db, me, season, filters)
        if stem not in summary.tables:
            raise NotVisible
        return page(
            request,
            "occupancy/figure_list.html",
            season=season,
            more=query_of(filters),
            table=summary.tables[stem](),
            shown=shown,
            numeric=lambda cell: isinstance(cell, int | Fraction),
        )

    @get("/export/{filename:str}", name="occupancy.figure_exports.show")
    async def export(
        self,
        db: Db,
        me: Me,
        filename: FromPath[str],
        season: AskedSeason,
        filters: AskedFilters,
    ) -> Response[bytes]:
        """``chiffres.xlsx`` with every list, or one list as ``parcelles.csv``."""
        require(policy.can_see_figures(me))
        stem, _, kind = filename.rpartition(".")
        summary = await count(db, me, season, filters)
        if stem not in summary.tables or kind not in {"csv", "xlsx"}:
            raise NotVisible
        if kind == "csv":
            return _file(exports.as_csv(summary.tables[stem]()), "text/csv", filename, season)
        tables = [make() for make in summary.tables.values()]
        return _file(exports.as_workbook(tables, season.title()), SHEET, filename, season)


def shown(cell: Cell) -> Any:
    """A cell as the reader writes it."""
    match cell:
        case None:
            return ""
        case Fraction() | int():
            return i18n.number(decimal(Fraction(cell), 2))
        case dt.date():
            return i18n.day(cell)
        case _:
            return cell


def _file(data: bytes, media_type: str, name: str, season: Season) -> Response[bytes]:
    stem, _, kind = name.rpartition(".")
    filename = f"{stem}_{season.start}_{season.last_day}.{kind}"
    headers = {
        "content-disposition": f'attachment; filename="{filename}"',
        "cache-control": "no-store",
    }
    return Response(data, media_type=media_type, headers=headers)
