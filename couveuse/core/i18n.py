"""Languages. French is the text in the source, so it can have no hole; English is a catalogue."""

import datetime as dt
import gettext as stdlib_gettext
import io
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from couveuse.core import clock
from couveuse.core.paths import LOCALE

LANGUAGES = ("fr", "en")
DASH = "\u202f–\u202f"
"""Between two hours: the pair stays on one line."""
_language: ContextVar[str] = ContextVar("language", default="fr")


class _French(stdlib_gettext.NullTranslations):
    """The source language: zero is singular in French, gettext's default says otherwise."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if abs(n) < 2 else msgid2


@lru_cache(maxsize=2)
def _catalogue(language: str) -> stdlib_gettext.NullTranslations:
    return _French() if language == "fr" else _compiled(language)


def _compiled(language: str) -> stdlib_gettext.GNUTranslations:
    """The catalogue, compiled when it is first asked for: no binary has to follow its text."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415, French needs neither
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = io.BytesIO()
    with (LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        write_mo(compiled, read_po(source))
    compiled.seek(0)
    return stdlib_gettext.GNUTranslations(compiled)


def set_language(language: str | None) -> str:
    """Choose the language of the current request or job; unknown or missing means French."""
    chosen = language if language in LANGUAGES else "fr"
    _language.set(chosen)
    return chosen


def language() -> str:
    return _language.get()


def N_(message: str) -> str:  # noqa: N802, the customary gettext name
    """Mark a French sentence for translation; it is translated when shown."""
    return message


def gettext(message: str) -> str:
    return gettext_in(language(), message)


def gettext_in(language: str, message: str) -> str:
    return _catalogue(language).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    return _catalogue(language()).ngettext(singular, plural, n)


def translated(message: str, values: dict[str, Any] | None = None) -> str:
    """A marked sentence in the reader's language, with its values put in."""
    text = gettext(message)
    return text % {key: shown(value) for key, value in values.items()} if values else text


def shown(value: Any) -> Any:
    """A value as the reader writes it: dates, times and numbers in words of the language."""
    match value:
        case dt.datetime():
            return moment(value)
        case dt.date():
            return day(value)
        case Decimal():
            return number(value)
        case _:
            return value


@lru_cache(maxsize=4096)
def _date(value: dt.date, pattern: str, locale: str) -> str:
    return format_date(value, pattern, locale=locale)


_DAY_FORMS = {
    "number": "d",
    "tiny": "EEE d",
    "short": "EEE d MMM",
    "dated": "EEE d MMM y",
    "long": "EEEE d MMMM y",
    "medium": "d MMM y",
    "month": "MMMM y",
}
_FIRST_IN_FRENCH = {form: text.replace("d", "d'er'") for form, text in _DAY_FORMS.items()}


def day(value: dt.date, form: str = "medium") -> str:
    """A date in words.

    ``23 nov. 2026`` (medium), ``lun. 23 nov.`` (short), ``lun. 23`` (tiny), ``lundi 23 novembre
    2026`` (long), ``novembre 2026`` (month). In French the first of a month is its ``1er``.
    """
    locale = language()
    is_first = locale == "fr" and value.day == 1
    return _date(value, (_FIRST_IN_FRENCH if is_first else _DAY_FORMS)[form], locale)


def days(first: dt.date | None, last: dt.date | None) -> str:
    """A span of days, both meant: ``du 1 nov. 2026 au 31 oct. 2027``, ``à partir du …``."""
    if first is None:
        return gettext(N_("depuis toujours"))
    if last is None:
        return translated(N_("à partir du %(first)s"), {"first": first})
    if first == last:
        return translated(N_("le %(first)s"), {"first": first})
    return translated(N_("du %(first)s au %(last)s"), {"first": first, "last": last})


def moment(value: dt.datetime) -> str:
    """A local date and time: ``lun. 23 nov. à 08:00``. Convert to the site's zone first.

    The year stands there when it is not this one.
    """
    form = "short" if value.year == clock.today().year else "dated"
    words = {"day": day(value.date(), form), "time": clock_time(value)}
    return translated(N_("%(day)s à %(time)s"), words)


def clock_time(value: dt.datetime | dt.time) -> str:
    return f"{value.hour:02}:{value.minute:02}"


def slot(start: dt.datetime, end: dt.datetime) -> str:
    """A local span: ``lun. 23 nov., 08:00 – 10:00``; with both days when it passes midnight."""
    form = "short" if start.year == clock.today().year else "dated"
    first, last = day(start.date(), form), day(end.date(), form)
    if start.date() == end.date():
        return f"{first}, {clock_time(start)}{DASH}{clock_time(end)}"
    return f"{first}, {clock_time(start)} – {last}, {clock_time(end)}"


def number(value: Decimal | float) -> str:
    return _number(value, language())


@lru_cache(maxsize=4096)
def _number(value: Decimal | float, spoken: str) -> str:
    return format_decimal(value, locale=spoken)


def typed(value: Any) -> Any:
    """A value as somebody types it in a form: ``60,5`` for a number with decimals."""
    if not isinstance(value, Decimal):
        return value
    plain = f"{value.normalize():f}"
    return plain.replace(".", ",") if language() == "fr" else plain


def percent(value: Decimal | float) -> str:
    """``73,5 %``; English has no space there."""
    return translated(N_("%(number)s %%"), {"number": number(value)})


def euros(value: Decimal) -> str:
    return format_currency(value, "EUR", locale=language())


def duration(minutes: int) -> str:
    """A length of time as people say it: ``45 min``, ``2 h 30``, ``3 j``."""
    if minutes and minutes % 1440 == 0:
        return translated(N_("%(n)s j"), {"n": minutes // 1440})
    return hours(minutes) if minutes else "0 min"


def hours(minutes: int) -> str:
    """Time spent, never counted in days: ``45 min``, ``26 h``, ``1 250 h 30``."""
    whole, rest = divmod(minutes, 60)
    if minutes and not whole:
        return f"{rest} min"
    if not rest:
        return f"{number(whole)} h"
    return translated(
        N_("%(hours)s h %(minutes)s"), {"hours": number(whole), "minutes": f"{rest:02}"}
    )
