"""The 26 shared items of the demonstration, their rules, and how people use them over the year."""

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from couveuse.seeds.demo_people import (
    ADEARI,
    CAR,
    CHATEAUROUX,
    CHATRE,
    CIVAM,
    DRIVING,
    GAS,
    NEUVY,
    PLES,
    SAFETY,
    TRACTOR,
)

HOUR, HALF_DAY, DAY = 60, 240, 1440

# How much of the usual each month sees, January first.
SEASONS = {
    "all year": (1, 1, 1, 1, 1, 1, 0.9, 0.6, 1, 1, 1, 0.7),
    "field": (0.3, 0.6, 1.3, 1.6, 1.5, 1.2, 0.9, 0.9, 1.1, 1.2, 0.8, 0.4),
    "water": (0.2, 0.2, 0.5, 0.9, 1.4, 1.8, 2.0, 1.8, 1.2, 0.6, 0.3, 0.2),
    "harvest": (0.8, 0.7, 0.6, 0.6, 0.9, 1.2, 1.3, 1.3, 1.3, 1.3, 1.2, 0.9),
    "seedlings": (0.8, 1.6, 2.0, 1.8, 1.2, 0.6, 0.6, 0.8, 0.6, 0.5, 0.4, 0.3),
}


class Use(NamedTuple):
    """What a usual week of the item looks like."""

    per_week: float
    lengths: tuple[int, ...]
    purposes: tuple[str, ...]
    season: str = "field"
    hours: tuple[int, int] = (7, 19)
    only: tuple[str, ...] = ()
    """Given names of those it is for; everybody with the papers when empty."""
    from_anywhere: bool = False
    """People come for it from other sites too."""


class ItemFacts(NamedTuple):
    code: str
    name: str
    category: str
    site: str
    owner: str
    lengths: tuple[int, int]
    notice_hours: int
    tariff: tuple[str, str]
    in_charge: tuple[str, str]
    """Given names: the person in charge and the deputy."""
    use: Use
    needs_approval: bool = False
    papers: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    check: tuple[int, int] | None = None
    """The periodic check: how many days after this Sunday it is due, every how many months."""
    more: dict[str, Any] = {}  # noqa: RUF012, never changed


DAYLIGHT: dict[str, Any] = {"opens_at": dt.time(7), "closes_at": dt.time(20)}
WORKING_DAYS: dict[str, Any] = {"open_days": [1, 2, 3, 4, 5, 6]}
GASTON, PHILIPPE = ("Gaston", "Marc"), ("Philippe", "Paul")

