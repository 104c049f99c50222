"""The structures, sites and persons of the demonstration. Names, numbers and addresses are made up;
the numbers are from the ranges that the French regulator keeps for fiction (01 99 00, 02 61 91).

Days count from the day the demonstration is made: ``-400`` is a good year before it.
"""

from typing import NamedTuple

from couveuse.core.actor import Role

DOMAIN = "couveuse.example"
PAPER_REFERENCE = "classeur du site"
"""Marks the papers that the demonstration may renew."""

CIVAM, PLES, ADEARI = "CIVAM-ADAR", "PLES", "ADEARI"
MRJC, RIRE, CRESOL, COOP = "MRJC", "RIRE", "Cré-Sol", "Coopérative"
CHATRE, NEUVY, CHATEAUROUX = "Ferme test La Châtre", "Lieu-test Neuvy", "Châteauroux"
ISSOUDUN = "Issoudun"

TRACTOR, DRIVING, CAR = "Conduite tracteur", "Autorisation de conduite", "Permis B"
SAFETY, GAS = "EPI", "Sécurité gaz"
CERTIPHYTO, VISIT, LIABILITY = "Certiphyto", "Visite médicale", "Assurance responsabilité civile"
QUALIFICATIONS = {
    TRACTOR: "training",
    DRIVING: "driving_authorisation",
    CAR: "licence",
    SAFETY: "training",
    GAS: "training",
    CERTIPHYTO: "certiphyto",
    VISIT: "medical_visit",
    LIABILITY: "insurance",
}
"""With the code of their kind."""


class StructureFacts(NamedTuple):
    key: str
    name: str
    short_name: str | None
    kind: str
    commune: str | None
    insee_code: str | None
    joined_year: int
    phone: str
    notes: str


STRUCTURES = (
    StructureFacts(
        CIVAM, "Association pour le développement agricole et rural", CIVAM, "association",
        "La Châtre", "36046", 2008, "+33261910101",
        "Accompagnement et animation-coordination. Porte la ferme test.",
    ),
    StructureFacts(
        PLES, "Pôle local d'économie solidaire", PLES, "association",
        "Châteauroux", "36044", 2008, "+33261910202",
        "Couveuse et accompagnement. Accueille les réunions du réseau.",
    ),
    StructureFacts(
        ADEARI, "Association pour le développement de l'emploi agricole et rural de l'Indre",
        ADEARI, "association", "Châteauroux", "36044", 2008, "+33261910303",
        "Accompagnement. Porte le lieu-test de Neuvy.",
    ),
    StructureFacts(
        MRJC, "Mouvement rural de jeunesse chrétienne de l'Indre", MRJC, "association",
        "Châteauroux", "36044", 2008, "+33261910404",
        "Accompagnement. Anime le jardin pédagogique de la ferme test.",
    ),
    StructureFacts(
        RIRE, "Réseau pour l'initiative rurale et l'échange", RIRE, "association",
        "Argenton-sur-Creuse", "36006", 2008, "+33261910505", "Accompagnement, bénévoles.",
    ),
    StructureFacts(
        CRESOL, "Centre réseau économie solidaire", CRESOL, "réseau régional",
        None, None, 2010, "+33199000606", "Animation-coordination régionale.",
    ),
    StructureFacts(
        COOP, "Association pour une coopérative d'activités dans l'Indre", None, "association",
        "Châteauroux", "36044", 2009, "+33261910707", "Couveuse.",
    ),
)  # fmt: skip


class SiteFacts(NamedTuple):
    name: str
    owner: str
    kind: str
    address: str
    commune: str
    insee_code: str
    access_notes: str


SITES = (
    SiteFacts(
        CHATRE, CIVAM, "permanent", "Chemin des Ajoncs", "La Châtre", "36046",
        "Clés du hangar dans la boîte à code près du portail ; demander le code à Gaston. "
        "Refermer le portail, des moutons paissent à côté.",
    ),
    SiteFacts(
        NEUVY, ADEARI, "permanent", "Les Varennes", "Neuvy-Saint-Sépulchre", "36141",
        "Le télescopique et le tracteur sont dans le bâtiment du fond. Pas de réseau dans la "
        "cour : noter les heures sur le carnet, puis ici.",
    ),
    SiteFacts(
        CHATEAUROUX, PLES, "archipelago", "Rue des Marins", "Châteauroux", "36044",
        "Fourgon au parking de derrière. Clés à l'accueil, de 9 h à 17 h.",
    ),
    SiteFacts(
        ISSOUDUN, PLES, "temporary", "Ferme d'accueil, route de Bourges", "Issoudun", "36088",
        "Chez l'habitant : prévenir la veille.",
    ),
)  # fmt: skip


