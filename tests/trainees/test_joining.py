"""Two sheets of one person: compared, chosen, joined, and nothing is lost on the way."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import NotAllowed, NotVisible, Refused
from couveuse.core.journal import JournalLine
from couveuse.people.models import Person, days
from couveuse.trainees import actions, queries
from couveuse.trainees.forms.welcome import JoiningForm, WelcomeForm
from couveuse.trainees.models import (
    FileReading,
    FollowUpMember,
    Introduction,
    Path,
    Referral,
    SheetJoined,
    Welcome,
)
from couveuse.trainees.rules.joining import Difference, differences, taken
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.html import parse

TODAY = NOON.date()


async def doubled(db: AsyncSession, cast: Cast, **fields: Any) -> Welcome:
    """Somebody welcomed at home whose name is near one of the cast's, with a path and a sheet."""
    said = {"state": "welcomed", "project": "Trente brebis.", "opened_on": dt.date(2026, 11, 1)}
    who = {"given_name": "Zoé", "family_name": "Essai", "phone": "+33612345678"}
    person = await build.make_person(
        db, who["given_name"], family_name="Essai", phone=who["phone"], met_by_id=cast.home.id
    )
    path = await build.make_path(db, person, cast.home, **(said | fields))
    sheet = await build.make_welcome(
        db, path, cast.ines, kind="livestock", commune="Neuvy", consent_on=TODAY
    )
    return await queries.get_welcome(db, cast.actors["ines"], sheet.id)


def joining(sheet: Welcome, **choices: str) -> JoiningForm:
    asked = {"doubled_id": sheet.path.person_id} | choices
    return JoiningForm.model_validate(asked)


async def codes(db: AsyncSession, cast: Cast, sheet: Welcome, known: Person) -> set[str]:
    with pytest.raises(Refused) as caught:
        await actions.join_sheet(db, cast.actors["ines"], sheet, known.id, joining(sheet))
    assert await db.get(Person, sheet.path.person_id) is not None
    return {one.code for one in caught.value.reasons}


async def known_path(db: AsyncSession, person: Person) -> Path:
    path = await queries.find_open_path(db, person.id)
    assert path is not None
    return path


# ---------------------------------------------------------------- what differs


def test_what_is_compared() -> None:
    known = {"email": "a@x.fr", "phone": None, "kind": "unknown", "needs": "Un tunnel"}
    said = {"email": "b@x.fr", "phone": "+33", "kind": "garden", "needs": None, "wishes": "Rien"}
    found = differences(known, said)

    assert [(one.name, one.usual) for one in found] == [
        ("email", "known"),
        ("phone", "said"),
        ("kind", "said"),
    ]
    assert taken(found, {}) == {"phone": "+33", "kind": "garden"}
    assert taken(found, {"email": "said", "phone": "known"}) == {
        "email": "b@x.fr",
        "kind": "garden",
    }
    assert Difference("met_on", None, TODAY).text("said") == "25 nov. 2026"


# ---------------------------------------------------------------- a sheet that is kept


async def test_a_sheet_and_its_path_go_to_who_is_known(db: AsyncSession, cast: Cast) -> None:
    sheet = await doubled(db, cast)
    gone = sheet.path.person_id
    asked = joining(sheet, keep_phone="said", keep_given_name="known")
    path = await actions.join_sheet(db, cast.actors["ines"], sheet, cast.zoe.id, asked)
    await db.flush()
    db.expunge_all()

    kept = await queries.find_welcome(db, path.id)
    zoe = await db.get_one(Person, cast.zoe.id)
    assert kept is not None
    assert (path.person_id, kept.id, kept.commune) == (cast.zoe.id, sheet.id, "Neuvy")
    assert (zoe.given_name, zoe.phone) == (cast.zoe.given_name, "+33612345678")
    assert await db.get(Person, gone) is None
    verbs = set(await db.scalars(sa.select(JournalLine.verb)))
    assert {"path.united", "person.united", "person.edited"} <= verbs


