"""What the guards look at: every door, and one record of each kind behind them."""

import datetime as dt
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.files import StoredFile
from couveuse.core.settings import Settings
from couveuse.equipment.models import Audience, Booking, BookingState
from couveuse.followup.models import (
    AttendanceScan,
    Level,
    Presence,
    ProgressMember,
    VisitState,
)
from couveuse.occupancy.models import (
    ConditionReport,
    ConditionVersion,
    PeriodKind,
    PlotPeriod,
    ReportKind,
)
from couveuse.people.models import Person, Session
from couveuse.structures.models import Function, StructureFunction
from couveuse.trainees.models import (
    Agreement,
    AgreementAmendment,
    AgreementDocument,
    AgreementPiece,
    AgreementSuspension,
    DocumentKind,
    FollowUpMember,
    LegalNotice,
    NoticeEvent,
    Path,
)
from tests import build
from tests.cast import MEMBERSHIPS, NAMES, Cast
from tests.conftest import NOON
from tests.guards.doors import Door, list_doors

PHOTO, SECRET = "ab" * 32, "ef" * 32
"""What everybody may see, and what its author keeps to themself."""
IN_TWO_DAYS = NOON + dt.timedelta(days=2)
HOUR = dt.timedelta(hours=1)

Records = dict[str, dict[str, int | str]]


@pytest.fixture(scope="session")
def doors(app: Litestar) -> list[Door]:
    return list_doors(app)


@pytest_asyncio.fixture
async def world(db: AsyncSession, cast: Cast, settings: Settings) -> Records:
    """By parameter of an address, then by the name that the table gives to the record."""
    items = await make_items(db, cast)
    follow_up = await make_follow_up(db, cast)
    records: Records = {
        "structure_id": {"own": cast.home.id, "other": cast.partner.id},
        "site_id": {"own": cast.farm.id, "other": cast.neuvy.id},
        "item_id": {name: item.id for name, item in items.items()},
        "person_id": {name: cast.person(name).id for name in NAMES},
        "membership_id": await make_memberships(db, cast),
        "booking_id": await make_bookings(db, cast, items),
        "paper_id": await make_papers(db, cast),
        "outage_id": await make_outages(db, cast),
        **await make_welcomes(db, cast),
        "place_id": await make_places(db, cast),
        **await make_committees(db, cast),
        "session_id": {"tom's": await make_session(db, cast)},
        **await make_land(db, cast),
        **await make_agreements(db, cast),
        "contact_id": await make_contacts(db, cast),
        **follow_up,
        **await make_grants(db, cast, follow_up["visit_id"]),
        **await make_progress(db, cast),
        **await make_workshops(db, cast),
        "sha256": {
            "own": PHOTO,
            "other": PHOTO,
            "draft": PHOTO,
            "private": SECRET,
            "unknown": "cd" * 32,
        },
        "token": {"unknown": "x" * 43},
        "stem": {"own": "parcelles", "unknown": "x"},
        "filename": {"own": "parcelles.csv", "hours": "personnes.csv", "unknown": "x.csv"},
        "sheet": {"own": "chiffres.xlsx", "lea": "mois.csv", "tom": "mois.csv", "unknown": "x.csv"},
        "month": {"past": "2026-10", "unknown": "2026-13"},
        **await make_figures(db, cast),
    }
    for parameter, added in (await make_light(db, cast)).items():
        records[parameter] |= added
    await db.commit()
    for name in (PHOTO, SECRET):
        photo = settings.data_folder / "files" / name[:2] / name
        photo.parent.mkdir(parents=True, exist_ok=True)
        photo.write_bytes(b"jpg")
    return records


async def make_items(db: AsyncSession, cast: Cast) -> dict[str, Any]:
    for name in (PHOTO, SECRET):
        db.add(StoredFile(sha256=name, media_type="image/jpeg", size=3))
    return {
        "own": await build.make_item(db, cast.farm, manager_id=cast.gaston.id, photo=PHOTO),
        "other": await build.make_item(db, cast.neuvy),
        "private": await build.make_item(db, cast.neuvy, audience=Audience.STRUCTURE),
        "retired": await build.make_item(db, cast.farm, retired_on=NOON.date()),
    }


