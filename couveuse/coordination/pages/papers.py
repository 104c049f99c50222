"""Papers of everybody one answers for: to look at, to renew, still missing."""

import datetime as dt

from litestar import Response, get

from couveuse.core import clock
from couveuse.people import policy, queries
from couveuse.people.rules import paper_state
from couveuse.trainees.queries import list_papers_missing
from couveuse.web.deps import Db, Me, Web
from couveuse.web.guards import require
from couveuse.web.render import page

BEHIND = dt.timedelta(days=180)
"""What ended longer ago is not waited for any more."""
AHEAD = dt.timedelta(days=90)


@get("/papiers", name="coordination.papers")
async def papers(request: Web, db: Db, me: Me) -> Response[str]:
    require(policy.can_list_papers(me))
    today = clock.today()
    theirs = (policy.answers_for(me), queries.is_member_on(today))
    return page(
        request,
        "coordination/papers.html",
        today=today,
        to_check=await queries.list_papers_to_check(db, me),
        ending=await queries.list_papers_ending(db, today - BEHIND, today + AHEAD, *theirs),
        missing=await list_papers_missing(db, me),
        paper_state=paper_state,
        policy=policy,
    )
