"""The figures of a period in words: formula, denominator and the list behind each. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.occupancy import figures
from couveuse.occupancy.figures import (
    Before,
    Gap,
    Ground,
    Held,
    PlotDays,
    Presence,
    Ratio,
    Shares,
)
from couveuse.occupancy.lists import (
    Cell,
    Table,
    begun_table,
    gaps_table,
    people_table,
    plots_table,
)
from couveuse.occupancy.spans import DAY

MOST_SNAPSHOTS = 6


class Figure(NamedTuple):
    """A number, what it is made of, and where its list is."""

    code: str
    title: str
    formula: str
    ratio: Ratio
    unit: str
    """percent, days, months or number."""
    over: str
    """What the numerator counts."""
    under: str
    """What the denominator counts; empty when there is none."""
    list_name: str
    on: dt.date | None = None
    """The day, for a figure of one day: its list is that of the day."""
    share: Decimal | None = None
    """A per cent rounded beside others, so that together they make 100."""

    @property
    def shown(self) -> str:
        if self.share is not None:
            return i18n.percent(self.share)
        value = self.ratio.value
        if value is None:
            return "–"
        factor = 100 if self.unit == "percent" else 1
        said = decimal(value * factor, 1)
        number = i18n.number(said)
        match self.unit:
            case "percent":
                return i18n.percent(said)
            case "days":
                return i18n.ngettext("%(num)s\u00a0jour", "%(num)s\u00a0jours", round(said)) % {
                    "num": number
                }
            case "months":
                return i18n.translated(N_("%(num)s\u00a0mois"), {"num": number})
            case _:
                return number


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the figures of a period are counted from."""

    grounds: Sequence[Ground]
    claims: Sequence[Held]
    before: Mapping[int, Before]
    start: dt.date
    end: dt.date
    """The first day after the period."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a period with the lists behind them."""

    figures: list[Figure]
    shares: Shares
    sums: dict[str, Fraction]
    tables: dict[str, Callable[[], Table]]
    """The lists by name, made when they are asked for."""


def decimal(value: Fraction, places: int) -> float | int:
    """For showing only, once everything is counted."""
    rounded = round(value, places)
    return int(rounded) if rounded.denominator == 1 else float(rounded)


def summarise(facts: Facts) -> Summary:
    """Count everything once. Temporary sites are counted apart, as person-months."""
    plots = figures.count_days(facts.grounds, facts.claims, facts.start, facts.end)
    lasting = [one for one in plots if not one.ground.is_temporary]
    grounds = {one.ground.id: one.ground for one in lasting}
    begun, gaps = figures.changes(facts.claims, facts.before, grounds, facts.start, facts.end)
    sums = figures.area_days(lasting)
    people = figures.presences(facts.grounds, facts.claims, facts.start, facts.end)
    snapshots = [_snapshot(facts, day) for day in snapshot_days(facts.start, facts.end)]
    shares = Shares.of_sums(sums)
    found = _figures(facts, lasting, sums, begun, gaps, people) + snapshots
    if sums["service"]:
        found += _band_figures(sums, shares)
    return Summary(
        found,
        shares,
        sums,
        {
            "chiffres": lambda: figures_table(found),
            "parcelles": lambda: plots_table(lasting),
            "changements": lambda: gaps_table(gaps, grounds),
            "entrees": lambda: begun_table(begun, grounds),
            "temporaires": lambda: people_table(people),
        },
    )


