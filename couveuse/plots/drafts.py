"""Plots as a map file lists them: each object becomes a draft, or says what is wrong in it. Pure.

A property that is missing or empty says nothing. Names of properties are read without case, accents
nor punctuation; those that mean nothing to us are told.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from couveuse.core.cells import BadCell, amount, day, line
from couveuse.core.columns import CellProblem
from couveuse.core.geo import Feature, GeoProblem, Outline
from couveuse.core.geo.cadastre import BadReference, normal_reference
from couveuse.core.geo.communes import is_commune
from couveuse.core.i18n import N_, gettext, translated
from couveuse.core.sheets import fold, shorten
from couveuse.structures.models import FREE_LOAN

PLACE = N_("objet %(row)s, « %(column)s » : %(sentence)s")
GEOMETRY = N_("contour")
NO_CODE = N_("il manque le code de la parcelle. Ajoutez une propriété « code », par exemple LC-1.")
NO_SITE = N_("on ne sait pas où est cette parcelle. Ajoutez une propriété « lieu ».")
NOT_AN_AREA = N_("« %(value)s » n'est pas une surface. Écrivez un nombre de m², par exemple 1250.")
NOT_A_COMMUNE = N_(
    "« %(value)s » n'est le code INSEE d'aucune commune. Ce n'est pas le code postal."
)
NOT_A_RIGHT = N_(
    "« %(value)s » n'est pas repris : la forme du droit n'est pas reconnue. "
    "Notez ce droit dans la fiche de la structure."
)
RIGHT_AS = N_("« %(value)s » est lu comme une convention d'occupation précaire. Vérifiez-le.")
RIGHT_DATES = N_("« %(value)s » : la fin vient avant le début. Corrigez les dates.")
OTHER_COMMUNE = N_("la commune de « %(value)s » n'est pas celle du code INSEE %(insee)s.")
REPEATED = N_(
    "« %(value)s » est déjà le code de l'objet %(other)s. Donnez à chaque parcelle le sien."
)
GAP = N_("le contour fait %(area)s m² et la surface déclarée %(declared)s m².")
GAP_SHARE = Decimal("0.05")

RIGHT_FORMS: Sequence[tuple[str, str]] = (
    ("bail rural environnemental", "environmental_lease"),
    ("clauses environnementales", "environmental_lease"),
    ("bail", "rural_lease"),
    ("pret a usage", FREE_LOAN),
    ("commodat", FREE_LOAN),
    ("safer", "safer"),
    ("domaine public", "public_domain"),
    ("domaine prive", "public_private_domain"),
    ("petite parcelle", "small_plot"),
    ("contrat d appui", "support_contract"),
    ("cape", "support_contract"),
    ("propriete", "owned"),
    ("proprietaire", "owned"),
    ("precaire", "precarious"),
    ("convention", "precarious"),
)
_DATE = r"(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})"
_SPAN = re.compile(rf"{_DATE}\s*(?:/|au|à|-|–|→)\s*{_DATE}")
_UNTIL = re.compile(rf"jusqu['’ ]?\s*au\s*{_DATE}", re.IGNORECASE)
_SINCE = re.compile(rf"(?:depuis|à partir du|dès)\s*(?:le\s*)?{_DATE}", re.IGNORECASE)


class ObjectProblem(CellProblem):
    """What is wrong in one object of the file, and under which property."""

    def __str__(self) -> str:
        sentence = translated(self.message, self.values)
        values = {"row": self.row, "column": gettext(self.column), "sentence": sentence}
        return translated(PLACE, values)


class RightDraft(NamedTuple):
    """A right on land as a file says it: « prêt à usage, commune, jusqu'au 2031-12-31 »."""

    form: str
    owner: str | None = None
    start: dt.date | None = None
    last_day: dt.date | None = None


DRY = {"", "0", "false", "neant", "no", "non", "rien"}
DRY_STARTS = ("aucun", "pas d", "sans ")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotDraft:
    code: str
    site_name: str
    outline: Outline
    name: str | None = None
    structure_name: str | None = None
    insee_code: str | None = None
    parcels: tuple[str, ...] | None = None
    declared_m2: Decimal | None = None
    covered_m2: Decimal | None = None
    cultivable_m2: Decimal | None = None
    water: str | None = None
    soil: str | None = None
    conversion_on: dt.date | None = None
    certifier: str | None = None
    notes: str | None = None
    starts_on: dt.date | None = None
    right: RightDraft | None = None

    @property
    def has_water(self) -> bool | None:
        """Whether there is any, by what is said of it; None when nothing is."""
        said = None if self.water is None else fold(self.water)
        return None if said is None else not (said in DRY or said.startswith(DRY_STARTS))

    @property
    def first_day(self) -> dt.date | None:
        """The earliest day that the file knows of."""
        known = (self.starts_on, self.right.start if self.right else None, self.conversion_on)
        return self.starts_on or min((one for one in known if one), default=None)


