"""Reads of persons, memberships, papers and sessions. Visibility is part of each."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager, joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.files import StoredFile
from couveuse.core.i18n import N_
from couveuse.core.tokens import hashed
from couveuse.core.words import has_words, plain
from couveuse.people import policy
from couveuse.people.models import (
    LinkPurpose,
    MailedLink,
    Membership,
    Paper,
    PaperKind,
    Person,
    Qualification,
    Session,
    SignInFailure,
)
from couveuse.people.rules import FAILURE_WINDOW, SESSION_LIFETIME
from couveuse.structures.models import Structure
from couveuse.structures.queries import Resting, Thing, rests_on_structure

LIST_LIMIT = 300
DAY = dt.timedelta(days=1)


async def get_person(db: AsyncSession, actor: Actor, person_id: int) -> Person:
    found = await db.scalar(
        sa.select(Person).where(Person.id == person_id, policy.visible_people(actor))
    )
    if found is None:
        raise NotVisible
    return found


async def find_by_email(db: AsyncSession, email: str) -> Person | None:
    return await db.scalar(sa.select(Person).where(sa.func.lower(Person.email) == email.lower()))


@dataclass(frozen=True, slots=True)
class Directory:
    """The persons found, and what each does today."""

    people: Sequence[Person]
    memberships: dict[int, list[Membership]]
    is_cut: bool
    """More were found than are shown."""


async def list_people(
    db: AsyncSession,
    actor: Actor,
    *,
    search: str = "",
    structure_id: int | None = None,
    everyone: bool = False,
) -> Directory:
    """Members whose name holds every word of ``search``; ``everyone`` adds those who left."""
    wanted = has_words(Person.given_name + " " + Person.family_name, search)
    if structure_id or not everyone:
        wanted.append(Person.id.in_(_standing(structure_id, everyone=everyone)))
    found = await db.scalars(
        sa.select(Person)
        .where(policy.visible_people(actor), *wanted)
        .order_by(plain(Person.family_name), plain(Person.given_name), Person.id)
        .limit(LIST_LIMIT + 1)
    )
    people = found.all()
    shown = people[:LIST_LIMIT]
    return Directory(shown, await _present(db, shown), is_cut=len(people) > LIST_LIMIT)


def _standing(structure_id: int | None, *, everyone: bool) -> sa.Select[int]:
    """Ids of persons with a membership that is not over."""
    query = sa.select(Membership.person_id)
    if structure_id:
        query = query.where(Membership.structure_id == structure_id)
    if not everyone:
        over = sa.func.upper(Membership.during) <= clock.today()
        query = query.where(sa.func.coalesce(over, sa.false()).is_(sa.false()))
    return query


async def _present(db: AsyncSession, people: Sequence[Person]) -> dict[int, list[Membership]]:
    found = await db.scalars(
        sa.select(Membership)
        .where(
            Membership.person_id.in_([person.id for person in people]),
            Membership.during.contains(clock.today()),
        )
        .options(joinedload(Membership.structure))
        .order_by(Membership.id)
    )
    by_person: dict[int, list[Membership]] = {}
    for membership in found:
        by_person.setdefault(membership.person_id, []).append(membership)
    return by_person


@rests_on_structure
async def list_members(db: AsyncSession, structure: Structure, day: dt.date) -> Resting:
    """Those who belong to the structure on a day, or will."""
    members = await db.scalars(
        sa.select(Person)
        .where(
            sa.exists().where(
                Membership.person_id == Person.id,
                Membership.structure_id == structure.id,
                Membership.during.overlaps(Range(day, None)),
            )
        )
        .order_by(plain(Person.family_name), plain(Person.given_name), Person.id)
    )
    things = [Thing(one.name, "people.persons.show", {"person_id": one.id}) for one in members]
    return Resting(N_("Membres"), things)


async def list_people_to_choose(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """Members of today as the options of a list: id and name."""
    rows = await db.execute(
        sa.select(Person.id, Person.given_name + " " + Person.family_name)
        .where(
            policy.visible_people(actor),
            Person.id.in_(
                sa.select(Membership.person_id).where(Membership.during.contains(clock.today()))
            ),
        )
        .order_by(plain(Person.given_name), plain(Person.family_name), Person.id)
    )
    return [(person_id, name) for person_id, name in rows]


async def list_memberships(db: AsyncSession, person_id: int) -> Sequence[Membership]:
    """All of a person, those that go on first. Load the person through the actor before."""
    found = await db.scalars(
        sa.select(Membership)
        .where(Membership.person_id == person_id)
        .options(joinedload(Membership.structure))
        .order_by(
            sa.func.upper(Membership.during).desc().nulls_first(),
            sa.func.lower(Membership.during).desc(),
            Membership.id,
        )
    )
    return found.all()


async def get_membership(db: AsyncSession, actor: Actor, membership_id: int) -> Membership:
    found = await db.scalar(
        sa.select(Membership)
        .join(Membership.person)
        .where(Membership.id == membership_id, policy.visible_people(actor))
        .options(joinedload(Membership.structure), joinedload(Membership.person))
    )
    if found is None:
        raise NotVisible
    return found


async def papers_of(db: AsyncSession, person_id: int) -> Sequence[Paper]:
    """Every paper of a person with its qualification. Load the person through the actor before."""
    found = await db.scalars(
        sa.select(Paper)
        .join(Paper.qualification)
        .where(Paper.person_id == person_id)
        .options(joinedload(Paper.qualification))
        .order_by(plain(Qualification.name), sa.func.lower(Paper.during).desc(), Paper.id)
    )
    return found.all()


async def get_paper(db: AsyncSession, actor: Actor, paper_id: int) -> Paper:
    found = await db.scalar(
        sa.select(Paper)
        .join(Person, Person.id == Paper.person_id)
        .where(Paper.id == paper_id, policy.visible_people(actor))
        .options(joinedload(Paper.qualification))
    )
    if found is None:
        raise NotVisible
    return found


async def get_paper_document(db: AsyncSession, actor: Actor, paper_id: int) -> StoredFile:
    """What was sent with a paper: one's own, and of those whose papers one looks after."""
    mine = sa.or_(Person.id == actor.person_id, policy.answers_for(actor))
    found = await db.scalar(
        sa.select(StoredFile)
        .join(Paper, Paper.document == StoredFile.sha256)
        .join(Paper.person)
        .where(Paper.id == paper_id, policy.visible_people(actor), mine)
    )
    if found is None:
        raise NotVisible
    return found


