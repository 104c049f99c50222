"""One person's whole file, and who opened it."""

import datetime as dt

from litestar import Controller, Response, get
from litestar.params import FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination import policy, queries
from couveuse.coordination.timeline import KINDS, EventKind, read_timeline
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.core.retention import Keeping, read_periods
from couveuse.followup.policy import can_keep_figures
from couveuse.followup.queries import has_figures, may_read_follow_up, may_type_papers
from couveuse.network.policy import can_count, can_manage_grants
from couveuse.people.pages.persons import Way, leads_to
from couveuse.people.rules import paper_state
from couveuse.trainees.actions.readings import note_reading
from couveuse.trainees.policy import can_offer_agreement, can_see_trainees
from couveuse.trainees.queries import get_trainee, has_file, list_readings
from couveuse.trainees.rules import span_in_words
from couveuse.trainees.rules.groups import follow_up_name
from couveuse.trainees.rules.paths import state_name
from couveuse.web.deps import Db, Me, RowId, Web, own_transaction
from couveuse.web.guards import require
from couveuse.web.menu import offers
from couveuse.web.render import page

Text = FromQuery[str | None]

offers({"coordination.files.show": policy.has_own_file})


@leads_to
async def file_door(db: AsyncSession, me: Actor, person_id: int) -> Way | None:
    """From the page of a person to her file, for those who may open it."""
    found = await has_file(db, me, person_id)
    return ("coordination.files.show", N_("Voir le parcours")) if found else None


class FilePages(Controller):
    path = "/testeurs/{person_id:int}"

    @get(name="coordination.files.show")
    async def show(
        self,
        request: Web,
        db: Db,
        me: Me,
        person_id: RowId,
        nature: Text = None,
        avant: Text = None,
    ) -> Response[str]:
        async with own_transaction(request) as beside:
            await note_reading(beside, me, person_id)
        file = await queries.read_file(db, me, person_id)
        reads = await may_read_follow_up(db, me, person_id)
        kind = next((one for one in EventKind if one == nature), None)
        return page(
            request,
            "coordination/files/show.html",
            file=file,
            timeline=await read_timeline(db, me, person_id, kind=kind, before=_day(avant)),
            kinds=KINDS,
            kind=kind,
            before=_day(avant),
            today=clock.today(),
            state_name=state_name,
            follow_up_name=follow_up_name,
            paper_state=paper_state,
            said=span_in_words,
            policy=policy,
            can_see_trainees=can_see_trainees,
            offers_agreement=can_offer_agreement(me),
            reads_follow_up=reads,
            types_papers=await may_type_papers(db, me, person_id),
            keeps_figures=me.person_id == person_id and can_keep_figures(me),
            reads_figures=await has_figures(db, me, person_id),
            counts_all=can_count(me) and (reads or can_manage_grants(me)),
        )

    @get("/lectures", name="coordination.readings.index")
    async def readings(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        person = await get_trainee(db, me, person_id)
        require(policy.can_read_readings(me, person_id))
        return page(
            request,
            "coordination/files/readings.html",
            person=person,
            readings=await list_readings(db, person_id),
            months=(await read_periods(db))[Keeping.READINGS].months,
            zone=clock.PARIS,
        )


def _day(text: str | None) -> dt.date | None:
    """A day of the address; one that cannot be read narrows nothing."""
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None
