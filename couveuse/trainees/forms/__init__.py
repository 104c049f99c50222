"""What people type about paths, agreements and groups."""

from couveuse.trainees.forms.agreements import (
    AgreementForm,
    EarlyEndForm,
    NoticeForm,
    PeriodForm,
    SignedDocumentForm,
)
from couveuse.trainees.forms.contracts import (
    AmendmentForm,
    ContentsForm,
    PaperForm,
    PieceForm,
    SignatureForm,
    SuspensionEndForm,
    SuspensionForm,
    contents_form,
)

__all__ = [
    "AgreementForm",
    "AmendmentForm",
    "ContentsForm",
    "EarlyEndForm",
    "NoticeForm",
    "PaperForm",
    "PeriodForm",
    "PieceForm",
    "SignatureForm",
    "SignedDocumentForm",
    "SuspensionEndForm",
    "SuspensionForm",
    "contents_form",
]
