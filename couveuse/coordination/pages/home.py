"""Today, and the mails that left or wait."""

from litestar import Response, get

from couveuse.coordination import policy, queries
from couveuse.core import clock
from couveuse.followup.rules import MODES, STATES
from couveuse.people.policy import can_list_papers
from couveuse.trainees.rules.paths import state_name
from couveuse.web.deps import Config, Db, Me, Web
from couveuse.web.guards import require
from couveuse.web.render import page


@get("/", name="coordination.home")
async def home(request: Web, db: Db, me: Me) -> Response[str]:
    return page(
        request,
        "coordination/home.html",
        today=clock.today(),
        now=await queries.read_today(db, me),
        policy=policy,
        state_name=state_name,
        zone=clock.PARIS,
        lists_papers=can_list_papers(me),
        states=STATES,
        modes=MODES,
    )


@get("/courrier", name="coordination.outbox")
async def outbox(request: Web, db: Db, me: Me, settings: Config) -> Response[str]:
    require(policy.can_read_outbox(me))
    return page(
        request,
        "coordination/outbox.html",
        mails=await queries.list_outbox(db),
        has_server=bool(settings.smtp_url),
    )