async def make_places(db: AsyncSession, cast: Cast) -> dict[str, int | str]:
    """Marc's in the group of lea, and in that of tom of somebody who is nobody else."""
    marcs = sa.select(FollowUpMember.id).where(FollowUpMember.member_id == cast.marc.id)
    other = await build.make_person(db)
    place = await build.make_follow_up_member(db, cast.tom, other)
    return {"lea's": (await db.scalars(marcs)).one(), "tom's": place.id}


async def make_memberships(db: AsyncSession, cast: Cast) -> dict[str, int | str]:
    """Of others who do the same in the same place, so that the cast stays as it is."""
    made: dict[str, int | str] = {}
    for name in ("lea", "tom", "ines"):
        place, role, _salaried = MEMBERSHIPS[name]
        person = await build.make_person(db, email=f"like-{name}@couveuse.example")
        made[name] = (await build.make_membership(db, person, getattr(cast, place), role)).id
    return made


async def make_bookings(
    db: AsyncSession, cast: Cast, items: dict[str, Any]
) -> dict[str, int | str]:
    async def book(item: str, person: str, hour: int, **more: Any) -> int:
        start = IN_TWO_DAYS + hour * HOUR
        made: Booking = await build.make_booking(
            db, items[item], cast.person(person), start, start + HOUR, **more
        )
        return made.id

    cancelled = {"state": BookingState.CANCELLED, "decided_by_id": cast.lea.id}
    return {
        "lea's": await book("own", "lea", 0),
        "tom's": await book("other", "tom", 0),
        "private": await book("private", "tom", 0),
        "asked": await book("own", "tom", 2, state=BookingState.REQUESTED),
        "undone": await book("own", "lea", 4, **cancelled),
    }


async def make_papers(db: AsyncSession, cast: Cast) -> dict[str, int | str]:
    """One that lea sent and nobody looked at yet, and one that counts for each."""
    training = cast.tractor_training
    sent = await build.make_paper(db, cast.lea, training, is_to_check=True, document=PHOTO)
    made: dict[str, int | str] = {"sent": sent.id}
    for name in ("lea", "tom"):
        made[name] = (await build.make_paper(db, cast.person(name), training)).id
    return made


async def make_outages(db: AsyncSession, cast: Cast) -> dict[str, int | str]:
    items = {
        "own": await build.make_item(db, cast.farm, manager_id=cast.gaston.id),
        "other": await build.make_item(db, cast.neuvy),
        "private": await build.make_item(db, cast.neuvy, audience=Audience.STRUCTURE),
    }
    return {
        name: (await build.make_outage(db, item, cast.ines, IN_TWO_DAYS, IN_TWO_DAYS + HOUR)).id
        for name, item in items.items()
    }


async def make_welcomes(db: AsyncSession, cast: Cast) -> Records:
    """The paths of the cast with their sheets, somebody asked of the partner, somebody waiting."""
    found = await db.execute(
        sa.select(Person.given_name, Path).join(Person, Person.id == Path.person_id)
    )
    paths = {name.lower(): path for name, path in found}
    sheets = {name: await build.make_welcome(db, paths[name], cast.ines) for name in ("lea", "tom")}
    newcomer = await build.make_person(db, met_by_id=cast.home.id)
    asked = await build.make_path(db, newcomer, cast.home, state="oriented_out")
    referrals = {
        "asked": await build.make_referral(db, asked, cast.partner, cast.ines),
        "tom": await build.make_referral(db, paths["tom"], cast.home, cast.paul),
    }
    waiting = await build.make_introduction(db)
    return {
        "path_id": {name: paths[name].id for name in ("lea", "tom")},
        "welcome_id": {name: sheet.id for name, sheet in sheets.items()},
        "referral_id": {name: one.id for name, one in referrals.items()},
        "introduction_id": {"waiting": waiting.id},
    }


async def make_contacts(db: AsyncSession, cast: Cast) -> dict[str, int | str]:
    """News to ask for after an exit of each."""
    made: dict[str, int | str] = {}
    for name, place in (("lea", cast.home), ("tom", cast.partner)):
        made[name] = (await build.make_exit(db, cast.person(name), place)).contacts[0].id
    return made


