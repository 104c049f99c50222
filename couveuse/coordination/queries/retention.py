"""Files past their period: which, why, what an erasure would take away."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.coordination.models import Erasure, KeptFile
from couveuse.coordination.retention.links import all_links
from couveuse.coordination.retention.parts import PARTS
from couveuse.coordination.retention.rules import Links, Standing, is_proposed, standing
from couveuse.core import clock
from couveuse.core.errors import NotVisible
from couveuse.core.retention import Keeping, Periods, read_periods
from couveuse.people.models import Membership, Person


@dataclass(frozen=True, slots=True)
class FileToReview:
    """Somebody's file, how long it is kept and why."""

    person: Person
    links: Links
    standing: Standing
    is_over: bool
    """Past its period and nothing lives: it may be erased, unless it is kept on."""
    kept: KeptFile | None

    @property
    def is_proposed(self) -> bool:
        return self.is_over and self.kept is None


@dataclass(frozen=True, slots=True)
class Review:
    """What coordination has to decide on, and what it decided."""

    proposed: Sequence[FileToReview]
    kept: Sequence[FileToReview]
    """Past their period, kept on until a day."""
    erasures: Sequence[Erasure]
    """The last ones, newest first."""
    periods: Periods


async def read_review(db: AsyncSession) -> Review:
    periods = await read_periods(db)
    files = await _list_over(db, periods)
    erasures = await db.scalars(
        sa.select(Erasure)
        .options(joinedload(Erasure.erased_by))
        .order_by(Erasure.id.desc())
        .limit(50)
    )
    return Review(
        [one for one in files if one.is_proposed],
        [one for one in files if one.kept],
        erasures.all(),
        periods,
    )


async def count_to_review(db: AsyncSession) -> int:
    """How many files wait for a decision."""
    return sum(one.is_proposed for one in await _list_over(db, await read_periods(db)))


async def get_file_to_review(db: AsyncSession, person_id: int) -> FileToReview:
    """Anybody's whose file is not erased; for coordination."""
    person = await db.scalar(
        sa.select(Person)
        .where(Person.id == person_id, Person.erased_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if person is None:
        raise NotVisible
    one = sa.select(Person.id).where(Person.id == person_id)
    (file,) = await _read_files(db, one, await read_periods(db))
    return file


async def find_erasure(db: AsyncSession, person_id: int) -> Erasure | None:
    return await db.scalar(sa.select(Erasure).where(Erasure.person_id == person_id))


async def _list_over(db: AsyncSession, periods: Periods) -> list[FileToReview]:
    """The longest silence first. Members of today are not even looked at."""
    goes_on = sa.exists().where(
        Membership.person_id == Person.id,
        sa.func.coalesce(sa.func.upper(Membership.during) > clock.today(), sa.true()),
    )
    silent = sa.select(Person.id).where(Person.erased_at.is_(None), ~goes_on)
    found = [one for one in await _read_files(db, silent, periods) if one.is_over]
    return sorted(found, key=lambda one: (one.standing.kept_until, one.person.id))


async def _read_files(
    db: AsyncSession, people: sa.Select[int], periods: Periods
) -> list[FileToReview]:
    summed = await _sum_links(db, people)
    if not summed:
        return []
    persons = await db.scalars(sa.select(Person).where(Person.id.in_(summed)).order_by(Person.id))
    kept = await db.scalars(
        sa.select(KeptFile)
        .where(KeptFile.person_id.in_(summed), KeptFile.until >= clock.today())
        .options(joinedload(KeptFile.kept_by))
        .order_by(KeptFile.until)
    )
    keeping = {one.person_id: one for one in kept}
    return [
        FileToReview(
            person,
            links := summed[person.id],
            standing(links, periods),
            is_proposed(links, periods, clock.today()),
            keeping.get(person.id),
        )
        for person in persons
    ]


async def _sum_links(db: AsyncSession, people: sa.Select[int]) -> dict[int, Links]:
    link = all_links(people).subquery()
    of_funder = link.c.kind == Keeping.EVIDENCE
    contact = sa.func.max(link.c.on).filter(of_funder.is_not(sa.true()))
    rows = await db.execute(
        sa.select(
            link.c.person_id,
            contact.label("last_on"),
            sa.func.max(link.c.on).filter(of_funder).label("evidence_on"),
            sa.func.array_agg(link.c.kind.distinct())
            .filter(link.c.kind.is_not(None))
            .label("kinds"),
            sa.func.array_agg(link.c.what.distinct()).filter(link.c.lives).label("living"),
        ).group_by(link.c.person_id)
    )
    return {
        row.person_id: Links(
            row.last_on, frozenset(row.kinds or ()), row.evidence_on, frozenset(row.living or ())
        )
        for row in rows
    }


async def count_parts(db: AsyncSession, person_id: int) -> dict[str, int]:
    """How many records there are of her, by what they are; only what there is."""
    counting = sa.text(" UNION ALL ".join(part.count() for part in PARTS))
    rows = (await db.execute(counting, {"person": person_id})).all()
    counts = {row[0]: row[1] for row in rows}
    told: dict[str, int] = {}
    for part in PARTS:
        told[part.label] = told.get(part.label, 0) + counts[part.table]
    return {label: number for label, number in told.items() if number}