@dataclass(frozen=True, slots=True)
class PlotObject:
    """One object of the file as it was read."""

    number: int
    title: str
    draft: PlotDraft | None
    """None when there is a problem."""
    problems: tuple[CellProblem, ...] = ()
    notes: tuple[CellProblem, ...] = ()
    unknown: tuple[str, ...] = ()
    """Properties that mean nothing to us."""


# ---------------------------------------------------------------- one property


def _area(value: Any) -> Decimal:
    text = str(value)
    found = re.fullmatch(r"(.*?)\s*(m²|m2|ha)?", text.strip(), re.IGNORECASE)
    try:
        number = amount(found[1]) if found else Decimal(-1)
    except BadCell:
        raise BadCell(NOT_AN_AREA) from None
    if found and (found[2] or "").lower() == "ha":
        number *= 10_000
    return number.quantize(Decimal("0.1"))


def _hectares(value: Any) -> Decimal:
    return _area(value if isinstance(value, str) and "ha" in value else f"{value} ha")


def _some_area(value: Any) -> Decimal:
    area = _area(value)
    if not area:
        raise BadCell(NOT_AN_AREA)
    return area


def _text(limit: int) -> Callable[[Any], str]:
    parse = line(limit)
    return lambda value: str(parse(_told(value)))


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def _day(value: Any) -> dt.date:
    found = day(_told(value))
    assert isinstance(found, dt.date)  # noqa: S101, what the parser promises
    return found


def _commune(value: Any) -> str:
    code = re.sub(r"\s", "", _told(value)).upper().zfill(5)
    if not is_commune(code):
        raise BadCell(NOT_A_COMMUNE)
    return code


def _raw(value: Any) -> Any:
    return value


class Property(NamedTuple):
    field: str
    names: tuple[str, ...]
    parse: Callable[[Any], Any]


PROPERTIES = (
    Property("code", ("code", "référence", "ref", "repère", "numéro"), _text(40)),
    Property("name", ("nom", "name", "libellé", "parcelle", "titre", "title"), _text(200)),
    Property("site_name", ("lieu", "site", "lieu-test", "ferme", "place"), _text(200)),
    Property("structure_name", ("structure", "association", "organisme"), _text(200)),
    Property("insee_code", ("insee", "code insee", "insee code", "code commune"), _commune),
    Property("parcels", ("cadastre", "parcelles cadastrales", "références cadastrales",
                         "référence cadastrale"), _raw),
    Property("declared_m2", ("surface m2", "surface", "area m2", "superficie",
                             "superficie m2"), _some_area),
    Property("declared_m2", ("surface ha", "superficie ha", "hectares"), _hectares),
    Property("covered_m2", ("sous abri m2", "sous abri", "surface couverte", "covered m2"), _area),
    Property("cultivable_m2", ("surface cultivable", "cultivable m2", "cultivable"), _area),
    Property("water", ("eau", "water", "irrigation"), _text(200)),
    Property("soil", ("sol", "soil", "terre"), _text(200)),
    Property("conversion_on", ("conversion bio depuis", "conversion bio", "conversion",
                               "bio depuis"), _day),
    Property("certifier", ("organisme certificateur", "certificateur", "certifier"), _text(200)),
    Property("notes", ("notes", "remarques", "description", "commentaire"), _text(2000)),
    Property("starts_on", ("en service depuis", "service depuis", "depuis"), _day),
    Property("right", ("droit sur la terre", "droit", "titre d'occupation", "tenure"), _raw),
)  # fmt: skip
_KNOWN = {fold(name): one for one in reversed(PROPERTIES) for name in one.names}


# ---------------------------------------------------------------- one object


