"""The command ``couveuse purge``: say which files are past their period, erase one of them."""

import json

import sqlalchemy as sa

from couveuse.coordination.actions.retention import erase_file, told
from couveuse.coordination.forms import EraseForm
from couveuse.coordination.queries.retention import FileToReview, read_review
from couveuse.coordination.tasks import forget_files
from couveuse.core import i18n
from couveuse.core.db import Sessions, unit_of_work
from couveuse.core.errors import NotVisible, Reason, Refused
from couveuse.core.i18n import N_, translated
from couveuse.core.jobs import Workshop
from couveuse.core.retention import Periods
from couveuse.core.settings import Settings

NONE = N_("Aucun dossier n'a passé sa durée.")
ONE = N_(
    "%(id)s  %(name)s : dernier contact le %(last)s, gardé jusqu'au %(until)s (%(months)s mois)"
)
KEPT = N_("%(id)s  %(name)s : gardé jusqu'au %(until)s, %(reason)s")
HOW = N_("Pour en effacer un : couveuse purge --confirm NUMÉRO")
UNKNOWN = N_("Aucun dossier de ce numéro. « couveuse purge » les liste.")
DONE = N_("Dossier effacé, sous le nom « %(mark)s ». %(told)s")


async def list_proposed(sessions: Sessions) -> str:
    async with sessions() as db:
        review = await read_review(db)
    if not review.proposed and not review.kept:
        return i18n.gettext(NONE)
    lines = [_line(file, review.periods) for file in review.proposed]
    lines += [
        translated(
            KEPT,
            {
                "id": file.person.id,
                "name": file.person.name,
                "until": file.kept.until,
                "reason": file.kept.reason,
            },
        )
        for file in review.kept
        if file.kept
    ]
    return "\n".join([*lines, *([i18n.gettext(HOW)] if review.proposed else [])])


def _line(file: FileToReview, periods: Periods) -> str:
    values = {
        "id": file.person.id,
        "name": file.person.name,
        "last": file.links.last_contact_on,
        "until": file.standing.kept_until,
        "months": periods[file.standing.period].months,
    }
    return translated(ONE, values)


async def erase(sessions: Sessions, settings: Settings, person_id: int, name: str) -> str:
    """In the name of the operator; stored files go at once."""
    try:
        async with unit_of_work(sessions) as db:
            erasure = await erase_file(db, None, person_id, EraseForm(name=name))
    except NotVisible:
        raise Refused(Reason("unknown_file", UNKNOWN)) from None
    await _forget_files(sessions, settings)
    mark = f"Personne effacée n° {erasure.id}"
    return translated(DONE, {"mark": mark, "told": told(erasure)})


async def _forget_files(sessions: Sessions, settings: Settings) -> None:
    """What the worker would do, without waiting for it."""
    waiting = sa.text("SELECT payload FROM pgqueuer WHERE entrypoint = 'forget_files'")
    async with sessions() as db:
        payloads = (await db.scalars(waiting)).all()
    for payload in payloads:
        await forget_files(Workshop(sessions, settings), **json.loads(payload))
