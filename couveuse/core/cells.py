"""What French people write in the cells of a table, turned into values: "2 413,5", "½ journée"."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from couveuse.core.i18n import N_
from couveuse.core.sheets import fold, has_broken_accents

Parser: TypeAlias = Callable[[str], object]

DAY = 1440
HALF_DAY = 240
DURATION_UNITS = {
    **dict.fromkeys(("min", "mn", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "heure", "heures", "hour", "hours"), 60),
    **dict.fromkeys(("j", "jour", "jours", "journee", "journees", "d", "day", "days"), DAY),
    **dict.fromkeys(("sem", "semaine", "semaines", "week", "weeks"), 7 * DAY),
}
MONTH_UNITS = {
    **dict.fromkeys(("mois", "month", "months"), 1),
    **dict.fromkeys(("an", "ans", "annee", "annees", "year", "years"), 12),
}
_LONGEST = 366 * DAY
_BIGGEST = Decimal(99_999_999)
_CURRENCY = {"", "eur", "euro", "euros", "ttc", "ht", "eur ttc", "eur ht", "euros ttc", "euros ht"}

NOT_A_NUMBER = N_("« %(value)s » n'est pas un nombre. Écrivez par exemple 12 ou 1 250,5.")
NOT_WHOLE = N_("« %(value)s » n'est pas un nombre entier. Écrivez par exemple 12.")
NOT_AN_AMOUNT = N_("« %(value)s » n'est pas un montant. Écrivez par exemple 12,50.")
NEGATIVE = N_("« %(value)s » est négatif. Écrivez un nombre positif, ou 0.")
NOT_ABOVE_ZERO = N_("« %(value)s » doit être plus grand que 0.")
TOO_BIG = N_("« %(value)s » est trop grand : le maximum est %(limit)s. Vérifiez la valeur.")
TOO_PRECISE = N_("« %(value)s » a trop de décimales : quatre au plus.")
NOT_A_DURATION = N_(
    "« %(value)s » n'est pas une durée. Écrivez par exemple 30 min, 1 h, ½ journée ou 2 jours."
)
TOO_LONG_A_TIME = N_("« %(value)s » dépasse une année. Vérifiez le nombre et l'unité.")
NOT_MONTHS = N_("« %(value)s » n'est pas un nombre de mois. Écrivez par exemple 12, ou 1 an.")
NOT_A_DAY = N_("« %(value)s » n'est pas une date. Écrivez par exemple 12/03/2026.")
NO_SUCH_DAY = N_(
    "« %(value)s » n'existe pas dans le calendrier. Vérifiez le jour, le mois, l'année."
)
NOT_YES_OR_NO = N_("« %(value)s » ne dit ni oui ni non. Écrivez oui ou non.")
TOO_LONG = N_("Ce texte a %(length)s caractères, il en faut %(limit)s au plus. Raccourcissez-le.")
HIDDEN = N_("« %(value)s » contient un caractère invisible interdit. Retapez cette case.")
BROKEN = N_("Les accents de « %(value)s » sont abîmés. Retapez cette case.")
FORMULA_ERROR = N_("« %(value)s » est une erreur de calcul. Corrigez la formule de cette case.")


class BadCell(ValueError):
    """A cell that cannot be read: a marked French sentence; ``%(value)s`` is the cell."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


# --- text

_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphen, zero widths: pasted from the web
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_FORMULA_ERROR = re.compile(r"#(N/A|N/D|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NUM!|NOMBRE!)")


def line(limit: int) -> Parser:
    """Text on one line; line breaks within the cell become spaces."""
    return lambda text: _checked(" ".join(text.split()), limit)


def paragraph(limit: int) -> Parser:
    return lambda text: _checked("\n".join(text.strip().splitlines()), limit)


