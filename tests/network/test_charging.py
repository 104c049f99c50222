"""An hour is charged once, within its grant, up to what it pays."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, NotAllowed, NotVisible, Refused
from couveuse.followup.models import VisitState
from couveuse.network import actions, queries
from couveuse.network.hours import Proof
from couveuse.network.models import FundedAction, Grant, SupportCharge
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.network.conftest import MakeVisit

DAY = dt.timedelta(days=1)


@atomic
async def run(db: AsyncSession, statement: str, **values: object) -> None:
    await db.execute(sa.text(statement), values)


async def refused_as(db: AsyncSession, statement: str, **values: object) -> str:
    with pytest.raises(Conflict) as told:
        await run(db, statement, **values)
    return told.value.reasons[0].code


async def charged(db: AsyncSession) -> dict[int | None, int]:
    rows = await db.execute(sa.select(SupportCharge.visit_id, SupportCharge.action_id))
    return {visit_id: action_id for visit_id, action_id in rows}  # noqa: C416, typed


# ---------------------------------------------------------------- what the database promises


INSERT = """
    INSERT INTO support_charge (action_id, visit_id, charged_by_id) VALUES (:action, :visit, :by)
"""


async def test_a_visit_has_one_charge(
    db: AsyncSession, cast: Cast, action: FundedAction, grant: Grant, visit: MakeVisit
) -> None:
    held = await visit()
    other = await build.make_action(db, grant, label="Autre")
    values = {"visit": held.id, "by": cast.ines.id}
    await run(db, INSERT, action=action.id, **values)
    assert await refused_as(db, INSERT, action=other.id, **values) == "charged_already"


async def test_a_charge_is_of_one_session(
    db: AsyncSession, cast: Cast, action: FundedAction
) -> None:
    with pytest.raises(IntegrityError, match="support_charge_of_one_session"):
        await run(db, INSERT, action=action.id, visit=None, by=cast.ines.id)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"state": VisitState.PLANNED}, "not_held"),
        ({"state": VisitState.MISSED}, "not_held"),
        ({"starts_at": dt.datetime(2025, 12, 31, 22, 59, tzinfo=dt.UTC)}, "outside_grant"),
        ({"starts_at": dt.datetime(2026, 12, 31, 23, 0, tzinfo=dt.UTC)}, "outside_grant"),
    ],
)
async def test_a_charge_is_of_what_was_held_within_the_grant(
    db: AsyncSession,
    cast: Cast,
    action: FundedAction,
    fields: dict[str, object],
    code: str,
) -> None:
    values = {"starts_at": NOON} | fields
    held = await build.make_visit(db, cast.lea, cast.marc, **values)  # type: ignore[arg-type]
    values = {"visit": held.id, "action": action.id, "by": cast.ines.id}
    assert await refused_as(db, INSERT, **values) == code


async def test_the_last_minute_of_the_grant_is_local(
    db: AsyncSession, cast: Cast, action: FundedAction
) -> None:
    """New Year's Eve in La Réunion ends three hours before Paris."""
    island = await build.make_site(db, cast.home, time_zone="Indian/Reunion")
    for hour, inside in ((19, True), (20, False)):
        start = dt.datetime(2026, 12, 31, hour, 30, tzinfo=dt.UTC)
        held = await build.make_visit(db, cast.lea, cast.marc, start, site_id=island.id)
        values = {"visit": held.id, "action": action.id, "by": cast.ines.id}
        if inside:
            await run(db, INSERT, **values)
        else:
            assert await refused_as(db, INSERT, **values) == "outside_grant"


async def test_time_of_a_structure_without_a_share_is_refused(
    db: AsyncSession, cast: Cast, action: FundedAction, visit: MakeVisit
) -> None:
    theirs = await visit(structure_id=cast.partner.id)
    values = {"visit": theirs.id, "action": action.id, "by": cast.ines.id}
    assert await refused_as(db, INSERT, **values) == "no_share"
    nobodys = await visit(structure_id=None)
    await run(db, INSERT, **values | {"visit": nobodys.id})