@dataclass(slots=True)
class _Reader:
    """Reads one object and collects what is wrong in it."""

    number: int
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    names: dict[str, str] = field(default_factory=dict[str, str])
    problems: list[CellProblem] = field(default_factory=list[CellProblem])
    notes: list[CellProblem] = field(default_factory=list[CellProblem])
    unknown: list[str] = field(default_factory=list[str])

    def read(self, properties: Mapping[str, Any]) -> None:
        for name, value in properties.items():
            known = _KNOWN.get(fold(name))
            if known is None:
                self.unknown.append(name)
            elif value not in (None, "", []) and known.field not in self.values:
                self.names[known.field] = name
                self._parse(known, value)
        if self.values.get("name") == self.values.get("code"):
            self.values.pop("name", None)
        self._read_parcels()
        self._read_right()

    def _parse(self, known: Property, value: Any) -> None:
        try:
            self.values[known.field] = known.parse(value)
        except BadCell as bad:
            self.wrong(known.field, bad.message, **{"value": shorten(_told(value)), **bad.values})

    def _read_parcels(self) -> None:
        """A list, or one text with commas between."""
        told = self.values.pop("parcels", None)
        if told is None:
            return
        texts = told if isinstance(told, list) else re.split(r"[;,|\n]", str(told))
        commune = self.values.get("insee_code")
        found: list[str] = []
        for text in (one for one in texts if str(one).strip()):
            try:
                found.append(normal_reference(str(text), commune))
            except BadReference as bad:
                self.wrong("parcels", bad.message, **bad.values)
        self.values["parcels"] = tuple(sorted(set(found)))
        for reference in found:
            if commune and not reference.startswith(commune):
                self.note("parcels", OTHER_COMMUNE, value=reference, insee=commune)

    def _read_right(self) -> None:
        told = self.values.pop("right", None)
        if not isinstance(told, str):
            return
        words = fold(told)
        known = next((pair for pair in RIGHT_FORMS if pair[0] in words), None)
        if known is None:
            self.note("right", NOT_A_RIGHT, value=shorten(told))
            return
        if known[0] == "convention":
            self.note("right", RIGHT_AS, value=shorten(told))
        try:
            self.values["right"] = read_right(told, known[1])
        except BadCell as bad:
            self.wrong("right", bad.message, **{"value": shorten(told), **bad.values})

    def wrong(self, name: str, message: str, **values: Any) -> None:
        self.problems.append(ObjectProblem(self.number, self._named(name), message, values))

    def note(self, name: str, message: str, **values: Any) -> None:
        self.notes.append(ObjectProblem(self.number, self._named(name), message, values))

    def geometry(self, problems: Sequence[GeoProblem], into: list[CellProblem]) -> None:
        into += [ObjectProblem(self.number, GEOMETRY, one.message, one.values) for one in problems]

    def _named(self, name: str) -> str:
        return self.names.get(name, name)


def read_right(told: str, form: str) -> RightDraft:
    """Form, owner and dates of a right. Raises BadCell for dates that cannot be."""
    start = last = None
    if span := _SPAN.search(told):
        start, last = _day(span[1]), _day(span[2])
    if until := _UNTIL.search(told):
        last = _day(until[1])
    if since := _SINCE.search(told):
        start = _day(since[1])
    if start and last and last < start:
        raise BadCell(RIGHT_DATES)
    words = [one.strip() for one in told.split(",")[1:]]
    owner = next((one for one in words if one and not re.search(r"\d|jusqu", one)), None)
    return RightDraft(form, owner, start, last)


def read_objects(features: Sequence[Feature]) -> list[PlotObject]:
    """Every object of the file, in its order."""
    read = [_read(feature) for feature in features]
    first: dict[str, int] = {}
    for reader in read:
        code = reader.values.get("code")
        if code and (other := first.setdefault(code.lower(), reader.number)) != reader.number:
            reader.wrong("code", REPEATED, value=code, other=other)
    return [_object(reader, feature) for reader, feature in zip(read, features, strict=True)]


def _read(feature: Feature) -> _Reader:
    reader = _Reader(feature.number)
    reader.read(feature.properties)
    if "code" not in reader.values and "code" not in reader.names:
        reader.wrong("code", NO_CODE)
    if "site_name" not in reader.values and "site_name" not in reader.names:
        reader.wrong("lieu", NO_SITE)
    reader.geometry(feature.checked.problems, reader.problems)
    reader.geometry(feature.checked.notes, reader.notes)
    return reader


def _object(reader: _Reader, feature: Feature) -> PlotObject:
    outline = feature.checked.outline
    good = outline is not None and not reader.problems
    return PlotObject(
        number=reader.number,
        title=reader.values.get("code") or feature.name or "",
        draft=PlotDraft(outline=outline, **reader.values) if outline and good else None,
        problems=tuple(reader.problems),
        notes=tuple(reader.notes),
        unknown=tuple(reader.unknown),
    )
