"""Places and attendance sheets are kept by the database itself, whoever writes and however."""

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import Presence, Workshop
from couveuse.followup.signed import hash_of
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.followup.conftest import DAY

LOCKED = "attendance_sheet_is_locked"
SIGNED = "attendance_facts_are_signed"


async def broken(db: AsyncSession, statement: str, **values: object) -> str | None:
    """The constraint that a statement breaks; None when it goes through."""
    try:
        async with db.begin_nested():
            await db.execute(sa.text(statement), values)
    except DBAPIError as refused:
        cause = refused.orig.__cause__  # type: ignore[union-attr]
        assert isinstance(cause, asyncpg.PostgresError)
        return str(cause.constraint_name)  # type: ignore[attr-defined]
    return None


@pytest_asyncio.fixture
async def workshop(db: AsyncSession, cast: Cast) -> Workshop:
    """Led by marc on two days past; lea and tom are signed up; one place is left."""
    made = await build.make_workshop(db, cast.home, cast.marc, NOON - 2 * DAY, NOON - DAY, places=3)
    await build.make_seat(db, made, cast.lea, 1)
    await build.make_seat(db, made, cast.tom, 2)
    await db.commit()
    return made


def values(workshop: Workshop, cast: Cast) -> dict[str, object]:
    return {
        "workshop": workshop.id,
        "slot": workshop.slots[0].id,
        "lea": cast.lea.id,
        "tom": cast.tom.id,
        "rosa": cast.rosa.id,
        "marc": cast.marc.id,
    }


SEAT = "INSERT INTO workshop_seat (workshop_id, person_id, number, created_by_id) VALUES "
PLACES = {
    "a number twice": (SEAT + "(:workshop, :rosa, 2, :rosa)", "workshop_seat_number_once"),
    "a person twice": (SEAT + "(:workshop, :lea, 3, :lea)", "workshop_seat_once"),
    "a number above": (SEAT + "(:workshop, :rosa, 4, :rosa)", "workshop_seat_within_places"),
    "number nought": (SEAT + "(:workshop, :rosa, 0, :rosa)", "workshop_seat_counts_from_one"),
    "the last place": (SEAT + "(:workshop, :rosa, 3, :rosa)", None),
    "waiting": (SEAT + "(:workshop, :rosa, NULL, :rosa)", None),
    "moved above": (
        "UPDATE workshop_seat SET number = 9 WHERE person_id = :lea",
        "workshop_seat_within_places",
    ),
    "places lowered": (
        "UPDATE workshop SET places = 1 WHERE id = :workshop",
        "workshop_seat_within_places",
    ),
    "places as taken": ("UPDATE workshop SET places = 2 WHERE id = :workshop", None),
    "no limit": ("UPDATE workshop SET places = NULL WHERE id = :workshop", None),
    "too many": (
        "UPDATE workshop SET places = 2000 WHERE id = :workshop",
        "workshop_places_sensible",
    ),
    "cancelled without reason": (
        "UPDATE workshop SET state = 'cancelled' WHERE id = :workshop",
        "workshop_cancelled_with_reason",
    ),
}


@pytest.mark.parametrize("case", PLACES)
async def test_places_are_a_promise(
    db: AsyncSession, cast: Cast, workshop: Workshop, case: str
) -> None:
    statement, constraint = PLACES[case]

    assert await broken(db, statement, **values(workshop, cast)) == constraint


ANOTHER = """INSERT INTO workshop_slot (workshop_id, structure_id, during)
             SELECT workshop_id, structure_id, ? FROM workshop_slot WHERE id = :slot"""


@pytest.mark.parametrize(
    ("during", "constraint"),
    [
        ("during", "workshop_slot_no_overlap"),
        (
            "tstzrange(lower(during) + interval '9 d', NULL)",
            "workshop_slot_has_both_ends",
        ),
        (
            "tstzrange(lower(during) + interval '9 d', lower(during) + interval '9 d 9 h')",
            "workshop_slot_of_a_half_day",
        ),
        ("tstzrange(upper(during), upper(during) + interval '4 h')", None),
    ],
)
async def test_half_days_are_half_days_and_never_overlap(
    db: AsyncSession, cast: Cast, workshop: Workshop, during: str, constraint: str | None
) -> None:
    another = ANOTHER.replace("?", during)

    assert await broken(db, another, **values(workshop, cast)) == constraint


WRITES = (
    "UPDATE attendance SET presence = 'excused' WHERE slot_id = :slot",
    "DELETE FROM attendance WHERE slot_id = :slot AND person_id = :tom",
    "INSERT INTO attendance (slot_id, person_id) VALUES (:slot, :rosa)",
    "UPDATE attendance_signature SET name = 'Quelqu''un' WHERE slot_id = :slot",
    "DELETE FROM attendance_signature WHERE slot_id = :slot",
    """UPDATE workshop_slot SET during = tstzrange(lower(during), upper(during) + '1 h')
       WHERE id = :slot""",
    """UPDATE workshop_slot SET closed_at = NULL, closed_by_id = NULL, sheet_text = NULL
       WHERE id = :slot""",
    "UPDATE workshop_slot SET sheet_text = sheet_text || ' ' WHERE id = :slot",
    "UPDATE workshop_slot SET facts = NULL WHERE id = :slot",
    "DELETE FROM workshop_slot WHERE id = :slot",
    "DELETE FROM attendance_scan WHERE slot_id = :slot",
    "UPDATE attendance_scan SET sha256 = 'b' WHERE slot_id = :slot",
    "UPDATE attendance_note SET text = 'b' WHERE slot_id = :slot",
    "DELETE FROM attendance_note WHERE slot_id = :slot",
)


