"""Items as a spreadsheet lists them: each row becomes a draft, or says what is wrong in which cell.

What a draft leaves at None or empty, the file does not say. Decided here, since files do not:
half a day is 4 hours and a day is 24; "places" count as units that can be booked one by one in a
storage only (a meeting room for 20 is one room), the column "Unités" counts everywhere.
"""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from couveuse.core.cells import (
    DURATION_UNITS,
    MONTH_UNITS,
    BadCell,
    amount,
    day,
    delay,
    duration,
    line,
    measure,
    months,
    paragraph,
    several,
    whole,
    yes_or_no,
)
from couveuse.core.columns import CellProblem, Column, Entry, known_titles, read_entries
from couveuse.core.i18n import N_
from couveuse.core.sheets import Sheet, fold

MAX_UNITS = 50

TARIFF_UNITS = {
    **dict.fromkeys(("h", "heure", "hour"), "hour"),
    **dict.fromkeys(("ha", "hectare"), "hectare"),
    **dict.fromkeys(("demi journee", "1 2 journee", "demi j", "1 2 j", "half day"), "half_day"),
    **dict.fromkeys(("j", "jour", "journee", "day"), "day"),
    **dict.fromkeys(("voyage", "trajet", "trip"), "trip"),
    **dict.fromkeys(("km", "kilometre"), "km"),
    **dict.fromkeys(("creneau", "creneaux", "slot"), "slot"),
}
METER_UNITS = {
    **dict.fromkeys(("h", "heure", "heures", "hour", "hours"), "h"),
    **dict.fromkeys(("km", "kilometre", "kilometres"), "km"),
}

NO_METER = N_(
    "« %(value)s » n'est pas un relevé de compteur. Écrivez par exemple 2 413,5 h ou 84 512 km."
)
NO_TARIFF_UNIT = N_(
    "« %(value)s » n'est pas une unité de tarif. Choisissez parmi : heure, demi-journée, jour, "
    "créneau, ha, voyage, km."
)
TARIFF_UNIT_MISSING = N_(
    "Le tarif est donné sans unité. Remplissez la colonne « Unité » : heure, demi-journée, jour, "
    "créneau, ha, voyage ou km."
)
TWO_TARIFF_UNITS = N_("Le tarif et la colonne « Unité » ne disent pas la même unité. Choisissez.")
REPEATED_CODE = N_(
    "Le code « %(value)s » est déjà celui de la ligne %(other)s. Donnez à chaque matériel le sien."
)
MIN_OVER_MAX = N_(
    "La durée maximale est plus courte que la durée minimale. Corrigez l'une d'elles."
)
ITS_OWN_COMPANION = N_("Ce matériel est donné comme allant avec lui-même. Retirez « %(value)s ».")


class Measure(NamedTuple):
    value: Decimal | None
    unit: str | None


_UNSAID = Measure(None, None)


@dataclass(frozen=True, slots=True)
class ItemDraft:
    code: str
    name: str
    category: str | None = None
    site_name: str | None = None
    structure_name: str | None = None
    """Full or short name, as typed."""
    manager: str | None = None
    deputy: str | None = None
    """People by address or by name, as typed."""
    serial_number: str | None = None
    meter: Decimal | None = None
    meter_unit: str | None = None
    tariff: Decimal | None = None
    tariff_unit: str | None = None
    deposit: Decimal | None = None
    min_minutes: int | None = None
    max_minutes: int | None = None
    notice_minutes: int | None = None
    needs_approval: bool | None = None
    needs_agreement: bool | None = None
    qualifications: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    """Codes of the items of which one must be booked with this one."""
    check_done_on: dt.date | None = None
    check_months: int | None = None
    return_rule: str | None = None
    notes: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class ItemRow:
    number: int
    draft: ItemDraft | None
    """None when there is a problem."""
    problems: tuple[CellProblem, ...] = ()
    notes: tuple[CellProblem, ...] = ()
    unresolved_companions: tuple[str, ...] = ()
    """Codes that no good row of the file has: they may be in the database."""


def _tariff_unit(text: str) -> str:
    return _unit_named(fold(text))


def _unit_named(word: str) -> str:
    unit = TARIFF_UNITS.get(word) or TARIFF_UNITS.get(word.removesuffix("s"))
    if unit is None:
        raise BadCell(NO_TARIFF_UNIT)
    return unit


