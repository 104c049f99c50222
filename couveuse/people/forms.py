"""What people type about themselves, each other, and to sign in."""

import datetime as dt
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator

from couveuse.core.actor import Role
from couveuse.core.contacts import Email, Phone
from couveuse.core.fields import Day, Id, Tick
from couveuse.core.i18n import N_

NOT_A_NAME = N_("Ce nom contient un caractère qui ne s'écrit pas. Retapez-le.")
ENDS_TOO_EARLY = N_("Le dernier jour vient avant le premier. Corrigez l'une des deux dates.")


def read_name(value: Any) -> Any:
    """One line, single spaces, nothing invisible: names go into mails and lists."""
    if not isinstance(value, str):
        return value
    name = " ".join(value.split())
    if not name.isprintable():
        raise ValueError(NOT_A_NAME)
    return name


Name: TypeAlias = Annotated[str, BeforeValidator(read_name), Field(max_length=100)]
Password: TypeAlias = Annotated[str, Field(max_length=200)]
NewPassword: TypeAlias = Annotated[str, Field(min_length=10, max_length=200)]
Language: TypeAlias = Literal["fr", "en"]
Player: TypeAlias = Literal["ines", "paul", "marc", "rosa", "lea", "tom", "gaston", "zoe"]


class SignInForm(BaseModel):
    email: Annotated[str, Field(max_length=254)]
    password: Password


class EmailForm(BaseModel):
    email: Email


class DemoForm(BaseModel):
    person: Player


class LanguageForm(BaseModel):
    language: Language


class NewPasswordForm(BaseModel):
    password: NewPassword


class ChangePasswordForm(NewPasswordForm):
    current: Password | None = None


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
    qualification: Name
    reference: Name | None = None
