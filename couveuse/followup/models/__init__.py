"""A visit is a meeting of somebody in test with who follows them; a report is what remains of it.

A report is its author's draft, then the follow-up group's, then the person's too; nothing stays
secret, since a draft is shown or deleted. The first signature locks what was signed in the
database: the text, the facts of the visit, who was there, what was agreed. Afterwards there are
only dated additions. What was agreed lives on as steps, each owed by somebody, until closed.

A workshop gathers several people over half-days. Places are numbered, so that two never share one;
each half-day has an attendance sheet, signed by who was there, then closed by who led it.
"""

from couveuse.followup.models.attendance import (
    Attendance,
    AttendanceNote,
    AttendanceScan,
    AttendanceSignature,
    FactsSigned,
    SheetIncomplete,
    SheetLocked,
    SignedMeansPresent,
    SignerRole,
    SignsSheetAlready,
)
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
from couveuse.followup.models.light import LightAccess, LinkMadeMeanwhile
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
from couveuse.followup.models.workshop import (
    PlacesTaken,
    SignedUpAlready,
    SlotsOverlap,
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
    WorkshopState,
    WorkshopTrainer,
    workshop_facilitator,
    workshop_guest,
)

__all__ = [
    "AgreedStep",
    "Assessment",
    "AssessmentAnswers",
    "Attendance",
    "AttendanceNote",
    "AttendanceScan",
    "AttendanceSignature",
    "BegunAlready",
    "FactsSigned",
    "Grid",
    "GridNameTaken",
    "GridVersion",
    "Level",
    "LightAccess",
    "LinkMadeMeanwhile",
    "NoteKind",
    "OnceReusedForFollowUp",
    "PersonFirst",
    "PlacesTaken",
    "Presence",
    "Report",
    "ReportAlready",
    "ReportNote",
    "ReportSignature",
    "SentForm",
    "SentMeanwhile",
    "SheetIncomplete",
    "SheetLocked",
    "Side",
    "SignedMeansPresent",
    "SignedText",
    "SignedUpAlready",
    "SignerRole",
    "SignsAlready",
    "SignsSheetAlready",
    "SlotTaken",
    "SlotsOverlap",
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
    "Workshop",
    "WorkshopSeat",
    "WorkshopSlot",
    "WorkshopState",
    "WorkshopTrainer",
    "visit_plot",
    "workshop_facilitator",
    "workshop_guest",
]
