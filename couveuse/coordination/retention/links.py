"""Everything by which the network is in touch with a person: what, when last, and what still lives.

One source for each way; a way that is missing here would let a file be proposed too early, so a
test compares them with the tables that name a person.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from couveuse.core import clock
from couveuse.core.i18n import N_
from couveuse.core.journal import JournalLine
from couveuse.core.retention import Keeping
from couveuse.equipment.models import Booking, Item
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
    SentForm,
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
from couveuse.occupancy.models import PlotPeriod, SharedExpense, stay_person
from couveuse.people.models import MailedLink, Membership, Paper, Person, Session
from couveuse.trainees.models import (
    AfterContact,
    Agreement,
    AgreementDocument,
    AgreementPeriod,
    AgreementSignature,
    Application,
    CaseJuror,
    Committee,
    CommitteeCase,
    CommitteeMember,
    ContactState,
    Exit,
    FollowUpMember,
    Introduction,
    Path,
    PathStep,
    Referral,
    ReferralState,
    Welcome,
)

Rows = sa.Select[*tuple[Any, ...]]
K = Keeping
WORDS = {
    "membership": N_("appartenance au réseau"),
    "account": N_("connexion"),
    "paper": N_("papier enregistré"),
    "acts": N_("action dans le logiciel"),
    "path": N_("parcours"),
    "next": N_("suite attendue"),
    "welcome": N_("accueil"),
    "introduction": N_("présentation du projet"),
    "referral": N_("orientation vers une structure"),
    "application": N_("candidature"),
    "committee": N_("comité"),
    "agreement": N_("convention"),
    "group": N_("groupe de suivi"),
    "expense": N_("dépense partagée à régler"),
    "exit": N_("fin de test"),
    "after": N_("suivi après le test"),
    "stay": N_("séjour sur une parcelle"),
    "booking": N_("réservation de matériel"),
    "item": N_("responsabilité d'un matériel"),
    "visit": N_("visite"),
    "report": N_("compte rendu"),
    "step": N_("action convenue"),
    "grid": N_("grille d'autoévaluation"),
    "figures": N_("chiffres du test"),
    "light": N_("lien personnel de bénévole"),
    "workshop": N_("atelier"),
    "evidence": N_("séance payée par un financement"),
    "signed": N_("signature dans un dossier encore gardé"),
}
"""What a link is, for those who decide."""


def all_links(people: sa.Select[int]) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Rows of person, what, sort of record, last day, and whether it lives, for those people."""
    return sa.union_all(*(select for room in ROOMS for select in room(people)))


Who = sa.Select[int]


def _link(
    what: str,
    person: Any,
    on: Any,
    people: Who,
    *where: Any,
    kind: Keeping | None = None,
    lives: Any = False,
) -> Rows:
    assert what in WORDS  # noqa: S101, said to people
    return sa.select(
        person.label("person_id"),
        sa.literal(what, sa.Text).label("what"),
        sa.literal(kind, sa.Text).label("kind"),
        sa.cast(on, sa.Date).label("on"),
        sa.cast(lives, sa.Boolean).label("lives"),
    ).where(person.in_(people), *where)


def _last(during: Any) -> Any:
    return sa.func.upper(during) - 1


def _goes_on(during: Any) -> Any:
    return sa.or_(sa.func.upper(during).is_(None), sa.func.upper(during) > clock.today())


def _latest(*columns: Any) -> Any:
    return sa.func.greatest(*(sa.cast(column, sa.Date) for column in columns))


def _of_people(people: Who) -> list[Rows]:
    today = clock.today()
    return [
        _link("account", Person.id, Person.created_at, people),
        _link(
            "membership",
            Membership.person_id,
            _last(Membership.during),
            people,
            kind=K.MEMBER,
            lives=_goes_on(Membership.during),
        ),
        _link(
            "paper",
            Paper.person_id,
            sa.func.least(sa.func.lower(Paper.during), today),
            people,
        ),
        _link("account", Session.person_id, Session.last_seen_at, people),
        _link("account", MailedLink.person_id, _latest(MailedLink.used_at), people),
        _link("acts", JournalLine.actor_id, JournalLine.at, people),
        _link("acts", SentForm.author_id, SentForm.at, people),
    ]