async def structures_of(db: AsyncSession, person_id: int) -> frozenset[int]:
    """Where the person belongs today. Load the person through the actor before."""
    found = await db.scalars(
        sa.select(Membership.structure_id).where(
            Membership.person_id == person_id, Membership.during.contains(clock.today())
        )
    )
    return frozenset(found)


async def list_paper_kinds(db: AsyncSession) -> Sequence[PaperKind]:
    """Every kind of paper there is or was, as it stood from when to when."""
    return (await db.scalars(sa.select(PaperKind).order_by(PaperKind.id))).all()


def _followed() -> sa.ColumnElement[bool]:
    """The paper that comes after is on file: nobody has to hear of the end of this one."""
    next_one = aliased(Paper)
    end = sa.func.upper(next_one.during)
    return sa.exists().where(
        next_one.person_id == Paper.person_id,
        next_one.qualification_id == Paper.qualification_id,
        next_one.id != Paper.id,
        ~next_one.is_to_check,
        sa.or_(end.is_(None), end > sa.func.upper(Paper.during)),
    )


async def list_papers_ending(
    db: AsyncSession, since: dt.date, until: dt.date, *of: sa.ColumnElement[bool]
) -> Sequence[Paper]:
    """Papers that nothing follows, whose last day lies in a span; the first to end first."""
    end = sa.func.upper(Paper.during)
    found = await db.scalars(
        sa.select(Paper)
        .join(Paper.person)
        .where(end.between(since + DAY, until + DAY), ~Paper.is_to_check, ~_followed(), *of)
        .options(joinedload(Paper.qualification), contains_eager(Paper.person))
        .order_by(end, Paper.id)
    )
    return found.all()


