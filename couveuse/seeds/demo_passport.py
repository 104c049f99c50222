"""What happened to the land of the demonstration, and the condition reports.

A crop is kept when somebody held the plot on its first day; what lies ahead is left out.
"""

from typing import Any, NamedTuple

from couveuse.occupancy.models import ReportKind
from couveuse.plots.models import LandEventKind

Day = tuple[int, int, int]
"""Season, month and day, as the almanac counts them."""


class CropFacts(NamedTuple):
    plot: str
    crop: str
    first: Day
    last: Day
    kg: int | None = None


CROPS = (
    CropFacts("LC-1", "Pommes de terre", (-4, 4, 10), (-4, 9, 15), 2100),
    CropFacts("LC-1", "Poireaux", (-4, 6, 20), (-3, 2, 28), 900),
    CropFacts("LC-1", "Carottes", (-3, 5, 2), (-3, 10, 20), 1400),
    CropFacts("LC-1", "Choux", (-2, 4, 15), (-2, 6, 28), 500),
    CropFacts("LC-1", "Tomates", (-1, 5, 5), (-1, 10, 5), 1900),
    CropFacts("LC-1", "Mâche", (-1, 9, 10), (0, 2, 20), 120),
    CropFacts("LC-1", "Épinards", (0, 2, 20), (0, 5, 25), 260),
    CropFacts("LC-2", "Oignons", (-4, 3, 20), (-4, 8, 20), 1300),
    CropFacts("LC-2", "Tomates", (-4, 5, 5), (-4, 10, 10), 2400),
    CropFacts("LC-2", "Courges", (-3, 5, 15), (-3, 10, 5), 1800),
    CropFacts("LC-2", "Haricots", (-2, 5, 20), (-2, 8, 20), 310),
    CropFacts("LC-2", "Laitues", (-1, 3, 20), (-1, 6, 30), 450),
    CropFacts("LC-2", "Carottes", (-1, 5, 10), (-1, 10, 25), 1250),
    CropFacts("LC-2", "Ail", (0, 11, 5), (0, 7, 5)),
    CropFacts("LC-2", "Mâche", (0, 11, 8), (0, 2, 15)),
    CropFacts("LC-2", "Tomates", (0, 5, 5), (0, 10, 10)),
    CropFacts("LC-3", "Choux", (-4, 5, 10), (-3, 1, 15), 1600),
    CropFacts("LC-3", "Betteraves", (-3, 4, 20), (-3, 9, 30), 1100),
    CropFacts("LC-3", "Fraisiers", (-1, 3, 15), (-1, 7, 15), 240),
    CropFacts("LC-3", "Courgettes", (-1, 5, 15), (-1, 9, 30), 1700),
    CropFacts("LC-3", "Poireaux", (-1, 7, 1), (0, 3, 15), 980),
    CropFacts("LC-3", "Fèves", (0, 11, 10), (0, 6, 10)),
    CropFacts("LC-4", "Pommes de terre", (-3, 4, 12), (-3, 9, 10), 1850),
    CropFacts("LC-4", "Oignons", (-2, 3, 20), (-2, 8, 15), 1150),
    CropFacts("LC-4", "Concombres", (-2, 5, 10), (-2, 9, 20), 900),
    CropFacts("LC-4", "Carottes", (-1, 4, 10), (-1, 6, 25), 340),
    CropFacts("LC-5", "Pois", (-3, 3, 25), (-3, 6, 30), 30),
    CropFacts("LC-5", "Courges", (-2, 5, 15), (-2, 10, 10), 140),
    CropFacts("LC-5", "Tomates", (-1, 5, 15), (-1, 10, 1), 90),
    CropFacts("NV", "Seigle", (-3, 12, 5), (-3, 7, 20), 2600),
    CropFacts("NV-1", "Pommes de terre", (-2, 4, 15), (-2, 9, 20), 2300),
    CropFacts("NV-1", "Choux", (-2, 7, 1), (-1, 2, 20), 1200),
    CropFacts("NV-1", "Ail", (0, 11, 10), (0, 7, 1)),
    CropFacts("NV-1", "Panais", (0, 4, 10), (0, 10, 25)),
    CropFacts("NV-2", "Sarrasin", (-2, 6, 1), (-2, 9, 25), 900),
    CropFacts("NV-2", "Oignons", (-1, 3, 25), (-1, 8, 25), 1500),
    CropFacts("NV-2", "Courges", (-1, 5, 20), (-1, 10, 10), 2900),
    CropFacts("NV-2", "Féverole", (0, 11, 12), (0, 6, 20)),
    CropFacts("IS-T", "Lentilles", (-2, 3, 15), (-2, 7, 25), 310),
    CropFacts("IS-T", "Fenouil", (-1, 4, 10), (-1, 8, 1), 280),
    CropFacts("IS-T", "Haricots", (-1, 5, 20), (-1, 9, 10), 190),
)


