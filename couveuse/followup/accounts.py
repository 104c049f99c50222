"""Twelve months of somebody's own figures: sums to the cent, beside what she planned. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.followup.models import FigureHeading, HeadingKind, HoursPer
from couveuse.occupancy.season import Season, add_months
from couveuse.occupancy.summary import Cell, Table

CENT = Decimal("0.01")
SALE, COST = HeadingKind.SALE, HeadingKind.COST
Amounts = Mapping[tuple[int, dt.date], Decimal]
"""By heading and first day of a month."""


def first_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def months_of(season: Season) -> list[dt.date]:
    return [add_months(season.start, number) for number in range(season.months)]


def month_name(month: dt.date | str) -> str:
    """``octobre 2026``."""
    day = dt.date.fromisoformat(month) if isinstance(month, str) else month
    return i18n.day(day, "month")


def spread(total: Decimal, parts: int) -> list[Decimal]:
    """A total over months: whole cents, the first ones take what is left, the sum is exact."""
    cents, rest = divmod(int(total / CENT), parts)
    return [CENT * (cents + (number < rest)) for number in range(parts)]


def hours_in(month: dt.date, hours: Decimal, per: str) -> Fraction:
    """The hours of a whole month; those of a week count for each of its days."""
    if per == HoursPer.MONTH:
        return Fraction(hours)
    days = (add_months(month, 1) - month).days
    return Fraction(hours) * days / 7


@dataclass(frozen=True, slots=True)
class Accounts:
    """What a reader may read of twelve months."""

    season: Season
    headings: Sequence[FigureHeading]
    """Outlets first, each kind in the person's order."""
    filled: Sequence[dt.date]
    """Months that are kept, in order."""
    real: Amounts
    plan: Amounts
    hours: Mapping[dt.date, Fraction]
    words: Mapping[dt.date, str]

    @property
    def months(self) -> list[dt.date]:
        return months_of(self.season)

    def of(self, kind: str) -> list[FigureHeading]:
        return [one for one in self.headings if one.kind == kind]

    def total(self, amounts: Amounts, kind: str, month: dt.date | None = None) -> Decimal:
        wanted = {one.id for one in self.of(kind)}
        return sum(
            (
                amount
                for (heading, when), amount in amounts.items()
                if heading in wanted and month in (None, when)
            ),
            Decimal(0),
        )

    def row_total(self, amounts: Amounts, heading: FigureHeading) -> Decimal:
        return sum((one for (whose, _), one in amounts.items() if whose == heading.id), Decimal(0))

    def left(self, month: dt.date | None = None) -> Decimal:
        """Sales less costs."""
        return self.total(self.real, SALE, month) - self.total(self.real, COST, month)

    @property
    def hours_total(self) -> Fraction:
        return sum(self.hours.values(), Fraction(0))

    def per_hour(self) -> Decimal | None:
        """What is left for an hour, over the months whose hours are known; to the cent."""
        if not self.hours_total:
            return None
        left = sum((Fraction(self.left(month)) for month in self.hours), Fraction(0))
        cents = left / self.hours_total * 100
        whole = (Decimal(cents.numerator) / Decimal(cents.denominator)).quantize(
            Decimal(1), ROUND_HALF_UP
        )
        return whole * CENT

    # -------------------------------------------------------------- as it is shown and exported

    @property
    def has_plan(self) -> bool:
        return bool(self.plan)

    def tables(self) -> list[Table]:
        return [self.by_month(), self.by_heading(), self.detail()]

    def by_month(self) -> Table:
        columns = [N_("Mois"), N_("Ventes"), N_("Dépenses"), N_("Reste")]
        if self.has_plan:
            columns[2:2] = [N_("Ventes prévues")]
            columns[4:4] = [N_("Dépenses prévues")]
        if self.hours:
            columns.append(N_("Heures"))
        rows = [self._month_row(month) for month in self.months]
        rows.append(self._month_row(None))
        return _table("mois", N_("Mois par mois"), columns, rows)

    def _month_row(self, month: dt.date | None) -> list[Cell]:
        known = month is None or month in self.filled
        foreseen = month is None or month in {when for _, when in self.plan}
        hours = self.hours_total if month is None else self.hours.get(month)
        row: list[Cell] = [month_name(month) if month else i18n.gettext(N_("Total"))]
        for kind in (SALE, COST):
            row.append(_money(self.total(self.real, kind, month)) if known else None)
            if self.has_plan:
                row.append(_money(self.total(self.plan, kind, month)) if foreseen else None)
        row.append(_money(self.left(month)) if known else None)
        if self.hours:
            row.append(_rounded(hours) if hours else None)
        return row

    def by_heading(self) -> Table:
        columns = [N_("Ligne"), N_("Réel")]
        if self.has_plan:
            columns += [N_("Prévu"), N_("Écart")]
        rows: list[list[Cell]] = []
        for kind, title in ((SALE, N_("Total des ventes")), (COST, N_("Total des dépenses"))):
            for one in self.of(kind):
                real, plan = self.row_total(self.real, one), self.row_total(self.plan, one)
                rows.append(self._heading_row(i18n.gettext(one.name), real, plan))
            real, plan = self.total(self.real, kind), self.total(self.plan, kind)
            rows.append(self._heading_row(i18n.gettext(title), real, plan))
        return _table("lignes", N_("Par débouché et par dépense"), columns, rows)

    def _heading_row(self, name: str, real: Decimal, plan: Decimal) -> list[Cell]:
        row: list[Cell] = [name, _money(real)]
        return [*row, _money(plan), _money(real - plan)] if self.has_plan else row

    def detail(self) -> Table:
        columns = [N_("Ligne"), *(month_name(one) for one in self.months), N_("Total")]
        rows: list[list[Cell]] = [
            [
                i18n.gettext(one.name),
                *(_amount(self.real.get((one.id, month))) for month in self.months),
                _money(self.row_total(self.real, one)),
            ]
            for one in self.headings
        ]
        return _table("detail", N_("Le détail"), columns, rows)


class Money(Fraction):
    """An amount in a list: exact, shown with its cents."""


def _money(amount: Decimal) -> Money:
    return Money(amount)


def _amount(amount: Decimal | None) -> Money | None:
    return None if amount is None else Money(amount)


def _rounded(hours: Fraction) -> Fraction:
    return round(hours, 1)


def _table(name: str, title: str, columns: list[str], rows: list[list[Cell]]) -> Table:
    return Table(name, i18n.gettext(title), [i18n.gettext(one) for one in columns], rows)
