"""Noting how a test ended, and asking for news afterwards."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal, mail
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.tokens import hashed, new_token
from couveuse.people.models import Person
from couveuse.trainees.actions.paths import move_path
from couveuse.trainees.forms.after import ExitForm, NewsForm
from couveuse.trainees.mails.after import news_mail
from couveuse.trainees.models import (
    MONTHS,
    AfterContact,
    AfterLink,
    ContactState,
    Exit,
    Path,
    PathState,
)
from couveuse.trainees.queries import after as queries
from couveuse.trainees.rules.after import LINK_LASTS, TRIES, asks_again, due_dates, gives_up

journal.words(
    {
        "path.exit_recorded": N_("a noté comment le test s'est terminé"),
        "path.exit_corrected": N_("a corrigé comment le test s'est terminé"),
        "path.news_asked": N_("a demandé des nouvelles"),
        "path.news_given": N_("a donné de ses nouvelles par son lien"),
        "path.news_noted": N_("a noté des nouvelles"),
        "path.news_tried": N_("a essayé de joindre la personne"),
        "path.news_unknown": N_("n'a pas eu de nouvelles après deux essais"),
    }
)
BEFORE_LEAVING = (PathState.IN_TEST, PathState.SUSPENDED, PathState.LEAVING)
AFTER_LEAVING = (PathState.EXITED, PathState.FOLLOWED_AFTER, PathState.CLOSED)


class AnsweredAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("La personne a répondu entre-temps. Rechargez la page pour lire sa réponse.")
        super().__init__(Reason("answered_already", sentence))


class NewsLinkGone(Refused):
    """Used, too old, or never made: the three look the same from outside."""

    def __init__(self) -> None:
        sentence = N_("Ce lien ne sert plus : la réponse est déjà notée, ou il est trop ancien.")
        super().__init__(Reason("link_gone", sentence))


@atomic
async def record_exit(db: AsyncSession, actor: Actor, path: Path, data: ExitForm) -> Exit:
    """Note how the test ended: the path is at its end, and news will be asked for."""
    if problems := _exit_problems(path, data):
        raise Refused(*problems)
    left = Exit(
        path_id=path.id,
        person_id=path.person_id,
        created_by_id=actor.person_id,
        **data.model_dump(),
    )
    db.add(left)
    await db.flush()  # the constraint answers here, and the contacts need the id
    for months, due_on in due_dates(left.left_on, left.outcome):
        db.add(AfterContact(exit_id=left.id, months=months, due_on=due_on))
    if path.state in BEFORE_LEAVING:
        await move_path(db, actor, path, PathState.EXITED, on=left.left_on)
    journal.record(db, actor, "path.exit_recorded", path.id)
    return left


def _exit_problems(path: Path, data: ExitForm) -> list[Reason]:
    found: list[Reason] = []
    if path.state not in (*BEFORE_LEAVING, *AFTER_LEAVING):
        sentence = N_(
            "Cette personne n'a pas commencé de test : notez plutôt la suite du parcours."
        )
        found.append(Reason("not_in_test", sentence))
    if data.left_on > clock.today():
        sentence = N_("Ce jour n'est pas encore venu. Notez la sortie quand elle a eu lieu.")
        found.append(Reason("exit_to_come", sentence, field="left_on"))
    if data.left_on < path.opened_on:
        sentence = N_("Le parcours commence le %(day)s : la sortie vient après.")
        values = {"day": path.opened_on}
        found.append(Reason("exit_too_early", sentence, values, field="left_on"))
    return found


@atomic
async def correct_exit(db: AsyncSession, actor: Actor, left: Exit, data: ExitForm) -> None:
    """Say it better. News not asked for yet is asked for by the new day."""
    if problems := _exit_problems(left.path, data):
        raise Refused(*problems)
    for name, value in data.model_dump().items():
        setattr(left, name, value)
    wanted = dict(due_dates(left.left_on, left.outcome))
    for contact in left.contacts:
        if contact.state != ContactState.TO_COME:
            wanted.pop(contact.months, None)
        elif contact.months in wanted:
            contact.due_on = wanted.pop(contact.months)
        else:
            await db.delete(contact)
    for months, due_on in wanted.items():
        db.add(AfterContact(exit_id=left.id, months=months, due_on=due_on))
    journal.record(db, actor, "path.exit_corrected", left.path_id)


@atomic
async def ask_for_news(
    db: AsyncSession, actor: Actor | None, contact: AfterContact, base_url: str
) -> None:
    """Mail a link; those sent before stay good, until one of them is answered."""
    await _lock(db, contact)
    person = contact.exit.person
    if not contact.is_open or person.email is None:
        raise AnsweredAlready
    token = new_token()
    db.add(
        AfterLink(
            contact_id=contact.id, token_hash=hashed(token), expires_at=clock.now() + LINK_LASTS
        )
    )
    subject, body = news_mail(person, contact.months, token, base_url)
    await mail.post(db, person.email, subject, body, is_secret=True)
    contact.state = ContactState.ASKED
    await _try(db, actor, contact, "path.news_asked")


@atomic
async def note_try(db: AsyncSession, actor: Actor, contact: AfterContact) -> None:
    """Somebody called and nobody answered; after the second try nothing is known."""
    await _lock(db, contact)
    if not contact.is_open:
        raise AnsweredAlready
    await _try(db, actor, contact, "path.news_tried")
    if contact.tries >= TRIES:
        await give_up(db, contact)


async def _try(db: AsyncSession, actor: Actor | None, contact: AfterContact, verb: str) -> None:
    contact.tries += 1
    contact.tried_on = clock.today()
    journal.record(db, actor, verb, contact.exit.path_id)
    await _move_on(db, actor, contact)


async def give_up(db: AsyncSession, contact: AfterContact) -> None:
    """Nothing is known at that moment; the link still works, should the person come back to it."""
    contact.state = ContactState.UNKNOWN
    journal.record(db, None, "path.news_unknown", contact.exit.path_id)
    await _close_when_done(db, None, contact)


@atomic
async def answer_by_link(db: AsyncSession, token: str, data: NewsForm) -> None:
    """Take the one use of a link. Of two at once, one is kept; raises NewsLinkGone otherwise."""
    contact = await queries.find_contact_by_token(db, token)
    if contact is None:
        raise NewsLinkGone
    await _lock(db, contact)
    if contact.state == ContactState.ANSWERED:
        raise NewsLinkGone
    await _answer(db, None, contact, data, "path.news_given")


@atomic
async def note_news(db: AsyncSession, actor: Actor, contact: AfterContact, data: NewsForm) -> None:
    """Write down what the person said; what she wrote herself stays."""
    await _lock(db, contact)
    if contact.state == ContactState.ANSWERED and contact.recorded_by_id is None:
        raise AnsweredAlready
    await _answer(db, actor, contact, data, "path.news_noted")


async def _answer(
    db: AsyncSession, actor: Actor | None, contact: AfterContact, data: NewsForm, verb: str
) -> None:
    for name, value in data.model_dump().items():
        setattr(contact, name, value)
    contact.state = ContactState.ANSWERED
    contact.answered_at = clock.now()
    contact.recorded_by_id = actor.person_id if actor else None
    await db.execute(sa.delete(AfterLink).where(AfterLink.contact_id == contact.id))
    journal.record(db, actor, verb, contact.exit.path_id)
    await _move_on(db, actor, contact)
    await _close_when_done(db, actor, contact)


async def _move_on(db: AsyncSession, actor: Actor | None, contact: AfterContact) -> None:
    path = contact.exit.path
    if path.state == PathState.EXITED:
        await move_path(db, actor, path, PathState.FOLLOWED_AFTER)


async def _close_when_done(db: AsyncSession, actor: Actor | None, contact: AfterContact) -> None:
    """After the last news, or after the last two tries, the path is over."""
    path = contact.exit.path
    if contact.months == MONTHS[-1] and path.state == PathState.FOLLOWED_AFTER:
        await move_path(db, actor, path, PathState.CLOSED)


async def _lock(db: AsyncSession, contact: AfterContact) -> None:
    """Read the contact again, now that nobody else changes it."""
    columns = [column.key for column in sa.inspect(AfterContact).column_attrs]
    await db.refresh(contact, columns, with_for_update=True)


async def ask_everybody(db: AsyncSession, base_url: str) -> None:
    """What is due today: asked a first or a second time, or given up after two tries."""
    today = clock.today()
    for contact in await queries.list_contacts_due(db, today):
        person: Person = contact.exit.person
        if gives_up(contact, today):
            await give_up(db, contact)
        elif person.email and asks_again(contact, today):
            await ask_for_news(db, None, contact, base_url)
