"""Writing a report, showing it, sharing it, saying more about it. The visit is locked first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, NotAllowed, NotVisible, Reason, Refused
from couveuse.core.files import FileStore, photo_place, store_photo
from couveuse.core.i18n import N_
from couveuse.followup import policy, queries
from couveuse.followup.actions.sending import keep_sent, once, subject_of
from couveuse.followup.actions.steps import set_steps
from couveuse.followup.actions.telling import tell
from couveuse.followup.forms import BLANK, NoteForm, ReportForm, StepDraft
from couveuse.followup.models import (
    Level,
    NoteKind,
    Report,
    ReportNote,
    SignedText,
    Visit,
    VisitState,
)
from couveuse.followup.rules import known_themes

MAX_PHOTOS = 8


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote about a visit, beside the texts of the form."""

    steps: Sequence[StepDraft] = ()
    photos: Sequence[bytes] = field(default_factory=tuple)


class ChangedMeanwhile(Conflict):
    """Another text than the one known was saved since; the writer chooses."""

    def __init__(self) -> None:
        sentence = N_(
            "Ce compte rendu a été enregistré ailleurs entre-temps, sur un autre appareil ou dans "
            "un autre onglet. Rien n'est perdu : comparez les deux textes, puis choisissez."
        )
        super().__init__(Reason("changed_meanwhile", sentence))


async def write_report(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    visit: Visit,
    asked: ReportForm,
    written: Written | None = None,
) -> Report:
    """Begin the report, or go on with it. The same form sent twice finds the first.

    Raises ChangedMeanwhile when another version than the one known stands there.
    """
    written = written or Written()
    subject = subject_of(f"report {visit.id}", written.steps, written.photos)

    async def find(report_id: int) -> Report:
        del report_id
        return await queries.get_report(db, actor, visit)

    return await once(
        db,
        actor,
        asked,
        subject,
        lambda: _write(db, actor, files, visit, asked, written, subject),
        find,
    )


@atomic
async def _write(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    visit: Visit,
    asked: ReportForm,
    written: Written,
    subject: str,
) -> Report:
    visit = await _locked(db, visit.id)
    report = await _own_report(db, actor, visit)
    _refuse_other_version(report, asked)
    if not (any(asked.texts.values()) or asked.themes or written.steps or written.photos):
        raise Refused(Reason("blank", BLANK))
    if report is None:
        _refuse_unless_it_may_have_one(visit)
        report = Report(visit_id=visit.id, author_id=actor.person_id, level=Level.DRAFT, version=0)
        report.photos = []
        db.add(report)
        if visit.has_begun and visit.is_planned:
            visit.state = VisitState.HELD
    report.version += 1
    report.updated_at = clock.now()
    for name, text in asked.texts.items():
        setattr(report, name, text and text.replace("\r\n", "\n"))
    report.themes = known_themes(asked.themes)
    report.photos = await _photos(db, files, report, asked, written.photos)
    await db.flush()  # steps need its id
    await set_steps(db, actor, visit, report, written.steps)
    keep_sent(db, actor, asked, subject, report.id)
    if report.is_shared:
        await tell(db, actor, "visit.report_changed", visit)
    await db.flush()  # read again just below
    return await queries.get_report(db, actor, visit)


def _refuse_unless_it_may_have_one(visit: Visit) -> None:
    if visit.state not in {VisitState.PLANNED, VisitState.HELD}:
        sentence = N_("Cette visite n'a pas eu lieu : il n'y a pas de compte rendu à écrire.")
        raise Refused(Reason("not_held", sentence))


def _refuse_other_version(report: Report | None, asked: ReportForm) -> None:
    """Who says which version they knew writes over no other; a new draft over none at all."""
    stands = report.version if report else 0
    known = asked.version
    if known is None and asked.once is not None:
        known = 0
    if known is not None and known != stands:
        raise ChangedMeanwhile


