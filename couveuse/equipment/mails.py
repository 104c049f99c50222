"""Mails about bookings, in the language of who receives them."""

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import Range

from couveuse.core import i18n
from couveuse.core.db import ends
from couveuse.core.letters import letter
from couveuse.equipment.models import Booking
from couveuse.people.models import Person

BOOKING_PATH = "/reservations/"
"""Said again here because jobs send it without a web page."""


class Event(NamedTuple):
    """What happened to a booking, as it was then: by the time of the mail it may be otherwise."""

    what: str
    during: Range[dt.datetime]
    before: Range[dt.datetime] | None
    reason: str | None
    by: Person | None


def booking_mail(
    booking: Booking, event: Event, reader: Person, base_url: str, *, answers: bool
) -> tuple[str, str]:
    """Subject and body of the mail that tells ``reader`` what happened to a booking.

    ``answers``: the request waits for a yes of the reader.
    """
    zone = ZoneInfo(booking.item.site.time_zone)
    by = event.by
    spoken = i18n.language()
    i18n.set_language(reader.language)
    slot = _slot(event.during, zone)
    before = _slot(event.before, zone) if event.before else None
    limit = booking.answer_by if answers else None
    answer_by = i18n.moment(limit.astimezone(zone)) if limit else None
    i18n.set_language(spoken)
    return letter(
        "equipment/mails/booking.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{BOOKING_PATH}{booking.id}",
        what=event.what.partition(".")[2],
        booking=booking,
        slot=slot,
        before=before,
        reason=event.reason,
        answer_by=answer_by,
        by=by.name if by else "couveuse",
        by_holder=by is not None and by.id == booking.person_id,
        is_holder=reader.id == booking.person_id,
    )


def _slot(during: Range[dt.datetime], zone: ZoneInfo) -> str:
    start, end = ends(during)
    return i18n.slot(start.astimezone(zone), end.astimezone(zone))
