"""Field types for what browsers and French people really type: "12,50", "1 250", "23/11/2026"."""

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from couveuse.core.i18n import N_

SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")
LOCAL_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")
OUT_OF_CALENDAR = N_("Cette année est hors du calendrier. Vérifiez la date.")
FIRST_YEAR, LAST_YEAR = 2000, 2199
NOT_AN_AMOUNT = N_("Écrivez un montant, par exemple 1234,50.")
NEGATIVE = N_(
    "Un montant s'écrit sans signe moins. Un avoir ou un remboursement se retire de la ligne "
    "qu'il concerne."
)
MINUS = ("-", "−", "–")


def read_amount(value: Any) -> Any:
    """ "1 250,50" → "1250.50"; anything else is left for the number parser to refuse."""
    return value.translate(SPACES).replace(",", ".") if isinstance(value, str) else value


def read_money(value: Any) -> Any:
    """ "1 234,50 €", "1.234,50", "1234.5", "12€50" → "1234.50"; the number parser does the rest."""
    if not isinstance(value, str):
        return value
    text = value.translate(SPACES).replace("'", "").replace("’", "").upper()
    text = re.sub(r"^([0-9]+)€([0-9]{2})$", r"\1,\2", text.replace("EUROS", "€"))
    text = text.replace("EUR", "€").removeprefix("€").removesuffix("€")
    if text.startswith(MINUS):
        raise ValueError(NEGATIVE)
    thousands = "." if text.rfind(",") > text.rfind(".") else ","
    if "." in text and "," in text:
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    if not re.fullmatch(r"[0-9]+(\.[0-9]*)?|\.[0-9]+", text):
        raise ValueError(NOT_AN_AMOUNT)
    return text


def read_day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if french := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", value):
        value = f"{french[3]}-{int(french[2]):02}-{int(french[1]):02}"
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(N_("Cette date n'existe pas. Écrivez-la ainsi : 23/11/2026.")) from None
    return _sensible(day)


def read_local_moment(value: Any) -> Any:
    """A wall-clock time without zone, as ``datetime-local`` sends it: ``2026-12-01T08:00``."""
    if not isinstance(value, str):
        return value
    sentence = N_("Ce moment n'existe pas. Choisissez une date et une heure.")
    if not LOCAL_MOMENT.fullmatch(value):
        raise ValueError(sentence)
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(sentence) from None
    return _sensible(moment)


def _sensible(value: Any) -> Any:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(OUT_OF_CALENDAR)
    return value


def read_name(value: Any) -> Any:
    """One line, single spaces, nothing invisible: names go into mails and lists."""
    if not isinstance(value, str):
        return value
    name = " ".join(value.split())
    if not name.isprintable():
        raise ValueError(N_("Ce nom contient un caractère qui ne s'écrit pas. Retapez-le."))
    return name


def read_tick(value: Any) -> Any:
    return value in {"on", "1", "true", "oui"} if isinstance(value, str) else value


Name: TypeAlias = Annotated[str, Field(max_length=200), BeforeValidator(read_name)]
Line: TypeAlias = Annotated[str, Field(max_length=200)]
Paragraph: TypeAlias = Annotated[str, Field(max_length=4000)]
Amount: TypeAlias = Annotated[
    Decimal, BeforeValidator(read_amount), Field(ge=0, max_digits=12, decimal_places=4)
]
Money: TypeAlias = Annotated[
    Decimal, BeforeValidator(read_money), Field(max_digits=9, decimal_places=2)
]
Day: TypeAlias = Annotated[dt.date, BeforeValidator(read_day)]
LocalMoment: TypeAlias = Annotated[dt.datetime, BeforeValidator(read_local_moment)]
Tick: TypeAlias = Annotated[bool, BeforeValidator(read_tick)]
Id: TypeAlias = Annotated[int, Field(gt=0, lt=2**63)]
