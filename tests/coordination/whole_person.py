"""Somebody of long ago about whom every table says something, her name and words in all of it."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor, Role
from couveuse.core.files import FileStore, StoredFile
from couveuse.core.journal import JournalLine
from couveuse.core.mail import OutgoingMail
from couveuse.followup.models import (
    AssessmentAnswers,
    AttendanceNote,
    AttendanceScan,
    PlannedAmount,
    Presence,
    ProgressAddition,
    Report,
    ReportNote,
    SentForm,
    Side,
    TrainerSignature,
)
from couveuse.followup.signed import hash_of
from couveuse.occupancy.models import ConditionReport, PlotPeriod, Stay, stay_person
from couveuse.people.models import MailedLink, Person, Session, SignInFailure
from couveuse.people.queries import account_key
from couveuse.trainees.models import (
    AfterLink,
    AgreementAmendment,
    AgreementDocument,
    AgreementPiece,
    AgreementSignature,
    AgreementSuspension,
    CaseJuror,
    FileReading,
    LegalNotice,
    PathStep,
)
from tests import build
from tests.cast import Cast

GIVEN, FAMILY = "Zéphyrine", "Marquebelle"
NAME = f"{GIVEN} {FAMILY}"
EMAIL = "zephyrine.marquebelle@exemple.fr"
PHONE = "+33261918273"
WORD = "Tournepierre"
"""Stands in every text that is about her."""
TRACES = (NAME, f"{FAMILY} {GIVEN}", FAMILY, EMAIL, PHONE, "02 61 91 82 73", WORD)
YEAR = 2019
BEGAN, ENDED = dt.date(2019, 2, 1), dt.date(2020, 2, 1)
THEN = dt.datetime(2019, 6, 4, 9, 0, tzinfo=dt.UTC)
_numbers = count(1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Whole:
    person: Person
    mentor: Person
    files: list[str]
    """Hers alone."""
    shared_file: str
    """The same photo stands on an item too."""


class Papers:
    """Files of the store, each with its row."""

    def __init__(self, db: AsyncSession, store: FileStore) -> None:
        self.db, self.store, self.names = db, store, list[str]()

    def new(self) -> str:
        name = self.store.write(f"{WORD} {next(_numbers)}".encode())
        self.names.append(name)
        self.db.add(StoredFile(sha256=name, media_type="application/pdf", size=9))
        return name


def said(what: str) -> str:
    return f"{WORD} : {what} de {NAME}, {EMAIL}, 02 61 91 82 73"


async def make_whole(db: AsyncSession, cast: Cast, store: FileStore) -> Whole:
    person = await build.make_person(
        db,
        GIVEN,
        family_name=FAMILY,
        email=EMAIL,
        phone=PHONE,
        password_hash=WORD,
        created_at=THEN,
    )
    mentor = await build.make_person(db, "Firmin", family_name="Aubrespin", created_at=THEN)
    papers = Papers(db, store)
    await build.make_membership(db, person, cast.home, Role.TRAINEE, start=BEGAN, end=ENDED)
    await build.make_membership(db, mentor, cast.home, Role.MENTOR, start=BEGAN)
    shared = papers.new()
    papers.names.remove(shared)
    item = await build.make_item(db, cast.farm, photo=shared)
    await _sign_in(db, person, mentor)
    await _way_in(db, cast, person, papers)
    await _agreement(db, cast, person, mentor, papers)
    await _means(db, cast, person, item, papers, shared)
    await _visits(db, person, mentor, papers, shared)
    await _sessions(db, cast, person, mentor, papers)
    await _told(db, cast, person)
    await db.flush()
    return Whole(person, mentor, papers.names, shared)


async def _sign_in(db: AsyncSession, person: Person, mentor: Person) -> None:
    await build.make_follow_up_member(db, person, mentor, BEGAN, ENDED, is_lead=True)
    token = hashlib.sha256(WORD.encode()).digest()
    ids = {"person_id": person.id}
    db.add_all(
        [
            Session(token_hash=token, user_agent=WORD, created_at=THEN, last_seen_at=THEN, **ids),
            MailedLink(
                token_hash=token,
                purpose="sign_in",
                created_at=THEN,
                expires_at=THEN,
                used_at=THEN,
                **ids,
            ),
            SignInFailure(at=THEN, address="192.0.2.7", account=account_key(EMAIL)),
            SentForm(author_id=person.id, once=WORD, digest=token, made_id=1, at=THEN),
            FileReading(
                reader_id=mentor.id,
                what="file",
                subject_id=person.id,
                read_on=THEN.date(),
                read_at=THEN,
                **ids,
            ),
        ]
    )


async def _way_in(db: AsyncSession, cast: Cast, person: Person, papers: Papers) -> None:
    path = await build.make_path(
        db,
        person,
        cast.home,
        state="followed_after",
        opened_on=BEGAN,
        project=said("le projet"),
        next_step=said("la suite"),
        changed_at=THEN,
    )
    db.add(
        PathStep(
            path_id=path.id,
            state="contact",
            happened_on=BEGAN,
            note=said("note"),
            recorded_at=THEN,
        )
    )
    words = {name: said(name) for name in ("commune", "origin", "prescriber", "needs", "wishes")}
    await build.make_welcome(db, path, cast.ines, created_at=THEN, **words)
    await build.make_introduction(
        db,
        given_name=GIVEN,
        family_name=FAMILY,
        email=EMAIL,
        phone=PHONE,
        project=said("projet"),
        state="taken",
        path_id=path.id,
        sent_at=THEN,
    )
    await build.make_referral(
        db,
        path,
        cast.partner,
        cast.ines,
        note=said("note"),
        answer=said("réponse"),
        state="declined",
        sent_at=THEN,
        answered_at=THEN,
        answered_by_id=cast.paul.id,
    )
    texts = ("to_test", "place", "machines", "sales", "budget", "means_year_one")
    application = await build.make_application(
        db,
        path,
        cast.ines,
        opened_on=BEGAN,
        closed_on=BEGAN,
        **{name: said(name) for name in texts},
    )
    await build.make_piece(db, application, document=papers.new(), received_on=BEGAN)
    committee = await build.make_committee(
        db, cast.home, held_on=BEGAN, minutes=f"Vu ce jour : {NAME}, et Gérard."
    )
    case = await build.make_case(
        db,
        committee,
        application,
        decision="yes_if",
        reasons=said("raisons"),
        conditions=said("conditions"),
        conditions_due_on=BEGAN,
        decided_on=BEGAN,
    )
    juror = CaseJuror(
        case_id=case.id,
        person_id=cast.rosa.id,
        levels={"money": WORD},
        comment=said("avis"),
        filled_at=THEN,
    )
    tied = CaseJuror(case_id=case.id, person_id=cast.marc.id, conflict=said("lien"))
    db.add_all([juror, tied])
    left = await build.make_exit(
        db,
        person,
        cast.home,
        ENDED - DAY,
        reasons=said("raisons"),
        insee_code=WORD,
        legal_form=WORD,
        created_at=THEN,
    )
    for contact in left.contacts:
        contact.state, contact.situation = "answered", "settled_nearby"
        contact.comment, contact.insee_code, contact.answered_at = said("mot"), WORD, THEN
    await db.flush()
    db.add(
        AfterLink(
            contact_id=left.contacts[0].id, token_hash=b"z" * 32, expires_at=THEN, created_at=THEN
        )
    )


async def _agreement(
    db: AsyncSession, cast: Cast, person: Person, mentor: Person, papers: Papers
) -> None:
    agreement = await build.make_agreement(
        db,
        person,
        cast.home,
        BEGAN,
        ENDED,
        document=papers.new(),
        created_at=THEN,
        contents={"purpose": said("objet")},
    )
    agreement.ended_on, agreement.end_reason = ENDED - DAY, said("fin")
    whose = {"agreement_id": agreement.id}
    document = AgreementDocument(
        number=1,
        kind="contract",
        sha256=papers.new(),
        is_signed=True,
        made_by_id=cast.ines.id,
        made_at=THEN,
        **whose,
    )
    db.add(document)
    await db.flush()
    db.add_all(
        [
            AgreementSignature(
                document_id=document.id,
                party="trainee",
                person_id=person.id,
                typed_name=NAME,
                signed_at=THEN,
                sha256=document.sha256,
            ),
            AgreementAmendment(
                number=1,
                title=said("titre"),
                text=said("texte"),
                signed_on=BEGAN,
                starts_on=BEGAN,
                document=papers.new(),
                created_by_id=cast.ines.id,
                created_at=THEN,
                **whose,
            ),
            AgreementPiece(
                code="insurance",
                received_on=BEGAN,
                document=papers.new(),
                recorded_by_id=cast.ines.id,
                **whose,
            ),
            AgreementSuspension(
                during=Range(BEGAN, BEGAN + DAY),
                note=said("repos"),
                created_by_id=cast.ines.id,
                **whose,
            ),
            LegalNotice(
                period_number=0,
                event="signing",
                recipient="social_body",
                label="Organisme social",
                due_on=BEGAN,
                sent_on=BEGAN,
                reference=said("AR"),
                document=papers.new(),
                recorded_by_id=cast.ines.id,
                **whose,
            ),
        ]
    )
    await build.make_expense(
        db,
        agreement,
        cast.ines,
        label=said("eau"),
        note=said("note"),
        outcome="waived",
        settled_on=BEGAN,
        settlement_note=said("remise"),
        spent_on=BEGAN,
        created_at=THEN,
    )
    await build.make_paper(
        db,
        person,
        cast.tractor_training,
        start=BEGAN,
        issuer=said("par"),
        reference=WORD,
        scope=WORD,
        document=papers.new(),
    )


async def _means(
    db: AsyncSession, cast: Cast, person: Person, item: Any, papers: Papers, shared: str
) -> None:
    await build.make_booking(
        db,
        item,
        person,
        THEN,
        THEN + HOUR,
        purpose=said("labour"),
        reason=said("motif"),
        override_reason=said("passe"),
        created_at=THEN,
    )
    plot = await build.make_plot(db, cast.farm, start=dt.date(2018, 1, 1))
    stay = Stay(notes=said("notes"), created_at=THEN)
    db.add(stay)
    await db.flush()
    await db.execute(sa.insert(stay_person).values(stay_id=stay.id, person_id=person.id))
    db.add_all(
        [
            PlotPeriod(
                plot_id=plot.id,
                during=Range(BEGAN, ENDED),
                kind="stay",
                stay_id=stay.id,
                reason=f"Pour {NAME}",
                end_reason=said("fin de séjour"),
                created_by_id=cast.ines.id,
                created_at=THEN,
            ),
            ConditionReport(
                plot_id=plot.id,
                stay_id=stay.id,
                kind="exit",
                made_on=ENDED,
                points=[{"what": "Clôture", "remark": f"refaite par {FAMILY} {GIVEN}"}],
                photos=[{"file": shared, "shows": f"le tunnel de {NAME}"}],
                created_by_id=cast.ines.id,
                created_at=THEN,
            ),
        ]
    )
    await build.make_land_event(
        db,
        plot,
        person,
        happened_on=BEGAN,
        is_personal=True,
        details=said("journal"),
        document=papers.new(),
        created_at=THEN,
    )


async def _visits(
    db: AsyncSession, person: Person, mentor: Person, papers: Papers, shared: str
) -> None:
    visit = await build.make_visit(db, person, mentor, THEN, reason=said("motif"), created_at=THEN)
    report = await build.make_report(
        db,
        visit,
        mentor,
        photos=[{"file": papers.new(), "shows": said("photo")}, {"file": shared, "shows": None}],
        committee_text=said("comité"),
        scan=papers.new(),
        typed_by_id=None,
        created_at=THEN,
        updated_at=THEN,
        **{name: said(name) for name in ("seen", "said", "advice", "mood")},
    )
    await build.make_step(db, person, person, report, what=said("action"), created_at=THEN)
    report.signed_text = said("compte rendu signé")
    await build.sign_report(db, report, person, mentor)
    await db.execute(sa.text("ALTER TABLE report_signature DISABLE TRIGGER USER"))
    await db.execute(
        sa.text("UPDATE report_signature SET signed_at = :then WHERE report_id = :id"),
        {"then": THEN, "id": report.id},
    )
    await db.execute(sa.text("ALTER TABLE report_signature ENABLE TRIGGER USER"))
    db.add(
        ReportNote(
            report_id=report.id,
            author_id=mentor.id,
            kind="addition",
            text=said("précision"),
            written_at=THEN,
        )
    )
    await build.make_proposal(db, person, mentor, THEN, words=said("sujet"), created_at=THEN)
    await _look(db, person, mentor)
    heading = await build.make_heading(db, person, said("Marché"))
    await build.make_month(
        db, person, dt.date(2019, 6, 1), {heading: "120"}, words=said("mots"), hours=10
    )
    db.add(
        PlannedAmount(
            heading_id=heading.id, person_id=person.id, month=dt.date(2019, 6, 1), amount=9
        )
    )
    await build.make_figure_share(db, person, dt.date(2019, 6, 1), None, mentor, shared_at=THEN)


async def _look(db: AsyncSession, person: Person, mentor: Person) -> None:
    assessment = await build.make_assessment(db, person, person, made_on=BEGAN)
    for side, author in ((Side.PERSON, person), (Side.MENTOR, mentor)):
        db.add(
            AssessmentAnswers(
                assessment_id=assessment.id,
                side=side,
                author_id=author.id,
                said={"soil": {"level": 2, "comment": said("mot")}},
                given_at=THEN,
            )
        )
        await db.flush()
    assessment.talked_on, assessment.talked_by_id = BEGAN, mentor.id
    assessment.talk = said("échange")
    await db.flush()


async def _sessions(
    db: AsyncSession, cast: Cast, person: Person, mentor: Person, papers: Papers
) -> None:
    session = await build.make_progress(db, cast.home, cast.ines, THEN, mentor, state="held")
    closed = {name: said(name) for name in ("minutes", "reasons", "conditions")}
    review = await build.make_review(
        db,
        session,
        person,
        said={"going": said("bilan")},
        decision="continue_if",
        steps=[{"what": WORD, "owner_id": person.id, "due_on": None}],
        closed_at=THEN,
        closed_by_id=cast.ines.id,
        signed_text=said("compte rendu du comité"),
        **closed,
    )
    await build.sign_minutes(
        db, review, person, signed_at=THEN, scan=papers.new(), filed_by_id=mentor.id
    )
    db.add(
        ProgressAddition(
            review_id=review.id, author_id=person.id, text=said("ajout"), written_at=THEN
        )
    )
    for start, scanned in ((THEN + 24 * HOUR, False), (THEN + 48 * HOUR, True)):
        workshop = await build.make_workshop(db, cast.home, mentor, start, state="held")
        (slot,) = workshop.slots
        await build.make_seat(db, workshop, person)
        if scanned:
            db.add(
                AttendanceScan(
                    slot_id=slot.id, sha256=papers.new(), added_by_id=mentor.id, added_at=THEN
                )
            )
            await db.flush()
        await build.close_sheet(db, slot, mentor, {person: Presence.PRESENT})
        await db.execute(sa.text("ALTER TABLE workshop_slot DISABLE TRIGGER USER"))
        slot.sheet_text = f"Feuille du jour\n{NAME} : présente"
        await db.flush()
        await db.execute(sa.text("ALTER TABLE workshop_slot ENABLE TRIGGER USER"))
        db.add(
            TrainerSignature(
                slot_id=slot.id,
                name=NAME,
                signed_at=THEN,
                text_hash=hash_of(slot.sheet_text),
                device_of_id=mentor.id,
            )
        )
        db.add(
            AttendanceNote(
                slot_id=slot.id,
                author_id=mentor.id,
                text=said("précision"),
                person_id=person.id,
                presence="present",
                written_at=THEN,
            )
        )


async def _told(db: AsyncSession, cast: Cast, person: Person) -> None:
    """Mails to her and about her, and what the journal says."""
    db.add_all(
        [
            OutgoingMail(recipient=EMAIL, subject=WORD, body=WORD, created_at=THEN),
            OutgoingMail(
                recipient="marc@couveuse.example",
                subject=f"{NAME} est partie",
                body=f"Écrivez à {EMAIL}.",
                created_at=THEN,
            ),
            JournalLine(
                at=THEN,
                actor_id=person.id,
                actor_name=NAME,
                subject_kind="item",
                subject_id=1,
                verb="item.created",
                details={},
            ),
            JournalLine(
                at=THEN,
                actor_id=cast.ines.id,
                actor_name=cast.ines.name,
                subject_kind="person",
                subject_id=person.id,
                verb="person.kept",
                details={"day": {"day": "2019-06-04"}, "reason": said("raison")},
            ),
            JournalLine(
                at=THEN,
                actor_id=cast.ines.id,
                actor_name=cast.ines.name,
                subject_kind="committee",
                subject_id=1,
                verb="committee.held",
                details={"who": NAME},
            ),
        ]
    )


async def draft_about(db: AsyncSession, person: Person, author: Person) -> Report:
    """A report of somebody's that nobody but its author reads yet."""
    visit = await build.make_visit(db, person, author, THEN + 9 * DAY)
    return await build.make_report(db, visit, author, "draft", seen="Pas encore montré")  # type: ignore[arg-type]


def actor_of(person: Person) -> Actor:
    return Actor(person.id, person.name, person.email, None, frozenset(), 0)
