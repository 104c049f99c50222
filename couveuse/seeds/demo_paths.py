"""Where the people of the demonstration stand, how they came there, and what comes next."""

from typing import NamedTuple

from couveuse.seeds.demo_people import ADEARI, CIVAM, MRJC, PLES
from couveuse.trainees.models import PathState

S = PathState
USUAL = ((S.WELCOMED, 14), (S.APPLYING, 35), (S.SELECTED, 70), (S.IN_PREPARATION, 84))
"""What comes before a test, and how many days after the first contact."""
BEFORE_TEST = 105
"""Days from the first contact to the first day of the test."""


class PathFacts(NamedTuple):
    person: str
    structure: str
    in_test_for: int
    """Days since the test began."""
    project: str
    next_step: str | None = None
    due_in: int = 0
    """Days from today; below zero when it is late."""
    actor: str | None = None
    since_then: tuple[tuple[PathState, int, str | None], ...] = ()
    """States after the test began: days ago, and a note."""


PATHS = (
    PathFacts(
        "Léa", CIVAM, 395,
        "Légumes de saison en paniers, 3 500 m² dont un tunnel, vente au marché du samedi.",
        "Préparer le comité de suivi", 19, "Marc",
    ),
    PathFacts(
        "Tom", ADEARI, 255,
        "Pommes de terre et légumes de garde pour la restauration collective.",
        "Trouver une formation à la conduite du tracteur", 26, "Paul",
    ),
    PathFacts(
        "Karim", CIVAM, 585, "Plantes aromatiques séchées, vendues en herboristerie.",
        "Visiter la terre proposée à Neuvy", 9, "Inès",
        ((S.LEAVING, 40, "Cherche une terre pour s'installer au printemps"),),
    ),
    PathFacts(
        "Maëlle", CIVAM, 525, "Maraîchage à deux, avec Yann, sur sol vivant.",
        "Relire les comptes de la saison", 33, "Denis",
    ),
    PathFacts(
        "Hugo", CIVAM, 205, "Petits fruits et pépinière, en test sans parcelle pour l'instant.",
        "Fixer la visite médicale", -6, "Inès",
    ),
    PathFacts(
        "Awa", ADEARI, 445, "Légumes d'Afrique de l'Ouest et légumes d'ici, en vente directe.",
        "Faire signer le dernier renouvellement", 5, "Paul",
    ),
    PathFacts(
        "Bastien", ADEARI, 665, "Plein champ mécanisé : carottes, oignons, courges.",
        "Dernière période : parler de l'après", 48, "Philippe",
    ),
    PathFacts(
        "Élodie", PLES, 200, "Chèvres et fromages, sur la ferme qu'elle reprendra peut-être.",
        "Rencontrer le cédant avec la chambre", 14, "Claire",
    ),
    PathFacts(
        "Yann", PLES, 475, "Maraîchage à deux, avec Maëlle, sur sol vivant.",
        "Suivre l'entrée dans la coopérative", 22, "Claire",
    ),
    PathFacts(
        "Jeanne", MRJC, 345, "Jardin pédagogique et accueil à la ferme.",
        "Rassembler les papiers du renouvellement", 8, "Nadia",
    ),
    PathFacts(
        "Zoé", CIVAM, 1065, "Fleurs coupées.",
        since_then=(
            (S.EXITED, 380, "À son initiative"),
            (S.CLOSED, 300, "Installée dans un autre canton"),
        ),
    ),
    PathFacts(
        "Romain", CIVAM, 1165, "Apiculture, puis légumes.",
        "Prendre des nouvelles, six mois après", 40, "Marc",
        since_then=(
            (S.EXITED, 140, None),
            (S.FOLLOWED_AFTER, 130, "Cherche encore une terre, salarié en attendant"),
        ),
    ),
)  # fmt: skip
