"""What people type about paths, agreements and groups."""

from couveuse.trainees.forms.agreements import (
    AgreementForm,
    EarlyEndForm,
    NoticeForm,
    PeriodForm,
    SignedDocumentForm,
)

__all__ = [
    "AgreementForm",
    "EarlyEndForm",
    "NoticeForm",
    "PeriodForm",
    "SignedDocumentForm",
]
