"""Half-days of workshops: signed up for, then as the closed sheet says."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from couveuse.coordination.timeline.source import EventKind, Rows, Saying, Source, row
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.followup.models import Attendance, Presence, Workshop, WorkshopSlot, WorkshopState
from couveuse.followup.workshop_policy import visible_workshops
from couveuse.structures.models import Site


def _workshops(actor: Actor, person_id: int) -> Sequence[Rows]:
    """Each half-day on whose sheet she stands; as it was signed once the sheet is closed."""
    zone = sa.func.coalesce(Site.time_zone, clock.PARIS.key)
    starts = sa.func.timezone(zone, sa.func.lower(WorkshopSlot.during))
    code = sa.case(
        (WorkshopSlot.closed_at.is_(None), Presence.EXPECTED.value),
        else_=sa.func.coalesce(Attendance.corrected, Attendance.presence),
    )
    details: dict[str, Any] = {
        "workshop_id": Workshop.id,
        "title": Workshop.title,
        "seen": visible_workshops(actor),
    }
    return [
        row(starts, code, Attendance.id, **details)
        .select_from(Attendance)
        .join(WorkshopSlot, WorkshopSlot.id == Attendance.slot_id)
        .join(Workshop, Workshop.id == WorkshopSlot.workshop_id)
        .outerjoin(Site, Site.id == Workshop.site_id)
        .where(Attendance.person_id == person_id, Workshop.state != WorkshopState.CANCELLED)
    ]


def _workshop(sentence: str) -> Saying:
    return Saying(
        sentence, route="followup.workshops.show", address=["workshop_id"], opens=lambda _: True
    )


WORKSHOPS = Source(
    EventKind.FOLLOW_UP,
    _workshops,
    {
        Presence.EXPECTED: _workshop(N_("Atelier, inscription : %(title)s")),
        Presence.PRESENT: _workshop(N_("Atelier, présence signée : %(title)s")),
        Presence.ABSENT: _workshop(N_("Atelier, absence : %(title)s")),
        Presence.EXCUSED: _workshop(N_("Atelier, absence excusée : %(title)s")),
    },
)