def _figures(
    facts: Facts,
    plots: Sequence[PlotDays],
    sums: Mapping[str, Fraction],
    begun: Sequence[Held],
    gaps: Sequence[Gap],
    people: Sequence[Presence],
) -> list[Figure]:
    t = i18n.gettext
    covered = figures.area_days(plots, covered=True)
    area, places = t(N_("m² × jours")), t(N_("places × jours"))
    days = (facts.end - facts.start).days
    one = Fraction(1)
    return [
        Figure(
            "gross",
            t(N_("Taux d'occupation brut")),
            t(
                N_(
                    "m² occupés × jours ÷ m² en service × jours. Occupé : séjours et usage "
                    "collectif. En service : sans les jours hors service."
                )
            ),
            figures.gross(sums),
            "percent",
            area,
            area,
            "parcelles",
        ),
        Figure(
            "net",
            t(N_("Taux d'occupation net")),
            t(N_("m² occupés × jours ÷ (m² en service − repos − travaux) × jours.")),
            figures.net(sums),
            "percent",
            area,
            area,
            "parcelles",
        ),
        Figure(
            "covered",
            t(N_("Surface couverte : taux brut")),
            t(N_("m² couverts occupés × jours ÷ m² couverts en service × jours.")),
            figures.gross(covered),
            "percent",
            area,
            area,
            "parcelles",
        ),
        Figure(
            "places",
            t(N_("Par place")),
            t(
                N_(
                    "Jours × personnes dans une place ÷ places × jours. Une parcelle est une "
                    "place ; tenue à deux, elle compte deux personnes : plus de 100 % est possible."
                )
            ),
            figures.by_place(plots),
            "percent",
            t(N_("personnes × jours")),
            places,
            "parcelles",
        ),
        Figure(
            "held",
            t(N_("Places tenues")),
            t(N_("Places avec un séjour × jours ÷ places × jours.")),
            figures.places_held(plots),
            "percent",
            places,
            places,
            "parcelles",
        ),
        Figure(
            "rest",
            t(N_("Part en repos")),
            t(N_("Parcelles en repos × jours ÷ parcelles en service × jours.")),
            figures.resting(plots),
            "percent",
            places,
            places,
            "parcelles",
        ),
        Figure(
            "reserved",
            t(N_("Réservé, pas commencé")),
            t(N_("Parcelles réservées × jours, de la réservation à l'entrée.")),
            Ratio(Fraction(figures.reserved_days(plots)), one),
            "days",
            t(N_("parcelles × jours")),
            "",
            "parcelles",
        ),
        Figure(
            "vacancy",
            t(N_("Attente moyenne entre deux séjours")),
            t(
                N_(
                    "Jours entre la fin d'un séjour et le début du suivant sur la même terre ÷ "
                    "nombre de changements. Un séjour renouvelé n'est pas un changement."
                )
            ),
            figures.mean_vacancy(gaps),
            "days",
            i18n.ngettext("jour d'attente", "jours d'attente", sum(gap.days for gap in gaps)),
            i18n.ngettext("changement", "changements", len(gaps)),
            "changements",
        ),
        Figure(
            "turnover",
            t(N_("Rotation")),
            t(N_("Séjours commencés ÷ nombre moyen de places en service.")),
            figures.turnover(begun, plots, days),
            "number",
            i18n.ngettext("séjour commencé", "séjours commencés", len(begun)),
            t(N_("places")),
            "entrees",
        ),
        Figure(
            "temporary",
            t(N_("Lieux temporaires")),
            t(
                N_(
                    "Mois de présence des personnes en test sur un lieu temporaire, chaque jour "
                    "une fois par personne. À part : ces terres ne sont pas dans les taux."
                )
            ),
            Ratio(sum((who.months for who in people), Fraction(0)), one),
            "months",
            t(N_("personnes × mois")),
            "",
            "temporaires",
        ),
    ]


BANDS = {
    "occupied": (N_("Terre occupée"), N_("m² tenus par un séjour ou d'usage collectif × jours")),
    "reserved": (N_("Terre réservée"), N_("m² réservés, pas encore tenus × jours")),
    "rest": (N_("Terre en repos"), N_("m² en repos ou engrais vert × jours")),
    "works": (N_("Terre en travaux"), N_("m² en travaux × jours")),
    "vacant": (N_("Terre libre"), N_("m² que rien ne tient × jours")),
}


def _band_figures(sums: Mapping[str, Fraction], shares: Shares) -> list[Figure]:
    """The five that make the whole: each square metre in service is in one of them each day."""
    area = i18n.gettext(N_("m² × jours"))
    whole = N_("%(what)s ÷ m² en service × jours. Une des cinq parts, qui font 100 %%.")
    return [
        Figure(
            f"band_{name}",
            i18n.gettext(title),
            i18n.translated(whole, {"what": i18n.gettext(what)}),
            Ratio(sums[name], sums["service"]),
            "percent",
            area,
            area,
            "parcelles",
            share=shares.percent[name],
        )
        for name, (title, what) in BANDS.items()
    ]


def snapshot_days(start: dt.date, end: dt.date) -> list[dt.date]:
    """The last day, and each 30 June and 31 December of the period (the latest few)."""
    usual = [
        day
        for year in range(start.year, end.year + 1)
        for day in (dt.date(year, 6, 30), dt.date(year, 12, 31))
        if start <= day < end
    ]
    return sorted({end - DAY, *usual[-MOST_SNAPSHOTS:]})


def _snapshot(facts: Facts, day: dt.date) -> Figure:
    area = i18n.gettext(N_("m²"))
    return Figure(
        f"on_{day}",
        i18n.translated(N_("Le %(day)s"), {"day": day}),
        i18n.gettext(N_("m² occupés ce jour-là ÷ m² en service ce jour-là.")),
        figures.on_day(facts.grounds, facts.claims, day),
        "percent",
        area,
        area,
        "parcelles",
        day,
    )


def figures_table(found: Sequence[Figure]) -> Table:
    t = i18n.gettext
    columns = [N_("Chiffre"), N_("Valeur"), N_("Numérateur"), N_("Dénominateur"), N_("Formule")]
    rows: list[list[Cell]] = [
        [
            one.title,
            one.shown,
            one.ratio.numerator,
            one.ratio.denominator if one.under else None,
            one.formula,
        ]
        for one in found
    ]
    return Table("chiffres", t(N_("Chiffres")), [t(one) for one in columns], rows)
