"""Letting the first people in, from the command line."""

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Role
from couveuse.core.contacts import Email
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.people import queries
from couveuse.people.actions.memberships import grant_membership
from couveuse.people.actions.persons import invite
from couveuse.people.forms import SpellForm
from couveuse.people.models import Membership, Person
from couveuse.structures.models import Structure


@atomic
async def invite_from_outside(
    db: AsyncSession,
    *,
    email: str,
    role: Role,
    structure_name: str,
    given_name: str,
    family_name: str,
    base_url: str,
) -> str:
    """Invite somebody as the operator of the installation; returns the address of the invitation.

    The person and the structure are made when they do not exist yet.
    """
    address = _checked(email)
    structure = await _structure(db, structure_name)
    person = await queries.find_by_email(db, address)
    if person is None:
        given, _, family = address.partition("@")[0].partition(".")
        person = Person(
            given_name=given_name or given.capitalize(),
            family_name=family_name or family.capitalize(),
            email=address,
        )
        db.add(person)
        await db.flush()  # the membership needs its id
    if not await _has_role(db, person, structure, role):
        spell = SpellForm(starts_on=clock.today(), ends_on=None, salaried=False)
        await grant_membership(db, None, person, structure, role, spell)
        await db.flush()  # the mail names it
    return await invite(db, None, person, base_url)


def _checked(email: str) -> str:
    try:
        return TypeAdapter(Email).validate_python(email)
    except ValidationError:
        sentence = N_("« %(email)s » n'est pas une adresse électronique.")
        raise Refused(Reason("bad_email", sentence, {"email": email})) from None


async def _structure(db: AsyncSession, name: str) -> Structure:
    wanted = name.strip().lower()
    found = await db.scalar(
        sa.select(Structure)
        .where(
            sa.or_(
                sa.func.lower(Structure.name) == wanted,
                sa.func.lower(Structure.short_name) == wanted,
            )
        )
        .limit(1)
    )
    if found is None:
        found = Structure(name=name.strip(), joined_on=clock.today())
        db.add(found)
        await db.flush()  # the membership needs its id
    return found


async def _has_role(db: AsyncSession, person: Person, structure: Structure, role: Role) -> bool:
    found = await db.scalar(
        sa.select(Membership.id).where(
            Membership.person_id == person.id,
            Membership.structure_id == structure.id,
            Membership.role == role,
            Membership.during.contains(clock.today()),
        )
    )
    return found is not None
