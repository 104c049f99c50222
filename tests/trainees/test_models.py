"""What the database promises about paths, groups and agreements."""

import datetime as dt

import pytest
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import broken_promise
from couveuse.trainees.models import (
    AgreementOverlap,
    AgreementPeriod,
    FollowsAlready,
    LeadAlready,
    PathOpenAlready,
    RenewedMeanwhile,
)
from tests import build
from tests.cast import Cast

FEBRUARY, MARCH = dt.date(2027, 2, 1), dt.date(2027, 3, 1)


async def test_one_path_at_a_time(db: AsyncSession, cast: Cast) -> None:
    with pytest.raises(IntegrityError) as caught:
        await build.make_path(db, cast.lea, cast.partner)

    assert isinstance(broken_promise(caught.value), PathOpenAlready)


async def test_a_closed_path_leaves_room_for_another(db: AsyncSession, cast: Cast) -> None:
    await build.make_path(db, cast.zoe, cast.home, state="closed", closed_on=MARCH)

    await build.make_path(db, cast.zoe, cast.home)


async def test_agreements_of_one_family_share_no_day(db: AsyncSession, cast: Cast) -> None:
    with pytest.raises(IntegrityError) as caught:
        await build.make_agreement(db, cast.lea, cast.partner, dt.date(2027, 1, 31), MARCH)

    assert isinstance(broken_promise(caught.value), AgreementOverlap)


async def test_an_agreement_may_begin_the_day_after_another(db: AsyncSession, cast: Cast) -> None:
    await build.make_agreement(db, cast.lea, cast.partner, FEBRUARY, MARCH)


async def test_a_renewal_has_a_number_of_its_own(db: AsyncSession, cast: Cast) -> None:
    agreement = await build.make_agreement(db, cast.zoe, cast.home)
    db.add(
        AgreementPeriod(
            agreement_id=agreement.id,
            number=0,
            person_id=cast.zoe.id,
            family="test",
            during=Range(FEBRUARY, MARCH),
        )
    )

    with pytest.raises(IntegrityError) as caught:
        await db.flush()

    assert isinstance(broken_promise(caught.value), RenewedMeanwhile)


async def test_nobody_follows_twice_as_the_same(db: AsyncSession, cast: Cast) -> None:
    with pytest.raises(IntegrityError) as caught:
        await build.make_follow_up_member(db, cast.lea, cast.marc)

    assert isinstance(broken_promise(caught.value), FollowsAlready)


async def test_there_is_one_lead_at_a_time(db: AsyncSession, cast: Cast) -> None:
    await build.make_follow_up_member(db, cast.lea, cast.rosa)

    with pytest.raises(IntegrityError) as caught:
        await build.make_follow_up_member(db, cast.lea, cast.ines, is_lead=True)

    assert isinstance(broken_promise(caught.value), LeadAlready)
