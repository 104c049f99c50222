"""Exits, news asked for by a link that needs no account, and the settled share."""

import datetime as dt
import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.trainees.models import (
    SETTLED,
    AfterContact,
    ContactState,
    Exit,
    Outcome,
    Path,
    PathState,
)
from couveuse.trainees.rules.after import (
    OUTCOMES,
    Group,
    asks_again,
    due_dates,
    gives_up,
    group_of,
    shares_of,
)
from couveuse.trainees.tasks.after import ask_for_news
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser

D = dt.date
DAY = dt.timedelta(days=1)
TODAY = NOON.date()
LEFT = D(2026, 3, 31)
ANSWER = {
    "situation": "settled_nearby",
    "insee_code": "36046",
    "area_ha": "1,5",
    "living": "partly",
}


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("left_on", "due"),
    [
        (D(2026, 8, 31), [D(2027, 2, 28), D(2027, 8, 31), D(2028, 8, 31), D(2029, 8, 31)]),
        (D(2024, 2, 29), [D(2024, 8, 29), D(2025, 2, 28), D(2026, 2, 28), D(2027, 2, 28)]),
    ],
)
def test_news_is_due_so_many_months_after(left_on: D, due: list[D]) -> None:
    assert due_dates(left_on, Outcome.DROPPED) == list(zip((6, 12, 24, 36), due, strict=True))
    assert due_dates(left_on, Outcome.DEATH_OR_ILLNESS) == []


@pytest.mark.parametrize(
    ("due", "tries", "ago", "asks", "ends"),
    [
        (TODAY + DAY, 0, None, False, False),
        (TODAY, 0, None, True, False),
        (TODAY - 40 * DAY, 1, 29, False, False),
        (TODAY - 40 * DAY, 1, 30, True, False),
        (TODAY - 90 * DAY, 2, 29, False, False),
        (TODAY - 90 * DAY, 2, 30, False, True),
    ],
)
def test_two_tries_a_month_apart_and_then_nothing_is_known(
    due: D, tries: int, ago: int | None, asks: bool, ends: bool
) -> None:
    tried_on = None if ago is None else TODAY - ago * DAY
    contact = AfterContact(due_on=due, tries=tries, tried_on=tried_on, state=ContactState.ASKED)

    assert (asks_again(contact, TODAY), gives_up(contact, TODAY)) == (asks, ends)


def an_exit(outcome: Outcome, situation: Outcome | None, state: ContactState, due: D) -> Exit:
    contact = AfterContact(months=12, due_on=due, state=state, situation=situation)
    return Exit(outcome=outcome, contacts=[contact])


@pytest.mark.parametrize(
    ("outcome", "situation", "state", "due", "group"),
    [
        ("dropped", "settled_nearby", "answered", TODAY, Group.SETTLED),
        ("settled_nearby", "farm_employee", "answered", TODAY, Group.OTHER),
        ("settled_nearby", "cooperative", "answered", TODAY, Group.OTHER),
        ("settled_nearby", "unknown", "answered", TODAY, Group.UNKNOWN),
        ("settled_nearby", None, "unknown", TODAY, Group.UNKNOWN),
        ("settled_nearby", None, "asked", TODAY, Group.WAITING),
        ("settled_nearby", None, "to_come", TODAY + DAY, Group.NOT_DUE),
        ("death_or_illness", None, "to_come", TODAY, Group.OUT),
        ("dropped", "death_or_illness", "answered", TODAY, Group.OUT),
    ],
)
def test_everybody_counts_in_one_group(
    outcome: str, situation: str | None, state: str, due: D, group: Group
) -> None:
    said = Outcome(situation) if situation else None
    left = an_exit(Outcome(outcome), said, ContactState(state), due)

    assert group_of(left, 12, TODAY) == group


