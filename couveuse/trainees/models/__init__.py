"""One person, one path: welcomed, oriented, applying, selected, under agreement, leaving, after.

A path says where somebody stands and who acts next; each change of state is a dated step. An
agreement is what lets somebody test: its kind is a row of a dated table, so that limits are data
and not code, and its periods never overlap. A period without its signed document waits, and
nothing rests on it. The follow-up group decides who may open the person's file.
"""

from couveuse.trainees.models.agreement import (
    Agreement,
    AgreementKind,
    AgreementOverlap,
    AgreementPeriod,
    OnceReusedForAgreement,
    RenewedMeanwhile,
)
from couveuse.trainees.models.group import (
    GRACE,
    FollowsAlready,
    FollowUpKind,
    FollowUpMember,
    LeadAlready,
)
from couveuse.trainees.models.path import (
    Path,
    PathChanged,
    PathOpenAlready,
    PathState,
    PathStep,
)

__all__ = [
    "GRACE",
    "Agreement",
    "AgreementKind",
    "AgreementOverlap",
    "AgreementPeriod",
    "FollowUpKind",
    "FollowUpMember",
    "FollowsAlready",
    "LeadAlready",
    "OnceReusedForAgreement",
    "Path",
    "PathChanged",
    "PathOpenAlready",
    "PathState",
    "PathStep",
    "RenewedMeanwhile",
]
