"""Condition reports."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.files import FileStore, store_photo
from couveuse.core.i18n import N_
from couveuse.occupancy import queries
from couveuse.occupancy.conditions import REPORT_KINDS
from couveuse.occupancy.forms import ReportCorrectionForm, ReportForm
from couveuse.occupancy.models import ConditionReport, ConditionVersion
from couveuse.plots.models import Plot

MOST_PHOTOS = 6


CORRECTED_SINCE = N_(
    "Quelqu'un a corrigé cet état des lieux entre-temps : relisez-le, puis refaites votre "
    "correction si elle est encore utile."
)


@atomic
async def report_condition(
    db: AsyncSession,
    actor: Actor,
    store: FileStore,
    plot: Plot,
    asked: ReportForm,
    points: list[dict[str, str]],
    photos: Sequence[bytes],
) -> ConditionReport:
    """Write how a plot is when somebody comes or goes, with its photos."""
    await _refuse_other_stay(db, plot, asked)
    report = ConditionReport(
        plot_id=plot.id,
        points=points,
        photos=await _store(db, store, photos),
        created_by_id=actor.person_id,
        **asked.facts(),
    )
    db.add(report)
    await db.flush()  # the address needs the id
    kind = journal.Words(REPORT_KINDS[asked.kind])
    journal.record(db, actor, "plot.reported", plot.id, kind=kind, day=asked.made_on)
    return report


@atomic
async def correct_report(
    db: AsyncSession,
    actor: Actor,
    store: FileStore,
    plot: Plot,
    report: ConditionReport,
    asked: ReportCorrectionForm,
    points: list[dict[str, str]],
    photos: Sequence[bytes],
) -> None:
    """Set a report right; what it said stays as a version. Photos are only added."""
    report = await queries.lock_report(db, report)
    if asked.seen != str(await queries.count_versions(db, report)):
        raise Refused(Reason("corrected_since", CORRECTED_SINCE))
    if asked.stay_id != report.stay_id:
        await _refuse_other_stay(db, plot, asked)
    added = await _store(db, store, photos, besides=len(report.photos))
    facts = asked.facts() | {"points": points, "photos": [*report.photos, *added]}
    before = {name: getattr(report, name) for name in facts}
    if facts == before:
        sentence = N_("Rien n'est changé. Corrigez un point, ou revenez à l'état des lieux.")
        raise Refused(Reason("nothing_changed", sentence))
    db.add(
        ConditionVersion(
            report_id=report.id,
            reason=asked.reason,
            corrected_by_id=actor.person_id,
            corrected_at=clock.now(),
            **before,
        )
    )
    for name, value in facts.items():
        setattr(report, name, value)
    kind = journal.Words(REPORT_KINDS[asked.kind])
    journal.record(
        db,
        actor,
        "plot.report_corrected",
        plot.id,
        kind=kind,
        day=asked.made_on,
        reason=asked.reason,
    )


async def _refuse_other_stay(db: AsyncSession, plot: Plot, asked: ReportForm) -> None:
    if asked.stay_id and asked.stay_id not in await queries.stays_on(db, plot.id):
        sentence = N_("Ce séjour n'est pas sur cette parcelle. Choisissez-en un autre.")
        raise Refused(Reason("other_plot", sentence, field="stay_id"))


async def _store(
    db: AsyncSession, store: FileStore, photos: Sequence[bytes], *, besides: int = 0
) -> list[dict[str, str]]:
    if besides + len(photos) > MOST_PHOTOS:
        raise Refused(Reason("too_many_photos", N_("Six photos au plus. Choisissez les utiles.")))
    return [{"file": await store_photo(db, store, photo)} for photo in photos]