async def test_the_path_under_way_goes_on(db: AsyncSession, cast: Cast) -> None:
    """It takes the sheet, the referrals, the introduction and what comes next; the other closes."""
    sheet = await doubled(
        db, cast, state="oriented_out", next_step="Réponse attendue", next_due_on=TODAY
    )
    theirs, ours = sheet.path_id, await known_path(db, cast.lea)
    ours.state, ours.next_step = "welcomed", "Appeler"
    referral = await build.make_referral(db, sheet.path, cast.partner, cast.ines)
    sent = await build.make_introduction(db, state="taken", path_id=sheet.path_id)
    path = await actions.join_sheet(db, cast.actors["ines"], sheet, cast.lea.id, joining(sheet))
    await db.flush()
    db.expunge_all()

    closed = await db.get_one(Path, theirs)
    kept = await queries.find_welcome(db, path.id)
    assert kept is not None
    assert (path.id, kept.id) == (ours.id, sheet.id)
    assert (await db.get_one(Path, ours.id)).next_step == "Réponse attendue"
    assert (closed.person_id, closed.closed_on) == (cast.lea.id, TODAY)
    assert (await db.get_one(Referral, referral.id)).path_id == path.id
    assert (await db.get_one(Introduction, sent.id)).path_id == path.id


@pytest.mark.parametrize(
    ("ours", "theirs", "left"), [(TODAY, TODAY, TODAY), (TODAY, None, None), (None, TODAY, None)]
)
async def test_of_two_sheets_the_chosen_words_are_kept(
    db: AsyncSession, cast: Cast, ours: dt.date, theirs: dt.date, left: dt.date
) -> None:
    """Consent counts when both have it; what was not chosen stays with the closed path."""
    path = await known_path(db, cast.lea)
    own = await build.make_welcome(db, path, cast.ines, commune="Tendu", consent_on=ours)
    sheet = await doubled(db, cast)
    sheet.consent_on, sheet.needs = theirs, "Un tunnel"
    asked = joining(sheet, keep_commune="said", keep_kind="known")
    await actions.join_sheet(db, cast.actors["ines"], sheet, cast.lea.id, asked)
    await db.flush()
    db.expunge_all()

    kept = await db.get_one(Welcome, own.id)
    assert (kept.commune, kept.kind, kept.needs) == ("Neuvy", "garden", "Un tunnel")
    assert kept.consent_on == left
    assert (await db.get_one(Welcome, sheet.id)).commune == "Neuvy"


async def test_who_follows_and_who_read_come_along(db: AsyncSession, cast: Cast) -> None:
    sheet = await doubled(db, cast)
    one, spell = sheet.path.person_id, days(TODAY, None)
    place = {"kind": "technical", "is_lead": True, "during": spell}
    db.add_all(
        [
            FollowUpMember(person_id=cast.zoe.id, member_id=cast.marc.id, **place),
            FollowUpMember(person_id=one, member_id=cast.rosa.id, **place),
            FollowUpMember(person_id=one, member_id=cast.marc.id, **(place | {"is_lead": False})),
            FollowUpMember(person_id=one, member_id=cast.zoe.id, **(place | {"is_lead": False})),
        ]
    )
    read = {"what": "file", "read_on": TODAY, "read_at": NOON}
    for reader in (cast.ines, cast.marc):
        db.add(FileReading(person_id=one, reader_id=reader.id, subject_id=one, **read))
    db.add(
        FileReading(person_id=cast.zoe.id, reader_id=cast.ines.id, subject_id=cast.zoe.id, **read)
    )
    await db.flush()
    await actions.join_sheet(db, cast.actors["ines"], sheet, cast.zoe.id, joining(sheet))
    await db.flush()
    db.expunge_all()

    group = await queries.list_group(db, cast.zoe.id)
    assert {(one.member_id, one.is_lead) for one in group} == {
        (cast.marc.id, True),
        (cast.rosa.id, False),
    }
    readings = await queries.list_readings(db, cast.zoe.id)
    assert {one.reader_id for one in readings} == {cast.ines.id, cast.marc.id}


# ---------------------------------------------------------------- what cannot be


async def test_a_person_with_more_than_a_welcome_stays(db: AsyncSession, cast: Cast) -> None:
    sheet = await doubled(db, cast)
    await build.make_agreement(
        db, sheet.path.person, cast.home, dt.date(2027, 1, 1), dt.date(2027, 6, 30)
    )
    assert await codes(db, cast, sheet, cast.zoe) == {"is_used"}


async def test_a_person_with_an_account_stays(db: AsyncSession, cast: Cast) -> None:
    sheet = await doubled(db, cast)
    sheet.path.person.password_hash = "argon2"
    assert await codes(db, cast, sheet, cast.zoe) == {"is_used"}


