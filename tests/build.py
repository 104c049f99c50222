"""One function per table, with sensible defaults. Each adds the row, flushes and returns it."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Role
from couveuse.core.tokens import hashed, new_token
from couveuse.equipment.models import Booking, BookingState, ClaimKind, Item, ItemClaim, Outage
from couveuse.followup.models import (
    AgreedStep,
    Assessment,
    Attendance,
    AttendanceSignature,
    FigureAmount,
    FigureHeading,
    FigureMonth,
    FigureShare,
    Grid,
    GridVersion,
    Level,
    LightAccess,
    Presence,
    ProgressCommittee,
    ProgressMember,
    ProgressReview,
    ProgressSignature,
    Report,
    ReportSignature,
    SignerRole,
    Visit,
    VisitPerson,
    VisitProposal,
    VisitState,
    Workshop,
    WorkshopSeat,
    WorkshopSlot,
    WorkshopTrainer,
)
from couveuse.followup.signed import hash_of
from couveuse.network.models import FundedAction, Grant, GrantShare, SupportCharge
from couveuse.occupancy.models import SharedExpense
from couveuse.people.models import Membership, Paper, Person, Qualification
from couveuse.plots.models import LandEvent, Plot
from couveuse.structures.models import LandRight, Site, Structure
from couveuse.trainees.models import (
    AfterContact,
    Agreement,
    AgreementPeriod,
    Application,
    ApplicationPiece,
    Committee,
    CommitteeCase,
    CommitteeMember,
    Exit,
    FollowUpKind,
    FollowUpMember,
    Introduction,
    Outcome,
    Path,
    PathState,
    Referral,
    Welcome,
)
from couveuse.trainees.rules.after import due_dates

_numbers = count(1)
LONG_AGO = dt.date(2020, 1, 1)


async def _add(db: AsyncSession, row: Any) -> Any:
    db.add(row)
    await db.flush()  # the id is needed
    return row


async def make_structure(db: AsyncSession, name: str | None = None, **fields: Any) -> Structure:
    return await _add(db, Structure(name=name or f"Structure {next(_numbers)}", **fields))


async def make_site(db: AsyncSession, structure: Structure, **fields: Any) -> Site:
    fields.setdefault("name", f"Site {next(_numbers)}")
    fields.setdefault("time_zone", "Europe/Paris")
    return await _add(db, Site(structure_id=structure.id, **fields))


async def make_person(db: AsyncSession, given_name: str = "Sam", **fields: Any) -> Person:
    fields.setdefault("family_name", f"Martin{next(_numbers)}")
    return await _add(db, Person(given_name=given_name, **fields))


async def make_membership(
    db: AsyncSession,
    person: Person,
    structure: Structure,
    role: Role = Role.TRAINEE,
    *,
    start: dt.date = LONG_AGO,
    end: dt.date | None = None,
    salaried: bool = False,
) -> Membership:
    return await _add(
        db,
        Membership(
            person_id=person.id,
            structure_id=structure.id,
            role=role,
            salaried=salaried,
            during=Range(start, end),
        ),
    )


async def make_qualification(
    db: AsyncSession, name: str | None = None, **fields: Any
) -> Qualification:
    return await _add(db, Qualification(name=name or f"Formation {next(_numbers)}", **fields))


async def make_paper(
    db: AsyncSession,
    person: Person,
    qualification: Qualification,
    *,
    start: dt.date = LONG_AGO,
    end: dt.date | None = None,
    **fields: Any,
) -> Paper:
    """``end`` is the day after the last one."""
    whose = {"person_id": person.id, "qualification_id": qualification.id}
    return await _add(db, Paper(during=Range(start, end), **whose, **fields))


async def make_item(db: AsyncSession, site: Site, **fields: Any) -> Item:
    """An item anyone may book at any hour, without approval, up to two days long."""
    number = next(_numbers)
    defaults = {
        "structure_id": site.structure_id,
        "code": f"IT-{number}",
        "name": f"Matériel {number}",
        "category": "tracteur",
        "slot_minutes": 15,
        "min_minutes": 15,
        "max_minutes": 2880,
        "horizon_days": 400,
    }
    companions = fields.pop("companions", [])
    requirements = fields.pop("requirements", [])
    item = Item(site_id=site.id, **defaults | fields)
    item.companions, item.requirements = companions, requirements
    await _add(db, item)
    await db.refresh(item)
    return item


async def make_booking(
    db: AsyncSession,
    item: Item,
    person: Person,
    start: dt.datetime,
    end: dt.datetime,
    *,
    state: BookingState = BookingState.CONFIRMED,
    unit: int = 1,
    **fields: Any,
) -> Booking:
    """A booking and, when it still holds, its claim; buffers are not added."""
    fields.setdefault("created_by_id", person.id)
    if state == BookingState.REQUESTED:
        fields.setdefault("answer_by", start)
    booking = await _add(
        db,
        Booking(
            item_id=item.id, person_id=person.id, during=Range(start, end), state=state, **fields
        ),
    )
    if booking.is_holding:
        await _add(
            db,
            ItemClaim(
                item_id=item.id,
                unit=unit,
                during=Range(start, end),
                kind=ClaimKind.BOOKING,
                booking_id=booking.id,
            ),
        )
    return booking


async def make_outage(
    db: AsyncSession, item: Item, person: Person, start: dt.datetime, end: dt.datetime
) -> Outage:
    outage = await _add(
        db,
        Outage(
            item_id=item.id,
            during=Range(start, end),
            kind=ClaimKind.BLACKOUT,
            reason="Révision",
            created_by_id=person.id,
        ),
    )
    for unit in range(1, item.capacity + 1):
        await _add(
            db,
            ItemClaim(
                item_id=item.id,
                unit=unit,
                during=outage.during,
                kind=ClaimKind.BLACKOUT,
                outage_id=outage.id,
            ),
        )
    return outage


async def make_land_right(
    db: AsyncSession,
    site: Site,
    *,
    start: dt.date = LONG_AGO,
    end: dt.date | None = None,
    **fields: Any,
) -> LandRight:
    """A right on the land of a site, of the structure that runs it; ``end`` is not part of it."""
    fields.setdefault("structure_id", site.structure_id)
    fields.setdefault("form", "rural_lease")
    return await _add(db, LandRight(site_id=site.id, during=Range(start, end), **fields))


async def make_plot(
    db: AsyncSession,
    site: Site,
    *,
    start: dt.date = LONG_AGO,
    end: dt.date | None = None,
    **fields: Any,
) -> Plot:
    """A plot of 1,000 m² in service for long; ``end`` is its first day out of service."""
    fields.setdefault("code", f"P-{next(_numbers)}")
    fields.setdefault("declared_m2", Decimal(1000))
    rights, parcels = fields.pop("rights", []), fields.pop("parcels", [])
    plot = Plot(site_id=site.id, during=Range(start, end), **fields)
    plot.rights, plot.parcels = rights, parcels
    await _add(db, plot)
    await db.refresh(plot)
    return plot


async def make_land_event(db: AsyncSession, plot: Plot, person: Person, **fields: Any) -> LandEvent:
    """A crop of onions that ended this summer, unless told otherwise."""
    defaults = {
        "kind": "crop",
        "happened_on": dt.date(2026, 3, 1),
        "ends_on": dt.date(2026, 8, 1),
        "title": "oignon",
        "crop": "oignon",
        "family": "alliaceae",
    }
    event = LandEvent(plot_id=plot.id, created_by_id=person.id, **defaults | fields)
    return await _add(db, event)


async def make_path(db: AsyncSession, person: Person, structure: Structure, **fields: Any) -> Path:
    defaults = {"state": PathState.IN_TEST, "opened_on": dt.date(2026, 1, 15)}
    return await _add(
        db, Path(person_id=person.id, structure_id=structure.id, **(defaults | fields))
    )


async def make_welcome(db: AsyncSession, path: Path, by: Person, **fields: Any) -> Welcome:
    defaults = {
        "structure_id": path.structure_id,
        "kind": "garden",
        "notice_given_on": path.opened_on,
        "created_by_id": by.id,
    }
    return await _add(db, Welcome(path_id=path.id, **(defaults | fields)))


async def make_referral(
    db: AsyncSession, path: Path, to: Structure, by: Person, **fields: Any
) -> Referral:
    defaults = {
        "from_structure_id": path.structure_id,
        "options": [to.name],
        "consent_on": path.opened_on,
        "sent_by_id": by.id,
        "sent_at": clock.now(),
    }
    return await _add(db, Referral(path_id=path.id, to_structure_id=to.id, **(defaults | fields)))


async def make_introduction(db: AsyncSession, **fields: Any) -> Introduction:
    number = next(_numbers)
    defaults = {
        "given_name": "Nour",
        "family_name": f"Lambert{number}",
        "email": f"nour{number}@exemple.fr",
        "kind": "garden",
        "project": "Des légumes pour les cantines du coin.",
        "once": f"once-{number}",
        "sent_at": clock.now(),
    }
    return await _add(db, Introduction(**(defaults | fields)))


async def make_application(db: AsyncSession, path: Path, by: Person, **fields: Any) -> Application:
    defaults = {
        "opened_on": clock.today(),
        "to_test": "Vivre de trente brebis.",
        "created_by_id": by.id,
    }
    return await _add(db, Application(path_id=path.id, **(defaults | fields)))


async def make_piece(db: AsyncSession, application: Application, **fields: Any) -> ApplicationPiece:
    defaults = {"kind": "project", "received_on": clock.today()}
    return await _add(db, ApplicationPiece(application_id=application.id, **(defaults | fields)))


async def make_committee(db: AsyncSession, structure: Structure, **fields: Any) -> Committee:
    """A session in a week."""
    fields.setdefault("held_on", clock.today() + dt.timedelta(days=7))
    return await _add(db, Committee(structure_id=structure.id, **fields))


async def make_committee_member(
    db: AsyncSession, committee: Committee, person: Person
) -> CommitteeMember:
    return await _add(db, CommitteeMember(committee_id=committee.id, person_id=person.id))


async def make_case(
    db: AsyncSession, committee: Committee, application: Application, **fields: Any
) -> CommitteeCase:
    case = CommitteeCase(committee_id=committee.id, application_id=application.id, **fields)
    return await _add(db, case)


async def make_follow_up_member(
    db: AsyncSession,
    person: Person,
    member: Person,
    start: dt.date = LONG_AGO,
    end: dt.date | None = None,
    **fields: Any,
) -> FollowUpMember:
    """``end`` is the day after the last one."""
    return await _add(
        db,
        FollowUpMember(
            person_id=person.id,
            member_id=member.id,
            during=Range(start, end),
            **({"kind": FollowUpKind.TECHNICAL} | fields),
        ),
    )


async def make_agreement(
    db: AsyncSession,
    person: Person,
    structure: Structure,
    start: dt.date = dt.date(2026, 2, 1),
    end: dt.date = dt.date(2027, 2, 1),
    *,
    document: str | None = "ab" * 32,
    **fields: Any,
) -> Agreement:
    """A CAPE with its first period, signed; ``end`` is the day after the last one."""
    defaults = {"kind": "cape", "created_by_id": person.id}
    agreement = await _add(
        db, Agreement(person_id=person.id, structure_id=structure.id, **(defaults | fields))
    )
    await _add(
        db,
        AgreementPeriod(
            agreement_id=agreement.id,
            number=0,
            person_id=person.id,
            family="test",
            during=Range(start, end),
            signed_on=start,
            document=document,
        ),
    )
    return agreement


async def make_expense(
    db: AsyncSession, agreement: Agreement, by: Person, **fields: Any
) -> SharedExpense:
    """Water of this autumn, which the person owes."""
    defaults = {
        "kind": "water",
        "label": "Eau d'octobre",
        "amount_cents": 4235,
        "owed_by": "trainee",
        "spent_on": dt.date(2026, 11, 2),
        "created_by_id": by.id,
    }
    return await _add(db, SharedExpense(agreement_id=agreement.id, **(defaults | fields)))


async def make_visit(
    db: AsyncSession, person: Person, mentor: Person, starts_at: dt.datetime, **fields: Any
) -> Visit:
    """A visit of an hour and a half that took place, unless told otherwise; both were there."""
    defaults = {
        "duration_minutes": 90,
        "state": VisitState.HELD,
        "kind": FollowUpKind.TECHNICAL,
        "mode": "place",
        "created_by_id": mentor.id,
    }
    visit = await _add(
        db,
        Visit(person_id=person.id, mentor_id=mentor.id, starts_at=starts_at, **(defaults | fields)),
    )
    held = visit.state == VisitState.HELD
    presence = Presence.PRESENT if held else Presence.EXPECTED
    for one in (person, mentor):
        await _add(db, VisitPerson(visit_id=visit.id, person_id=one.id, presence=presence))
    return visit


async def make_report(
    db: AsyncSession, visit: Visit, author: Person, level: Level = Level.SHARED, **fields: Any
) -> Report:
    defaults = {
        "version": 1,
        "seen": "Les planches sont propres.",
        "themes": ["soil"],
        "photos": [],
        "shared_at": visit.starts_at if level == Level.SHARED else None,
    }
    report = Report(visit_id=visit.id, author_id=author.id, level=level, **(defaults | fields))
    return await _add(db, report)


async def make_volunteer(
    db: AsyncSession, person: Person, structure: Structure, name: str = "Odette", **fields: Any
) -> Person:
    """Somebody who follows a person as a volunteer."""
    volunteer = await make_person(db, name, **fields)
    await make_membership(db, volunteer, structure, Role.MENTOR)
    await make_follow_up_member(db, person, volunteer, kind=FollowUpKind.HUMAN)
    return volunteer


async def make_link(
    db: AsyncSession, person: Person, by: Person, until: dt.date = dt.date(2027, 10, 31)
) -> str:
    """The token of a personal link."""
    token = new_token()
    access = LightAccess(
        person_id=person.id,
        token_hash=hashed(token),
        until=until,
        created_by_id=by.id,
        created_at=clock.now(),
    )
    await _add(db, access)
    return token


async def make_step(
    db: AsyncSession, person: Person, owner: Person, report: Report | None = None, **fields: Any
) -> AgreedStep:
    defaults = {"what": "Commander les semences", "created_by_id": owner.id}
    return await _add(
        db,
        AgreedStep(
            person_id=person.id,
            owner_id=owner.id,
            report_id=report.id if report else None,
            **(defaults | fields),
        ),
    )


async def make_proposal(
    db: AsyncSession, person: Person, mentor: Person, *starts: dt.datetime, **fields: Any
) -> VisitProposal:
    defaults = {"duration_minutes": 60, "kind": FollowUpKind.TECHNICAL, "mode": "place"}
    return await _add(
        db,
        VisitProposal(
            person_id=person.id, mentor_id=mentor.id, starts=list(starts), **(defaults | fields)
        ),
    )


async def make_workshop(
    db: AsyncSession,
    structure: Structure,
    trainer: Person,
    *starts: dt.datetime,
    minutes: int = 180,
    **fields: Any,
) -> Workshop:
    """A workshop for everybody, a half-day at each start, all led by the trainer."""
    defaults = {"title": "Irriguer sans perdre d'eau", "created_by_id": trainer.id}
    slots = [
        WorkshopSlot(
            structure_id=structure.id,
            during=Range(start, start + dt.timedelta(minutes=minutes)),
            facilitators=[trainer],
        )
        for start in starts
    ]
    return await _add(
        db,
        Workshop(
            structure_id=structure.id,
            trainers=[WorkshopTrainer(person_id=trainer.id, name=trainer.name)],
            slots=slots,
            **(defaults | fields),
        ),
    )


async def make_seat(
    db: AsyncSession, workshop: Workshop, person: Person, number: int | None = 1
) -> WorkshopSeat:
    """A place, with a line on each sheet; without a number, a place in the waiting list."""
    seat = await _add(
        db,
        WorkshopSeat(
            workshop_id=workshop.id, person_id=person.id, number=number, created_by_id=person.id
        ),
    )
    for slot in workshop.slots if number else []:
        await _add(db, Attendance(slot_id=slot.id, person_id=person.id))
    return seat


async def close_sheet(
    db: AsyncSession, slot: WorkshopSlot, by: Person, came: dict[Person, Presence]
) -> None:
    """Everybody present signs, then who leads closes. The people are on the sheet already."""
    slot.facts = f"Demi-journée {slot.id}"
    await db.flush()  # signatures are compared with it
    for person, presence in came.items():
        await db.execute(
            sa.update(Attendance)
            .where(Attendance.slot_id == slot.id, Attendance.person_id == person.id)
            .values(presence=presence)
        )
        if presence == Presence.PRESENT:
            signed = f"{slot.facts}\n{person.name}\n"
            await _sign_sheet(db, slot, person, SignerRole.PARTICIPANT, signed)
    text = f"Feuille {slot.id}"
    slot.sheet_text, slot.closed_at, slot.closed_by_id = text, slot.ends_at, by.id
    await db.flush()  # signatures are compared with it
    await _sign_sheet(db, slot, by, SignerRole.FACILITATOR, text)


async def _sign_sheet(
    db: AsyncSession, slot: WorkshopSlot, person: Person, role: SignerRole, text: str
) -> None:
    await _add(
        db,
        AttendanceSignature(
            slot_id=slot.id,
            person_id=person.id,
            role=role,
            name=person.name,
            signed_at=slot.ends_at,
            text_hash=hash_of(text),
            device_of_id=person.id,
        ),
    )


async def first_grid(db: AsyncSession) -> Grid:
    """One of those that come with the product."""
    return (await db.scalars(sa.select(Grid).order_by(Grid.id).limit(1))).one()


async def make_assessment(
    db: AsyncSession, person: Person, begun_by: Person, **fields: Any
) -> Assessment:
    version = sa.select(GridVersion.id).where(GridVersion.grid_id == (await first_grid(db)).id)
    defaults = {"version_id": await db.scalar(version), "made_on": dt.date(2026, 11, 2)}
    return await _add(
        db, Assessment(person_id=person.id, begun_by_id=begun_by.id, **(defaults | fields))
    )


async def make_progress(
    db: AsyncSession,
    structure: Structure,
    called_by: Person,
    starts_at: dt.datetime,
    *members: Person,
    **fields: Any,
) -> ProgressCommittee:
    """A progress committee that is planned, unless told otherwise."""
    defaults = {"duration_minutes": 60, "mode": "place", "state": "planned"}
    committee = await _add(
        db,
        ProgressCommittee(
            structure_id=structure.id,
            called_by_id=called_by.id,
            starts_at=starts_at,
            **(defaults | fields),
        ),
    )
    for one in members:
        await _add(
            db,
            ProgressMember(
                committee_id=committee.id,
                person_id=one.id,
                invited_at=min(starts_at, clock.now()) - dt.timedelta(days=7),
            ),
        )
    return committee


async def make_review(
    db: AsyncSession, committee: ProgressCommittee, person: Person, **fields: Any
) -> ProgressReview:
    return await _add(db, ProgressReview(committee_id=committee.id, person_id=person.id, **fields))


async def make_minutes(db: AsyncSession, review: ProgressReview, closer: Person) -> None:
    """Closed and signed by somebody."""
    review.minutes, review.decision, review.reasons = "Tout va.", "continue", "Le plan tient."
    review.closed_at, review.closed_by_id = clock.now(), closer.id
    review.signed_text = f"Compte rendu {review.id}"
    await db.flush()  # signatures are compared with it
    await sign_minutes(db, review, closer)


async def sign_minutes(
    db: AsyncSession, review: ProgressReview, *people: Person, **fields: Any
) -> None:
    for person in people:
        signature = _signature(person, str(review.signed_text)) | fields
        await _add(db, ProgressSignature(review_id=review.id, **signature))


def _signature(person: Person, text: str) -> dict[str, Any]:
    return {
        "person_id": person.id,
        "name": person.name,
        "signed_at": clock.now(),
        "text_hash": hash_of(text),
    }


async def make_exit(
    db: AsyncSession,
    person: Person,
    structure: Structure,
    left_on: dt.date = dt.date(2026, 3, 31),
    outcome: Outcome = Outcome.SETTLED_NEARBY,
    **fields: Any,
) -> Exit:
    """The end of the person's open path, or of one made for it, with the contacts that follow."""
    path = await db.scalar(
        sa.select(Path).where(Path.person_id == person.id, Path.closed_on.is_(None))
    )
    path = path or await make_path(
        db, person, structure, state=PathState.EXITED, opened_on=LONG_AGO
    )
    whose = {"path_id": path.id, "person_id": person.id, "created_by_id": person.id}
    left = Exit(left_on=left_on, outcome=outcome, **whose, **fields)
    left.contacts = [
        AfterContact(months=months, due_on=due_on) for months, due_on in due_dates(left_on, outcome)
    ]
    return await _add(db, left)


