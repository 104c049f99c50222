"""What ties a person to the network by her path, from the first welcome to life after the test."""

import sqlalchemy as sa

from couveuse.coordination.retention.linking import K, Rows, Who, goes_on, last, latest, link
from couveuse.core import clock
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


def of_newcomers(people: Who) -> list[Rows]:
    awaited = sa.and_(Path.closed_on.is_(None), Path.next_due_on >= clock.today())
    changed = latest(Path.opened_on, Path.closed_on, Path.changed_at)
    return [
        link("path", Path.person_id, changed, people, kind=K.INTRODUCED),
        link("next", Path.person_id, Path.next_due_on, people, awaited, lives=True),
        link("next", Path.next_actor_id, Path.next_due_on, people, awaited, lives=True),
        link("path", Path.person_id, PathStep.happened_on, people, PathStep.path_id == Path.id),
        link(
            "welcome",
            Path.person_id,
            latest(Welcome.created_at, Welcome.met_on, Welcome.consent_on),
            people,
            Welcome.path_id == Path.id,
        ),
        link(
            "introduction",
            Path.person_id,
            Introduction.sent_at,
            people,
            Introduction.path_id == Path.id,
        ),
        link(
            "referral",
            Path.person_id,
            latest(Referral.sent_at, Referral.answered_at, Referral.first_meeting_on),
            people,
            Referral.path_id == Path.id,
            lives=Referral.state == ReferralState.SENT,
        ),
    ]


def of_candidates(people: Who) -> list[Rows]:
    return [
        link(
            "application",
            Path.person_id,
            latest(Application.opened_on, Application.complete_on, Application.closed_on),
            people,
            Application.path_id == Path.id,
        ),
        link(
            "committee",
            Path.person_id,
            latest(
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
        link(
            "committee",
            CommitteeMember.person_id,
            Committee.held_on,
            people,
            CommitteeMember.committee_id == Committee.id,
            kind=K.MEMBER,
        ),
        link("committee", CaseJuror.person_id, CaseJuror.filled_at, people, kind=K.MEMBER),
    ]


def of_agreements(people: Who) -> list[Rows]:
    return [
        link(
            "agreement",
            AgreementPeriod.person_id,
            last(AgreementPeriod.during),
            people,
            kind=K.FOLLOWED,
            lives=goes_on(AgreementPeriod.during),
        ),
        link(
            "agreement",
            Agreement.person_id,
            latest(Agreement.created_at, AgreementDocument.made_at),
            people,
            AgreementDocument.agreement_id == Agreement.id,
        ),
        link("agreement", AgreementSignature.person_id, AgreementSignature.signed_at, people),
        link(
            "group",
            FollowUpMember.person_id,
            latest(sa.func.lower(FollowUpMember.during), last(FollowUpMember.during)),
            people,
            kind=K.FOLLOWED,
            lives=goes_on(FollowUpMember.during),
        ),
        link(
            "group",
            FollowUpMember.member_id,
            latest(last(FollowUpMember.during), FollowUpMember.grace_until),
            people,
            kind=K.MEMBER,
            lives=goes_on(FollowUpMember.during),
        ),
        link(
            "exit",
            Exit.person_id,
            latest(Exit.left_on, Exit.created_at),
            people,
            kind=K.FOLLOWED,
        ),
        link(
            "after",
            Exit.person_id,
            latest(AfterContact.tried_on, AfterContact.answered_at),
            people,
            AfterContact.exit_id == Exit.id,
            lives=AfterContact.state.in_((ContactState.TO_COME, ContactState.ASKED)),
        ),
    ]
