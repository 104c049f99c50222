"""References of cadastral parcels, written in one way whatever people type.

The whole reference has 14 characters: the INSEE code of the commune (5), the prefix (3: ``000``, or
the code of a commune that was merged into it), the section (2) and the number (4).
"""

import re
from typing import Any, NamedTuple

from couveuse.core.geo.communes import is_commune
from couveuse.core.i18n import N_, translated

COMMUNE = r"2[AB][0-9]{3}|[0-9]{5}"
WHOLE = re.compile(rf"({COMMUNE})([0-9]{{3}})([ 0-9A-Z][0-9A-Z])([ 0-9]{{3}}[0-9])")
WITH_LETTERS = re.compile(rf"(?:({COMMUNE})([0-9]{{3}})?)?(0?[A-Z]|[A-Z]{{2}})([0-9]{{1,4}})")
SEPARATORS = re.compile(r"[\s\-–_/.,]+")

SHAPE = N_(
    "« %(value)s » n'est pas une référence cadastrale. Écrivez les 14 caractères, "
    "par exemple 36046000ZB0105 : commune, préfixe, section, numéro."
)
NO_SECTION = N_(
    "« %(value)s » : la section « %(section)s » n'existe pas. C'est une ou deux lettres "
    "(ZB, 0C), ou deux chiffres en Alsace-Moselle."
)
NO_NUMBER = N_("« %(value)s » : le numéro de parcelle va de 1 à 9999.")
COMMUNE_MISSING = N_(
    "« %(value)s » : il manque la commune. Écrivez d'abord son code INSEE, par exemple 36046."
)
NO_COMMUNE = N_(
    "« %(value)s » : aucune commune n'a le code INSEE %(commune)s. Ce n'est pas le code postal."
)


class BadReference(ValueError):
    """What is wrong with a reference, in a marked French sentence that says what to do."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return translated(self.message, self.values)


class Parcel(NamedTuple):
    commune: str
    prefix: str
    section: str
    number: str


def normal_reference(typed: str, commune: str | None = None) -> str:
    """The 14 characters of a reference. ``commune`` completes one that starts at its section.

    Raises BadReference.
    """
    value = " ".join(typed.split())[:60]
    found = _split(typed.strip("\r\n\t").upper(), commune)
    if found is None:
        raise BadReference(SHAPE, value=value)
    if not found.commune:
        raise BadReference(COMMUNE_MISSING, value=value)
    section = found.section.strip().rjust(2, "0")
    if not re.fullmatch(r"[A-Z]{2}|0[A-Z]|[0-9]{2}", section) or section == "00":
        raise BadReference(NO_SECTION, value=value, section=found.section.strip())
    if not found.number.strip().isdigit() or int(found.number) == 0:
        raise BadReference(NO_NUMBER, value=value)
    if not is_commune(found.commune):
        raise BadReference(NO_COMMUNE, value=value, commune=found.commune)
    return f"{found.commune}{found.prefix or '000'}{section}{int(found.number):04}"


def parts_of(reference: str) -> Parcel:
    """The parts of a normal reference."""
    return Parcel(reference[:5], reference[5:8], reference[8:10], reference[10:])


def shown_reference(reference: str) -> str:
    """As people say it: ``ZB 105``, with the prefix when it is not the usual one."""
    parcel = parts_of(reference)
    said = f"{parcel.section.removeprefix('0')} {int(parcel.number)}"
    return said if parcel.prefix == "000" else f"{parcel.prefix} {said}"


def _split(text: str, commune: str | None) -> Parcel | None:
    if whole := WHOLE.fullmatch(text.rjust(14)) if len(text) == 14 else None:
        return Parcel(*whole.groups())
    words = [word for word in SEPARATORS.split(text) if word]
    if lettered := WITH_LETTERS.fullmatch("".join(words)):
        place, prefix, section, number = lettered.groups()
        return Parcel(place or commune or "", prefix or "", section, number)
    return _from_words(words, commune) if len(words) > 1 else None


def _from_words(words: list[str], commune: str | None) -> Parcel | None:
    """A section of digits is told from its neighbours by what separates them only."""
    if len(words) >= 4 and re.fullmatch(COMMUNE, words[0] + words[1]):
        words = [words[0] + words[1], *words[2:]]
    *before, section, number = words
    place = commune or ""
    if before and re.fullmatch(COMMUNE, before[0]):
        place, *before = before
    prefix = before.pop() if before else ""
    if before or (prefix and not re.fullmatch(r"[0-9]{3}", prefix)) or not _fits(section, number):
        return None
    return Parcel(place, prefix, section, number)


def _fits(section: str, number: str) -> bool:
    return bool(re.fullmatch(r"[0-9A-Z]{1,2}", section) and re.fullmatch(r"[0-9]{1,4}", number))
