"""One person, one path: welcomed, oriented, applying, selected, under agreement, leaving, after.

A path says where somebody stands and who acts next; each change of state is a dated step. An
agreement is what lets somebody test: its kind is a row of a dated table, so that limits are data
and not code, and its periods never overlap. A period without its signed document waits, and
nothing rests on it. The follow-up group decides who may open the person's file, and each
opening by somebody else is written down.
"""

from couveuse.trainees.models.agreement import Agreement, AgreementKind, AgreementPeriod
from couveuse.trainees.models.contract import (
    AgreementAmendment,
    AgreementDocument,
    AgreementPiece,
    AgreementSignature,
    AgreementSuspension,
    DocumentKind,
    Party,
)
from couveuse.trainees.models.group import (
    GRACE,
    FollowsAlready,
    FollowUpKind,
    FollowUpMember,
    LeadAlready,
)
from couveuse.trainees.models.notice import LegalNotice, NoticeEvent, NoticeNeedsProof
from couveuse.trainees.models.path import Path, PathChanged, PathOpenAlready, PathState, PathStep
from couveuse.trainees.models.reading import KEPT, FileReading
from couveuse.trainees.models.referral import (
    ANSWER_WITHIN,
    OnceReusedForReferral,
    Referral,
    ReferralAnswered,
    ReferralOpen,
    ReferralState,
)
from couveuse.trainees.models.refusals import (
    AgreementOverlap,
    ContentsMissing,
    EmployedFullTime,
    EndedMeanwhile,
    KeptOnceSigned,
    NoSuchKind,
    OnceReusedForAgreement,
    PaperReplaced,
    PeriodsApart,
    PeriodTooLong,
    RenewedMeanwhile,
    SignedAlready,
    SignedTooLate,
    SuspendedAlready,
    TooManyRenewals,
)
from couveuse.trainees.models.welcome import (
    Introduction,
    IntroductionSent,
    IntroductionState,
    IntroductionTaken,
    OnceReusedForWelcome,
    ProjectKind,
    Welcome,
)

__all__ = [
    "ANSWER_WITHIN",
    "GRACE",
    "KEPT",
    "Agreement",
    "AgreementAmendment",
    "AgreementDocument",
    "AgreementKind",
    "AgreementOverlap",
    "AgreementPeriod",
    "AgreementPiece",
    "AgreementSignature",
    "AgreementSuspension",
    "ContentsMissing",
    "DocumentKind",
    "EmployedFullTime",
    "EndedMeanwhile",
    "FileReading",
    "FollowUpKind",
    "FollowUpMember",
    "FollowsAlready",
    "Introduction",
    "IntroductionSent",
    "IntroductionState",
    "IntroductionTaken",
    "KeptOnceSigned",
    "LeadAlready",
    "LegalNotice",
    "NoSuchKind",
    "NoticeEvent",
    "NoticeNeedsProof",
    "OnceReusedForAgreement",
    "OnceReusedForReferral",
    "OnceReusedForWelcome",
    "PaperReplaced",
    "Party",
    "Path",
    "PathChanged",
    "PathOpenAlready",
    "PathState",
    "PathStep",
    "PeriodTooLong",
    "PeriodsApart",
    "ProjectKind",
    "Referral",
    "ReferralAnswered",
    "ReferralOpen",
    "ReferralState",
    "RenewedMeanwhile",
    "SignedAlready",
    "SignedTooLate",
    "SuspendedAlready",
    "TooManyRenewals",
    "Welcome",
]
