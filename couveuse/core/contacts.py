"""Mail addresses and phone numbers: checked once, kept in one form, shown as people write them."""

from typing import Annotated, Any, TypeAlias

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat
from pydantic import BeforeValidator, Field

from couveuse.core.i18n import N_

REGIONS = ("FR", "GP", "RE", "MQ", "GF", "YT")
"""Where a number without a country code may be from; they share one numbering plan."""
HOME_CODES = {33, 262, 590, 594, 596}

NOT_AN_ADDRESS = N_(
    "Cette adresse n'est pas complète, ou contient un caractère inattendu. "
    "Écrivez-la ainsi : prenom@exemple.fr."
)
NOT_A_NUMBER = N_(
    "Ce numéro n'existe pas. Écrivez-le ainsi : 06 12 34 56 78, ou avec l'indicatif du pays : "
    "+687 27 12 34."
)


def read_email(value: Any) -> Any:
    """Lower case, no spaces around. Not looked up: whether mail arrives is seen by sending it."""
    if not isinstance(value, str):
        return value
    try:
        found = validate_email(value.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError(NOT_AN_ADDRESS) from None
    return found.normalized.lower()


def read_phone(value: Any) -> Any:
    """Kept as ``+33612345678``."""
    if not isinstance(value, str):
        return value
    number = _number(value)
    if number is None:
        raise ValueError(NOT_A_NUMBER)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def shown_phone(kept: str) -> str:
    """As people dial it, ``06 12 34 56 78``, with the country's code when it is abroad."""
    number = _number(kept)
    if number is None:
        return kept
    near = number.country_code in HOME_CODES
    form = PhoneNumberFormat.NATIONAL if near else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def _number(text: str) -> PhoneNumber | None:
    for region in REGIONS:
        try:
            number = phonenumbers.parse(text, region)
        except NumberParseException:
            return None
        if phonenumbers.is_valid_number(number) and not number.extension:
            return number
    return None


Email: TypeAlias = Annotated[str, Field(max_length=254), BeforeValidator(read_email)]
Phone: TypeAlias = Annotated[str, Field(max_length=40), BeforeValidator(read_phone)]