async def test_what_is_charged_stays_within_its_grant(
    db: AsyncSession, cast: Cast, grant: Grant, action: FundedAction, visit: MakeVisit
) -> None:
    held = await visit(20)
    await run(db, INSERT, action=action.id, visit=held.id, by=cast.ines.id)
    move = "UPDATE visit SET starts_at = :start WHERE id = :id"
    away = dt.datetime(2027, 1, 1, 9, tzinfo=dt.UTC)
    assert await refused_as(db, move, start=away, id=held.id) == "outside_grant"
    await run(db, move, start=NOON, id=held.id)
    undo = "UPDATE visit SET state = 'missed' WHERE id = :id"
    assert await refused_as(db, undo, id=held.id) == "not_held"
    shorter = "UPDATE funding_grant SET during = '[2026-01-01,2026-11-25)' WHERE id = :id"
    assert await refused_as(db, shorter, id=grant.id) == "keeps_its_charges"
    await run(db, shorter.replace("25)", "26)"), id=grant.id)
    leave = "DELETE FROM grant_share WHERE grant_id = :id"
    assert await refused_as(db, leave, id=grant.id) == "keeps_its_charges"


async def test_nothing_of_a_closed_grant_changes(
    db: AsyncSession, cast: Cast, grant: Grant, action: FundedAction, visit: MakeVisit
) -> None:
    held, later = await visit(), await visit(2)
    await run(db, INSERT, action=action.id, visit=held.id, by=cast.ines.id)
    await run(db, "UPDATE funding_grant SET closed_on = '2026-11-25' WHERE id = :id", id=grant.id)
    for statement in (
        "DELETE FROM support_charge",
        "UPDATE support_charge SET reason = 'x'",
        "UPDATE funding_grant SET name = 'x'",
        "UPDATE funded_action SET total_minutes = 9999",
        "UPDATE grant_share SET percent = 12",
        f"INSERT INTO grant_share (grant_id, structure_id) VALUES ({grant.id}, {cast.partner.id})",  # noqa: S608
    ):
        assert await refused_as(db, statement) == "grant_closed", statement
    values = {"action": action.id, "visit": later.id, "by": cast.ines.id}
    assert await refused_as(db, INSERT, **values) == "grant_closed"
    await run(db, "UPDATE funding_grant SET closed_on = NULL")
    await run(db, INSERT, **values)


async def test_half_days_of_workshops_are_charged_once_they_were_held(
    db: AsyncSession, cast: Cast, grant: Grant
) -> None:
    group = await build.make_action(db, grant, label="Collectif", mode="group")
    workshop = await build.make_workshop(db, cast.home, cast.marc, NOON - DAY)
    slot = workshop.slots[0]
    insert = INSERT.replace("visit_id", "slot_id")
    values = {"action": group.id, "visit": slot.id, "by": cast.ines.id}
    assert await refused_as(db, insert, **values) == "not_held"
    there = "INSERT INTO attendance (slot_id, person_id, presence) VALUES (:slot, :who, 'present')"
    await run(db, there, slot=slot.id, who=cast.lea.id)
    await run(db, insert, **values)
    assert await refused_as(db, insert, **values) == "charged_already"
    cancel = "UPDATE workshop SET state = 'cancelled', reason = 'Gel' WHERE id = :id"
    assert await refused_as(db, cancel, id=workshop.id) == "not_held"
    move = "UPDATE workshop_slot SET during = '[2027-02-01 09:00+0,2027-02-01 12:00+0)'"
    assert await refused_as(db, move) == "outside_grant"


