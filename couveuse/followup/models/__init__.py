"""A visit is a meeting of somebody in test with who follows them; a report is what remains of it.

A report is its author's draft, then the follow-up group's, then the person's too; nothing stays
secret, since a draft is shown or deleted. The first signature locks what was signed in the
database: the text, the facts of the visit, who was there, what was agreed. Afterwards there are
only dated additions. What was agreed lives on as steps, each owed by somebody, until closed.
"""

from couveuse.followup.models.grid import (
    Assessment,
    AssessmentAnswers,
    BegunAlready,
    Grid,
    GridNameTaken,
    GridVersion,
    PersonFirst,
    Side,
    TalkedOver,
    VersionIsKept,
    VersionMeanwhile,
)
from couveuse.followup.models.report import (
    Level,
    NoteKind,
    Report,
    ReportAlready,
    ReportNote,
    ReportSignature,
    SignedText,
    SignsAlready,
    TextChanged,
)
from couveuse.followup.models.sending import OnceReusedForFollowUp, SentForm, SentMeanwhile
from couveuse.followup.models.step import AgreedStep, StepState
from couveuse.followup.models.visit import (
    Presence,
    SlotTaken,
    Visit,
    VisitMode,
    VisitPerson,
    VisitProposal,
    VisitState,
    visit_plot,
)

__all__ = [
    "AgreedStep",
    "Assessment",
    "AssessmentAnswers",
    "BegunAlready",
    "Grid",
    "GridNameTaken",
    "GridVersion",
    "Level",
    "NoteKind",
    "OnceReusedForFollowUp",
    "PersonFirst",
    "Presence",
    "Report",
    "ReportAlready",
    "ReportNote",
    "ReportSignature",
    "SentForm",
    "SentMeanwhile",
    "Side",
    "SignedText",
    "SignsAlready",
    "SlotTaken",
    "StepState",
    "TalkedOver",
    "TextChanged",
    "VersionIsKept",
    "VersionMeanwhile",
    "Visit",
    "VisitMode",
    "VisitPerson",
    "VisitProposal",
    "VisitState",
    "visit_plot",
]