async def make_agreements(db: AsyncSession, cast: Cast) -> Records:
    """A placement to come of lea and tom, which waits, with a paper; a notice of what runs."""
    made: Records = {"code": {"lea": "insurance", "tom": "insurance"}}
    for name, place in (("lea", cast.home), ("tom", cast.partner)):
        agreement = await build.make_agreement(
            db,
            cast.person(name),
            place,
            dt.date(2027, 6, 1),
            dt.date(2027, 9, 1),
            kind="training_placement",
            document=None,
        )
        running = await db.scalar(
            sa.select(Agreement.id).where(
                Agreement.person_id == cast.person(name).id, Agreement.kind == "cape"
            )
        )
        notice = LegalNotice(
            agreement_id=running,
            period_number=0,
            event=NoticeEvent.SIGNING,
            recipient="social_body",
            label="Organisme social",
            due_on=NOON.date(),
            sent_on=NOON.date(),
            document=PHOTO,
            recorded_by_id=cast.ines.id,
        )
        document = AgreementDocument(
            agreement_id=agreement.id,
            number=1,
            kind=DocumentKind.CONTRACT,
            sha256=PHOTO,
            made_by_id=cast.ines.id,
        )
        amendment = AgreementAmendment(
            agreement_id=running,
            number=1,
            title="Fourgon",
            text="La personne peut prendre le fourgon.",
            signed_on=NOON.date(),
            starts_on=NOON.date(),
            created_by_id=cast.ines.id,
        )
        suspension = AgreementSuspension(
            agreement_id=agreement.id,
            during=Range(dt.date(2027, 7, 1), None),
            created_by_id=cast.ines.id,
        )
        piece = AgreementPiece(
            agreement_id=agreement.id,
            code="insurance",
            received_on=NOON.date(),
            document=PHOTO,
            recorded_by_id=cast.ines.id,
        )
        db.add_all([notice, document, amendment, suspension, piece])
        signed = await db.get_one(Agreement, running)
        expense = await build.make_expense(db, signed, cast.ines)
        for parameter, row in (
            ("agreement_id", agreement),
            ("notice_id", notice),
            ("document_id", document),
            ("amendment_id", amendment),
            ("suspension_id", suspension),
            ("expense_id", expense),
        ):
            made.setdefault(parameter, {})[name] = row.id
    return made


async def make_committees(db: AsyncSession, cast: Cast) -> Records:
    """At home rosa sits and looks at a newcomer; the partner has answered tom."""
    newcomer = await build.make_person(db, met_by_id=cast.home.id)
    applying = await build.make_path(db, newcomer, cast.home, state="applying")
    toms = await db.scalar(sa.select(Path).where(Path.person_id == cast.tom.id))
    assert toms is not None
    parts = ("application_id", "sent_piece_id", "committee_id", "case_id")
    made: Records = {name: {} for name in parts}
    for name, path, place in (("tom", toms, cast.partner), ("own", applying, cast.home)):
        application = await build.make_application(db, path, cast.ines)
        piece = await build.make_piece(db, application, document=PHOTO)
        committee = await build.make_committee(db, place)
        case = await build.make_case(db, committee, application)
        made["application_id"][name], made["sent_piece_id"][name] = application.id, piece.id
        made["committee_id"][name], made["case_id"][name] = committee.id, case.id
        if name == "own":
            await build.make_committee_member(db, committee, cast.rosa)
        else:
            case.decision, case.reasons = "wait", "Pas de place cet hiver."
            case.decided_on = case.notified_on = NOON.date()
    await db.flush()
    return made


async def make_session(db: AsyncSession, cast: Cast) -> int:
    session = Session(token_hash=b"x" * 32, person_id=cast.tom.id)
    db.add(session)
    await db.flush()
    return session.id


