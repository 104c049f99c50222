"""Claiming ground, and what may happen to a claim."""

from collections.abc import Awaitable
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy import actions, policy, queries
from couveuse.occupancy.actions.changing import Freed
from couveuse.occupancy.actions.seen import seen_as
from couveuse.occupancy.forms import (
    CancellationForm,
    ClaimForm,
    ConfirmationForm,
    DatesForm,
    EarlyEndForm,
    MistakeForm,
)
from couveuse.occupancy.models import PlotPeriod
from couveuse.occupancy.pages.choices import claim_choices, new_claim_form
from couveuse.occupancy.pages.plots import names_of, show_plot
from couveuse.occupancy.rules import kind_name, stage_name
from couveuse.occupancy.spans import said, stage_of, unbroken
from couveuse.plots.queries import get_plot
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "ground_claimed": N_("C'est noté, la parcelle est tenue à ces dates."),
        "claim_moved": N_("Les dates sont changées."),
        "claim_cancelled": N_("C'est annulé, la parcelle est libre à ces dates."),
        "claim_confirmed": N_("Le séjour est confirmé."),
    }
)

Text = FromQuery[str | None]


class PlotClaimPages(Controller):
    path = "/parcelles/{plot_id:int}/occupations"

    @get("/nouvelle", name="occupancy.claims.new")
    async def new(
        self,
        request: Web,
        db: Db,
        me: Me,
        plot_id: RowId,
        debut: Text = None,
        fin: Text = None,
    ) -> Response[str]:
        plot = await get_plot(db, me, plot_id)
        require(policy.can_claim(me, plot))
        form = new_claim_form(starts_on=debut or "", ends_on=fin or "")
        choices = await claim_choices(db, me)
        return page(request, "occupancy/claims/new.html", plot=plot, form=form, **choices)

    @post(name="occupancy.claims.create")
    async def create(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[Any]:
        plot = await get_plot(db, me, plot_id)
        require(policy.can_claim(me, plot))
        form = await bind(ClaimForm, request)
        if form.is_valid:
            try:
                period = await actions.claim_ground(db, me, plot, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return to_claim(request, period.id, "ground_claimed")
        plot = await get_plot(db, me, plot_id)
        return await show_plot(request, db, me, plot, form, status=422)


class ClaimPages(Controller):
    path = "/occupations/{period_id:int}"

    @get(name="occupancy.claims.show")
    async def show(self, request: Web, db: Db, me: Me, period_id: RowId) -> Response[str]:
        period = await queries.get_period(db, me, period_id)
        return await show_claim(request, db, me, period)

    @post("/dates", name="occupancy.dates.create")
    async def move(self, request: Web, db: Db, me: Me, period_id: RowId) -> Response[Any]:
        period = await queries.get_period(db, me, period_id)
        require(policy.can_change_dates(me, period))
        form = await bind(DatesForm, request)
        if form.is_valid:
            done = actions.change_dates(db, me, period, form.data)
            return await decided(request, db, me, period, form, done, "claim_moved")
        return await show_claim(request, db, me, period, form)

    @post("/fin", name="occupancy.ends.create")
    async def end(self, request: Web, db: Db, me: Me, period_id: RowId) -> Response[Any]:
        period = await queries.get_period(db, me, period_id)
        require(policy.is_in_charge(me, period.plot))
        form = await bind(EarlyEndForm, request)
        if not form.is_valid:
            return await show_claim(request, db, me, period, form)
        try:
            freed = await actions.end_early(db, me, period, form.data)
        except Conflict:
            raise
        except Refused as refused:
            form.refuse(refused)
            fresh = await queries.get_period(db, me, period_id)
            return await show_claim(request, db, me, fresh, form)
        return _freed(request, period, freed)

    @post("/annulation", name="occupancy.cancellations.create")
    async def cancel(self, request: Web, db: Db, me: Me, period_id: RowId) -> Response[Any]:
        period = await queries.get_period(db, me, period_id)
        require(policy.is_in_charge(me, period.plot))
        form, plot_id = await bind(CancellationForm, request), period.plot_id
        if not form.is_valid:
            return await show_claim(request, db, me, period, form)
        try:
            await actions.cancel_claim(db, me, period, form.data)
        except Conflict:
            raise
        except Refused as refused:
            form.refuse(refused)
            fresh = await queries.get_period(db, me, period_id)
            return await show_claim(request, db, me, fresh, form)
        return see_other(request, "occupancy.plots.show", notice="claim_cancelled", plot_id=plot_id)

    @post("/entree", name="occupancy.confirmations.create")
    async def confirm(self, request: Web, db: Db, me: Me, period_id: RowId) -> Response[Any]:
        period = await queries.get_period(db, me, period_id)
        require(policy.is_in_charge(me, period.plot))
        form = await bind(ConfirmationForm, request)
        if form.is_valid:
            done = actions.confirm_stay(db, me, period, form.data)
            return await decided(request, db, me, period, form, done, "claim_confirmed")
        return await show_claim(request, db, me, period, form)


def to_claim(request: Web, period_id: int, notice: str) -> Response[Any]:
    return see_other(request, "occupancy.claims.show", notice=notice, period_id=period_id)


def _freed(request: Web, period: PlotPeriod, freed: list[Freed]) -> Response[Any]:
    """Go to the claim, where the page tells what it freed."""
    first = min((one.during.lower for one in freed if one.during.lower), default=clock.today())
    address = request.app.route_reverse("occupancy.claims.show", period_id=period.id)
    return Response(None, status_code=303, headers={"location": f"{address}?libere={first}"})


async def decided(
    request: Web,
    db: AsyncSession,
    me: Actor,
    period: PlotPeriod,
    form: Form[Any],
    done: Awaitable[None],
    notice: str,
) -> Response[Any]:
    """Do it and go to the claim; or show the claim with every reason against it."""
    period_id = period.id
    try:
        await done
    except Conflict:
        raise
    except Refused as refused:
        form.refuse(refused)
        fresh = await queries.get_period(db, me, period_id)
        return await show_claim(request, db, me, fresh, form)
    return to_claim(request, period_id, notice)


async def show_claim(
    request: Web, db: AsyncSession, me: Actor, period: PlotPeriod, form: Form[Any] | None = None
) -> Response[str]:
    """A claim with the forms of what may be done; ``form`` is the one that was refused."""
    seen = seen_as(period)
    forms = {
        model: form if form and form.model is model else blank(model, **known, seen=seen)
        for model, known in (
            (DatesForm, {"starts_on": period.during.lower, "ends_on": period.last_day}),
            (EarlyEndForm, {}),
            (CancellationForm, {}),
            (ConfirmationForm, {}),
            (MistakeForm, {}),
        )
    }
    in_charge = policy.is_in_charge(me, period.plot)
    sequels = (await queries.list_sequels(db, period.plot_id)).get(period.id, [])
    siblings = (
        await queries.list_stay_claims(db, period.stay_id, period.kind) if period.stay_id else []
    )
    return page(
        request,
        "occupancy/claims/show.html",
        status=422 if form else 200,
        period=period,
        plot=period.plot,
        who=names_of(period),
        holders=await queries.list_holders(
            db, me, period.stay.people if period.stay else [], period.kind, period.during
        ),
        whole=unbroken(period.during, [one.during for one in siblings]),
        siblings=[one for one in siblings if one.id != period.id],
        sequels=sequels,
        stage=stage_of(period.during, period.planned_end_on, clock.today(), goes_on=bool(sequels)),
        stage_name=stage_name,
        dates=forms[DatesForm],
        ending=forms[EarlyEndForm],
        cancelling=forms[CancellationForm],
        confirming=forms[ConfirmationForm],
        removing=forms[MistakeForm],
        policy=policy,
        said=said,
        kind_name=kind_name,
        today=clock.today(),
        **(await claim_choices(db, me) if in_charge else {}),
    )
