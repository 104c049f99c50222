"""Workshops of the demonstration: what is learnt there, who leads, and who comes."""

import datetime as dt
from typing import NamedTuple

from couveuse.seeds.demo_people import ADEARI, CHATEAUROUX, CHATRE, CIVAM, NEUVY, PLES


class WorkshopFacts(NamedTuple):
    title: str
    about: str
    structure: str
    site: str
    place: str
    planner: str
    trainer: str
    """Of the network: it is their time that counts."""
    hours: tuple[dt.time, dt.time]
    """A day over lunch is two half-days."""
    places: int
    people: tuple[str, ...]
    """In the order in which they sign up; more than there are places."""
    outside: str | None = None
    """Somebody else who leads it."""
    funders: str | None = None


DAY_LONG = dt.time(9), dt.time(17)
MORNING, AFTERNOON = (dt.time(9), dt.time(12, 30)), (dt.time(14), dt.time(17))
REGION = "Région (exemple), Tester avant de s'installer"

WORKSHOPS = (
    WorkshopFacts(
        "Observer son sol à la bêche",
        "Trois parcelles, trois sols : on creuse, on compare, on décide de ce qu'on change. "
        "Bottes et bêche, repas partagé à midi.",
        CIVAM, CHATRE, "Parcelles du bas", "Marc", "Marc", DAY_LONG, 8,
        ("Karim", "Léa", "Maëlle", "Hugo", "Awa", "Bastien", "Tom", "Yann", "Jeanne"),
        funders=REGION,
    ),
    WorkshopFacts(
        "Régler son arrosage goutte-à-goutte",
        "Le matin, mesurer la pression et le débit ; l'après-midi, monter une rampe et la régler. "
        "Chacun repart avec le plan de ses tunnels.",
        CIVAM, CHATRE, "Tunnel 2", "Marc", "Marc", DAY_LONG, 7,
        ("Léa", "Hugo", "Karim", "Awa", "Élodie", "Yann", "Maëlle", "Tom"),
        outside="Anaïs Delorme", funders=REGION,
    ),
    WorkshopFacts(
        "Affûter et entretenir ses outils à main",
        "Venez avec vos binettes, serpettes et sécateurs : ils repartent affûtés. La meule et les "
        "pierres sont là.",
        CIVAM, CHATRE, "Atelier du hangar", "Marc", "Gaston", MORNING, 6,
        ("Maëlle", "Léa", "Tom", "Jeanne", "Karim", "Hugo", "Awa", "Élodie"),
    ),
    WorkshopFacts(
        "Fixer ses prix de vente",
        "À partir de vos chiffres : ce que coûte une botte de carottes, ce qu'elle rapporte au "
        "marché, au magasin et en panier.",
        PLES, CHATEAUROUX, "Salle du premier étage", "Claire", "Claire", AFTERNOON, 10,
        ("Élodie", "Yann", "Awa", "Bastien", "Jeanne", "Hugo", "Karim", "Tom", "Maëlle", "Léa",
         "Rosa"),
        outside="Agathe Rouvière, conseillère de gestion",
    ),
    WorkshopFacts(
        "Atteler et dételer sans se blesser",
        "Gestes, regards et signes de la main, d'abord à l'arrêt puis dans la cour. Chaussures de "
        "sécurité obligatoires.",
        ADEARI, NEUVY, "Cour du bâtiment du fond", "Paul", "Bernard", MORNING, 6,
        ("Tom", "Awa", "Léa", "Bastien", "Maëlle", "Karim", "Yann", "Hugo"),
        funders=REGION,
    ),
)  # fmt: skip
"""In turn. The first two were held when the demonstration is made; the next two are to come."""
