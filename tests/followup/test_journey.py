"""A visit from its planning to its signature, page by page."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import Level
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.followup.steps import TOMORROW, YESTERDAY, made, plan, share, write
from tests.html import parse

Browse = Callable[..., Any]


async def test_a_visit_is_planned_held_reported_shared_and_signed_by_both(
    browse: Browse, cast: Cast
) -> None:
    marc, lea = await browse("marc"), await browse("lea")

    visit = await plan(marc, cast.lea, YESTERDAY)
    await write(marc, visit, seen="Le tunnel 2 est propre.", themes=["soil", "tunnels"])
    await share(marc, visit)
    page = await lea.page(f"{visit}/compte-rendu")
    button = page.one("form", action=f"{visit}/signature")
    text_hash = button.one("input", name="text_hash")["value"]
    assert made(await lea.post(f"{visit}/ajouts", {"text": "Oui, merci."}))
    assert made(await lea.post(f"{visit}/signature", {"text_hash": text_hash}))
    assert made(await marc.post(f"{visit}/signature"))

    page = await lea.page(f"{visit}/compte-rendu")
    assert len(page.all("li", data_signature=None)) == 2
    assert "Oui, merci." in page.one("li", data_note="comment").text
    assert text_hash in page.text


async def test_a_signed_report_changes_no_more_but_takes_dated_additions(
    browse: Browse, cast: Cast
) -> None:
    marc, lea = await browse("marc"), await browse("lea")
    visit = await plan(marc, cast.lea, YESTERDAY)
    await write(marc, visit, seen="Le tunnel 2 est propre.")
    await share(marc, visit)
    await lea.post(f"{visit}/signature")

    assert (await marc.post(f"{visit}/compte-rendu", {"seen": "Autre chose"})).status_code == 422
    assert (await marc.get(f"{visit}/compte-rendu/modifier")).status_code == 403
    assert made(await marc.post(f"{visit}/ajouts", {"text": "C'était le tunnel 3."}))

    page = await lea.page(f"{visit}/compte-rendu")
    assert "Le tunnel 2 est propre." in page.text
    assert "Autre chose" not in page.text
    assert "C'était le tunnel 3." in page.one("li", data_note="addition").text


async def test_whoever_had_another_text_before_their_eyes_signs_nothing(
    browse: Browse, cast: Cast
) -> None:
    marc, lea = await browse("marc"), await browse("lea")
    visit = await plan(marc, cast.lea, YESTERDAY)
    await write(marc, visit, seen="Avant")
    await share(marc, visit)
    page = await lea.page(f"{visit}/compte-rendu")
    before = page.one("form", action=f"{visit}/signature").one("input", name="text_hash")["value"]
    await write(marc, visit, seen="Après")

    answer = await lea.post(f"{visit}/signature", {"text_hash": before})

    assert answer.status_code == 422
    shown = parse(answer.text)
    assert "Après" in shown.text
    assert (
        shown.one("form", action=f"{visit}/signature").one("input", name="text_hash")["value"]
        != before
    )
    assert shown.all("li", data_signature=None) == []


async def test_the_trainee_takes_one_of_the_moments_proposed(browse: Browse, cast: Cast) -> None:
    marc, lea = await browse("marc"), await browse("lea")
    moments = {"first": "2026-12-01T09:00", "second": "2026-12-02T14:00"}
    data = {"person_id": cast.lea.id, "duration_minutes": 60, "mode": "place", **moments}
    assert made(await marc.post("/visites/creneaux", data))

    page = await lea.page("/visites")
    form = page.all("form")
    chosen = [one for one in form if "/choix" in one["action"]]
    assert len(chosen) == 2
    fields = {one["name"]: one["value"] for one in chosen[1].all("input")}
    answer = await lea.post(chosen[1]["action"], fields)

    page = await lea.page(made(answer))
    assert "14:00" in page.one("h1").parent.text
    assert (await lea.post(chosen[0]["action"], {"starts_at": moments["first"]})).status_code == 409


async def test_what_was_agreed_is_ticked_from_the_report_and_carried_until_then(
    browse: Browse, cast: Cast
) -> None:
    marc, lea = await browse("marc"), await browse("lea")
    visit = await plan(marc, cast.lea, YESTERDAY)
    agreed = {"step_what_1": "Commander les semences", "step_owner_1": cast.lea.id}
    await write(marc, visit, **agreed, step_due_1="2026-12-01")
    assert "Commander les semences" not in (await lea.page(f"/testeurs/{cast.lea.id}/actions")).text
    await share(marc, visit)
    await lea.post(f"{visit}/signature")
    other = await plan(marc, cast.lea, TOMORROW)
    assert "Commander les semences" in (await marc.page(other)).text
    assert "Commander les semences" in (await marc.page(f"{other}/compte-rendu")).text

    page = await lea.page(f"{visit}/compte-rendu")
    form = page.one("li", data_step=None).all("form")[0]
    fields = {one["name"]: one["value"] for one in form.all("input")}
    assert made(await lea.post(form["action"], fields)) == f"{visit}/compte-rendu"

    page = await lea.page(f"{visit}/compte-rendu")
    assert "Lea Essai, 25 nov. 2026" in page.one("li", data_step=None).text
    assert "Commander les semences" not in (await marc.page(other)).text


async def test_a_report_begun_before_the_visit_says_when_it_can_be_shared(
    db: AsyncSession, browse: Browse, cast: Cast
) -> None:
    visit = await build.make_visit(
        db, cast.lea, cast.marc, NOON + dt.timedelta(hours=2), state="planned"
    )
    await build.make_report(db, visit, cast.marc, Level.DRAFT)
    await db.commit()
    address = f"/visites/{visit.id}"

    page = await (await browse("marc")).page(f"{address}/compte-rendu")

    assert "s'ouvre quand la visite commence" in page.one("main").text
    assert page.all("form", action=f"{address}/partage")[0].all("input", name="level")  # the group
