"""Under what the people of the demonstration test: every situation that an agreement can be in."""

import datetime as dt
from typing import NamedTuple

from couveuse.seeds.almanac import DAY, Almanac, months_later
from couveuse.seeds.demo_people import ADEARI, CIVAM, COOP, MRJC, PLES

OFFICERS = {CIVAM: "Inès", ADEARI: "Paul", PLES: "Claire", COOP: "Samuel", MRJC: "Nadia"}
"""Who signs for each structure."""

IDENTITIES = {
    CIVAM: ("00000360600019", "Chemin des Ajoncs, 36400 La Châtre"),
    PLES: ("00000360600027", "Rue des Marins, 36000 Châteauroux"),
    ADEARI: ("00000360600035", "Rue de la Gare, 36000 Châteauroux"),
    MRJC: ("00000360600043", "Place de l'Église, 36000 Châteauroux"),
    COOP: ("00000360600050", "Rue des Marins, 36000 Châteauroux"),
}
"""SIRET and registered office of those who sign; the numbers are of no real structure."""

CONTENTS = {
    "programme_before": "La structure ouvre la parcelle et le matériel, et suit le projet chaque "
    "mois. La personne prépare son plan de culture et ses débouchés.",
    "programme_after": "La structure tient la comptabilité et accompagne les ventes. La personne "
    "cultive, vend et note ses heures.",
    "means": "Une parcelle, un abri, l'eau et le matériel partagé, selon le règlement du lieu. La "
    "liste est revue à chaque saison.",
    "price": "10 % des ventes hors taxes, prélevés chaque trimestre.",
    "commitments": "Achats de plants, de semences et de petit matériel, 3 000 € par an au plus. La "
    "structure les porte, puis la personne les reprend à son installation.",
    "accounts_after": "Ventes et dépenses sont remises avant le 5 de chaque mois.",
    "early_end": "Chacun peut y mettre fin par écrit, avec un mois de préavis.",
    "pay_before": "Aucune rémunération avant le début d'activité.",
    "contributions_after": "Elles sont déduites des recettes, chaque trimestre, sur justificatif.",
}
PLACEMENT = "training_placement"


class AgreementFacts(NamedTuple):
    person: str
    structure: str
    first: dt.date
    months: tuple[int, ...]
    """Of each period, the first and its renewals."""
    kind: str = "cape"
    signed_on: dt.date | None = None
    """Of the last period, when it is not some days before its start."""
    waits: bool = False
    """The last period has no document yet."""
    carried: int = 0
    ended_on: dt.date | None = None
    reason: str | None = None
    forgotten: tuple[str, ...] = ()
    """Pieces not brought."""
    unsent: int = 0
    """How many of the last notices did not leave yet."""


def agreements_of(almanac: Almanac) -> tuple[AgreementFacts, ...]:
    """On any day: first, second and last periods, one to sign, one that ended early, and so on."""
    today = almanac.today
    month = almanac.month
    left_early, resumes = today - 6 * DAY, today - 5 * DAY
    placement = month(-345)
    return (
        AgreementFacts("Léa", CIVAM, month(-395), (12, 12)),
        AgreementFacts("Tom", ADEARI, month(-255), (11,), forgotten=("bank_details",)),
        AgreementFacts("Karim", CIVAM, month(-585), (6, 6, 12)),
        AgreementFacts("Maëlle", CIVAM, month(-525), (12, 12)),
        AgreementFacts("Hugo", CIVAM, month(-205), (12,), forgotten=("medical_visit",), unsent=1),
        AgreementFacts(
            "Awa", ADEARI, month(-445), (12, 4, 12), signed_on=today + 5 * DAY, waits=True, unsent=2
        ),
        AgreementFacts("Bastien", ADEARI, month(-665), (12, 12)),
        AgreementFacts("Élodie", PLES, month(-200), (12,), carried=8),
        AgreementFacts(
            "Yann",
            PLES,
            month(-475),
            (12, 12),
            ended_on=left_early,
            reason="D'un commun accord : la personne entre dans la coopérative.",
            unsent=2,
        ),
        AgreementFacts(
            "Yann", COOP, resumes, (24,), kind="cesa", signed_on=today - 9 * DAY, carried=16
        ),
        AgreementFacts("Jeanne", MRJC, placement, (14,), kind=PLACEMENT),
        AgreementFacts(
            "Jeanne",
            MRJC,
            months_later(placement, 14),
            (12,),
            signed_on=today + 10 * DAY,
            waits=True,
            forgotten=("insurance", "house_rules", "medical_visit", "bank_details"),
            unsent=2,
        ),
        AgreementFacts(
            "Zoé",
            CIVAM,
            month(-1065),
            (12, 12),
            ended_on=today - 380 * DAY,
            reason="À l'initiative de la personne : elle reprend une ferme dans un autre canton.",
        ),
        AgreementFacts("Romain", CIVAM, month(-1165), (12, 12, 10)),
    )
