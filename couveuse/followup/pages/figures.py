"""Somebody's own figures: a year at a glance, one month, and the lists as files."""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, drawing, policy, queries
from couveuse.followup.accounts import (
    COST,
    SALE,
    Accounts,
    Amounts,
    Money,
    first_of,
    month_name,
)
from couveuse.followup.actions.figures import MonthChanged
from couveuse.followup.figure_forms import MonthForm, month_form, read_month
from couveuse.followup.models import FigureHeading, FigureMonth, HeadingKind
from couveuse.followup.pages.choices import new_once
from couveuse.occupancy import exports
from couveuse.occupancy.pages.figures import SHEET, shown
from couveuse.occupancy.pages.periods import read_date
from couveuse.occupancy.season import Season, add_months
from couveuse.occupancy.summary import Cell
from couveuse.web.deps import Db, Me, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.menu import offers
from couveuse.web.render import notices, page, see_other

Text = FromQuery[str | None]

notices({"month_saved": N_("Le mois est enregistré. Vous seul·e décidez qui le lit.")})
offers({"followup.figures.index": policy.can_keep_figures})


class FigurePages(Controller):
    path = "/mes-chiffres"

    @get(name="followup.figures.index")
    async def index(self, request: Web, db: Db, me: Me, debut: Text = None) -> Response[str]:
        require(await queries.may_open_own(db, me))
        season = read_year(debut)
        accounts = await queries.read_accounts(db, me, me.person_id, season)
        return page(
            request,
            "followup/figures/index.html",
            accounts=accounts,
            last_month=await queries.find_figures_due(db, me) or add_months(this_month(), -1),
            this_month=this_month(),
            shares=await queries.list_shares(db, me),
            can_keep=policy.can_keep_figures(me),
            **what_is_shown(accounts),
        )

    @get("/export/{sheet:str}", name="followup.figure_exports.show")
    async def export(
        self, db: Db, me: Me, sheet: FromPath[str], debut: Text = None
    ) -> Response[bytes]:
        refuse_unknown_sheet(sheet)
        require(await queries.may_open_own(db, me))
        accounts = await queries.read_accounts(db, me, me.person_id, read_year(debut))
        return as_file(accounts, sheet)


class FigureMonthPages(Controller):
    path = "/mes-chiffres/mois/{month:str}"

    @get(name="followup.figure_months.edit")
    async def edit(self, request: Web, db: Db, me: Me, month: FromPath[str]) -> Response[str]:
        day = month_named(month)
        require(policy.can_keep_figures(me))
        kept = await queries.find_month(db, me, day)
        headings = await _headings(db, me, day, kept)
        return await _form_page(request, db, me, day, _form(headings, kept))

    @post(name="followup.figure_months.update")
    async def update(self, request: Web, db: Db, me: Me, month: FromPath[str]) -> Response[Any]:
        day = month_named(month)
        require(policy.can_keep_figures(me))
        headings = await _headings(db, me, day, await queries.find_month(db, me, day))
        form = await bind(month_form(headings), request)
        choosing = False
        if form.is_valid:
            try:
                await actions.save_month(db, me, day, form.data)
            except MonthChanged as changed:
                form.refuse(changed)
                choosing = True
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(request, "followup.figures.index", notice="month_saved")
        return await _form_page(request, db, me, day, form, choosing=choosing)


def this_month() -> dt.date:
    return first_of(clock.today())


def read_year(first: str | None) -> Season:
    """Twelve months from the one that an address says; else the farm season of last month."""
    day = read_date(first)
    last_month = add_months(this_month(), -1)
    return Season.between(first_of(day), None) if day else Season.around(last_month)


def month_named(text: str) -> dt.date:
    try:
        return read_month(text)
    except ValueError:
        raise NotVisible from None


def month_asked(text: str | None) -> dt.date:
    """The month that a question names, last month when it names none."""
    with suppress(ValueError):
        return read_month(text or "")
    return add_months(this_month(), -1)


def key(month: dt.date) -> str:
    """The month as addresses hold it: ``2026-10``."""
    return f"{month:%Y-%m}"


