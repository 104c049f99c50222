"""First welcome: the sheet, people who look alike, and what strangers send."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases
from couveuse.core import clock
from couveuse.core.errors import NotAllowed
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.people.models import Person
from couveuse.people.queries import get_person
from couveuse.trainees import actions, queries
from couveuse.trainees.forms.welcome import WelcomeForm
from couveuse.trainees.models import Introduction, OnceReusedForWelcome, Path
from couveuse.trainees.rules.welcome import Slip, alike, has_link, read_slip, sign_slip
from couveuse.trainees.tasks.welcome import (
    forget_introductions,
    remind_of_newcomers,
    tell_about_introduction,
    tell_about_path,
)
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.html import parse

TODAY = NOON.date()
DAY = dt.timedelta(days=1)
Clock = Callable[[dt.datetime], None]


def sheet(cast: Cast, **fields: Any) -> WelcomeForm:
    said = {
        "structure_id": cast.home.id,
        "given_name": "Nour",
        "family_name": "Lambert",
        "kind": "garden",
        "project": "Des légumes pour les cantines du coin.",
        "notice_given": "on",
    }
    return WelcomeForm.model_validate(said | fields)


@pytest.fixture
def workshop(databases: Databases, settings: Settings) -> Workshop:
    return Workshop(databases.writer, settings)


async def mails(db: AsyncSession) -> list[OutgoingMail]:
    return list(await db.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id)))


# ---------------------------------------------------------------- the sheet


async def test_a_welcome_is_a_person_a_path_and_a_sheet(db: AsyncSession, cast: Cast) -> None:
    asked = sheet(cast, met_on="2026-11-20", consent="on", prescriber="Mission locale")
    path = await actions.welcome(db, cast.actors["ines"], asked)

    person = await db.get_one(Person, path.person_id)
    kept = await queries.find_welcome(db, path.id)
    assert kept is not None
    assert (person.name, person.met_by_id) == ("Nour Lambert", cast.home.id)
    assert (path.state, path.opened_on) == ("welcomed", dt.date(2026, 11, 20))
    assert path.next_due_on == TODAY + 10 * DAY
    assert (kept.consent_on, kept.notice_given_on) == (TODAY, TODAY)
    assert [step.state for step, _ in await queries.list_steps(db, path.id)] == [
        "welcomed",
        "contact",
    ]


async def test_a_meeting_to_come_is_what_comes_next(db: AsyncSession, cast: Cast) -> None:
    path = await actions.welcome(db, cast.actors["ines"], sheet(cast, met_on="2026-12-02"))

    assert (path.state, path.next_due_on) == ("contact", dt.date(2026, 12, 2))


async def test_other_structures_do_not_see_a_newcomer(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any]
) -> None:
    path = await actions.welcome(db, cast.actors["ines"], sheet(cast))
    await db.commit()
    paul = await browse("paul")

    assert (await paul.get(f"/parcours/{path.id}")).status_code == 404
    assert (await paul.get(f"/personnes/{path.person_id}")).status_code == 404
    assert not (await paul.page("/testeurs")).all("li", data_person=str(path.person_id))


async def test_who_welcomes_follows(db: AsyncSession, cast: Cast) -> None:
    rosa = cast.actors["rosa"]
    path = await actions.welcome(db, rosa, sheet(cast))

    assert (await queries.get_path(db, rosa, path.id)).id == path.id
    with pytest.raises(NotAllowed):
        await actions.welcome(
            db, rosa, sheet(cast, structure_id=cast.partner.id, given_name="Zohra")
        )


async def test_coordination_entrusts_a_welcome(
    db: AsyncSession, cast: Cast, workshop: Workshop
) -> None:
    path = await actions.welcome(db, cast.actors["ines"], sheet(cast, structure_id=cast.partner.id))
    await db.commit()
    await tell_about_path(workshop, path_id=path.id, what="entrusted", by=cast.ines.id)

    (told,) = await mails(db)
    assert (told.recipient, "Nour Lambert" in told.subject) == (cast.paul.email, True)


async def test_a_form_sent_twice_finds_the_first_path(db: AsyncSession, cast: Cast) -> None:
    ines = cast.actors["ines"]
    first = await actions.welcome(db, ines, sheet(cast, once="x"))
    again = await actions.welcome(db, ines, sheet(cast, once="x"))
    assert again.id == first.id
    with pytest.raises(OnceReusedForWelcome):
        await actions.welcome(db, ines, sheet(cast, once="x", given_name="Zohra"))


async def test_consent_is_dated_and_may_be_withdrawn(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any]
) -> None:
    path = await actions.welcome(db, cast.actors["ines"], sheet(cast))
    kept = await queries.find_welcome(db, path.id)
    assert kept is not None
    await db.commit()
    ines = await browse("ines")
    fields = {"kind": "craft", "project": "Un fournil"}
    sent = await ines.post(f"/accueils/{kept.id}", fields | {"consent": "on"})
    assert sent.status_code == 303
    assert "oui, le 25 nov. 2026" in (await ines.page(f"/accueils/{kept.id}")).text
    await ines.post(f"/accueils/{kept.id}", fields)
    page = await ines.page(f"/accueils/{kept.id}")
    assert "Accord pour transmettre non" in page.text
    assert "Un fournil" in page.text


# ---------------------------------------------------------------- people who look alike


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Yann Le Guellec", "LE GUELLEC Yann", True),
        ("Élodie Pasquet", "Elodie Pasquet", True),
        ("Marc Chabenat", "Marc Chabenas", True),
        ("Anne-Marie Roy", "Anne Marie Roy", True),
        ("Lea Martin", "Leo Morin", False),
        ("Nour Lambert", "Nora Dupont", False),
        ("", "", False),
    ],
)
def test_names_that_are_near(one: str, other: str, same: bool) -> None:
    assert alike(one, other) == same


@pytest.mark.parametrize(
    "fields",
    [
        {"given_name": "Léa", "family_name": "ESSAI"},
        {"given_name": "Essai", "family_name": "Lea"},
        {"email": "LEA@couveuse.example"},
    ],
)
async def test_somebody_known_is_shown(db: AsyncSession, cast: Cast, fields: Any) -> None:
    with pytest.raises(actions.LooksKnown) as caught:
        await actions.welcome(
            db, cast.actors["paul"], sheet(cast, structure_id=cast.partner.id, **fields)
        )

    assert (cast.lea.id, "Lea Essai") in caught.value.alike.seen
    assert caught.value.alike.takes_email == ("email" in fields)


async def test_a_newcomer_of_others_is_not_named(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any]
) -> None:
    secret = await build.make_person(
        db, "Nour", family_name="Lambert", met_by_id=cast.home.id, phone="+33612345678"
    )
    await db.commit()
    fields = {
        "structure_id": cast.partner.id,
        "given_name": "Zohra",
        "family_name": "Autre",
        "phone": "06 12 34 56 78",
        "kind": "garden",
        "project": "Brebis",
        "notice_given": "on",
    }
    paul = await browse("paul")
    answer = await paul.post("/accueils", fields)
    assert answer.status_code == 422
    page = parse(answer.text)
    assert "demandez à la coordination" in page.text
    assert "Nour" not in page.text
    assert not page.all("button", value=str(secret.id))
    assert (await paul.post("/accueils", fields | {"is_new": "on"})).status_code == 303


async def test_somebody_known_may_come_back(db: AsyncSession, cast: Cast) -> None:
    ines = cast.actors["ines"]
    asked = sheet(cast, person_id=cast.zoe.id, compared="on")
    path = await actions.welcome(db, ines, asked)
    assert path.person_id == cast.zoe.id
    assert (await get_person(db, ines, cast.zoe.id)).met_by_id is None


# ---------------------------------------------------------------- nobody is forgotten


@pytest.mark.parametrize(
    ("state", "days", "told"),
    [("contact", 9, 0), ("contact", 10, 1), ("welcomed", 59, 0), ("welcomed", 60, 1)],
)
async def test_a_silence_is_told_once(
    db: AsyncSession, cast: Cast, workshop: Workshop, state: str, days: int, told: int
) -> None:
    person = await build.make_person(db)
    await build.make_path(db, person, cast.partner, state=state, changed_at=NOON - days * DAY)
    await db.commit()
    for _ in range(2):
        await remind_of_newcomers(workshop)

    assert [one.recipient for one in await mails(db)] == [cast.paul.email] * told


async def test_who_was_to_act_is_reminded(
    db: AsyncSession, cast: Cast, workshop: Workshop, fixed_clock: Clock
) -> None:
    path = await actions.welcome(db, cast.actors["rosa"], sheet(cast))
    await db.commit()
    fixed_clock(NOON + 10 * DAY)
    await remind_of_newcomers(workshop)

    (told,) = await mails(db)
    assert told.recipient == cast.rosa.email
    assert f"/parcours/{path.id}" in told.body
    assert "depuis 10 jours" in told.body


# ---------------------------------------------------------------- strangers


def test_a_slip_tells_how_the_form_was_filled() -> None:
    slip = sign_slip("k", "abc", NOON)
    second = dt.timedelta(seconds=1)
    assert read_slip("k", slip, NOON + 2 * second).verdict == Slip.TOO_FAST
    assert read_slip("k", slip, NOON + 3 * second) == (Slip.GOOD, "abc")
    assert read_slip("k", slip, NOON + DAY + second).verdict == Slip.WORTHLESS
    for wrong in ("", "abc", "é.1.2", slip + "0", slip.replace("abc", "abd")):
        assert read_slip("k", wrong, NOON).verdict == Slip.WORTHLESS
    assert read_slip("other", slip, NOON).verdict == Slip.WORTHLESS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://casino.example", True),
        ("WWW.casino", True),
        ("gagnez.com", True),
        ("<a href=x>", True),
        ("Saint-Marcel, Indre.", False),
        ("Le Guellec", False),
    ],
)
def test_links_in_short_fields(text: str, found: bool) -> None:
    assert has_link(text) == found


def said(slip: str, **fields: str) -> dict[str, str]:
    return {
        "given_name": "Nour",
        "family_name": "Lambert",
        "email": "nour@exemple.fr",
        "kind": "livestock",
        "project": "Trente brebis et un peu de fromage.",
        "understood": "on",
        "slip": slip,
        **fields,
    }


async def fresh_slip(browser: Any, fixed_clock: Clock, now: dt.datetime = NOON) -> str:
    """The slip of a page opened a minute before."""
    fixed_clock(now - dt.timedelta(minutes=1))
    slip = (await browser.page("/bienvenue")).one("input", name="slip")["value"]
    fixed_clock(now)
    return slip


async def test_a_stranger_introduces_a_project(
    db: AsyncSession,
    cast: Cast,
    browse: Callable[..., Any],
    fixed_clock: Clock,
    workshop: Workshop,
) -> None:
    nobody = await browse()
    slip = await fresh_slip(nobody, fixed_clock)
    for _ in range(2):  # the second sending finds the first
        sent = await nobody.post("/bienvenue", said(slip, consents="on"))
        assert (sent.status_code, sent.headers["location"]) == (303, "/bienvenue/merci")
    assert "bien arrivé" in (await nobody.page("/bienvenue/merci")).text
    one = (await db.scalars(sa.select(Introduction))).one()
    await db.commit()
    await tell_about_introduction(workshop, introduction_id=one.id)
    thanks, told = await mails(db)
    assert (thanks.recipient, told.recipient) == ("nour@exemple.fr", cast.ines.email)

    ines = await browse("ines")
    assert "Trente brebis" in (await ines.page("/presentations")).text
    form = await ines.page(f"/accueils/nouveau?presentation={one.id}")
    assert form.one("input", name="family_name")["value"] == "Lambert"
    fields = {
        "structure_id": cast.partner.id,
        "given_name": "Nour",
        "family_name": "Lambert",
        "kind": "livestock",
        "project": one.project,
        "notice_given": "on",
        "introduction_id": one.id,
    }
    taken = await ines.post("/accueils", fields)
    assert taken.status_code == 303
    again = await ines.post("/accueils", fields | {"is_new": "on"})
    assert again.status_code == 422
    assert "vient de répondre" in parse(again.text).text
    path = (await db.scalars(sa.select(Path).order_by(Path.id.desc()).limit(1))).one()
    assert taken.headers["location"] == f"/parcours/{path.id}"
    assert (await (await browse("paul")).get(f"/parcours/{path.id}")).status_code == 200


REFUSED = {
    "no address": ({"email": ""}, "Laissez une adresse"),
    "a link for a name": ({"family_name": "http://x.example"}, "Un lien n'a pas sa place"),
    "not read": ({"understood": ""}, "Lisez ce que nous gardons"),
    "no slip": ({"slip": ""}, "ouverte depuis longtemps"),
    "hardly anything": ({"project": "Oui"}, "trop court"),
}


@pytest.mark.parametrize(("fields", "why"), REFUSED.values(), ids=REFUSED)
async def test_what_is_not_accepted_from_strangers(
    db: AsyncSession,
    browse: Callable[..., Any],
    fixed_clock: Clock,
    fields: dict[str, str],
    why: str,
) -> None:
    nobody = await browse()
    slip = await fresh_slip(nobody, fixed_clock)
    answer = await nobody.post("/bienvenue", said(slip) | fields)

    assert answer.status_code == 422
    assert why in parse(answer.text).text
    assert await db.scalar(sa.select(sa.func.count()).select_from(Introduction)) == 0


async def test_machines_are_thanked_and_forgotten(
    db: AsyncSession, browse: Callable[..., Any], fixed_clock: Clock
) -> None:
    nobody = await browse()
    slip = await fresh_slip(nobody, fixed_clock)
    answer = await nobody.post("/bienvenue", said(slip, website="http://x.example"))
    assert answer.headers["location"] == "/bienvenue/merci"
    quick = (await nobody.page("/bienvenue")).one("input", name="slip")["value"]
    answer = await nobody.post("/bienvenue", said(quick))
    assert "très rapide" in parse(answer.text).text
    assert parse(answer.text).one("input", name="slip")["value"] == quick
    assert await db.scalar(sa.select(sa.func.count()).select_from(Introduction)) == 0


async def test_one_network_does_not_send_all_day(
    db: AsyncSession, browse: Callable[..., Any], fixed_clock: Clock, workshop: Workshop
) -> None:
    nobody = await browse()
    for number in range(10):
        slip = await fresh_slip(nobody, fixed_clock)
        fields = said(slip, email=f"n{number}@exemple.fr")
        assert (await nobody.post("/bienvenue", fields)).status_code == 303
    slip = await fresh_slip(nobody, fixed_clock)
    assert (await nobody.post("/bienvenue", said(slip))).status_code == 429
    later = NOON + dt.timedelta(hours=1, minutes=1)
    slip = await fresh_slip(nobody, fixed_clock, later)
    assert (await nobody.post("/bienvenue", said(slip))).status_code == 303
    fixed_clock(NOON + 2 * DAY)
    await db.commit()
    await forget_introductions(workshop)
    assert await db.scalar(sa.text("SELECT count(*) FROM introduction_sent")) == 0


async def test_nobody_fills_the_letter_box_of_somebody_else(
    db: AsyncSession, browse: Callable[..., Any], fixed_clock: Clock
) -> None:
    nobody = await browse()
    for _ in range(3):
        slip = await fresh_slip(nobody, fixed_clock)
        assert (await nobody.post("/bienvenue", said(slip))).status_code == 303

    assert len(await mails(db)) == 1


async def test_what_is_set_aside_is_forgotten(
    db: AsyncSession,
    browse: Callable[..., Any],
    fixed_clock: Clock,
    workshop: Workshop,
) -> None:
    one = await build.make_introduction(db)
    kept = await build.make_introduction(db)
    await db.commit()
    ines = await browse("ines")
    done = await ines.post(f"/presentations/{one.id}/classement", {"reason": "Publicité"})
    assert done.status_code == 303
    again = await ines.post(f"/presentations/{one.id}/classement", {"reason": "Publicité"})
    assert again.status_code == 409
    fixed_clock(NOON + 62 * DAY)
    await forget_introductions(workshop)
    assert list(await db.scalars(sa.select(Introduction.id))) == [kept.id]
    fixed_clock(clock.now() + 730 * DAY)
    await forget_introductions(workshop)
    assert list(await db.scalars(sa.select(Introduction.id))) == []


async def test_the_sign_in_page_leads_to_the_public_page(browse: Callable[..., Any]) -> None:
    assert (await (await browse()).page("/connexion")).all("a", href="/bienvenue")
