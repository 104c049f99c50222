"""Reading across the slices: what a day holds for somebody."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from couveuse.coordination import policy
from couveuse.coordination.queries.following import Followed, list_followed
from couveuse.coordination.queries.retention import count_to_review
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.mail import OutgoingMail
from couveuse.equipment import policy as equipment_policy
from couveuse.equipment import queries as equipment
from couveuse.equipment.models import HOLDING, Booking, Item, Outage
from couveuse.equipment.standing import list_bookings_without_papers, list_uncovered_bookings
from couveuse.followup.queries import Due, read_due
from couveuse.network.policy import can_charge_anything
from couveuse.network.queries import Support, count_to_charge, read_support
from couveuse.occupancy.queries import OutOfStep, list_out_of_step
from couveuse.occupancy.season import Season
from couveuse.people.models import Paper, Person
from couveuse.people.policy import can_list_papers
from couveuse.people.queries import list_papers_ending, list_papers_to_check
from couveuse.structures.models import LandRight
from couveuse.structures.policy import can_record_land_right
from couveuse.structures.queries import list_rights_ending
from couveuse.trainees.models import CommitteeCase, Introduction, Referral
from couveuse.trainees.policy import can_see_referrals, can_see_trainees
from couveuse.trainees.queries import (
    AgreementAlert,
    AgreementClock,
    BoardRow,
    by_agreement,
    list_agreement_alerts,
    list_agreements,
    list_introductions,
    list_letters_to_send,
    list_referrals,
    read_board,
    read_clock,
)

SOON = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Today:
    """What somebody needs to know and do today."""

    bookings: Sequence[Booking]
    agreements: Sequence[Sequence[AgreementAlert]]
    """Agreements that end, wait for a document, a notice or a paper: for each what it wants, the
    most pressing first."""
    requests: Sequence[Booking]
    """To answer, on the items one is in charge of."""
    uncovered: Sequence[Booking]
    """On items one is in charge of, beyond the agreement of who booked."""
    unfit: Sequence[Booking]
    """On the items one is in charge of, by somebody who lacks a paper that day."""
    stays: Sequence[OutOfStep]
    """Out of step with what they rest on: one's own, and those one may set right."""
    papers: Sequence[Paper]
    """One's own, expired or soon to."""
    to_check: Sequence[Paper]
    """Papers that people sent, for those who answer for them."""
    checks: Sequence[Item]
    """Items one is in charge of whose safety check is due soon, or overdue."""
    outages: Sequence[Outage]
    rights: Sequence[LandRight]
    """Rights on land that end within a year, for those who can prolong them."""
    agreement: AgreementClock | None
    """One's own that counts today, for who is in test."""
    followed: Sequence[Followed]
    """Those one follows, the first agreement to end first."""
    follow_up: Due
    """Visits, reports and agreed steps that wait for somebody."""
    newcomers: Sequence[Introduction]
    """Who introduced a project and waits for a first answer."""
    referrals: Sequence[Referral]
    """To answer for one's structure."""
    late_paths: Sequence[BoardRow]
    """What was to come next and did not, or nothing heard for too long."""
    letters: Sequence[CommitteeCase]
    """Decisions of which the person has not been told."""
    support: Support | None
    """Hours received and left, for who is in test."""
    to_charge: int
    """Sessions of this year that nothing pays yet, and that are one's own to charge."""
    unattended: int
    """Items with nobody in charge, for those who find somebody."""
    files_to_review: int
    """Past their period, for those who decide."""


