"""Whom somebody shows their figures to, who read them, and what a reader sees."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.i18n import N_
from couveuse.followup import actions, policy, queries
from couveuse.followup.accounts import Accounts, month_name
from couveuse.followup.figure_forms import ReminderForm, ShareMonthsForm
from couveuse.followup.pages.figures import (
    as_file,
    month_asked,
    month_named,
    read_year,
    refuse_unknown_sheet,
    this_month,
    what_is_shown,
)
from couveuse.occupancy.season import Season, add_months
from couveuse.people.models import Person
from couveuse.trainees.queries import get_trainee
from couveuse.web.deps import Db, Me, RowId, Web, own_transaction
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

Text = FromQuery[str | None]
MONTHS_OFFERED = 24

notices(
    {
        "figures_shared": N_("C'est partagé. Vous pouvez revenir en arrière à tout moment."),
        "share_withdrawn": N_("Le partage est retiré : personne ne lit plus ces mois par lui."),
        "month_hidden": N_("Ce mois n'est plus lu que par vous."),
    }
)


class FigureSharePages(Controller):
    path = "/mes-chiffres"

    @get("/partages", name="followup.figure_shares.index")
    async def index(self, request: Web, db: Db, me: Me, mois: Text = None) -> Response[str]:
        require(await queries.may_open_own(db, me))
        month = month_asked(mois)
        return await _page(
            request, db, me, blank(ShareMonthsForm, month=f"{month:%Y-%m}", reach="month")
        )

    @post("/partages", name="followup.figure_shares.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_keep_figures(me))
        form = await bind(ShareMonthsForm, request)
        if form.is_valid:
            try:
                await actions.share_months(db, me, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _back(request, "figures_shared")
        return await _page(request, db, me, form, status=422)

    @post("/partages/{share_id:int}/retrait", name="followup.figure_withdrawals.create")
    async def withdraw(self, request: Web, db: Db, me: Me, share_id: RowId) -> Response[None]:
        await actions.withdraw_share(db, me, await queries.get_share(db, me, share_id))
        return _back(request, "share_withdrawn")

    @post("/mois/{month:str}/retrait", name="followup.figure_hidings.create")
    async def hide(self, request: Web, db: Db, me: Me, month: FromPath[str]) -> Response[None]:
        day = month_named(month)
        require(await queries.may_open_own(db, me))
        await actions.hide_month(db, me, day)
        return _back(request, "month_hidden")

    @post("/rappel", name="followup.figure_reminders.update")
    async def remind(self, request: Web, db: Db, me: Me) -> Response[None]:
        require(policy.can_keep_figures(me))
        form = await bind(ReminderForm, request)
        await actions.set_figure_reminder(db, me, wanted=form.is_valid and form.data.wanted)
        return _back(request, "saved")


class SharedFigurePages(Controller):
    path = "/testeurs/{person_id:int}/chiffres-du-mois"

    @get(name="followup.shared_figures.show")
    async def show(
        self, request: Web, db: Db, me: Me, person_id: RowId, debut: Text = None
    ) -> Response[str]:
        person, accounts = await _shared(request, db, me, person_id, debut)
        return page(
            request,
            "followup/figures/shared.html",
            person=person,
            accounts=accounts,
            **what_is_shown(accounts),
        )

    @get("/export/{sheet:str}", name="followup.shared_figure_exports.show")
    async def export(
        self,
        request: Web,
        db: Db,
        me: Me,
        person_id: RowId,
        sheet: FromPath[str],
        debut: Text = None,
    ) -> Response[bytes]:
        refuse_unknown_sheet(sheet)
        _, accounts = await _shared(request, db, me, person_id, debut)
        return as_file(accounts, sheet)


async def _shared(
    request: Web, db: AsyncSession, me: Actor, person_id: int, first: str | None
) -> tuple[Person, Accounts]:
    """What this reader may read; who opened it is written down before."""
    async with own_transaction(request) as beside:
        await actions.note_figures_reading(beside, me, person_id)
    person = await get_trainee(db, me, person_id)
    newest = await queries.newest_visible_month(db, me, person_id)
    if newest is None and me.person_id != person_id:
        raise NotVisible
    season = Season.around(newest) if newest and not first else read_year(first)
    return person, await queries.read_accounts(db, me, person_id, season)


async def _page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    form: Form[ShareMonthsForm],
    *,
    status: int = 200,
) -> Response[str]:
    members = (await queries.list_group_people(db, me.person_id))[1:]
    return page(
        request,
        "followup/figures/shares.html",
        status=status,
        form=form,
        months=[
            (f"{month:%Y-%m}", month_name(month))
            for month in (add_months(this_month(), -number) for number in range(MONTHS_OFFERED))
        ],
        members=[(one.id, one.name) for one in members],
        shares=await queries.list_shares(db, me),
        readings=await queries.list_figure_readings(db, me.person_id),
        reminder=await queries.wants_reminder(db, me.person_id),
        can_keep=policy.can_keep_figures(me),
        said=span_of_months,
        zone=clock.PARIS,
    )


def span_of_months(during: Range[dt.date]) -> str:
    """One month, from one to another, or from one on."""
    first, end = during.lower, during.upper
    assert first is not None  # noqa: S101, a constraint keeps it
    if end is None:
        return i18n.translated(N_("à partir de : %(first)s"), {"first": month_name(first)})
    last = add_months(end, -1)
    if first == last:
        return month_name(first)
    words = {"first": month_name(first), "last": month_name(last)}
    return i18n.translated(N_("%(first)s – %(last)s"), words)


def _back(request: Web, notice: str) -> Response[None]:
    return see_other(request, "followup.figure_shares.index", notice=notice)