def test_the_share_agrees_with_an_independent_count() -> None:
    turn = count()
    exits = [
        an_exit(outcome, situation, state, due)
        for outcome in Outcome
        for situation, state in [
            *((one, ContactState.ANSWERED) for one in Outcome),
            (None, ContactState.ASKED),
            (None, ContactState.UNKNOWN),
        ]
        for due in (TODAY, TODAY + DAY)[: 1 + next(turn) % 2]
    ]
    settled = reached = unknown = 0
    for left in exits:
        (contact,) = left.contacts
        if left.outcome == "death_or_illness":
            continue
        if contact.state == "unknown" or contact.situation == "unknown":
            unknown += 1
        elif contact.situation and contact.situation != "death_or_illness":
            reached += 1
            settled += contact.situation.startswith("settled")

    share = next(one for one in shares_of(exits, TODAY) if one.months == 12)

    assert (share.settled, share.reached, share.count(Group.UNKNOWN)) == (settled, reached, unknown)
    assert share.left == len(exits)
    assert share.percent == round(100 * settled / reached)


def test_a_share_without_anybody_reached_is_no_number_and_few_are_marked() -> None:
    nobody = shares_of([], TODAY)[0]
    exits = [Exit(outcome=Outcome.DROPPED, contacts=[]) for _ in range(4)]
    few, enough = shares_of(exits, TODAY)[0], shares_of([*exits, exits[0]], TODAY)[0]

    assert (nobody.percent, nobody.left) == (None, 0)
    assert (few.percent, few.is_small, enough.is_small) == (0, True, False)


def test_stopping_is_an_outcome_like_any_other() -> None:
    words = " ".join(OUTCOMES.values())

    assert set(OUTCOMES) == set(Outcome)
    assert not re.search(r"échec|abandon|raté", words)
    assert all(one.startswith("settled") for one in SETTLED)


# ---------------------------------------------------------------- the exit


async def leave(browse: Callable[..., Any], cast: Cast, **changed: str) -> Any:
    paul = await browse("paul")
    sent = {"left_on": LEFT.isoformat(), "outcome": "settled_nearby"} | changed
    return await paul.post(f"/testeurs/{cast.tom.id}/sortie", sent)


async def state_of(db: AsyncSession, cast: Cast) -> str:
    query = sa.select(Path.state).where(Path.person_id == cast.tom.id)
    return (await db.scalars(query.execution_options(populate_existing=True))).one()


async def contacts_of(db: AsyncSession) -> list[AfterContact]:
    query = sa.select(AfterContact).order_by(AfterContact.months)
    return list(await db.scalars(query.execution_options(populate_existing=True)))