async def test_two_paths_that_both_went_on_are_not_joined(db: AsyncSession, cast: Cast) -> None:
    """One of them is closed first; then it moves, and stays in her history."""
    sheet = await doubled(db, cast, state="applying")
    await build.make_application(db, sheet.path, cast.ines)
    assert await codes(db, cast, sheet, cast.lea) == {"both_go_on"}
    sheet.path.state, sheet.path.closed_on = "closed", TODAY
    await db.flush()
    path = await actions.join_sheet(
        db, cast.actors["ines"], sheet, cast.lea.id, joining(sheet, keep_email="said")
    )
    assert path.id == (await known_path(db, cast.lea)).id
    assert await db.scalar(sa.select(Path.person_id).where(Path.id == sheet.path_id)) == cast.lea.id


@pytest.mark.parametrize("waiting", ["in test", "another referral"])
async def test_a_referral_that_waits_needs_a_place(
    db: AsyncSession, cast: Cast, waiting: str
) -> None:
    sheet = await doubled(db, cast, state="oriented_out")
    await build.make_referral(db, sheet.path, cast.partner, cast.ines)
    if waiting == "another referral":
        ours = await known_path(db, cast.lea)
        ours.state = "oriented_out"
        await build.make_referral(db, ours, cast.partner, cast.ines)
    assert await codes(db, cast, sheet, cast.lea) == {"referral_waits"}


async def test_the_path_of_others_is_theirs(db: AsyncSession, cast: Cast) -> None:
    """A structure sends both to coordination, and changes nobody's address."""
    paul = cast.actors["paul"]
    person = await build.make_person(db, "Léa", family_name="Essai", met_by_id=cast.partner.id)
    path = await build.make_path(db, person, cast.partner, state="welcomed")
    sheet = await build.make_welcome(db, path, cast.paul)
    sheet = await queries.get_welcome(db, paul, sheet.id)
    with pytest.raises(Refused) as caught:
        await actions.join_sheet(db, paul, sheet, cast.lea.id, joining(sheet))
    assert [one.code for one in caught.value.reasons] == ["elsewhere"]

    person.email = "autre@exemple.fr"
    was = cast.zoe.email
    await actions.join_sheet(db, paul, sheet, cast.zoe.id, joining(sheet, keep_email="said"))
    assert (await db.get_one(Person, cast.zoe.id, populate_existing=True)).email == was


async def test_whom_one_does_not_see_is_not_joined(db: AsyncSession, cast: Cast) -> None:
    paul = cast.actors["paul"]
    person = await build.make_person(db, "Nour", met_by_id=cast.partner.id)
    path = await build.make_path(db, person, cast.partner, state="welcomed")
    sheet = await build.make_welcome(db, path, cast.paul)
    sheet = await queries.get_welcome(db, paul, sheet.id)
    hidden = await build.make_person(db, "Nour", met_by_id=cast.home.id)
    with pytest.raises(NotVisible):
        await actions.join_sheet(db, paul, sheet, hidden.id, joining(sheet))


# ---------------------------------------------------------------- the second of two


async def test_joined_twice_finds_the_first_result(db: AsyncSession, cast: Cast) -> None:
    ines = cast.actors["ines"]
    sheet = await doubled(db, cast)
    asked = joining(sheet)
    first = await actions.join_sheet(db, ines, sheet, cast.lea.id, asked)
    await db.flush()
    db.expunge_all()
    sheet = await queries.get_welcome(db, ines, sheet.id)
    assert (await actions.join_sheet(db, ines, sheet, cast.lea.id, asked)).id == first.id
    with pytest.raises(SheetJoined):
        await actions.join_sheet(db, ines, sheet, cast.zoe.id, asked)


# ---------------------------------------------------------------- while writing


def said(cast: Cast, **fields: Any) -> dict[str, Any]:
    return {
        "structure_id": cast.home.id,
        "given_name": "Léa",
        "family_name": "Essai",
        "phone": "06 12 34 56 78",
        "kind": "craft",
        "project": "Un fournil",
        "notice_given": "on",
        **fields,
    }


async def test_a_welcome_joins_the_path_under_way(db: AsyncSession, cast: Cast) -> None:
    ines, path = cast.actors["ines"], await known_path(db, cast.lea)
    asked = said(cast, person_id=cast.lea.id, once="x")
    with pytest.raises(actions.ToCompare):
        await actions.welcome(db, ines, WelcomeForm.model_validate(asked))
    asked |= {"compared": "on", "keep_phone": "said", "keep_project": "known"}
    for _ in range(2):
        found = await actions.welcome(db, ines, WelcomeForm.model_validate(asked))
        assert found.id == path.id
    kept = await queries.find_welcome(db, path.id)
    assert kept is not None
    assert (kept.kind, path.project == "Un fournil") == ("craft", False)
    lea = await db.get_one(Person, cast.lea.id, populate_existing=True)
    assert (lea.phone, lea.given_name) == ("+33612345678", cast.lea.given_name)


