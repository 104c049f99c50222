"""What people type about themselves, each other, and to sign in."""

import datetime as dt
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator

from couveuse.core.actor import Role
from couveuse.core.contacts import Email, Phone
from couveuse.core.fields import Day, Id, Line, Name, Tick
from couveuse.core.i18n import N_

ENDS_TOO_EARLY = N_("Le dernier jour vient avant le premier. Corrigez l'une des deux dates.")
WHICH_PAPER = N_("Choisissez ce que c'est, ou écrivez son nom.")


def _nothing(_sent: object) -> None:
    """An uploaded file is read apart; its field is here for the errors."""


Upload: TypeAlias = Annotated[None, BeforeValidator(_nothing)]
Password: TypeAlias = Annotated[str, Field(max_length=200)]
NewPassword: TypeAlias = Annotated[str, Field(min_length=10, max_length=200)]
Language: TypeAlias = Literal["fr", "en"]
Player: TypeAlias = Literal["ines", "paul", "marc", "rosa", "lea", "tom", "gaston", "zoe"]
PLAYERS: tuple[str, ...] = get_args(Player)


class SignInForm(BaseModel):
    email: Annotated[str, Field(max_length=254)]
    password: Password
    next: str | None = None


class EmailForm(BaseModel):
    email: Email


class DemoForm(BaseModel):
    person: Player


class LanguageForm(BaseModel):
    language: Language
    next: str | None = None


class NewPasswordForm(BaseModel):
    password: NewPassword


class ChangePasswordForm(NewPasswordForm):
    current: Password


class PersonForm(BaseModel):
    given_name: Name
    family_name: Name
    email: Email | None = None
    phone: Phone | None = None
    phone_shared: Tick = False
    language: Language | None = None


class ProfileForm(BaseModel):
    given_name: Name
    family_name: Name
    phone: Phone | None = None
    phone_shared: Tick = False
    language: Language | None = None


class InvitationForm(ProfileForm):
    password: NewPassword | None = None


class Spell(BaseModel):
    """First and last day, both included; without a last day it goes on."""

    starts_on: Day
    ends_on: Day | None = None

    @field_validator("ends_on")
    @classmethod
    def _ends_after_starting(cls, last: dt.date | None, info: ValidationInfo) -> dt.date | None:
        first = info.data.get("starts_on")
        if first and last and last < first:
            raise ValueError(ENDS_TOO_EARLY)
        return last


class SpellForm(Spell):
    """What may change of a membership: its dates, and how the time is counted."""

    salaried: Tick = False


class MembershipForm(SpellForm):
    structure_id: Id
    role: Role


class PaperForm(Spell):
    """By its name, or by its kind alone: it is then called like the kind."""

    kind: Line | None = None
    qualification: Annotated[Name | None, Field(validate_default=True)] = None
    issuer: Name | None = None
    reference: Name | None = None
    scope: Line | None = None
    document: Upload = None

    @field_validator("qualification")
    @classmethod
    def _is_named(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is None and info.data.get("kind") is None:
            raise ValueError(WHICH_PAPER)
        return name


class DeclineForm(BaseModel):
    reason: Line
