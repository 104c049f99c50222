"""Two sheets of one person become one: what she said goes to who she is known as."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.people import actions as people
from couveuse.people import queries as people_queries
from couveuse.people.forms import PersonForm
from couveuse.people.models import Person
from couveuse.trainees import queries
from couveuse.trainees.actions.paths import move_path
from couveuse.trainees.actions.uniting import unite_people
from couveuse.trainees.forms.welcome import Choices, JoiningForm
from couveuse.trainees.models import (
    Introduction,
    Path,
    PathState,
    Referral,
    SheetJoined,
    Welcome,
)
from couveuse.trainees.rules.joining import PROJECT, SHEET, WHO, taken

journal.words(
    {
        "path.united": N_("a réuni deux fiches d'accueil de la même personne"),
        "person.united": N_("a réuni avec cette personne une fiche en double"),
    }
)
UNITED = N_("Réuni avec le parcours en cours de la même personne")


@atomic
async def join_sheet(
    db: AsyncSession, actor: Actor, sheet: Welcome, known_id: int, asked: JoiningForm
) -> Path:
    """The sheet and its path go to somebody known, and the person they had made disappears.

    Of two who join at once, one wins; the other finds that result, or is told when it went to
    somebody else. Everybody else who wants to write about the person waits.
    """
    known = await people_queries.get_person(db, actor, known_id)
    there = await lock_people(db, known.id, asked.doubled_id)
    holder = await db.scalar(sa.select(Path.person_id).where(Path.id == sheet.path_id))
    if known.id not in there or holder not in {known.id, asked.doubled_id}:
        raise SheetJoined
    sheet = await queries.get_welcome(db, actor, sheet.id)
    await db.refresh(known)  # as it is now that nobody else can change it
    if holder == known.id:
        return await queries.find_open_path(db, known.id) or sheet.path
    joining = await queries.read_joining(db, actor, sheet, known)
    if joining.problems:
        raise Refused(*joining.problems)
    if joining.closes:
        await _close(db, actor, joining)
    await unite_people(db, sheet.path.person, known)
    await keep_choices(db, actor, joining, asked)
    path = joining.kept or joining.path or sheet.path
    if known.met_by_id is not None and joining.kept is None:
        known.met_by_id = path.structure_id
    journal.record(db, actor, "path.united", path.id)
    journal.record(db, actor, "person.united", known.id)
    await db.refresh(path, ["person_id", "next_actor_id"])  # written by statements above
    return path


async def lock_people(db: AsyncSession, *person_ids: int) -> set[int]:
    """Hold them and their paths until the end; who is not among those returned is gone."""
    people_there = await db.scalars(
        sa.select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update()
    )
    there = set(people_there)
    await db.execute(
        sa.select(Path.id).where(Path.person_id.in_(there)).order_by(Path.id).with_for_update()
    )
    return there


async def _close(db: AsyncSession, actor: Actor, joining: queries.Joining) -> None:
    """The path in double closes, and what was under way goes on in the one that is kept."""
    kept, path, passed = joining.kept, joining.path, joining.passed
    assert kept is not None  # noqa: S101, a joining that closes has both
    assert path is not None  # noqa: S101
    coming: dict[str, Any] = {
        "next_step": path.next_step,
        "next_due_on": path.next_due_on,
        "next_actor_id": path.next_actor_id,
    }
    if path.next_actor_id == path.person_id:
        coming["next_actor_id"] = joining.known.id
    await move_path(db, actor, path, PathState.CLOSED, note=i18n.gettext(UNITED))
    for table in (Referral, Introduction):
        await db.execute(
            sa.update(table)
            .where(table.path_id == path.id)
            .values(path_id=kept.id)
            .execution_options(synchronize_session=False)
        )
    if joining.waits:
        await move_path(db, actor, kept, PathState.ORIENTED_OUT, **coming)
    elif kept.next_step is None:
        for name, value in coming.items():
            setattr(kept, name, value)
        kept.changed_at = clock.now()
    if passed and joining.sheet is None:
        passed.path_id = kept.id
    elif passed and joining.sheet:
        _keep_words(joining.sheet, passed, loses_consent=joining.loses_consent)


def _keep_words(kept: Welcome, passed: Welcome, *, loses_consent: bool) -> None:
    """She was told what is kept when she was told first; her consent counts if both have it."""
    kept.notice_given_on = min(kept.notice_given_on, passed.notice_given_on)
    if loses_consent:
        kept.consent_on = None


async def keep_choices(
    db: AsyncSession, actor: Actor, joining: queries.Joining, asked: Choices
) -> bool:
    """Write the values that were chosen over those that were known; whether there were any."""
    values = taken(joining.differences, asked.choices)
    if who := {name: values[name] for name in WHO if name in values}:
        known = joining.known
        now = {name: getattr(known, name) for name in PersonForm.model_fields}
        await people.edit_person(db, actor, known, PersonForm.model_construct(**now | who))
    for name in PROJECT:
        if name in values and joining.kept:
            setattr(joining.kept, name, values[name])
    for name in SHEET:
        if name in values and joining.sheet:
            setattr(joining.sheet, name, values[name])
    return bool(values)
