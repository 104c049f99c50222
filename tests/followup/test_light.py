"""The personal link of a volunteer: what it opens, what it does not, and when it ends by itself."""

import datetime as dt
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import segno
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Role
from couveuse.core.mail import OutgoingMail
from couveuse.core.tokens import hashed
from couveuse.followup.light_forms import season_end
from couveuse.followup.models import (
    AgreedStep,
    Level,
    LightAccess,
    Report,
    ReportSignature,
    Visit,
    VisitState,
)
from couveuse.people.models import Membership, Person
from couveuse.people.rules import FAILURES_PER_NETWORK
from couveuse.trainees.models import FileReading, FollowUpMember
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.followup.steps import made
from tests.html import Element, parse

Browse = Callable[..., Any]
D = dt.date
DAY = dt.timedelta(days=1)
TODAY = NOON.date()
SEEN = {"day": "2026-11-25", "minutes": "60", "mode": "place"}


@dataclass(frozen=True, slots=True)
class Light:
    odette: Person
    token: str
    lea: Person

    @property
    def home(self) -> str:
        return f"/benevole/{self.token}"

    def about(self, what: str, person: Person | None = None) -> str:
        return f"{self.home}/personnes/{(person or self.lea).id}/{what}"


@pytest_asyncio.fixture
async def light(db: AsyncSession, cast: Cast) -> Light:
    """Odette, a volunteer, follows lea and has a link."""
    odette = await build.make_volunteer(db, cast.lea, cast.home, email="odette@couveuse.example")
    token = await build.make_link(db, odette, cast.ines)
    await db.commit()
    return Light(odette, token, cast.lea)


# ---------------------------------------------------------------- making a link


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (D(2026, 11, 25), D(2027, 10, 31)),
        (D(2026, 9, 1), D(2026, 10, 31)),
        (D(2026, 9, 2), D(2027, 10, 31)),
        (D(2026, 10, 31), D(2027, 10, 31)),
    ],
)
def test_a_link_lasts_until_the_end_of_the_season_but_not_too_short(day: D, end: D) -> None:
    assert season_end(day) == end


async def made_link(browser: Browser, person: Person, until: str = "2027-10-31") -> Element:
    answer = await browser.post(f"/personnes/{person.id}/lien", {"until": until})
    assert answer.status_code == 201
    return parse(answer.text)


def url_in(page: Element) -> str:
    return page.one("p", class_="link-url").one("a")["href"]


async def test_a_link_is_told_once_mailed_and_kept_as_a_hash(
    db: AsyncSession, browse: Browse, light: Light
) -> None:
    page = await made_link(await browse("ines"), light.odette)

    url = url_in(page)
    assert re.fullmatch(r"http://testserver.local/benevole/[A-Za-z0-9_-]{43}", url)
    assert len(page.one("section", class_="link-card").all("svg")) == 1
    token = url.rpartition("/")[2]
    kept = await db.scalar(sa.select(LightAccess).where(LightAccess.token_hash == hashed(token)))
    assert kept is not None
    assert token.encode() not in kept.token_hash
    (mail,) = await db.scalars(sa.select(OutgoingMail))
    assert (mail.recipient, mail.is_secret) == ("odette@couveuse.example", True)
    assert url in mail.body
    assert (
        token not in (await (await browse("ines")).get(f"/personnes/{light.odette.id}/lien")).text
    )


async def test_made_anew_the_one_before_opens_nothing(browse: Browse, light: Light) -> None:
    nobody = await browse()
    assert (await nobody.get(light.home)).status_code == 200

    url = url_in(await made_link(await browse("ines"), light.odette))

    assert (await nobody.get(light.home)).status_code == 410
    assert (await nobody.get(url)).status_code == 200


async def test_a_link_is_stopped_and_the_page_says_who_did_what(
    browse: Browse, light: Light, cast: Cast
) -> None:
    ines, nobody = await browse("ines"), await browse()
    await nobody.get(light.home)
    page = await ines.page(f"/personnes/{light.odette.id}/lien")
    assert "Ouvert la dernière fois le mer. 25 nov. à 12:00" in page.text

    made(await ines.post(f"/personnes/{light.odette.id}/lien/fin"))
    made(await ines.post(f"/personnes/{light.odette.id}/lien/fin"))

    assert (await nobody.get(light.home)).status_code == 410
    person = await ines.page(f"/personnes/{light.odette.id}")
    assert person.text.count("a arrêté le lien personnel") == 1
    assert "Lien sans mot de passe" in person.text


