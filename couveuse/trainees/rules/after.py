"""Life after the test in words and in figures. Pure.

Each figure says its denominator: who left in the period, who was reached, of whom nothing is known.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from couveuse.core.i18n import N_, gettext, ngettext
from couveuse.trainees.models import (
    MONTHS,
    SETTLED,
    AfterContact,
    ContactState,
    Exit,
    Living,
    Outcome,
)

O = Outcome  # noqa: E741

OUTCOMES = {
    O.SETTLED_SAME_PLACE: N_("installation sur le lieu du test"),
    O.SETTLED_NEARBY: N_("installation sur le même territoire"),
    O.SETTLED_ELSEWHERE: N_("installation ailleurs"),
    O.SETTLED_IN_GROUP: N_("installation à plusieurs, en société ou en association"),
    O.COOPERATIVE: N_("entrepreneuriat salarié en coopérative"),
    O.FARM_EMPLOYEE: N_("emploi salarié agricole"),
    O.EMPLOYEE: N_("emploi salarié dans un autre domaine"),
    O.TRAINING: N_("formation"),
    O.EARLIER_SITUATION: N_("retour à la situation d'avant"),
    O.DROPPED: N_("autre projet de vie"),
    O.POSTPONED: N_("projet remis à plus tard"),
    O.OTHER_TEST_SPACE: N_("test poursuivi dans un autre espace-test"),
    O.ENDED_EARLY: N_("convention arrêtée avant son terme"),
    O.DEATH_OR_ILLNESS: N_("décès ou maladie grave"),
    O.UNKNOWN: N_("sans nouvelles"),
}
LIVINGS = {
    Living.YES: N_("oui"),
    Living.PARTLY: N_("en partie"),
    Living.NO: N_("non"),
}
CONTACT_STATES = {
    ContactState.TO_COME: (N_("à venir"), ""),
    ContactState.ASKED: (N_("demandé"), "info"),
    ContactState.ANSWERED: (N_("répondu"), "ok"),
    ContactState.UNKNOWN: (N_("sans nouvelles"), ""),
}
TRIES = 2
"""After so many without an answer nothing is known, and nobody is bothered any more."""
BETWEEN_TRIES = dt.timedelta(days=30)
LINK_LASTS = dt.timedelta(days=180)
FEW = 5
"""Under so many people reached a share says little: it is shown and marked."""


def outcome_name(outcome: str, *, restricted: bool = False) -> str:
    """In words; illness and death are for those who manage the path."""
    if restricted and outcome == O.DEATH_OR_ILLNESS:
        return gettext(N_("autre"))
    return gettext(OUTCOMES[Outcome(outcome)])


def outcome_options(*, asked_of_oneself: bool = False) -> list[tuple[str, str]]:
    hidden = {O.DEATH_OR_ILLNESS, O.UNKNOWN, O.ENDED_EARLY} if asked_of_oneself else set[Outcome]()
    return [(one.value, gettext(word)) for one, word in OUTCOMES.items() if one not in hidden]


def living_options() -> list[tuple[str, str]]:
    return [(one.value, gettext(word)) for one, word in LIVINGS.items()]


def contact_state(state: str) -> tuple[str, str]:
    text, tone = CONTACT_STATES[ContactState(state)]
    return gettext(text), tone


def moment_name(months: int) -> str:
    if months == 0:
        return gettext(N_("à la sortie"))
    return ngettext("%(n)s mois après", "%(n)s mois après", months) % {"n": months}


def due_dates(left_on: dt.date, outcome: str) -> list[tuple[int, dt.date]]:
    """When news is asked for: so many months after the last day; of nobody who died or is very
    ill."""
    if outcome == O.DEATH_OR_ILLNESS:
        return []
    return [(months, left_on + relativedelta(months=months)) for months in MONTHS]


class Group(StrEnum):
    """Where somebody who left counts, at one moment."""

    SETTLED = "settled"
    OTHER = "other"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    NOT_DUE = "not_due"
    OUT = "out"


GROUPS = {
    Group.SETTLED: N_("installées"),
    Group.OTHER: N_("autre chemin"),
    Group.UNKNOWN: N_("sans nouvelles"),
    Group.WAITING: N_("réponse attendue"),
    Group.NOT_DUE: N_("pas encore à l'échéance"),
    Group.OUT: N_("hors du calcul"),
}


def group_name(group: Group) -> str:
    return gettext(GROUPS[group])


def group_of(left: Exit, months: int, today: dt.date) -> Group:
    """At the exit itself (0) by its outcome, later by what the person said then."""
    if left.outcome == O.DEATH_OR_ILLNESS:
        return Group.OUT
    if months == 0:
        return _by(left.outcome)
    contact = next((one for one in left.contacts if one.months == months), None)
    if contact is None:
        return Group.OUT
    if contact.state == ContactState.ANSWERED:
        return _by(contact.situation or O.UNKNOWN)
    if contact.state == ContactState.UNKNOWN:
        return Group.UNKNOWN
    return Group.WAITING if contact.due_on <= today else Group.NOT_DUE


def _by(situation: str) -> Group:
    if situation == O.DEATH_OR_ILLNESS:
        return Group.OUT
    if situation == O.UNKNOWN:
        return Group.UNKNOWN
    return Group.SETTLED if situation in SETTLED else Group.OTHER


@dataclass(frozen=True, slots=True)
class Share:
    """The settled share at one moment, with all that it leaves out."""

    months: int
    groups: Mapping[Group, int]

    @property
    def left(self) -> int:
        return sum(self.groups.values())

    @property
    def settled(self) -> int:
        return self.groups.get(Group.SETTLED, 0)

    @property
    def reached(self) -> int:
        return self.settled + self.groups.get(Group.OTHER, 0)

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.settled, self.reached) if self.reached else None

    @property
    def percent(self) -> int | None:
        """Rounded half up, as people do by hand."""
        return int(self.share * 100 + Fraction(1, 2)) if self.share is not None else None

    @property
    def is_small(self) -> bool:
        return self.reached < FEW

    def count(self, group: Group) -> int:
        return self.groups.get(group, 0)


def shares_of(exits: Iterable[Exit], today: dt.date) -> list[Share]:
    known = list(exits)
    return [
        Share(months, Counter(group_of(one, months, today) for one in known))
        for months in (0, *MONTHS)
    ]


def asks_again(contact: AfterContact, today: dt.date) -> bool:
    """A first time when it is due, a second one a month later."""
    rested = contact.tried_on is None or contact.tried_on + BETWEEN_TRIES <= today
    return contact.is_open and contact.due_on <= today and contact.tries < TRIES and rested


def gives_up(contact: AfterContact, today: dt.date) -> bool:
    """Two tries, and a month without an answer to the second."""
    tried = contact.tries >= TRIES and contact.tried_on is not None
    return contact.is_open and tried and (contact.tried_on or today) + BETWEEN_TRIES <= today
