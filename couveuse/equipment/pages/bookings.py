"""Making a booking, reading one, and one's own."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.clock import Week, zone_named
from couveuse.core.errors import Refused
from couveuse.core.fields import read_day
from couveuse.core.i18n import N_
from couveuse.equipment import actions, boards, policy, queries
from couveuse.equipment.alternatives import Alternatives, find_alternatives
from couveuse.equipment.forms import BoardBookingForm, BookingForm, MoveForm
from couveuse.equipment.models import Booking, Item
from couveuse.equipment.pages.board import sites_of, week_context
from couveuse.equipment.pages.choices import (
    first_booking_form,
    new_once,
    people_to_book_for,
    said_beforehand,
)
from couveuse.plots.queries import list_plots_to_choose
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import NOTICES, is_partial, notices, page, see_other

notices(
    {
        "booking_made": N_("C'est réservé."),
        "booking_requested": N_("La demande est envoyée. Le créneau est retenu en attendant."),
    }
)


class ItemBookingPages(Controller):
    path = "/materiel/{item_id:int}/reservations"

    @get("/nouvelle", name="equipment.bookings.new")
    async def new(self, request: Web, db: Db, me: Me, item_id: RowId) -> Response[str]:
        item = await queries.get_item_to_show(db, me, item_id)
        require(policy.can_book(me, item))
        form = first_booking_form(item, request.query_params)
        return await show_form(request, db, me, item, form)

    @post(name="equipment.bookings.create")
    async def create(self, request: Web, db: Db, me: Me, item_id: RowId) -> Response[Any]:
        form = await bind(BookingForm, request)
        return await try_to_book(request, db, me, item_id, form)


class BookingPages(Controller):
    path = "/reservations"

    @post(name="equipment.board_bookings.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        """From the form above the board, where the item is chosen too."""
        require(policy.can_see_items(me))
        form = await bind(BoardBookingForm, request)
        if not form.is_valid:
            return await show_board_form(request, db, me, form)
        return await try_to_book(request, db, me, form.data.item_id, form)

    @get("/{booking_id:int}", name="equipment.bookings.show")
    async def show(self, request: Web, db: Db, me: Me, booking_id: RowId) -> Response[str]:
        booking = await queries.get_booking(db, me, booking_id)
        zone = zone_named(booking.item.site.time_zone)
        return page(
            request,
            "equipment/bookings/show.html",
            booking=booking,
            zone=zone,
            lines=await journal.lines_about(db, "booking", booking.id),
            form=move_form(booking, zone),
            alternatives=None,
            policy=policy,
        )


class MyBookingPages(Controller):
    path = "/mes-reservations"

    @get(name="equipment.bookings.mine")
    async def mine(self, request: Web, db: Db, me: Me) -> Response[str]:
        """What one holds and held; who left sees their own past too."""
        return page(
            request,
            "equipment/bookings/mine.html",
            coming=await queries.list_bookings_of(db, me.person_id),
            for_others=await queries.list_bookings_for_others(db, me),
            past=await queries.list_bookings_of(db, me.person_id, past=True, limit=30),
            policy=policy,
        )


async def try_to_book(
    request: Web, db: AsyncSession, me: Actor, item_id: int, form: Form[Any]
) -> Response[Any]:
    """Book, or show every reason with what was typed, the next free slots and other items."""
    item, looks_taken = await queries.get_item_to_book(db, me, item_id, _about_when(form))
    require(policy.can_book(me, item))
    alternatives = None
    if form.is_valid:
        try:
            booking = await actions.book(db, me, item, form.data, looks_taken=looks_taken)
        except Refused as refused:
            form.refuse(refused)
            item = await queries.get_item_to_show(db, me, item.id)
            alternatives = await find_alternatives(db, me, item, form.data, refused.reasons)
        else:
            code = "booking_requested" if booking.is_request else "booking_made"
            if is_partial(request):
                return await _booked(request, db, me, item, form, booking, code)
            return see_other(request, "equipment.bookings.show", notice=code, booking_id=booking.id)
    if "item_id" in form.values:
        return await show_board_form(request, db, me, form, item, alternatives)
    if alternatives is None:
        item = await queries.get_item_to_show(db, me, item.id)
    return await show_form(request, db, me, item, form, alternatives, status=422)


def _about_when(form: Form[Any]) -> Range[dt.datetime] | None:
    """The span as it is in most places: where the item is, is not known yet."""
    try:
        return form.data.during(clock.PARIS) if form.is_valid else None
    except Refused:
        return None


async def show_form(
    request: Web,
    db: AsyncSession,
    me: Actor,
    item: Item,
    form: Form[Any],
    alternatives: Alternatives | None = None,
    *,
    status: int = 200,
) -> Response[str]:
    name = "_form" if is_partial(request) else "new"
    return page(
        request,
        f"equipment/bookings/{name}.html",
        status=status,
        item=item,
        form=form,
        people=await people_to_book_for(db, me, item),
        plots=await list_plots_to_choose(db, me),
        alternatives=alternatives,
        can_override=policy.can_override(me, [item, *item.companions], form.reasons),
        **await said_beforehand(db, me, item),
        policy=policy,
    )


async def show_board_form(
    request: Web,
    db: AsyncSession,
    me: Actor,
    form: Form[Any],
    item: Item | None = None,
    alternatives: Alternatives | None = None,
) -> Response[str]:
    """The board's own form again: alone for htmx, above its week for a plain page."""
    rows = await boards.list_board_rows(db, me)
    context = {
        "form": form,
        "rows": rows,
        "sites": sites_of(rows),
        "part_name": "",
        "people": await people_to_book_for(db, me, None),
        "plots": await list_plots_to_choose(db, me),
        "alternatives": alternatives,
        "can_override": item is not None
        and policy.can_override(me, [item, *item.companions], form.reasons),
    }
    if is_partial(request):
        return page(request, "equipment/bookings/_board_form.html", status=422, **context)
    day = _asked_day(form)
    week = Week.of(day)
    await boards.fill_week(db, me, rows, week)
    context |= week_context(week, day.isoweekday())
    return page(request, "equipment/index.html", status=422, policy=policy, **context)