@pytest.mark.parametrize("until", ["2026-11-24", "2028-06-01", "hier", ""])
async def test_a_link_lasts_from_today_to_a_year(browse: Browse, light: Light, until: str) -> None:
    answer = await (await browse("ines")).post(
        f"/personnes/{light.odette.id}/lien", {"until": until}
    )

    assert answer.status_code == 422
    assert parse(answer.text).one("p", id="e-until-1").text


async def test_a_lead_makes_a_link_only_when_every_group_is_led_by_them(
    db: AsyncSession, browse: Browse, light: Light, cast: Cast
) -> None:
    marc = await browse("marc")
    await made_link(marc, light.odette)

    await build.make_follow_up_member(db, cast.tom, light.odette)
    await db.commit()

    answer = await marc.post(f"/personnes/{light.odette.id}/lien", {"until": "2027-10-31"})
    assert answer.status_code == 403


async def test_only_volunteers_have_links(browse: Browse, cast: Cast) -> None:
    ines = await browse("ines")

    assert (await ines.get(f"/personnes/{cast.marc.id}/lien")).status_code == 403
    assert "Lien sans mot de passe" not in (await ines.page(f"/personnes/{cast.marc.id}")).text
    assert (await ines.get(f"/personnes/{cast.rosa.id}/lien")).status_code == 200


async def test_a_volunteer_is_made_at_once_with_a_place_and_a_link(
    db: AsyncSession, browse: Browse, cast: Cast
) -> None:
    ines, nobody = await browse("ines"), await browse()
    data = {
        "given_name": "Odette",
        "family_name": "Blin",
        "structure_id": str(cast.home.id),
        "kind": "human",
        "until": "2027-10-31",
    }
    answer = await ines.post(f"/testeurs/{cast.lea.id}/benevole", data)

    assert answer.status_code == 201
    page = await nobody.page(url_in(parse(answer.text)))
    assert "Odette Blin" in page.one("h1").text
    assert "Lea Essai" in page.text
    person = await db.scalar(sa.select(Person).where(Person.family_name == "Blin"))
    assert person is not None
    member = await db.scalar(sa.select(Membership).where(Membership.person_id == person.id))
    assert member is not None
    assert (member.role, member.salaried) == (Role.MENTOR, False)


async def test_the_same_form_sent_twice_makes_one_volunteer_whose_last_link_opens(
    db: AsyncSession, browse: Browse, cast: Cast
) -> None:
    ines, nobody = await browse("ines"), await browse()
    address = f"/testeurs/{cast.lea.id}/benevole"
    form = (await ines.page(address)).one("form", action=address)
    data = {
        "given_name": "Odette",
        "family_name": "Blin",
        "email": "odette@couveuse.example",
        "structure_id": str(cast.home.id),
        "kind": "human",
        "until": "2027-10-31",
        "once": form.one("input", name="once")["value"],
    }
    first, again = [await ines.post(address, data) for _ in range(2)]

    assert [first.status_code, again.status_code] == [201, 201]
    made = sa.select(sa.func.count(Person.id)).where(Person.family_name == "Blin")
    assert await db.scalar(made) == 1
    assert (await nobody.get(url_in(parse(first.text)))).status_code == 410
    assert (await nobody.get(url_in(parse(again.text)))).status_code == 200


async def test_a_known_address_or_another_structure_makes_nobody(
    db: AsyncSession, browse: Browse, cast: Cast
) -> None:
    ines, paul = await browse("ines"), await browse("paul")
    data = {"given_name": "O", "family_name": "B", "kind": "human", "until": "2027-10-31"}
    before = await db.scalar(sa.select(sa.func.count(Person.id)))

    known = {**data, "structure_id": str(cast.home.id), "email": "LEA@couveuse.example"}
    assert (await ines.post(f"/testeurs/{cast.lea.id}/benevole", known)).status_code == 422
    theirs = {**data, "structure_id": str(cast.home.id)}
    assert (await paul.post(f"/testeurs/{cast.tom.id}/benevole", theirs)).status_code == 422
    assert await db.scalar(sa.select(sa.func.count(Person.id))) == before


