"""The land of the demonstration: who does what, rights, and the plots with their outlines.

Outlines, areas and cadastral references are made up; they lie in fields of the real communes.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from couveuse.seeds.demo_people import (
    ADEARI,
    CHATEAUROUX,
    CHATRE,
    CIVAM,
    COOP,
    CRESOL,
    ISSOUDUN,
    MRJC,
    NEUVY,
    PLES,
    RIRE,
)
from couveuse.structures.models import FREE_LOAN, Function

INCUBATION, MEANS = Function.INCUBATION, Function.MEANS
SUPPORT, COORDINATION = Function.SUPPORT, Function.COORDINATION

FUNCTIONS: tuple[tuple[str, Function, str | None], ...] = (
    (CIVAM, SUPPORT, None),
    (CIVAM, COORDINATION, None),
    (CIVAM, MEANS, CHATRE),
    (PLES, INCUBATION, None),
    (PLES, SUPPORT, None),
    (ADEARI, SUPPORT, None),
    (ADEARI, MEANS, NEUVY),
    (MRJC, SUPPORT, None),
    (RIRE, SUPPORT, None),
    (CRESOL, COORDINATION, None),
    (COOP, INCUBATION, None),
)
"""Held since the structure joined; those of one site since its plots are in service. Nobody lends
means in Châteauroux: the matrix shows the gap."""

LOAN, GARDEN, LEASE, HOST = "loan", "garden", "lease", "host"
MEADOW, ORCHARD = "meadow", "orchard"


class RightFacts(NamedTuple):
    key: str
    structure: str
    site: str
    form: str
    owner_name: str
    owner_contact: str
    conditions: str
    yearly_fee: int | None = None
    renewal_years: int = 0
    """By how much it is renewed when its end comes near; 0 when it is not."""


RIGHTS = (
    RightFacts(
        LOAN, CIVAM, CHATRE, FREE_LOAN, "Commune de La Châtre", "mairie, service du patrimoine",
        "Entretien des haies et du chemin. Préavis de douze mois.", None, 10,
    ),
    RightFacts(
        GARDEN, MRJC, CHATRE, FREE_LOAN, "Commune de La Châtre", "mairie, service jeunesse",
        "Usage pédagogique, ouvert aux écoles. Sans date de fin, préavis de six mois.",
    ),
    RightFacts(
        LEASE, ADEARI, NEUVY, "rural_lease", "Indivision Delaporte", "étude notariale du bourg",
        "Mise à disposition des personnes en test acceptée au bail. Pas de labour profond.",
        1450, 9,
    ),
    RightFacts(
        MEADOW, PLES, CHATEAUROUX, FREE_LOAN, "Commune de Déols", "mairie, espaces verts",
        "Maraîchage sur la moitié de la prairie. Sans date de fin, préavis de douze mois.",
    ),
    RightFacts(
        ORCHARD, PLES, CHATEAUROUX, FREE_LOAN, "Verger des Loges", "Mme Aubrun",
        "Arbres en place à conserver, cultures entre les rangs. Sans date de fin.",
    ),
    RightFacts(
        HOST, PLES, ISSOUDUN, "precarious", "Ferme de la Théols", "M. et Mme Charpentier",
        "Bail du cédant expiré, en attendant la reprise par la personne en test. D'année en année.",
        240,
    ),
)  # fmt: skip
HOST_YEARS = (-2, -1, 0)
"""The agreement of the temporary site is made for one calendar year at a time."""


class PlotFacts(NamedTuple):
    code: str
    name: str
    site: str
    rights: tuple[str, ...]
    insee_code: str
    parcels: tuple[str, ...]
    declared_m2: int
    ring: tuple[tuple[float, float], ...]
    """Without the last point, which is the first."""
    water: str
    soil: str
    conversion_on: str | None
    more: dict[str, Any]

    @property
    def outline(self) -> dict[str, Any]:
        return {"type": "Polygon", "coordinates": [ring_of(self)]}


def ring_of(plot: PlotFacts) -> list[list[float]]:
    return [list(point) for point in (*plot.ring, plot.ring[0])]


CERTIFIER = "Certif'Bio Berry (exemple)"
BORE, POND = "forage, 8 m³/h", "mare, motopompe"
LOAM, SAND = "limon argileux, pH 6,8", "sable limoneux, pH 5,9"
MARKET: dict[str, Any] = {
    "cultivable_m2": Decimal(8800), "covered_m2": Decimal(930), "tunnels": 2, "beds": 48,
    "bed_length_m": Decimal(50), "bed_width_m": Decimal("0.8"), "has_power": True,
    "has_fence": True, "access": "Chemin des Ajoncs, portail de la ferme test.",
}  # fmt: skip
SANDY: dict[str, Any] = {
    "access": "Par la cour de la ferme des Varennes.", "features": ["mare", "bande enherbée"],
}  # fmt: skip

NORTH = PlotFacts(
    "NV-1", "Les Varennes nord", NEUVY, (LEASE,), "36141", ("361410000C0212", "361410000C0213"),
    12600,
    ((1.8061, 46.5962), (1.8078903, 46.5959385), (1.8081349, 46.5967293), (1.8063446, 46.5969908)),
    POND, SAND, "2024-09-01",
    SANDY | {"cultivable_m2": Decimal(11500), "covered_m2": Decimal(600), "tunnels": 1,
             "has_fence": True, "notes": "Chaulage conseillé : le sol est acide."},
)  # fmt: skip
SOUTH = PlotFacts(
    "NV-2", "Les Varennes sud", NEUVY, (LEASE,), "36141", ("361410000C0214",), 11200,
    ((1.8061, 46.5951), (1.8078902, 46.5948385), (1.8081077, 46.5955415), (1.8063174, 46.5958029)),
    POND, "sable limoneux", "2024-09-01",
    SANDY | {"cultivable_m2": Decimal(10400), "forbidden": "Pas de labour profond (bail)."},
)  # fmt: skip

PLOTS = (
    PlotFacts(
        "LC-1", "Parcelle 1", CHATRE, (LOAN,), "36046", ("36046000ZB0105",), 10000,
        ((1.9873, 46.5791), (1.9886037, 46.5791627), (1.9885126, 46.5800588),
         (1.9872088, 46.5799961)),
        BORE, LOAM, "2021-03-15", MARKET | {"features": ["haie", "brise-vent"]},
    ),
    PlotFacts(
        "LC-2", "Parcelle 2", CHATRE, (LOAN,), "36046", ("36046000ZB0106",), 10000,
        ((1.9889, 46.5791), (1.9902037, 46.5791627), (1.9901126, 46.5800588),
         (1.9888088, 46.5799961)),
        BORE, LOAM, "2021-03-15", MARKET | {"features": ["haie", "chambre froide proche"]},
    ),
    PlotFacts(
        "LC-3", "Parcelle 3", CHATRE, (LOAN,), "36046", ("36046000ZB0107",), 10000,
        ((1.9905, 46.5791), (1.9918037, 46.5791627), (1.9917126, 46.5800588),
         (1.9904088, 46.5799961)),
        BORE, LOAM, "2021-03-15", MARKET | {"features": ["abri à outils"]},
    ),
    PlotFacts(
        "LC-4", "Parcelle 4", CHATRE, (LOAN,), "36046", ("36046000ZB0108",), 10000,
        ((1.9921, 46.5791), (1.9934037, 46.5791627), (1.9933126, 46.5800588),
         (1.9920088, 46.5799961)),
        BORE, LOAM, "2021-03-15",
        MARKET | {"features": ["haie"], "notes": "Liseron dans l'angle est : à surveiller."},
    ),
    PlotFacts(
        "LC-5", "Jardin pédagogique", CHATRE, (GARDEN,), "36046", ("36046000ZB0109",), 2100,
        ((1.9873, 46.5802), (1.9880823, 46.5802376), (1.9880503, 46.5805512),
         (1.9872681, 46.5805136)),
        "réseau", "limon", "2021-03-15",
        {"cultivable_m2": Decimal(1600), "beds": 20, "bed_length_m": Decimal(12),
         "bed_width_m": Decimal("1.2"), "has_fence": True, "features": ["composteur", "préau"],
         "access": "Portillon vert, accessible aux fauteuils."},
    ),
    NORTH,
    SOUTH,
    PlotFacts(
        "CX-1", "Prairie de l'Indre", CHATEAUROUX, (MEADOW,), "36063", ("36063000BD0021",), 6000,
        ((1.7102, 46.8331), (1.7112, 46.8331), (1.7112, 46.8338), (1.7102, 46.8338)),
        "forage", "limon", None,
        {"cultivable_m2": Decimal(5200), "has_fence": True,
         "access": "Déols, chemin du moulin, derrière le stade."},
    ),
    PlotFacts(
        "CX-2", "Verger des Loges", CHATEAUROUX, (ORCHARD,), "36202", ("36202000ZK0008",), 4000,
        ((1.6381, 46.8052), (1.6389, 46.8052), (1.6389, 46.8058), (1.6381, 46.8058)),
        "citerne", "argilo-calcaire", "2025-03-01",
        {"cultivable_m2": Decimal(2600), "access": "Saint-Maur, par la cour du verger.",
         "features": ["verger", "haie"]},
    ),
    PlotFacts(
        "IS-T", "Ferme d'accueil (lieu temporaire)", ISSOUDUN, (HOST,), "36088",
        ("36088000AB0044",), 4800,
        ((1.9934, 46.9551), (1.9943894, 46.9553458), (1.9941193, 46.9558523),
         (1.9931299, 46.9556065)),
        "puits", "argilo-calcaire", None,
        {"cultivable_m2": Decimal(4500), "access": "Par la cour, prévenir la veille."},
    ),
)  # fmt: skip

WHOLE = NORTH._replace(
    code="NV",
    name="Les Varennes",
    parcels=(*NORTH.parcels, *SOUTH.parcels),
    declared_m2=NORTH.declared_m2 + SOUTH.declared_m2,
    more=SANDY
    | {"cultivable_m2": Decimal(21900), "covered_m2": Decimal(600), "tunnels": 1}
    | {"forbidden": SOUTH.more["forbidden"]},
)
"""What Les Varennes was until it was split; its outline is that of both parts."""
