"""The personal link of a volunteer: made, made anew, stopped, used."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal, mail
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotAllowed, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.tokens import hashed, new_token
from couveuse.followup import queries
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.followup.light_forms import AccessForm, VolunteerForm
from couveuse.followup.mails import light_mail, light_url
from couveuse.followup.models import LightAccess
from couveuse.followup.policy import VOLUNTEERING, is_volunteer
from couveuse.people.actions import add_person, grant_membership
from couveuse.people.forms import PersonForm, SpellForm
from couveuse.people.models import Person, SignInFailure
from couveuse.people.queries import find_by_email, get_person, list_memberships
from couveuse.structures.models import Structure
from couveuse.trainees.actions import follow, readings
from couveuse.trainees.actions.holding import hold_person
from couveuse.trainees.forms.groups import FollowForm

journal.words(
    {
        "person.link_made": N_("a fait un lien personnel sans mot de passe, jusqu'au %(day)s"),
        "person.link_ended": N_("a arrêté le lien personnel sans mot de passe"),
    }
)
LIGHT = "light"
USED_AFTER = dt.timedelta(hours=1)


@atomic
async def make_link(
    db: AsyncSession, actor: Actor, person: Person, asked: AccessForm, base_url: str
) -> str:
    """Return the address of the link, told this once; the one before opens nothing any more.

    Whoever has an address is mailed it too, so that no link is made behind their back.
    """
    await hold_person(db, person.id)
    await _end(db, actor, person.id)
    token = new_token()
    db.add(
        LightAccess(
            person_id=person.id,
            token_hash=hashed(token),
            until=asked.until,
            created_by_id=actor.person_id,
            created_at=clock.now(),
        )
    )
    await db.flush()  # the constraint answers here
    if person.email:
        subject, body = light_mail(person, token, asked.until, actor.name, base_url)
        await mail.post(db, person.email, subject, body, is_secret=True)
    journal.record(db, actor, "person.link_made", person.id, day=asked.until)
    return light_url(base_url, token)


@atomic
async def end_link(db: AsyncSession, actor: Actor, person: Person) -> None:
    """Stop it at once. Stopping twice is once."""
    await hold_person(db, person.id)
    if await _end(db, actor, person.id):
        journal.record(db, actor, "person.link_ended", person.id)


async def _end(db: AsyncSession, actor: Actor, person_id: int) -> bool:
    ended = await db.execute(
        sa.update(LightAccess)
        .where(LightAccess.person_id == person_id, LightAccess.ended_at.is_(None))
        .values(ended_at=clock.now(), ended_by_id=actor.person_id)
        .returning(LightAccess.id)
    )
    return ended.first() is not None


async def welcome_volunteer(
    db: AsyncSession, actor: Actor, trainee: Person, asked: VolunteerForm, base_url: str
) -> tuple[Person, str]:
    """Somebody new, a volunteer of the structure, in the group of a person, with a link at once.

    The same form sent twice finds the first person, with a link made anew: the one before was told
    once, and opens nothing any more.
    """
    subject = f"volunteer for {trainee.id}"

    async def find(person_id: int) -> tuple[Person, str]:
        volunteer = await get_person(db, actor, person_id)
        if not is_volunteer(await list_memberships(db, person_id)):
            raise NotAllowed
        return volunteer, await make_link(db, actor, volunteer, asked, base_url)

    return await once(
        db, actor, asked, subject, lambda: _welcome(db, actor, trainee, asked, base_url), find
    )


@atomic
async def _welcome(
    db: AsyncSession, actor: Actor, trainee: Person, asked: VolunteerForm, base_url: str
) -> tuple[Person, str]:
    if asked.email and await find_by_email(db, asked.email):
        sentence = N_(
            "Cette adresse est déjà celle de quelqu'un du réseau. Ajoutez cette personne au groupe "
            "de suivi, puis faites son lien depuis sa page."
        )
        raise Refused(Reason("email_taken", sentence, field="email"))
    volunteer = await add_person(
        db,
        actor,
        PersonForm(
            given_name=asked.given_name,
            family_name=asked.family_name,
            email=asked.email,
            phone=asked.phone,
        ),
    )
    structure = await db.get_one(Structure, asked.structure_id)
    today = clock.today()
    spell = SpellForm(starts_on=today, salaried=False)
    await grant_membership(db, actor, volunteer, structure, VOLUNTEERING, spell)
    await db.flush()  # the group asks for it
    place = FollowForm(member_id=volunteer.id, kind=asked.kind, starts_on=today)
    await follow(db, actor, trainee, place)
    keep_sent(db, actor, asked, f"volunteer for {trainee.id}", volunteer.id)
    await db.flush()  # the constraint answers before a link is mailed
    return volunteer, await make_link(db, actor, volunteer, asked, base_url)


async def note_use(db: AsyncSession, token: str, volunteer: Actor) -> None:
    """The link is opened: when, to the hour, and whose files were read, as of everybody."""
    now = clock.now()
    await db.execute(
        sa.update(LightAccess)
        .where(
            LightAccess.token_hash == hashed(token),
            sa.func.coalesce(LightAccess.last_used_at < now - USED_AFTER, sa.true()),
        )
        .values(last_used_at=now)
    )
    for person in await queries.list_followed_people(db, volunteer):
        await readings.note_reading(db, volunteer, person.id, LIGHT)


async def note_wrong_token(db: AsyncSession, network: str) -> None:
    """Count it as a failed sign-in of that network: no account was named."""
    db.add(SignInFailure(at=clock.now(), address=network, account=hashed("")))
