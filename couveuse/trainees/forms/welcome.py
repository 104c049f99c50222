"""The sheet of a first welcome, and what somebody without an account may send."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field, field_validator, model_validator

from couveuse.core import clock
from couveuse.core.contacts import Email, Phone
from couveuse.core.fields import Day, Id, Line, Name, Paragraph, Tick
from couveuse.core.i18n import N_
from couveuse.trainees.forms.once import SentOnce
from couveuse.trainees.models import ProjectKind
from couveuse.trainees.rules.joining import Kept
from couveuse.trainees.rules.welcome import has_link

ThreeLines: TypeAlias = Annotated[str, Field(max_length=600)]
TO_COME = N_("Ce jour n'est pas encore venu.")


class SheetForm(BaseModel):
    """What may still change of a welcome sheet."""

    kind: ProjectKind
    project: ThreeLines
    commune: Line | None = None
    origin: Line | None = None
    prescriber: Line | None = None
    needs: Paragraph | None = None
    wishes: Paragraph | None = None
    met_on: Day | None = None
    consent: Tick = False


class Choices(BaseModel):
    """Which of two values is kept, for each that may differ; the usual one when nothing is said."""

    keep_given_name: Kept | None = None
    keep_family_name: Kept | None = None
    keep_email: Kept | None = None
    keep_phone: Kept | None = None
    keep_project: Kept | None = None
    keep_kind: Kept | None = None
    keep_commune: Kept | None = None
    keep_origin: Kept | None = None
    keep_prescriber: Kept | None = None
    keep_needs: Kept | None = None
    keep_wishes: Kept | None = None
    keep_met_on: Kept | None = None

    @property
    def choices(self) -> Mapping[str, Kept | None]:
        return {name.removeprefix("keep_"): getattr(self, name) for name in Choices.model_fields}


class JoiningForm(Choices):
    """Two sheets of one person become one."""

    doubled_id: Id
    """Whom the sheet was about when it was compared."""


class WelcomeForm(SheetForm, Choices, SentOnce):
    structure_id: Id
    given_name: Name
    family_name: Name
    email: Email | None = None
    phone: Phone | None = None
    contacted_on: Day | None = None
    """Today, when nothing is said."""
    notice_given: Annotated[Tick, Field(validate_default=True)] = False
    is_new: Tick = False
    """Said after having looked at those who look alike."""
    person_id: Id | None = None
    """She is known already: this one."""
    compared: Tick = False
    """Said after having looked at what differs."""
    introduction_id: Id | None = None

    @field_validator("notice_given")
    @classmethod
    def _was_told(cls, given: bool) -> bool:
        if not given:
            raise ValueError(
                N_("Dites d'abord à la personne ce qui est noté, puis cochez cette case.")
            )
        return given

    @field_validator("contacted_on")
    @classmethod
    def _has_happened(cls, day: dt.date | None) -> dt.date | None:
        if day and day > clock.today():
            raise ValueError(TO_COME)
        return day


class IntroductionForm(BaseModel):
    given_name: Name
    family_name: Name
    email: Email | None = None
    phone: Phone | None = None
    commune: Line | None = None
    kind: ProjectKind
    project: Annotated[str, Field(min_length=10, max_length=1500)]
    consents: Tick = False
    understood: Annotated[Tick, Field(validate_default=True)] = False
    website: str | None = None
    """Hidden from people: whoever fills it is a machine."""
    slip: str = ""

    @field_validator("given_name", "family_name", "commune")
    @classmethod
    def _no_link(cls, text: str | None) -> str | None:
        if text and has_link(text):
            raise ValueError(N_("Un lien n'a pas sa place ici. Écrivez des mots."))
        return text

    @field_validator("understood")
    @classmethod
    def _has_read(cls, ticked: bool) -> bool:
        if not ticked:
            raise ValueError(N_("Lisez ce que nous gardons, puis cochez cette case."))
        return ticked

    @model_validator(mode="after")
    def _can_be_answered(self) -> "IntroductionForm":
        if not self.email and not self.phone:
            raise ValueError(
                N_("Laissez une adresse électronique ou un numéro, pour recevoir une réponse.")
            )
        return self


class SetAsideForm(BaseModel):
    reason: Line