async def test_who_follows_does_not_write_into_the_path_of_others(
    db: AsyncSession, cast: Cast
) -> None:
    asked = said(cast, person_id=cast.lea.id, structure_id=cast.partner.id, compared="on")
    with pytest.raises(Refused) as caught:
        await actions.welcome(db, cast.actors["paul"], WelcomeForm.model_validate(asked))
    assert [one.code for one in caught.value.reasons] == ["elsewhere"]
    with pytest.raises(NotAllowed):
        await actions.welcome(
            db, cast.actors["rosa"], WelcomeForm.model_validate(asked | {"person_id": cast.zoe.id})
        )


async def test_an_introduction_of_somebody_known(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any]
) -> None:
    """From the list to the confirmation, sent twice, with every word on the way."""
    path = await known_path(db, cast.lea)
    await build.make_welcome(db, path, cast.ines, commune="Tendu")
    sent = await build.make_introduction(
        db, given_name="Lea", family_name="ESSAI", commune="Neuvy", phone="+33612345678"
    )
    await db.commit()
    ines = await browse("ines")
    assert "Peut-être déjà connue : Lea Essai" in (await ines.page("/presentations")).text
    form = await ines.page(f"/accueils/nouveau?presentation={sent.id}")
    assert form.one("button", name="person_id")["value"] == str(cast.lea.id)
    fields = said(cast, introduction_id=sent.id, commune="Neuvy", person_id=cast.lea.id)
    compared = parse((await ines.post("/accueils", fields)).text)
    assert "sa fiche d'accueil garde les réponses choisies" in compared.text
    hidden = {one["name"]: one["value"] for one in compared.all("input", type="hidden")}
    chosen = {one["name"]: "said" for one in compared.all("input", type="radio")}
    for _ in range(2):
        done = await ines.post("/accueils", hidden | chosen)
        assert (done.status_code, done.headers["location"]) == (303, f"/parcours/{path.id}")
    kept = await queries.find_welcome(db, path.id)
    assert kept is not None
    assert kept.commune == "Neuvy"
    joined = await db.scalars(sa.select(JournalLine).where(JournalLine.verb == "path.sheet_joined"))
    assert len(joined.all()) == 1
    assert (await db.get_one(Introduction, sent.id, populate_existing=True)).path_id == path.id


async def test_the_page_says_what_will_be(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any]
) -> None:
    sheet = await doubled(db, cast)
    sheet.path.next_step = "Appeler"
    await db.commit()
    ines = await browse("ines")
    shown = await ines.page(f"/accueils/{sheet.id}")
    assert "Peut-être déjà connue" in shown.text
    address = f"/accueils/{sheet.id}/reunion/{cast.zoe.id}"
    page = await ines.page(address)
    for words in ("passent à Zoe Essai", "Appeler", "accord pour transmettre la fiche suit"):
        assert words in page.text
    fields = {one["name"]: one["value"] for one in page.all("input", type="hidden")}
    done = await ines.post(address, fields)
    assert done.headers["location"] == f"/parcours/{sheet.path_id}"
    assert "Les deux fiches sont réunies" in (await ines.page(done.headers["location"])).text
    again = await ines.post(address, fields)
    assert again.headers["location"] == done.headers["location"]
    late = f"/accueils/{sheet.id}/reunion/{cast.tom.id}"
    assert (await ines.post(late, fields)).status_code == 409


async def test_a_structure_is_not_shown_whom_it_does_not_see(
    db: AsyncSession, cast: Cast, browse: Callable[..., Any]
) -> None:
    await build.make_person(db, "Nour", family_name="Lambert", met_by_id=cast.home.id)
    person = await build.make_person(db, "Nour", family_name="Lambert", met_by_id=cast.partner.id)
    path = await build.make_path(db, person, cast.partner, state="welcomed")
    sheet = await build.make_welcome(db, path, cast.paul)
    await db.commit()

    assert "déjà connue" not in (await (await browse("paul")).page(f"/accueils/{sheet.id}")).text
    assert "déjà connue" in (await (await browse("ines")).page(f"/accueils/{sheet.id}")).text