def several(separators: str, limit: int) -> Parser:
    """Words kept in one cell, each once whatever its case, in their order."""

    def parse(text: str) -> tuple[str, ...]:
        found: dict[str, str] = {}
        for word in re.split(separators, text):
            tidy = _checked(" ".join(word.split()), limit)
            found.setdefault(tidy.lower(), tidy)
        return tuple(word for word in found.values() if word)

    return parse


def _checked(text: str, limit: int) -> str:
    text = _UNSEEN.sub("", text)
    if len(text) > limit:
        raise BadCell(TOO_LONG, length=len(text), limit=limit)
    if _FORBIDDEN.search(text):
        raise BadCell(HIDDEN)
    if has_broken_accents(text):
        raise BadCell(BROKEN)
    if _FORMULA_ERROR.fullmatch(text):
        raise BadCell(FORMULA_ERROR)
    return text


# --- numbers

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_MEASURE = re.compile(
    r"""(?P<sign>[-+]?)[ ]?
    (?: (?P<whole>[0-9]{1,3}(?:[ '][0-9]{3})+|[0-9]+)(?:[.,](?P<part>[0-9]+))?
      | (?P<dots>[0-9]{1,3}(?:\.[0-9]{3})+),(?P<dots_part>[0-9]+)
      | (?P<commas>[0-9]{1,3}(?:,[0-9]{3})+)\.(?P<commas_part>[0-9]+) )
    [ ]?(?P<unit>[^0-9 .,].*)?""",
    re.VERBOSE,
)


def measure(text: str, message: str = NOT_A_NUMBER) -> tuple[Decimal, str]:
    """A number and the unit written after it, folded: "84 512 km" → 84512, "km"."""
    tidy = _SPACES.sub(" ", text.strip()).replace("−", "-").replace("’", "'")
    found = _MEASURE.fullmatch(tidy)
    if not found:
        raise BadCell(message)
    whole = found["whole"] or found["dots"] or found["commas"]
    part = found["part"] or found["dots_part"] or found["commas_part"] or ""
    number = Decimal(f"{re.sub('[^0-9]', '', whole)}.{part or 0}")
    return _sensible(number, found["sign"]), fold((found["unit"] or "").replace("€", " "))


def _sensible(number: Decimal, sign: str) -> Decimal:
    if sign == "-" and number:
        raise BadCell(NEGATIVE)
    if number > _BIGGEST:
        raise BadCell(TOO_BIG, limit=_BIGGEST)
    if number != round(number, 4):
        raise BadCell(TOO_PRECISE)
    return number.normalize() if number % 1 else Decimal(int(number))


def amount(text: str) -> Decimal:
    """Money: "12,50", "1 200 €", "gratuit"."""
    if fold(text) in {"gratuit", "gratuite", "free"}:
        return Decimal(0)
    number, unit = measure(text, NOT_AN_AMOUNT)
    if unit not in _CURRENCY:
        raise BadCell(NOT_AN_AMOUNT)
    return number


def whole(limit: int) -> Parser:
    """A count, from one to ``limit``."""

    def parse(text: str) -> int:
        number, unit = measure(text, NOT_WHOLE)
        if unit or number % 1:
            raise BadCell(NOT_WHOLE)
        return _counted(number, limit)

    return parse


def months(text: str) -> int:
    number, unit = measure(text, NOT_MONTHS)
    count = number * MONTH_UNITS.get(unit, 0)
    if count % 1 or (number and not count):
        raise BadCell(NOT_MONTHS)
    return _counted(count, 600)


def _counted(number: Decimal, limit: int) -> int:
    if number < 1:
        raise BadCell(NOT_ABOVE_ZERO)
    if number > limit:
        raise BadCell(TOO_BIG, limit=limit)
    return int(number)


# --- time

_CLOCK = re.compile(r"([0-9]{1,3}) ?(?:h|heures?|:) ?([0-5][0-9])(?: ?(?:m|mn|min|minutes)|:00)?")
_IN_WORDS: Mapping[str, str] = {
    r"^(une )?(½|1 ?/ ?2|demie?[ -])\s*": "0,5 ",
    r"^une? ": "1 ",
}


