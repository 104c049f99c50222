"""People of long ago whose files wait for a decision: erased, or kept on for a reason. Made up."""

import datetime as dt
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.models import KeptFile
from couveuse.core.actor import Role
from couveuse.people.models import Membership, Person
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_people import ADEARI, CIVAM
from couveuse.seeds.network import Placed
from couveuse.seeds.telling import entry, noon
from couveuse.trainees.models import Path, PathState, PathStep, Welcome

WELCOMED, WITHDREW, CLOSED = 1150, 1105, 1090
"""Days since somebody came, thought again, and the path was closed: three years ago."""
WAY = (
    (PathState.CONTACT, WELCOMED, None),
    (PathState.WELCOMED, WELCOMED - 12, None),
    (PathState.WITHDRAWN, WITHDREW, "A repris un emploi à Bourges"),
    (PathState.CLOSED, CLOSED, None),
)
GONE_MENTORS = (
    ("Mireille", "Castagnet", "+33199001072", ADEARI, 3000, 1260),
    ("Gilles", "Raynaldy", "+33199001073", CIVAM, 3400, 1410),
)
"""Volunteers: where, and days since the first and the last day."""
KEPT_FOR = "Médiation en cours sur la vente d'une serre."


async def add_forgotten(db: AsyncSession, placed: Placed, today: dt.date) -> list[dict[str, Any]]:
    """The lines of the journal."""
    await _add_visitor(db, placed, today)
    *_, kept = [await _add_mentor(db, placed, today, *facts) for facts in GONE_MENTORS]
    ines, since, until = placed.author("Inès"), today - 20 * DAY, today + 160 * DAY
    db.add(
        KeptFile(person_id=kept.id, kept_on=since, until=until, reason=KEPT_FOR, kept_by_id=ines.id)
    )
    details = {"day": until, "reason": KEPT_FOR}
    return [entry("person", kept.id, "person.kept", noon(since), ines, details)]


async def _add_visitor(db: AsyncSession, placed: Placed, today: dt.date) -> None:
    begun, home, author_id = today - WELCOMED * DAY, placed.structures[CIVAM], placed.people["Inès"]
    person = Person(
        given_name="Fabien",
        family_name="Delormeau",
        phone="+33199001071",
        phone_shared=False,
        language="fr",
        met_by_id=home,
        created_at=noon(begun),
    )
    db.add(person)
    await db.flush()  # the path needs the id
    path = Path(
        person_id=person.id,
        structure_id=home,
        state=PathState.CLOSED,
        project="Un verger de pommes à cidre, sur la ferme de ses grands-parents.",
        opened_on=begun,
        closed_on=today - CLOSED * DAY,
        changed_at=noon(today - CLOSED * DAY),
    )
    db.add(path)
    await db.flush()  # the steps need the id
    for state, ago, note in WAY:
        db.add(
            PathStep(
                path_id=path.id,
                state=state,
                happened_on=today - ago * DAY,
                note=note,
                recorded_by_id=author_id,
                recorded_at=noon(today - ago * DAY),
            )
        )
    db.add(
        Welcome(
            path_id=path.id,
            structure_id=home,
            kind="orchard",
            commune="Sancoins",
            needs="Savoir si deux hectares suffisent.",
            notice_given_on=begun,
            created_by_id=author_id,
            created_at=noon(begun),
        )
    )


async def _add_mentor(
    db: AsyncSession,
    placed: Placed,
    today: dt.date,
    given_name: str,
    family_name: str,
    phone: str,
    structure: str,
    since: int,
    until: int,
) -> Person:
    person = Person(
        given_name=given_name,
        family_name=family_name,
        phone=phone,
        phone_shared=False,
        language="fr",
        created_at=noon(today - since * DAY),
    )
    db.add(person)
    await db.flush()  # the membership needs the id
    during = Range(today - since * DAY, today - (until - 1) * DAY)
    db.add(
        Membership(
            person_id=person.id,
            structure_id=placed.structures[structure],
            role=Role.MENTOR,
            during=during,
        )
    )
    return person
