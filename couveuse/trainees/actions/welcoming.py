"""First welcome: a person, her path and the sheet, all at once."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotAllowed, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.core.jobs import queue
from couveuse.people import actions as people
from couveuse.people import queries as people_queries
from couveuse.people.forms import PersonForm
from couveuse.people.models import Person, days
from couveuse.trainees import policy, queries
from couveuse.trainees.actions.introductions import take_introduction
from couveuse.trainees.actions.joining import keep_choices, lock_people
from couveuse.trainees.forms.welcome import Choices, SheetForm, WelcomeForm
from couveuse.trainees.models import (
    FollowUpKind,
    FollowUpMember,
    Introduction,
    OnceReusedForWelcome,
    Path,
    PathState,
    PathStep,
    SheetJoined,
    Welcome,
)

journal.words(
    {
        "path.opened": N_("a ouvert le parcours"),
        "path.sheet_edited": N_("a modifié la fiche d'accueil"),
        "path.sheet_joined": N_("a réuni un nouvel accueil avec ce parcours"),
        "path.consent_given": N_("a noté l'accord pour transmettre la fiche"),
        "path.consent_withdrawn": N_("a noté que la fiche ne doit plus être transmise"),
    }
)

FIRST_ANSWER = dt.timedelta(days=10)
NOT_COUNTED = frozenset({"is_new", "person_id", "compared", *Choices.model_fields})
MEETING, FOLLOWING = N_("Premier rendez-vous"), N_("Proposer une suite")
HIDDEN = N_(
    "Une personne proche existe déjà au réseau : demandez à la coordination. "
    "Si vous savez que ce n'est pas elle, cochez la case et enregistrez à nouveau."
)
SEEN = N_("Cette personne est peut-être déjà connue : regardez ci-dessous avant de continuer.")
TO_COMPARE = N_("Regardez ce qui sera gardé, puis confirmez.")
EMAIL_TAKEN = N_(
    "Cette adresse est déjà celle d'une personne du réseau. Choisissez cette personne, demandez à "
    "la coordination, ou laissez l'adresse vide."
)


class LooksKnown(Refused):
    """Somebody alike exists; whom the actor may see is named, the others are not."""

    def __init__(self, alike: queries.Alike, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.alike = alike


class ToCompare(Refused):
    """She is known, and something differs, or a path is under way: to be looked at first."""

    def __init__(self, joining: queries.Joining) -> None:
        super().__init__(Reason("to_compare", TO_COMPARE))
        self.joining = joining


async def welcome(db: AsyncSession, actor: Actor, asked: WelcomeForm) -> Path:
    """Open the path of a newcomer, or of somebody known who comes back; a path under way goes on.

    Raises LooksKnown when she may be known already, ToCompare when who is known was not compared.
    The same form sent twice finds the first result; with other content it is refused.
    """
    if first := await _sent_before(db, actor, asked):
        return first
    try:
        return await _welcome(db, actor, asked)
    except Refused:  # perhaps sent twice at the same moment
        if first := await _sent_before(db, actor, asked):
            return first
        raise


async def _sent_before(db: AsyncSession, actor: Actor, asked: WelcomeForm) -> Path | None:
    if not asked.once:
        return None
    first = await queries.find_welcome_by_once(db, actor, asked.once)
    if first and first.once_digest != asked.digest(but=NOT_COUNTED):
        raise OnceReusedForWelcome
    return first.path if first else None


@atomic
async def _welcome(db: AsyncSession, actor: Actor, asked: WelcomeForm) -> Path:
    offered = {key for key, _ in await queries.list_welcoming_structures(db, actor)}
    if asked.structure_id not in offered:
        raise NotAllowed
    joining = await _compare(db, actor, asked) if asked.person_id else None
    if joining and joining.kept:
        return await _attach(db, actor, joining, joining.kept, asked)
    person = joining.known if joining else await _new_person(db, actor, asked)
    if joining:
        await keep_choices(db, actor, joining, asked)
    path = await _open_path(db, actor, person, asked)
    db.add(_sheet(actor, path, asked))
    if asked.introduction_id:
        await take_introduction(db, actor, asked.introduction_id, path)
    await _let_in(db, actor, path)
    journal.record(db, actor, "path.opened", path.id)
    if not policy.can_manage_own(actor, asked.structure_id):
        await queue(db, "tell_about_path", path_id=path.id, what="entrusted", by=actor.person_id)
    return path


async def _compare(db: AsyncSession, actor: Actor, asked: WelcomeForm) -> queries.Joining:
    known = await people_queries.get_person(db, actor, asked.person_id or 0)
    if not await lock_people(db, known.id):
        raise SheetJoined
    joining = await queries.read_saying(db, actor, known, asked)
    if joining.problems:
        raise Refused(*joining.problems)
    if not asked.compared and (joining.kept or joining.differences):
        raise ToCompare(joining)
    return joining


async def _attach(
    db: AsyncSession, actor: Actor, joining: queries.Joining, path: Path, asked: WelcomeForm
) -> Path:
    """What was said goes to the path under way: its first sheet, or what was chosen of it."""
    changes = await keep_choices(db, actor, joining, asked)
    if joining.sheet is None:
        db.add(_sheet(actor, path, asked))
        changes = True
    elif asked.consent and joining.sheet.consent_on is None:
        joining.sheet.consent_on = clock.today()
        journal.record(db, actor, "path.consent_given", path.id)
    if asked.introduction_id and not await _was_taken(db, asked.introduction_id, path):
        await take_introduction(db, actor, asked.introduction_id, path)
        changes = True
    if changes:
        journal.record(db, actor, "path.sheet_joined", path.id)
    return path


async def _was_taken(db: AsyncSession, introduction_id: int, path: Path) -> bool:
    answered = await db.scalar(
        sa.select(Introduction.path_id).where(Introduction.id == introduction_id)
    )
    return answered == path.id


async def _new_person(db: AsyncSession, actor: Actor, asked: WelcomeForm) -> Person:
    alike = await queries.find_alike(db, actor, asked)
    if alike.takes_email:
        raise LooksKnown(alike, Reason("email_taken", EMAIL_TAKEN, field="email"))
    if alike and not asked.is_new:
        raise LooksKnown(alike, Reason("looks_known", HIDDEN if alike.is_hidden else SEEN))
    data = PersonForm(
        given_name=asked.given_name,
        family_name=asked.family_name,
        email=asked.email,
        phone=asked.phone,
    )
    person = await people.add_person(db, actor, data)
    person.met_by_id = asked.structure_id
    return person


async def _open_path(db: AsyncSession, actor: Actor, person: Person, asked: WelcomeForm) -> Path:
    today = clock.today()
    opened = asked.contacted_on or today
    met = asked.met_on if asked.met_on and asked.met_on <= today else None
    state = PathState.WELCOMED if met else PathState.CONTACT
    path = Path(
        person_id=person.id,
        structure_id=asked.structure_id,
        state=state,
        project=asked.project,
        opened_on=min(opened, met or opened),
        changed_at=clock.now(),
        **_what_comes_next(actor, asked, met, today),
    )
    db.add(path)
    await db.flush()  # the steps need the id, and another open path is found now
    step: dict[str, Any] = {"path_id": path.id, "recorded_by_id": actor.person_id}
    step["recorded_at"] = clock.now()
    db.add(PathStep(state=PathState.CONTACT, happened_on=path.opened_on, **step))
    if met:
        db.add(PathStep(state=PathState.WELCOMED, happened_on=met, **step))
    return path


def _what_comes_next(
    actor: Actor, asked: WelcomeForm, met: dt.date | None, today: dt.date
) -> dict[str, Any]:
    """A meeting that is to come, or else an answer within ten days."""
    to_meet = met is None
    due = asked.met_on if to_meet and asked.met_on else today + FIRST_ANSWER
    return {
        "next_step": i18n.gettext(MEETING if to_meet else FOLLOWING),
        "next_due_on": due,
        "next_actor_id": actor.person_id,
    }


def _sheet(actor: Actor, path: Path, asked: WelcomeForm) -> Welcome:
    today = clock.today()
    return Welcome(
        path_id=path.id,
        structure_id=asked.structure_id,
        created_by_id=actor.person_id,
        created_at=clock.now(),
        notice_given_on=asked.contacted_on or today,
        consent_on=today if asked.consent else None,
        **asked.model_dump(include={*SheetForm.model_fields} - {"project", "consent"}),
        **asked.kept_once(but=NOT_COUNTED),
    )


async def _let_in(db: AsyncSession, actor: Actor, path: Path) -> None:
    """Who welcomes without managing the structure follows the person, to open her file."""
    if policy.can_manage_path(actor, path.structure_id) or path.person_id == actor.person_id:
        return
    db.add(
        FollowUpMember(
            person_id=path.person_id,
            member_id=actor.person_id,
            kind=FollowUpKind.SETTLEMENT,
            during=days(clock.today(), None),
        )
    )


@atomic
async def edit_sheet(db: AsyncSession, actor: Actor, sheet: Welcome, asked: SheetForm) -> None:
    """Change the sheet; consent that is given or withdrawn is dated, and said in the journal."""
    for name, value in asked.model_dump(exclude={"project", "consent"}).items():
        setattr(sheet, name, value)
    sheet.path.project = asked.project
    journal.record(db, actor, "path.sheet_edited", sheet.path_id)
    if asked.consent and sheet.consent_on is None:
        sheet.consent_on = clock.today()
        journal.record(db, actor, "path.consent_given", sheet.path_id)
    elif not asked.consent and sheet.consent_on is not None:
        sheet.consent_on = None
        journal.record(db, actor, "path.consent_withdrawn", sheet.path_id)
