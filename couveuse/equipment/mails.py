"""Mails about bookings, in the language of who receives them."""

from zoneinfo import ZoneInfo

from couveuse.core import i18n
from couveuse.core.letters import letter
from couveuse.equipment.models import Booking
from couveuse.people.models import Person

BOOKING_PATH = "/reservations/"
"""Said again here because jobs send it without a web page."""


def booking_mail(
    booking: Booking, what: str, reader: Person, base_url: str, *, by: Person | None
) -> tuple[str, str]:
    """Subject and body of the mail that tells ``reader`` what happened to a booking."""
    zone = ZoneInfo(booking.item.site.time_zone)
    assert booking.during.lower is not None  # noqa: S101, bounded by a constraint
    assert booking.during.upper is not None  # noqa: S101
    start, end = booking.during.lower.astimezone(zone), booking.during.upper.astimezone(zone)
    before = i18n.language()
    i18n.set_language(reader.language)
    slot = i18n.slot(start, end)
    answer_by = i18n.moment(booking.answer_by.astimezone(zone)) if booking.answer_by else None
    i18n.set_language(before)
    return letter(
        "equipment/mails/booking.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{BOOKING_PATH}{booking.id}",
        what=what.partition(".")[2],
        booking=booking,
        slot=slot,
        answer_by=answer_by,
        by=by.name if by else "couveuse",
        by_holder=by is not None and by.id == booking.person_id,
        is_holder=reader.id == booking.person_id,
    )