def _of_newcomers(people: Who) -> list[Rows]:
    awaited = sa.and_(Path.closed_on.is_(None), Path.next_due_on >= clock.today())
    changed = _latest(Path.opened_on, Path.closed_on, Path.changed_at)
    return [
        _link("path", Path.person_id, changed, people, kind=K.INTRODUCED),
        _link("next", Path.person_id, Path.next_due_on, people, awaited, lives=True),
        _link("next", Path.next_actor_id, Path.next_due_on, people, awaited, lives=True),
        _link("path", Path.person_id, PathStep.happened_on, people, PathStep.path_id == Path.id),
        _link(
            "welcome",
            Path.person_id,
            _latest(Welcome.created_at, Welcome.met_on, Welcome.consent_on),
            people,
            Welcome.path_id == Path.id,
        ),
        _link(
            "introduction",
            Path.person_id,
            Introduction.sent_at,
            people,
            Introduction.path_id == Path.id,
        ),
        _link(
            "referral",
            Path.person_id,
            _latest(Referral.sent_at, Referral.answered_at, Referral.first_meeting_on),
            people,
            Referral.path_id == Path.id,
            lives=Referral.state == ReferralState.SENT,
        ),
        _link(
            "application",
            Path.person_id,
            _latest(Application.opened_on, Application.complete_on, Application.closed_on),
            people,
            Application.path_id == Path.id,
        ),
        _link(
            "committee",
            Path.person_id,
            _latest(
                Committee.held_on,
                CommitteeCase.decided_on,
                CommitteeCase.notified_on,
                CommitteeCase.conditions_due_on,
                CommitteeCase.valid_until,
            ),
            people,
            Application.path_id == Path.id,
            CommitteeCase.application_id == Application.id,
            CommitteeCase.committee_id == Committee.id,
        ),
        _link(
            "committee",
            CommitteeMember.person_id,
            Committee.held_on,
            people,
            CommitteeMember.committee_id == Committee.id,
            kind=K.MEMBER,
        ),
        _link("committee", CaseJuror.person_id, CaseJuror.filled_at, people, kind=K.MEMBER),
    ]


def _of_agreements(people: Who) -> list[Rows]:
    return [
        _link(
            "agreement",
            AgreementPeriod.person_id,
            _last(AgreementPeriod.during),
            people,
            kind=K.FOLLOWED,
            lives=_goes_on(AgreementPeriod.during),
        ),
        _link(
            "agreement",
            Agreement.person_id,
            _latest(Agreement.created_at, AgreementDocument.made_at),
            people,
            AgreementDocument.agreement_id == Agreement.id,
        ),
        _link("agreement", AgreementSignature.person_id, AgreementSignature.signed_at, people),
        _link(
            "group",
            FollowUpMember.person_id,
            _latest(sa.func.lower(FollowUpMember.during), _last(FollowUpMember.during)),
            people,
            kind=K.FOLLOWED,
            lives=_goes_on(FollowUpMember.during),
        ),
        _link(
            "group",
            FollowUpMember.member_id,
            _latest(_last(FollowUpMember.during), FollowUpMember.grace_until),
            people,
            kind=K.MEMBER,
            lives=_goes_on(FollowUpMember.during),
        ),
        _link(
            "exit",
            Exit.person_id,
            _latest(Exit.left_on, Exit.created_at),
            people,
            kind=K.FOLLOWED,
        ),
        _link(
            "after",
            Exit.person_id,
            _latest(AfterContact.tried_on, AfterContact.answered_at),
            people,
            AfterContact.exit_id == Exit.id,
            lives=AfterContact.state.in_((ContactState.TO_COME, ContactState.ASKED)),
        ),
    ]


def _of_means(people: Who) -> list[Rows]:
    held = sa.or_(
        Item.manager_id == Person.id,
        Item.deputy_id == Person.id,
    )
    return [
        _link(
            "stay",
            stay_person.c.person_id,
            _last(PlotPeriod.during),
            people,
            PlotPeriod.stay_id == stay_person.c.stay_id,
            kind=K.FOLLOWED,
            lives=_goes_on(PlotPeriod.during),
        ),
        _link(
            "expense",
            Agreement.person_id,
            _latest(SharedExpense.spent_on, SharedExpense.settled_on),
            people,
            SharedExpense.agreement_id == Agreement.id,
            lives=SharedExpense.outcome.is_(None),
        ),
        _link(
            "booking",
            Booking.person_id,
            _latest(sa.func.upper(Booking.during), Booking.created_at),
            people,
        ),
        _link("item", Person.id, None, people, held, Item.retired_on.is_(None), lives=True),
    ]


