"""Progress committees of the demonstration: who is reviewed by whom, and what is said there."""

from typing import NamedTuple

from couveuse.followup.models import ProgressDecision

D = ProgressDecision


class Words(NamedTuple):
    """What somebody says before, and what the minutes keep."""

    went_well: str
    hard: str
    need: str
    next: str
    minutes: str
    decision: ProgressDecision
    reasons: str
    step: str
    conditions: str | None = None


class ReviewFacts(NamedTuple):
    person: str
    caller: str
    """Who calls the session, and writes down what it says."""
    members: tuple[str, ...]
    words: Words
    guest: tuple[str, str | None] | None = None
    """A name, and an address."""


LEA = Words(
    "Les paniers : trente familles, aucune ne part. Le tunnel 2 a donné jusqu'en novembre.",
    "Les semaines de juin, et dire non au magasin.",
    "Un avis sur un deuxième tunnel, et deux bras pour la bâche.",
    "Rester sur la commune. Deux terres à visiter cet hiver.",
    "Léa présente sa saison : les paniers tiennent, le marché baisse depuis septembre. Le temps de "
    "travail reste haut en juin ; elle a pris un jour de repos par semaine depuis août.",
    D.CONTINUE,
    "Les ventes suivent le plan, les gestes sont acquis, le projet se précise.",
    "Chiffrer un deuxième tunnel, avec et sans aide",
)
HUGO = Words(
    "Les semis sous tunnel, et l'entraide du lundi.",
    "Les comptes : je les repousse.",
    "Une heure par mois avec quelqu'un, devant les factures.",
    "Tenir jusqu'à l'été, puis décider de la surface.",
    "Hugo cultive deux parcelles et vend à la ferme. Les comptes s'arrêtent en septembre.",
    D.CONTINUE_IF,
    "La technique avance ; sans comptes à jour, le prix de revient n'est pas connu.",
    "Poser les factures de l'automne sur la table",
    "Comptes à jour à la fin de janvier, avec l'aide de la structure.",
)
OTHER = Words(
    "Le rythme est pris, les clients reviennent.",
    "La météo de mai, et un stock trop grand en août.",
    "Un coup de main pour les démarches.",
    "Préparer l'année prochaine sans agrandir.",
    "La saison est passée en revue mois par mois. Les débouchés sont suffisants pour la surface.",
    D.CONTINUE,
    "Le plan est suivi, les écarts sont expliqués.",
    "Relire le plan de culture à deux avant l'hiver",
)
LAST = OTHER._replace(
    decision=D.PREPARE_EXIT,
    reasons="La convention va vers sa fin : la recherche de terre devient la priorité.",
    step="Prendre rendez-vous avec le point d'accueil installation",
)

COMING = (
    ReviewFacts("Léa", "Inès", ("Marc", "Denis", "Rosa"), LEA,
                ("Anne Lejeune, protection sociale agricole", "anne.lejeune@msa.example")),
    ReviewFacts("Maëlle", "Inès", ("Marc",), OTHER),
)  # fmt: skip
"""Next week, on one session."""
LATELY = ReviewFacts("Hugo", "Inès", ("Marc", "Rosa"), HUGO, ("Mairie de La Châtre", None))
"""Some days ago: its minutes are a draft."""
BEFORE = (
    ReviewFacts("Léa", "Inès", ("Marc", "Denis"), LEA),
    ReviewFacts("Maëlle", "Inès", ("Marc",), OTHER),
    ReviewFacts("Karim", "Inès", ("Rosa",), LAST),
    ReviewFacts("Bastien", "Paul", ("Philippe",), LAST),
    ReviewFacts("Awa", "Paul", ("Philippe",), OTHER),
    ReviewFacts("Élodie", "Claire", (), OTHER),
    ReviewFacts("Jeanne", "Nadia", (), OTHER),
    ReviewFacts("Yann", "Samuel", (), OTHER),
)
"""Held in the past months; nobody has met yet about Tom, who is late."""
SUMMARIES = (
    "Le plan de culture est suivi ; la récolte est plus régulière.",
    "Les comptes du mois sont à jour, la marge par produit reste à faire.",
    "Les gestes sont acquis, le matériel est réglé sans aide.",
    "La charge de travail est haute, une demi-journée de repos est prévue.",
)
"""What mentors say of a visit to the committee."""