async def make_follow_up(db: AsyncSession, cast: Cast) -> Records:
    """Lea's visits by marc, one shared, one a draft, one to come; tom's by somebody else."""
    stranger = await build.make_person(db)
    photos = [{"file": PHOTO, "shows": None}]
    own = await build.make_visit(db, cast.lea, cast.marc, NOON - 24 * HOUR)
    shared = await build.make_report(db, own, cast.marc, photos=photos)
    draft = await build.make_visit(db, cast.lea, cast.marc, NOON - 48 * HOUR)
    await build.make_report(db, draft, cast.marc, Level.DRAFT, photos=photos)
    planned = {"state": VisitState.PLANNED}
    to_come = await build.make_visit(db, cast.lea, cast.marc, IN_TWO_DAYS, **planned)
    other = await build.make_visit(db, cast.tom, stranger, NOON - 24 * HOUR)
    proposals = {
        name: (await build.make_proposal(db, person, mentor, IN_TWO_DAYS)).id
        for name, person, mentor in (
            ("own", cast.lea, cast.marc),
            ("other", cast.tom, stranger),
        )
    }
    steps = {
        "own": await build.make_step(db, cast.lea, cast.lea, shared),
        "marc's": await build.make_step(db, cast.lea, cast.marc),
        "other": await build.make_step(db, cast.tom, cast.tom),
    }
    return {
        "visit_id": {
            "own": own.id,
            "draft": draft.id,
            "planned": to_come.id,
            "other": other.id,
        },
        "proposal_id": proposals,
        "step_id": {name: step.id for name, step in steps.items()},
        "grid_id": {"own": (await build.first_grid(db)).id},
        "assessment_id": {
            "own": (await build.make_assessment(db, cast.lea, cast.marc)).id,
            "other": (await build.make_assessment(db, cast.tom, stranger)).id,
        },
    }


async def make_grants(db: AsyncSession, cast: Cast, visits: dict[str, int | str]) -> Records:
    """One of home alone, one of the partner alone; marc's visit and tom's, each charged."""
    made: Records = {"grant_id": {}, "action_id": {}, "key": {}}
    for name, place in (("own", cast.home), ("other", cast.partner)):
        grant = await build.make_grant(db, place)
        action = await build.make_action(db, grant, person_minutes=600)
        await build.make_charge(db, action, cast.ines, visit_id=visits[name])
        made["grant_id"][name], made["action_id"][name] = grant.id, action.id
        made["key"][name] = f"visit-{visits[name]}"
    made["key"]["unknown"] = "visit-x"
    return made


async def make_light(db: AsyncSession, cast: Cast) -> Records:
    """Odette follows lea by a link: a report of hers to sign, and one typed in from paper."""
    volunteer = await build.make_volunteer(db, cast.lea, cast.home)
    visit = await build.make_visit(db, cast.lea, volunteer, NOON - 72 * HOUR)
    await build.make_report(db, visit, volunteer)
    on_paper = await build.make_visit(db, cast.lea, volunteer, NOON - 96 * HOUR)
    typed = await build.make_report(db, on_paper, volunteer, typed_by_id=cast.marc.id, scan=PHOTO)
    await build.sign_report(db, typed, cast.lea, scan=PHOTO, filed_by_id=cast.marc.id)
    return {
        "token": {"light": await build.make_link(db, volunteer, cast.ines)},
        "person_id": {"odette": volunteer.id, "light": cast.lea.id},
        "visit_id": {"light": visit.id, "paper": on_paper.id},
        "step_id": {"light": (await build.make_step(db, cast.lea, volunteer)).id},
    }


async def make_figures(db: AsyncSession, cast: Cast) -> Records:
    """A month of lea and one of tom, both shared with whoever follows them."""
    made: Records = {"heading_id": {}, "share_id": {}}
    for name in ("lea", "tom"):
        person = cast.person(name)
        heading = await build.make_heading(db, person)
        await build.make_month(db, person, dt.date(2026, 10, 1), {heading: "120.50"}, hours=100)
        share = await build.make_figure_share(db, person, dt.date(2026, 1, 1), with_hours=True)
        made["heading_id"][name], made["share_id"][name] = heading.id, share.id
    return made