async def read_today(db: AsyncSession, actor: Actor) -> Today:
    today = clock.today()
    requests = await equipment.list_requests(db, actor)
    unfit = await list_bookings_without_papers(db, actor)
    due = await list_checks_due(db, actor)
    bookings = await equipment.list_bookings_of(db, actor.person_id, limit=30)
    answers = can_see_referrals(actor)
    return Today(
        bookings=[one for one in bookings if one.state in HOLDING][:5],
        agreements=by_agreement(await list_agreement_alerts(db, actor)),
        requests=[one for one in requests if equipment_policy.can_answer_booking(actor, one)],
        uncovered=[
            one
            for one in await list_uncovered_bookings(db, actor)
            if equipment_policy.is_in_charge_of_any(actor, one)
        ],
        unfit=[one for one in unfit if equipment_policy.is_in_charge_of_any(actor, one)],
        stays=await list_out_of_step(db, actor),
        papers=await list_papers_ending(
            db, today - SOON, today + SOON, Person.id == actor.person_id
        ),
        to_check=await list_papers_to_check(db, actor) if can_list_papers(actor) else [],
        checks=[item for item in due if equipment_policy.is_in_charge(actor, item)],
        outages=await list_running_outages(db, actor),
        follow_up=await read_due(db, actor),
        rights=[
            one
            for one in await list_rights_ending(db, actor)
            if can_record_land_right(actor, one.structure_id)
        ],
        agreement=await _own_agreement(db, actor),
        followed=await list_followed(db, actor) if can_see_trainees(actor) else [],
        newcomers=await list_introductions(db, actor),
        referrals=(await list_referrals(db, actor)).to_answer if answers else [],
        late_paths=(await read_board(db, actor, late_only=True)).rows[:8] if answers else [],
        letters=await list_letters_to_send(db, actor) if answers else [],
        support=await _own_support(db, actor),
        to_charge=await _to_charge(db, actor),
        unattended=await equipment.count_unattended_items(db)
        if equipment_policy.can_put_in_charge(actor)
        else 0,
        files_to_review=await count_to_review(db) if policy.can_review_files(actor) else 0,
    )


async def _own_agreement(db: AsyncSession, actor: Actor) -> AgreementClock | None:
    if not policy.has_own_file(actor):
        return None
    return await read_clock(db, await list_agreements(db, actor.person_id))


async def _own_support(db: AsyncSession, actor: Actor) -> Support | None:
    if not policy.has_own_file(actor):
        return None
    year = Season.year(clock.today().year)
    return await read_support(db, actor.person_id, year.start, year.end)


async def _to_charge(db: AsyncSession, actor: Actor) -> int:
    year = Season.year(clock.today().year)
    may = can_charge_anything(actor)
    return await count_to_charge(db, actor, year.start, year.end) if may else 0


async def list_checks_due(db: AsyncSession, actor: Actor) -> list[Item]:
    """Items in service whose periodic check ends within two months, the most urgent first."""
    items = await db.scalars(
        sa.select(Item).where(
            equipment_policy.visible_items(actor),
            Item.retired_on.is_(None),
            Item.check_done_on.is_not(None),
            Item.check_months.is_not(None),
        )
    )
    last = clock.today() + SOON
    due = [(item.check_due_on, item) for item in items if item.check_due_on]
    return [item for day, item in sorted(due, key=lambda pair: pair[0]) if day <= last]


async def list_running_outages(db: AsyncSession, actor: Actor) -> Sequence[Outage]:
    """What cannot be had today."""
    return (
        await db.scalars(
            sa.select(Outage)
            .join(Outage.item)
            .join(Item.site)
            .where(
                equipment_policy.visible_items(actor),
                Outage.lifted_at.is_(None),
                Outage.during.contains(clock.now()),
            )
            .options(contains_eager(Outage.item).contains_eager(Item.site))
            .order_by(sa.func.upper(Outage.during))
            .limit(20)
        )
    ).all()


async def list_outbox(db: AsyncSession, *, limit: int = 200) -> Sequence[OutgoingMail]:
    """Mails that wait first, then those sent, newest first."""
    return (
        await db.scalars(
            sa.select(OutgoingMail)
            .order_by(OutgoingMail.sent_at.is_not(None), OutgoingMail.id.desc())
            .limit(limit)
        )
    ).all()
