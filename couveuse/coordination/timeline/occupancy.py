"""Ground held, and condition reports."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from couveuse.coordination.timeline.source import EventKind, Rows, Saying, Source, row
from couveuse.core import i18n
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.occupancy.models import (
    ConditionReport,
    PeriodKind,
    PlotPeriod,
    SharedExpense,
    stay_person,
)
from couveuse.plots.models import Plot
from couveuse.trainees.models import Agreement
from couveuse.trainees.policy import managed_agreements


def _claims(_actor: Actor, person_id: int) -> Sequence[Rows]:
    """Claims of one stay that follow each other on a plot read as one."""
    begins, ends = sa.func.lower(PlotPeriod.during), sa.func.upper(PlotPeriod.during)
    details = {"period_id": PlotPeriod.id, "plot": Plot.code}
    before = _neighbour(lambda other: sa.func.upper(other.during) == begins)
    after = _neighbour(lambda other: sa.func.lower(other.during) == ends)
    stay = PlotPeriod.kind == PeriodKind.STAY
    comes = sa.case((stay, "comes"), else_="reserved")
    return [
        _of_stays(
            row(begins, comes, PlotPeriod.id, note=PlotPeriod.reason, **details), person_id
        ).where(~before),
        _of_stays(
            row(ends - 1, "goes", PlotPeriod.id, note=PlotPeriod.end_reason, **details), person_id
        ).where(stay, ends.is_not(None), ~after),
    ]


def _of_stays(select: Rows, person_id: int) -> Rows:
    theirs = sa.select(stay_person.c.stay_id).where(stay_person.c.person_id == person_id)
    return (
        select.select_from(PlotPeriod)
        .join(Plot, Plot.id == PlotPeriod.plot_id)
        .where(PlotPeriod.stay_id.in_(theirs))
    )


def _neighbour(touches: Any) -> sa.ColumnElement[bool]:
    other = aliased(PlotPeriod)
    return (
        sa.exists()
        .where(
            other.stay_id == PlotPeriod.stay_id,
            other.plot_id == PlotPeriod.plot_id,
            other.kind == PlotPeriod.kind,
            touches(other),
        )
        .correlate(PlotPeriod)
    )


def _claim(sentence: str) -> Saying:
    return Saying(sentence, route="occupancy.claims.show", address=["period_id"])


GROUND = Source(
    EventKind.LAND,
    _claims,
    {
        "comes": _claim(N_("Entrée sur la parcelle %(plot)s")),
        "reserved": _claim(N_("Parcelle %(plot)s réservée à partir de ce jour")),
        "goes": _claim(N_("Dernier jour sur la parcelle %(plot)s")),
    },
)


def _reports(_actor: Actor, person_id: int) -> Sequence[Rows]:
    theirs = sa.select(stay_person.c.stay_id).where(stay_person.c.person_id == person_id)
    details = {"plot_id": Plot.id, "report_id": ConditionReport.id, "plot": Plot.code}
    return [
        row(ConditionReport.made_on, ConditionReport.kind, ConditionReport.id, **details)
        .join(Plot, Plot.id == ConditionReport.plot_id)
        .where(ConditionReport.stay_id.in_(theirs))
    ]


def _report(sentence: str) -> Saying:
    return Saying(sentence, route="occupancy.reports.show", address=["plot_id", "report_id"])


REPORTS = Source(
    EventKind.LAND,
    _reports,
    {
        "entry": _report(N_("État des lieux d'entrée sur %(plot)s")),
        "exit": _report(N_("État des lieux de sortie de %(plot)s")),
    },
)


def _expenses(actor: Actor, person_id: int) -> Sequence[Rows]:
    """When they came up and when they were settled: for both sides, not for who only follows."""
    read = sa.or_(Agreement.person_id == actor.person_id, managed_agreements(actor))
    details = {
        "agreement_id": Agreement.id,
        "label": SharedExpense.label,
        "cents": SharedExpense.amount_cents,
    }
    return [
        row(on, code, SharedExpense.id, note=note, **details)
        .join(Agreement, Agreement.id == SharedExpense.agreement_id)
        .where(Agreement.person_id == person_id, read, on.is_not(None))
        for on, code, note in (
            (SharedExpense.spent_on, "spent", SharedExpense.note),
            (SharedExpense.settled_on, SharedExpense.outcome, SharedExpense.settlement_note),
        )
    ]


def _expense(sentence: str) -> Saying:
    return Saying(
        sentence,
        names={"cents": lambda cents: i18n.euros(Decimal(cents) / 100)},
        route="occupancy.expenses.index",
        address=["agreement_id"],
    )


EXPENSES = Source(
    EventKind.AGREEMENTS,
    _expenses,
    {
        "spent": _expense(N_("Frais partagé : %(label)s, %(cents)s")),
        "paid": _expense(N_("Frais partagé payé : %(label)s, %(cents)s")),
        "waived": _expense(N_("Frais partagé plus demandé : %(label)s, %(cents)s")),
    },
)