def _of_visits(people: Who) -> list[Rows]:
    planned = sa.and_(Visit.state == VisitState.PLANNED, Visit.starts_at >= clock.now())
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
        _link("visit", Visit.person_id, Visit.starts_at, people, kind=K.FOLLOWED, lives=planned),
        _link("visit", Visit.mentor_id, Visit.starts_at, people, kind=K.MEMBER, lives=planned),
        _link(
            "visit",
            VisitPerson.person_id,
            Visit.starts_at,
            people,
            VisitPerson.visit_id == Visit.id,
        ),
        _link("visit", VisitProposal.person_id, VisitProposal.created_at, people),
        _link("visit", VisitProposal.mentor_id, VisitProposal.created_at, people),
        _link(
            "report",
            Visit.person_id,
            _latest(Report.updated_at, Report.read_at),
            people,
            Report.visit_id == Visit.id,
        ),
        _link("report", Report.author_id, Report.updated_at, people, kind=K.MEMBER),
        _link("report", ReportNote.author_id, ReportNote.written_at, people),
        _link("report", ReportSignature.person_id, ReportSignature.signed_at, people),
        _link("signed", ReportSignature.person_id, None, people, *kept, lives=True),
        _link("report", ProgressSignature.person_id, ProgressSignature.signed_at, people),
        _link("signed", ProgressSignature.person_id, None, people, *reviewed, lives=True),
        _link("signed", AgreementSignature.person_id, None, people, *parties, lives=True),
        *(
            _link(
                "step",
                whose,
                _latest(AgreedStep.created_at, AgreedStep.changed_at),
                people,
                lives=sa.and_(
                    AgreedStep.state == StepState.OPEN, AgreedStep.due_on >= clock.today()
                ),
            )
            for whose in (AgreedStep.person_id, AgreedStep.owner_id)
        ),
        _link(
            "light",
            LightAccess.person_id,
            _latest(LightAccess.created_at, LightAccess.last_used_at),
            people,
            kind=K.MEMBER,
            lives=sa.and_(LightAccess.ended_at.is_(None), LightAccess.until >= clock.today()),
        ),
    ]


def _of_support(people: Who) -> list[Rows]:
    slots = WorkshopSlot.workshop_id == Workshop.id
    held = Workshop.state != WorkshopState.CANCELLED
    ends = sa.func.upper(WorkshopSlot.during)
    led = workshop_facilitator.c
    session = ProgressCommittee.starts_at
    return [
        _link(
            "committee",
            ProgressReview.person_id,
            _latest(session, ProgressReview.read_at, ProgressReview.ready_at),
            people,
            ProgressReview.committee_id == ProgressCommittee.id,
            kind=K.FOLLOWED,
        ),
        _link(
            "committee",
            ProgressMember.person_id,
            _latest(session, ProgressMember.answered_at),
            people,
            ProgressMember.committee_id == ProgressCommittee.id,
            kind=K.MEMBER,
        ),
        _link(
            "grid",
            Assessment.person_id,
            _latest(Assessment.made_on, Assessment.talked_on),
            people,
            kind=K.FOLLOWED,
        ),
        _link("grid", AssessmentAnswers.author_id, AssessmentAnswers.given_at, people),
        _link("figures", FigureMonth.person_id, FigureMonth.changed_at, people, kind=K.FOLLOWED),
        _link("figures", FigureShare.person_id, FigureShare.shared_at, people),
        _link(
            "workshop",
            WorkshopSeat.person_id,
            ends,
            people,
            WorkshopSeat.workshop_id == Workshop.id,
            slots,
            held,
        ),
        _link(
            "workshop", Attendance.person_id, ends, people, Attendance.slot_id == WorkshopSlot.id
        ),
        _link("workshop", AttendanceSignature.person_id, AttendanceSignature.signed_at, people),
        _link(
            "workshop",
            WorkshopTrainer.person_id,
            ends,
            people,
            WorkshopTrainer.workshop_id == Workshop.id,
            slots,
            held,
            kind=K.MEMBER,
        ),
        _link(
            "workshop",
            led.person_id,
            ends,
            people,
            led.slot_id == WorkshopSlot.id,
            kind=K.MEMBER,
        ),
    ]


def _of_funders(people: Who) -> list[Rows]:
    """The proof behind hours that a funder paid: kept from the end of the grant on."""
    ended = sa.func.greatest(_last(Grant.during), Grant.closed_on)
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
        _link("evidence", person, ended, people, *how, kind=K.EVIDENCE)
        for person, how in (
            (VisitPerson.person_id, visits),
            (Visit.person_id, mentors),
            (Visit.mentor_id, mentors),
            (Attendance.person_id, sheets),
            (led.person_id, leaders),
        )
    ]


ROOMS: tuple[Callable[[Who], list[Rows]], ...] = (
    _of_people,
    _of_newcomers,
    _of_agreements,
    _of_means,
    _of_visits,
    _of_support,
    _of_funders,
)