async def list_papers_to_check(db: AsyncSession, actor: Actor) -> Sequence[Paper]:
    """Papers that their holders sent, of those whom the actor answers for; the oldest first."""
    found = await db.scalars(
        sa.select(Paper)
        .join(Paper.person)
        .where(Paper.is_to_check, policy.answers_for(actor), Person.id != actor.person_id)
        .options(joinedload(Paper.qualification), contains_eager(Paper.person))
        .order_by(Paper.id)
    )
    return found.all()


def is_member_on(day: dt.date) -> sa.ColumnElement[bool]:
    """The condition on ``Person``: some membership goes on that day."""
    seat = sa.exists().where(Membership.person_id == Person.id, Membership.during.contains(day))
    return seat.correlate(Person)


async def list_qualifications(db: AsyncSession) -> Sequence[Qualification]:
    found = await db.scalars(sa.select(Qualification).order_by(plain(Qualification.name)))
    return found.all()


async def list_sessions(db: AsyncSession, person_id: int) -> Sequence[Session]:
    """The browsers where the person is signed in, latest seen first."""
    alive = Session.last_seen_at > clock.now() - SESSION_LIFETIME
    found = await db.scalars(
        sa.select(Session)
        .where(Session.person_id == person_id, alive)
        .order_by(Session.last_seen_at.desc(), Session.id.desc())
    )
    return found.all()


async def find_link(db: AsyncSession, token: str, purpose: LinkPurpose) -> Person | None:
    """Whom a link is for, while it can be used. Looking does not use it."""
    return await db.scalar(
        sa.select(Person)
        .join(MailedLink, MailedLink.person_id == Person.id)
        .where(
            MailedLink.token_hash == hashed(token),
            MailedLink.purpose == purpose,
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > clock.now(),
        )
    )


async def list_cast(
    db: AsyncSession, emails: Sequence[str]
) -> list[tuple[Person, Membership | None]]:
    """Persons of the demonstration in the order given, with what each does today."""
    found = await db.scalars(sa.select(Person).where(sa.func.lower(Person.email).in_(emails)))
    people = sorted(found, key=lambda person: emails.index((person.email or "").lower()))
    present = await _present(db, people)
    return [(person, next(iter(present.get(person.id, [])), None)) for person in people]


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """What decides on an attempt, known or unknown the account."""

    person_id: int | None
    password_hash: str | None
    account_failures: int
    network_failures: int


async def sign_in_facts(db: AsyncSession, email: str, network: str) -> SignInFacts:
    since = clock.now() - FAILURE_WINDOW
    recent = sa.select(sa.func.count()).where(SignInFailure.at > since)
    of_account = recent.where(SignInFailure.account == account_key(email))
    of_network = recent.where(SignInFailure.address == sa.cast(network, INET))
    counts = (
        await db.execute(sa.select(of_account.scalar_subquery(), of_network.scalar_subquery()))
    ).one()
    person = await find_by_email(db, email)
    return SignInFacts(
        person.id if person else None, person.password_hash if person else None, *counts
    )


def account_key(email: str) -> bytes:
    """What failures of an account are counted under; an unknown address counts like a known one."""
    return hashed(email.strip().lower())


async def list_structures_to_grant(db: AsyncSession, actor: Actor) -> list[tuple[int, str]]:
    """Structures where the actor may say who is a member, as the options of a list."""
    found = await db.scalars(
        sa.select(Structure)
        .where(sa.or_(Structure.left_on.is_(None), Structure.left_on >= clock.today()))
        .order_by(plain(Structure.name))
    )
    return [(one.id, one.label) for one in found if policy.can_manage_members(actor, one.id)]


def holds_paper(
    person_id: Any, qualification_id: Any, first: Any, last: Any
) -> sa.ColumnElement[bool]:
    """Whether papers of that kind, one after the other if need be, cover all days from the first to
    the last; each given as an expression of SQL."""
    held = (
        sa.select(sa.func.range_agg(Paper.during))
        .where(
            Paper.person_id == person_id,
            Paper.qualification_id == qualification_id,
            ~Paper.is_to_check,
        )
        .correlate_except(Paper)
    )
    days = sa.func.daterange(first, last, sa.literal_column("'[]'"))
    return sa.func.coalesce(
        held.scalar_subquery().op("@>", return_type=sa.Boolean())(days), sa.false()
    )
