"""What was written wrong about a claim, and what was never true."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy import actions, policy, queries
from couveuse.occupancy.actions.seen import seen_as
from couveuse.occupancy.forms import CorrectionForm, MistakeForm
from couveuse.occupancy.models import PlotPeriod
from couveuse.occupancy.pages.choices import claim_choices
from couveuse.occupancy.pages.claims import show_claim, to_claim
from couveuse.occupancy.pages.plots import names_of
from couveuse.occupancy.rules import kind_name
from couveuse.occupancy.spans import said
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "claim_corrected": N_("C'est corrigé."),
        "claim_mistaken": N_("L'erreur de saisie est retirée, la parcelle est libre à ces dates."),
    }
)


class CorrectionPages(Controller):
    path = "/occupations/{period_id:int}"

    @get("/correction", name="occupancy.corrections.edit")
    async def edit(self, request: Web, db: Db, me: Me, period_id: RowId) -> Response[str]:
        period = await queries.get_period(db, me, period_id)
        require(policy.can_correct(me, period))
        return await show_correction(request, db, me, period, _as_written(period))

    @post("/correction", name="occupancy.corrections.update")
    async def update(self, request: Web, db: Db, me: Me, period_id: RowId) -> Response[Any]:
        period = await queries.get_period(db, me, period_id)
        require(policy.can_correct(me, period))
        form = await bind(CorrectionForm, request)
        if form.is_valid:
            try:
                await actions.correct_claim(db, me, period, form.data)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                period = await queries.get_period(db, me, period_id)
            else:
                return to_claim(request, period_id, "claim_corrected")
        return await show_correction(request, db, me, period, form, status=422)

    @post("/erreur", name="occupancy.mistakes.create")
    async def remove(self, request: Web, db: Db, me: Me, period_id: RowId) -> Response[Any]:
        period = await queries.get_period(db, me, period_id)
        require(policy.is_in_charge(me, period.plot))
        form, plot_id = await bind(MistakeForm, request), period.plot_id
        if form.is_valid:
            try:
                await actions.remove_mistake(db, me, period, form.data)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                period = await queries.get_period(db, me, period_id)
            else:
                return see_other(
                    request, "occupancy.plots.show", notice="claim_mistaken", plot_id=plot_id
                )
        return await show_claim(request, db, me, period, form)


def _as_written(period: PlotPeriod) -> Form[CorrectionForm]:
    first, *others = [one.id for one in period.stay.people] if period.stay else [None]
    return blank(
        CorrectionForm,
        kind=period.kind,
        person_id=first,
        person_ids=others,
        reason=period.reason,
        seen=seen_as(period),
    )


async def show_correction(
    request: Web,
    db: AsyncSession,
    me: Actor,
    period: PlotPeriod,
    form: Form[CorrectionForm],
    *,
    status: int = 200,
) -> Response[str]:
    """The form; who holds the claim can be kept, also once gone from the network."""
    choices = await claim_choices(db, me)
    known = {key for key, _ in choices["people"]}
    holders = period.stay.people if period.stay else []
    choices["people"] += [(one.id, one.name) for one in holders if one.id not in known]
    return page(
        request,
        "occupancy/claims/correct.html",
        status=status,
        period=period,
        plot=period.plot,
        who=names_of(period),
        form=form,
        said=said,
        kind_name=kind_name,
        **choices,
    )
