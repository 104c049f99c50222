"""What becomes of an agreement: renewed, or ended before the day that was planned."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.trainees import actions, queries
from couveuse.trainees.forms import EarlyEndForm, PeriodForm
from couveuse.trainees.models import Agreement, AgreementKind
from couveuse.trainees.pages.agreements import own_agreement, to_agreement
from couveuse.trainees.pages.choices import new_once
from couveuse.trainees.rules import DAY, last_of_all, last_of_period, limits_in_words, standing
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.render import notices, page

notices(
    {
        "agreement_renewed": N_("Le renouvellement est noté. Il attend son document signé."),
        "agreement_ended": N_("La fin anticipée est notée. Pensez aux avis à envoyer."),
    }
)


class RenewalPages(Controller):
    path = "/conventions/{agreement_id:int}/renouvellements"

    @get("/nouveau", name="trainees.renewals.new")
    async def new(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await own_agreement(db, me, agreement_id)
        kind = await queries.kind_of(db, agreement)
        form = blank(PeriodForm, once=new_once(), **_next_period(agreement, kind))
        return await _renewal_page(request, db, agreement, form)

    @post(name="trainees.renewals.create")
    async def create(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        form = await bind(PeriodForm, request)
        if form.is_valid:
            try:
                await actions.renew_agreement(db, me, agreement, form.data)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                return to_agreement(request, agreement_id, "agreement_renewed")
        return await _renewal_page(request, db, agreement, form, status=422)


class EarlyEndPages(Controller):
    path = "/conventions/{agreement_id:int}/rupture"

    @get(name="trainees.early_ends.new")
    async def new(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[str]:
        agreement = await own_agreement(db, me, agreement_id)
        return await _end_page(request, db, agreement, blank(EarlyEndForm))

    @post(name="trainees.early_ends.create")
    async def create(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        form = await bind(EarlyEndForm, request)
        if form.is_valid:
            try:
                await actions.end_early(db, me, agreement, form.data)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                return to_agreement(request, agreement_id, "agreement_ended")
        return await _end_page(request, db, agreement, form, status=422)


def _next_period(agreement: Agreement, kind: AgreementKind) -> dict[str, Any]:
    """The longest period that the law allows next, to be signed today or while there is time."""
    before = agreement.periods[-1].last_day
    first = before + DAY
    ends = [
        day
        for day in (
            last_of_period(kind, first),
            last_of_all(kind, agreement.periods[0].first_day, agreement.carried_months),
        )
        if day and day >= first
    ]
    return {
        "starts_on": first,
        "ends_on": min(ends) if ends else None,
        "signed_on": min(clock.today(), before),
    }


async def _renewal_page(
    request: Web,
    db: AsyncSession,
    agreement: Agreement,
    form: Form[PeriodForm],
    status: int = 200,
) -> Response[str]:
    kind = await queries.kind_of(db, agreement)
    return page(
        request,
        "trainees/agreements/renewal.html",
        status=status,
        agreement=agreement,
        form=form,
        kind=kind,
        limits=limits_in_words(kind),
        standing=standing(agreement, kind, clock.today()),
    )


async def _end_page(
    request: Web,
    db: AsyncSession,
    agreement: Agreement,
    form: Form[EarlyEndForm],
    status: int = 200,
) -> Response[str]:
    kind = await queries.kind_of(db, agreement)
    return page(
        request,
        "trainees/agreements/early_end.html",
        status=status,
        agreement=agreement,
        form=form,
        kind=kind,
        standing=standing(agreement, kind, clock.today()),
    )
