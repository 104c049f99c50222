"""Keeping a file on, or erasing it: proposed by the product, decided by somebody, written down."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.forms import EraseForm, KeepForm
from couveuse.coordination.models import ErasedAlready, Erasure, KeptFile
from couveuse.coordination.queries.retention import (
    FileToReview,
    find_erasure,
    get_file_to_review,
)
from couveuse.coordination.retention.parts import JOURNALS, PARTS, words_of
from couveuse.coordination.retention.rules import same_name
from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import Base, atomic
from couveuse.core.errors import Conflict, NotVisible, Reason, Refused
from couveuse.core.i18n import N_, ngettext
from couveuse.core.jobs import queue
from couveuse.core.journal import JournalLine
from couveuse.people.models import Person, SignInFailure
from couveuse.people.queries import account_key
from couveuse.trainees.models import Path, PathState

ERASED = N_("Personne effacée")
journal.words(
    {
        "person.kept": N_("a gardé le dossier jusqu'au %(day)s : %(reason)s"),
        "person.erased": N_("a effacé ce dossier, dont le dernier contact datait du %(day)s"),
    }
)


class NotOver(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce dossier n'est plus à effacer : un contact est arrivé entre-temps, quelqu'un a "
            "choisi de le garder, ou sa durée n'est pas passée. Rechargez la page pour voir lequel."
        )
        super().__init__(Reason("not_over", sentence))


@atomic
async def keep_file(db: AsyncSession, actor: Actor, person_id: int, asked: KeepForm) -> None:
    """Keep on a file past its period, until a day and for a reason."""
    await _lock(db, person_id)
    file = await get_file_to_review(db, person_id)
    if not file.is_over:
        raise NotOver
    if asked.until <= clock.today():
        sentence = N_("Choisissez un jour à venir : le dossier vous sera proposé à nouveau.")
        raise Refused(Reason("until_past", sentence, field="until"))
    if file.kept:
        file.kept.until, file.kept.reason = asked.until, asked.reason
        file.kept.kept_by_id = actor.person_id
    else:
        db.add(
            KeptFile(
                person_id=person_id,
                kept_on=clock.today(),
                until=asked.until,
                reason=asked.reason,
                kept_by_id=actor.person_id,
            )
        )
    journal.record(db, actor, "person.kept", person_id, day=asked.until, reason=asked.reason)


@atomic
async def erase_file(
    db: AsyncSession, actor: Actor | None, person_id: int, asked: EraseForm
) -> Erasure:
    """Take everything about a person away and leave what figures count. Cannot be undone.

    Whoever adds something to the file meanwhile waits, then is refused; what came first stops the
    erasure. The same request sent twice finds its first result. Without an actor, the operator.
    """
    by_id = actor.person_id if actor else None
    await _lock(db, person_id)
    if done := await find_erasure(db, person_id):
        if done.erased_by_id == by_id:
            return done
        raise ErasedAlready
    file = await get_file_to_review(db, person_id)
    if not file.is_proposed:
        raise NotOver
    if not same_name(asked.name, file.person.name):
        values = {"name": file.person.name}
        sentence = N_("Ce n'est pas le nom de ce dossier. Recopiez : %(name)s")
        raise Refused(Reason("other_name", sentence, values, field="name"))
    erasure = Erasure(
        person_id=person_id,
        erased_by_id=by_id,
        erased_at=clock.now(),
        period=file.standing.period,
        last_contact_on=file.links.last_contact_on,
    )
    db.add(erasure)
    await db.flush()  # from here on the database lets this transaction empty what is locked
    await _empty(db, file, erasure)
    erasure.is_under_way = False
    journal.record(
        db, actor, "person.erased", person_id, day=file.links.last_contact_on, number=erasure.id
    )
    await db.flush()  # the locks hold again
    return erasure


async def _lock(db: AsyncSession, person_id: int) -> None:
    """Against whoever adds to the file, too: a reference to a person waits for this lock."""
    locked = sa.select(Person.id).where(Person.id == person_id).with_for_update()
    if await db.scalar(locked) is None:
        raise NotVisible


async def _empty(db: AsyncSession, file: FileToReview, erasure: Erasure) -> None:
    person = file.person
    hers = {"person": person.id}
    names = sa.text(" UNION ".join(one for part in PARTS for one in part.names_of_files()))
    files = [name for name in await db.scalars(names, hers) if name]
    traces = await db.scalar(sa.text("SELECT traces_of_erased()"))
    await _empty_journal(db, person.id, f"{ERASED} n° {erasure.id}")
    counts: dict[str, int] = {}
    for part in PARTS:
        if part.removes or any(part.values()):
            done = await db.execute(part.erase(), hers)
            counts[part.table] = done.rowcount  # type: ignore[attr-defined]
    if person.email:
        known = SignInFailure.account == account_key(person.email)
        await db.execute(sa.delete(SignInFailure).where(known))
    await db.execute(
        sa.update(Path)
        .where(Path.person_id == person.id, Path.closed_on.is_(None))
        .values(state=PathState.CLOSED, closed_on=sa.func.greatest(clock.today(), Path.opened_on))
    )
    if traces:
        await _sweep(db, traces)
    await db.execute(
        sa.update(Person)
        .where(Person.id == person.id)
        .values(
            given_name=ERASED,
            family_name=f"n° {erasure.id}",
            email=None,
            phone=None,
            phone_shared=False,
            language=None,
            password_hash=None,
            erased_at=clock.now(),
        )
    )
    erasure.counts = {table: number for table, number in counts.items() if number}
    if files:
        await queue(db, "forget_files", files=sorted(files))


async def _empty_journal(db: AsyncSession, person_id: int, mark: str) -> None:
    """What was done stays told; of whom and in which words does not."""
    await db.execute(
        sa.update(JournalLine).where(JournalLine.actor_id == person_id).values(actor_name=mark)
    )
    for kind, ids in JOURNALS.items():
        lines = await db.execute(
            sa.text(
                "SELECT id, details FROM journal_line "  # noqa: S608, our own words
                f"WHERE subject_kind = '{kind}' AND details <> '{{}}' AND subject_id IN ({ids})"
            ).columns(JournalLine.id, JournalLine.details),
            {"person": person_id},
        )
        emptied = [{"id": id_, "details": journal.emptied(details)} for id_, details in lines]
        if emptied:
            await db.execute(sa.update(JournalLine), emptied)


async def _sweep(db: AsyncSession, traces: str) -> None:
    """Her name, address and number in whatever else was written: other people's words stay."""
    for table in Base.metadata.sorted_tables:
        columns = [] if table.name == "person" else words_of(table)
        if columns:
            found = [sa.cast(column, sa.Text).op("~*")(traces) for column in columns]
            values = {
                column.name: sa.cast(sa.func.forgotten(sa.cast(column, sa.Text)), column.type)
                for column in columns
            }
            await db.execute(table.update().where(sa.or_(*found)).values(values))


def told(erasure: Erasure) -> str:
    """What was done, in one sentence."""
    emptied = sum(erasure.counts.values())
    return ngettext(
        "%(n)s enregistrement vidé ou retiré.", "%(n)s enregistrements vidés ou retirés.", emptied
    ) % {"n": emptied}
