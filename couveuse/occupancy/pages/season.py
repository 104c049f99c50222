"""The season of plots: board, list, paper, and what changes between two dates."""

import datetime as dt
from typing import Any

import msgspec
import segno
from litestar import Controller, Response, get
from markupsafe import Markup
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.occupancy import figures, policy, queries
from couveuse.occupancy.bands import Frame, places_of
from couveuse.occupancy.figures import Ground, Held
from couveuse.occupancy.pages.periods import (
    ASKED,
    AskedFilters,
    AskedSeason,
    Text,
    query_of,
    read_date,
)
from couveuse.occupancy.queries import Filters
from couveuse.occupancy.rules import KINDS, kind_name
from couveuse.occupancy.season import (
    Season,
    add_months,
    changes_between,
    heads,
)
from couveuse.occupancy.spans import DAY
from couveuse.plots.policy import can_add_plot, can_import_plots
from couveuse.web.deps import Db, Me, Web
from couveuse.web.guards import require
from couveuse.web.render import is_partial, page, site_address


async def read_board(
    request: Web, db: AsyncSession, me: Actor, season: Season, filters: Filters
) -> dict[str, Any]:
    """What the board shows, in three statements: plots, their claims, agreements."""
    grounds = await queries.list_grounds(db, me, season.range, filters)
    held = await queries.list_held(db, season.range, grounds, narrowed=filters.is_set)
    agreed = await queries.list_agreed(db, me, {one for claim in held for one in claim.people})
    today = clock.today()
    frame = Frame(
        season,
        today,
        today if today in season.thousandths else season.start,
        plot_url=request.app.route_reverse("occupancy.plots.show", plot_id=1)[:-1],
        claim_url=request.app.route_reverse("occupancy.claims.show", period_id=1)[:-1],
    )
    plots = figures.count_days(grounds, held, season.start, season.end)
    return {
        "season": season,
        "places": places_of(grounds, held, agreed, frame),
        "heads": heads(season),
        "today": today,
        "today_place": f"x{season.thousandths[today]}" if today in season.thousandths else "",
        "shares": figures.Shares.of(plots),
        "filters": filters,
        "more": query_of(filters),
        "map_day": frame.map_day,
        "only": msgspec.json.encode([one.id for one in grounds]).decode() if filters.is_set else "",
    }


class SeasonPages(Controller):
    path = "/parcelles"
    dependencies = ASKED

    @get(name="occupancy.season")
    async def index(
        self,
        request: Web,
        db: Db,
        me: Me,
        season: AskedSeason,
        filters: AskedFilters,
        vue: Text = None,
    ) -> Response[str]:
        require(policy.can_see_season(me))
        board = await read_board(request, db, me, season, filters)
        view = "liste" if vue == "liste" else "saison"
        if is_partial(request):
            return page(request, "occupancy/_board.html", view=view, **board)
        return page(
            request,
            "occupancy/index.html",
            view=view,
            sites=await queries.list_sites_with_plots(db, me),
            particularities=await queries.list_particularities(db, me),
            can_add=can_add_plot(me),
            can_import=can_import_plots(me),
            kinds=KINDS,
            other_seasons=other_seasons(season),
            **board,
        )

    @get("/feuille", name="occupancy.sheet")
    async def sheet(
        self, request: Web, db: Db, me: Me, season: AskedSeason, filters: AskedFilters
    ) -> Response[str]:
        """The season on paper, A3."""
        require(policy.can_see_season(me))
        address = f"{site_address(request)}{request.app.route_reverse('occupancy.season')}"
        code = segno.make(f"{address}?{season.query}{query_of(filters)}", error="m")
        return page(
            request,
            "occupancy/sheet.html",
            view="saison",
            printed_at=i18n.moment(clock.now().astimezone(clock.PARIS)),
            qr=Markup(code.svg_inline(scale=3, border=0)),  # noqa: S704, ours
            kinds=KINDS,
            **await read_board(request, db, me, season, filters),
        )

    @get("/comparaison", name="occupancy.comparison")
    async def compare(
        self,
        request: Web,
        db: Db,
        me: Me,
        filters: AskedFilters,
        du: Text = None,
        au: Text = None,
    ) -> Response[str]:
        """Two dates, and what is different on each plot."""
        require(policy.can_see_season(me))
        one = read_date(du) or clock.today()
        other = read_date(au) or add_months(one, 6)
        first, second = min(one, other), max(one, other)
        span = Range(first, second + DAY)
        grounds = await queries.list_grounds(db, me, span, filters)
        held = await queries.list_held(db, span, grounds, narrowed=filters.is_set)
        return page(
            request,
            "occupancy/comparison.html",
            first=first,
            second=second,
            filters=filters,
            more=query_of(filters),
            kind_name=kind_name,
            changes=changes_between(grounds, held, first, second),
            snapshots=[_snapshot(grounds, held, day) for day in (first, second)],
        )


def _snapshot(grounds: list[Ground], held: list[Held], day: dt.date) -> dict[str, Any]:
    plots = figures.count_days(grounds, held, day, day + DAY)
    return {"day": day, "shares": figures.Shares.of(plots)}


def other_seasons(season: Season) -> list[tuple[Season, str]]:
    """The farm season and the calendar year around the start, and longer views."""
    start = season.start
    farm, year = Season.around(start), Season.year(start.year)
    longer = [(Season(farm.start, add_months(farm.start, 12 * years)), years) for years in (2, 5)]
    named = [(farm, farm.title()), (year, year.title())]
    named += [
        (one, i18n.translated(i18n.N_("%(years)s ans"), {"years": years})) for one, years in longer
    ]
    return [(one, text) for one, text in named if one != season]