async def test_two_open_links_and_a_token_in_clear_are_refused_by_the_database(
    db: AsyncSession, light: Light, cast: Cast
) -> None:
    facts = {"person_id": light.odette.id, "created_by_id": cast.ines.id, "created_at": NOON}
    for more in (
        {"token_hash": b"x" * 32, "until": TODAY},
        {"token_hash": b"x" * 43, "until": TODAY, "ended_at": NOON, "ended_by_id": cast.ines.id},
        {"token_hash": b"x" * 32, "until": TODAY, "ended_at": NOON},
    ):
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                await db.execute(sa.insert(LightAccess).values(**facts, **more))


# ---------------------------------------------------------------- when it ends by itself


async def expire(db: AsyncSession, light: Light) -> None:
    await db.execute(sa.update(LightAccess).values(until=TODAY - DAY))


async def leave_the_group(db: AsyncSession, light: Light) -> None:
    """Handed over today: within the grace somebody signed in still reads, a link does not."""
    await db.execute(
        sa.update(FollowUpMember)
        .where(FollowUpMember.member_id == light.odette.id)
        .values(during=Range(D(2026, 1, 1), TODAY), grace_until=TODAY + 30 * DAY)
    )


async def leave_the_structure(db: AsyncSession, light: Light) -> None:
    await db.execute(
        sa.update(Membership)
        .where(Membership.person_id == light.odette.id)
        .values(during=Range(D(2020, 1, 1), TODAY))
    )


async def be_hired(db: AsyncSession, light: Light) -> None:
    await db.execute(
        sa.update(Membership).where(Membership.person_id == light.odette.id).values(salaried=True)
    )


@pytest.mark.parametrize("happens", [expire, leave_the_group, leave_the_structure, be_hired])
async def test_every_door_of_the_link_closes_by_itself(
    db: AsyncSession, browse: Browse, light: Light, happens: Any, cast: Cast
) -> None:
    visit = await build.make_visit(db, cast.lea, light.odette, NOON - DAY)
    await build.make_report(db, visit, light.odette, seen="Zinnia")
    step = await build.make_step(db, cast.lea, light.odette)
    nobody = await browse()
    await nobody.page(f"{light.home}/visites/{visit.id}")
    await happens(db, light)
    await db.commit()

    for path in ("", "/feuille", f"/visites/{visit.id}", f"/visites/{visit.id}/texte"):
        answer = await nobody.get(light.home + path)
        assert answer.status_code == 410
        assert "Lea" not in answer.text
        assert "Zinnia" not in answer.text
    for what in ("vu", "venue", "convenu"):
        assert (await nobody.get(light.about(what))).status_code == 410
        assert (await nobody.post(light.about(what), SEEN)).status_code == 410
    for path in (f"/visites/{visit.id}/signature", f"/actions/{step.id}"):
        assert (await nobody.post(light.home + path, {"state": "done"})).status_code == 410
    assert await db.scalar(sa.select(sa.func.count(ReportSignature.id))) == 0


async def test_only_one_place_ends_and_the_others_stay(
    db: AsyncSession, browse: Browse, light: Light, cast: Cast
) -> None:
    await build.make_follow_up_member(db, cast.tom, light.odette)
    await build.make_step(db, cast.lea, cast.lea, what="Zinnia")
    await leave_the_group(db, light)
    await db.execute(
        sa.update(FollowUpMember)
        .where(FollowUpMember.person_id == cast.tom.id)
        .values(during=Range(D(2026, 1, 1), None), grace_until=None)
    )
    await db.commit()
    nobody = await browse()

    page = await nobody.page(light.home)

    assert [one["data-person"] for one in page.all("section", data_person=None)] == [
        str(cast.tom.id)
    ]
    assert "Zinnia" not in page.text
    assert (await nobody.get(light.about("vu"))).status_code == 404
    assert (await nobody.get(light.about("vu", cast.tom))).status_code == 200


# ---------------------------------------------------------------- what it does not open


