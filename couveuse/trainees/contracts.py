"""What the papers of an agreement say: in French for every reader, since they bind in it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from babel.dates import format_date

from couveuse.core.clock import PARIS
from couveuse.core.typesetting import Paper, PaperPart, PaperParty, PaperSection
from couveuse.people.models import Person
from couveuse.structures.models import Structure
from couveuse.trainees.models import (
    Agreement,
    AgreementAmendment,
    AgreementKind,
    AgreementPeriod,
    AgreementSignature,
    DocumentKind,
    Party,
)
from couveuse.trainees.rules.kinds import contents_of, pieces_of
from couveuse.trainees.rules.months import months_in

SUPPORT, TRAINEE = "La structure d'appui", "La personne en test"
ROLES = {Party.STRUCTURE: SUPPORT, Party.TRAINEE: TRAINEE}
TO_COMPLETE = "[à compléter]"
PARTS = {
    "whole": "",
    "before": "Avant le début d'activité",
    "after": "Après le début d'activité",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """All that papers are written from. Rows with person, structure and periods loaded."""

    agreement: Agreement
    kind: AgreementKind
    amendments: Sequence[AgreementAmendment] = ()
    """Those signed already, the first first."""

    @property
    def person(self) -> Person:
        return self.agreement.person

    @property
    def structure(self) -> Structure:
        return self.agreement.structure

    @property
    def last(self) -> dt.date:
        return self.agreement.periods[-1].last_day


def in_french(day: dt.date) -> str:
    """A date as contracts write it: « 1er décembre 2026 »."""
    text = format_date(day, "d MMMM y", locale="fr")
    return f"1er{text[1:]}" if day.day == 1 else text


def is_unfinished(terms: Terms, kind: DocumentKind) -> bool:
    """Whether something is still to be written, so that the paper is a draft."""
    structure = terms.structure
    unknown = bool(terms.kind.wording) and not (structure.siret and structure.registered_office)
    to_write = bool(terms.kind.contents) and terms.agreement.contents_ready_at is None
    return unknown or (kind == DocumentKind.CONTRACT and to_write)


def wording(terms: Terms) -> str | None:
    """What invoices, orders, letters and advertisements carry, with the end as it stands now."""
    if terms.kind.wording is None:
        return None
    structure = terms.structure
    return terms.kind.wording % {
        "person": terms.person.name,
        "structure": structure.name,
        "office": structure.registered_office or TO_COMPLETE,
        "siret": structure.siret or TO_COMPLETE,
        "last": in_french(terms.last),
    }


def write_paper(
    terms: Terms,
    kind: DocumentKind,
    *,
    period: AgreementPeriod | None = None,
    amendment: AgreementAmendment | None = None,
) -> Paper:
    """A paper of one of the kinds; renewals name their period, amendments themselves."""
    match kind:
        case DocumentKind.RENEWAL if period:
            paper = _renewal(terms, period)
        case DocumentKind.AMENDMENT if amendment:
            paper = _amendment(terms, amendment)
        case DocumentKind.EARLY_END:
            paper = _early_end(terms)
        case DocumentKind.WORDING:
            paper = _wording(terms)
        case _:
            paper = _contract(terms)
    return replace(paper, draft=is_unfinished(terms, kind))


def signed_paper(paper: Paper, signatures: Sequence[AgreementSignature], sha256: str) -> Paper:
    """The same with who signed it, when, and the fingerprint of the file that was on the screen."""
    signed = [
        PaperParty(
            ROLES[Party(one.party)],
            one.typed_name,
            [f"Signé à l'écran le {_moment(one.signed_at)}"],
        )
        for one in signatures
    ]
    said = f"Empreinte du document signé (SHA-256) : {sha256}"
    return replace(paper, signatures=signed, made_on="", fingerprint=said)


def _moment(at: dt.datetime) -> str:
    local = at.astimezone(PARIS)
    return f"{in_french(local.date())} à {local:%H:%M}"


def _paper(terms: Terms, title: str, subtitle: str, sections: list[PaperSection]) -> Paper:
    return Paper(
        title=title,
        subtitle=subtitle,
        author=terms.structure.name,
        footer=f"{title}, {terms.person.name} et {terms.structure.label}",
        parties=_parties(terms),
        sections=sections,
        made_on="Fait en deux exemplaires, le",
        signatures=[
            PaperParty(SUPPORT, terms.structure.name),
            PaperParty(TRAINEE, terms.person.name),
        ],
    )


def _parties(terms: Terms) -> list[PaperParty]:
    structure, person = terms.structure, terms.person
    known = [
        structure.kind or "",
        f"Siège : {structure.registered_office or TO_COMPLETE}",
        f"SIRET : {structure.siret or TO_COMPLETE}",
    ]
    return [
        PaperParty(SUPPORT, structure.name, [line for line in known if line]),
        PaperParty(TRAINEE, person.name, [one for one in (person.email, person.phone) if one]),
    ]


def _days(first: dt.date, last: dt.date) -> str:
    months, days = months_in(first, last)
    said = [f"{months} mois"] if months else []
    said += [f"{days} jour{'s' if days > 1 else ''}"] if days else []
    return f"du {in_french(first)} au {in_french(last)} inclus, soit {' et '.join(said)}"


def _contract(terms: Terms) -> Paper:
    kind, first = terms.kind, terms.agreement.periods[0]
    last = first.planned_end_on or first.last_day
    sections = [
        PaperSection(
            "Objet",
            f"{terms.structure.name} appuie {terms.person.name}, qui essaie une activité agricole "
            "en vue de s'installer. Cette convention fixe ce que chacun apporte et jusqu'à quand.",
        ),
        PaperSection("Durée", _duration(kind, first.first_day, last)),
        *_contents(terms),
    ]
    if brought := [one.label for one in pieces_of(kind)]:
        text = "\n".join(f"– {label}" for label in brought)
        sections.append(PaperSection("Pièces à fournir", text))
    if told := wording(terms):
        text = "Jusqu'à son immatriculation, la personne porte cette mention sur ses papiers "
        sections.append(PaperSection("Papiers commerciaux", f"{text}commerciaux :\n« {told} »"))
    return _paper(terms, kind.label, kind.reference or "", _numbered(sections))


def _duration(kind: AgreementKind, first: dt.date, last: dt.date) -> str:
    said = f"La convention court {_days(first, last)}."
    if kind.max_renewals is not None and kind.max_months:
        said += (
            f" Elle peut être renouvelée par écrit, {kind.max_renewals} fois au plus, chaque "
            f"période durant {kind.max_months} mois au plus."
        )
    return said


def _contents(terms: Terms) -> list[PaperSection]:
    """What the kind asks the contract to say, each point under its own title."""
    written = terms.agreement.contents
    return [
        PaperSection(
            point.label,
            parts=[
                PaperPart(PARTS[part], written.get(key) or TO_COMPLETE)
                for key, part in point.keys().items()
            ],
        )
        for point in contents_of(terms.kind)
    ]


def _renewal(terms: Terms, period: AgreementPeriod) -> Paper:
    first = terms.agreement.periods[0]
    signed = f" signée le {in_french(first.signed_on)}" if first.signed_on else ""
    last = period.planned_end_on or period.last_day
    sections = [
        PaperSection(
            "Objet",
            f"Les parties renouvellent pour la {_nth(period.number)} fois la convention{signed}, "
            f"qui a commencé le {in_french(first.first_day)}.",
        ),
        PaperSection("Durée", f"La nouvelle période court {_days(period.first_day, last)}."),
        PaperSection("Ce qui reste", _unchanged(terms)),
    ]
    title = f"Renouvellement n° {period.number}"
    return _paper(terms, title, terms.kind.label, _numbered(sections))


def _nth(number: int) -> str:
    return {1: "première", 2: "deuxième", 3: "troisième"}.get(number, f"{number}e")


def _unchanged(terms: Terms) -> str:
    if not terms.amendments:
        return "Toutes les autres clauses de la convention restent les mêmes."
    said = ", ".join(f"n° {one.number} ({one.title})" for one in terms.amendments)
    return f"Les autres clauses restent les mêmes, telles que les avenants {said} les ont changées."


def _amendment(terms: Terms, amendment: AgreementAmendment) -> Paper:
    sections = [
        PaperSection("Objet", amendment.title),
        PaperSection("Ce qui change", amendment.text),
        PaperSection(
            "Effet",
            f"Cet avenant prend effet le {in_french(amendment.starts_on)}. Les autres clauses de "
            "la convention, et ses dates, restent les mêmes.",
        ),
    ]
    return _paper(terms, f"Avenant n° {amendment.number}", terms.kind.label, _numbered(sections))


def _early_end(terms: Terms) -> Paper:
    agreement, last = terms.agreement, terms.last
    planned = agreement.periods[-1].planned_end_on
    until = f", au lieu du {in_french(planned)}" if planned else ""
    sections = [
        PaperSection("Fin", f"La convention prend fin le {in_french(last)} inclus{until}."),
        PaperSection("Raison", agreement.end_reason or TO_COMPLETE),
        PaperSection(
            "Suites",
            "Les moyens prêtés sont rendus et les comptes arrêtés à cette date. La structure "
            "informe les organismes que la loi désigne.",
        ),
    ]
    return _paper(terms, "Fin anticipée", terms.kind.label, _numbered(sections))


def _wording(terms: Terms) -> Paper:
    text = (
        "Jusqu'à l'immatriculation de la personne, ou tant qu'aucune n'est demandée, factures, "
        "notes de commande, tarifs, publicités, lettres et reçus portent cette mention."
    )
    paper = _paper(
        terms,
        "Mention des papiers commerciaux",
        f"À jour de la fin prévue le {in_french(terms.last)}",
        [PaperSection("Où la porter", text)],
    )
    return replace(paper, framed=wording(terms) or "", signatures=[], made_on="", parties=[])


def _numbered(sections: list[PaperSection]) -> list[PaperSection]:
    return [
        replace(one, title=f"{number}. {one.title}") for number, one in enumerate(sections, start=1)
    ]
