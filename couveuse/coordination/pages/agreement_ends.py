"""The end of an agreement: what its last day touches, and how each thing is settled."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination import actions, queries
from couveuse.coordination.forms import AgreementEndForm
from couveuse.coordination.queries import EndTouches
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.occupancy.spans import said
from couveuse.people.queries import list_people_to_choose
from couveuse.people.rules import role_name
from couveuse.trainees.models import Agreement, PathState
from couveuse.trainees.pages.agreements import own_agreement
from couveuse.trainees.policy import can_manage_path
from couveuse.trainees.queries import kind_of
from couveuse.trainees.rules.groups import follow_up_name
from couveuse.trainees.rules.paths import FOLLOWS, state_name
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.render import notices, page, see_other

notices({"agreement_settled": N_("La fin de la convention est réglée, avec ce qu'elle touchait.")})
AFTER = (PathState.LEAVING, PathState.EXITED)


class AgreementEndPages(Controller):
    path = "/conventions/{agreement_id:int}/fin"

    @get(name="coordination.agreement_ends.new")
    async def new(
        self,
        request: Web,
        db: Db,
        me: Me,
        agreement_id: RowId,
        jour: FromQuery[str | None] = None,
    ) -> Response[str]:
        agreement = await own_agreement(db, me, agreement_id)
        day = _day(jour, agreement)
        touched = await queries.what_agreement_end_touches(db, me, agreement, day)
        form = blank(AgreementEndForm, ends_on=day, **proposed(touched))
        return await _show(request, db, me, agreement, touched, form)

    @post(name="coordination.agreement_ends.create")
    async def create(self, request: Web, db: Db, me: Me, agreement_id: RowId) -> Response[Any]:
        agreement = await own_agreement(db, me, agreement_id)
        form = await bind(AgreementEndForm, request)
        if form.is_valid:
            try:
                await actions.settle_end(db, me, agreement, form.data)
            except Refused as refused:
                form.refuse(refused)
                agreement = await own_agreement(db, me, agreement_id)
            else:
                return see_other(
                    request,
                    "coordination.files.show",
                    notice="agreement_settled",
                    person_id=agreement.person_id,
                )
        day = form.checked.ends_on if form.checked else _day(None, agreement)
        touched = await queries.what_agreement_end_touches(db, me, agreement, day)
        form.values["seen"] = [touched.seen]
        return await _show(request, db, me, agreement, touched, form, status=422)


def proposed(touched: EndTouches) -> dict[str, Any]:
    """What usually becomes of each thing: what others share, and who follows, goes on.

    Who stays a member by another membership keeps the items.
    """
    path = touched.path
    ending = {one.id for one in touched.memberships}
    stays = any(one.id not in ending for one in touched.goes_on)
    over = touched.last_day <= clock.today()
    state = PathState.EXITED if over else PathState.LEAVING
    return {
        "ground": [one.first.id for one in touched.ground if one.is_own and not one.others],
        "bookings": [one.id for one in touched.bookings],
        "memberships": [one.id for one in touched.memberships],
        "items": [] if stays else [one.id for one in touched.items],
        "handback": bool(touched.handbacks),
        "state": state if path and state in FOLLOWS[PathState(path.state)] else None,
        "seen": touched.seen,
    }


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    agreement: Agreement,
    touched: EndTouches,
    form: Form[AgreementEndForm],
    *,
    status: int = 200,
) -> Response[str]:
    path, last = touched.path, agreement.periods[-1].last_day
    moves = (
        FOLLOWS[PathState(path.state)] if path and can_manage_path(me, path.structure_id) else ()
    )
    people = await list_people_to_choose(db, me)
    return page(
        request,
        "coordination/agreement_end.html",
        status=status,
        agreement=agreement,
        kind=await kind_of(db, agreement),
        touched=touched,
        form=form,
        last=last,
        is_early=touched.last_day < last,
        states=[(one.value, state_name(one)) for one in AFTER if one in moves],
        people=[(key, name) for key, name in people if key != agreement.person_id],
        said=said,
        role_name=role_name,
        follow_up_name=follow_up_name,
        state_name=state_name,
    )


def _day(text: str | None, agreement: Agreement) -> dt.date:
    """The day asked for when it can be, else the last day of the agreement."""
    last = agreement.periods[-1].last_day
    if agreement.ended_on:
        return last
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return last
    return day if agreement.periods[0].first_day <= day <= last else last
