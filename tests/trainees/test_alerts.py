"""What wants somebody's attention, who is shown it, and who is told by mail."""

import datetime as dt

import pytest
import sqlalchemy as sa

from couveuse.core.mail import OutgoingMail
from couveuse.trainees import actions, queries
from couveuse.trainees.forms import PieceForm
from couveuse.trainees.queries import AlertKind
from couveuse.trainees.tasks.agreements import remind
from tests import build
from tests.html import parse
from tests.trainees.agreeing import file_scan, sign

BASE = "https://couveuse.example"


def at(day: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(9), dt.UTC)


async def seen(db, cast, name: str) -> list[tuple[str, int]]:
    found = await queries.list_agreement_alerts(db, cast.actors[name])
    return [(one.kind.value, one.agreement.person_id) for one in found]


@pytest.mark.parametrize(
    ("day", "step"),
    [
        ("2026-11-02", None),
        ("2026-11-03", 90),
        ("2026-12-02", 90),
        ("2026-12-03", 60),
        ("2027-01-01", 60),
        ("2027-01-02", 30),
        ("2027-01-24", 30),
        ("2027-01-25", 7),
        ("2027-02-01", 7),
        ("2027-02-02", None),
    ],
)
async def test_an_end_is_told_at_its_steps(db, cast, fixed_clock, day, step):
    fixed_clock(at("2026-02-01"))
    await build.make_agreement(db, cast.zoe, cast.home, dt.date(2026, 2, 2), dt.date(2027, 2, 2))
    fixed_clock(at(day))

    found = [
        one.step
        for one in await queries.list_alerts(db)
        if one.agreement.person_id == cast.zoe.id and one.kind == AlertKind.ENDING
    ]
    assert found == ([step] if step else [])


async def test_what_is_missing_is_asked_for(db, cast, store, fixed_clock):
    agreement = await sign(db, cast)
    kinds = [kind for kind, person in await seen(db, cast, "ines") if person == cast.zoe.id]
    assert kinds.count("document") == 1
    assert kinds.count("notice") == 2
    assert kinds.count("piece") == 5  # the visit is due in three months only

    await file_scan(db, cast, store, agreement)
    form = PieceForm.model_validate({"code": "insurance", "received_on": "2026-11-25"})
    await actions.receive_piece(db, cast.actors["ines"], agreement, form)
    kinds = [kind for kind, person in await seen(db, cast, "ines") if person == cast.zoe.id]
    assert (kinds.count("document"), kinds.count("piece")) == (0, 4)

    fixed_clock(at("2027-02-10"))
    labels = {
        one.label
        for one in await queries.list_agreement_alerts(db, cast.actors["ines"])
        if one.kind == AlertKind.PIECE and one.agreement.id == agreement.id
    }
    assert "Visite d'information et de prévention" in labels


async def test_who_is_shown_what(db, cast):
    """lea's and tom's agreements end on 31 January, and nothing they bring is noted."""
    everything = await seen(db, cast, "ines")

    assert {person for _, person in everything} == {cast.lea.id, cast.tom.id}
    assert {person for _, person in await seen(db, cast, "paul")} == {cast.tom.id}
    assert {person for _, person in await seen(db, cast, "lea")} == {cast.lea.id}
    assert await seen(db, cast, "marc") == []
    assert await seen(db, cast, "gaston") == []


async def test_the_home_page_leads_to_each(browse, cast, db):
    page = await (await browse("ines")).page("/")
    links = {one["href"] for one in page.all("a", data_alert=None)}

    assert any(link.startswith("/conventions/") for link in links)
    answer = await (await browse("gaston")).get("/")
    assert not parse(answer.text).all("a", data_alert=None)


async def mails(db) -> list[tuple[str, str]]:
    rows = await db.execute(
        sa.select(OutgoingMail.recipient, OutgoingMail.subject).order_by(OutgoingMail.id)
    )
    return [(to.partition("@")[0], subject) for to, subject in rows]


async def test_each_end_is_mailed_once_for_each_step(db, cast, fixed_clock):
    for day in ("2026-11-25", "2026-11-26", "2026-12-20"):
        fixed_clock(at(day))
        for _ in range(2):
            await remind(db, BASE)

    found = [to for to, subject in await mails(db) if "fin dans" in subject]
    assert sorted(found) == sorted(["lea", "ines", "tom", "paul"] * 2)  # at 90 days, then at 60


async def test_what_waits_is_mailed_once_a_week(db, cast, fixed_clock):
    await sign(db, cast)
    for day in ("2026-11-25", "2026-11-26", "2026-11-30"):
        fixed_clock(at(day))
        await remind(db, BASE)

    found = [(to, subject) for to, subject in await mails(db) if "à faire" in subject]
    assert [to for to, _ in found].count("ines") == 2
    body = await db.scalar(
        sa.select(OutgoingMail.body).where(
            OutgoingMail.subject.contains("faire"), OutgoingMail.recipient.startswith("ines")
        )
    )
    assert "le document signé" in body
    assert f"{BASE}/conventions/" in body
