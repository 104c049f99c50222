"""A line in the journal of the visit, and a mail to whom it concerns: never a word of a report."""

import datetime as dt
import secrets

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import jobs, journal
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.followup.models import Visit, VisitProposal

journal.words(
    {
        "visit.planned": N_("a prévu la visite : %(slot)s"),
        "visit.chosen": N_("a choisi ce créneau : %(slot)s"),
        "visit.recorded": N_("a noté la visite : %(slot)s"),
        "visit.moved": N_("a déplacé la visite : %(slot)s (avant : %(before)s)"),
        "visit.held": N_("a noté que la visite a eu lieu : %(slot)s"),
        "visit.missed": N_("a noté que la visite n'a pas eu lieu"),
        "visit.cancelled": N_("a annulé la visite"),
        "visit.report_shown": N_("a montré le compte rendu au groupe de suivi"),
        "visit.report_opened": N_(
            "le brouillon de compte rendu est passé au groupe de suivi : son auteur ou autrice ne "
            "suit plus la personne"
        ),
        "visit.report_shared": N_("a partagé le compte rendu avec la personne"),
        "visit.report_changed": N_("a modifié le compte rendu partagé"),
        "visit.report_signed": N_("a signé le compte rendu"),
        "visit.report_typed": N_("a saisi le compte rendu rapporté sur papier"),
        "visit.signed_on_paper": N_("a déposé la feuille signée par %(who)s"),
        "visit.commented": N_("a commenté le compte rendu"),
        "visit.added": N_("a ajouté une précision au compte rendu signé"),
        "proposal.made": N_("a proposé des créneaux de visite"),
        "proposal.withdrawn": N_("a retiré les créneaux proposés"),
        "visit.summarised": N_("a écrit la synthèse pour le comité"),
    }
)


async def tell(
    db: AsyncSession,
    actor: Actor,
    verb: str,
    visit: Visit,
    *,
    before: tuple[dt.datetime, dt.datetime] | None = None,
    mailed: bool = True,
    **details: str,
) -> None:
    """Write the journal, and queue the mail to the person and the mentor, but not to the actor."""
    slot = _span(visit.starts_at, visit.ends_at)
    was = _span(*before) if before else None
    journal.record(db, actor, verb, visit.id, slot=slot, before=was, zone=visit.zone.key, **details)
    readers = {visit.person_id, visit.mentor_id} - {actor.person_id}
    if mailed and readers:
        await jobs.queue(
            db,
            "tell_about_visit",
            what=verb.partition(".")[2],
            visit_id=visit.id,
            slot=slot,
            before=was,
            by=actor.name,
            people=sorted(readers),
            event=secrets.token_hex(6),
        )


async def tell_of_proposal(
    db: AsyncSession, actor: Actor, verb: str, proposal: VisitProposal
) -> None:
    journal.record(db, actor, verb, proposal.id)
    await jobs.queue(
        db,
        "tell_about_proposal",
        what=verb.partition(".")[2],
        proposal_id=proposal.id,
        by=actor.name,
    )


def _span(start: dt.datetime, end: dt.datetime) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}
