"""Everybody on the way, and what is late."""

from litestar import Response, get
from litestar.params import FromQuery

from couveuse.structures.queries import list_structures_to_choose
from couveuse.trainees import policy, queries
from couveuse.trainees.models import PathState
from couveuse.trainees.rules.paths import state_name, state_options
from couveuse.web.deps import Db, Me, Web
from couveuse.web.guards import require
from couveuse.web.render import page

Text = FromQuery[str | None]


@get("/testeurs", name="trainees.board")
async def board(
    request: Web,
    db: Db,
    me: Me,
    q: Text = None,
    etat: Text = None,
    structure: Text = None,
    retard: Text = None,
    tous: Text = None,
) -> Response[str]:
    require(me.is_member)
    structure_id, state = _id(structure), _state(etat)
    return page(
        request,
        "trainees/paths/index.html",
        board=await queries.read_board(
            db,
            me,
            search=q or "",
            state=state,
            structure_id=structure_id,
            late_only=bool(retard),
            everyone=bool(tous),
        ),
        structures=await list_structures_to_choose(db, me),
        states=state_options(),
        search=q or "",
        state=state,
        structure_id=structure_id,
        late_only=bool(retard),
        everyone=bool(tous),
        state_name=state_name,
        policy=policy,
    )


def _id(text: str | None) -> int | None:
    """A filter that cannot be read filters nothing."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def _state(text: str | None) -> str | None:
    return text if text in set(PathState) else None
