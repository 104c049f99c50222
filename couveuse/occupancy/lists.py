"""The lists behind the figures of a period, on the screen and in files the same rows. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.occupancy.figures import Gap, Ground, Held, PlotDays, Presence

Cell = str | int | Fraction | dt.date | None


class Table(NamedTuple):
    """A list as it is shown and as it is exported."""

    name: str
    title: str
    columns: list[str]
    rows: list[list[Cell]]
    ids: Sequence[int] = ()
    """The plot of each row, for its link."""


def plots_table(plots: Sequence[PlotDays]) -> Table:
    t = i18n.gettext
    columns = [
        N_("Parcelle"),
        N_("Lieu"),
        N_("m²"),
        N_("m² couverts"),
        N_("jours en service"),
        N_("occupé"),
        N_("dont collectif"),
        N_("réservé"),
        N_("repos"),
        N_("travaux"),
        N_("libre"),
        N_("hors service"),
        N_("personnes × jours"),
        N_("m² occupés × jours"),
        N_("m² en service × jours"),
    ]
    rows = [_plot_row(one) for one in plots]
    return Table(
        "parcelles",
        t(N_("Parcelles : jours de la période")),
        [t(one) for one in columns],
        rows,
        [one.ground.id for one in plots],
    )


def _plot_row(one: PlotDays) -> list[Cell]:
    size = Fraction(one.ground.size_m2)
    return [
        one.ground.code,
        one.ground.site_name,
        size,
        Fraction(one.ground.covered_m2),
        one.service,
        one.occupied,
        one.band("collective"),
        *(one.band(name) for name in ("reserved", "rest", "works", "vacant")),
        one.out,
        one.person_days,
        size * one.occupied,
        size * one.service,
    ]


def gaps_table(gaps: Sequence[Gap], grounds: Mapping[int, Ground]) -> Table:
    t = i18n.gettext
    columns = [N_("Parcelle"), N_("Libre le"), N_("Reprise le"), N_("Jours d'attente")]
    rows: list[list[Cell]] = [
        [grounds[gap.plot_id].code, gap.left, gap.came, gap.days] for gap in gaps
    ]
    ids = [gap.plot_id for gap in gaps]
    return Table("changements", t(N_("Changements")), [t(one) for one in columns], rows, ids)


def begun_table(begun: Sequence[Held], grounds: Mapping[int, Ground]) -> Table:
    t = i18n.gettext
    columns = [N_("Parcelle"), N_("Premier jour"), N_("Personnes")]
    rows: list[list[Cell]] = [
        [grounds[one.plot_id].code, one.start, ", ".join(one.names)] for one in begun
    ]
    ids = [one.plot_id for one in begun]
    return Table("entrees", t(N_("Séjours commencés")), [t(one) for one in columns], rows, ids)


def people_table(people: Sequence[Presence]) -> Table:
    t = i18n.gettext
    columns = [N_("Personne"), N_("Jours"), N_("Nombre de mois")]
    rows: list[list[Cell]] = [[one.name, one.days, one.months] for one in people]
    return Table("temporaires", t(N_("Lieux temporaires")), [t(one) for one in columns], rows)
