"""What was written wrong: other people, another use, another remark; or what never was."""

from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_, gettext
from couveuse.occupancy import claims, queries
from couveuse.occupancy.actions.seen import lock_as_seen
from couveuse.occupancy.actions.telling import Written, tell, tell_corrected
from couveuse.occupancy.conditions import REPORT_KINDS
from couveuse.occupancy.forms import CorrectionForm, MistakeForm
from couveuse.occupancy.models import PlotPeriod, ReportKind
from couveuse.occupancy.queries.resting import Resting
from couveuse.occupancy.spans import start_of


@atomic
async def correct_claim(
    db: AsyncSession, actor: Actor, period: PlotPeriod, asked: CorrectionForm
) -> None:
    """Say whose a claim is, what for, or the remark; every rule is looked at again."""
    plot = await lock_as_seen(db, period, asked.seen)
    before = Written(period.kind, await claims.people_of(db, period.stay_id), period.reason)
    held_by, people = {one.id for one in before.people}, asked.people()
    if (asked.kind, people, asked.reason) == (before.kind, held_by, before.reason):
        raise Refused(_nothing_new())
    unknown = await claims.unknown_people(db, actor, people - held_by)
    await claims.refuse_unless_free(
        db, plot, asked.kind, period.during, people, unknown=unknown, besides=[period.id]
    )
    if held_by and not people:
        _refuse_if_rested_on(await queries.list_resting(db, period))
    await claims.give(db, period, asked.kind, people)
    period.reason = asked.reason
    await tell_corrected(db, actor, plot, period, before)


@atomic
async def remove_mistake(
    db: AsyncSession, actor: Actor, period: PlotPeriod, asked: MistakeForm
) -> None:
    """Take out a claim that began on paper only; the journal keeps what was and why."""
    plot = await lock_as_seen(db, period, asked.seen)
    if start_of(period.during) > clock.today():
        sentence = N_("Cette occupation n'a pas commencé : annulez-la.")
        raise Refused(Reason("not_begun", sentence))
    _refuse_if_rested_on(await queries.list_resting(db, period))
    await tell(db, actor, "plot.claim_mistaken", plot, period, reason=asked.reason)
    await claims.free(db, period)


def _nothing_new() -> Reason:
    sentence = N_("Rien n'est changé. Corrigez l'usage, les personnes ou la remarque.")
    return Reason("nothing_new", sentence)


def _refuse_if_rested_on(resting: Resting) -> None:
    if reasons := list(_reasons(resting)):
        raise Refused(*reasons)


def _reasons(resting: Resting) -> Iterator[Reason]:
    for day, kind in resting.reports:
        yield Reason(
            "has_report",
            N_(
                "L'état des lieux (%(kind)s) du %(day)s est noté avec ces personnes. Corrigez "
                "d'abord qui y était, ou corrigez ici les personnes ou les dates."
            ),
            {"kind": gettext(REPORT_KINDS[ReportKind(kind)]), "day": day},
        )
    for name in resting.writers:
        yield Reason(
            "has_events",
            N_(
                "%(name)s a écrit dans le carnet de la parcelle à ces dates. Retirez d'abord ces "
                "lignes, ou corrigez les personnes ou les dates."
            ),
            {"name": name},
        )
    for day, name in resting.expenses:
        yield Reason(
            "has_expenses",
            N_(
                "Un frais partagé du %(day)s est noté sur cette parcelle avec %(name)s. Corrigez "
                "les personnes ou les dates, ou choisissez le dernier jour de l'occupation."
            ),
            {"name": name, "day": day},
        )