def _asked_day(form: Form[Any]) -> dt.date:
    """The day typed, so that the week shown is the one asked for; today when it is no day."""
    try:
        return read_day(form.value("starts_at").partition("T")[0])
    except ValueError:
        return clock.today()


async def _booked(
    request: Web,
    db: AsyncSession,
    me: Actor,
    item: Item,
    form: Form[Any],
    booking: Booking,
    code: str,
) -> Response[str]:
    """For htmx: a fresh form and the notice. Other boards hear of the change by themselves."""
    taken = move_form(booking, zone_named(item.site.time_zone)).values
    fresh = blank(form.model, once=new_once(), item_id=form.value("item_id"))
    fresh.values |= {name: taken[name] for name in ("starts_at", "ends_at")}
    answer = page(
        request,
        "equipment/bookings/created.stream.html",
        status=201,
        form=fresh,
        said=i18n.gettext(NOTICES[code]),
        booking=booking,
        zone=zone_named(item.site.time_zone),
        alternatives=None,
        can_override=False,
        item=item if "item_id" in form.values else await queries.get_item_to_show(db, me, item.id),
        rows=await boards.list_board_rows(db, me) if "item_id" in form.values else [],
        people=await people_to_book_for(db, me, item),
        plots=await list_plots_to_choose(db, me),
    )
    answer.headers["hx-trigger"] = "board"  # one's own board, even before its stream is open
    return answer


def move_form(booking: Any, zone: Any) -> Form[MoveForm]:
    return blank(
        MoveForm,
        starts_at=booking.during.lower.astimezone(zone).replace(tzinfo=None),
        ends_at=booking.during.upper.astimezone(zone).replace(tzinfo=None),
    )
