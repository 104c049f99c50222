"""What if somebody stayed some months more: shown before anything is decided, nothing written."""

from litestar import Response, get
from litestar.params import FromQuery

from couveuse.coordination.queries.simulation import simulate
from couveuse.core import clock
from couveuse.trainees.policy import can_manage_agreement
from couveuse.trainees.queries import get_trainee, list_agreements, read_clock
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.render import page

USUAL, MOST = 6, 36


@get("/testeurs/{person_id:int}/simulation", name="coordination.simulations.show")
async def simulation(
    request: Web, db: Db, me: Me, person_id: RowId, mois: FromQuery[str | None] = None
) -> Response[str]:
    person = await get_trainee(db, me, person_id)
    known = await read_clock(db, await list_agreements(db, person_id))
    months = _months(mois)
    return page(
        request,
        "coordination/simulation.html",
        person=person,
        known=known,
        months=months,
        found=await simulate(db, person_id, known, months) if known else None,
        may_renew=known is not None and can_manage_agreement(me, known.agreement.structure_id),
        today=clock.today(),
    )


def _months(text: str | None) -> int:
    """The months asked for; what cannot be read asks for the usual six."""
    if text and text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= MOST:
        return int(text[:4])
    return USUAL
