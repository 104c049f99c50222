"""Whether ground may be claimed: one small function per rule, every reason at once, no database."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import Range

from couveuse.core import i18n
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_
from couveuse.occupancy.models import HELD_BY_PEOPLE, PeriodKind
from couveuse.occupancy.spans import DAY, Stage, end_of, said, start_of

KINDS = {
    PeriodKind.STAY: N_("Séjour"),
    PeriodKind.RESERVED: N_("Réservé"),
    PeriodKind.REST: N_("Repos, engrais vert"),
    PeriodKind.WORKS: N_("Travaux"),
    PeriodKind.COLLECTIVE: N_("Usage collectif"),
    PeriodKind.OUT_OF_SERVICE: N_("Hors service"),
}


STAGES = {
    Stage.COMING: N_("à venir"),
    Stage.RUNNING: N_("en cours"),
    Stage.GOES_ON: N_("se poursuit"),
    Stage.OVER: N_("terminé"),
    Stage.ENDED_EARLY: N_("fini plus tôt"),
}


def stage_name(stage: Stage) -> str:
    return i18n.gettext(STAGES[stage])


def kind_name(kind: str) -> str:
    return i18n.gettext(KINDS[PeriodKind(kind)])


@dataclass(frozen=True, slots=True)
class Clash:
    """A claim that holds the plot already: what it is, whose, from when to when."""

    period_id: int
    kind: str
    during: Range[dt.date]
    who: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules look at, for one plot."""

    plot: str
    kind: str
    during: Range[dt.date]
    service: Range[dt.date]
    rights: Sequence[Range[dt.date]] = ()
    """What the structure's rights on the land cover; none recorded means no limit."""
    clashes: Sequence[Clash] = ()
    people: Collection[int] = ()
    unknown: Collection[int] = ()
    """Persons asked for that cannot be found."""


Rule = Callable[[Facts], Iterator[Reason]]


def claim_problems(facts: Facts) -> list[Reason]:
    """Every reason against the claim; none means that it may be made."""
    return [reason for rule in RULES for reason in rule(facts)]


def has_people(facts: Facts) -> Iterator[Reason]:
    if facts.kind == PeriodKind.STAY and not facts.people and not facts.unknown:
        yield Reason(
            "nobody",
            N_("Un séjour a une personne au moins. Choisissez qui vient."),
            field="person_id",
        )
    if facts.kind not in HELD_BY_PEOPLE and facts.people:
        yield Reason(
            "people_only_stay",
            N_(
                "Seuls un séjour ou une réservation ont une personne. Retirez-la, "
                "ou changez l'usage."
            ),
            field="person_id",
        )


def knows_people(facts: Facts) -> Iterator[Reason]:
    if facts.unknown:
        yield Reason(
            "unknown_person",
            N_("Cette personne n'est pas dans la liste. Choisissez-en une autre."),
            field="person_id",
        )


def in_service(facts: Facts) -> Iterator[Reason]:
    first, end = start_of(facts.during), end_of(facts.during)
    if first < start_of(facts.service):
        yield Reason(
            "before_service",
            N_("%(plot)s n'existe qu'à partir du %(day)s. Commencez ce jour-là ou après."),
            {"plot": facts.plot, "day": start_of(facts.service)},
            field="starts_on",
        )
    if facts.service.upper and end > facts.service.upper:
        yield Reason(
            "after_service",
            N_(
                "%(plot)s n'est plus en service après le %(day)s. Finissez ce jour-là au plus "
                "tard, ou cherchez la parcelle qui en est issue."
            ),
            {"plot": facts.plot, "day": facts.service.upper - DAY},
            field="ends_on",
        )


def within_right(facts: Facts) -> Iterator[Reason]:
    """No stay beyond the structure's own right on the land."""
    if facts.kind not in HELD_BY_PEOPLE or not facts.rights:
        return
    reach = _reach(facts.rights, start_of(facts.during))
    if reach is None:
        first = min(start_of(right) for right in facts.rights)
        yield Reason(
            "no_right_yet",
            N_(
                "La structure n'a pas de droit sur cette terre le %(day)s (son premier droit "
                "commence le %(first)s). Enregistrez le droit, ou changez les dates."
            ),
            {"day": start_of(facts.during), "first": first},
            field="starts_on",
        )
    elif end_of(facts.during) > reach:
        yield Reason(
            "beyond_right",
            N_(
                "Le droit de la structure sur cette terre finit le %(day)s. Finissez le séjour "
                "ce jour-là au plus tard, ou prolongez d'abord le droit."
            ),
            {"day": reach - DAY},
            field="ends_on",
        )


def _reach(rights: Sequence[Range[dt.date]], day: dt.date) -> dt.date | None:
    """Until when rights that follow each other cover the land from ``day`` on; None: not at all."""
    reach: dt.date | None = None
    for right in sorted(rights, key=start_of):
        covered = day if reach is None else reach
        if start_of(right) <= covered < end_of(right):
            reach = end_of(right)
    return reach


def free(facts: Facts) -> Iterator[Reason]:
    for clash in list(facts.clashes)[:5]:
        yield clash_reason(facts.plot, clash)


def clash_reason(plot: str, clash: Clash) -> Reason:
    values = {
        "plot": plot,
        "who": clash.who or "",
        "kind": kind_name(clash.kind).lower(),
        "dates": said(clash.during),
        "why": clash.why or "",
    }
    if clash.who and clash.kind == PeriodKind.RESERVED:
        message = N_("%(plot)s est réservée pour %(who)s %(dates)s.")
    elif clash.who:
        message = N_("%(plot)s est à %(who)s %(dates)s.")
    elif clash.why:
        message = N_("%(plot)s n'est pas libre %(dates)s : %(kind)s (%(why)s).")
    else:
        message = N_("%(plot)s n'est pas libre %(dates)s : %(kind)s.")
    return Reason("ground_taken", message, values)


RULES: tuple[Rule, ...] = (has_people, knows_people, in_service, within_right, free)
