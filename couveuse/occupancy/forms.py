"""What the screens of land ask for."""

import datetime as dt
import hashlib
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator
from sqlalchemy.dialects.postgresql import Range

from couveuse.core import clock
from couveuse.core.errors import Reason, Refused
from couveuse.core.fields import Amount, Day, Id, Line, Money, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.occupancy.models import ExpenseKind, ExpenseOutcome, PeriodKind, ReportKind
from couveuse.occupancy.spans import days_of
from couveuse.trainees.forms.once import SentOnce
from couveuse.trainees.models import Party


def has_come(day: dt.date) -> dt.date:
    if day > clock.today():
        raise ValueError(N_("Ce jour n'est pas encore venu."))
    return day


class DatesForm(BaseModel):
    """First and last day, as people say them; without a last day there is no end."""

    starts_on: Day
    ends_on: Day | None = None
    seen: Line | None = None
    """The days that the form showed: somebody else may have changed them since."""

    def during(self) -> Range[dt.date]:
        if self.ends_on and self.ends_on < self.starts_on:
            sentence = N_("Le dernier jour vient avant le premier. Corrigez une des deux dates.")
            raise Refused(Reason("end_before_start", sentence, field="ends_on"))
        return days_of(self.starts_on, self.ends_on)


class Holders(BaseModel):
    """Who holds a claim: one person, or several together."""

    person_id: Id | None = None
    person_ids: list[Id] = Field(default_factory=list, max_length=30)

    def people(self) -> set[int]:
        return set(self.person_ids) | ({self.person_id} if self.person_id else set())


class ClaimForm(DatesForm, Holders):
    kind: PeriodKind
    reason: Line | None = None
    once: Line | None = None

    def digest(self, plot_id: int) -> bytes:
        """Tells whether a form sent again asks for the same thing."""
        said = self.model_dump_json(exclude={"once", "seen", "person_id", "person_ids"})
        who = sorted(self.people())
        return hashlib.sha256(f"{plot_id} {who} {said}".encode()).digest()


class EarlyEndForm(BaseModel):
    ends_on: Day
    reason: Line | None = None
    all_plots: Tick = False
    """End the whole stay, on every plot it holds."""
    seen: Line | None = None


class CancellationForm(BaseModel):
    reason: Line | None = None
    seen: Line | None = None


class ConfirmationForm(Holders):
    seen: Line | None = None


class CorrectionForm(Holders):
    """What was written wrong; dates are changed by a form of their own."""

    kind: PeriodKind
    reason: Line | None = None
    seen: Line | None = None


class MistakeForm(BaseModel):
    reason: Line
    seen: Line | None = None


class SearchForm(BaseModel):
    """What a project needs; anything left empty does not matter."""

    surface_min: Amount | None = None
    surface_max: Amount | None = None
    abri_min: Amount | None = None
    eau: Tick = False
    electricite: Tick = False
    cloture: Tick = False
    debut: Day | None = None
    fin: Day | None = None
    bio: Literal["conversion", "certifiable"] | None = None
    lieu: Id | None = None
    temporaires: Tick = False
    """Also sites where one person means to settle: they are nobody else's."""


class ReportForm(BaseModel):
    """A condition report: points looked at, each with its state and a remark."""

    kind: ReportKind
    made_on: Day
    stay_id: Id | None = None
    water_meter: Amount | None = None
    power_meter: Amount | None = None
    keys: Line | None = None
    remarks: Paragraph | None = None

    def facts(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ReportForm.model_fields}


class ReportCorrectionForm(ReportForm):
    reason: Line
    """Why the report is corrected."""
    seen: Line
    """How often it had been corrected when the form was shown."""


class ExpenseForm(SentOnce):
    kind: ExpenseKind
    label: Line
    amount: Annotated[Money, Field(gt=0)]
    owed_by: Party
    spent_on: Annotated[Day, AfterValidator(has_come)]
    plot_id: Annotated[Id | None, Field(validate_default=True)] = None
    note: Paragraph | None = None

    @field_validator("plot_id")
    @classmethod
    def _land_has_a_plot(cls, plot_id: int | None, info: ValidationInfo) -> int | None:
        if plot_id is None and info.data.get("kind") == ExpenseKind.LAND_FEE:
            raise ValueError(N_("Dites de quelle parcelle est cette redevance."))
        return plot_id

    @property
    def cents(self) -> int:
        return int(self.amount * 100)


class SettlementForm(BaseModel):
    outcome: ExpenseOutcome
    settled_on: Annotated[Day, AfterValidator(has_come)]
    settlement_note: Annotated[Line | None, Field(validate_default=True)] = None

    @field_validator("settlement_note")
    @classmethod
    def _waived_for_a_reason(cls, note: str | None, info: ValidationInfo) -> str | None:
        if note is None and info.data.get("outcome") == ExpenseOutcome.WAIVED:
            raise ValueError(N_("Dites pourquoi rien n'est plus demandé."))
        return note
