"""Who may see who holds the land, and who may decide on it."""

from couveuse.core import clock
from couveuse.core.actor import Actor, Role
from couveuse.occupancy.models import ConditionReport, PeriodKind, PlotPeriod
from couveuse.plots.models import Plot
from couveuse.plots.policy import can_add_plot, is_in_charge
from couveuse.trainees.models import Agreement
from couveuse.trainees.policy import can_manage_agreement, can_read_contract


def can_see_season(actor: Actor) -> bool:
    return actor.is_member


def can_claim(actor: Actor, plot: Plot) -> bool:
    return is_in_charge(actor, plot)


def can_claim_anywhere(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR)


def can_change_dates(actor: Actor, period: PlotPeriod) -> bool:
    return is_in_charge(actor, period.plot)


def can_end_early(actor: Actor, period: PlotPeriod) -> bool:
    """While it runs, or before: a claim that is over has nothing left to free."""
    upper = period.during.upper
    return is_in_charge(actor, period.plot) and (upper is None or upper > clock.today())


def can_cancel(actor: Actor, period: PlotPeriod) -> bool:
    """Only what is to come: what began is ended, so that the history keeps it."""
    return is_in_charge(actor, period.plot) and not _has_begun(period)


def can_correct(actor: Actor, period: PlotPeriod) -> bool:
    """Who may change its dates may say whose it is and what for."""
    return can_change_dates(actor, period)


def can_remove_mistake(actor: Actor, period: PlotPeriod) -> bool:
    """What began on paper only: what is to come is cancelled."""
    return is_in_charge(actor, period.plot) and _has_begun(period)


def can_confirm(actor: Actor, period: PlotPeriod) -> bool:
    """Turn a reservation into a stay."""
    return period.kind == PeriodKind.RESERVED and is_in_charge(actor, period.plot)


def can_divide(actor: Actor, plot: Plot) -> bool:
    upper = plot.during.upper
    return is_in_charge(actor, plot) and (upper is None or upper > clock.today())


def can_report(actor: Actor, plot: Plot) -> bool:
    """Condition reports: those in charge, and mentors who are there when somebody comes or goes."""
    return is_in_charge(actor, plot) or actor.has(Role.MENTOR)


def can_correct_report(actor: Actor, plot: Plot, report: ConditionReport) -> bool:
    """Those in charge, and the mentor who wrote it."""
    wrote_it = report.created_by_id == actor.person_id
    return is_in_charge(actor, plot) or (wrote_it and can_report(actor, plot))


def can_settle_stays(actor: Actor) -> bool:
    """Who may set stays right: the list of those out of step is theirs, others see their own."""
    return can_add_plot(actor)


def can_read_expenses(actor: Actor, agreement: Agreement) -> bool:
    """Both sides of the agreement, and coordination: money is not for the follow-up group."""
    return can_read_contract(actor, agreement)


def can_enter_expenses(actor: Actor, agreement: Agreement) -> bool:
    """Noting and settling: who manages the structure."""
    return can_manage_agreement(actor, agreement.structure_id)


def can_see_figures(actor: Actor) -> bool:
    """No personal data but names on the land, which every member sees on the board."""
    return actor.is_member


def _has_begun(period: PlotPeriod) -> bool:
    return (period.during.lower or clock.today()) <= clock.today()
