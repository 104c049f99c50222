"""Who follows whom in the demonstration, and what mentors write month after month."""

from typing import NamedTuple

from couveuse.trainees.models import FollowUpKind

TECHNICAL, ENTERPRISE, HUMAN = FollowUpKind.TECHNICAL, FollowUpKind.ENTERPRISE, FollowUpKind.HUMAN


class FollowFacts(NamedTuple):
    person: str
    member: str
    kind: FollowUpKind
    is_lead: bool
    every: int
    """Days between two visits in season; in winter half as many."""
    hour: int


FOLLOWS = (
    FollowFacts("Léa", "Marc", TECHNICAL, True, 18, 9),
    FollowFacts("Léa", "Denis", ENTERPRISE, False, 75, 14),
    FollowFacts("Maëlle", "Marc", TECHNICAL, True, 28, 14),
    FollowFacts("Hugo", "Marc", TECHNICAL, True, 24, 10),
    FollowFacts("Hugo", "Rosa", HUMAN, False, 60, 17),
    FollowFacts("Karim", "Rosa", HUMAN, True, 45, 16),
    FollowFacts("Tom", "Bernard", TECHNICAL, True, 30, 9),
    FollowFacts("Awa", "Philippe", TECHNICAL, True, 30, 11),
    FollowFacts("Bastien", "Philippe", TECHNICAL, True, 35, 15),
    FollowFacts("Élodie", "Claire", ENTERPRISE, True, 50, 10),
)


class Writing(NamedTuple):
    themes: tuple[str, ...]
    seen: str
    said: str
    advice: str
    mood: str
    step: str
    by_mentor: bool = False
    """Who owes what was agreed: the mentor, else the person."""


BY_MONTH = (
    Writing(
        ("crop_plan", "prices"), "Plan de culture presque fini, surfaces notées par série.",
        "Les paniers demandent plus de diversité en mars.",
        "Prévoir deux séries de mesclun de plus, rapprochées de dix jours.",
        "La tête dans les chiffres, et plaisir d'y voir clair.",
        "Finir le calendrier des semis",
    ),
    Writing(
        ("sowing", "tunnels"), "Planches du tunnel 1 prêtes, radis et navets levés.",
        "Les nuits froides inquiètent.", "Doubler le voile les nuits sous zéro.",
        "Plein d'élan.", "Acheter 100 m de voile P17",
    ),
    Writing(
        ("sowing", "soil"), "Reprise de sol correcte, un passage de trop au rotavator.",
        "Le sol reste collant en bas de parcelle.", "Attendre deux jours secs, bêche d'abord.",
        "Fatigue normale de début de saison.", "Faire un profil de sol en bas de parcelle", True,
    ),
    Writing(
        ("weeds", "organisation"), "Faux-semis réussis, carottes propres.",
        "Les journées débordent sur le soir.", "Regrouper les récoltes sur deux matins.",
        "Besoin d'un dimanche.", "Noter ses heures pendant deux semaines",
    ),
    Writing(
        ("water", "pests"), "Altises sur les choux, irrigation en ordre.",
        "Le filet manque pour la deuxième série.", "Poser le filet le jour de la plantation.",
        "Bonne énergie.", "Demander un devis de filet anti-insectes",
    ),
    Writing(
        ("sales", "harvest"), "Étal bien tenu, bottes régulières.",
        "Le marché du samedi dépasse les prévisions.", "Garder 10 % pour les paniers du mardi.",
        "Fierté de l'étal.", "Peser les invendus pendant un mois",
    ),
    Writing(
        ("water", "livability"), "Tomates en bon état, un goutte-à-goutte bouché.",
        "La chaleur oblige à commencer à six heures.", "Couper entre midi et seize heures.",
        "Nuits courtes, moral bon.", "Nettoyer les filtres chaque lundi",
    ),
    Writing(
        ("harvest", "pests"), "Mildiou arrêté à temps, récolte du bas perdue.",
        "La perte a été notée et expliquée aux clients.", "Aérer plus tôt, tailler le bas.",
        "Déception, puis le sourire.", "Prêter le carnet d'observations", True,
    ),
    Writing(
        ("soil", "crop_plan"), "Engrais verts semés sur trois planches.",
        "Envie d'essayer la vesce et l'avoine.", "Semer avant le 20 pour couvrir avant le froid.",
        "L'automne fait du bien.", "Envoyer le plan de rotation", True,
    ),
    Writing(
        ("harvest", "machines"), "Courges rentrées, stockage sec et rangé.",
        "La bineuse règle mal ses socs.", "Régler à deux avant la prochaine sortie.",
        "Du calme.", "Graisser et régler la bineuse",
    ),
    Writing(
        ("accounts", "settlement"), "Comptes tenus jusqu'à fin octobre.",
        "La marge des paniers est meilleure que celle du marché.",
        "Comparer avec le prévisionnel, produit par produit.",
        "Commence à se projeter.", "Préparer les questions pour le point de décembre",
    ),
    Writing(
        ("land", "paperwork"), "Deux terres repérées, une seule avec de l'eau.",
        "La mairie de Neuvy rappellera.", "Visiter à deux, et demander le débit du puits.",
        "De l'impatience, sans se presser.", "Appeler la mairie pour les Varennes", True,
    ),
)  # fmt: skip

