"""Signing up for a workshop, by oneself or for somebody, and giving the place back."""

from typing import Any

from litestar import Controller, Response, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.followup import policy, queries, workshop_policy
from couveuse.followup.actions.workshop_seats import leave, sign_up
from couveuse.followup.models import Workshop
from couveuse.followup.pages.workshops import show_workshop
from couveuse.followup.queries.workshops import get_workshop, load_workshop
from couveuse.followup.workshop_forms import SeatForm
from couveuse.people.queries import get_person, list_people_to_choose
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import bind
from couveuse.web.guards import require
from couveuse.web.render import notices, see_other

notices(
    {
        "seat_taken": N_("C'est noté : vous avez une place."),
        "seat_waits": N_("L'atelier est complet : vous êtes sur la liste d'attente."),
        "seat_added": N_("La personne a une place. Elle est prévenue."),
        "seat_added_waits": N_("L'atelier est complet : la personne est sur la liste d'attente."),
        "seat_left": N_("L'inscription est retirée."),
    }
)


class WorkshopSeatPages(Controller):
    path = "/ateliers/{workshop_id:int}/inscriptions"

    @post(name="followup.workshop_seats.create")
    async def create(self, request: Web, db: Db, me: Me, workshop_id: RowId) -> Response[Any]:
        workshop = await get_workshop(db, me, workshop_id)
        form = await bind(SeatForm, request)
        if form.is_valid:
            asked = form.data.person_id or me.person_id
            person = await get_person(db, me, asked)
            require(me.is_member and await may_answer_for(db, me, workshop, asked))
            try:
                seat = await sign_up(db, me, workshop, person)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                workshop = await load_workshop(db, workshop_id)
            else:
                own = asked == me.person_id
                if seat.number:
                    return _to(request, workshop_id, "seat_taken" if own else "seat_added")
                return _to(request, workshop_id, "seat_waits" if own else "seat_added_waits")
        return await show_workshop(request, db, me, workshop, form=form, status=422)

    @post("/retrait", name="followup.workshop_seats.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, workshop_id: RowId) -> Response[Any]:
        workshop = await get_workshop(db, me, workshop_id)
        form = await bind(SeatForm, request)
        if form.is_valid:
            asked = form.data.person_id or me.person_id
            require(await may_answer_for(db, me, workshop, asked))
            try:
                await leave(db, me, workshop, asked)
            except Conflict:
                raise
            except Refused as refused:
                form.refuse(refused)
                workshop = await load_workshop(db, workshop_id)
            else:
                if asked == me.person_id:
                    return see_other(request, "followup.workshops.index", notice="seat_left")
                return _to(request, workshop_id, "seat_left")
        return await show_workshop(request, db, me, workshop, form=form, status=422)


async def may_answer_for(db: AsyncSession, me: Actor, workshop: Workshop, person_id: int) -> bool:
    """For oneself; for anybody of the network, who runs it; for those one follows."""
    if person_id == me.person_id:
        return True
    if workshop_policy.runs(me, workshop):
        known = {key for key, _ in await list_people_to_choose(db, me)}
        return person_id in known or workshop.seat_of(person_id) is not None
    return policy.can_follow(me) and person_id in dict(await queries.list_followed(db, me))


def _to(request: Web, workshop_id: int, notice: str) -> Response[None]:
    return see_other(request, "followup.workshops.show", notice=notice, workshop_id=workshop_id)
