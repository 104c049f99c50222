"""Welcome sheets, people who look alike, and what newcomers introduced by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.words import plain
from couveuse.people.models import Membership, Person
from couveuse.people.policy import visible_people
from couveuse.structures.queries import list_structures_to_choose
from couveuse.trainees import policy
from couveuse.trainees.forms.welcome import WelcomeForm
from couveuse.trainees.models import (
    Introduction,
    IntroductionSent,
    IntroductionState,
    Path,
    Welcome,
)
from couveuse.trainees.rules.welcome import SENDING_WINDOW, alike


async def get_welcome(db: AsyncSession, actor: Actor, welcome_id: int) -> Welcome:
    """The sheet, when the actor may open the person's file."""
    found = await db.scalar(
        sa.select(Welcome)
        .join(Path, Path.id == Welcome.path_id)
        .join(Person, Person.id == Path.person_id)
        .where(Welcome.id == welcome_id, policy.visible_trainees(actor))
        .options(
            joinedload(Welcome.structure),
            joinedload(Welcome.path).options(
                joinedload(Path.person), joinedload(Path.structure), joinedload(Path.next_actor)
            ),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def find_welcome(db: AsyncSession, path_id: int) -> Welcome | None:
    """The sheet of a path. Load the path through the actor before."""
    return await db.scalar(
        sa.select(Welcome).where(Welcome.path_id == path_id).options(joinedload(Welcome.structure))
    )


async def find_welcome_by_once(db: AsyncSession, actor: Actor, once: str) -> Welcome | None:
    return await db.scalar(
        sa.select(Welcome)
        .where(Welcome.created_by_id == actor.person_id, Welcome.once == once)
        .options(joinedload(Welcome.path))
    )


async def list_welcoming_structures(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """In whose name the actor may welcome, as the options of a list."""
    everyone = await list_structures_to_choose(db, actor)
    return [(key, name) for key, name in everyone if policy.can_welcome(actor, key)]


# ---------------------------------------------------------------- people who look alike


@dataclass(frozen=True, slots=True)
class Alike:
    """Who may well be the same person: those the actor may see, and whether there are others."""

    seen: list[tuple[int, str]]
    is_hidden: bool
    takes_email: bool
    """One of them has the very address: it cannot be given to another."""

    def __bool__(self) -> bool:
        return bool(self.seen) or self.is_hidden


async def find_alike(
    db: AsyncSession,
    actor: Actor,
    asked: WelcomeForm | Introduction | Person,
    *,
    but: int | None = None,
) -> Alike:
    """Persons with the same address, the same number, or a name that is near."""
    name = Person.given_name + " " + Person.family_name
    rows = await db.execute(
        sa.select(
            Person.id,
            name.label("name"),
            Person.email,
            Person.phone,
            sa.case((visible_people(actor), sa.true()), else_=sa.false()).label("is_seen"),
        )
        .where(Person.id.is_distinct_from(but))
        .order_by(plain(Person.family_name), plain(Person.given_name), Person.id)
    )
    seen: list[tuple[int, str]] = []
    is_hidden = takes_email = False
    for row in rows:
        same_email = asked.email is not None and (row.email or "").lower() == asked.email.lower()
        same_phone = asked.phone is not None and row.phone == asked.phone
        if same_email or same_phone or alike(row.name, f"{asked.given_name} {asked.family_name}"):
            takes_email = takes_email or same_email
            if row.is_seen:
                seen.append((row.id, row.name))
            else:
                is_hidden = True
    return Alike(seen, is_hidden, takes_email)


# ---------------------------------------------------------------- introductions


async def list_introductions(
    db: AsyncSession, actor: Actor, *, waiting_only: bool = True
) -> Sequence[Introduction]:
    """What newcomers sent, the longest waiting first; those answered come last."""
    if not policy.can_take_introductions(actor):
        return []
    query = sa.select(Introduction).order_by(
        Introduction.state != IntroductionState.WAITING, Introduction.sent_at, Introduction.id
    )
    if waiting_only:
        query = query.where(Introduction.state == IntroductionState.WAITING)
    return (await db.scalars(query.limit(300))).all()


async def get_introduction(db: AsyncSession, actor: Actor, introduction_id: int) -> Introduction:
    found = await db.get(Introduction, introduction_id, populate_existing=True)
    if found is None or not policy.can_take_introductions(actor):
        raise NotVisible
    return found


async def find_introduction_by_once(db: AsyncSession, once: str) -> Introduction | None:
    return await db.scalar(sa.select(Introduction).where(Introduction.once == once))


async def count_sent_from(db: AsyncSession, network: str) -> int:
    """How many introductions came from a network lately."""
    since = clock.now() - SENDING_WINDOW
    return (
        await db.scalar(
            sa.select(sa.func.count())
            .select_from(IntroductionSent)
            .where(IntroductionSent.at > since, IntroductionSent.address == sa.cast(network, INET))
        )
        or 0
    )


# ---------------------------------------------------------------- who is told


async def list_in_charge(db: AsyncSession, structure_id: int) -> Sequence[Person]:
    """Who is told on behalf of a structure: those who manage it, or coordination without them."""
    own = await _holding(db, policy.CARRIERS, structure_id)
    return own or await list_coordination(db)


async def list_coordination(db: AsyncSession) -> Sequence[Person]:
    return await _holding(db, policy.COORDINATION, None)


async def _holding(
    db: AsyncSession, roles: tuple[str, ...], structure_id: int | None
) -> Sequence[Person]:
    held = sa.select(Membership.person_id).where(
        Membership.role.in_(roles), Membership.during.contains(clock.today())
    )
    if structure_id is not None:
        held = held.where(Membership.structure_id == structure_id)
    found = await db.scalars(sa.select(Person).where(Person.id.in_(held)).order_by(Person.id))
    return found.all()