def duration(text: str) -> int:
    """Minutes: "30 min", "1 h 30", "½ journée" (4 hours), "2 jours" (2 times 24 hours)."""
    minutes = delay(text)
    if not minutes:
        raise BadCell(NOT_ABOVE_ZERO)
    return minutes


def delay(text: str) -> int:
    """Minutes as for a duration, zero included."""
    tidy = _SPACES.sub(" ", text.strip().casefold())
    if clock := _CLOCK.fullmatch(tidy):
        return int(clock[1]) * 60 + int(clock[2])
    for words, number in _IN_WORDS.items():
        tidy = re.sub(words, number, tidy)
    return _minutes(*measure(tidy, NOT_A_DURATION))


def _minutes(number: Decimal, unit: str) -> int:
    each = DURATION_UNITS.get(unit)
    if each is None:
        raise BadCell(NOT_A_DURATION)
    # Half a day of work is a morning; any other part of a day is a slip.
    minutes = Decimal(HALF_DAY) if (each, number) == (DAY, Decimal("0.5")) else number * each
    if minutes % 1 or (each >= DAY and number % 1 and minutes != HALF_DAY):
        raise BadCell(NOT_A_DURATION)
    if minutes > _LONGEST:
        raise BadCell(TOO_LONG_A_TIME)
    return int(minutes)


_DAYS = (
    re.compile(r"(?P<d>[0-9]{1,2})[/.-](?P<m>[0-9]{1,2})[/.-](?P<y>[0-9]{4}|[0-9]{2})"),
    re.compile(r"(?P<y>[0-9]{4})[/.-](?P<m>[0-9]{1,2})[/.-](?P<d>[0-9]{1,2})"),
    re.compile(r"(?P<d>[0-9]{1,2}) (?P<m>[a-z]+) (?P<y>[0-9]{4})"),
)
_MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet"),
    *("aout", "septembre", "octobre", "novembre", "decembre"),
)
_SERIAL = re.compile(r"[1-9][0-9]{4}")
_SERIAL_ORIGIN = dt.date(1899, 12, 30)
_HOUR = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.0+)?)?Z?$")


def day(text: str) -> dt.date:
    """A date: 12/03/2026, 2026-03-12, 12 mars 2026, or a spreadsheet's serial number."""
    tidy = _HOUR.sub("", " ".join(text.split()))
    if _SERIAL.fullmatch(tidy):
        return _known(_SERIAL_ORIGIN + dt.timedelta(int(tidy)))
    words = fold(tidy) if re.search("[^0-9/.-]", tidy) else tidy
    for form in _DAYS:
        if found := form.fullmatch(words.replace("1er", "1")):
            return _known(_date(found["y"], found["m"], found["d"]))
    raise BadCell(NOT_A_DAY)


def _date(year: str, month: str, day_of_month: str) -> dt.date:
    if not month.isdigit() and month not in _MONTHS:
        raise BadCell(NOT_A_DAY)
    number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
    century = 0 if len(year) == 4 else 2000 if int(year) < 70 else 1900
    try:
        return dt.date(century + int(year), number, int(day_of_month))
    except ValueError:
        raise BadCell(NO_SUCH_DAY) from None


def _known(date: dt.date) -> dt.date:
    if not 1950 <= date.year <= 2100:
        raise BadCell(NO_SUCH_DAY)
    return date


_YES = {"oui", "o", "yes", "y", "x", "vrai", "v", "true", "1"}
_NO = {"non", "n", "no", "faux", "f", "false", "0"}


def yes_or_no(text: str) -> bool:
    word = fold(text)
    if word in _YES or text.strip() in {"✓", "✔", "☑"}:
        return True
    if word in _NO:
        return False
    raise BadCell(NOT_YES_OR_NO)
