"""What can go wrong, in words: reasons, and the promises that the database keeps."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import errors, i18n
from couveuse.core.db import atomic, make_engine, make_sessions
from couveuse.core.errors import Busy, Conflict, Reason, Refused, Unreadable
from couveuse.core.paths import MIGRATIONS
from couveuse.equipment.models import CodeTaken
from couveuse.people.models import EmailTaken
from couveuse.tables import metadata
from tests import build
from tests.cast import Cast

NAMED = {
    str(one.name)
    for table in metadata.tables.values()
    for one in (*table.constraints, *table.indexes)
    if one.name
}


GUARDED = {
    name
    for path in (MIGRATIONS / "versions").glob("*.py")
    for name in re.findall(
        r"(?:CONSTRAINT = |THEN |break_promise\(|\{BROKEN\} )'(\w+)'",
        path.read_text(encoding="utf-8"),
    )
}
"""Promises that triggers keep, since they look at several tables."""


@pytest.mark.parametrize("constraint", sorted(errors._PROMISES))
def test_every_promise_is_a_constraint_of_the_database(constraint: str) -> None:
    assert constraint in NAMED | GUARDED


@pytest.mark.parametrize("error", list(errors._PROMISES.values()))
def test_every_broken_promise_says_what_to_do(error: type[Conflict]) -> None:
    for reason in error().reasons:
        assert str(reason).endswith(".")
        assert reason.field is None or reason.field.isidentifier()


def test_a_reason_is_said_in_the_language_of_the_reader() -> None:
    reason = Reason("late", "Écrivez une heure, par exemple 08:00.")
    dated = Reason("when", "%(day)s", {"day": dt.date(2026, 11, 23)})

    assert (str(reason), str(dated)) == ("Écrivez une heure, par exemple 08:00.", "23 nov. 2026")
    i18n.set_language("en")
    assert (str(reason), str(dated)) == ("Write a time, for example 08:00.", "23 Nov 2026")


def test_a_refusal_carries_every_reason() -> None:
    refused = Refused(Reason("one", "Un."), Reason("two", "Deux."))

    assert [str(reason) for reason in refused.reasons] == ["Un.", "Deux."]
    assert str(refused) == "one; two"  # codes alone go to the log


def test_what_cannot_be_read_is_quoted() -> None:
    assert str(Unreadable("« %(text)s » ?", text="hier")) == "« hier » ?"


# ---------------------------------------------------------------- from the database's answer


@atomic
async def take_the_same_address(db: AsyncSession, email: str | None) -> None:
    await build.make_person(db, "Sosie", email=email)


async def test_a_violated_constraint_becomes_its_error(db: AsyncSession, cast: Cast) -> None:
    with pytest.raises(EmailTaken):
        await take_the_same_address(db, cast.lea.email)


@atomic
async def take_the_same_code(db: AsyncSession, cast: Cast, code: str) -> None:
    await build.make_item(db, cast.farm, code=code)


async def test_capitals_do_not_make_another_address(db: AsyncSession, cast: Cast) -> None:
    with pytest.raises(EmailTaken):
        await take_the_same_address(db, str(cast.lea.email).upper())


async def test_each_constraint_has_its_own_error(db: AsyncSession, cast: Cast) -> None:
    item = await build.make_item(db, cast.farm)

    with pytest.raises(CodeTaken):
        await take_the_same_code(db, cast, item.code)


@atomic
async def break_nobodys_promise(db: AsyncSession, _unused: None = None) -> None:
    await db.execute(sa.text("INSERT INTO structure DEFAULT VALUES"))


async def test_other_database_errors_stay_what_they_are(db: AsyncSession) -> None:
    with pytest.raises(IntegrityError):
        await break_nobodys_promise(db)


async def test_a_lock_that_is_not_had_in_time_is_said_in_words(database: str) -> None:
    engine = make_engine(database)
    sessions = make_sessions(engine)

    @atomic
    async def lock(db: AsyncSession, _unused: None = None) -> None:
        await db.execute(sa.text("SET LOCAL lock_timeout = '20ms'"))
        await db.execute(sa.text("LOCK TABLE structure"))

    async with sessions() as first, first.begin():
        await first.execute(sa.text("LOCK TABLE structure"))
        async with sessions() as second, second.begin():
            with pytest.raises(Busy) as busy:
                await lock(second)
    assert "Réessayez" in str(busy.value.reasons[0])
    await engine.dispose()