async def test_an_exit_moves_the_path_and_plans_the_news(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    answer = await leave(browse, cast, insee_code="36046", area_ha="1,5", legal_form="Individuelle")

    assert answer.status_code == 303
    assert await state_of(db, cast) == PathState.EXITED
    due = [(one.months, one.due_on) for one in await contacts_of(db)]
    assert due == due_dates(LEFT, "settled_nearby")
    shown = await (await browse("tom")).page(f"/testeurs/{cast.tom.id}/sortie")
    assert "Installation sur le même territoire" in shown.text
    assert "La Châtre (Indre)" in shown.text
    assert shown.all("form", action=f"/testeurs/{cast.tom.id}/sortie") == []


@pytest.mark.parametrize(
    "changed",
    [
        {"left_on": "2026-11-26"},
        {"left_on": "2026-01-14"},
        {"outcome": "rich"},
        {"outcome": ""},
        {"insee_code": "99999"},
        {"area_ha": "-1"},
    ],
)
async def test_an_exit_that_cannot_be_is_refused(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, changed: dict[str, str]
) -> None:
    assert (await leave(browse, cast, **changed)).status_code == 422
    assert await state_of(db, cast) == PathState.IN_TEST


async def test_a_correction_moves_what_is_not_asked_yet(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await leave(browse, cast)
    first = (await contacts_of(db))[0]
    await db.execute(
        sa.update(AfterContact).where(AfterContact.id == first.id).values(state="unknown")
    )
    await db.commit()

    assert (await leave(browse, cast, left_on="2026-04-30")).status_code == 303

    due = [one.due_on for one in await contacts_of(db)]
    assert due == [D(2026, 9, 30), D(2027, 4, 30), D(2028, 4, 30), D(2029, 4, 30)]
    assert len((await db.scalars(sa.select(Exit))).all()) == 1


async def test_illness_and_death_are_for_those_who_manage(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await build.make_exit(db, cast.lea, cast.home, outcome=Outcome.DEATH_OR_ILLNESS)
    await db.commit()
    path = f"/testeurs/{cast.lea.id}/sortie"

    assert "maladie" not in (await (await browse("marc")).page(path)).text
    assert "maladie" in (await (await browse("ines")).page(path)).one(id="exit").text.lower()


# ---------------------------------------------------------------- the link


Ask = Callable[[], Any]


@pytest.fixture
def ask(db: AsyncSession, databases: Databases, settings: Settings) -> Ask:
    """Run the daily job. Returns the tokens mailed so far."""

    async def run() -> list[str]:
        await db.commit()
        await ask_for_news(Workshop(databases.writer, settings))
        mails = await db.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id))
        return [mail.body.partition("/nouvelles/")[2].split()[0] for mail in mails]

    return run


async def test_the_link_asks_and_takes_one_answer(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, ask: Ask
) -> None:
    await leave(browse, cast)
    (token,) = await ask()
    anybody: Browser = await browse()

    before = await anybody.page(f"/nouvelles/{token}")
    looked = await anybody.page(f"/nouvelles/{token}")
    bare = await anybody.post(f"/nouvelles/{token}", {"area_ha": "1"})
    answer = await anybody.post(f"/nouvelles/{token}", ANSWER)
    again = await anybody.post(f"/nouvelles/{token}", ANSWER | {"situation": "dropped"})
    late = await anybody.get(f"/nouvelles/{token}")

    assert "Que devenez-vous" in before.text
    assert "Essai" not in before.text  # the given name only: who finds the mail learns no more
    assert before.text == looked.text
    codes = [one.status_code for one in (bare, answer, again, late)]
    assert codes == [422, 200, 410, 410]
    contact = (await contacts_of(db))[0]
    assert (contact.situation, contact.insee_code, str(contact.area_ha)) == (
        "settled_nearby",
        "36046",
        "1.5",
    )
    assert contact.recorded_by_id is None
    assert await state_of(db, cast) == PathState.FOLLOWED_AFTER


async def test_a_link_expires_and_a_tampered_one_opens_nothing(
    browse: Callable[..., Any],
    cast: Cast,
    ask: Ask,
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    await leave(browse, cast)
    (token,) = await ask()
    anybody: Browser = await browse()

    for wrong in (token[:-1], token + "x", token.swapcase(), "x" * 43):
        assert (await anybody.get(f"/nouvelles/{wrong}")).status_code == 410
        assert (await anybody.post(f"/nouvelles/{wrong}", ANSWER)).status_code == 410
    fixed_clock(NOON + 180 * DAY - dt.timedelta(seconds=1))
    assert (await anybody.get(f"/nouvelles/{token}")).status_code == 200
    fixed_clock(NOON + 180 * DAY)
    assert (await anybody.get(f"/nouvelles/{token}")).status_code == 410
    assert (await anybody.post(f"/nouvelles/{token}", ANSWER)).status_code == 410


async def test_a_link_answers_for_its_own_person_only(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, ask: Ask
) -> None:
    hers = await build.make_exit(db, cast.lea, cast.home, LEFT)
    his = await build.make_exit(db, cast.tom, cast.partner, LEFT)
    tokens = await ask()
    mails = await db.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id))
    token = tokens[[mail.recipient for mail in mails].index(str(cast.tom.email))]

    # Signed in as somebody else, or naming another contact: the link alone says whose it is.
    await (await browse("lea")).post(
        f"/nouvelles/{token}", ANSWER | {"contact_id": str(hers.contacts[0].id)}
    )

    answered = {one.exit_id for one in await contacts_of(db) if one.state == "answered"}
    assert answered == {his.id}