async def _own_report(db: AsyncSession, actor: Actor, visit: Visit) -> Report | None:
    """The report as it is now; refused when it is signed, or somebody else's."""
    report = await db.scalar(
        sa.select(Report)
        .where(Report.visit_id == visit.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if report is None:
        return None
    if not policy.writes(actor, report):
        if report.is_draft:
            sentence = N_("Une autre personne du groupe a commencé ce compte rendu.")
            raise Refused(Reason("somebody_elses", sentence))
        raise NotAllowed
    if report.is_locked:
        raise SignedText
    return report


async def _photos(
    db: AsyncSession, files: FileStore, report: Report, asked: ReportForm, sent: Sequence[bytes]
) -> list[dict[str, object]]:
    kept = {one["file"]: one for one in report.photos if one["file"] not in asked.drop_photos}
    for data in sent:
        name = await store_photo(db, files, data)
        kept.setdefault(name, {"file": name})
        if asked.keep_place and (place := photo_place(data)):
            kept[name] = {"file": name, "place": list(place)}
    if len(kept) > MAX_PHOTOS:
        sentence = N_("%(most)s photos au plus. Retirez-en.")
        raise Refused(Reason("too_many_photos", sentence, {"most": MAX_PHOTOS}, field="photos"))
    return list(kept.values())


@atomic
async def share_report(db: AsyncSession, actor: Actor, visit: Visit, level: Level) -> Report:
    """Show it to the group, or to the person too. There is no way back."""
    visit = await _locked(db, visit.id)
    report = await _own_report(db, actor, visit)
    if report is None:
        raise NotVisible
    if report.is_shared:
        return await queries.get_report(db, actor, visit)
    if level == Level.SHARED and not visit.has_begun:
        sentence = N_("Cette visite n'a pas encore commencé : partagez le compte rendu après.")
        raise Refused(Reason("not_begun", sentence))
    if level == Level.SHARED:
        report.shared_at = clock.now()
        visit.state = VisitState.HELD
    shown_already = report.level == level
    report.level = level
    await db.flush()  # read again just below
    if not shown_already:
        shared = level == Level.SHARED
        verb = "visit.report_shared" if shared else "visit.report_shown"
        await tell(db, actor, verb, visit, mailed=shared)
    return await queries.get_report(db, actor, visit)


@atomic
async def delete_report(db: AsyncSession, actor: Actor, visit: Visit) -> None:
    """A draft alone can be deleted, by its author; nobody else has read it."""
    visit = await _locked(db, visit.id)
    report = await _own_report(db, actor, visit)
    if report is None:
        raise NotVisible
    if not report.is_draft:
        sentence = N_("Ce compte rendu a été montré entre-temps : il ne se supprime plus.")
        raise Refused(Reason("shown_meanwhile", sentence))
    await set_steps(db, actor, visit, report, [])
    await db.delete(report)
    await db.flush()


@atomic
async def open_left_drafts(db: AsyncSession) -> None:
    """What somebody wrote and can no longer share is read by those who follow the person now."""
    for report_id, visit_id in await queries.list_left_drafts(db):
        await queries.lock_visit(db, visit_id)
        opened = await db.execute(
            sa.update(Report)
            .where(Report.id == report_id, Report.level == Level.DRAFT)
            .values(level=Level.GROUP)
            .returning(Report.id)
        )
        if opened.first():
            journal.record(db, None, "visit.report_opened", visit_id)


@atomic
async def summarise(db: AsyncSession, actor: Actor, visit: Visit, text: str | None) -> None:
    """The few words for the committee, beside the report: signed or not, they may change."""
    visit = await _locked(db, visit.id)
    report = await queries.get_report(db, actor, visit)
    report.committee_text = text and text.replace("\r\n", "\n")
    await tell(db, actor, "visit.summarised", visit, mailed=False)


async def add_note(db: AsyncSession, actor: Actor, visit: Visit, asked: NoteForm) -> ReportNote:
    """A comment while nobody signed, a dated addition afterwards."""
    subject = f"note {visit.id}"

    async def find(note_id: int) -> ReportNote:
        found = await db.scalars(sa.select(ReportNote).where(ReportNote.id == note_id))
        return found.one()

    return await once(
        db, actor, asked, subject, lambda: _add_note(db, actor, visit, asked, subject), find
    )


@atomic
async def _add_note(
    db: AsyncSession, actor: Actor, visit: Visit, asked: NoteForm, subject: str
) -> ReportNote:
    visit = await _locked(db, visit.id)
    report = await queries.get_report(db, actor, visit)
    note = ReportNote(
        report_id=report.id,
        author_id=actor.person_id,
        kind=NoteKind.ADDITION if report.is_locked else NoteKind.COMMENT,
        text=asked.text.replace("\r\n", "\n"),
        written_at=clock.now(),
    )
    db.add(note)
    await db.flush()  # its id is needed
    keep_sent(db, actor, asked, subject, note.id)
    await tell(db, actor, "visit.added" if report.is_locked else "visit.commented", visit)
    return note


async def _locked(db: AsyncSession, visit_id: int) -> Visit:
    await queries.lock_visit(db, visit_id)
    return await queries.load_visit(db, visit_id)