OF_ENTERPRISE = (
    Writing(
        ("accounts", "prices"), "Trésorerie à jour, trois factures en attente.",
        "Relancer les clients met mal à l'aise.", "Relancer à date fixe, toujours par écrit.",
        "Plus à l'aise avec les chiffres.", "Relancer les trois factures",
    ),
    Writing(
        ("sales", "settlement"), "Deux débouchés tiennent, le troisième coûte du temps.",
        "Le magasin prend peu et paie tard.", "Décider en janvier, avec les heures notées.",
        "Confiance.", "Calculer l'heure vendue par débouché",
    ),
)  # fmt: skip
OF_LISTENING = (
    Writing(
        ("livability", "organisation"), "Un café, puis un tour des planches.",
        "Les semaines sont longues, le marché redonne du courage.",
        "Se garder une demi-journée, écrite dans l'agenda.",
        "« Ça va mieux depuis que j'en parle. »", "Bloquer le dimanche matin",
    ),
    Writing(
        ("site_life",), "Le hangar est rangé, chacun a son coin.",
        "Le partage de l'eau se passe bien.", "Redire merci en réunion, cela compte.",
        "Bien entouré·e.", "Proposer un repas commun avant Noël", True,
    ),
)  # fmt: skip
COFFEE = Writing(
    ("livability",), "Une heure autour du poêle, puis le tour des planches couvertes.",
    "Les soirées sont longues, l'envie est là.", "Venir au repas du jeudi, et appeler avant.",
    "", "Passer au repas partagé de décembre",
)  # fmt: skip
SHEET = Writing(
    ("site_life",), "Atelier rangé, bois rentré, comptes du marché à jour dans le cahier.",
    "Content de la saison, moins des matins de gel.",
    "Prendre deux semaines en janvier, et le dire aux clients dès maintenant.",
    "", "Écrire aux clients pour la pause de janvier",
)  # fmt: skip
WAITING = Writing(
    ("harvest", "organisation"), "Poireaux arrachés sur deux planches, chambre froide à moitié.",
    "Les commandes de fin d'année arrivent par téléphone, c'est difficile à suivre.",
    "Une feuille unique au mur, remplie à chaque appel.",
    "Fatiguée mais contente de la saison.", "Préparer une feuille de commandes pour décembre",
)  # fmt: skip
DRAFT = Writing(
    ("tunnels", "safety"), "Bâche du tunnel 2 détendue côté nord, à reprendre avant le vent.",
    "Se sent seule pour ce chantier.", "Le faire à trois un matin sans vent ; je viens.",
    "", "Prévenir Karim et Yann pour la bâche", True,
)  # fmt: skip
