"""Who follows whom: joins, leaves, hands over, and what each may read from when to when."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal
from couveuse.core.errors import Conflict, NotVisible, Refused
from couveuse.people.models import Person
from couveuse.trainees import actions, queries
from couveuse.trainees.forms.groups import FollowForm, HandOverForm, LeavingForm
from couveuse.trainees.models import FollowUpMember
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import parse

TODAY = NOON.date()
DAY = dt.timedelta(days=1)
Clock = Callable[[dt.datetime], None]


async def place_of(db: AsyncSession, person: Person, member: Person) -> FollowUpMember:
    group = await queries.list_group(db, person.id)
    return next(one for one in group if one.member_id == member.id)


async def add(db: AsyncSession, cast: Cast, member: Person, **fields: Any) -> None:
    usual = {"member_id": member.id, "kind": "human", "starts_on": TODAY}
    form = FollowForm.model_validate(usual | fields)
    await actions.follow(db, cast.actors["ines"], cast.lea, form)


async def hand_over(db: AsyncSession, cast: Cast, to: Person, on: dt.date = TODAY) -> None:
    place = await place_of(db, cast.lea, cast.marc)
    place = await queries.get_place(db, cast.actors["ines"], place.id)
    form = HandOverForm(member_id=to.id, on=on)
    await actions.hand_over(db, cast.actors["ines"], place, form)


async def opens(db: AsyncSession, cast: Cast, name: str) -> bool:
    try:
        await queries.get_trainee(db, cast.actors[name], cast.lea.id)
    except NotVisible:
        return False
    return True


# ---------------------------------------------------------------- joining and leaving


async def test_who_joins_reads_from_that_day_on(
    db: AsyncSession, cast: Cast, fixed_clock: Clock
) -> None:
    await add(db, cast, cast.rosa, starts_on=TODAY + DAY)

    assert not await opens(db, cast, "rosa")
    fixed_clock(NOON + DAY)
    assert await opens(db, cast, "rosa")
    (line, *_) = await journal.lines_about(db, "person", cast.lea.id)
    told = journal.sentence(line)
    assert told == "a ajouté Rosa Essai au groupe de suivi (écoute et moral)"


async def test_who_leaves_reads_until_the_last_day(
    db: AsyncSession, cast: Cast, fixed_clock: Clock
) -> None:
    ines = cast.actors["ines"]
    place = await queries.get_place(db, ines, (await place_of(db, cast.lea, cast.marc)).id)

    await actions.leave_group(db, ines, place, LeavingForm(last_day=TODAY))

    assert await opens(db, cast, "marc")
    fixed_clock(NOON + DAY)
    assert not await opens(db, cast, "marc")


async def test_there_is_one_lead_at_a_time(db: AsyncSession, cast: Cast) -> None:
    with pytest.raises(Conflict) as refused:
        await add(db, cast, cast.rosa, is_lead=True)

    assert refused.value.reasons[0].code == "lead_already"


async def test_only_those_whose_role_lets_them_read_are_offered(
    db: AsyncSession, cast: Cast
) -> None:
    offered = dict(await queries.list_who_may_follow(db, cast.actors["ines"], cast.lea.id))

    names = {cast.ines, cast.paul, cast.marc, cast.rosa}
    assert set(offered) == {one.id for one in names}
    for stranger in (cast.tom, cast.gaston, cast.lea, cast.zoe):
        with pytest.raises(Refused):
            await add(db, cast, stranger)


# ---------------------------------------------------------------- handing over


async def test_who_hands_over_reads_thirty_days_more(
    db: AsyncSession, cast: Cast, fixed_clock: Clock
) -> None:
    await hand_over(db, cast, cast.rosa)

    for days, marc in ((0, True), (30, True), (31, False)):
        fixed_clock(NOON + days * DAY)
        assert (await opens(db, cast, "marc"), await opens(db, cast, "rosa")) == (marc, True)
    new = await place_of(db, cast.lea, cast.rosa)
    assert (new.is_lead, new.kind, new.during.lower) == (True, "technical", TODAY)


async def test_who_follows_already_as_the_same_takes_the_lead(db: AsyncSession, cast: Cast) -> None:
    await build.make_follow_up_member(db, cast.lea, cast.rosa)

    await hand_over(db, cast, cast.rosa)

    group = await queries.list_group(db, cast.lea.id)
    theirs = {(one.is_lead, one.is_open) for one in group if one.member_id == cast.rosa.id}
    assert theirs == {(True, True), (False, False)}


async def test_a_place_handed_over_is_not_handed_over_again(db: AsyncSession, cast: Cast) -> None:
    await hand_over(db, cast, cast.rosa)

    with pytest.raises(Conflict) as refused:
        await hand_over(db, cast, cast.ines)

    assert refused.value.reasons[0].code == "group_changed"


@pytest.mark.parametrize("name", ["marc", "lea"])
async def test_nobody_hands_over_to_themself_nor_to_the_one_followed(
    db: AsyncSession, cast: Cast, name: str
) -> None:
    with pytest.raises(Refused) as refused:
        await hand_over(db, cast, cast.person(name))

    assert refused.value.reasons[0].field == "member_id"


# ---------------------------------------------------------------- the screens


async def test_the_screens_lead_through_a_hand_over(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    ines: Browser = await browse("ines")
    place = await place_of(db, cast.lea, cast.marc)
    page = await ines.page(f"/groupes/{place.id}")
    choices = {option["value"] for option in page.one("select", name="member_id").all("option")}
    assert str(cast.marc.id) not in choices

    answer = await ines.post(
        f"/groupes/{place.id}/relais", {"member_id": cast.rosa.id, "on": "2026-11-25"}
    )

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/testeurs/{cast.lea.id}"
    page = await ines.page(f"/testeurs/{cast.lea.id}/groupe")
    assert "lit encore jusqu'au 25 déc. 2026" in page.text


async def test_a_refusal_keeps_what_was_typed(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    ines: Browser = await browse("ines")

    form = {"member_id": cast.rosa.id, "kind": "technical", "starts_on": "2026-12-01"}
    answer = await ines.post(f"/testeurs/{cast.lea.id}/groupe", form | {"is_lead": "on"})

    assert answer.status_code == 422
    assert "Passez d'abord le relais" in parse(answer.text).text
    assert 'value="2026-12-01"' in answer.text


async def test_a_mentor_may_stop_by_himself_and_decide_nothing_else(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    marc: Browser = await browse("marc")
    place = await place_of(db, cast.lea, cast.marc)

    page = await marc.page(f"/groupes/{place.id}")
    assert [form["action"] for form in page.one("main").all("form")] == [f"/groupes/{place.id}/fin"]

    answer = await marc.post(f"/groupes/{place.id}/fin", {"last_day": "2026-11-25"})
    assert answer.status_code == 303
