"""Botanical families: which crop is of which, and how long the land should wait for it. Pure.

The waits are advice, not law, in years between the end of one crop and the next of its family. They
come from: *La rotation en maraîchage*, fiche technique 16 of the GAB/FRAB network (families);
*Cultiver la carotte de plein champ en agriculture biologique* (six years between two umbels); the
usual figures of the French organic networks otherwise: three to four years for most families, four
to five for cabbages and nightshades, up to seven for the onion family.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from couveuse.core.i18n import N_
from couveuse.core.sheets import fold

LONGEST_WAIT = 7


class Family(NamedTuple):
    label: str
    """A marked French sentence."""
    wait: int
    at_most: int
    """Years, where disease was seen or the soil is heavy."""
    crops: tuple[str, ...]


FAMILIES: dict[str, Family] = {
    "alliaceae": Family(
        N_("Alliacées (oignon, ail, poireau)"), 5, 7,
        ("ail", "oignon", "poireau", "échalote", "ciboulette", "ciboule", "asperge"),
    ),
    "apiaceae": Family(
        N_("Apiacées, ombellifères (carotte, céleri, persil)"), 6, 6,
        ("carotte", "céleri", "céleri-rave", "persil", "panais", "fenouil", "coriandre", "aneth",
         "cerfeuil"),
    ),
    "brassicaceae": Family(
        N_("Brassicacées, crucifères (chou, navet, radis)"), 4, 5,
        ("chou", "choux", "brocoli", "chou-fleur", "chou-rave", "navet", "radis", "roquette",
         "moutarde", "rutabaga", "cresson", "colza", "mizuna", "pak choï"),
    ),
    "solanaceae": Family(
        N_("Solanacées (tomate, pomme de terre, aubergine)"), 4, 5,
        ("tomate", "pomme de terre", "aubergine", "poivron", "piment", "physalis"),
    ),
    "cucurbitaceae": Family(
        N_("Cucurbitacées (courge, concombre, melon)"), 3, 4,
        ("courge", "courgette", "concombre", "melon", "pastèque", "potiron", "potimarron",
         "butternut", "cornichon", "pâtisson"),
    ),
    "fabaceae": Family(
        N_("Fabacées, légumineuses (haricot, pois, fève)"), 3, 6,
        ("haricot", "pois", "fève", "féverole", "lentille", "soja", "trèfle", "luzerne", "vesce",
         "lupin", "sainfoin"),
    ),
    "amaranthaceae": Family(
        N_("Chénopodiacées (betterave, épinard, blette)"), 3, 4,
        ("betterave", "épinard", "blette", "bette", "poirée", "arroche", "quinoa", "amarante"),
    ),
    "asteraceae": Family(
        N_("Astéracées, composées (laitue, chicorée, artichaut)"), 3, 4,
        ("laitue", "salade", "chicorée", "endive", "scarole", "frisée", "batavia", "artichaut",
         "cardon", "topinambour", "salsifis", "scorsonère", "tournesol"),
    ),
    "poaceae": Family(
        N_("Poacées, graminées (maïs, céréales, ray-grass)"), 2, 3,
        ("maïs", "blé", "orge", "avoine", "seigle", "triticale", "sorgho", "ray-grass", "millet"),
    ),
    "lamiaceae": Family(
        N_("Lamiacées (basilic, menthe, thym)"), 3, 4,
        ("basilic", "menthe", "thym", "sauge", "romarin", "origan", "crosne", "mélisse"),
    ),
    "rosaceae": Family(N_("Rosacées (fraise, framboise)"), 4, 6,
                       ("fraise", "fraisier", "framboise", "framboisier")),
    "caprifoliaceae": Family(N_("Valérianacées (mâche)"), 2, 3, ("mâche", "valériane")),
    "boraginaceae": Family(N_("Boraginacées (phacélie, bourrache)"), 1, 2,
                           ("phacélie", "bourrache", "consoude")),
    "polygonaceae": Family(N_("Polygonacées (sarrasin, rhubarbe)"), 2, 3,
                           ("sarrasin", "rhubarbe", "oseille")),
    "convolvulaceae": Family(N_("Convolvulacées (patate douce)"), 3, 4, ("patate douce",)),
    "other": Family(N_("Autre famille"), 3, 4, ()),
}  # fmt: skip

LONGEST_NAME = 3
"""Words, as in "pomme de terre"."""


def _words(crop: str) -> list[str]:
    return [word.removesuffix("s").removesuffix("x") for word in fold(crop).split()]


_FAMILY_OF = {
    " ".join(_words(crop)): code for code, family in FAMILIES.items() for crop in family.crops
}


def family_of(crop: str | None) -> str | None:
    """The family of a crop as people name it ("Carottes de Colmar"); None when not known."""
    words = _words(crop or "")
    for size in range(LONGEST_NAME, 0, -1):
        for start in range(len(words) - size + 1):
            if found := _FAMILY_OF.get(" ".join(words[start : start + size])):
                return found
    return None


class Grown(NamedTuple):
    """A crop that the land carried, and until when."""

    family: str
    crop: str
    until: dt.date
    since: dt.date | None = None
    """None when it is known by one day only."""
    plot: str | None = None
    """The plot it was noted on, when that one has become another since."""
    has_end: bool = True
    """Whether its last day was written down; if not, ``until`` is its first."""

    @property
    def began(self) -> dt.date:
        return self.since or self.until


@dataclass(frozen=True, slots=True)
class Advice:
    family: Family
    crop: str
    until: dt.date
    """The last day of the latest crop of this family."""
    has_end: bool
    """Whether that day was written down; if not, it is the earliest it can be."""
    ready_on: dt.date
    best_on: dt.date

    def is_ready(self, day: dt.date) -> bool:
        return day >= self.ready_on


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family on a piece of ground: its crops year by year, and when it may come back."""

    family: Family
    crops: Mapping[int, Sequence[str]]
    advice: Advice | None