def what_is_shown(accounts: Accounts) -> dict[str, Any]:
    """The lists and the drawings, the same for the person and for who reads what she shared."""
    season = accounts.season
    calendar = season == Season.year(season.start.year)
    other = Season.around(season.start) if calendar else Season.year(season.start.year + 1)
    return {
        "season": season,
        "other_season": other,
        "months": accounts.months,
        "tables": accounts.tables(),
        "charts": [
            (title, chart)
            for kind, title in ((SALE, N_("Ventes")), (COST, N_("Dépenses")))
            if (chart := _chart(accounts, kind))
        ],
        "letters": [month_name(one)[0].upper() for one in accounts.months],
        "cell": cell,
        "month_name": month_name,
        "key": key,
        "drawing": drawing,
        "sale": SALE,
        "cost": COST,
    }


def _chart(accounts: Accounts, kind: str) -> drawing.Bars | None:
    def by_month(amounts: Amounts, known: Any) -> list[Decimal | None]:
        return [
            accounts.total(amounts, kind, month) if month in known else None
            for month in accounts.months
        ]

    planned = {month for _, month in accounts.plan}
    return drawing.bars(
        by_month(accounts.real, set(accounts.filled)), by_month(accounts.plan, planned)
    )


def cell(value: Cell) -> Any:
    """A cell as the reader writes it; amounts with their cents."""
    return i18n.euros(decimal_of(value)) if isinstance(value, Money) else shown(value)


def decimal_of(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)


LISTS = ("mois", "lignes", "detail")
SHEETS = {"chiffres.xlsx", *(f"{name}.csv" for name in LISTS)}


def refuse_unknown_sheet(sheet: str) -> None:
    if sheet not in SHEETS:
        raise NotVisible


def as_file(accounts: Accounts, sheet: str) -> Response[bytes]:
    """``chiffres.xlsx`` with every list, or one list as ``mois.csv``."""
    stem, _, kind = sheet.rpartition(".")
    tables = {one.name: one for one in accounts.tables()}
    if kind == "csv":
        data, media = exports.as_csv(tables[stem]), "text/csv"
    else:
        data, media = exports.as_workbook(tables.values(), accounts.season.title()), SHEET
    named = f"{stem}_{accounts.season.start:%Y-%m}_{accounts.season.last_day:%Y-%m}.{kind}"
    headers = {
        "content-disposition": f'attachment; filename="{named}"',
        "cache-control": "no-store",
    }
    return Response(data, media_type=media, headers=headers)


async def _headings(
    db: AsyncSession, me: Actor, month: dt.date, kept: FigureMonth | None
) -> list[FigureHeading]:
    """Those offered that month, and those that hold an amount of it."""
    held = {one.heading_id for one in kept.amounts} if kept else set[int]()
    return [
        one
        for one in await queries.list_headings(db, me.person_id)
        if one.is_offered(month) or one.id in held
    ]


def _form(headings: list[FigureHeading], kept: FigureMonth | None) -> Form[MonthForm]:
    model = month_form(headings)
    if kept is None:
        return blank(model, version=0, once=new_once(), hours_per="month")
    amounts = {f"amount_{one.heading_id}": typed(one.amount) for one in kept.amounts}
    return blank(
        model,
        version=kept.version,
        once=new_once(),
        hours=None if kept.hours is None else typed(kept.hours),
        hours_per=kept.hours_per,
        words=kept.words,
        **amounts,
    )


def typed(amount: Decimal) -> str:
    """As people of the language type it: ``1234,50``."""
    text = f"{amount:f}".removesuffix(".00")
    return text if i18n.language() == "en" else text.replace(".", ",")


async def _form_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    month: dt.date,
    form: Form[MonthForm],
    *,
    choosing: bool = False,
) -> Response[str]:
    refused = bool(form.problems or form.field_errors)
    kept = await queries.find_month(db, me, month)
    if choosing:
        form.values |= {"version": [str(kept.version if kept else 0)], "once": [new_once()]}
    before = await queries.find_month(db, me, add_months(month, -1))
    headings = await _headings(db, me, month, kept)
    return page(
        request,
        "followup/figures/month.html",
        status=409 if choosing else 422 if refused else 200,
        month=month,
        this_month=this_month(),
        earlier=add_months(month, -1),
        later=add_months(month, 1),
        form=form,
        kinds=[(kind, [one for one in headings if one.kind == kind]) for kind in HeadingKind],
        kept=kept,
        stored=_amounts(kept) if choosing else {},
        choosing=choosing,
        last=_amounts(before),
        month_name=month_name,
        key=key,
        shared=[one for one in await queries.list_shares(db, me) if month in one.during],
        sale=SALE,
    )


def _amounts(kept: FigureMonth | None) -> Mapping[int, Decimal]:
    return {one.heading_id: one.amount for one in kept.amounts} if kept else {}