async def make_grant(db: AsyncSession, *holders: Structure, **fields: Any) -> Grant:
    """Of the whole year 2026, held by these structures together."""
    defaults = {
        "funder": "Région",
        "name": "Accompagner les tests",
        "during": Range(dt.date(2026, 1, 1), dt.date(2027, 1, 1)),
    }
    if "created_by_id" not in fields:
        fields["created_by_id"] = (await make_person(db)).id
    shares = [GrantShare(structure_id=one.id) for one in holders]
    return await _add(db, Grant(shares=shares, **(defaults | fields)))


async def make_action(db: AsyncSession, grant: Grant, **fields: Any) -> FundedAction:
    """Individual, without any ceiling."""
    defaults = {"label": "Accompagnement individuel", "mode": "individual"}
    return await _add(db, FundedAction(grant_id=grant.id, **(defaults | fields)))


async def make_charge(
    db: AsyncSession, action: FundedAction, by: Person, **fields: Any
) -> SupportCharge:
    """Of a visit (``visit_id``) or a half-day of a workshop (``slot_id``)."""
    return await _add(db, SupportCharge(action_id=action.id, charged_by_id=by.id, **fields))


async def sign_report(db: AsyncSession, report: Report, *people: Person, **fields: Any) -> None:
    """As it stands; the first signature locks it."""
    report.signed_text = report.signed_text or f"Compte rendu {report.id}"
    await db.flush()  # signatures are compared with it
    for person in people:
        signature = _signature(person, report.signed_text) | fields
        await _add(db, ReportSignature(report_id=report.id, **signature))


