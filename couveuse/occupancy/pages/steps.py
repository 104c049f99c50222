"""Stays that do not agree with what they rest on."""

from litestar import Response, get

from couveuse.occupancy import policy, queries
from couveuse.web.deps import Db, Me, Web
from couveuse.web.guards import require
from couveuse.web.render import page


@get("/sejours/alertes", name="occupancy.steps")
async def out_of_step(request: Web, db: Db, me: Me) -> Response[str]:
    require(policy.can_see_season(me))
    return page(
        request,
        "occupancy/steps.html",
        stays=await queries.list_out_of_step(db, me),
        settles=policy.can_settle_stays(me),
    )
