"""What ties a person to the network by follow-up, committees, workshops and who paid for them."""

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from couveuse.coordination.retention.linking import K, Rows, Who, last, latest, link
from couveuse.core import clock
from couveuse.followup.models import (
    AgreedStep,
    Assessment,
    AssessmentAnswers,
    Attendance,
    AttendanceSignature,
    FigureMonth,
    FigureShare,
    LightAccess,
    ProgressCommittee,
    ProgressMember,
    ProgressReview,
    ProgressSignature,
    Report,
    ReportNote,
    ReportSignature,
    StepState,
    Visit,
    VisitPerson,
    VisitProposal,
    VisitState,
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
    WorkshopState,
    WorkshopTrainer,
    workshop_facilitator,
)
from couveuse.network.models import FundedAction, Grant, SupportCharge
from couveuse.people.models import Person
from couveuse.trainees.models import (
    Agreement,
    AgreementDocument,
    AgreementSignature,
)


def of_visits(people: Who) -> list[Rows]:
    planned = sa.and_(Visit.state == VisitState.PLANNED, Visit.starts_at >= clock.now())
    return [
        link("visit", Visit.person_id, Visit.starts_at, people, kind=K.FOLLOWED, lives=planned),
        link("visit", Visit.mentor_id, Visit.starts_at, people, kind=K.MEMBER, lives=planned),
        link(
            "visit",
            VisitPerson.person_id,
            Visit.starts_at,
            people,
            VisitPerson.visit_id == Visit.id,
        ),
        link("visit", VisitProposal.person_id, VisitProposal.created_at, people),
        link("visit", VisitProposal.mentor_id, VisitProposal.created_at, people),
        link(
            "report",
            Visit.person_id,
            latest(Report.updated_at, Report.read_at),
            people,
            Report.visit_id == Visit.id,
        ),
        link("report", Report.author_id, Report.updated_at, people, kind=K.MEMBER),
        *(
            link(
                "step",
                whose,
                latest(AgreedStep.created_at, AgreedStep.changed_at),
                people,
                lives=sa.and_(
                    AgreedStep.state == StepState.OPEN, AgreedStep.due_on >= clock.today()
                ),
            )
            for whose in (AgreedStep.person_id, AgreedStep.owner_id)
        ),
        link(
            "light",
            LightAccess.person_id,
            latest(LightAccess.created_at, LightAccess.last_used_at),
            people,
            kind=K.MEMBER,
            lives=sa.and_(LightAccess.ended_at.is_(None), LightAccess.until >= clock.today()),
        ),
    ]


def of_signatures(people: Who) -> list[Rows]:
    """A signature in somebody else's file lives as long as that file is not erased."""
    other, file, hers = aliased(Person), aliased(Person), aliased(Person)
    kept = (
        Report.visit_id == Visit.id,
        ReportSignature.report_id == Report.id,
        ReportSignature.person_id != Visit.person_id,
        other.id == Visit.person_id,
        other.erased_at.is_(None),
    )
    reviewed = (
        ProgressReview.id == ProgressSignature.review_id,
        ProgressReview.person_id != ProgressSignature.person_id,
        hers.id == ProgressReview.person_id,
        hers.erased_at.is_(None),
    )
    parties = (
        AgreementDocument.id == AgreementSignature.document_id,
        Agreement.id == AgreementDocument.agreement_id,
        Agreement.person_id != AgreementSignature.person_id,
        file.id == Agreement.person_id,
        file.erased_at.is_(None),
    )
    return [
        link("report", ReportNote.author_id, ReportNote.written_at, people),
        link("report", ReportSignature.person_id, ReportSignature.signed_at, people),
        link("signed", ReportSignature.person_id, None, people, *kept, lives=True),
        link("report", ProgressSignature.person_id, ProgressSignature.signed_at, people),
        link("signed", ProgressSignature.person_id, None, people, *reviewed, lives=True),
        link("signed", AgreementSignature.person_id, None, people, *parties, lives=True),
    ]


def of_support(people: Who) -> list[Rows]:
    session = ProgressCommittee.starts_at
    return [
        link(
            "committee",
            ProgressReview.person_id,
            latest(session, ProgressReview.read_at, ProgressReview.ready_at),
            people,
            ProgressReview.committee_id == ProgressCommittee.id,
            kind=K.FOLLOWED,
        ),
        link(
            "committee",
            ProgressMember.person_id,
            latest(session, ProgressMember.answered_at),
            people,
            ProgressMember.committee_id == ProgressCommittee.id,
            kind=K.MEMBER,
        ),
        link(
            "grid",
            Assessment.person_id,
            latest(Assessment.made_on, Assessment.talked_on),
            people,
            kind=K.FOLLOWED,
        ),
        link("grid", AssessmentAnswers.author_id, AssessmentAnswers.given_at, people),
        link("figures", FigureMonth.person_id, FigureMonth.changed_at, people, kind=K.FOLLOWED),
        link("figures", FigureShare.person_id, FigureShare.shared_at, people),
    ]


def of_workshops(people: Who) -> list[Rows]:
    slots = WorkshopSlot.workshop_id == Workshop.id
    held = Workshop.state != WorkshopState.CANCELLED
    ends = sa.func.upper(WorkshopSlot.during)
    led = workshop_facilitator.c
    return [
        link(
            "workshop",
            WorkshopSeat.person_id,
            ends,
            people,
            WorkshopSeat.workshop_id == Workshop.id,
            slots,
            held,
        ),
        link("workshop", Attendance.person_id, ends, people, Attendance.slot_id == WorkshopSlot.id),
        link("workshop", AttendanceSignature.person_id, AttendanceSignature.signed_at, people),
        link(
            "workshop",
            WorkshopTrainer.person_id,
            ends,
            people,
            WorkshopTrainer.workshop_id == Workshop.id,
            slots,
            held,
            kind=K.MEMBER,
        ),
        link(
            "workshop",
            led.person_id,
            ends,
            people,
            led.slot_id == WorkshopSlot.id,
            kind=K.MEMBER,
        ),
    ]


def of_funders(people: Who) -> list[Rows]:
    """The proof behind hours that a funder paid: kept from the end of the grant on."""
    ended = sa.func.greatest(last(Grant.during), Grant.closed_on)
    paid = (
        SupportCharge.action_id == FundedAction.id,
        FundedAction.grant_id == Grant.id,
    )
    visits = (SupportCharge.visit_id == VisitPerson.visit_id, *paid)
    mentors = (SupportCharge.visit_id == Visit.id, *paid)
    sheets = (SupportCharge.slot_id == Attendance.slot_id, *paid)
    led = workshop_facilitator.c
    leaders = (SupportCharge.slot_id == led.slot_id, *paid)
    return [
        link("evidence", person, ended, people, *how, kind=K.EVIDENCE)
        for person, how in (
            (VisitPerson.person_id, visits),
            (Visit.person_id, mentors),
            (Visit.mentor_id, mentors),
            (Attendance.person_id, sheets),
            (led.person_id, leaders),
        )
    ]