@pytest_asyncio.fixture
async def closed(db: AsyncSession, cast: Cast, workshop: Workshop) -> Workshop:
    """Lea was there, tom was not; a scan and a note lie beside."""
    said = values(workshop, cast)
    scan = (
        "INSERT INTO attendance_scan (slot_id, sha256, added_by_id, added_at)"
        " VALUES (:slot, 'a', :marc, now())"
    )
    await db.execute(sa.text(scan), said)
    came = {cast.lea: Presence.PRESENT, cast.tom: Presence.ABSENT}
    await build.close_sheet(db, workshop.slots[0], cast.marc, came)
    note = (
        "INSERT INTO attendance_note (slot_id, author_id, text, written_at)"
        " VALUES (:slot, :marc, 'a', now())"
    )
    await db.execute(sa.text(note), said)
    await db.commit()
    return workshop


@pytest.mark.parametrize("statement", WRITES)
async def test_a_closed_sheet_is_locked(
    db: AsyncSession, cast: Cast, closed: Workshop, statement: str
) -> None:
    assert await broken(db, statement, **values(closed, cast)) == LOCKED


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM workshop_facilitator WHERE slot_id = :slot",
        "INSERT INTO workshop_facilitator (slot_id, person_id) VALUES (:slot, :rosa)",
        "UPDATE workshop_facilitator SET person_id = :rosa WHERE slot_id = :slot",
    ],
)
async def test_who_led_is_signed_too(
    db: AsyncSession, cast: Cast, closed: Workshop, statement: str
) -> None:
    assert await broken(db, statement, **values(closed, cast)) == SIGNED


STILL = (
    "UPDATE attendance SET corrected = 'excused' WHERE slot_id = :slot",
    "UPDATE workshop SET title = 'Autrement', funders = 'Région' WHERE id = :workshop",
)


@pytest.mark.parametrize("statement", STILL)
async def test_what_is_corrected_and_who_pays_still_change(
    db: AsyncSession, cast: Cast, closed: Workshop, statement: str
) -> None:
    assert await broken(db, statement, **values(closed, cast)) is None


SIGN = (
    "INSERT INTO attendance_signature"
    " (slot_id, person_id, role, name, signed_at, text_hash, device_of_id)"
    " VALUES (:slot, :lea, 'participant', 'Léa', now(), :hash, :lea)"
)
HAND = "UPDATE workshop_slot SET facts = 'Faits' WHERE id = :slot"
HASH = hash_of("Faits\nLéa\n")
THERE = "UPDATE attendance SET presence = 'present' WHERE slot_id = :slot AND person_id = :lea"
CLOSE = (
    "UPDATE workshop_slot SET facts = 'Faits', sheet_text = 'Feuille', closed_at = now(),"
    " closed_by_id = :marc WHERE id = :slot"
)
EXCUSED = "UPDATE attendance SET presence = 'excused' WHERE slot_id = :slot AND person_id = :tom"


async def test_a_participant_signs_the_facts_and_her_own_name(
    db: AsyncSession, cast: Cast, workshop: Workshop
) -> None:
    said = values(workshop, cast)
    of_its_text, is_present = "attendance_signature_of_its_text", "attendance_signed_is_present"

    assert await broken(db, SIGN, **said, hash=HASH) == is_present
    assert await broken(db, THERE, **said) is None
    assert await broken(db, SIGN, **said, hash=HASH) == of_its_text
    assert await broken(db, HAND, **said) is None
    assert await broken(db, SIGN, **said, hash=hash_of("Faits\nTom\n")) == of_its_text
    assert await broken(db, SIGN, **said, hash=HASH) is None
    assert await broken(db, SIGN, **said, hash=HASH) == "attendance_signature_once"
    for statement in (THERE.replace("present", "absent"), "DELETE FROM attendance"):
        assert await broken(db, statement, **said) == is_present
    moved = "UPDATE workshop_slot SET during = tstzrange(lower(during), lower(during) + '1 h')"
    for statement in (moved, "UPDATE workshop_slot SET facts = 'Autre'"):
        assert await broken(db, f"{statement} WHERE id = :slot", **said) == SIGNED
    assert await broken(db, "DELETE FROM attendance_signature", **said) is None
    assert await broken(db, HAND.replace("'Faits'", "NULL"), **said) is None


async def test_a_sheet_closes_when_it_is_whole(
    db: AsyncSession, cast: Cast, workshop: Workshop
) -> None:
    said = values(workshop, cast)
    whole = "attendance_sheet_complete"

    assert await broken(db, CLOSE, **said) == whole  # both are still expected
    await db.execute(sa.text(EXCUSED), said)
    assert await broken(db, CLOSE, **said) == whole
    await db.execute(sa.text(THERE), said)
    assert await broken(db, CLOSE, **said) == whole  # nobody signed
    await db.execute(sa.text(HAND), said)
    await db.execute(sa.text(SIGN), said | {"hash": HASH})
    assert await broken(db, CLOSE, **said) is None
    assert await broken(db, SIGN, **said, hash=HASH) == LOCKED


async def test_a_signed_printed_sheet_stands_for_the_signatures(
    db: AsyncSession, cast: Cast, workshop: Workshop
) -> None:
    said = values(workshop, cast)
    scan = (
        "INSERT INTO attendance_scan (slot_id, sha256, added_by_id, added_at)"
        " VALUES (:slot, 'a', :marc, now())"
    )
    for statement in (THERE, EXCUSED, scan):
        await db.execute(sa.text(statement), said)

    assert await broken(db, CLOSE, **said) is None
    assert await broken(db, scan.replace("'a'", "'b'"), **said) is None  # more proof is welcome
