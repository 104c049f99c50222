"""How the tests of the demonstration ended, and what those who left have told since."""

import datetime as dt
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.people.models import Membership
from couveuse.seeds.almanac import DAY
from couveuse.seeds.network import Placed
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import noon
from couveuse.trainees.models import AfterContact, ContactState, Exit, Outcome, Path, PathState
from couveuse.trainees.rules.after import due_dates

O = Outcome  # noqa: E741
BEFORE = dt.timedelta(days=500)
"""How long before the end a path began that is not told in full."""


class ExitFacts(NamedTuple):
    person: str
    outcome: Outcome
    said: tuple[Outcome | None, ...] = ()
    """At 6, 12, 24 and 36 months, as far as the time has come; None when there was no news."""
    insee_code: str | None = None
    area_ha: str | None = None
    legal_form: str | None = None
    reasons: str | None = None


EXITS = (
    ExitFacts("Benoît", O.SETTLED_NEARBY, (O.SETTLED_NEARBY, O.SETTLED_NEARBY), "36141", "4.2",
              "Individuelle", "A trouvé une ferme à reprendre avant la fin de son test."),
    ExitFacts("Nolwenn", O.SETTLED_ELSEWHERE, (O.SETTLED_ELSEWHERE, O.SETTLED_IN_GROUP), "29232",
              "2.5", "Société à trois", "Retour en Bretagne, près des siens."),
    ExitFacts("Inaya", O.TRAINING, (O.TRAINING, O.FARM_EMPLOYEE),
              reasons="A préféré se former d'abord à l'élevage."),
    ExitFacts("Gaëtan", O.UNKNOWN, (None, O.EMPLOYEE)),
    ExitFacts("Samira", O.SETTLED_SAME_PLACE, (O.SETTLED_SAME_PLACE,), "36088", "6",
              "Individuelle", "Reprend la ferme d'accueil, à Issoudun."),
    ExitFacts("Zoé", O.DROPPED, (O.SETTLED_ELSEWHERE,),
              reasons="Les fleurs, oui, mais pas tout de suite : le test a servi à le savoir."),
    ExitFacts("Romain", O.POSTPONED, reasons="Cherche encore une terre, salarié en attendant."),
)  # fmt: skip


async def add_after(db: AsyncSession, placed: Placed, today: dt.date) -> None:
    """On the paths that are there, or on one of their own."""
    for facts in EXITS:
        person_id = placed.people[facts.person]
        left_on, structure_id = await _end(db, person_id)
        path_id = await _path(db, person_id, structure_id, left_on)
        exit_row = {
            "path_id": path_id,
            "person_id": person_id,
            "left_on": left_on,
            "outcome": facts.outcome,
            "reasons": facts.reasons,
            "insee_code": facts.insee_code,
            "legal_form": facts.legal_form,
            "area_ha": facts.area_ha,
            "created_by_id": placed.people["Inès"],
            "created_at": noon(left_on),
        }
        (exit_id,) = await add_rows(db, Exit, [exit_row])
        due = due_dates(left_on, facts.outcome)
        rows = [
            _contact(facts, exit_id, turn, months, due_on, today)
            for turn, (months, due_on) in enumerate(due)
        ]
        await add_rows(db, AfterContact, rows)


async def _end(db: AsyncSession, person_id: int) -> tuple[dt.date, int]:
    """The last day of the person as a member, and where."""
    end = sa.func.upper(Membership.during)
    row = (
        await db.execute(
            sa.select(end, Membership.structure_id)
            .where(Membership.person_id == person_id)
            .order_by(end.desc())
            .limit(1)
        )
    ).one()
    return row[0] - DAY, row[1]


async def _path(db: AsyncSession, person_id: int, structure_id: int, left_on: dt.date) -> int:
    known = await db.scalar(sa.select(Path.id).where(Path.person_id == person_id).limit(1))
    if known:
        return known
    row = {
        "person_id": person_id,
        "structure_id": structure_id,
        "state": PathState.FOLLOWED_AFTER.value,
        "opened_on": left_on - BEFORE,
        "changed_at": noon(left_on),
    }
    (path_id,) = await add_rows(db, Path, [row])
    return path_id


def _contact(
    facts: ExitFacts, exit_id: int, turn: int, months: int, due_on: dt.date, today: dt.date
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "exit_id": exit_id,
        "months": months,
        "due_on": due_on,
        "state": ContactState.TO_COME,
        "tries": 0,
        "tried_on": None,
        "situation": None,
        "insee_code": None,
        "answered_at": None,
    }
    if due_on + 9 * DAY > today or turn >= len(facts.said):
        return row
    said = facts.said[turn]
    if said is None:
        return row | {"state": ContactState.UNKNOWN, "tries": 2, "tried_on": due_on + 9 * DAY}
    return row | {
        "state": ContactState.ANSWERED,
        "tries": 1,
        "tried_on": due_on,
        "situation": said,
        "insee_code": facts.insee_code,
        "answered_at": noon(due_on + 9 * DAY),
    }
