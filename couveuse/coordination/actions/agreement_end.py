"""The end of an agreement, and all that hangs on it, settled at once or not at all."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination.forms import AgreementEndForm
from couveuse.coordination.queries.agreement_end import (
    EndTouches,
    Held,
    list_claims,
    today_or,
    what_agreement_end_touches,
)
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_, gettext
from couveuse.equipment import actions as equipment
from couveuse.followup import actions as followup
from couveuse.occupancy import actions as occupancy
from couveuse.occupancy import claims
from couveuse.occupancy.forms import CancellationForm, SettlementForm
from couveuse.occupancy.forms import EarlyEndForm as GroundEndForm
from couveuse.occupancy.models import ExpenseOutcome, SharedExpense
from couveuse.occupancy.spans import start_of
from couveuse.people import actions as people
from couveuse.people.queries import list_people_to_choose
from couveuse.trainees import actions as trainees
from couveuse.trainees.actions.holding import hold, hold_days
from couveuse.trainees.forms import EarlyEndForm
from couveuse.trainees.forms.groups import LeavingForm
from couveuse.trainees.forms.paths import NextForm, StepForm
from couveuse.trainees.models import Agreement
from couveuse.trainees.policy import can_manage_path

OVER = N_("fin de la convention")
HANDBACK = N_("Faire l'état des lieux de sortie : clés et compteurs")


class EndChanged(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce que cette fin touche a changé entre-temps. Regardez de nouveau la liste, puis "
            "recommencez : rien n'a été enregistré."
        )
        super().__init__(Reason("end_changed", sentence))


@atomic
async def settle_end(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: AgreementEndForm
) -> None:
    """End the agreement on its last day, or earlier, with all that was chosen on the screen.

    Locks come first, in the order that everybody keeps: memberships, items, plots, the agreement,
    the person, its days. Then what was taken meanwhile shows, and nothing more can be.
    """
    await people.hold_memberships(db, agreement.person_id)
    before = await what_agreement_end_touches(db, actor, agreement, asked.ends_on)
    await equipment.lock_for_departure(db, before.bookings, before.items)
    await claims.lock_plots(db, {one.first.plot_id for one in before.ground})
    agreement = await hold(db, agreement.id)
    await hold_days(db, agreement)
    touched = await what_agreement_end_touches(db, actor, agreement, asked.ends_on)
    if asked.seen != touched.seen:
        raise EndChanged
    if reasons := list(_problems(agreement, asked, touched)):
        raise Refused(*reasons)
    await _require_successor(db, actor, agreement, asked)
    await _end_agreement(db, actor, agreement, asked)
    await _end_ground(db, actor, asked, touched)
    chosen = [one for one in touched.bookings if one.id in asked.bookings]
    await equipment.cancel_for_departure(db, actor, chosen, OVER)
    items = [one for one in touched.items if one.id in asked.items]
    await equipment.hand_over_items(db, actor, items, agreement.person_id, asked.successor_id)
    await _end_visits(db, actor, asked, touched)
    await _end_places(db, actor, asked, touched)
    await _end_standing(db, actor, asked, touched)
    await _settle_expenses(db, actor, asked, touched)
    await _move_path(db, actor, asked, touched)


def _problems(
    agreement: Agreement, asked: AgreementEndForm, touched: EndTouches
) -> Iterator[Reason]:
    last = agreement.periods[-1].last_day
    if asked.ends_on > last:
        sentence = N_(
            "Cette convention se termine le %(day)s. Choisissez ce jour ou un jour avant."
        )
        yield Reason("end_after_last", sentence, {"day": last}, field="ends_on")
    if asked.ends_on < last and not asked.reason:
        sentence = N_("Dites qui y met fin avant le terme, et pourquoi.")
        yield Reason("early_without_reason", sentence, field="reason")
    if set(asked.paid) & set(asked.waived):
        sentence = N_("Un même frais ne peut pas être payé et plus demandé. Gardez une des deux.")
        yield Reason("paid_and_waived", sentence, field="paid")
    if asked.waived and not asked.waiver:
        sentence = N_("Dites pourquoi ces frais ne sont plus demandés.")
        yield Reason("waived_without_reason", sentence, field="waiver")
    kept = {one.id for one in touched.bookings} - set(asked.bookings)
    stays = {one.id for one in touched.goes_on} - set(asked.memberships)
    if kept and not stays:
        sentence = N_(
            "Cette personne ne sera plus membre du réseau : ses réservations à venir "
            "sont à annuler."
        )
        yield Reason("no_longer_member", sentence, field="bookings")


async def _require_successor(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: AgreementEndForm
) -> None:
    offered = {key for key, _ in await list_people_to_choose(db, actor)} - {agreement.person_id}
    if asked.successor_id and asked.successor_id not in offered:
        sentence = N_("Choisissez dans la liste.")
        raise Refused(Reason("unknown_successor", sentence, field="successor_id"))


async def _end_agreement(
    db: AsyncSession, actor: Actor, agreement: Agreement, asked: AgreementEndForm
) -> None:
    """Nothing to write when it ends on the day that was planned, or has ended already."""
    if asked.ends_on < agreement.periods[-1].last_day and asked.reason:
        form = EarlyEndForm(ends_on=asked.ends_on, reason=asked.reason)
        await trainees.end_early(db, actor, agreement, form)


async def _end_ground(
    db: AsyncSession, actor: Actor, asked: AgreementEndForm, touched: EndTouches
) -> None:
    for held in touched.ground:
        if held.is_own and held.first.id in asked.ground:
            if start_of(held.run.during) <= asked.ends_on:
                form = GroundEndForm(ends_on=asked.ends_on, reason=gettext(OVER))
                await occupancy.end_early(db, actor, held.first, form)
            else:
                await _let_go(db, actor, held)


async def _let_go(db: AsyncSession, actor: Actor, held: Held) -> None:
    """Every claim of a time that has not begun, the last one first."""
    ids = [one.id for one in held.run.claims]
    for period in reversed(await list_claims(db, actor, ids)):
        await occupancy.cancel_claim(db, actor, period, CancellationForm(reason=gettext(OVER)))


async def _end_visits(
    db: AsyncSession, actor: Actor, asked: AgreementEndForm, touched: EndTouches
) -> None:
    for visit in touched.visits:
        if visit.id in asked.visits:
            await followup.cancel_visit(db, actor, visit, gettext(OVER))


async def _end_standing(
    db: AsyncSession, actor: Actor, asked: AgreementEndForm, touched: EndTouches
) -> None:
    """Memberships, and papers that the structure had given."""
    for membership in touched.memberships:
        if membership.id in asked.memberships:
            await people.end_membership(db, actor, membership, asked.ends_on)
    day = max(asked.ends_on + dt.timedelta(days=1), clock.today())
    for paper in touched.papers:
        if paper.id in asked.papers and paper.id in touched.withdrawable:
            await people.withdraw_paper(db, actor, paper, day)


async def _end_places(
    db: AsyncSession, actor: Actor, asked: AgreementEndForm, touched: EndTouches
) -> None:
    for place in touched.places:
        if place.id in asked.places:
            first = place.during.lower or asked.ends_on
            last = max(asked.ends_on, first, clock.today() - dt.timedelta(days=1))
            await trainees.leave_group(db, actor, place, LeavingForm(last_day=last))


async def _settle_expenses(
    db: AsyncSession, actor: Actor, asked: AgreementEndForm, touched: EndTouches
) -> None:
    today, left = clock.today(), list[SharedExpense]()
    for expense in touched.expenses:
        if expense.id in asked.paid:
            form = SettlementForm(outcome=ExpenseOutcome.PAID, settled_on=today)
        elif expense.id in asked.waived:
            form = SettlementForm(
                outcome=ExpenseOutcome.WAIVED, settled_on=today, settlement_note=asked.waiver
            )
        else:
            left.append(expense)
            continue
        await occupancy.settle_expense(db, actor, expense, form)
    await occupancy.carry_expenses(db, actor, left, asked.ends_on)


async def _move_path(
    db: AsyncSession, actor: Actor, asked: AgreementEndForm, touched: EndTouches
) -> None:
    path = touched.path
    if path is None or not can_manage_path(actor, path.structure_id):
        return
    if asked.state and asked.state != path.state:
        day = today_or(asked.ends_on)
        form = StepForm(state=asked.state, happened_on=day, note=asked.reason)
        await trainees.change_state(db, actor, path, form)
    if asked.handback:
        form = NextForm(next_step=gettext(HANDBACK), next_due_on=asked.ends_on)
        await trainees.say_next(db, actor, path, form)
