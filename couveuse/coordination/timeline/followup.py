"""Visits, whatever became of them; what their reports say is read on their own page."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from couveuse.coordination.timeline.source import EventKind, Rows, Saying, Source, row
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.followup.models import Visit
from couveuse.people.models import Person
from couveuse.structures.models import Site
from couveuse.trainees.rules.groups import follow_up_name


def _visits(_actor: Actor, person_id: int) -> Sequence[Rows]:
    zone = sa.func.coalesce(Site.time_zone, clock.PARIS.key)
    starts = sa.func.timezone(zone, Visit.starts_at)
    details: dict[str, Any] = {
        "visit_id": Visit.id,
        "who": Person.given_name + " " + Person.family_name,
        "follows": Visit.kind,
        "note": Visit.reason,
    }
    return [
        row(starts, Visit.state, Visit.id, **details)
        .select_from(Visit)
        .join(Person, Person.id == Visit.mentor_id)
        .outerjoin(Site, Site.id == Visit.site_id)
        .where(Visit.person_id == person_id)
    ]


def _visit(sentence: str) -> Saying:
    names = {"follows": follow_up_name}
    return Saying(sentence, names, "followup.visits.show", ["visit_id"], opens=lambda _: True)


VISITS = Source(
    EventKind.FOLLOW_UP,
    _visits,
    {
        "planned": _visit(N_("Visite prévue avec %(who)s (%(follows)s)")),
        "held": _visit(N_("Visite avec %(who)s (%(follows)s)")),
        "missed": _visit(N_("Visite manquée avec %(who)s (%(follows)s)")),
        "cancelled": _visit(N_("Visite annulée avec %(who)s (%(follows)s)")),
    },
)
