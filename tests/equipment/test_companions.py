"""A tool and the tractor that goes with it, in the hands of two people: each answers for their own.

Paul looks after the tool of his structure, Gaston after the tractor.
"""

from collections.abc import Callable
from typing import Any

import pytest

from couveuse.coordination.queries import read_today
from couveuse.core.errors import NotVisible
from couveuse.equipment import queries
from couveuse.equipment.actions.changing import Changed
from couveuse.equipment.models import Audience, Booking, BookingState, Item
from tests.conftest import Browser
from tests.equipment.shed import Shed, at, reasons

Browse = Callable[..., Any]
TITLE = "Demandes à traiter"


async def pair(
    shed: Shed, *, tool: dict[str, Any] | None = None, tractor: dict[str, Any] | None = None
) -> tuple[Item, Item]:
    cast = shed.cast
    pulls = await shed.item(name="Tracteur", manager_id=cast.gaston.id, **tractor or {})
    pulled = {"name": "Butteuse", "site": cast.neuvy, "manager_id": cast.paul.id}
    return await shed.item(companions=[pulls], **pulled, **tool or {}), pulls


async def asked(shed: Shed, who: str = "lea", **both: bool) -> Booking:
    """A request of the set; ``tool`` and ``tractor`` say which needs approval."""
    rules = {name: {"needs_approval": True} for name, needs in both.items() if needs}
    tool, _ = await pair(shed, **rules)
    return await shed.book(who, tool)


# ---------------------------------------------------------------- answering


@pytest.mark.parametrize(
    ("tool", "tractor", "may"),
    [
        (True, False, {"paul", "ines"}),
        (False, True, {"gaston", "ines"}),
        (True, True, {"paul", "gaston", "ines"}),
    ],
)
@pytest.mark.parametrize("who", ["paul", "gaston", "ines", "marc", "tom", "lea"])
async def test_who_is_in_charge_of_what_needs_approval_answers(
    shed: Shed, tool: bool, tractor: bool, may: set[str], who: str
) -> None:
    booking = await asked(shed, tool=tool, tractor=tractor)
    waits = (await read_today(shed.db, shed.cast.actors[who])).requests
    assert [one.id for one in waits] == ([booking.id] if who in may else [])
    if who in may:
        await shed.refuse(who, booking)
        assert booking.state == BookingState.REFUSED
        return
    for answer in (shed.approve, shed.refuse):
        with pytest.raises(Changed):
            await answer(who, booking)


async def test_two_in_charge_must_both_say_yes(shed: Shed) -> None:
    booking = await asked(shed, tool=True, tractor=True)
    await shed.approve("gaston", booking)
    assert (booking.state, booking.awaits) == (BookingState.REQUESTED, [booking.item_id])
    assert (await shed.said(booking))[-1] == (
        "a accepté la demande pour Tracteur, il manque l'accord pour Butteuse"
    )
    with pytest.raises(Changed):
        await shed.approve("gaston", booking)
    await shed.approve("paul", booking)
    assert (booking.state, booking.awaits) == (BookingState.CONFIRMED, [])
    assert await shed.queued() == ["booking.requested", "booking.approved"]


async def test_one_yes_of_coordination_is_enough(shed: Shed) -> None:
    booking = await asked(shed, tool=True, tractor=True)
    await shed.approve("ines", booking)
    assert booking.state == BookingState.CONFIRMED


@pytest.mark.parametrize(("who", "other"), [("paul", "gaston"), ("gaston", "paul")])
async def test_nobody_answers_their_own_request(shed: Shed, who: str, other: str) -> None:
    booking = await asked(shed, who, tool=True, tractor=True)
    assert booking.state == BookingState.REQUESTED
    with pytest.raises(Changed):
        await shed.approve(who, booking)
    await shed.approve(other, booking)
    assert booking.state == BookingState.CONFIRMED


async def test_a_move_by_one_side_waits_for_the_other_alone(shed: Shed) -> None:
    booking = await asked(shed, tool=True, tractor=True)
    await shed.move("gaston", booking, 14, 16)
    assert booking.awaits == [booking.item_id]


# ---------------------------------------------------------------- seeing and changing


async def test_who_is_in_charge_of_the_companion_changes_the_booking(shed: Shed) -> None:
    tool, tractor = await pair(shed, tool={"cancel_cutoff_minutes": 24 * 60})
    booking = await shed.book("lea", tool)
    await shed.move("gaston", booking, 14, 16)
    assert (tractor.id, 1, at(14), at(16)) in await shed.claims()
    await shed.cancel("gaston", booking, "Tracteur pris par les foins")
    await shed.restore("gaston", booking)
    for stranger in ("marc", "tom"):
        with pytest.raises(Changed):
            await shed.cancel(stranger, booking)