ITEMS = (
    ItemFacts(
        "TR-01", "Tracteur fruitier 60 ch", "tracteur", CHATRE, CIVAM, (HOUR, DAY), 24,
        ("18", "hour"), GASTON,
        Use(3.6, (120, 180, 240, 300), ("Préparation des planches", "Binage", "Passage du rouleau",
            "Transport de fumier", "Reprise de labour")),
        papers=(TRACTOR,),
        more=DAYLIGHT | {
            "needs_agreement": True,
            "serial_number": "FV60-118", "meter": Decimal("2413.5"), "meter_unit": "h",
            "deposit": 300, "return_rule": "rendre plein", "notes": "arceau, pas de cabine",
            "cancel_cutoff_minutes": 120,
        },
    ),
    ItemFacts(
        "TR-02", "Micro-tracteur 26 ch", "tracteur", CHATRE, CIVAM, (HOUR, DAY), 24,
        ("12.50", "hour"), GASTON,
        Use(3.4, (60, 120, 180, 240), ("Travail sous tunnel", "Broyage d'engrais verts",
            "Transport de caisses", "Planches permanentes")),
        papers=(TRACTOR,),
        more=DAYLIGHT | {
            "needs_agreement": True,
            "serial_number": "MT26-77", "meter": 864, "meter_unit": "h", "deposit": 200,
            "return_rule": "rendre plein", "cancel_cutoff_minutes": 120,
        },
    ),
    ItemFacts(
        "TR-03", "Tracteur avec chargeur frontal 90 ch", "tracteur", NEUVY, ADEARI,
        (HOUR, HALF_DAY), 48, ("24", "hour"), PHILIPPE,
        Use(2.2, (60, 120, 180, 240), ("Chargement de compost", "Labour léger",
            "Déplacement de big-bags", "Manutention de palettes")),
        needs_approval=True, papers=(TRACTOR, DRIVING), check=(230, 12),
        more=DAYLIGHT | {
            "needs_agreement": True,
            "serial_number": "CH90-4", "meter": 5120, "meter_unit": "h", "deposit": 500,
            "return_rule": "facturé au relevé", "notes": "chargeur : VGP", "answer_hours": 120,
        },
    ),
    ItemFacts(
        "MC-01", "Motoculteur 9 ch", "motoculteur", CHATRE, CIVAM, (HOUR, DAY), 2,
        ("6", "hour"), GASTON,
        Use(2.8, (60, 120, 180), ("Reprise sous tunnel", "Planches de semis", "Jardin pédagogique",
            "Enfouissement d'engrais vert")),
        more=DAYLIGHT | {"deposit": 100, "return_rule": "rendre plein"},
    ),
    ItemFacts(
        "RO-01", "Rotavator 1,30 m", "travail du sol", CHATRE, CIVAM, (HOUR, DAY), 24,
        ("8", "hour"), GASTON,
        Use(1.8, (120, 180, 240), ("Affinage avant semis", "Destruction de couvert",
            "Planches de carottes")),
        companions=("TR-01", "TR-02"),
        more={"notes": "laver avant retour", "buffer_after_minutes": 30},
    ),
    ItemFacts(
        "CU-01", "Cultivateur à planches 1,20 m", "travail du sol", CHATRE, CIVAM,
        (HALF_DAY, DAY), 24, ("10", "hectare"), GASTON,
        Use(0.9, (240, 300), ("Formation des planches", "Reprise de printemps")),
        companions=("TR-01",),
    ),
    ItemFacts(
        "BU-01", "Butteuse à disques", "travail du sol", NEUVY, ADEARI, (HOUR, DAY), 24,
        ("5.5", "hour"), PHILIPPE,
        Use(0.8, (120, 180), ("Buttage des pommes de terre", "Buttage des poireaux")),
        companions=("TR-03", "TR-01"),
    ),
    ItemFacts(
        "RF-01", "Rouleau Faca 2 m", "travail du sol", NEUVY, ADEARI, (HALF_DAY, DAY), 24,
        ("15", "hectare"), PHILIPPE,
        Use(0.5, (240,), ("Couchage du seigle", "Couvert avant courges")),
        companions=("TR-03",),
    ),
    ItemFacts(
        "EP-01", "Épandeur à compost 3 t", "fertilisation", NEUVY, ADEARI, (HALF_DAY, DAY), 48,
        ("35", "trip"), PHILIPPE,
        Use(0.7, (240,), ("Compost de déchets verts", "Fumier composté")),
        needs_approval=True, papers=(TRACTOR,), companions=("TR-03",),
        more=DAYLIGHT | {
            "serial_number": "EP3-12", "deposit": 150, "notes": "organiques bio seulement",
            "buffer_before_minutes": 15, "buffer_after_minutes": 60, "answer_hours": 120,
        },
    ),
    ItemFacts(
        "PL-01", "Planteuse à pinces 2 rangs", "semis-plantation", CHATRE, CIVAM,
        (HALF_DAY, 2 * DAY), 48, ("30", "half_day"), GASTON,
        Use(0.8, (240, 360), ("Plantation des poireaux", "Plantation des choux")),
        companions=("TR-01",), more={"notes": "à deux minimum"},
    ),
    ItemFacts(
        "SE-01", "Semoir maraîcher 6 rangs", "semis-plantation", CHATRE, CIVAM, (120, DAY), 2,
        ("4", "half_day"), ("Gaston", "Maëlle"),
        Use(1.8, (120, 180, 240), ("Carottes", "Radis et navets", "Mesclun", "Engrais vert")),
    ),
    ItemFacts(
        "DT-01", "Désherbeur thermique", "désherbage", CHATRE, CIVAM, (HOUR, HALF_DAY), 12,
        ("9", "hour"), GASTON,
        Use(1.3, (60, 120), ("Faux semis de carottes", "Planches d'oignons")),
        papers=(GAS,), more={"return_rule": "gaz compris", "notes": "interdit par vent fort"},
    ),
    ItemFacts(
        "PU-01", "Motopompe 40 m³/h", "irrigation", CHATRE, CIVAM, (HOUR, 720), 2,
        ("3.20", "hour"), GASTON,
        Use(2.6, (120, 180, 240), ("Remplissage de la réserve", "Aspersion", "Antigel"), "water",
            (6, 21)),
        more={"serial_number": "MP40-3", "meter": 1022, "meter_unit": "h",
              "return_rule": "rendre plein"},
    ),
    ItemFacts(
        "TE-01", "Tour d'eau secteur A (parcelles 1-2)", "tour d'eau", CHATRE, CIVAM, (30, 180), 0,
        ("0", "slot"), ("Gaston", "Karim"),
        Use(5.5, (30, 60, 90, 120), ("Goutte-à-goutte tunnels", "Plein champ", "Semis"), "water",
            (6, 21), only=("Léa", "Karim", "Romain", "Zoé")),
        more={"notes": "débit 8 m³/h", "horizon_days": 45},
    ),
    ItemFacts(
        "TE-02", "Tour d'eau secteur B (parcelles 3-4)", "tour d'eau", CHATRE, CIVAM, (30, 180), 0,
        ("0", "slot"), ("Gaston", "Maëlle"),
        Use(5.5, (30, 60, 90, 120), ("Goutte-à-goutte tunnels", "Plein champ", "Plantations"),
            "water", (6, 21), only=("Maëlle", "Hugo", "Yann", "Jeanne")),
        more={"notes": "débit 8 m³/h", "horizon_days": 45},
    ),
    ItemFacts(
        "LA-01", "Laveuse à légumes racines", "récolte-conditionnement", CHATRE, CIVAM,
        (30, HALF_DAY), 0, ("2.5", "hour"), ("Maëlle", "Gaston"),
        Use(4.5, (30, 60, 90, 120), ("Carottes", "Betteraves", "Pommes de terre", "Panais"),
            "harvest"),
        more={"max_open_bookings": 3, "max_week_minutes": 480},
    ),
    ItemFacts(
        "BA-01", "Balance homologuée 30 kg", "récolte-conditionnement", CHATRE, CIVAM,
        (HOUR, 2 * DAY), 0, ("0", "day"), ("Maëlle", "Gaston"),
        Use(2.8, (240, 360, DAY), ("Marché du samedi", "Paniers", "Livraison cantine"), "harvest"),
        more={"serial_number": "BL-30-9", "notes": "vérification annuelle"},
    ),
    ItemFacts(
        "CF-01", "Chambre froide 12 m³ – étagères (4 places)", "stockage froid", CHATRE, CIVAM,
        (DAY, 30 * DAY), 0, ("1.10", "day"), ("Gaston", "Maëlle"),
        Use(2.0, (2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 14 * DAY),
            ("Carottes", "Pommes de terre", "Choux", "Paniers de la semaine"), "harvest"),
        more={"notes": "4 places", "capacity": 4},
    ),
    ItemFacts(
        "VA-01", "Fourgon 9 m³", "transport", CHATEAUROUX, PLES, (120, 2 * DAY), 24,
        ("0.42", "km"), ("Olivier", "Gaston"),
        Use(3.0, (180, 240, 360, 480, DAY), ("Livraison des paniers", "Marché", "Plants à chercher",
            "Déménagement de serre"), "all year", (7, 20), from_anywhere=True),
        needs_approval=True, papers=(CAR,),
        more={
            "serial_number": "FG-903", "meter": 84512, "meter_unit": "km", "deposit": 400,
            "return_rule": "rendre plein", "notes": "assurance : 3 conducteurs déclarés",
            "buffer_before_minutes": 15, "buffer_after_minutes": 30, "answer_hours": 120,
            "cancel_cutoff_minutes": 720,
        },
    ),
    ItemFacts(
        "RE-01", "Remorque 1,5 t", "transport", CHATRE, CIVAM, (HOUR, 2 * DAY), 2,
        ("5", "day"), GASTON,
        Use(1.8, (120, 240, 360, DAY), ("Paille", "Piquets et filets", "Marché", "Ferraille"),
            "all year"),
        papers=(CAR,),
    ),
    ItemFacts(
        "TP-01", "Transpalette manuel", "transport", CHATRE, CIVAM, (30, DAY), 0,
        ("0", "day"), GASTON,
        Use(2.0, (30, 60, 120), ("Réception de terreau", "Palox de courges", "Rangement"),
            "harvest"),
    ),
    ItemFacts(
        "TE-03", "Télescopique 7 m", "levage", NEUVY, ADEARI, (HOUR, HALF_DAY), 72,
        ("32", "hour"), PHILIPPE,
        Use(1.2, (60, 120, 180), ("Palettes de terreau", "Montage de serre", "Bottes de paille"),
            "all year"),
        needs_approval=True, papers=(DRIVING,), check=(6, 6),
        more=DAYLIGHT | WORKING_DAYS | {
            "serial_number": "TL7-20", "meter": 3310, "meter_unit": "h", "deposit": 800,
            "return_rule": "facturé au relevé", "notes": "charges palettisées",
            "answer_hours": 120, "cancel_cutoff_minutes": DAY,
        },
    ),
    ItemFacts(
        "DE-01", "Débroussailleuse à dos", "entretien", CHATRE, CIVAM, (HOUR, DAY), 2,
        ("4", "hour"), GASTON,
        Use(1.6, (60, 120, 180), ("Bords de tunnels", "Fossés", "Clôture")),
        papers=(SAFETY,),
        more=DAYLIGHT | {"deposit": 80, "return_rule": "mélange 2 %"},
    ),
    ItemFacts(
        "GR-01", "Germoir / nappe chauffante (6 m²)", "plants", CHATRE, CIVAM,
        (7 * DAY, 60 * DAY), 0, ("0.35", "day"), ("Maëlle", "Gaston"),
        Use(0.35, (7 * DAY, 14 * DAY, 21 * DAY), ("Tomates", "Aubergines et poivrons", "Salades"),
            "seedlings"),
        more={"horizon_days": 120},
    ),
    ItemFacts(
        "SA-01", "Salle de réunion (20 places)", "salle", CHATEAUROUX, PLES, (HOUR, DAY), 0,
        ("0", "slot"), ("Claire", "Olivier"),
        Use(2.6, (60, 120, 180, 480), ("Comité de suivi", "Formation comptabilité",
            "Café des porteurs de projet", "Réunion du réseau"), "all year", (8, 21),
            from_anywhere=True),
        more={"notes": "vidéoprojecteur", "opens_at": dt.time(8), "closes_at": dt.time(22),
              "horizon_days": 180},
    ),
    ItemFacts(
        "BR-01", "Broyeur de végétaux", "entretien", NEUVY, ADEARI, (HOUR, HALF_DAY), 48,
        ("22", "hour"), ("Gaston", "Philippe"),
        Use(1.0, (120, 180, 240), ("Paillage de haie", "Taille des fruitiers", "Branches d'orage"),
            "all year"),
        needs_approval=True, papers=(SAFETY,),
        more=DAYLIGHT | WORKING_DAYS | {
            "serial_number": "BV-2", "meter": 410, "meter_unit": "h", "deposit": 150,
            "return_rule": "rendre plein", "answer_hours": 120,
        },
    ),
)  # fmt: skip


