"""Everything by which the network is in touch with a person: what, when last, and what still lives.

One source for each way; a way that is missing here would let a file be proposed too early, so a
test compares them with the tables that name a person.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from couveuse.coordination.retention.linking import K, Rows, Who, begun, goes_on, last, latest, link
from couveuse.coordination.retention.links_of_support import (
    of_funders,
    of_signatures,
    of_support,
    of_visits,
    of_workshops,
)
from couveuse.coordination.retention.links_of_trainees import (
    of_agreements,
    of_candidates,
    of_newcomers,
)
from couveuse.core.journal import JournalLine
from couveuse.equipment.models import Booking, Item
from couveuse.followup.models import SentForm
from couveuse.occupancy.models import PlotPeriod, SharedExpense, stay_person
from couveuse.people.models import MailedLink, Membership, Paper, Person, Session
from couveuse.trainees.models import Agreement


def all_links(people: sa.Select[int]) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Rows of person, what, sort of record, last day, and whether it lives, for those people."""
    return sa.union_all(*(select for room in ROOMS for select in room(people)))


def of_people(people: Who) -> list[Rows]:
    return [
        link("account", Person.id, Person.created_at, people),
        link(
            "membership",
            Membership.person_id,
            last(Membership.during),
            people,
            kind=K.MEMBER,
            lives=goes_on(Membership.during),
        ),
        link("paper", Paper.person_id, begun(Paper.during), people),
        link("account", Session.person_id, Session.last_seen_at, people),
        link("account", MailedLink.person_id, latest(MailedLink.used_at), people),
        link("acts", JournalLine.actor_id, JournalLine.at, people),
        link("acts", SentForm.author_id, SentForm.at, people),
    ]


def of_means(people: Who) -> list[Rows]:
    held = sa.or_(Item.manager_id == Person.id, Item.deputy_id == Person.id)
    return [
        link(
            "stay",
            stay_person.c.person_id,
            last(PlotPeriod.during),
            people,
            PlotPeriod.stay_id == stay_person.c.stay_id,
            kind=K.FOLLOWED,
            lives=goes_on(PlotPeriod.during),
        ),
        link(
            "expense",
            Agreement.person_id,
            latest(SharedExpense.spent_on, SharedExpense.settled_on),
            people,
            SharedExpense.agreement_id == Agreement.id,
            lives=SharedExpense.outcome.is_(None),
        ),
        link(
            "booking",
            Booking.person_id,
            latest(sa.func.upper(Booking.during), Booking.created_at),
            people,
        ),
        link("item", Person.id, None, people, held, Item.retired_on.is_(None), lives=True),
    ]


ROOMS: tuple[Callable[[Who], list[Rows]], ...] = (
    of_people,
    of_newcomers,
    of_candidates,
    of_agreements,
    of_means,
    of_visits,
    of_signatures,
    of_support,
    of_workshops,
    of_funders,
)