async def test_the_link_signs_in_nobody(browse: Browse, light: Light) -> None:
    browser = await browse()
    answer = await browser.get(light.home)

    assert set(browser.http.cookies) <= {"csrf"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    for path in ("/", "/visites", f"/testeurs/{light.lea.id}", "/personnes", "/profil"):
        answer = await browser.get(path)
        assert (answer.status_code, "/connexion" in answer.headers["location"]) == (303, True)


async def test_a_gone_link_is_as_discreet(browse: Browse) -> None:
    answer = await (await browse()).get(f"/benevole/{'x' * 43}")

    assert answer.status_code == 410
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["cache-control"] == "no-store"


async def test_whoever_is_signed_in_beside_it_counts_for_nothing(
    db: AsyncSession, browse: Browse, light: Light, cast: Cast
) -> None:
    """Ines coordinates, and the link in her browser still acts as odette alone."""
    ines = await browse("ines")
    await ines.post(light.about("vu"), SEEN | {"seen": "Semis levés.", "level": "shared"})

    report = await db.scalar(sa.select(Report))
    assert report is not None
    assert report.author_id == light.odette.id
    assert (await ines.get(light.about("vu", cast.tom))).status_code == 404


async def test_reports_of_others_and_drafts_stay_closed(
    db: AsyncSession, browse: Browse, light: Light, cast: Cast
) -> None:
    nobody = await browse()
    for level in Level:
        visit = await build.make_visit(db, cast.lea, cast.marc, NOON - DAY)
        await build.make_report(db, visit, cast.marc, level, seen="Zinnia")
        await db.commit()
        for path in ("", "/texte"):
            answer = await nobody.get(f"{light.home}/visites/{visit.id}{path}")
            assert answer.status_code == 404
        for path in ("/partage", "/signature", "/texte"):
            answer = await nobody.post(f"{light.home}/visites/{visit.id}{path}", {"version": "1"})
            assert answer.status_code == 404
    assert "Zinnia" not in (await nobody.get(light.home)).text


async def test_steps_of_other_people_stay_as_they_are(
    db: AsyncSession, browse: Browse, light: Light, cast: Cast
) -> None:
    other = await build.make_step(db, cast.tom, cast.tom)
    hers = await build.make_step(db, cast.tom, light.odette, what="Zinnia")
    await db.commit()
    nobody = await browse()

    for step in (other, hers):
        answer = await nobody.post(f"{light.home}/actions/{step.id}", {"state": "done"})
        assert answer.status_code == 404
    assert "Zinnia" not in (await nobody.get(light.home)).text


async def test_opening_is_written_down_where_the_person_reads_it(
    db: AsyncSession, browse: Browse, light: Light
) -> None:
    nobody = await browse()
    await nobody.get(light.home)
    await nobody.get(light.home)

    readings = (await db.scalars(sa.select(FileReading))).all()
    assert [(one.person_id, one.reader_id) for one in readings] == [(light.lea.id, light.odette.id)]
    page = await (await browse("lea")).page(f"/testeurs/{light.lea.id}/lectures")
    assert "l'écran des bénévoles, par un lien personnel" in page.text


async def test_no_token_is_written_to_the_log(
    browse: Browse, light: Light, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = await browse()
    with caplog.at_level(logging.INFO, logger="couveuse.web"):
        await nobody.get(light.about("vu"))

    (line,) = [one for one in caplog.records if one.getMessage() == "request"]
    assert line.__dict__["path"] == f"/benevole/…/personnes/{light.lea.id}/vu"


async def test_wrong_tokens_are_counted_and_then_no_longer_answered(
    browse: Browse, light: Light, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    nobody = await browse()
    answers = [
        (await nobody.get(f"/benevole/{n:043}")).status_code
        for n in range(FAILURES_PER_NETWORK + 2)
    ]

    assert answers == [410] * FAILURES_PER_NETWORK + [429, 429]
    assert (await nobody.get(light.home)).status_code == 200
    fixed_clock(NOON + dt.timedelta(minutes=16))
    assert (await nobody.get(f"/benevole/{'y' * 43}")).status_code == 410


# ---------------------------------------------------------------- what is done there


async def the_visit(db: AsyncSession) -> Visit:
    return (await db.scalars(sa.select(Visit).execution_options(populate_existing=True))).one()


async def test_i_saw_her_makes_the_same_visit_and_report_as_elsewhere(
    db: AsyncSession, browse: Browse, light: Light, cast: Cast
) -> None:
    nobody = await browse()
    form = (await nobody.page(light.about("vu"))).one("form", action=light.about("vu"))
    assert form.one("input", name="day")["value"] == "2026-11-25"
    said = {"seen": "Semis levés.", "said": "Contente.", "advice": "Aérer.", "level": "shared"}
    agreed = {"step_what_1": "Aérer le tunnel", "step_owner_1": str(cast.lea.id)}
    more = {"travel_km": "12,5", "next_on": "2026-12-02", "next_at": "14:00"}
    once = {"once": form.one("input", name="once")["value"]}

    address = made(await nobody.post(light.about("vu"), {**SEEN, **said, **agreed, **more, **once}))
    again = made(await nobody.post(light.about("vu"), {**SEEN, **said, **agreed, **more, **once}))

    assert address == again
    held, coming = await db.scalars(sa.select(Visit).order_by(Visit.starts_at))
    assert (held.state, coming.state) == (VisitState.HELD, VisitState.PLANNED)
    assert (held.mentor_id, held.person_id) == (light.odette.id, cast.lea.id)
    assert (held.starts_at, held.duration_minutes) == (NOON - dt.timedelta(hours=1), 60)
    assert (str(held.travel_km), held.structure_id) == ("12.5", cast.home.id)
    report = (await db.scalars(sa.select(Report))).one()
    assert (report.level, report.author_id) == (Level.SHARED, light.odette.id)
    (step,) = await db.scalars(sa.select(AgreedStep))
    assert (step.what, step.report_id) == ("Aérer le tunnel", report.id)
    page = await (await browse("lea")).page(f"/visites/{held.id}/compte-rendu")
    assert "Semis levés." in page.text
    assert "Écrit par Odette" in page.text


async def test_the_volunteer_signs_the_text_they_see(
    db: AsyncSession, browse: Browse, light: Light
) -> None:
    nobody, lea = await browse(), await browse("lea")
    address = made(
        await nobody.post(light.about("vu"), SEEN | {"seen": "Semis levés.", "level": "shared"})
    )
    form = (await nobody.page(address)).one("form", action=f"{address}/signature")
    fields = {one["name"]: one["value"] for one in form.all("input")}

    stale = await nobody.post(f"{address}/signature", {"text_hash": "0" * 64})
    assert stale.status_code == 422
    made(await nobody.post(f"{address}/signature", fields))
    visit = await the_visit(db)
    made(await lea.post(f"/visites/{visit.id}/signature"))

    signatures = (await db.scalars(sa.select(ReportSignature))).all()
    assert {one.person_id for one in signatures} == {light.odette.id, light.lea.id}
    assert not any(one.is_on_paper for one in signatures)
    assert (await nobody.post(f"{address}/texte", {"version": "1", "seen": "?"})).status_code == 403


async def test_without_words_the_visit_alone_is_noted(
    db: AsyncSession, browse: Browse, light: Light
) -> None:
    assert made(await (await browse()).post(light.about("vu"), SEEN)) == light.home
    assert (await the_visit(db)).state == VisitState.HELD
    assert (await db.scalars(sa.select(Report))).all() == []


async def test_the_big_form_warns_of_such_words_before_it_is_sent(
    browse: Browse, db: AsyncSession, light: Light
) -> None:
    nobody = await browse()
    page = await nobody.page(light.about("vu"))
    assert page.all("span", data_watched=None)
    assert [one["data-words-of"] for one in page.all("div", data_words_of=None)] == [
        "seen",
        "said",
        "advice",
    ]
    refused = {"seen": "Elle parle de sa dépression.", "day": "2027-01-01", "level": "shared"}

    answer = await nobody.post(light.about("vu"), SEEN | refused)

    assert answer.status_code == 422
    assert "À relire" in parse(answer.text).one("div", id="w-seen").text


async def test_words_that_ask_for_a_second_look_wait_as_a_draft(
    db: AsyncSession, browse: Browse, light: Light
) -> None:
    nobody = await browse()
    said = {"seen": "Elle parle de sa dépression.", "level": "shared"}

    address = made(await nobody.post(light.about("vu"), SEEN | said))

    page = await nobody.page(address)
    assert "À relire" in page.text
    report = (await db.scalars(sa.select(Report))).one()
    assert report.level == Level.DRAFT
    fields = {"version": str(report.version), "seen": "Elle est fatiguée."}
    made(await nobody.post(f"{address}/texte", fields))
    made(await nobody.post(f"{address}/partage", {"level": "group"}))
    await db.refresh(report)
    assert (report.level, report.seen) == (Level.GROUP, "Elle est fatiguée.")


async def test_the_planned_visit_of_that_day_is_the_one_told_of(
    db: AsyncSession, browse: Browse, light: Light
) -> None:
    nobody = await browse()
    planned = {"day": "2026-11-25", "at": "09:30", "minutes": "60"}
    made(await nobody.post(light.about("venue"), planned))

    made(await nobody.post(light.about("vu"), SEEN | {"minutes": "120", "seen": "Oui."}))

    visit = await the_visit(db)
    assert (visit.state, visit.duration_minutes) == (VisitState.HELD, 120)
    assert visit.starts_at == dt.datetime(2026, 11, 25, 8, 30, tzinfo=dt.UTC)


async def test_a_visit_told_already_is_told_again_only_on_purpose(
    db: AsyncSession, browse: Browse, light: Light
) -> None:
    nobody = await browse()
    made(await nobody.post(light.about("vu"), SEEN | {"seen": "Oui."}))

    twice = await nobody.post(light.about("vu"), SEEN | {"seen": "Encore."})
    assert twice.status_code == 422
    assert parse(twice.text).one("input", name="another")["type"] == "checkbox"
    made(await nobody.post(light.about("vu"), SEEN | {"seen": "Encore.", "another": "on"}))

    assert len((await db.scalars(sa.select(Visit))).all()) == 2


async def test_what_was_agreed_is_ticked_and_opened_again(
    db: AsyncSession, browse: Browse, light: Light
) -> None:
    nobody = await browse()
    data = {"what": "Prêter le semoir", "owner_id": str(light.odette.id), "due_on": "2026-12-01"}
    made(await nobody.post(light.about("convenu"), data))
    page = await nobody.page(light.home)
    form = page.one("li", data_step=None).one("form")
    fields = {one["name"]: one["value"] for one in form.all("input")}

    made(await nobody.post(form["action"], fields))

    step = (await db.scalars(sa.select(AgreedStep))).one()
    assert (step.state, step.changed_by_id) == ("done", light.odette.id)
    assert (await nobody.page(light.home)).all("li", data_step=None) == []
    made(await nobody.post(form["action"], {"state": "open"}))
    assert len((await nobody.page(light.home)).all("li", data_step=None)) == 1


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("vu", {"day": "2026-11-26"}),
        ("vu", {"day": "31/02/2026"}),
        ("vu", {"at": "25:00"}),
        ("vu", {"at": "23:00"}),
        ("vu", {"minutes": "0"}),
        ("vu", {"minutes": "99999999999999999999"}),
        ("vu", {"travel_km": "-3"}),
        ("vu", {"seen": "x" * 4001}),
        ("vu", {"seen": "a\x00b"}),
        ("vu", {"level": "draft"}),
        ("vu", {"next_on": "2026-11-01"}),
        ("vu", {"step_what_1": "x", "step_owner_1": "999999"}),
        ("vu", {"step_what_1": "x" * 300, "step_owner_1": "1"}),
        ("venue", {"day": "2026-11-24", "at": "09:00"}),
        ("venue", {"day": "2026-12-01", "at": "tantôt"}),
        ("convenu", {"what": "", "owner_id": "1"}),
        ("convenu", {"what": "x", "owner_id": "999999"}),
    ],
)
async def test_odd_answers_are_refused_in_words_and_change_nothing(
    db: AsyncSession, browse: Browse, light: Light, what: str, data: dict[str, str]
) -> None:
    answer = await (await browse()).post(light.about(what), (SEEN if what == "vu" else {}) | data)

    assert answer.status_code == 422
    page = parse(answer.text)
    assert page.all("p", class_="error") or page.all("div", class_="form-errors")
    assert (await db.scalars(sa.select(Visit))).all() == []
    assert (await db.scalars(sa.select(AgreedStep))).all() == []


async def test_there_is_a_sheet_for_each_person_and_no_link_on_it(
    db: AsyncSession, browse: Browse, light: Light, cast: Cast
) -> None:
    await build.make_follow_up_member(db, cast.tom, light.odette)
    await db.commit()

    page = await (await browse()).page(f"{light.home}/feuille")
    hers = segno.make(f"http://testserver.local{light.home}", error="m", micro=False)

    sheets = page.all("section", class_="paper-sheet")
    assert [one.all("strong")[0].text for one in sheets] == ["Lea Essai", "Tom Essai"]
    assert all(one.all("svg") for one in sheets)
    drawn = {path["d"] for one in sheets for path in one.all("path", d=None)}
    assert len(drawn) > 1
    assert drawn.isdisjoint(path["d"] for path in parse(hers.svg_inline(border=2)).all("path"))
