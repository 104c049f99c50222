"""Mails about bookings tell what happened then, even when the worker comes late."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from couveuse.app import Databases
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.equipment.models import Item
from couveuse.equipment.tasks import tell_about_booking
from tests import build
from tests.equipment.shed import Shed

NEW_KEYS = {"slot", "before", "reason"}
EIGHT, TWO = "08:00\u202f–\u202f10:00", "14:00\u202f–\u202f16:00"
Run = Callable[..., Any]


@pytest.fixture
def run(shed: Shed, databases: Databases, settings: Settings) -> Run:
    async def run_jobs(*without: str) -> list[OutgoingMail]:
        """Do all jobs that wait, as if queued without some keys. Returns the mails."""
        rows = await shed.db.execute(sa.text("SELECT payload FROM pgqueuer ORDER BY id"))
        payloads = [json.loads(bytes(row.payload)) for row in rows]
        await shed.db.commit()
        for payload in payloads:
            kept = {key: value for key, value in payload.items() if key not in without}
            await tell_about_booking(Workshop(databases.writer, settings), **kept)
        return list(await shed.db.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id)))

    return run_jobs


async def managed(shed: Shed, **fields: Any) -> Item:
    return await shed.item(manager_id=shed.cast.gaston.id, **fields)


async def test_each_mail_tells_the_slot_of_its_own_event(shed: Shed, run: Run) -> None:
    booking = await shed.book("lea", await managed(shed))
    await shed.move("gaston", booking, 14, 16)
    made, moved = [one for one in await run() if one.recipient == shed.cast.lea.email]
    assert "08:00 – 10:00" in made.subject  # the subject is one line of plain spaces
    assert EIGHT in made.body
    assert TWO not in made.body
    assert TWO in moved.body
    assert f"Avant : jeu. 26 nov., {EIGHT}" in moved.body


async def test_a_cancellation_tells_its_reason(shed: Shed, run: Run) -> None:
    booking = await shed.book("lea", await managed(shed))
    await shed.cancel("gaston", booking, "Panne")
    await shed.restore("gaston", booking)
    cancelled = next(one for one in await run() if "annulée" in one.subject)
    assert "Raison : Panne" in cancelled.body


@pytest.mark.parametrize("answer", ["approve", "refuse", None])
async def test_an_answered_request_asks_for_no_answer(
    shed: Shed, run: Run, answer: str | None
) -> None:
    booking = await shed.book("lea", await managed(shed, needs_approval=True))
    if answer:
        await getattr(shed, answer)("ines", booking)
    asked = [one for one in await run() if "à traiter" in one.subject]
    assert len(asked) == (0 if answer else 1)


async def test_jobs_queued_before_they_carried_the_slot_still_run(shed: Shed, run: Run) -> None:
    booking = await shed.book("lea", await managed(shed))
    await shed.move("gaston", booking, 14, 16)
    await shed.cancel("gaston", booking, "Panne")
    mails = await run(*NEW_KEYS)
    assert mails
    assert all(TWO in one.body and EIGHT not in one.body for one in mails)
    assert "Raison : Panne" in mails[-1].body


# ---------------------------------------------------------------- who is told


async def test_who_is_in_charge_of_the_companion_is_told_too(shed: Shed, run: Run) -> None:
    cast = shed.cast
    tractor = await managed(shed, name="Tracteur", needs_approval=True)
    tool = await shed.item(
        name="Butteuse", site=cast.neuvy, manager_id=cast.paul.id, companions=[tractor]
    )
    await shed.book("lea", tool)
    subjects = {one.recipient: one.subject.partition(" :")[0] for one in await run()}
    assert subjects == {
        cast.lea.email: "Demande envoyée",
        cast.gaston.email: "Demande à traiter",
        cast.paul.email: "Demande",
    }


async def test_without_anybody_in_charge_coordination_is_asked(shed: Shed, run: Run) -> None:
    cast = shed.cast
    nobody = await build.make_structure(shed.db, "Cuma du Boischaut")
    item = await shed.item(structure_id=nobody.id, needs_approval=True)
    booking = await shed.book("lea", item)
    asked = [one.recipient for one in await run() if "à traiter" in one.subject]
    assert asked == [cast.ines.email]
    await shed.approve("ines", booking)
