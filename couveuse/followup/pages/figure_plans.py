"""What somebody plans: a total for the year spread over it, or month by month."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.accounts import Accounts, month_name, months_of
from couveuse.followup.figure_forms import MonthsPlanForm, YearPlanForm, plan_form, planned
from couveuse.followup.given_headings import KINDS
from couveuse.followup.models import FigureHeading
from couveuse.followup.pages.figures import read_year, typed
from couveuse.occupancy.season import Season
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import go_to, notices, page

Text = FromQuery[str | None]

notices({"plan_saved": N_("Le prévisionnel est enregistré.")})


class FigurePlanPages(Controller):
    path = "/mes-chiffres/previsionnel"

    @get(name="followup.figure_plans.edit")
    async def edit(self, request: Web, db: Db, me: Me, debut: Text = None) -> Response[str]:
        require(policy.can_keep_figures(me))
        accounts = await _accounts(db, me, read_year(debut))
        return _year_page(request, accounts, _year_form(accounts))

    @post(name="followup.figure_plans.update")
    async def update(self, request: Web, db: Db, me: Me, debut: Text = None) -> Response[Any]:
        require(policy.can_keep_figures(me))
        season = read_year(debut)
        accounts = await _accounts(db, me, season)
        form = await bind(plan_form(YearPlanForm, _keys(accounts)), request)
        if form.is_valid:
            try:
                await actions.plan_year(db, me, season, accounts.headings, planned(form.data))
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, season)
        return _year_page(request, accounts, form, refused=True)


class HeadingPlanPages(Controller):
    path = "/mes-chiffres/lignes/{heading_id:int}/previsionnel"

    @get(name="followup.heading_plans.edit")
    async def edit(
        self, request: Web, db: Db, me: Me, heading_id: RowId, debut: Text = None
    ) -> Response[str]:
        heading = await queries.get_heading(db, me, heading_id)
        require(policy.can_keep_figures(me))
        accounts = await _accounts(db, me, read_year(debut))
        return _months_page(request, accounts, heading, _months_form(accounts, heading))

    @post(name="followup.heading_plans.update")
    async def update(
        self, request: Web, db: Db, me: Me, heading_id: RowId, debut: Text = None
    ) -> Response[Any]:
        heading = await queries.get_heading(db, me, heading_id)
        require(policy.can_keep_figures(me))
        season = read_year(debut)
        form = await bind(plan_form(MonthsPlanForm, _month_keys(season)), request)
        if form.is_valid:
            try:
                await actions.plan_months(db, me, season, heading, planned(form.data))
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, season)
        accounts = await _accounts(db, me, season)
        return _months_page(request, accounts, heading, form, refused=True)


async def _accounts(db: AsyncSession, me: Actor, season: Season) -> Accounts:
    return await queries.read_accounts(db, me, me.person_id, season)


def _keys(accounts: Accounts) -> list[str]:
    return [str(one.id) for one in accounts.headings]


def _month_keys(season: Season) -> list[str]:
    return [f"{month:%Y_%m}" for month in months_of(season)]


def _totals(accounts: Accounts) -> dict[str, str]:
    """What is planned by heading, as typed; nothing for what has no plan."""
    used = {heading for heading, _ in accounts.plan}
    return {
        str(one.id): typed(accounts.row_total(accounts.plan, one))
        for one in accounts.headings
        if one.id in used
    }


def _year_form(accounts: Accounts) -> Form[Any]:
    return _shown(plan_form(YearPlanForm, _keys(accounts)), _totals(accounts))


def _months_form(accounts: Accounts, heading: FigureHeading) -> Form[Any]:
    return _shown(
        plan_form(MonthsPlanForm, _month_keys(accounts.season)), _by_month(accounts, heading)
    )


def _by_month(accounts: Accounts, heading: FigureHeading) -> dict[str, str]:
    return {
        f"{month:%Y_%m}": typed(amount)
        for (whose, month), amount in accounts.plan.items()
        if whose == heading.id
    }


def _shown(model: Any, known: dict[str, str]) -> Form[Any]:
    return blank(model, **{f"{part}_{key}": text for key, text in known.items() for part in PARTS})


PARTS = ("plan", "was")


def _renewed(form: Form[Any], known: dict[str, str]) -> None:
    """After a refusal the form stands on what is kept now, and what was typed stays."""
    form.values = {name: one for name, one in form.values.items() if not name.startswith("was_")}
    form.values |= {f"was_{key}": [text] for key, text in known.items()}


def _year_page(
    request: Web, accounts: Accounts, form: Form[Any], *, refused: bool = False
) -> Response[str]:
    if refused:
        _renewed(form, _totals(accounts))
    return page(
        request,
        "followup/figures/plan.html",
        status=422 if refused else 200,
        season=accounts.season,
        form=form,
        kinds=[(title, accounts.of(kind)) for kind, title in KINDS.items()],
        stored=_totals(accounts) if refused else {},
    )


def _months_page(
    request: Web,
    accounts: Accounts,
    heading: FigureHeading,
    form: Form[Any],
    *,
    refused: bool = False,
) -> Response[str]:
    known = _by_month(accounts, heading)
    if refused:
        _renewed(form, known)
    return page(
        request,
        "followup/figures/heading_plan.html",
        status=422 if refused else 200,
        season=accounts.season,
        heading=heading,
        form=form,
        months=[(f"{month:%Y_%m}", month_name(month)) for month in accounts.months],
        stored=known if refused else {},
    )


def _to(request: Web, season: Season) -> Response[None]:
    address = request.app.route_reverse("followup.figures.index")
    return go_to(request, f"{address}?debut={season.start}", notice="plan_saved")
