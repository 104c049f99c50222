"""One item: what it is, its week, and who has it."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromQuery

from couveuse.core import clock, journal
from couveuse.equipment import boards, policy, queries
from couveuse.equipment.pages.board import read_day, read_week, week_context
from couveuse.equipment.pages.choices import (
    first_booking_form,
    people_to_book_for,
    said_beforehand,
)
from couveuse.plots.queries import list_plots_to_choose
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.guards import require
from couveuse.web.render import is_partial, page

Text = FromQuery[str | None]


class ItemPages(Controller):
    path = "/materiel/{item_id:int}"

    @get(name="equipment.items.show")
    async def show(
        self,
        request: Web,
        db: Db,
        me: Me,
        item_id: RowId,
        semaine: Text = None,
        jour: Text = None,
    ) -> Response[str]:
        item = await queries.get_item_to_show(db, me, item_id)
        week = read_week(semaine)
        row = await boards.week_of_item(db, me, item, week)
        context: dict[str, Any] = {
            "item": item,
            "row": row,
            **week_context(week, read_day(jour, week)),
        }
        if is_partial(request):
            return page(request, "equipment/_item_board.html", **context)
        return page(
            request,
            "equipment/show.html",
            **context,
            coming=await boards.list_next_bookings(db, item.id),
            now=clock.now(),
            form=first_booking_form(item, request.query_params),
            people=await people_to_book_for(db, me, item),
            plots=await list_plots_to_choose(db, me),
            alternatives=None,
            can_override=False,
            **await said_beforehand(db, me, item),
            policy=policy,
        )

    @get("/suivi", name="equipment.care.show")
    async def care(self, request: Web, db: Db, me: Me, item_id: RowId) -> Response[str]:
        """For those in charge: what holds the item up, and what was done to it."""
        item = await queries.get_item(db, me, item_id)
        require(policy.is_in_charge(me, item))
        return page(
            request,
            "equipment/care.html",
            item=item,
            outages=await queries.list_outages(db, item.id),
            lines=await journal.lines_about(db, "item", item.id),
            policy=policy,
        )
