"""Grids, and the assessments made with them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.followup import policy
from couveuse.followup.models import Assessment, AssessmentAnswers, Grid, GridVersion
from couveuse.people.models import Person


async def list_grids(db: AsyncSession, *, retired: bool = False) -> Sequence[Grid]:
    """Those in use with their versions, the present one first; ``retired`` adds the others."""
    query = sa.select(Grid).options(selectinload(Grid.versions))
    if not retired:
        query = query.where(Grid.retired_on.is_(None))
    found = await db.scalars(query.order_by(Grid.retired_on.is_not(None), plain(Grid.name)))
    return found.all()


async def get_grid(db: AsyncSession, grid_id: int) -> Grid:
    found = await db.scalar(
        sa.select(Grid)
        .where(Grid.id == grid_id)
        .options(selectinload(Grid.versions))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


def _assessments(actor: Actor) -> sa.Select[Assessment]:
    return (
        sa.select(Assessment)
        .join(Assessment.person)
        .where(policy.visible_assessments(actor))
        .options(
            joinedload(Assessment.person),
            joinedload(Assessment.version).joinedload(GridVersion.grid),
            selectinload(Assessment.answers).joinedload(AssessmentAnswers.author),
        )
        .execution_options(populate_existing=True)
    )


async def get_assessment(db: AsyncSession, actor: Actor, assessment_id: int) -> Assessment:
    """With its version, its grid and what each side said."""
    found = await db.scalar(_assessments(actor).where(Assessment.id == assessment_id))
    if found is None:
        raise NotVisible
    return found


async def list_assessments(db: AsyncSession, actor: Actor, person_id: int) -> Sequence[Assessment]:
    """Of one person, the oldest first."""
    found = await db.scalars(
        _assessments(actor)
        .where(Assessment.person_id == person_id)
        .order_by(Assessment.made_on, Assessment.id)
    )
    return found.all()


async def lock_assessment(db: AsyncSession, assessment_id: int) -> None:
    await db.execute(
        sa.select(Assessment.id)
        .where(Assessment.id == assessment_id)
        .with_for_update(key_share=True)
    )


async def may_read_follow_up(db: AsyncSession, actor: Actor, person_id: int) -> bool:
    """Whether what follow-up says of this person, grids and steps, is for the actor to read."""
    told = sa.or_(Person.id == actor.person_id, policy.reads_follow_up(actor))
    return bool(await db.scalar(sa.select(sa.exists().where(Person.id == person_id, told))))


@dataclass(frozen=True, slots=True)
class Progress:
    """What was said with one grid over time, the oldest first."""

    grid: Grid
    assessments: Sequence[Assessment]

    @property
    def newest(self) -> Assessment:
        """The last one that both answered; else the last one begun."""
        return next((one for one in reversed(self.assessments) if one.is_answered), self.last)

    @property
    def last(self) -> Assessment:
        return self.assessments[-1]

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        return self.assessments[0].made_on, self.last.made_on

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """As the newest version names them."""
        return self.newest.version.criteria

    def shares(self, code: str, side: str) -> list[tuple[dt.date, float | None]]:
        """Each level as a share of the scale that it was said with."""
        return [
            (one.made_on, _share(one, code, side)) for one in self.assessments if one.is_answered
        ]


def _share(assessment: Assessment, code: str, side: str) -> float | None:
    answers = next((one for one in assessment.answers if one.side == side), None)
    level = answers.level(code) if answers else None
    return None if level is None else level / (len(assessment.version.levels) - 1)


def by_grid(assessments: Sequence[Assessment]) -> list[Progress]:
    """The assessments of one person, grid by grid."""
    found: dict[int, list[Assessment]] = {}
    for one in assessments:
        found.setdefault(one.version.grid_id, []).append(one)
    return [Progress(ones[0].version.grid, ones) for ones in found.values()]