class Seat(NamedTuple):
    structure: str
    role: Role
    salaried: bool = False
    since: int = -1500
    until: int | None = None
    """Last day; None while it goes on."""


class Held(NamedTuple):
    """A paper: held since, and for how many more days; None when it does not end."""

    qualification: str
    since: int = -900
    days_left: int | None = None
    issuer: str | None = None
    scope: str | None = None
    is_to_check: bool = False


class PersonFacts(NamedTuple):
    given_name: str
    family_name: str
    seats: tuple[Seat, ...]
    papers: tuple[Held, ...] = ()
    phone: str | None = None
    address: str | None = ""
    """Before the @; the given name in the cast, None for those without mail."""
    home: str | None = None
    """Where they work most."""
    takes: float = 1.0
    """How often they book, beside the others."""
    phone_shared: bool = True
    language: str | None = "fr"

    @property
    def email(self) -> str | None:
        return f"{self.address}@{DOMAIN}" if self.address else None


ALL_TRACTOR = (Held(TRACTOR), Held(CAR, -3000), Held(SAFETY, -700, 400))

PEOPLE = (
    PersonFacts("Inès", "Moreau", (Seat(CIVAM, Role.COORDINATOR, True),), (Held(CAR, -4000),),
                "+33199001001", "ines", CHATEAUROUX, 0.3),
    PersonFacts("Paul", "Lemoine", (Seat(ADEARI, Role.STRUCTURE_MANAGER, True),),
                (Held(CAR, -4000),), "+33199001002", "paul", NEUVY, 0.3),
    PersonFacts("Marc", "Chabenat",
                (Seat(CIVAM, Role.MENTOR, True),),
                (Held(TRACTOR, -3000), Held(CAR, -4000), Held(DRIVING, -1200, 300),
                 Held(SAFETY, -800, 290)),
                "+33199001003", "marc", CHATRE, 1.0),
    PersonFacts("Rosa", "Delgado", (Seat(CIVAM, Role.MENTOR, since=-1100),), (Held(CAR, -9000),),
                "+33199001004", "rosa", CHATRE, 0.5),
    PersonFacts("Léa", "Martinet", (Seat(CIVAM, Role.TRAINEE, since=-430),),
                (Held(TRACTOR, -410), Held(CAR, -2500), Held(SAFETY, -400, 700),
                 Held(VISIT, -380, 1440, "MSA Berry-Touraine"),
                 Held(LIABILITY, -340, 24, "Groupe Sillon", "Ventes à la ferme et au marché"),
                 Held(DRIVING, -6, 1819, "Centre de formation du Boischaut",
                      "Tracteur avec chargeur", is_to_check=True)),
                "+33199001005", "lea", CHATRE, 4.0),
    PersonFacts("Tom", "Girardin", (Seat(ADEARI, Role.TRAINEE, since=-290),),
                (Held(CAR, -1800),), "+33199001006", "tom", NEUVY, 3.0),
    PersonFacts("Gaston", "Pinault", (Seat(CIVAM, Role.EQUIPMENT_MANAGER, True),),
                (Held(TRACTOR, -5000), Held(DRIVING, -1300, 220), Held(CAR, -5000),
                 Held(SAFETY, -900, 200), Held(GAS, -600, 500)),
                "+33199001007", "gaston", CHATRE, 0.6),
    PersonFacts("Zoé", "Lambertin", (Seat(CIVAM, Role.TRAINEE, since=-1100, until=-380),),
                (Held(TRACTOR, -1000),), "+33199001008", "zoe", CHATRE, 2.0),
    PersonFacts("Karim", "Benhaddou", (Seat(CIVAM, Role.TRAINEE, since=-620),),
                (Held(TRACTOR, -600), Held(CAR, -2000), Held(GAS, -560, 420),
                 Held(CERTIPHYTO, -1780, 44, "Chambre d'agriculture"), Held(VISIT, -560, 1265)),
                "+33199001011", "karim.benhaddou", CHATRE, 4.0),
    PersonFacts("Maëlle", "Auclair", (Seat(CIVAM, Role.TRAINEE, since=-560),),
                (Held(TRACTOR, -540), Held(SAFETY, -500, 600), Held(CAR, -1500),
                 Held(CERTIPHYTO, -1838, -13, "Chambre d'agriculture")),
                "+33199001012", "maelle.auclair", CHATRE, 4.0),
    PersonFacts("Hugo", "Fradet", (Seat(CIVAM, Role.TRAINEE, since=-240),),
                (Held(CAR, -900), Held(GAS, -200, 880)),
                "+33199001013", "hugo.fradet", CHATRE, 3.0),
    PersonFacts("Awa", "Diarra", (Seat(ADEARI, Role.TRAINEE, since=-480),),
                (Held(TRACTOR, -470), Held(DRIVING, -460, 260), Held(SAFETY, -450, 640),
                 Held(CAR, -1200)),
                "+33199001014", "awa.diarra", NEUVY, 4.0),
    PersonFacts("Bastien", "Royet", (Seat(ADEARI, Role.TRAINEE, since=-700),),
                (Held(TRACTOR, -690), Held(DRIVING, -650, 180), Held(CAR, -2600),
                 Held(SAFETY, -600, 490), Held(VISIT, -640, 1185)),
                "+33199001015", "bastien.royet", NEUVY, 4.0),
    PersonFacts("Élodie", "Pasquet", (Seat(PLES, Role.TRAINEE, since=-330),),
                (Held(CAR, -3100), Held(SAFETY, -300, 790)),
                "+33199001016", "elodie.pasquet", ISSOUDUN, 2.5),
    PersonFacts("Yann", "Le Guellec", (Seat(PLES, Role.TRAINEE, since=-510),),
                (*ALL_TRACTOR, Held(GAS, -480, 40)),
                "+33199001017", "yann.leguellec", CHATRE, 3.0),
    PersonFacts("Jeanne", "Berthelon", (Seat(MRJC, Role.TRAINEE, since=-380),),
                (Held(CAR, -700),), "+33199001018", "jeanne.berthelon", CHATRE, 2.0),
    PersonFacts("Sylvie", "Moulinet", (Seat(RIRE, Role.MENTOR), Seat(CIVAM, Role.MENTOR)),
                (Held(CAR, -9000),), "+33199001019", "sylvie.moulinet", CHATEAUROUX, 0.4),
    PersonFacts("Bernard", "Tissier", (Seat(ADEARI, Role.MENTOR),),
                (Held(TRACTOR, -9000), Held(CAR, -9000), Held(DRIVING, -1000, 330)),
                "+33199001020", None, NEUVY, 0.8, phone_shared=False),
    PersonFacts("Odette", "Vasseur", (Seat(RIRE, Role.MENTOR, since=-800),), (),
                "+33199001021", None, CHATEAUROUX, 0.3),
    PersonFacts("Claire", "Aubrun",
                (Seat(PLES, Role.STRUCTURE_MANAGER, True), Seat(PLES, Role.MENTOR, True)),
                (Held(CAR, -4000),), "+33199001022", "claire.aubrun", CHATEAUROUX, 1.0),
    PersonFacts("Olivier", "Renaudat", (Seat(PLES, Role.EQUIPMENT_MANAGER, True),),
                (Held(CAR, -4000), Held(TRACTOR, -2000)),
                "+33199001023", "olivier.renaudat", CHATEAUROUX, 0.6),
    PersonFacts("Philippe", "Gaudron",
                (Seat(ADEARI, Role.EQUIPMENT_MANAGER), Seat(CIVAM, Role.MENTOR)),
                (Held(TRACTOR, -9000), Held(DRIVING, -1400, 240), Held(CAR, -9000),
                 Held(SAFETY, -900, 150)),
                "+33199001024", "philippe.gaudron", NEUVY, 1.0),
    PersonFacts("Nadia", "Haddouche", (Seat(MRJC, Role.STRUCTURE_MANAGER, True),),
                (Held(CAR, -3000),), "+33199001025", "nadia.haddouche", CHATEAUROUX, 0.5),
    PersonFacts("Monique", "Perrinet", (Seat(RIRE, Role.STRUCTURE_MANAGER),),
                (Held(CAR, -9000),), "+33199001026", "monique.perrinet", CHATEAUROUX, 0.3),
    PersonFacts("Denis", "Chauvelin",
                (Seat(CIVAM, Role.MENTOR, True), Seat(CRESOL, Role.MENTOR, True)),
                (Held(CAR, -4000), Held(TRACTOR, -2500)),
                "+33199001027", "denis.chauvelin", CHATRE, 0.6),
    PersonFacts("Samuel", "Okoye",
                (Seat(COOP, Role.STRUCTURE_MANAGER, True), Seat(PLES, Role.MENTOR, True)),
                (Held(CAR, -2000),), "+33199001028", "samuel.okoye", CHATEAUROUX, 0.5,
                language="en"),
    PersonFacts("Camille", "Dupuyset", (Seat(CRESOL, Role.STRUCTURE_MANAGER, True),),
                (Held(CAR, -2500),), "+33199001029", "camille.dupuyset", CHATEAUROUX, 0.4),
    PersonFacts("Romain", "Gaultier", (Seat(CIVAM, Role.TRAINEE, since=-1200, until=-140),),
                ALL_TRACTOR, "+33199001030", "romain.gaultier", CHATRE, 3.5),
)  # fmt: skip
"""The cast first, in the order in which the sign-in page shows it; then those around it."""
