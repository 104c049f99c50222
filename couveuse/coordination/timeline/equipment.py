"""Bookings, whatever became of them."""

from collections.abc import Sequence

import sqlalchemy as sa

from couveuse.coordination.timeline.source import EventKind, Rows, Saying, Source, row
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.equipment.models import HOLDING, Booking, Item
from couveuse.equipment.policy import visible_items
from couveuse.structures.models import Site


def _bookings(actor: Actor, person_id: int) -> Sequence[Rows]:
    starts = sa.func.timezone(Site.time_zone, sa.func.lower(Booking.during))
    ends = sa.func.timezone(Site.time_zone, sa.func.upper(Booking.during))
    details = {
        "booking_id": Booking.id,
        "item": Item.name,
        "start": sa.func.to_char(starts, "HH24:MI"),
        "end": sa.func.to_char(ends, "HH24:MI"),
        "note": sa.func.coalesce(Booking.reason, Booking.purpose),
        "seen": sa.func.coalesce(visible_items(actor), sa.false()),
    }
    return [
        row(starts, Booking.state, Booking.id, **details)
        .join(Item, Item.id == Booking.item_id)
        .join(Site, Site.id == Item.site_id)
        .where(Booking.person_id == person_id)
    ]


FEW = 3
"""So many items are named, more are only counted."""


def _weeks(_actor: Actor, person_id: int) -> Sequence[Rows]:
    """What was held in a week reads as one line, at its last day."""
    starts = sa.func.timezone(Site.time_zone, sa.func.lower(Booking.during))
    names = sa.func.string_agg(Item.name.distinct(), sa.literal(", ", sa.Text))
    week = (
        sa.select(
            sa.func.max(starts).label("last"),
            sa.func.max(Booking.id).label("id"),
            sa.func.count().label("count"),
            sa.case((sa.func.count(Item.id.distinct()) <= FEW, names)).label("items"),
        )
        .join(Item, Item.id == Booking.item_id)
        .join(Site, Site.id == Item.site_id)
        .where(Booking.person_id == person_id, Booking.state.in_(HOLDING))
        .group_by(sa.func.date_trunc("week", starts))
        .subquery()
    )
    code = sa.case((week.c.count == 1, "one"), else_="week")
    return [row(week.c.last, code, week.c.id, n=week.c.count, note=week.c["items"])]


def _booking(sentence: str) -> Saying:
    return Saying(sentence, route="equipment.bookings.show", address=["booking_id"])


BOOKINGS = Source(
    EventKind.ITEMS,
    _bookings,
    {
        "one": Saying(N_("Matériel réservé cette semaine-là")),
        "week": Saying(N_("Matériel réservé %(n)s fois cette semaine-là")),
        "confirmed": _booking(N_("%(item)s, %(start)s – %(end)s")),
        "requested": _booking(N_("%(item)s, %(start)s – %(end)s : demande en attente")),
        "cancelled": _booking(N_("%(item)s, %(start)s – %(end)s : réservation annulée")),
        "refused": _booking(N_("%(item)s, %(start)s – %(end)s : demande refusée")),
        "lapsed": _booking(N_("%(item)s, %(start)s – %(end)s : demande restée sans réponse")),
    },
    _weeks,
)
