"""Making agreements as the screens do, for the tests of agreements."""

import datetime as dt
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.files import FileStore
from couveuse.trainees import actions, queries
from couveuse.trainees.forms import (
    AgreementForm,
    EarlyEndForm,
    PeriodForm,
    SignedDocumentForm,
)
from couveuse.trainees.models import Agreement
from tests.cast import Cast

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
FIRST, LAST = dt.date(2026, 12, 1), dt.date(2027, 11, 30)


def asked(cast: Cast, **fields: Any) -> AgreementForm:
    """A year of CAPE at home, from next month on, signed today."""
    usual = {
        "kind": "cape",
        "structure_id": cast.home.id,
        "signed_on": "2026-11-25",
        "starts_on": "2026-12-01",
        "ends_on": "2027-11-30",
    }
    return AgreementForm.model_validate(usual | fields)


def renewal(**fields: Any) -> PeriodForm:
    """The year after."""
    usual = {"signed_on": "2027-11-01", "starts_on": "2027-12-01", "ends_on": "2028-11-30"}
    return PeriodForm.model_validate(usual | fields)


def ending(ends_on: str, reason: str = "À l'initiative de la personne") -> EarlyEndForm:
    return EarlyEndForm.model_validate({"ends_on": ends_on, "reason": reason})


async def sign(db: AsyncSession, cast: Cast, name: str = "ines", **fields: Any) -> Agreement:
    """For zoe, who has none yet."""
    made = await actions.sign_agreement(db, cast.actors[name], cast.zoe, asked(cast, **fields))
    return await again(db, cast, made)


async def again(db: AsyncSession, cast: Cast, agreement: Agreement) -> Agreement:
    return await queries.get_agreement(db, cast.actors["ines"], agreement.id)


async def file_scan(
    db: AsyncSession,
    cast: Cast,
    store: FileStore,
    agreement: Agreement,
    data: bytes = PDF,
    **fields: Any,
) -> Agreement:
    form = SignedDocumentForm.model_validate(fields)
    await actions.file_document(db, cast.actors["ines"], store, agreement, form, data)
    return await again(db, cast, agreement)
