"""Condition reports."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.files import FileStore, store_photo
from couveuse.core.i18n import N_
from couveuse.occupancy import queries
from couveuse.occupancy.forms import ReportForm
from couveuse.occupancy.models import ConditionReport, ReportKind
from couveuse.plots.models import Plot

MOST_PHOTOS = 6
REPORT_KINDS = {ReportKind.ENTRY: N_("entrée"), ReportKind.EXIT: N_("sortie")}


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
    if len(photos) > MOST_PHOTOS:
        raise Refused(Reason("too_many_photos", N_("Six photos au plus. Choisissez les utiles.")))
    if asked.stay_id and asked.stay_id not in await queries.stays_on(db, plot.id):
        sentence = N_("Ce séjour n'est pas sur cette parcelle. Choisissez-en un autre.")
        raise Refused(Reason("other_plot", sentence, field="stay_id"))
    kept = [{"file": await store_photo(db, store, photo)} for photo in photos]
    report = ConditionReport(
        plot_id=plot.id,
        points=points,
        photos=kept,
        created_by_id=actor.person_id,
        **asked.model_dump(),
    )
    db.add(report)
    await db.flush()  # the address needs the id
    kind = journal.Words(REPORT_KINDS[asked.kind])
    journal.record(db, actor, "plot.reported", plot.id, kind=kind, day=asked.made_on)
    return report
