"""Who is who: adding and editing persons, inviting them, their own profile."""

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal, mail
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.people import mails, queries
from couveuse.people.actions import access
from couveuse.people.forms import InvitationForm, PersonForm, ProfileForm
from couveuse.people.models import LinkPurpose, Person

journal.words(
    {
        "person.added": N_("a ajouté cette personne"),
        "person.edited": N_("a modifié les coordonnées"),
        "person.address_changed": N_("a changé l'adresse électronique"),
        "person.invited": N_("a envoyé une invitation"),
        "person.joined": N_("a accepté l'invitation"),
    }
)


@atomic
async def add_person(db: AsyncSession, actor: Actor | None, data: PersonForm) -> Person:
    person = Person(**data.model_dump())
    db.add(person)
    await db.flush()  # the journal needs the id
    journal.record(db, actor, "person.added", person.id)
    return person


@atomic
async def edit_person(db: AsyncSession, actor: Actor, person: Person, data: PersonForm) -> Person:
    """Change what is known of a person. With a new address, links sent to the old one are void."""
    has_moved = person.email is not None and person.email != data.email
    _write(person, data)
    journal.record(db, actor, "person.edited", person.id)
    if has_moved:
        await access.void_links(db, person.id)
        journal.record(db, actor, "person.address_changed", person.id)
    return person


@atomic
async def edit_profile(db: AsyncSession, actor: Actor, person: Person, data: ProfileForm) -> Person:
    _write(person, data)
    journal.record(db, actor, "person.edited", person.id)
    return person


@atomic
async def choose_language(db: AsyncSession, actor: Actor, language: str) -> None:
    person = await queries.get_person(db, actor, actor.person_id)
    person.language = language


@atomic
async def invite(db: AsyncSession, actor: Actor | None, person: Person, base_url: str) -> str:
    """Mail an invitation and return its address; earlier invitations no longer open anything."""
    if person.email is None:
        sentence = N_("Cette personne n'a pas d'adresse électronique. Ajoutez-la d'abord.")
        raise Refused(Reason("no_email", sentence))
    await access.void_links(db, person.id, LinkPurpose.INVITATION)
    token = await access.issue_link(db, person, LinkPurpose.INVITATION)
    memberships = await queries.list_memberships(db, person.id)
    places = dict.fromkeys(one.structure.label for one in memberships if not one.is_over)
    subject, body = mails.invitation_mail(
        person, token, base_url, places=list(places), inviter=actor.name if actor else None
    )
    await mail.post(db, person.email, subject, body, is_secret=True)
    journal.record(db, actor, "person.invited", person.id)
    return mails.invitation_url(base_url, token)


@atomic
async def accept_invitation(db: AsyncSession, token: str, data: InvitationForm) -> Person:
    """Take the one use of an invitation, with what the person corrected and perhaps a password."""
    person = await access.use_link(db, token, LinkPurpose.INVITATION)
    _write(person, ProfileForm.model_validate(data, from_attributes=True))
    if data.password:
        await access.set_password(db, person, data.password)
    journal.record(db, None, "person.joined", person.id)
    return person


def _write(person: Person, data: PersonForm | ProfileForm) -> None:
    for name, value in data:
        setattr(person, name, value)
