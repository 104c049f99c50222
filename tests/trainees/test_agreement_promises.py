"""What the database itself refuses about agreements, whoever asks and however."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from couveuse.core.errors import broken_promise
from couveuse.trainees.models import (
    Agreement,
    AgreementPeriod,
    EmployedFullTime,
    KeptOnceSigned,
    LegalNotice,
    NoSuchKind,
    NoticeNeedsProof,
    PeriodsApart,
    PeriodTooLong,
    SignedTooLate,
    TooManyRenewals,
)
from couveuse.trainees.rules import last_day_after
from tests import build

DAY = dt.timedelta(days=1)
FEB_26, FEB_27, FEB_28 = (dt.date(year, 2, 1) for year in (2026, 2027, 2028))


async def refusal(db, work) -> object:
    with pytest.raises(IntegrityError) as caught:
        async with db.begin_nested():
            await work()
    return type(broken_promise(caught.value))


async def renew(db, agreement, start: dt.date, end: dt.date, **fields) -> None:
    row = {
        "agreement_id": agreement.id,
        "number": 1,
        "person_id": agreement.person_id,
        "family": "test",
        "during": Range(start, end),
        "signed_on": start - DAY,
    }
    db.add(AgreementPeriod(**row | fields))
    await db.flush()


@pytest.mark.parametrize(
    ("start", "end", "fields", "error"),
    [
        (FEB_26, FEB_27 + DAY, {}, PeriodTooLong),
        (FEB_26, FEB_27, {"carried_months": 25}, PeriodTooLong),
        (FEB_26, FEB_27, {"carried_months": 36}, PeriodTooLong),
        (FEB_26, FEB_27, {"is_full_time": True}, EmployedFullTime),
        (FEB_26, FEB_27, {"kind": "castle"}, NoSuchKind),
        (dt.date(1999, 12, 31), dt.date(2000, 3, 1), {}, NoSuchKind),
    ],
)
async def test_a_period_lies_within_its_kind(db, cast, start, end, fields, error):
    async def work():
        await build.make_agreement(db, cast.zoe, cast.home, start, end, **fields)

    assert await refusal(db, work) is error


@pytest.mark.parametrize(
    ("start", "months"),
    [("2027-01-31", 1), ("2028-01-31", 1), ("2028-02-29", 12), ("2027-02-28", 12)],
)
async def test_the_database_counts_months_as_we_do(db, cast, start, months):
    first = dt.date.fromisoformat(start)
    asked = sa.select(sa.func.agreement_last_day(first, months))

    assert await db.scalar(asked) == last_day_after(first, months)


async def test_the_database_counts_every_month_as_we_do(db, cast):
    rows = await db.execute(
        sa.text("""
            SELECT day::date, months, agreement_last_day(day::date, months)
            FROM generate_series(date '2027-01-01', date '2029-12-31', interval '1 day') AS day,
                 generate_series(0, 13) AS months
        """)
    )

    assert [row for row in rows if last_day_after(row[0], row[1]) != row[2]] == []


@pytest.mark.parametrize(
    ("start", "end", "fields", "error"),
    [
        (FEB_27 + DAY, FEB_28, {}, PeriodsApart),
        (FEB_27, FEB_28 + DAY, {}, PeriodTooLong),
        (FEB_27, FEB_28, {"signed_on": FEB_27}, SignedTooLate),
        (FEB_27, FEB_28, {"number": 3}, TooManyRenewals),
        (FEB_27, FEB_28, {"number": 2}, PeriodsApart),
    ],
)
async def test_a_renewal_follows_and_is_signed_in_time(db, cast, start, end, fields, error):
    agreement = await build.make_agreement(db, cast.zoe, cast.home)

    assert await refusal(db, lambda: renew(db, agreement, start, end, **fields)) is error


async def test_a_renewal_that_follows_is_taken(db, cast):
    agreement = await build.make_agreement(db, cast.zoe, cast.home)
    await renew(db, agreement, FEB_27, FEB_28)


@pytest.mark.parametrize("fields", [{"person_id": None}, {"family": "association"}])
async def test_what_a_period_repeats_is_what_its_agreement_says(db, cast, fields):
    agreement = await build.make_agreement(db, cast.zoe, cast.home)
    fields = {key: value or cast.lea.id for key, value in fields.items()}

    with pytest.raises(IntegrityError, match="period 1"):
        await renew(db, agreement, FEB_27, FEB_28, **fields)


async def test_a_first_period_signed_after_its_start_is_refused(db, cast):
    agreement = await build.make_agreement(db, cast.zoe, cast.home, document=None)
    late = sa.update(AgreementPeriod).values(signed_on=FEB_26 + DAY)

    async def work():
        await db.execute(late.where(AgreementPeriod.agreement_id == agreement.id))

    assert await refusal(db, work) is SignedTooLate


@pytest.mark.parametrize(
    "change",
    [
        {"signed_on": FEB_26 - DAY},
        {"document": "cd" * 32},
        {"document": None},
        {"during": Range(FEB_26, FEB_27 - DAY)},
        {"during": Range(FEB_26 + DAY, FEB_27)},
        {"number": 1},
    ],
)
async def test_a_signed_period_stays_as_it_is(db, cast, change):
    agreement = await build.make_agreement(db, cast.zoe, cast.home)
    changed = sa.update(AgreementPeriod).where(AgreementPeriod.agreement_id == agreement.id)

    assert await refusal(db, lambda: db.execute(changed.values(**change))) is KeptOnceSigned


async def test_a_signed_period_is_not_deleted(db, cast):
    agreement = await build.make_agreement(db, cast.zoe, cast.home)
    gone = sa.delete(AgreementPeriod).where(AgreementPeriod.agreement_id == agreement.id)

    assert await refusal(db, lambda: db.execute(gone)) is KeptOnceSigned


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "cesa"},
        {"carried_months": 1},
        {"is_full_time": True},
        {"contents": {"price": "10 %"}},
        {"contents_ready_at": dt.datetime(2026, 2, 1, tzinfo=dt.UTC)},
    ],
)
async def test_a_signed_agreement_stays_as_it_is(db, cast, change):
    agreement = await build.make_agreement(db, cast.zoe, cast.home)
    changed = sa.update(Agreement).where(Agreement.id == agreement.id).values(**change)

    assert await refusal(db, lambda: db.execute(changed)) is KeptOnceSigned


async def test_a_waiting_agreement_may_be_put_right_within_the_law(db, cast):
    agreement = await build.make_agreement(db, cast.zoe, cast.home, document=None)
    changed = sa.update(Agreement).where(Agreement.id == agreement.id)
    await db.execute(changed.values(carried_months=24))

    for fields, error in (
        ({"carried_months": 25}, PeriodTooLong),
        ({"is_full_time": True}, EmployedFullTime),
        ({"kind": "castle"}, NoSuchKind),
    ):
        assert await refusal(db, lambda f=fields: db.execute(changed.values(**f))) is error


async def test_an_early_end_is_written_once(db, cast):
    agreement = await build.make_agreement(db, cast.zoe, cast.home)
    last = dt.date(2026, 12, 31)
    changed = sa.update(Agreement).where(Agreement.id == agreement.id)
    periods = sa.update(AgreementPeriod).where(AgreementPeriod.agreement_id == agreement.id)
    await db.execute(changed.values(ended_on=last, end_reason="fin"))
    await db.execute(periods.values(during=Range(FEB_26, last + DAY), planned_end_on=FEB_27 - DAY))

    later = changed.values(ended_on=last + DAY)
    assert await refusal(db, lambda: db.execute(later)) is KeptOnceSigned


@pytest.mark.parametrize("fields", [{"sent_on": FEB_26}, {"reference": "AR 1"}])
async def test_a_notice_is_sent_with_both_day_and_proof(db, cast, fields):
    agreement = await build.make_agreement(db, cast.zoe, cast.home)
    by = {"recorded_by_id": cast.ines.id} if "sent_on" in fields else {}

    async def work():
        db.add(
            LegalNotice(
                agreement_id=agreement.id,
                period_number=0,
                event="signing",
                recipient="social_body",
                label="Organisme social",
                due_on=FEB_26,
                **fields,
                **by,
            )
        )
        await db.flush()

    assert await refusal(db, work) is NoticeNeedsProof
