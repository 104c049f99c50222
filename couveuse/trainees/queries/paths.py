"""Paths: the board of all of them, and one with its steps."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import has_words
from couveuse.people.models import Person
from couveuse.people.queries import list_people_to_choose
from couveuse.structures.models import Structure
from couveuse.trainees import policy
from couveuse.trainees.models import Agreement, Path, PathState, PathStep
from couveuse.trainees.rules.paths import MOVED_ON, Silence, days_late, silence

BOARD_LIMIT = 400


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One person on the board: where she stands, what comes next, what is late."""

    person_id: int
    name: str
    path_id: int | None
    state: str | None
    since: dt.date | None
    structure: str | None
    project: str | None
    next_step: str | None
    next_due_on: dt.date | None
    next_actor: str | None
    days_late: int
    silence: Silence | None

    @property
    def is_late(self) -> bool:
        return self.days_late > 0 or self.silence is not None

    @property
    def order(self) -> tuple[Any, ...]:
        """What is late first, then what is due soonest, then by name: never a ranking of people."""
        due = self.next_due_on or dt.date.max
        return (not self.is_late, due, self.name.lower(), self.person_id)


@dataclass(frozen=True, slots=True)
class Board:
    rows: list[BoardRow]
    is_cut: bool

    @property
    def late(self) -> int:
        return sum(row.is_late for row in self.rows)


async def read_board(
    db: AsyncSession,
    actor: Actor,
    *,
    search: str = "",
    state: str | None = None,
    structure_id: int | None = None,
    late_only: bool = False,
    everyone: bool = False,
) -> Board:
    """Everybody on a path, or under agreement without one, whom the actor may see.

    Those whose path is over are there when asked for, with ``everyone`` or their state.
    """
    wanted = has_words(Person.given_name + " " + Person.family_name, search)
    if state:
        wanted.append(Path.state == state)
    elif not everyone:
        wanted.append(sa.or_(Path.id.is_(None), Path.state.not_in(MOVED_ON)))
    if structure_id:
        wanted.append(Path.structure_id == structure_id)
    found = await db.execute(_board().where(policy.visible_trainees(actor), *wanted))
    now, today = clock.now(), clock.today()
    rows = sorted((_row(one, now, today) for one in found), key=lambda row: row.order)
    shown = [row for row in rows if row.is_late or not late_only]
    return Board(shown[:BOARD_LIMIT], is_cut=len(shown) > BOARD_LIMIT)


def _board() -> sa.Select[Any, *tuple[Any, ...]]:
    next_actor = aliased(Person)
    latest = (
        sa.select(Path.id)
        .where(Path.person_id == Person.id)
        .order_by(Path.closed_on.is_(None).desc(), Path.id.desc())
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    since = (
        sa.select(sa.func.max(PathStep.happened_on))
        .where(PathStep.path_id == Path.id, PathStep.state == Path.state)
        .correlate(Path)
        .scalar_subquery()
    )
    agreed = sa.exists().where(Agreement.person_id == Person.id).correlate(Person)
    return (
        sa.select(
            Person.id.label("person_id"),
            (Person.given_name + " " + Person.family_name).label("name"),
            Path.id.label("path_id"),
            Path.state,
            sa.func.coalesce(since, Path.opened_on).label("since"),
            sa.func.coalesce(Structure.short_name, Structure.name).label("structure"),
            Path.project,
            Path.next_step,
            Path.next_due_on,
            (next_actor.given_name + " " + next_actor.family_name).label("next_actor"),
            Path.changed_at,
        )
        .select_from(Person)
        .outerjoin(Path, Path.id == latest)
        .outerjoin(Structure, Structure.id == Path.structure_id)
        .outerjoin(next_actor, next_actor.id == Path.next_actor_id)
        .where(sa.or_(Path.id.is_not(None), agreed))
    )


def _row(found: Any, now: dt.datetime, today: dt.date) -> BoardRow:
    values = dict(found._mapping)  # noqa: SLF001, the documented way to the columns by name
    changed_at = values.pop("changed_at")
    state: str = found.state or PathState.CLOSED
    return BoardRow(
        **values,
        days_late=days_late(found.next_due_on, today) if state != PathState.CLOSED else 0,
        silence=silence(state, changed_at, now) if changed_at else None,
    )


async def get_path(db: AsyncSession, actor: Actor, path_id: int) -> Path:
    """The path, when the actor may open the person's file."""
    found = await db.scalar(
        sa.select(Path)
        .join(Person, Person.id == Path.person_id)
        .where(Path.id == path_id, policy.visible_trainees(actor))
        .options(joinedload(Path.person), joinedload(Path.structure), joinedload(Path.next_actor))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def can_open_path(db: AsyncSession, actor: Actor, path_id: int) -> bool:
    """Whether a link to the path would lead somewhere for the actor."""
    seen = (
        sa.select(Path.id)
        .join(Person, Person.id == Path.person_id)
        .where(Path.id == path_id, policy.visible_trainees(actor))
    )
    return await db.scalar(seen) is not None


async def list_steps(db: AsyncSession, path_id: int) -> Sequence[tuple[PathStep, str | None]]:
    """The changes of a path, the latest first, with the name of who noted each."""
    found = await db.execute(
        sa.select(PathStep, Person.given_name + " " + Person.family_name)
        .outerjoin(Person, Person.id == PathStep.recorded_by_id)
        .where(PathStep.path_id == path_id)
        .order_by(PathStep.happened_on.desc(), PathStep.id.desc())
    )
    return [(step, name) for step, name in found]


async def last_step_day(db: AsyncSession, path: Path) -> dt.date:
    """The day of the last change of a path."""
    steps = sa.select(sa.func.max(PathStep.happened_on)).where(PathStep.path_id == path.id)
    return await db.scalar(steps) or path.opened_on


async def list_who_may_act(db: AsyncSession, actor: Actor, path: Path) -> list[tuple[int, str]]:
    """Who may be asked to do the next thing: the person herself, then the members of today."""
    members = await list_people_to_choose(db, actor)
    return [
        (path.person_id, path.person.name),
        *((key, name) for key, name in members if key != path.person_id),
    ]