async def test_a_half_day_that_did_not_take_place_waits_for_nobody(
    db: AsyncSession, cast: Cast, grant: Grant
) -> None:
    """Cancelled after the presences were noted: it is in no list, so it is not counted either."""
    workshop = await build.make_workshop(db, cast.home, cast.marc, NOON - DAY)
    await build.make_seat(db, workshop, cast.lea)
    await run(db, "UPDATE attendance SET presence = 'present'")
    year = dt.date(2026, 1, 1), dt.date(2027, 1, 1)
    marc = cast.actors["marc"]
    assert await queries.count_to_charge(db, marc, *year) == 1
    await run(db, "UPDATE workshop SET state = 'cancelled', reason = 'Gel'")

    assert await queries.list_to_charge(db, marc, *year) == []
    assert await queries.count_to_charge(db, marc, *year) == 0


# ---------------------------------------------------------------- what people do


async def test_many_are_charged_at_once_or_none(
    db: AsyncSession, cast: Cast, action: FundedAction, visit: MakeVisit
) -> None:
    one, two = await visit(2), await visit(1)
    theirs = await visit(3, structure_id=cast.partner.id)
    me = cast.actors["ines"]
    wanted = {f"visit-{held.id}": action.id for held in (one, two, theirs)}
    with pytest.raises(Refused) as told:
        await actions.charge(db, me, wanted)
    assert [reason.code for reason in told.value.reasons] == ["does_not_fit"]
    assert await charged(db) == {}

    del wanted[f"visit-{theirs.id}"]
    assert await actions.charge(db, me, wanted) == 2
    assert await actions.charge(db, me, wanted) == 0  # sent twice, it stays so
    assert await charged(db) == {one.id: action.id, two.id: action.id}
    (line,) = await journal.lines_about(db, "visit", one.id)
    assert journal.sentence(line) == "a imputé cette visite à « Accompagnement individuel »"


async def test_the_ceiling_is_for_everybody_but_coordination_with_a_reason(
    db: AsyncSession, cast: Cast, action: FundedAction, visit: MakeVisit
) -> None:
    """Four hours for lea: two visits of an hour and a half are taken, a third passes it."""
    held = [await visit(n) for n in (1, 2, 3)]
    wanted = {f"visit-{one.id}": action.id for one in held}
    for name, reason in (("marc", None), ("marc", "Printemps difficile"), ("ines", None)):
        with pytest.raises(Refused) as told:
            await actions.charge(db, cast.actors[name], wanted, reason)
        assert str(told.value.reasons[0]).startswith(
            "« Accompagnement individuel » paie 4 h pour chaque personne : Lea Essai en aurait "
            "4 h 30."
        )
    assert await charged(db) == {}

    await actions.charge(db, cast.actors["ines"], wanted, "Printemps difficile")
    consumed = (await queries.list_charged(db, [action.id]))[action.id]
    assert sum(one.minutes for one in consumed) == 270
    lines = await journal.lines_about(db, "grant", action.grant_id)
    said = "a imputé au-delà du plafond de « Accompagnement individuel » : Printemps difficile"
    assert said in [journal.sentence(line) for line in lines]


async def test_a_reason_is_kept_beside_what_went_beyond_and_nowhere_else(
    db: AsyncSession, cast: Cast, action: FundedAction, visit: MakeVisit
) -> None:
    """Four hours for lea: two visits of an hour and a half fit, the third one goes beyond."""
    held = [await visit(n) for n in (3, 2, 1)]
    ines = cast.actors["ines"]
    keys = [f"visit-{one.id}" for one in held]

    await actions.charge(db, ines, {keys[0]: action.id}, "Au cas où")
    await actions.charge(db, ines, dict.fromkeys(keys[1:], action.id), "Printemps difficile")

    rows = await db.execute(sa.select(SupportCharge.visit_id, SupportCharge.reason))
    assert {visit_id: reason for visit_id, reason in rows} == {  # noqa: C416, typed
        held[0].id: None,
        held[1].id: None,
        held[2].id: "Printemps difficile",
    }
    lines = await journal.lines_about(db, "grant", action.grant_id)
    assert [one.verb for one in lines].count("grant.exceeded") == 1


