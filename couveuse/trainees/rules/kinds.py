"""What a kind of agreement asks for, out of its row, and the words of the rows."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from couveuse.core.i18n import N_, gettext, ngettext
from couveuse.trainees.models import AgreementKind
from couveuse.trainees.rules.months import last_day_after

KIND_LABELS = (
    N_("Contrat d'appui au projet d'entreprise (CAPE)"),
    N_("Essai d'association"),
    N_("Stage de formation"),
    N_("Contrat d'entrepreneur·e salarié·e (CESA)"),
    N_("Contrat de travail"),
    N_("Entreprise déjà créée, accueillie sur le lieu"),
    N_("Paysan·ne créatif·ve (stage de la CIAP)"),
)
KIND_REMARKS = (
    N_("Écrit et signé avant de commencer, sinon nul, à chaque renouvellement aussi."),
    N_("Gratuit et écrit, sur le modèle officiel ; chacun peut y mettre fin à tout moment."),
    N_("Convention avec l'organisme de formation ; vérifiez qui assure la personne."),
    N_("Le temps passé en contrat d'appui dans la même coopérative compte dans les trois ans."),
    N_("La personne est seule responsable : vérifiez son assurance."),
    N_("Statut de stagiaire de la formation professionnelle, un an."),
)
NOTICE_LABELS = (N_("Organisme social"), N_("France Travail"))
PIECE_LABELS = (
    N_("Attestation d'assurance"),
    N_("Règlement intérieur signé"),
    N_("Notice sur les données personnelles remise"),
    N_("Personne à prévenir en cas d'urgence"),
    N_("Relevé d'identité bancaire"),
    N_("Visite d'information et de prévention"),
    N_("Convention avec l'organisme de formation"),
    N_("Attestation d'immatriculation"),
    N_("Contrat de la personne pendant l'essai (emploi, apprentissage, stage, entraide)"),
)
CONTENT_LABELS = (
    N_("Programme et engagements de chacun"),
    N_("Moyens mis à disposition"),
    N_("Prix de l'appui"),
    N_("Engagements envers les tiers"),
    N_("Comptes rendus à la structure"),
    N_("Fin anticipée"),
    N_("Rémunération éventuelle"),
    N_("Cotisations sociales"),
)
CONTENT_HELP = (
    N_("Ce que la structure apporte, ce que la personne fait."),
    N_("Leur nature, leur valeur, leurs conditions d'usage, et comment ils évoluent."),
    N_("Un forfait ou un calcul ; « aucun » si l'appui est gratuit."),
    N_("Leur nature, leur plafond, leurs conditions, et qui les supporte à la fin."),
    N_("Comment et tous les combien la personne communique ses comptes."),
    N_("Qui peut y mettre fin, comment, avec quel préavis."),
    N_("Son montant ou son calcul ; « aucune » si rien n'est versé."),
    N_("Comment la personne rembourse les cotisations payées pour elle."),
)
"""What the rows of ``agreement_kind`` are called and say: here so that they are translated."""

PARTS = {
    "whole": "",
    "before": N_("avant le début d'activité"),
    "after": N_("après le début d'activité"),
}


class NoticeFacts(NamedTuple):
    """Somebody to inform of some events."""

    recipient: str
    label: str
    names: tuple[str, ...]
    """Bodies to choose from; the first is the usual one."""
    events: tuple[str, ...]
    within_days: int


class PieceFacts(NamedTuple):
    """A paper that the person brings."""

    code: str
    label: str
    within_months: int
    """After the first day; 0: on the first day at the latest."""

    def due_on(self, first: dt.date) -> dt.date:
        return last_day_after(first, self.within_months) if self.within_months else first


class ContentFacts(NamedTuple):
    """A point that the contract has to settle."""

    code: str
    label: str
    help: str
    parts: tuple[str, ...]

    def keys(self) -> dict[str, str]:
        """The names of its texts, each with the part it is about."""
        return {
            self.code if part == "whole" else f"{self.code}_{part}": part for part in self.parts
        }


def kind_on(kinds: Iterable[AgreementKind], code: str, day: dt.date) -> AgreementKind | None:
    """The kind as the law knew it on a day."""
    return next((one for one in kinds if one.code == code and day in one.in_force), None)


def notices_of(kind: AgreementKind) -> list[NoticeFacts]:
    return [
        NoticeFacts(
            one["recipient"],
            one["label"],
            tuple(one["names"]),
            tuple(one["events"]),
            one["within_days"],
        )
        for one in kind.notices
    ]


def pieces_of(kind: AgreementKind) -> list[PieceFacts]:
    return [PieceFacts(one["code"], one["label"], one["within_months"]) for one in kind.pieces]


def contents_of(kind: AgreementKind) -> list[ContentFacts]:
    return [
        ContentFacts(one["code"], one["label"], one["help"], tuple(one["parts"]))
        for one in kind.contents
    ]


def content_keys(kind: AgreementKind) -> list[str]:
    return [key for one in contents_of(kind) for key in one.keys()]  # noqa: SIM118, not a dict


def limits_in_words(kind: AgreementKind) -> list[str]:
    """What the law allows: "12 mois au plus", "renouvelable 2 fois au plus"."""
    told = [_at_most(kind.max_months)] if kind.max_months else []
    told += [renewable(kind.max_renewals)] if kind.max_renewals is not None else []
    total = kind.max_total_months
    return [*told, gettext(N_("%(n)s mois en tout")) % {"n": total}] if total else told


def _at_most(months: int) -> str:
    return ngettext("%(n)s mois au plus", "%(n)s mois au plus", months) % {"n": months}


def renewable(times: int) -> str:
    if not times:
        return gettext(N_("pas de renouvellement"))
    sentence = ngettext("renouvelable %(n)s fois au plus", "renouvelable %(n)s fois au plus", times)
    return sentence % {"n": times}


def span_in_words(months: int, days: int) -> str:
    """How long it is, as people say it: "9 mois et 24 jours"."""
    in_months = ngettext("%(n)s mois", "%(n)s mois", months) % {"n": months}
    in_days = ngettext("%(n)s jour", "%(n)s jours", days) % {"n": days}
    if months and days:
        return gettext(N_("%(months)s et %(days)s")) % {"months": in_months, "days": in_days}
    return in_months if months else in_days