class EventFacts(NamedTuple):
    plot: str
    kind: LandEventKind
    first: Day
    title: str
    details: str | None = None
    last: Day | None = None
    crop: str | None = None
    """Of a green manure."""
    quantity: tuple[int, str] | None = None
    is_personal: bool = False


SOIL, INPUT, COVER = LandEventKind.SOIL_TEST, LandEventKind.INPUT, LandEventKind.COVER
INCIDENT, WORK, SEEN = LandEventKind.INCIDENT, LandEventKind.WORKS, LandEventKind.OBSERVATION
COMPOST, LAB = "Compost de déchets verts", "Laboratoire départemental, 0–25 cm."

EVENTS = (
    EventFacts("LC-1", SOIL, (-4, 11, 20), "Analyse de sol : pH 6,7, MO 2,4 %", LAB),
    EventFacts("LC-1", SOIL, (-2, 7, 10), "Analyse de sol : pH 6,8, MO 2,7 %", LAB),
    EventFacts("LC-1", INPUT, (-3, 3, 10), COMPOST, "Plateforme de Châteauroux, utilisable en bio.",
               quantity=(12, "t")),
    EventFacts("LC-1", COVER, (-2, 7, 8), "Sarrasin semé à 40 kg/ha", None, (-2, 9, 28),
               "Sarrasin"),
    EventFacts("LC-1", INCIDENT, (-1, 8, 18), "Mildiou sur tomates, tunnel 1",
               "Feuilles du bas retirées, aération du matin. Pas de solanacées ici avant 5 ans."),
    EventFacts("LC-2", SOIL, (-4, 1, 20), "Analyse de sol : pH 6,8, MO 2,2 %", LAB),
    EventFacts("LC-2", SOIL, (-1, 11, 4), "Analyse de sol : pH 6,9, MO 2,6 %", LAB),
    EventFacts("LC-2", INPUT, (-1, 3, 5), "Fumier de brebis composté",
               "Ferme voisine en bio, bon de livraison au classeur.", quantity=(8, "t")),
    EventFacts("LC-2", COVER, (-2, 9, 5), "Phacélie semée à 12 kg/ha", None, (-2, 10, 28),
               "Phacélie"),
    EventFacts("LC-2", INCIDENT, (-4, 7, 12), "Grêle : un tiers des tomates de plein champ"),
    EventFacts("LC-2", SEEN, (-1, 6, 2), "Limaces après les pluies, planches 1 à 12",
               "Passage du hérisson, pièges à bière."),
    EventFacts("LC-2", SEEN, (-1, 9, 1), "À revoir avec Marc avant l'hiver",
               "Mes notes pour le bilan.", is_personal=True),
    EventFacts("LC-3", SOIL, (-3, 12, 2), "Analyse de sol : pH 6,6, MO 2,1 %", LAB),
    EventFacts("LC-3", WORK, (-2, 2, 5), "Réseau d'irrigation refait, quatre secteurs", None,
               (-2, 2, 25)),
    EventFacts("LC-3", COVER, (-2, 3, 15), "Vesce et avoine", None, (-2, 10, 15), "Vesce"),
    EventFacts("LC-3", INPUT, (-1, 4, 2), COMPOST, "Bon n° 118.", quantity=(10, "t")),
    EventFacts("LC-3", INCIDENT, (-3, 6, 20), "Altises sur choux",
               "Filets posés trop tard ; les prévoir dès la plantation."),
    EventFacts("LC-4", SOIL, (-3, 11, 18), "Analyse de sol : pH 6,8, MO 2,3 %", LAB),
    EventFacts("LC-4", INCIDENT, (-3, 6, 5), "Liseron, angle est",
               "Bâché six mois, en recul. Ne pas passer la fraise rotative."),
    EventFacts("LC-4", INPUT, (-2, 3, 1), COMPOST, None, quantity=(9, "t")),
    EventFacts("LC-4", WORK, (-1, 7, 20), "Portail et clôture est refaits"),
    EventFacts("LC-5", SOIL, (-3, 2, 10), "Analyse de sol avec les collégiens : pH 7,0"),
    EventFacts("LC-5", INPUT, (-1, 3, 12), "Compost du composteur", None, quantity=(1, "m³")),
    EventFacts("NV", SOIL, (-3, 12, 1), "Analyse de sol : pH 5,7, MO 1,8 %",
               LAB + " Chaulage conseillé."),
    EventFacts("NV-1", INPUT, (-1, 4, 10), "Chaux magnésienne", "Utilisable en bio.",
               quantity=(2, "t")),
    EventFacts("NV-1", COVER, (-1, 4, 20), "Trèfle et avoine", None, (-1, 9, 25), "Trèfle"),
    EventFacts("NV-1", SOIL, (-1, 9, 28), "Analyse de sol : pH 6,1, MO 2,0 %", LAB),
    EventFacts("NV-2", SOIL, (-2, 11, 20), "Analyse de sol : pH 5,9, MO 1,9 %", LAB),
    EventFacts("NV-2", INCIDENT, (-1, 4, 28), "Gel à −3 °C, deux tiers des courges à ressemer"),
    EventFacts("NV-2", INPUT, (-1, 3, 8), "Fumier de bovins composté", None, quantity=(15, "t")),
    EventFacts("IS-T", SOIL, (-2, 2, 1), "Analyse de sol : pH 7,8, calcaire actif 9 %", LAB),
    EventFacts("IS-T", SEEN, (-1, 2, 15), "Puits : 1,8 m³/h mesurés en février"),
)  # fmt: skip


