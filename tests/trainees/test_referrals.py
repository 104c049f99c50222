"""Passing somebody on: free choice, consent, one answer, and nobody lost on the way."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases
from couveuse.core.errors import Refused
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.structures.models import Function, StructureFunction
from couveuse.trainees import actions, queries
from couveuse.trainees.forms.paths import StepForm
from couveuse.trainees.forms.referrals import AnswerForm, ReferralForm
from couveuse.trainees.models import Path, PathState, Referral, ReferralAnswered
from couveuse.trainees.tasks.welcome import remind_of_newcomers, tell_about_referral
from tests import build
from tests.cast import Cast
from tests.conftest import NOON

TODAY = NOON.date()
DAY = dt.timedelta(days=1)
Clock = Callable[[dt.datetime], None]


@pytest.fixture
def workshop(databases: Databases, settings: Settings) -> Workshop:
    return Workshop(databases.writer, settings)


@pytest.fixture
async def path(db: AsyncSession, cast: Cast) -> Path:
    """A newcomer, welcomed at home, who agreed to nothing yet."""
    person = await build.make_person(
        db, "Nour", family_name="Lambert", met_by_id=cast.home.id, email="nour@exemple.fr"
    )
    made = await build.make_path(db, person, cast.home, state="welcomed", project="Brebis")
    await build.make_welcome(db, made, cast.ines)
    await db.commit()
    return await queries.get_path(db, cast.actors["ines"], made.id)


async def refer(db: AsyncSession, cast: Cast, path: Path, **fields: Any) -> Referral:
    asked = ReferralForm(structure_id=cast.partner.id, consent=True, **fields)
    made = await actions.refer(db, cast.actors["ines"], path, asked)
    return await queries.get_referral(db, cast.actors["ines"], made.id)


def yes(**fields: Any) -> AnswerForm:
    return AnswerForm(answer="accept", first_meeting_on=TODAY + 5 * DAY, **fields)


async def recipients(db: AsyncSession) -> list[str]:
    found = await db.scalars(sa.select(OutgoingMail.recipient).order_by(OutgoingMail.recipient))
    return list(found)


async def test_every_structure_is_shown_by_name(
    db: AsyncSession, cast: Cast, path: Path, browse: Callable[..., Any]
) -> None:
    for name in ("Zone test", "École paysanne", "Bio 36"):
        made = await build.make_structure(db, name)
        since = dt.date(2020, 1, 1)
        db.add(
            StructureFunction(
                structure_id=made.id,
                function=Function.SUPPORT,
                during=sa.dialects.postgresql.Range(since, None),
            )
        )
    await db.commit()
    page = await (await browse("ines")).page(f"/parcours/{path.id}/orientations/nouvelle")

    shown = [one.text for one in page.all("strong") if one.parent.attrs.get("class") == "main"]
    assert shown == ["ADEARI", "Bio 36", "École paysanne", "Zone test"]
    assert page.text.count("Accompagnement") >= 3


async def test_nothing_is_passed_on_without_consent(
    db: AsyncSession, cast: Cast, path: Path
) -> None:
    ines = cast.actors["ines"]
    with pytest.raises(Refused) as caught:
        await actions.refer(db, ines, path, ReferralForm(structure_id=cast.partner.id))
    assert [one.code for one in caught.value.reasons] == ["no_consent"]
    await refer(db, cast, path)
    sheet = await queries.find_welcome(db, path.id)
    assert sheet is not None
    assert sheet.consent_on == TODAY


@pytest.mark.parametrize("state", ["in_test", "suspended", "leaving", "exited"])
async def test_who_is_in_test_is_not_referred(
    db: AsyncSession, cast: Cast, path: Path, state: str
) -> None:
    path.state = state
    with pytest.raises(Refused) as caught:
        await refer(db, cast, path)
    assert caught.value.reasons[0].code == "not_from_here"


async def test_the_way_there(
    db: AsyncSession, cast: Cast, path: Path, browse: Callable[..., Any], workshop: Workshop
) -> None:
    paul, ines = await browse("paul"), await browse("ines")
    fields = {"structure_id": cast.partner.id, "note": "Cherche des terres", "consent": "on"}
    sent = await ines.post(f"/parcours/{path.id}/orientations", fields | {"once": "x"})
    assert sent.status_code == 303
    again = await ines.post(f"/parcours/{path.id}/orientations", fields | {"once": "x"})
    assert again.status_code == 303
    (referral,) = await db.scalars(sa.select(Referral))
    await db.commit()
    await tell_about_referral(workshop, referral_id=referral.id, what="sent", by=cast.ines.id)
    assert await recipients(db) == [cast.paul.email]

    assert (await paul.get(f"/parcours/{path.id}")).status_code == 404
    listed = await paul.page("/orientations")
    assert "Nour Lambert" in listed.text
    shown = (await paul.page(f"/orientations/{referral.id}")).text
    assert "Cherche des terres" in shown
    assert "Brebis" in shown
    for unfit in ({"answer": "accept"}, {"answer": "accept", "first_meeting_on": "2026-11-24"}, {}):
        unfit_answer = await paul.post(f"/orientations/{referral.id}/reponse", unfit)
        assert unfit_answer.status_code == 422
    fields = {"answer": "accept", "first_meeting_on": "2026-12-01", "message": "Avec plaisir"}
    accepted = await paul.post(f"/orientations/{referral.id}/reponse", fields)
    assert accepted.status_code == 303
    assert (await paul.get(f"/parcours/{path.id}")).status_code == 200
    assert (await paul.get(f"/personnes/{path.person_id}")).status_code == 200
    late = await paul.post(f"/orientations/{referral.id}/reponse", fields)
    assert late.status_code == 409

    await tell_about_referral(workshop, referral_id=referral.id, what="accepted", by=cast.paul.id)
    assert await recipients(db) == [cast.ines.email, "nour@exemple.fr", cast.paul.email]
    answered = (await ines.page(f"/orientations/{referral.id}")).text
    assert "Avec plaisir" in answered
    assert "Premier rendez-vous 1er déc. 2026" in answered


async def test_who_accepts_carries_the_path(db: AsyncSession, cast: Cast, path: Path) -> None:
    referral = await refer(db, cast, path)
    assert (path.state, path.next_due_on) == ("oriented_out", TODAY + 15 * DAY)
    await actions.answer_referral(db, cast.actors["paul"], referral, yes())

    assert path.structure_id == cast.partner.id
    assert (path.state, path.next_due_on) == ("welcomed", TODAY + 5 * DAY)
    assert path.next_actor_id == cast.paul.id


async def test_who_declines_gives_back(db: AsyncSession, cast: Cast, path: Path) -> None:
    referral = await refer(db, cast, path)
    await actions.answer_referral(db, cast.actors["paul"], referral, AnswerForm(answer="decline"))

    assert (path.structure_id, path.state) == (cast.home.id, "welcomed")
    assert (path.next_actor_id, path.next_due_on) == (cast.ines.id, TODAY)
    with pytest.raises(ReferralAnswered):
        await actions.answer_referral(db, cast.actors["paul"], referral, yes())


async def test_one_referral_at_a_time(db: AsyncSession, cast: Cast, path: Path) -> None:
    other = await build.make_structure(db, "Autre")
    first = await refer(db, cast, path)
    asked = ReferralForm(structure_id=other.id, consent=True)
    with pytest.raises(Refused) as caught:
        await actions.refer(db, cast.actors["ines"], path, asked)
    assert caught.value.reasons[0].code == "referral_open"
    await actions.withdraw_referral(db, cast.actors["ines"], first)
    await actions.refer(db, cast.actors["ines"], path, asked)


async def test_who_goes_another_way_needs_no_answer(
    db: AsyncSession, cast: Cast, path: Path
) -> None:
    referral = await refer(db, cast, path)
    asked = StepForm(state=PathState.WITHDRAWN)
    await actions.change_state(db, cast.actors["ines"], path, asked)
    with pytest.raises(ReferralAnswered):
        await actions.answer_referral(db, cast.actors["paul"], referral, yes())


@pytest.mark.parametrize(("days", "told"), [(14, False), (15, True), (40, True)])
async def test_both_are_reminded_once_after_fifteen_days(
    db: AsyncSession,
    cast: Cast,
    path: Path,
    workshop: Workshop,
    fixed_clock: Clock,
    days: int,
    told: bool,
) -> None:
    await refer(db, cast, path)
    await db.commit()
    fixed_clock(NOON + days * DAY)
    for _ in range(2):
        await remind_of_newcomers(workshop)

    assert await recipients(db) == ([cast.ines.email, cast.paul.email] if told else [])


async def test_a_late_referral_is_listed(
    db: AsyncSession,
    cast: Cast,
    path: Path,
    browse: Callable[..., Any],
    fixed_clock: Clock,
) -> None:
    await refer(db, cast, path)
    await db.commit()
    fixed_clock(NOON + 16 * DAY)

    assert "à relancer" in (await (await browse("paul")).page("/orientations")).text
    row = (await (await browse("ines")).page("/testeurs?retard=1")).one(
        "li", data_person=str(path.person_id)
    )
    assert "en retard de 1 jour" in row.text
