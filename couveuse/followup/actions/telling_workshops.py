"""A line in the journal of the workshop, and a mail to whom it concerns, but not to the actor."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import jobs, journal
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.followup.models import Workshop

journal.words(
    {
        "workshop.planned": N_("a prévu l'atelier"),
        "workshop.changed": N_("a modifié l'atelier"),
        "workshop.moved": N_("a changé les heures ou le lieu de l'atelier"),
        "workshop.cancelled": N_("a annulé l'atelier : %(reason)s"),
        "workshop.signed_up": N_("a inscrit %(person)s"),
        "workshop.waits": N_("a inscrit %(person)s sur la liste d'attente"),
        "workshop.joined": N_("s'est inscrit·e"),
        "workshop.queued": N_("s'est inscrit·e sur la liste d'attente"),
        "workshop.moved_up": N_("une place s'est libérée pour %(person)s"),
        "workshop.left": N_("a retiré l'inscription de %(person)s"),
        "workshop.gave_back": N_("a retiré son inscription"),
        "workshop.presences": N_("a noté les présences : %(slot)s"),
        "workshop.sheet_signed": N_("a signé la feuille : %(slot)s"),
        "workshop.sheet_handed": N_("a fait signer %(person)s : %(slot)s"),
        "workshop.signature_undone": N_("a retiré la signature de %(person)s : %(slot)s"),
        "workshop.sheet_closed": N_("a clos et signé la feuille : %(slot)s"),
        "workshop.signed_from_outside": N_(
            "a fait signer %(person)s, qui intervenait, sur cet appareil : %(slot)s"
        ),
        "workshop.countersigned": N_("a contresigné la feuille close : %(slot)s"),
        "workshop.scan_added": N_("a déposé une feuille signée : %(slot)s"),
        "workshop.scan_removed": N_("a retiré une feuille déposée : %(slot)s"),
        "workshop.sheet_noted": N_("a ajouté une précision à la feuille close : %(slot)s"),
    }
)


async def tell(
    db: AsyncSession,
    actor: Actor,
    verb: str,
    workshop: Workshop,
    people: Sequence[int] = (),
    **details: Any,
) -> None:
    """``people`` are told by mail; the details go into the journal."""
    journal.record(db, actor, verb, workshop.id, zone=workshop.zone.key, **details)
    readers = sorted(set(people) - {actor.person_id})
    if readers:
        await jobs.queue(
            db,
            "tell_about_workshop",
            what=verb.partition(".")[2],
            workshop_id=workshop.id,
            by=actor.name,
            people=readers,
            event=secrets.token_hex(6),
        )