def points(**said: str) -> list[dict[str, str]]:
    """Each point with its state, and a remark after a colon."""
    return [
        {"point": key, "state": text.partition(":")[0], "remark": text.partition(":")[2]}
        for key, text in said.items()
    ]


class ReportFacts(NamedTuple):
    plot: str
    person: str
    kind: ReportKind
    columns: dict[str, Any]


REPORTS = (
    ReportFacts("LC-2", "Léa", ReportKind.ENTRY, {
        "points": points(
            access="good", fence="good", soil="good:phacélie broyée", crops="none",
            water="good", irrigation="fair:deux goutteurs à changer", tunnel="good",
            plastic="fair:bâche de 6 ans, une reprise au nord", waste="good", hedges="good",
        ),
        "water_meter": 1842, "power_meter": 5310, "keys": "portail, local de forage",
        "remarks": "Visite faite ensemble avec Marc.",
    }),
    ReportFacts("LC-4", "Zoé", ReportKind.ENTRY, {
        "points": points(
            access="good", fence="good", soil="fair:liseron dans l'angle est", crops="none",
            water="good", irrigation="good", tunnel="good", plastic="good", waste="good",
        ),
        "water_meter": 604, "power_meter": 2215, "keys": "portail",
        "remarks": None,
    }),
    ReportFacts("LC-4", "Zoé", ReportKind.EXIT, {
        "points": points(
            access="good", fence="poor:clôture est couchée sur 20 m", soil="good:liseron en recul",
            crops="fair:un rang de poireaux laissé à Marc", water="good",
            irrigation="fair:une vanne fuit", tunnel="good",
            plastic="fair:accroc de 30 cm, côté sud", waste="good",
        ),
        "water_meter": 1417, "power_meter": 2986, "keys": "portail rendu",
        "remarks": "Rien à retenir ; la clôture est d'usure normale.",
    }),
)  # fmt: skip
