"""A line in the journal and a mail for every change, and the words they are told in."""

import datetime as dt
import secrets

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.db import ends
from couveuse.core.i18n import N_
from couveuse.equipment.models import Booking, Item

journal.words(
    {
        "booking.made": N_("a réservé %(item)s : %(slot)s"),
        "booking.requested": N_("a demandé %(item)s : %(slot)s"),
        "booking.overridden": N_("a passé outre une règle : %(reason)s"),
        "booking.moved": N_("a déplacé la réservation : %(slot)s (avant : %(before)s)"),
        "booking.cancelled": N_("a annulé la réservation"),
        "booking.cancelled_because": N_("a annulé la réservation : %(reason)s"),
        "booking.approved_in_part": N_(
            "a accepté la demande pour %(item)s, il manque l'accord pour %(other)s"
        ),
        "booking.approved": N_("a accepté la demande"),
        "booking.refused": N_("a refusé la demande : %(reason)s"),
        "booking.lapsed": N_("La demande est devenue caduque, faute de réponse à temps"),
        "booking.restored": N_("a rétabli la réservation : %(slot)s"),
        "item.blocked": N_("a rendu le matériel indisponible : %(slot)s, %(reason)s"),
        "item.unblocked": N_("a rendu le matériel de nouveau disponible : %(slot)s"),
    }
)


async def tell(
    db: AsyncSession,
    actor: Actor | None,
    verb: str,
    booking: Booking,
    item: Item,
    *,
    reason: str | None = None,
    before: Range[dt.datetime] | None = None,
) -> None:
    """Write the journal, and queue the mail to those whom it concerns."""
    details = slot_of(booking.during, item) | {"item": item.name, "reason": reason}
    if before:
        details["before"] = span(before)
    about = {
        "booking_id": booking.id,
        "what": verb,
        "by": actor.person_id if actor else None,
        "event": secrets.token_hex(6),
        "slot": span(booking.during),
        "before": span(before) if before else None,
        "reason": reason,
    }
    await journal.record_and_queue(
        db, actor, verb, booking.id, details, "tell_about_booking", about
    )


def slot_of(during: Range[dt.datetime], item: Item) -> dict[str, object]:
    """The span as the journal keeps it: instants, and the zone to read them in."""
    return {"slot": span(during), "zone": item.site.time_zone}


def span(during: Range[dt.datetime]) -> dict[str, str]:
    start, end = ends(during)
    return {"start": start.isoformat(), "end": end.isoformat()}