async def make_progress(db: AsyncSession, cast: Cast) -> Records:
    """Lea on three sessions of her structure where rosa sits: to come, held, with closed minutes;
    tom on one of his."""
    made: Records = {
        "progress_id": {},
        "review_id": {},
        "seat_id": {},
        "signer_id": {"own": cast.lea.id, "closed": cast.lea.id, "paper": cast.lea.id},
    }
    written = {"minutes": "Tout va.", "decision": "continue", "reasons": "Le plan tient."}
    for name, person, caller, place, start in (
        ("own", cast.lea, cast.ines, cast.home, IN_TWO_DAYS),
        ("held", cast.lea, cast.ines, cast.home, NOON - 48 * HOUR),
        ("closed", cast.lea, cast.ines, cast.home, NOON - 72 * HOUR),
        ("other", cast.tom, cast.paul, cast.partner, IN_TWO_DAYS),
    ):
        state = "planned" if start > NOON else "held"
        members = [] if name == "other" else [cast.rosa]
        session = await build.make_progress(db, place, caller, start, *members, state=state)
        review = await build.make_review(db, session, person, **(written if start < NOON else {}))
        if name == "closed":
            await build.make_minutes(db, review, cast.ines)
            filed = {"scan": PHOTO, "filed_by_id": cast.ines.id}
            await build.sign_minutes(db, review, cast.lea, **filed)
        made["progress_id"][name], made["review_id"][name] = session.id, review.id
        seat = sa.select(ProgressMember.id).where(ProgressMember.committee_id == session.id)
        made["seat_id"][name] = (await db.scalar(seat)) or 1
    return made


async def make_workshops(db: AsyncSession, cast: Cast) -> Records:
    """Marc's for everybody, one whose sheet is open and one closed; paul's, for tom alone."""
    own = await build.make_workshop(db, cast.home, cast.marc, IN_TWO_DAYS, places=8)
    chosen = await build.make_workshop(
        db, cast.partner, cast.paul, IN_TWO_DAYS, for_everybody=False, guests=[cast.tom]
    )
    await build.make_seat(db, chosen, cast.tom)
    slots = {"other": chosen.slots[0].id}
    scans: dict[str, int | str] = {}
    for name, days in (("own", 1), ("closed", 3)):
        held = await build.make_workshop(db, cast.home, cast.marc, NOON - days * 24 * HOUR)
        (slot,) = held.slots
        await build.make_seat(db, held, cast.lea)
        scan = AttendanceScan(
            slot_id=slot.id, sha256=PHOTO, added_by_id=cast.marc.id, added_at=slot.ends_at
        )
        db.add(scan)
        await db.flush()
        slots[name], scans[name] = slot.id, scan.id
        if name == "closed":
            await build.close_sheet(db, slot, cast.marc, {cast.lea: Presence.PRESENT})
    return {
        "workshop_id": {"own": own.id, "chosen": chosen.id},
        "slot_id": {name: slots[name] for name in ("own", "closed", "other")},
        "scan_id": scans,
    }


async def make_land(db: AsyncSession, cast: Cast) -> Records:
    """A plot on each site, with what lets the structure lend it and what happened there."""
    land: Records = {}
    for name, structure, site, holder in (
        ("own", cast.home, cast.farm, cast.lea),
        ("other", cast.partner, cast.neuvy, cast.tom),
    ):
        during = Range(NOON.date() + dt.timedelta(days=30), NOON.date() + dt.timedelta(days=60))
        function = StructureFunction(
            structure_id=structure.id, function=Function.SUPPORT, during=Range(build.LONG_AGO, None)
        )
        right = await build.make_land_right(db, site, document=PHOTO)
        plot = await build.make_plot(db, site, rights=[right])
        period = PlotPeriod(
            plot_id=plot.id, during=during, kind=PeriodKind.REST, created_by_id=cast.ines.id
        )
        report = ConditionReport(
            plot_id=plot.id,
            kind=ReportKind.ENTRY,
            made_on=NOON.date(),
            photos=[{"file": PHOTO, "shows": "la serre"}],
            created_by_id=cast.marc.id,
        )
        event = await build.make_land_event(db, plot, cast.gaston, document=PHOTO)
        personal = await build.make_land_event(
            db, plot, holder, is_personal=True, document=SECRET if name == "own" else None
        )
        db.add_all([function, period, report])
        await db.flush()
        version = ConditionVersion(
            report_id=report.id,
            kind=ReportKind.ENTRY,
            made_on=NOON.date(),
            reason="mal lu",
            corrected_by_id=cast.marc.id,
            corrected_at=NOON,
        )
        db.add(version)
        await db.flush()
        for parameter, row in (
            ("function_id", function),
            ("right_id", right),
            ("plot_id", plot),
            ("period_id", period),
            ("report_id", report),
            ("version_id", version),
            ("event_id", event),
        ):
            land.setdefault(parameter, {})[name] = row.id
        land["event_id"][f"{holder.given_name.lower()}'s"] = personal.id
    return land
