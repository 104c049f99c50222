"""What Léa and Marc said with grids in the demonstration: at the start, then along the way."""

from typing import NamedTuple

Said = dict[str, int]
"""Code of a criterion → level, counted from 0."""


class LookFacts(NamedTuple):
    grid: str
    days_ago: int
    person: Said
    mentor: Said
    words: dict[str, str]
    talk: str | None
    """None: still to be talked over."""


LOOKS = (
    LookFacts(
        "Technique",
        200,
        {"sol": 0, "plan_de_culture": 1, "enherbement": 1, "irrigation": 0, "materiel": 1},
        {"sol": 1, "plan_de_culture": 1, "enherbement": 0, "irrigation": 0, "materiel": 1},
        {"irrigation": "Je ne sais pas encore combien donner aux semis."},
        "D'accord sur presque tout. Léa se sous-estime sur le sol.",
    ),
    LookFacts(
        "Technique",
        110,
        {"sol": 1, "plan_de_culture": 1, "enherbement": 2, "irrigation": 1, "materiel": 2},
        {"sol": 2, "plan_de_culture": 1, "enherbement": 1, "irrigation": 1, "materiel": 2},
        {"enherbement": "Le binage à temps change tout."},
        "L'herbe reste le point à tenir en mai.",
    ),
    LookFacts(
        "Technique",
        18,
        {"sol": 2, "plan_de_culture": 2, "enherbement": 2, "irrigation": 2, "materiel": 2},
        {"sol": 2, "plan_de_culture": 2, "enherbement": 2, "irrigation": 1, "materiel": 3},
        {"plan_de_culture": "Le plan de l'an prochain est écrit."},
        None,
    ),
    LookFacts(
        "Vivabilité",
        112,
        {"temps_de_travail": 1, "repos": 0, "fatigue": 1, "isolement": 2, "plaisir": 3},
        {"temps_de_travail": 1, "repos": 1, "fatigue": 1, "isolement": 2, "plaisir": 3},
        {"repos": "Un seul dimanche libre en juillet."},
        "Un jour de repos par semaine, noté dans le planning.",
    ),
)
