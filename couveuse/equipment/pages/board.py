"""The week of all items: on screen, live, and on paper."""

import datetime as dt
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import segno
from litestar import Controller, Response, get
from litestar.params import FromQuery
from litestar.response import ServerSentEvent, ServerSentEventMessage
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.clock import Week
from couveuse.core.errors import Unreadable
from couveuse.core.i18n import N_
from couveuse.core.live import Hub
from couveuse.core.sheets import fold
from couveuse.equipment import boards, policy
from couveuse.equipment.forms import BoardBookingForm
from couveuse.equipment.pages.choices import new_booking_form, people_to_book_for
from couveuse.equipment.week import Part, Row, day_heads, week_title
from couveuse.plots.queries import list_plots_to_choose
from couveuse.structures.queries import get_site, get_structure
from couveuse.web.deps import Db, Me, Web
from couveuse.web.forms import read_id
from couveuse.web.guards import require
from couveuse.web.render import is_partial, page, site_address

Text = FromQuery[str | None]
DAYS = set("1234567")
ALL = Part()


def read_week(text: str | None) -> Week:
    """The week of an address, this one when it says none."""
    try:
        return Week.parse(text) if text else Week.of(clock.today())
    except ValueError:
        sentence = N_("« %(text)s » n'est pas une semaine. Écrivez par exemple 2026-W48.")
        raise Unreadable(sentence, text=text[:40] if text else "") from None


def read_day(text: str | None, week: Week) -> int:
    """The day that a phone shows: the one asked for, else today, else Monday. 1 to 7."""
    today = clock.today()
    if text in DAYS:
        return int(text)
    return today.isoweekday() if today in week.days else 1


async def read_part(
    db: AsyncSession, me: Actor, site: str | None, structure: str | None
) -> tuple[Part, str]:
    """The items of one site or one structure, and its name; all when the address is bare."""
    part = Part(read_id(site), read_id(structure))
    names: list[str] = []
    if part.site_id:
        names.append((await get_site(db, me, part.site_id))[0].name)
    if part.structure_id:
        names.append((await get_structure(db, me, part.structure_id)).label)
    return part, " · ".join(names)


def week_context(week: Week, day: int, part: Part = ALL) -> dict[str, Any]:
    today = clock.today()
    return {
        "week": week,
        "part": part,
        "title": week_title(week),
        "heads": day_heads(week, today),
        "day": day,
        "today": today.isoweekday() if today in week.days else 0,
        "is_now": today in week.days,
        "present": Week.of(today),
    }


class BoardPages(Controller):
    path = "/materiel"

    @get(name="equipment.board")
    async def index(
        self,
        request: Web,
        db: Db,
        me: Me,
        semaine: Text = None,
        jour: Text = None,
        lieu: Text = None,
        structure: Text = None,
    ) -> Response[str]:
        require(policy.can_see_items(me))
        week = read_week(semaine)
        part, part_name = await read_part(db, me, lieu, structure)
        every = await boards.list_board_rows(db, me)
        rows = part.of(every)
        await boards.fill_week(db, me, rows, week)
        context = week_context(week, read_day(jour, week), part)
        if is_partial(request):
            return page(request, "equipment/_board.html", rows=rows, **context)
        context |= await _form(db, me) | {"sites": sites_of(every), "part_name": part_name}
        return page(request, "equipment/index.html", rows=rows, policy=policy, **context)

    @get("/feuille", name="equipment.sheet")
    async def sheet(
        self,
        request: Web,
        db: Db,
        me: Me,
        semaine: Text = None,
        papier: Text = None,
        lieu: Text = None,
        structure: Text = None,
    ) -> Response[str]:
        """The week for the wall of the shed."""
        require(policy.can_see_items(me))
        week = read_week(semaine)
        part, part_name = await read_part(db, me, lieu, structure)
        rows = part.of(await boards.list_board_rows(db, me))
        await boards.fill_week(db, None, rows, week)
        paper = papier if papier in {"a3", "a4"} else "a4"
        printed_at = i18n.moment(clock.now().astimezone(clock.PARIS))
        return page(
            request,
            "equipment/sheet.html",
            rows=rows,
            paper=paper,
            printed_at=printed_at,
            qr=_qr(request, week, part),
            part_name=part_name,
            **week_context(week, 1, part),
        )

    @get("/flux", name="equipment.live")
    async def live(self, request: Web, me: Me) -> ServerSentEvent:
        """Says that something changed; open boards fetch their part again."""
        require(policy.can_see_items(me))
        return ServerSentEvent(
            _changes(request.app.state.hub),
            headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
        )


async def _form(db: AsyncSession, me: Actor) -> dict[str, Any]:
    return {
        "form": new_booking_form(BoardBookingForm, dt.timedelta(hours=1)),
        "people": await people_to_book_for(db, me, None),
        "plots": await list_plots_to_choose(db, me),
        "alternatives": None,
        "can_override": False,
    }


def sites_of(rows: Sequence[Row]) -> list[tuple[int, str]]:
    """Where the items are, as the options of a list."""
    names = {row.site_id: row.site for row in rows}
    return sorted(names.items(), key=lambda site: fold(site[1]))


def _qr(request: Web, week: Week, part: Part) -> Markup:
    """A code that opens the week on a phone, drawn by the server."""
    path = request.app.route_reverse("equipment.board")
    address = f"{site_address(request)}{path}?semaine={week}{part.query}"
    return Markup(segno.make(address, error="m").svg_inline(scale=3, border=0))  # noqa: S704, ours


async def _changes(hub: Hub) -> AsyncGenerator[ServerSentEventMessage, None]:
    """One event at the start, so that a page that was away catches up, then one per change."""
    yield ServerSentEventMessage(event="board", data="resync", retry=2000)
    async for what in hub.changes():
        if what is None:
            yield ServerSentEventMessage(comment="still here")
        else:
            yield ServerSentEventMessage(event="board", data=what)