async def test_a_second_mail_leaves_the_first_link_good(
    browse: Callable[..., Any],
    cast: Cast,
    ask: Ask,
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    await leave(browse, cast)
    counts: list[int] = []
    for shift in (0, 0, 29, 30, 31, 59):
        fixed_clock(NOON + shift * DAY)
        counts.append(len(await ask()))
    first, second = await ask()
    anybody: Browser = await browse()

    assert counts == [1, 1, 1, 2, 2, 2]
    assert (await anybody.post(f"/nouvelles/{first}", ANSWER)).status_code == 200
    assert (await anybody.get(f"/nouvelles/{second}")).status_code == 410


async def test_after_two_tries_nothing_is_known_and_a_late_answer_still_counts(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    ask: Ask,
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    await leave(browse, cast)
    for shift in (0, 30, 60):
        fixed_clock(NOON + shift * DAY)
        tokens = await ask()
    assert (await contacts_of(db))[0].state == ContactState.UNKNOWN

    await (await browse()).post(f"/nouvelles/{tokens[0]}", ANSWER)

    assert (await contacts_of(db))[0].state == ContactState.ANSWERED


async def test_the_officer_writes_down_a_call_but_not_over_the_person(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast, ask: Ask
) -> None:
    await leave(browse, cast)
    first, second, *_ = await contacts_of(db)
    paul = await browse("paul")

    noted = await paul.post(f"/suites/{second.id}", {"situation": "training"})
    mended = await paul.post(f"/suites/{second.id}", {"situation": "employee"})
    (token,) = await ask()
    await (await browse()).post(f"/nouvelles/{token}", ANSWER)
    over = await paul.post(f"/suites/{first.id}", {"situation": "dropped"})

    assert [one.status_code for one in (noted, mended, over)] == [303, 303, 409]
    said = [(one.situation, one.recorded_by_id) for one in (await contacts_of(db))[:2]]
    assert said == [("settled_nearby", None), ("employee", cast.paul.id)]


async def test_two_calls_without_an_answer_are_noted_as_no_news(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await leave(browse, cast)
    first = (await contacts_of(db))[0]
    paul = await browse("paul")

    codes = [(await paul.post(f"/suites/{first.id}/essai")).status_code for _ in range(3)]

    assert codes == [303, 303, 409]
    assert (await contacts_of(db))[0].state == ContactState.UNKNOWN


async def test_the_last_news_closes_the_path(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await leave(browse, cast)
    paul = await browse("paul")
    for contact in await contacts_of(db):
        answer = await paul.post(f"/suites/{contact.id}", {"situation": "settled_nearby"})
        assert answer.status_code == 303

    assert await state_of(db, cast) == PathState.CLOSED


# ---------------------------------------------------------------- the figures


async def test_each_number_opens_the_list_behind_it(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    outcomes = [Outcome.SETTLED_NEARBY, Outcome.DROPPED, Outcome.UNKNOWN, Outcome.SETTLED_IN_GROUP]
    for outcome in outcomes:
        person = await build.make_person(db)
        await build.make_exit(db, person, cast.home, LEFT, outcome)
    old = await build.make_person(db)
    await build.make_exit(db, old, cast.home, D(2019, 1, 1))
    await db.commit()
    ines: Browser = await browse("ines")

    page = await ines.page("/apres-test?debut=2026-01-01&fin=2026-12-31")
    row = page.one(data_share="0")

    assert "67\u00a0%" in row.text or "67 %" in row.text
    assert "2/3" in row.text
    assert "petit nombre" in row.text
    for group, number in (("settled", 2), ("other", 1), ("unknown", 1), ("not_due", 0)):
        link = page.one(data_count=f"0-{group}")
        assert link.text == str(number)
        listed = await ines.page(link["href"].partition("#")[0])
        assert len(listed.all(data_left=None)) == number
