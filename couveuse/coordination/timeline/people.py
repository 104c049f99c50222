"""Where the person belongs, and papers with their dates."""

from collections.abc import Sequence

import sqlalchemy as sa

from couveuse.coordination.timeline.source import EventKind, Rows, Saying, Source, row
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.people.models import Membership, Paper, Qualification
from couveuse.people.rules import role_name
from couveuse.structures.models import Structure


def _papers(_actor: Actor, person_id: int) -> Sequence[Rows]:
    begins, ends = sa.func.lower(Paper.during), sa.func.upper(Paper.during)
    details = {"paper": Qualification.name, "note": Paper.reference}
    return [
        one.select_from(Paper)
        .join(Qualification, Qualification.id == Paper.qualification_id)
        .where(Paper.person_id == person_id, ~Paper.is_to_check, *more)
        for one, more in (
            (row(begins, "held", Paper.id, **details), ()),
            (row(ends - 1, "runs_out", Paper.id, paper=Qualification.name), (ends.is_not(None),)),
        )
    ]


PAPERS = Source(
    EventKind.PAPERS,
    _papers,
    {
        "held": Saying(N_("Papier obtenu : %(paper)s")),
        "runs_out": Saying(N_("Dernier jour d'un papier : %(paper)s")),
    },
)


def _memberships(_actor: Actor, person_id: int) -> Sequence[Rows]:
    begins, ends = sa.func.lower(Membership.during), sa.func.upper(Membership.during)
    details = {
        "structure_id": Structure.id,
        "structure": sa.func.coalesce(Structure.short_name, Structure.name),
        "role": Membership.role,
    }
    return [
        one.select_from(Membership)
        .join(Structure, Structure.id == Membership.structure_id)
        .where(Membership.person_id == person_id, *more)
        for one, more in (
            (row(begins, "joins", Membership.id, **details), ()),
            (row(ends - 1, "leaves", Membership.id, **details), (ends.is_not(None),)),
        )
    ]


def _membership(sentence: str) -> Saying:
    return Saying(sentence, {"role": role_name}, "structures.show", ["structure_id"])


MEMBERSHIPS = Source(
    EventKind.PATH,
    _memberships,
    {
        "joins": _membership(N_("Entrée à %(structure)s : %(role)s")),
        "leaves": _membership(N_("Dernier jour à %(structure)s : %(role)s")),
    },
)
