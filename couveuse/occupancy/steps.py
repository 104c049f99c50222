"""Where a stay is out of step with agreement, land right, insurance or its report. Pure.

A stay without an agreement is allowed, since plots are often promised before the papers are signed;
it is told, with the days that nothing covers, until somebody settles it.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from couveuse.core import i18n
from couveuse.core.i18n import N_, gettext
from couveuse.occupancy.spans import DAY, FAR

Days = tuple[dt.date, dt.date | None]
"""The first day, and the one after the last; None when they go on."""
INSURANCE_NOTICE = dt.timedelta(days=60)
REPORT_DAYS = 7
"""How long after somebody has come the condition report may be waited for."""
LATELY = dt.timedelta(days=365)


class StepKind(StrEnum):
    NO_AGREEMENT = "no_agreement"
    BEFORE_AGREEMENT = "before_agreement"
    BEYOND_AGREEMENT = "beyond_agreement"
    BETWEEN_AGREEMENTS = "between_agreements"
    LAND_ENDS_FIRST = "land_ends_first"
    INSURANCE_ENDS = "insurance_ends"
    REPORT_MISSING = "report_missing"


class Step(NamedTuple):
    """One thing out of step: since or until which day, and by how many days."""

    kind: StepKind
    day: dt.date | None = None
    days: int | None = None

    def __str__(self) -> str:
        values = {"day": i18n.day(self.day) if self.day else "", "days": _days(self.days)}
        return gettext(SAID[self.kind]) % values


SAID = {
    StepKind.NO_AGREEMENT: N_("aucune convention signée ne couvre le séjour"),
    StepKind.BEFORE_AGREEMENT: N_("le séjour commence %(days)s avant la convention (%(day)s)"),
    StepKind.BEYOND_AGREEMENT: N_("le séjour dépasse la convention de %(days)s (fin le %(day)s)"),
    StepKind.BETWEEN_AGREEMENTS: N_("%(days)s sans convention pendant le séjour, dès le %(day)s"),
    StepKind.LAND_ENDS_FIRST: N_(
        "le droit sur la terre s'arrête %(days)s avant la convention (le %(day)s)"
    ),
    StepKind.INSURANCE_ENDS: N_("l'assurance s'arrête le %(day)s, le séjour continue %(days)s"),
    StepKind.REPORT_MISSING: N_(
        "état des lieux d'entrée manquant depuis %(days)s (arrivée le %(day)s)"
    ),
}


def _days(count: int | None) -> str:
    if count is None:
        return gettext(N_("sans fin"))
    return i18n.ngettext("%(n)s jour", "%(n)s jours", count) % {"n": count}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a stay of one person rests on."""

    stay: Days
    agreements: Sequence[Days] = ()
    land: Sequence[dt.date | None] = ()
    """For each plot, the day after the last of the structure's right; None when it goes on."""
    insurance: Sequence[Days] = ()
    unreported: Sequence[dt.date] = ()
    """The days on which the person came to a plot without a report of it."""


def steps_of(facts: Facts, today: dt.date) -> Iterator[Step]:
    """Everything out of step, of a stay that is not over."""
    yield from _agreement_steps(facts)
    yield from _land_steps(facts)
    yield from _insurance_steps(facts, today)
    for came_on in facts.unreported:
        if came_on + REPORT_DAYS * DAY < today <= came_on + LATELY:
            yield Step(StepKind.REPORT_MISSING, came_on, (today - came_on).days)


def _agreement_steps(facts: Facts) -> Iterator[Step]:
    first, end = facts.stay[0], facts.stay[1] or FAR
    spans = sorted((max(a, first), min(b or FAR, end)) for a, b in facts.agreements)
    spans = [span for span in spans if span[0] < span[1]]
    if not spans:
        yield Step(StepKind.NO_AGREEMENT)
        return
    if first < spans[0][0]:
        yield Step(StepKind.BEFORE_AGREEMENT, spans[0][0], (spans[0][0] - first).days)
    covered = spans[0][1]
    for begins, ends in spans[1:]:
        if covered < begins:
            yield Step(StepKind.BETWEEN_AGREEMENTS, covered, (begins - covered).days)
        covered = max(covered, ends)
    if covered < end:
        yield Step(StepKind.BEYOND_AGREEMENT, covered - DAY, _count(covered, facts.stay[1]))


def _land_steps(facts: Facts) -> Iterator[Step]:
    """An agreement under way that outlasts the land under it: time to look for other ground."""
    ends = [end or FAR for begins, end in facts.agreements if begins < (facts.stay[1] or FAR)]
    last = max(ends, default=None)
    soonest = min((day for day in facts.land if day), default=None)
    if last and soonest and soonest < last:
        yield Step(
            StepKind.LAND_ENDS_FIRST, soonest - DAY, None if last == FAR else (last - soonest).days
        )


def _insurance_steps(facts: Facts, today: dt.date) -> Iterator[Step]:
    """Insurance that ends soon, or ended, while the stay goes on."""
    if not facts.insurance:
        return
    last = max(end or FAR for _, end in facts.insurance)
    if last <= today + INSURANCE_NOTICE and last < (facts.stay[1] or FAR):
        yield Step(StepKind.INSURANCE_ENDS, last - DAY, _count(last, facts.stay[1]))


def _count(since: dt.date, end: dt.date | None) -> int | None:
    return (end - since).days if end else None