def _tariff(text: str) -> Measure:
    """ "18,00", "18 € / heure", "gratuit"."""
    number, separator, unit = text.rpartition("/")
    if separator and fold(unit):
        return Measure(amount(number), _unit_named(fold(unit)))
    bare = re.fullmatch(r"(.*\d)\s*(?:€\s*)?([^\W\d_]+)", text)
    if bare and fold(bare[2]) in TARIFF_UNITS:
        return Measure(amount(bare[1]), TARIFF_UNITS[fold(bare[2])])
    return Measure(amount(text), None)


def _meter(text: str) -> Measure:
    value, unit = measure(text, NO_METER)
    if unit not in METER_UNITS:
        raise BadCell(NO_METER)
    return Measure(value, METER_UNITS[unit])


def _places(text: str) -> int | None:
    """A number of places; anything else (12 m³) is another kind of capacity."""
    found = re.fullmatch(r"(\d{1,2})(?: ?places?)?", text.strip(), re.IGNORECASE)
    return int(found[1]) if found and 1 <= int(found[1]) <= MAX_UNITS else None


_WORDS = r"[;,|\n]"
_CODES = r"[;,|\n]|\s(?:ou|or)\s"

COLUMNS = (
    Column("code", ("Code", "Référence", "Réf.", "Repère", "Code matériel", "N° d'inventaire",
                    "Numéro d'inventaire", "Reference", "Item code"), line(40), required=True),
    Column("name", ("Désignation", "Nom", "Matériel", "Libellé", "Intitulé", "Nom du matériel",
                    "Name", "Item", "Equipment"), line(200), required=True),
    Column("category", ("Catégorie", "Type", "Famille", "Type de matériel", "Category", "Kind"),
           line(200)),
    Column("site_name", ("Lieu", "Site", "Emplacement", "Localisation", "Lieu de stockage",
                         "Location", "Place"), line(200)),
    Column("structure_name", ("Structure", "Propriétaire", "Structure propriétaire", "Association",
                              "Appartient à", "Owner", "Organisation"), line(200)),
    Column("manager", ("Responsable", "Personne en charge", "Personne responsable", "Référent",
                       "Référente", "Person in charge", "Manager"), line(200)),
    Column("deputy", ("Suppléance", "Suppléant", "Suppléante", "Remplaçant", "Remplaçante",
                      "Deputy"), line(200)),
    Column("serial_number", ("N° série", "N° de série", "No série", "Numéro de série", "Série",
                             "Serial number", "Serial no."), line(200)),
    Column("meter", ("Compteur (h)", "Compteur horaire (h)", "Horamètre (h)", "Heures (h)",
                     "Kilométrage (km)", "Meter (h)", "Hours (h)", "Mileage (km)"),
           _meter, units=METER_UNITS),
    Column("tariff", ("Tarif", "Prix", "Coût", "Tarif de location", "Rate", "Price"),
           _tariff, units=TARIFF_UNITS),
    Column("tariff_unit", ("Unité", "Unité de tarif", "Unité tarif", "Par", "Unit", "Rate unit"),
           _tariff_unit),
    Column("deposit", ("Caution", "Dépôt de garantie", "Deposit"), amount),
    Column("min_minutes", ("Durée mini", "Durée minimum", "Durée minimale", "Durée min",
                           "Minimum length", "Min duration"), duration, units=DURATION_UNITS),
    Column("max_minutes", ("Durée maxi", "Durée maximum", "Durée maximale", "Durée max",
                           "Maximum length", "Max duration"), duration, units=DURATION_UNITS),
    Column("notice_minutes", ("Délai (h)", "Préavis (h)", "Délai de réservation (h)",
                              "Délai de prévenance (h)", "Notice (h)"),
           delay, units=DURATION_UNITS),
    Column("needs_approval", ("Validation", "À valider", "Validation nécessaire", "Accord",
                              "Approval", "Needs approval"), yes_or_no),
    Column("needs_agreement", ("Convention", "Sous convention", "Convention exigée", "Agreement",
                               "Needs agreement"), yes_or_no),
    Column("qualifications", ("Formation exigée", "Formation", "Formations exigées", "Habilitation",
                              "Habilitations", "Training required", "Required training"),
           several(_WORDS, 200)),
    Column("companions", ("Va avec", "Attelé à", "Avec", "Tracteur", "Goes with", "Companions"),
           several(_CODES, 40)),
    Column("check_done_on", ("VGP le", "Dernière VGP", "Date VGP", "VGP", "Dernier contrôle",
                             "Last check", "Checked on"), day),
    Column("check_months", ("Périodicité VGP (mois)", "Périodicité (mois)", "Fréquence VGP (mois)",
                            "Check period (months)"), months, units=MONTH_UNITS),
    Column("return_rule", ("Carburant", "Retour", "Consigne de retour", "Fuel", "Return rule"),
           line(200)),
    Column("notes", ("Remarques", "Remarque", "Observations", "Commentaires", "Notes", "Remarks"),
           paragraph(4000)),
    Column("units", ("Unités", "Nombre d'unités", "Exemplaires", "Units"), whole(MAX_UNITS)),
    Column("places", ("Places", "Capacité", "Nombre de places", "Capacity"), _places),
)  # fmt: skip
KNOWN = known_titles(COLUMNS)


