"""One item: what it is, its week, and who has it."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromQuery

from couveuse.core import journal
from couveuse.equipment import policy, queries
from couveuse.equipment.forms import BookingForm
from couveuse.equipment.pages.board import read_day, read_week, week_context
from couveuse.equipment.pages.choices import new_booking_form, people_to_book_for
from couveuse.web.deps import Db, Me, RowId, Web
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
        row = await queries.week_of_item(db, me, item, week)
        context: dict[str, Any] = {
            "item": item,
            "row": row,
            **week_context(week, read_day(jour, week)),
        }
        if is_partial(request):
            return page(request, "equipment/_item_board.html", **context)
        length = dt.timedelta(minutes=max(item.min_minutes, min(60, item.max_minutes)))
        return page(
            request,
            "equipment/show.html",
            **context,
            form=new_booking_form(BookingForm, length),
            people=await people_to_book_for(db, me, item),
            lines=await journal.lines_about(db, "item", item.id, limit=5)
            if policy.is_in_charge(me, item)
            else [],
            outages=await queries.list_outages(db, item.id)
            if policy.is_in_charge(me, item)
            else [],
            alternatives=None,
            can_override=False,
            policy=policy,
        )