class Fault(NamedTuple):
    code: str
    kind: str
    reason: str
    hours: int = 0


REPAIRS = (
    Fault("MC-01", "maintenance", "Câble d'embrayage cassé, pièce commandée"),
    Fault("DE-01", "maintenance", "Carburateur en réparation"),
    Fault("SE-01", "maintenance", "Roulement à changer"),
    Fault("LA-01", "maintenance", "Moteur en panne"),
    Fault("RE-01", "maintenance", "Feux à refaire"),
    Fault("TP-01", "maintenance", "Fuite au vérin"),
    Fault("DT-01", "maintenance", "Détendeur à changer"),
)
"""One of them runs today, for as long as its item is free."""
SERVICING = (
    Fault("TR-02", "maintenance", "Vidange et graissage", 4),
    Fault("TR-01", "maintenance", "Vidange et graissage", 4),
    Fault("SA-01", "blackout", "Assemblée générale du PLES", 5),
)
"""One of them is planned next week."""
PAST_OUTAGES = (
    Fault("PU-01", "maintenance", "Joint de crépine à changer", 30),
    Fault("TR-01", "maintenance", "Crevaison", 26),
    Fault("VA-01", "maintenance", "Contrôle technique", 28),
    Fault("SA-01", "blackout", "Salle louée à la commune", 9),
    Fault("LA-01", "maintenance", "Nettoyage et changement de courroie", 24),
    Fault("TE-01", "blackout", "Arrêté sécheresse : pas d'irrigation", 60),
    Fault("BR-01", "maintenance", "Affûtage des couteaux", 50),
)

CANCELLED = (None, None, "Pluie annoncée, on décale", "Sol trop humide", "Empêchement de famille")
REFUSED = (
    "Entretien prévu ce jour-là, proposez le lendemain",
    "Priorité aux plantations cette semaine",
    "Trop de vent annoncé, voyons ensemble une autre date",
)
