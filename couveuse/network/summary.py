"""The hours of a period as lists: on the screen and in files the same rows. Pure."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.network.hours import (
    WAYS,
    Counted,
    Giver,
    Line,
    Part,
    Proof,
    Session,
    Time,
    lines,
    total,
)
from couveuse.network.rules import KINDS
from couveuse.occupancy.summary import Cell, Table

TITLES = {
    "personnes": N_("Par personne, heures reçues"),
    "accompagnement": N_("Par accompagnement, heures données"),
    "structures": N_("Par structure, heures données"),
    "actions": N_("Par action financée"),
    "financements": N_("Par financement"),
}
FIRST = {
    "personnes": N_("Personne"),
    "accompagnement": N_("Qui a donné le temps"),
    "structures": N_("Structure"),
    "actions": N_("Action"),
    "financements": N_("Financement"),
}
UNDER_NONE = {
    "structures": N_("Sans structure"),
    "actions": N_("Imputé à aucune action"),
    "financements": N_("Imputé à aucun financement"),
}
PROOFS = {
    Proof.SIGNED: N_("signé"),
    Proof.PAPER: N_("feuille signée"),
    Proof.UNSIGNED: N_("à signer"),
}
SESSIONS = "seances"


class Group(NamedTuple):
    """The hours under one heading."""

    code: str
    title: str
    first: str
    lines: Sequence[Line]
    none: str
    """How the line of what belongs to none reads."""


class Summary(NamedTuple):
    groups: list[Group]
    total: Time
    counted: Sequence[Counted]
    has_half_days: bool
    has_paper: bool


def summarise(counted: Sequence[Counted]) -> Summary:
    t = i18n.gettext
    groups = [
        Group(
            code, t(TITLES[code]), t(FIRST[code]), lines(counted, way), t(UNDER_NONE.get(code, ""))
        )
        for code, way in WAYS.items()
    ]
    everything = total(counted)
    return Summary(
        groups,
        everything,
        counted,
        bool(everything.whole_half_days),
        any(one.time.minutes[Proof.PAPER] for group in groups for one in group.lines),
    )


def narrowed(counted: Sequence[Counted], code: str, under: int) -> list[Counted]:
    """What stands behind one line of a group."""
    return [one for one in counted if _part(one, code, under)]


def _part(counted: Counted, code: str, under: int) -> Part | None:
    return next((one for one in WAYS[code](counted) if one.under.id == under), None)


def under_line(counted: Counted, code: str | None, under: int) -> tuple[Proof, int]:
    """The proof and the minutes that count in a list: those of the person, in hers."""
    part = _part(counted, code, under) if code else None
    return (part.proof, part.minutes) if part else (counted.session.proof, counted.minutes)


def tables(summary: Summary) -> dict[str, Table]:
    """Every list, as files keep it: hours as numbers."""
    made = {group.code: group_table(group) for group in summary.groups}
    return made | {SESSIONS: sessions_table(summary.counted)}


def group_table(group: Group) -> Table:
    t = i18n.gettext
    columns = [
        group.first,
        t(N_("Séances")),
        t(N_("Heures signées")),
        t(N_("Heures sur feuille signée")),
        t(N_("Heures à signer")),
        t(N_("Heures en tout")),
        t(N_("Demi-journées prouvées")),
        t(N_("Demi-journées à signer")),
    ]
    rows: list[list[Cell]] = [
        [
            one.name or group.none,
            one.time.sessions,
            *(hours(one.time.minutes[proof]) for proof in Proof),
            hours(one.time.whole),
            one.time.proven_half_days,
            one.time.waiting_half_days,
        ]
        for one in group.lines
    ]
    return Table(group.code, group.title, columns, rows)


def sessions_table(counted: Sequence[Counted]) -> Table:
    t = i18n.gettext
    columns = [
        t(N_("Jour")),
        t(N_("Début")),
        t(N_("Séance")),
        t(N_("Qui a donné le temps")),
        t(N_("Présents")),
        t(N_("Structure")),
        t(N_("Financement")),
        t(N_("Action")),
        t(N_("Heures")),
        t(N_("Demi-journées")),
        t(N_("Preuve")),
    ]
    return Table(SESSIONS, t(N_("Séances")), columns, [_row(one) for one in counted])


def _row(counted: Counted) -> list[Cell]:
    session, t = counted.session, i18n.gettext
    return [
        session.day,
        i18n.clock_time(session.start.astimezone(session.zone)),
        t(KINDS[session.kind]),
        ", ".join(_giver(one, session) for one in session.givers),
        ", ".join(one.name for one in session.received),
        session.structure.name if session.structure else None,
        session.grant.name if session.grant else None,
        session.action.name if session.action else None,
        hours(counted.minutes),
        counted.half_days,
        t(PROOFS[session.proof]),
    ]


def _giver(giver: Giver, session: Session) -> str:
    """With their own time, when it was not the whole session."""
    own = giver.minutes != session.minutes
    return f"{giver.name} ({i18n.hours(giver.minutes)})" if own else giver.name


def hours(minutes: int) -> Fraction:
    return Fraction(minutes, 60)
