"""The organic stage of a plot on a day, from the start of its conversion. Pure; never typed.

Regulation (EU) 2018/848 on organic production:

* Annex II, part I, 1.7.1: the rules are applied on the parcels for at least two years before
  *sowing* (annual crops), and at least three years before the first *harvest* (perennial crops,
  forage apart).
* Article 10(4): what is grown during conversion is not sold as organic nor as in conversion; plant
  products with one crop may be sold as in conversion once it has lasted 12 months before harvest.

Conversion begins with the notification to Agence Bio *and* the contract with a certifier. What a
certifier decides (a shortened or a restarted conversion) is kept by changing that date.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from couveuse.core.i18n import N_

MONTHS_BEFORE_SALE = 12
MONTHS_ANNUAL = 24
MONTHS_PERENNIAL = 36


class Stage(StrEnum):
    CONVENTIONAL = "conventional"
    C1 = "c1"
    C2 = "c2"
    C3 = "c3"
    ORGANIC = "organic"


STAGES: dict[str, str] = {
    Stage.CONVENTIONAL: N_("conventionnel"),
    Stage.C1: N_("1re année de conversion (C1)"),
    Stage.C2: N_("2e année de conversion (C2)"),
    Stage.C3: N_("3e année de conversion (C3)"),
    Stage.ORGANIC: N_("bio"),
}


@dataclass(frozen=True, slots=True)
class OrganicDates:
    """What the start of the conversion makes possible, and from when."""

    conversion_on: dt.date

    @property
    def sale_on(self) -> dt.date:
        """Harvests from this day on may be sold as in conversion."""
        return self.conversion_on + relativedelta(months=MONTHS_BEFORE_SALE)

    @property
    def annual_on(self) -> dt.date:
        """Annual crops sown from this day on are organic."""
        return self.conversion_on + relativedelta(months=MONTHS_ANNUAL)

    @property
    def perennial_on(self) -> dt.date:
        """Perennial crops harvested from this day on are organic."""
        return self.conversion_on + relativedelta(months=MONTHS_PERENNIAL)

    def reached_on(self, stage: Stage) -> dt.date:
        """The first day of a stage, for annual crops."""
        match stage:
            case Stage.C1:
                return self.conversion_on
            case Stage.C2:
                return self.sale_on
            case _:
                return self.annual_on


def organic_dates(conversion_on: dt.date | None) -> OrganicDates | None:
    return OrganicDates(conversion_on) if conversion_on else None


def organic_stage(conversion_on: dt.date | None, day: dt.date, *, perennial: bool = False) -> Stage:
    """For annual crops the day is that of sowing, for perennial ones that of harvest."""
    dates = organic_dates(conversion_on)
    if dates is None or day < dates.conversion_on:
        return Stage.CONVENTIONAL
    if day < dates.sale_on:
        return Stage.C1
    if day < dates.annual_on:
        return Stage.C2
    if perennial and day < dates.perennial_on:
        return Stage.C3
    return Stage.ORGANIC


def may_sell_in_conversion(conversion_on: dt.date | None, harvested_on: dt.date) -> bool:
    """Whether what is harvested that day may be sold as in conversion (or as better)."""
    dates = organic_dates(conversion_on)
    return dates is not None and harvested_on >= dates.sale_on
