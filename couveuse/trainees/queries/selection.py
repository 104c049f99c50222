"""Applications, sessions of the committee and what was said there."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.people.models import Person
from couveuse.trainees import policy
from couveuse.trainees.models import (
    Application,
    ApplicationPiece,
    ApplicationPieceKind,
    CaseJuror,
    Committee,
    CommitteeCase,
    CommitteeMember,
    Path,
    SelectionCriterion,
)


async def list_piece_kinds(db: AsyncSession, day: dt.date) -> Sequence[ApplicationPieceKind]:
    """The papers of a file opened on that day."""
    found = await db.scalars(
        sa.select(ApplicationPieceKind)
        .where(ApplicationPieceKind.in_force.contains(day))
        .order_by(ApplicationPieceKind.position)
    )
    return found.all()


async def list_criteria(db: AsyncSession, day: dt.date) -> Sequence[SelectionCriterion]:
    """The grid of a session held on that day."""
    found = await db.scalars(
        sa.select(SelectionCriterion)
        .where(SelectionCriterion.in_force.contains(day))
        .order_by(SelectionCriterion.position)
    )
    return found.all()


# ---------------------------------------------------------------- applications


def _applications() -> sa.Select[Application]:
    return (
        sa.select(Application)
        .join(Application.path)
        .join(Path.person)
        .options(
            contains_eager(Application.path).options(
                contains_eager(Path.person),
                joinedload(Path.structure),
                joinedload(Path.next_actor),
            ),
            selectinload(Application.pieces),
        )
        .execution_options(populate_existing=True)
    )


async def get_application(db: AsyncSession, actor: Actor, application_id: int) -> Application:
    """For who may open the file, and for the members of a committee that has it on its agenda."""
    found = await db.scalar(
        _applications().where(Application.id == application_id, policy.visible_applications(actor))
    )
    if found is None:
        raise NotVisible
    return found


async def list_applications(db: AsyncSession, actor: Actor) -> Sequence[Application]:
    """Those open, by the day they were opened: nobody is ranked."""
    found = await db.scalars(
        _applications()
        .where(policy.visible_applications(actor), Application.closed_on.is_(None))
        .order_by(Application.opened_on, Application.id)
    )
    return found.all()


async def list_applications_of(db: AsyncSession, path_id: int) -> Sequence[Application]:
    """Of one path, the latest first. Load the path through the actor before."""
    found = await db.scalars(
        _applications().where(Application.path_id == path_id).order_by(Application.id.desc())
    )
    return found.all()


async def get_piece(
    db: AsyncSession, actor: Actor, application_id: int, piece_id: int
) -> ApplicationPiece:
    application = await get_application(db, actor, application_id)
    found = next((one for one in application.pieces if one.id == piece_id), None)
    if found is None:
        raise NotVisible
    return found


async def find_case_of(db: AsyncSession, application_id: int) -> CommitteeCase | None:
    """Where the application is, or was, on an agenda: the last time."""
    return await db.scalar(
        sa.select(CommitteeCase)
        .where(CommitteeCase.application_id == application_id)
        .options(joinedload(CommitteeCase.committee))
        .order_by(CommitteeCase.id.desc())
        .limit(1)
    )


# ---------------------------------------------------------------- sessions


async def get_committee(db: AsyncSession, actor: Actor, committee_id: int) -> Committee:
    found = await db.scalar(
        sa.select(Committee)
        .where(Committee.id == committee_id, policy.visible_committees(actor))
        .options(joinedload(Committee.structure))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def list_committees(db: AsyncSession, actor: Actor) -> Sequence[Committee]:
    """Those to come first, the soonest at the top; then those held."""
    is_past = Committee.held_on < clock.today()
    away = sa.func.abs(Committee.held_on - clock.today())
    found = await db.scalars(
        sa.select(Committee)
        .where(policy.visible_committees(actor))
        .options(joinedload(Committee.structure))
        .order_by(is_past, away, Committee.id)
        .limit(200)
    )
    return found.all()


async def list_members(db: AsyncSession, committee_id: int) -> Sequence[CommitteeMember]:
    found = await db.scalars(
        sa.select(CommitteeMember)
        .join(CommitteeMember.person)
        .where(CommitteeMember.committee_id == committee_id)
        .options(contains_eager(CommitteeMember.person))
        .order_by(plain(Person.family_name), Person.id)
    )
    return found.all()


def _cases() -> sa.Select[CommitteeCase]:
    return (
        sa.select(CommitteeCase)
        .options(
            joinedload(CommitteeCase.committee).joinedload(Committee.structure),
            joinedload(CommitteeCase.application).options(
                joinedload(Application.path).options(
                    joinedload(Path.person), joinedload(Path.structure)
                ),
                selectinload(Application.pieces),
            ),
        )
        .execution_options(populate_existing=True)
    )


async def list_cases(db: AsyncSession, committee_id: int) -> Sequence[CommitteeCase]:
    """The agenda in the order in which it was made."""
    found = await db.scalars(
        _cases().where(CommitteeCase.committee_id == committee_id).order_by(CommitteeCase.id)
    )
    return found.all()


async def get_case(db: AsyncSession, actor: Actor, case_id: int) -> CommitteeCase:
    found = await db.scalar(
        _cases().where(CommitteeCase.id == case_id, policy.visible_cases(actor))
    )
    if found is None:
        raise NotVisible
    return found


async def find_case(db: AsyncSession, case_id: int) -> CommitteeCase | None:
    """For jobs: whoever may see it."""
    return await db.scalar(_cases().where(CommitteeCase.id == case_id))


async def list_cases_to_come(
    db: AsyncSession, first: dt.date, last: dt.date
) -> Sequence[CommitteeCase]:
    """On the agendas of those days, not decided on; for jobs."""
    found = await db.scalars(
        _cases()
        .join(CommitteeCase.committee)
        .where(Committee.held_on.between(first, last), CommitteeCase.decision.is_(None))
        .order_by(CommitteeCase.id)
    )
    return found.all()


@dataclass(frozen=True, slots=True)
class Grids:
    """What the jurors said of one application, as far as the actor may read it."""

    own: CaseJuror | None
    others: list[CaseJuror]
    """Of everybody, once it is decided."""
    conflicts: list[CaseJuror]
    filled: int
    """How many, whoever may read them."""
    is_member: bool


async def read_grids(db: AsyncSession, actor: Actor, case: CommitteeCase) -> Grids:
    members = await list_members(db, case.committee_id)
    found = await db.scalars(
        sa.select(CaseJuror)
        .where(CaseJuror.case_id == case.id)
        .options(joinedload(CaseJuror.person))
        .order_by(CaseJuror.id)
        .execution_options(populate_existing=True)
    )
    every = found.all()
    own = next((one for one in every if one.person_id == actor.person_id), None)
    filled = [one for one in every if one.levels is not None]
    is_member = any(one.person_id == actor.person_id for one in members)
    reads = policy.can_read_grids(actor, case, own, is_member=is_member)
    return Grids(
        own,
        filled if reads else [],
        [one for one in every if one.conflict],
        len(filled),
        is_member,
    )


async def list_letters_to_send(db: AsyncSession, actor: Actor) -> Sequence[CommitteeCase]:
    """Decisions of which the person has not been told, the oldest first."""
    found = await db.scalars(
        _cases()
        .join(CommitteeCase.committee)
        .where(
            CommitteeCase.decision.is_not(None),
            CommitteeCase.notified_on.is_(None),
            policy.held_committees(actor),
        )
        .order_by(CommitteeCase.decided_on, CommitteeCase.id)
    )
    return found.all()