async def make_heading(
    db: AsyncSession, person: Person, name: str = "Marché", kind: str = "sale", **fields: Any
) -> FigureHeading:
    defaults = {"place": 1}
    return await _add(
        db, FigureHeading(person_id=person.id, kind=kind, name=name, **(defaults | fields))
    )


async def make_month(
    db: AsyncSession,
    person: Person,
    month: dt.date,
    amounts: Mapping[FigureHeading, str] | None = None,
    **fields: Any,
) -> FigureMonth:
    """A month of somebody's own figures, with what each heading brought or cost."""
    then = dt.datetime.combine(month, dt.time(12), dt.UTC)
    defaults = {"version": 1, "made_at": then, "changed_at": then, "hours_per": "month"}
    kept = await _add(db, FigureMonth(person_id=person.id, month=month, **(defaults | fields)))
    for heading, amount in (amounts or {}).items():
        await _add(
            db,
            FigureAmount(
                month_id=kept.id,
                heading_id=heading.id,
                person_id=person.id,
                amount=Decimal(amount),
            ),
        )
    return kept


async def make_figure_share(
    db: AsyncSession,
    person: Person,
    first: dt.date,
    end: dt.date | None = None,
    reader: Person | None = None,
    **fields: Any,
) -> FigureShare:
    """Open to the whole follow-up group, or to one reader."""
    defaults = {"with_hours": False, "shared_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}
    return await _add(
        db,
        FigureShare(
            person_id=person.id,
            reader_id=reader.id if reader else None,
            during=Range(first, end),
            **(defaults | fields),
        ),
    )
