"""Everything dated about a person in one list, newest first. Each slice contributes its source.

One statement whatever the history: each source gives its newest days, whole (WITH TIES), so that a
page ends with a whole day and the next one begins with the day before.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.timeline.equipment import BOOKINGS
from couveuse.coordination.timeline.followup import (
    ASSESSMENTS,
    COMMITTEES,
    FIGURES,
    STEPS,
    VISIT_REPORTS,
    VISITS,
)
from couveuse.coordination.timeline.occupancy import EXPENSES, GROUND, REPORTS
from couveuse.coordination.timeline.people import MEMBERSHIPS, PAPERS
from couveuse.coordination.timeline.source import Event, EventKind, Rows, Source
from couveuse.coordination.timeline.trainees import (
    AFTER_THE_TEST,
    AGREEMENTS,
    FOLLOW_UP,
    PATH,
    REFERRALS,
    SELECTION,
    WELCOMES,
)
from couveuse.coordination.timeline.workshops import WORKSHOPS
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_

SOURCES: list[Source] = [
    PATH,
    WELCOMES,
    REFERRALS,
    SELECTION,
    MEMBERSHIPS,
    AGREEMENTS,
    EXPENSES,
    AFTER_THE_TEST,
    FOLLOW_UP,
    VISITS,
    VISIT_REPORTS,
    WORKSHOPS,
    STEPS,
    FIGURES,
    COMMITTEES,
    ASSESSMENTS,
    GROUND,
    REPORTS,
    BOOKINGS,
    PAPERS,
]
KINDS = {
    EventKind.PATH: N_("parcours"),
    EventKind.AGREEMENTS: N_("conventions"),
    EventKind.FOLLOW_UP: N_("suivi"),
    EventKind.LAND: N_("parcelles"),
    EventKind.ITEMS: N_("matériel"),
    EventKind.PAPERS: N_("papiers"),
}
Select = Callable[[Actor, int], Sequence[Rows]]
LENGTH = 40
"""A page has as many lines, and those of its last day."""


@dataclass(frozen=True, slots=True)
class Timeline:
    events: list[Event]
    """Newest first."""
    goes_on_before: dt.date | None
    """The last day shown, when there is more before it."""


async def read_timeline(
    db: AsyncSession,
    actor: Actor,
    person_id: int,
    *,
    kind: EventKind | None = None,
    before: dt.date | None = None,
) -> Timeline:
    """What is dated of a person whom the actor may read. Load her through the actor before."""
    sources = [one for one in SOURCES if kind in (None, one.kind)]
    parts = [
        _newest(select, number, before)
        for number, source in enumerate(sources)
        for select in _selects(source, kind)(actor, person_id)
    ]
    rows = (await db.execute(sa.union_all(*parts))).all()
    told = sorted(rows, key=lambda row: (row.on, -row.number, row.id), reverse=True)
    cut = told[LENGTH - 1].on if len(told) >= LENGTH else None
    shown = [row for row in told if cut is None or row.on >= cut]
    more = len(told) > len(shown) or len(shown) > LENGTH
    return Timeline(
        [sources[row.number].tell(actor, row.on, row.code, row.details) for row in shown],
        cut if more else None,
    )


def _selects(source: Source, kind: EventKind | None) -> Select:
    return source.brief if source.brief and kind is None else source.selects


def _newest(select: Rows, number: int, before: dt.date | None) -> Rows:
    """The newest days of one source, each whole."""
    part = select.subquery()
    wanted = sa.select(part.c.on, part.c.code, part.c.id, part.c.details).order_by(part.c.on.desc())
    if before is not None:
        wanted = wanted.where(part.c.on < before)
    newest = wanted.fetch(LENGTH + 1, with_ties=True).subquery()
    return sa.select(newest, sa.literal(number, sa.Integer).label("number"))
