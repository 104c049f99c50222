"""The farm seasons around a day: the land of the demonstration is dated by them."""

import datetime as dt
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from couveuse.seeds.demo_people import PEOPLE

DAY = dt.timedelta(days=1)
FIRST_MONTH = 11


@dataclass(frozen=True, slots=True)
class Almanac:
    today: dt.date

    @property
    def year(self) -> int:
        """In which the present season began."""
        return self.today.year - (self.today.month < FIRST_MONTH)

    def at(self, season: int, month: int = FIRST_MONTH, day: int = 1) -> dt.date:
        """A day of a season: 0 is the present one, -1 the one before, each from November on."""
        return dt.date(self.year + season + (month < FIRST_MONTH), month, day)

    def month(self, days: int) -> dt.date:
        """The first day of the month that lies so many days away."""
        return (self.today + days * DAY).replace(day=1)

    def joined(self, given_name: str, after: int = 10) -> dt.date:
        """Some days after somebody became a member."""
        facts = next(one for one in PEOPLE if one.given_name == given_name)
        return self.today + (min(seat.since for seat in facts.seats) + after) * DAY


def months_later(day: dt.date, months: int) -> dt.date:
    return day + relativedelta(months=months)
