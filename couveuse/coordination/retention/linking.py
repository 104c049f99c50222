"""A link by which the network is in touch with a person: what, whose, the last day, if it lives."""

from typing import Any

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.i18n import N_
from couveuse.core.retention import Keeping

Who = sa.Select[int]
Rows = sa.Select[*tuple[Any, ...]]
K = Keeping
WORDS = {
    "membership": N_("appartenance au réseau"),
    "account": N_("connexion"),
    "paper": N_("papier enregistré"),
    "acts": N_("action dans le logiciel"),
    "path": N_("parcours"),
    "next": N_("suite attendue"),
    "welcome": N_("accueil"),
    "introduction": N_("présentation du projet"),
    "referral": N_("orientation vers une structure"),
    "application": N_("candidature"),
    "committee": N_("comité"),
    "agreement": N_("convention"),
    "group": N_("groupe de suivi"),
    "expense": N_("dépense partagée à régler"),
    "exit": N_("fin de test"),
    "after": N_("suivi après le test"),
    "stay": N_("séjour sur une parcelle"),
    "booking": N_("réservation de matériel"),
    "item": N_("responsabilité d'un matériel"),
    "visit": N_("visite"),
    "report": N_("compte rendu"),
    "step": N_("action convenue"),
    "grid": N_("grille d'autoévaluation"),
    "figures": N_("chiffres du test"),
    "light": N_("lien personnel de bénévole"),
    "workshop": N_("atelier"),
    "evidence": N_("séance payée par un financement"),
    "signed": N_("signature dans un dossier encore gardé"),
}
"""What a link is, for those who decide."""


def link(
    what: str,
    person: Any,
    on: Any,
    people: Who,
    *where: Any,
    kind: Keeping | None = None,
    lives: Any = False,
) -> Rows:
    """One way, as rows of ``all_links``.

    ``on``: the last day of contact by it; ``lives``: it keeps the file whatever that day; ``kind``:
    the sort of record that it makes of the file.
    """
    assert what in WORDS  # noqa: S101, said to people
    return sa.select(
        person.label("person_id"),
        sa.literal(what, sa.Text).label("what"),
        sa.literal(kind, sa.Text).label("kind"),
        sa.cast(on, sa.Date).label("on"),
        sa.cast(lives, sa.Boolean).label("lives"),
    ).where(person.in_(people), *where)


def last(during: Any) -> Any:
    return sa.func.upper(during) - 1


def begun(during: Any) -> Any:
    """Its first day, or today when that is still to come."""
    return sa.func.least(sa.func.lower(during), clock.today())


def goes_on(during: Any) -> Any:
    return sa.or_(sa.func.upper(during).is_(None), sa.func.upper(during) > clock.today())


def latest(*columns: Any) -> Any:
    return sa.func.greatest(*(sa.cast(column, sa.Date) for column in columns))
