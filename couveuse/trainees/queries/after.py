"""Exits, and the news asked for after them."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.tokens import hashed
from couveuse.people.models import Person
from couveuse.trainees import policy
from couveuse.trainees.models import AfterContact, AfterLink, ContactState, Exit, Path


async def find_exit(db: AsyncSession, person_id: int) -> Exit | None:
    """The last one of a person, with its path and contacts. Load the person through the actor
    before."""
    return await db.scalar(
        sa.select(Exit)
        .where(Exit.person_id == person_id)
        .options(joinedload(Exit.path), selectinload(Exit.contacts))
        .order_by(Exit.left_on.desc(), Exit.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


async def find_last_path(db: AsyncSession, person_id: int) -> Path | None:
    """The one under way, else the last that was closed."""
    return await db.scalar(
        sa.select(Path)
        .where(Path.person_id == person_id)
        .options(joinedload(Path.structure))
        .order_by(Path.closed_on.desc().nulls_first(), Path.id.desc())
        .limit(1)
    )


async def get_contact(db: AsyncSession, actor: Actor, contact_id: int) -> AfterContact:
    found = await db.scalar(
        sa.select(AfterContact)
        .join(AfterContact.exit)
        .join(Person, Person.id == Exit.person_id)
        .where(AfterContact.id == contact_id, policy.visible_trainees(actor))
        .options(
            contains_eager(AfterContact.exit).options(
                joinedload(Exit.path), joinedload(Exit.person)
            )
        )
    )
    if found is None:
        raise NotVisible
    return found


async def find_contact_by_token(db: AsyncSession, token: str) -> AfterContact | None:
    """What a link is for, while it can be answered. Looking does not use it."""
    return await db.scalar(
        sa.select(AfterContact)
        .join(AfterLink, AfterLink.contact_id == AfterContact.id)
        .where(
            AfterLink.token_hash == hashed(token),
            AfterLink.expires_at > clock.now(),
            AfterContact.state != ContactState.ANSWERED,
        )
        .options(
            joinedload(AfterContact.exit).options(joinedload(Exit.path), joinedload(Exit.person))
        )
        .execution_options(populate_existing=True)
    )


async def list_exits(db: AsyncSession, first: dt.date, last: dt.date) -> Sequence[Exit]:
    """Everybody who left in the period, with what they said since; for coordination."""
    found = await db.scalars(
        sa.select(Exit)
        .where(Exit.left_on.between(first, last))
        .options(joinedload(Exit.person), joinedload(Exit.path), selectinload(Exit.contacts))
        .order_by(Exit.left_on, Exit.id)
    )
    return found.all()


async def list_contacts_due(db: AsyncSession, today: dt.date) -> Sequence[AfterContact]:
    """Those that wait for an answer, the longest first."""
    found = await db.scalars(
        sa.select(AfterContact)
        .where(
            AfterContact.due_on <= today,
            AfterContact.state.in_((ContactState.TO_COME, ContactState.ASKED)),
        )
        .options(
            joinedload(AfterContact.exit).options(joinedload(Exit.path), joinedload(Exit.person))
        )
        .order_by(AfterContact.due_on, AfterContact.id)
    )
    return found.all()