@dataclass(frozen=True, slots=True)
class Rotation:
    """The families that the ground carried, those to wait for longest first."""

    years: Sequence[int]
    rows: Sequence[FamilyRow]
    plots: Sequence[str]
    """Plots of before a split or a merge that some of it was noted on."""


def rotation_of(grown: Iterable[Grown], day: dt.date) -> Rotation:
    """As far back as the longest wait; years before the first crop noted are left out."""
    oldest = day.year - LONGEST_WAIT
    shown = sorted((one for one in grown if one.until.year >= oldest), key=lambda one: one.began)
    crops: dict[Family, dict[int, list[str]]] = {}
    for one in shown:
        by_year = crops.setdefault(_family(one), {})
        for year in range(one.began.year, one.until.year + 1):
            by_year.setdefault(year, []).append(one.crop)
    advised = {one.family: one for one in advice(shown, day)}
    first = max(oldest, shown[0].began.year) if shown else day.year
    return Rotation(
        years=range(first, day.year + 1),
        rows=[
            FamilyRow(family, crops[family], advised.get(family))
            for family in dict.fromkeys([*advised, *crops])
        ],
        plots=sorted({one.plot for one in shown if one.plot}),
    )


def advice(grown: Iterable[Grown], day: dt.date) -> list[Advice]:
    """For each family grown in the last seven years, when it may come back; the longest first."""
    latest: dict[Family, Grown] = {}
    for one in grown:
        known = latest.get(_family(one))
        if known is None or known.until < one.until:
            latest[_family(one)] = one
    oldest = day - relativedelta(years=LONGEST_WAIT)
    found = [_advice(one) for one in latest.values() if one.until > oldest]
    return sorted(found, key=lambda one: (one.ready_on, one.family.label), reverse=True)


def _family(grown: Grown) -> Family:
    return FAMILIES.get(grown.family, FAMILIES["other"])


def _advice(one: Grown) -> Advice:
    family = _family(one)
    return Advice(
        family,
        one.crop,
        one.until,
        one.has_end,
        one.until + relativedelta(years=family.wait),
        one.until + relativedelta(years=family.at_most),
    )
