"""Generated lives of agreements, against a model of the law written otherwise."""

import datetime as dt
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Refused
from couveuse.trainees import actions, queries
from couveuse.trainees.forms import PeriodForm
from couveuse.trainees.models import Agreement
from tests.cast import Cast
from tests.trainees.agreeing import asked, ending

DAY = dt.timedelta(days=1)
START = dt.date(2026, 12, 1)


def month_length(year: int, month: int) -> int:
    return (dt.date(year + month // 12, month % 12 + 1, 1) - dt.date(year, month, 1)).days


def anniversary(first: dt.date, months: int) -> dt.date:
    """The first day that is beyond so many months: counted with calendar tables, not by adding."""
    year, month = first.year, first.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    length = month_length(year, month)
    if first.day <= length:
        return dt.date(year, month, first.day)
    return dt.date(year, month, length) + DAY


@dataclass
class Law:
    """A support contract as the law describes it, kept as a list of days."""

    carried: int = 0
    periods: list[tuple[dt.date, dt.date]] = field(default_factory=list)
    ended: bool = False

    def allows(self, signed: dt.date, first: dt.date, last: dt.date) -> bool:
        if self.ended or len(self.periods) == 3 or last < first:
            return False
        began = self.periods[0][0] if self.periods else first
        fits = last < anniversary(first, 12)
        fits &= self.carried < 36 and last < anniversary(began, 36 - self.carried)
        if not self.periods:
            return fits and signed <= first
        before = self.periods[-1][1]
        return fits and first == before + DAY and signed <= before

    def allows_end(self, day: dt.date) -> bool:
        return not self.ended and self.periods[0][0] <= day < self.periods[-1][1]

    def end(self, day: dt.date) -> None:
        kept = [(first, min(last, day)) for first, last in self.periods if first <= day]
        self.periods, self.ended = kept, True


@dataclass(frozen=True)
class Step:
    """Days count from what would be right: 0 is the day after the last one, 12 months, in time."""

    verb: str
    gap: int
    months: int
    more: int
    late: int
    at: int


near = st.sampled_from([0, 0, 0, 0, 0, 0, -1, 1, 3])
STEPS = st.builds(
    Step,
    verb=st.sampled_from(["renew"] * 5 + ["end"]),
    gap=near,
    months=st.sampled_from([1, 3, 6, 11, 12, 12, 12]),
    more=st.sampled_from([0, 0, 0, -1, 1]),
    late=st.sampled_from([0, 0, 0, -20, 1]),
    at=st.integers(-5, 400),
)


@given(
    start=st.dates(dt.date(2026, 12, 1), dt.date(2029, 3, 1)),
    carried=st.sampled_from([0, 0, 0, 5, 24, 30, 35, 36]),
    steps=st.lists(STEPS, min_size=1, max_size=6),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_lives_follow_the_law(
    db: AsyncSession, cast: Cast, start: dt.date, carried: int, steps: list[Step]
) -> None:
    undo = await db.begin_nested()
    law = Law(carried)
    agreement: Agreement | None = None
    for step in steps:
        if agreement is None:
            agreement = await begin(db, cast, law, start, step)
        elif step.verb == "renew":
            await renew(db, cast, law, agreement, step)
        else:
            await end(db, cast, law, agreement, start + step.at * DAY)
        if agreement:
            now = await queries.get_agreement(db, cast.actors["ines"], agreement.id)
            assert [(one.first_day, one.last_day) for one in now.periods] == law.periods
    await undo.rollback()
    db.expunge_all()


async def begin(
    db: AsyncSession, cast: Cast, law: Law, start: dt.date, step: Step
) -> Agreement | None:
    last = anniversary(start, step.months) + (step.more - 1) * DAY
    signed = start + step.late * DAY
    form = asked(cast, starts_on=start, ends_on=last, signed_on=signed, carried_months=law.carried)
    allowed = law.allows(signed, start, last)
    try:
        made = await actions.sign_agreement(db, cast.actors["ines"], cast.zoe, form)
    except Refused:
        assert not allowed
        return None
    assert allowed
    law.periods.append((start, last))
    return made


async def renew(db: AsyncSession, cast: Cast, law: Law, agreement: Agreement, step: Step) -> None:
    before = law.periods[-1][1]
    first = before + (1 + step.gap) * DAY
    last = anniversary(first, step.months) + (step.more - 1) * DAY
    signed = before + step.late * DAY
    form = PeriodForm(starts_on=first, ends_on=last, signed_on=signed)
    allowed = law.allows(signed, first, last)
    try:
        await actions.renew_agreement(db, cast.actors["ines"], agreement, form)
    except Refused:
        assert not allowed
    else:
        assert allowed
        law.periods.append((first, last))


async def end(db: AsyncSession, cast: Cast, law: Law, agreement: Agreement, day: dt.date) -> None:
    allowed = law.allows_end(day)
    try:
        await actions.end_early(db, cast.actors["ines"], agreement, ending(day.isoformat()))
    except Refused:
        assert not allowed
    else:
        assert allowed or (law.ended and law.periods[-1][1] == day)
        if not law.ended:
            law.end(day)