def read_items(sheet: Sheet) -> list[ItemRow]:
    """Every row of the sheet; raises SheetProblem when it lacks a column that we need."""
    entries = read_entries(sheet, COLUMNS)
    first = _first_rows(entries)
    rows = [_row(entry, first) for entry in entries]
    codes = {row.draft.code.lower(): row.draft.code for row in rows if row.draft}
    return [_with_companions(row, codes) for row in rows]


def _first_rows(entries: Collection[Entry]) -> dict[str, int]:
    """The first row of each code; codes differ by more than their case."""
    return {
        e.values["code"].lower(): e.number for e in reversed(list(entries)) if "code" in e.values
    }


def _row(entry: Entry, first: Mapping[str, int]) -> ItemRow:
    problems = (*entry.problems, *_contradictions(entry, first))
    draft = None if problems else _draft(entry.values)
    return ItemRow(entry.number, draft, problems, entry.notes)


def _contradictions(entry: Entry, first: Mapping[str, int]) -> list[CellProblem]:
    found = (
        _repeated_code(entry, first),
        _min_over_max(entry),
        _unclear_tariff(entry),
        _own_companion(entry),
    )
    return [problem for problem in found if problem]


def _repeated_code(entry: Entry, first: Mapping[str, int]) -> CellProblem | None:
    code = entry.values.get("code")
    other = first[code.lower()] if code else entry.number
    if other == entry.number:
        return None
    return entry.problem("code", REPEATED_CODE, value=code, other=other)


def _min_over_max(entry: Entry) -> CellProblem | None:
    shortest, longest = (entry.values.get(name) for name in ("min_minutes", "max_minutes"))
    if shortest is None or longest is None or shortest <= longest:
        return None
    return entry.problem("max_minutes", MIN_OVER_MAX)


def _unclear_tariff(entry: Entry) -> CellProblem | None:
    tariff: Measure | None = entry.values.get("tariff")
    column: str | None = entry.values.get("tariff_unit")
    if tariff is None:
        return None
    if tariff.unit and column and tariff.unit != column:
        return entry.problem("tariff", TWO_TARIFF_UNITS)
    is_unclear = tariff.value and not tariff.unit and not column
    # A unit that could not be read has its own message.
    has_said = any(p.column == entry.titles.get("tariff_unit") for p in entry.problems)
    return entry.problem("tariff", TARIFF_UNIT_MISSING) if is_unclear and not has_said else None


def _own_companion(entry: Entry) -> CellProblem | None:
    code = entry.values.get("code", "").lower()
    if code not in {companion.lower() for companion in entry.values.get("companions", ())}:
        return None
    return entry.problem("companions", ITS_OWN_COMPANION, value=entry.values["code"])


def _draft(values: Mapping[str, Any]) -> ItemDraft:
    meter: Measure = values.get("meter", _UNSAID)
    tariff: Measure = values.get("tariff", _UNSAID)
    tariff_unit = tariff.unit or values.get("tariff_unit")
    own: dict[str, Any] = {
        "meter": meter.value,
        "meter_unit": meter.unit,
        "tariff": tariff.value,
        "tariff_unit": None if tariff.value is None else tariff_unit,
        "capacity": _capacity(values),
    }
    plain = {name: value for name, value in values.items() if name not in {"units", "places"}}
    return ItemDraft(**(plain | own))


def _capacity(values: Mapping[str, Any]) -> int | None:
    if "units" in values or not _is_storage(values.get("category", "")):
        return values.get("units")
    named = re.search(r"\((\d{1,2} places?)\)", values["name"])
    return values.get("places") or (_places(named[1]) if named else None)


def _is_storage(category: str) -> bool:
    return bool({"stockage", "storage", "froid"} & set(fold(category).split()))


def _with_companions(row: ItemRow, codes: Mapping[str, str]) -> ItemRow:
    """Companions spelled as the file spells their own row, and those it does not have."""
    if row.draft is None:
        return row
    companions = tuple(codes.get(code.lower(), code) for code in row.draft.companions)
    unresolved = tuple(code for code in companions if code.lower() not in codes)
    draft = replace(row.draft, companions=companions)
    return replace(row, draft=draft, unresolved_companions=unresolved)
