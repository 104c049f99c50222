"""A report that came on paper: typed in for its author, with the sheet itself as the proof."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.files import FileStore
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.actions.seen import hold, refuse_to_come, start_of, visit_to_tell
from couveuse.followup.actions.sending import keep_sent, once, subject_of
from couveuse.followup.actions.signing import lock_text, on_paper, paper_problems, store_scan
from couveuse.followup.actions.steps import set_steps
from couveuse.followup.actions.telling import tell
from couveuse.followup.actions.visits import add_visit, usual_kind
from couveuse.followup.forms import BLANK, StepDraft, instant
from couveuse.followup.light_forms import PaperForm
from couveuse.followup.models import Level, Report, ReportSignature, Visit, VisitMode
from couveuse.people.models import Person


async def type_report(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    person: Person,
    asked: PaperForm,
    steps: Sequence[StepDraft] = (),
    scan: bytes | None = None,
) -> Visit:
    """Type in the sheet of somebody who follows. With signatures the text is locked, as any other.

    The same form sent twice finds the first.
    """
    subject = subject_of(f"paper {person.id}", steps, [scan] if scan else [])

    async def find(visit_id: int) -> Visit:
        return await queries.load_visit(db, visit_id)

    return await once(
        db,
        actor,
        asked,
        subject,
        lambda: _type(db, actor, files, person, asked, steps, scan, subject),
        find,
    )


@atomic
async def _type(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    person: Person,
    asked: PaperForm,
    steps: Sequence[StepDraft],
    scan: bytes | None,
    subject: str,
) -> Visit:
    author = await _author(db, actor, person, asked)
    _refuse_unless_whole(asked, steps, has_scan=scan is not None)
    visit = await _visit(db, actor, person, author, asked)
    await queries.lock_visit(db, visit.id)
    visit = await queries.load_visit(db, visit.id)
    visit.travel_km = asked.travel_km if asked.travel_km is not None else visit.travel_km
    report = Report(
        visit_id=visit.id,
        author_id=author.id,
        typed_by_id=actor.person_id,
        scan=await store_scan(db, files, scan) if scan else None,
        level=asked.level,
        shared_at=clock.now() if asked.level == Level.SHARED else None,
        version=1,
        updated_at=clock.now(),
        photos=[],
        **{name: text and text.replace("\r\n", "\n") for name, text in asked.texts.items()},
    )
    db.add(report)
    await db.flush()  # steps need its id
    await set_steps(db, actor, visit, report, steps)
    keep_sent(db, actor, asked, subject, visit.id)
    await tell(db, actor, "visit.report_typed", visit, mailed=report.is_shared)
    if signers := [one for one, signed in _signers(person, author, asked) if signed]:
        await _sign(db, actor, visit, report, signers, asked)
    return visit


async def _author(db: AsyncSession, actor: Actor, person: Person, asked: PaperForm) -> Person:
    """Who followed the person on that day. Nobody types in a paper of their own."""
    offered = {key for key, _ in await queries.list_volunteers_on(db, person.id, asked.day)}
    if asked.author_id not in offered:
        sentence = N_(
            "Cette personne ne suivait pas %(name)s ce jour-là. Vérifiez le nom et la date."
        )
        values = {"name": person.given_name}
        raise Refused(Reason("not_in_group", sentence, values, field="author_id"))
    if asked.author_id == actor.person_id:
        sentence = N_("Votre propre visite s'écrit dans « Visites », sans passer par le papier.")
        raise Refused(Reason("own_paper", sentence, field="author_id"))
    return await db.get_one(Person, asked.author_id)


def _refuse_unless_whole(asked: PaperForm, steps: Sequence[StepDraft], *, has_scan: bool) -> None:
    reasons: list[Reason] = []
    if not (any(asked.texts.values()) or steps):
        reasons.append(Reason("blank", BLANK))
    if asked.person_signed or asked.author_signed:
        reasons += _paper_problems(asked, has_scan=has_scan)
    if reasons:
        raise Refused(*reasons)


def _paper_problems(asked: PaperForm, *, has_scan: bool) -> list[Reason]:
    found = paper_problems(asked.signed_on, asked.day, has_scan=has_scan)
    if asked.level != Level.SHARED:
        sentence = N_("Ce qui est signé est partagé avec la personne.")
        found.append(Reason("signed_is_shared", sentence, field="level"))
    return found


async def _visit(
    db: AsyncSession, actor: Actor, person: Person, author: Person, asked: PaperForm
) -> Visit:
    known = await visit_to_tell(db, person.id, author.id, asked)
    if known is not None:
        return await hold(db, actor, known, asked, author.id)
    start = start_of(asked, clock.PARIS)
    refuse_to_come(start)
    site = None
    if asked.mode == VisitMode.PLACE:
        site = await queries.site_of(db, person.id, asked.day)
    visit = Visit(
        person_id=person.id,
        mentor_id=author.id,
        starts_at=instant(start, clock.PARIS, "at", "0"),
        duration_minutes=asked.minutes,
        kind=await usual_kind(db, author.id, person.id),
        mode=asked.mode,
        site_id=site.id if site else None,
        structure_id=await queries.find_home(db, author.id, asked.day),
    )
    return await add_visit(db, actor, visit)


def _signers(person: Person, author: Person, asked: PaperForm) -> list[tuple[Person, bool]]:
    return [(person, asked.person_signed), (author, asked.author_signed)]


async def _sign(
    db: AsyncSession,
    actor: Actor,
    visit: Visit,
    report: Report,
    signers: Sequence[Person],
    asked: PaperForm,
) -> None:
    """Lock the text typed in, and say who signed the paper that it comes from."""
    assert asked.signed_on is not None  # noqa: S101, refused above
    await db.flush()  # read whole just below
    visit = await queries.load_visit(db, visit.id)
    await db.refresh(report, ["author", "typed_by"])
    text = await lock_text(db, visit, report)
    for person in signers:
        how = on_paper(actor, person, text, asked.signed_on, visit.zone, report.scan)
        db.add(ReportSignature(report_id=report.id, **how))
    await db.flush()  # the lines of the journal come after it
    names = ", ".join(person.name for person in signers)
    await tell(db, actor, "visit.signed_on_paper", visit, mailed=False, who=names)