async def test_who_gave_the_time_moves_it_until_it_is_signed(
    db: AsyncSession, cast: Cast, grant: Grant, action: FundedAction, visit: MakeVisit
) -> None:
    other = await build.make_action(db, grant, label="Autre")
    open_, signed = await visit(1), await visit(2, signed=True)
    marc, ines = cast.actors["marc"], cast.actors["ines"]
    keys = {one: f"visit-{one.id}" for one in (open_, signed)}
    await actions.charge(db, marc, dict.fromkeys(keys.values(), action.id))

    await actions.charge(db, marc, {keys[open_]: other.id}, known=action.id)
    with pytest.raises(Refused) as told:
        await actions.charge(db, marc, {keys[signed]: other.id}, known=action.id)
    assert told.value.reasons[0].code == "charge_stays"
    (session,) = await queries.load_sessions(db, marc, [keys[signed]])
    with pytest.raises(NotAllowed):
        await actions.take_off(db, marc, session)
    assert await charged(db) == {open_.id: other.id, signed.id: action.id}

    await actions.charge(db, ines, {keys[signed]: other.id}, known=action.id)
    (session,) = await queries.load_sessions(db, ines, [keys[signed]])
    await actions.take_off(db, ines, session)
    await actions.take_off(db, ines, session)
    assert await charged(db) == {open_.id: other.id}
    verbs = [line.verb for line in await journal.lines_about(db, "visit", signed.id)]
    assert verbs == ["visit.charge_removed", "visit.charge_moved", "visit.charged"]


async def test_a_charge_made_meanwhile_is_not_moved_unseen(
    db: AsyncSession, cast: Cast, grant: Grant, action: FundedAction, visit: MakeVisit
) -> None:
    held = await visit()
    other = await build.make_action(db, grant, label="Autre")
    await actions.charge(db, cast.actors["ines"], {f"visit-{held.id}": action.id})
    with pytest.raises(Conflict) as told:
        await actions.charge(db, cast.actors["ines"], {f"visit-{held.id}": other.id})
    assert told.value.reasons[0].code == "charged_already"


async def test_only_who_gave_it_and_coordination_charge(
    db: AsyncSession, cast: Cast, action: FundedAction, visit: MakeVisit
) -> None:
    held = await visit()
    wanted = {f"visit-{held.id}": action.id}
    for name in ("lea",):
        with pytest.raises(NotAllowed):
            await actions.charge(db, cast.actors[name], wanted)
    for name in ("tom", "paul", "rosa", "gaston", "zoe"):
        with pytest.raises(NotVisible):
            await actions.charge(db, cast.actors[name], wanted)
    for key in ("visit-x", "visit--1", "visit-0", "plot-1", "", f"workshop-{held.id}"):
        with pytest.raises(NotVisible):
            await actions.charge(db, cast.actors["ines"], {key: action.id})


async def test_a_session_of_several_is_for_a_group(
    db: AsyncSession, cast: Cast, grant: Grant, action: FundedAction, visit: MakeVisit
) -> None:
    shared = await visit(1, cast.tom)
    group = await build.make_action(db, grant, label="Collectif", mode="group")
    key = f"visit-{shared.id}"
    with pytest.raises(Refused):
        await actions.charge(db, cast.actors["ines"], {key: action.id})
    await actions.charge(db, cast.actors["ines"], {key: group.id})
    (session,) = (await queries.list_charged(db, [group.id]))[group.id]
    assert [one.id for one in session.received] == [cast.lea.id, cast.tom.id]
    assert session.proof == Proof.UNSIGNED


async def test_a_grant_ends_where_it_is_said(db: AsyncSession, cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="funding_grant_has_both_days"):
        await build.make_grant(db, cast.home, during=Range(dt.date(2026, 1, 1), None))
