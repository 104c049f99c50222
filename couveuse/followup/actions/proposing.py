"""Moments that a mentor proposes; the person takes one, once."""

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import policy, queries
from couveuse.followup.actions.telling import tell_of_proposal
from couveuse.followup.actions.visits import add_visit, site_zone, usual_kind
from couveuse.followup.forms import ChoiceForm, ProposalForm, instant
from couveuse.followup.models import Visit, VisitMode, VisitProposal
from couveuse.people.models import Person


@atomic
async def propose_slots(
    db: AsyncSession, actor: Actor, person: Person, asked: ProposalForm
) -> VisitProposal:
    on_place = asked.mode == VisitMode.PLACE
    site = await queries.site_of(db, person.id, asked.first.date()) if on_place else None
    typed = {"first": asked.first, "second": asked.second, "third": asked.third}
    starts = {
        field: instant(local, site_zone(site), field) for field, local in typed.items() if local
    }
    if past := [field for field, start in starts.items() if start <= clock.now()]:
        sentence = N_("Ce moment est passé. Proposez-en un à venir.")
        raise Refused(*(Reason("in_the_past", sentence, field=field) for field in past))
    proposal = VisitProposal(
        person_id=person.id,
        mentor_id=actor.person_id,
        starts=sorted(set(starts.values())),
        duration_minutes=asked.duration_minutes,
        kind=asked.kind or await usual_kind(db, actor.person_id, person.id),
        mode=asked.mode,
        site_id=site.id if site else None,
        words=asked.words,
        structure_id=policy.home_of(actor),
    )
    db.add(proposal)
    await db.flush()  # its id is needed
    await tell_of_proposal(db, actor, "proposal.made", proposal)
    return proposal


@atomic
async def choose_slot(
    db: AsyncSession, actor: Actor, proposal: VisitProposal, asked: ChoiceForm
) -> Visit:
    """The visit is planned at the moment chosen. The database lets only one be chosen."""
    await db.refresh(proposal, ["withdrawn_at"], with_for_update={"key_share": True})
    start = instant(asked.starts_at, proposal.zone, "starts_at", asked.starts_fold)
    if proposal.withdrawn_at or start not in proposal.open_starts:
        sentence = N_("Ce créneau n'est plus proposé. Choisissez-en un autre.")
        raise Refused(Reason("not_proposed", sentence, field="starts_at"))
    visit = Visit(
        person_id=proposal.person_id,
        mentor_id=proposal.mentor_id,
        starts_at=start,
        duration_minutes=proposal.duration_minutes,
        kind=proposal.kind,
        mode=proposal.mode,
        site_id=proposal.site_id,
        structure_id=proposal.structure_id,
        proposal_id=proposal.id,
    )
    return await add_visit(db, actor, visit)


@atomic
async def withdraw_proposal(db: AsyncSession, actor: Actor, proposal: VisitProposal) -> None:
    await db.refresh(proposal, ["withdrawn_at"], with_for_update={"key_share": True})
    if await queries.is_chosen(db, proposal.id):
        sentence = N_("Un créneau a déjà été choisi : annulez plutôt la visite.")
        raise Refused(Reason("slot_chosen", sentence))
    if proposal.withdrawn_at is None:
        proposal.withdrawn_at = clock.now()
        await tell_of_proposal(db, actor, "proposal.withdrawn", proposal)