@pytest.mark.parametrize("who", ["gaston", "paul", "ines", "tom", "marc", "lea"])
async def test_a_tool_kept_by_its_structure_is_seen_by_who_lends_the_tractor(
    shed: Shed, who: str
) -> None:
    tool, _ = await pair(shed, tool={"audience": Audience.STRUCTURE})
    booking = await shed.book("tom", tool)
    actor = shed.cast.actors[who]
    if who not in {"marc", "lea"}:
        assert (await queries.get_booking(shed.db, actor, booking.id)).id == booking.id
        return
    with pytest.raises(NotVisible):
        await queries.get_booking(shed.db, actor, booking.id)


async def test_the_pages_let_both_answer(shed: Shed, browse: Browse) -> None:
    private = {"audience": Audience.STRUCTURE, "needs_approval": True}
    tool, _ = await pair(shed, tool=private, tractor={"needs_approval": True})
    booking = await shed.book("tom", tool)
    await shed.db.commit()
    address = f"/reservations/{booking.id}"
    gaston: Browser = await browse("gaston")
    paul: Browser = await browse("paul")

    assert TITLE in [one.text for one in (await gaston.page("/")).all("h2")]
    page = await gaston.page(address)
    assert [one.text for one in page.all("a", href=f"/materiel/{tool.id}")] == []
    assert page.all("form", action=f"{address}/validation")
    answer = await gaston.post(f"{address}/validation", {})
    assert answer.status_code == 303, answer.text
    page = await gaston.page(answer.headers["location"])
    assert "attend encore l'accord" in page.text
    assert "pour Butteuse" in page.text
    assert page.all("form", action=f"{address}/validation") == []
    assert TITLE not in [one.text for one in (await gaston.page("/")).all("h2")]

    answer = await paul.post(f"{address}/validation", {})
    assert "confirmée" in (await paul.page(answer.headers["location"])).text
    answer = await gaston.post(f"{address}/annulation", {"reason": "Panne"})
    assert answer.status_code == 303, answer.text
    assert "annulée" in (await paul.page(address)).text
    lea: Browser = await browse("lea")
    assert (await lea.get(address)).status_code == 404


@pytest.mark.parametrize("who", ["tom", "marc"])
async def test_the_pages_let_nobody_else_answer(shed: Shed, browse: Browse, who: str) -> None:
    booking = await asked(shed, tractor=True)
    await shed.db.commit()
    stranger: Browser = await browse(who)
    for verb in ("validation", "refus", "annulation"):
        sent = {"reason": "Non"}
        answer = await stranger.post(f"/reservations/{booking.id}/{verb}", sent)
        assert answer.status_code == 403


# ---------------------------------------------------------------- passing over rules


@pytest.mark.parametrize(
    ("who", "of", "passes"),
    [
        ("paul", "tool", True),
        ("gaston", "tractor", True),
        ("ines", "tractor", True),
        ("paul", "tractor", False),
        ("gaston", "tool", False),
        ("lea", "tool", False),
    ],
)
async def test_a_rule_is_passed_over_by_who_is_in_charge_of_its_item(
    shed: Shed, who: str, of: str, passes: bool
) -> None:
    closed = {of: {"open_days": [6, 7]}}
    tool, _ = await pair(shed, **closed)
    if passes:
        booking = await shed.book(who, tool, override_reason="Gel annoncé")
        assert booking.override_reason == "Gel annoncé"
    else:
        run = shed.book(who, tool, override_reason="Gel annoncé")
        assert await reasons(run) == ["closed_day"]


async def test_rules_of_both_are_passed_over_by_who_is_in_charge_of_both(shed: Shed) -> None:
    closed = {"open_days": [6, 7]}
    tool, _ = await pair(shed, tool=closed, tractor=closed)
    for who in ("paul", "gaston"):
        assert await reasons(shed.book(who, tool, override_reason="Gel")) == ["closed_day"] * 2
    await shed.book("ines", tool, override_reason="Gel")


@pytest.mark.parametrize(("who", "offered"), [("paul", False), ("gaston", True)])
async def test_the_form_offers_to_pass_over_ones_own_rules_alone(
    shed: Shed, browse: Browse, who: str, offered: bool
) -> None:
    tool, _ = await pair(shed, tractor={"open_days": [6, 7]})
    await shed.db.commit()
    browser: Browser = await browse(who)
    slot = {"starts_at": "2026-11-26T08:00", "ends_at": "2026-11-26T10:00"}
    answer = await browser.post(f"/materiel/{tool.id}/reservations", slot)
    assert answer.status_code == 422
    assert ("Passer outre" in answer.text) == offered
