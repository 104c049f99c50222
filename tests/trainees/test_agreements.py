"""The life of an agreement: noted, signed, renewed, ended, each with what it opens."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from couveuse.core import journal
from couveuse.core.errors import NotVisible, Refused
from couveuse.trainees import actions, queries
from couveuse.trainees.forms import NoticeForm
from couveuse.trainees.models import (
    Agreement,
    AgreementKind,
    AgreementPeriod,
    EndedMeanwhile,
    KeptOnceSigned,
    LegalNotice,
    NoticeNeedsProof,
    OnceReusedForAgreement,
    RenewedMeanwhile,
)
from couveuse.trainees.rules import AgreementState, Span, standing
from tests import build
from tests.trainees.agreeing import FIRST, LAST, PDF, again, asked, ending, file_scan, renewal, sign


def codes(refused) -> list[str]:
    return sorted(one.code for one in refused.value.reasons)


async def notices_of(db, agreement) -> list[tuple[int, str, str]]:
    found = await queries.list_notices_of(db, agreement.id)
    return [(one.period_number, one.event, one.recipient) for one in found]


# ---------------------------------------------------------------- signing


async def test_an_agreement_waits_for_its_document_and_nothing_rests_on_it(db, cast):
    agreement = await sign(db, cast)

    assert [one.during for one in agreement.periods] == [Range(FIRST, LAST + dt.timedelta(1))]
    assert (await queries.standing_of(db, agreement)).state == AgreementState.WAITING
    assert not await db.scalar(sa.select(queries.covers(cast.zoe.id, FIRST)))


async def test_the_signed_document_makes_it_count(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))

    assert (await queries.standing_of(db, agreement)).state == AgreementState.TO_COME
    assert await db.scalar(sa.select(queries.covers(cast.zoe.id, FIRST)))
    assert await db.scalar(sa.select(queries.covers(cast.zoe.id, LAST)))
    assert not await db.scalar(sa.select(queries.covers(cast.zoe.id, LAST + dt.timedelta(1))))
    (paper,) = await queries.list_documents(db, agreement.id)
    assert paper.is_signed
    assert store.path(paper.sha256).read_bytes() == PDF


async def test_signing_opens_two_notices_with_a_deadline(db, cast):
    agreement = await sign(db, cast)

    assert await notices_of(db, agreement) == [
        (0, "signing", "social_body"),
        (0, "signing", "employment_service"),
    ]
    found = await queries.list_notices_of(db, agreement.id)
    assert {one.due_on for one in found} == {dt.date(2026, 12, 3)}
    assert [one.addressee for one in found] == ["MSA", "France Travail"]


async def test_a_kind_without_notices_opens_none(db, cast):
    agreement = await sign(db, cast, kind="training_placement")

    assert await notices_of(db, agreement) == []


async def test_every_reason_comes_at_once(db, cast):
    await build.make_agreement(db, cast.zoe, cast.partner)

    with pytest.raises(Refused) as refused:
        await sign(db, cast, structure_id=999_999, ends_on="2028-12-31", is_full_time="on")

    assert codes(refused) == [
        "agreement_overlap",
        "employed_full_time",
        "period_too_long",
        "unknown_structure",
    ]


async def test_a_kind_that_does_not_exist_on_that_day(db, cast):
    for fields in ({"kind": "castle"}, {"kind": "association_trial", "starts_on": "2025-03-25"}):
        with pytest.raises(Refused) as refused:
            await sign(db, cast, **fields)
        assert "no_such_kind" in codes(refused)


async def test_a_manager_signs_for_her_own_structure_alone(db, cast):
    with pytest.raises(Refused) as refused:
        await sign(db, cast, "paul")
    assert codes(refused) == ["unknown_structure"]

    await sign(db, cast, "paul", structure_id=cast.partner.id)


async def test_the_same_form_sent_twice_makes_one(db, cast):
    first = await sign(db, cast, once="key")
    second = await sign(db, cast, once="key")

    assert first.id == second.id
    assert len(await notices_of(db, first)) == 2
    with pytest.raises(OnceReusedForAgreement):
        await sign(db, cast, once="key", ends_on="2027-10-31")


async def test_a_change_of_the_law_is_a_row_with_dates(db, cast):
    until = dt.date(2027, 1, 1)
    law = await db.scalar(sa.select(AgreementKind).where(AgreementKind.code == "cape"))
    new = {
        column.key: getattr(law, column.key)
        for column in AgreementKind.__table__.columns
        if column.key not in {"id", "in_force"}
    }
    law.in_force = Range(law.in_force.lower, until)
    await db.flush()
    db.add(
        AgreementKind(
            **new | {"max_months": 18, "max_renewals": 1, "notices": new["notices"][:1]},
            in_force=Range(until, None),
        )
    )
    await db.flush()

    before = await sign(db, cast)
    await actions.withdraw(db, cast.actors["ines"], before)
    after = await sign(db, cast, starts_on="2027-01-01", ends_on="2028-06-30")

    assert len(await notices_of(db, after)) == 1
    with pytest.raises(Refused) as refused:
        await actions.renew_agreement(
            db,
            cast.actors["ines"],
            after,
            renewal(signed_on="2028-06-30", starts_on="2028-07-01", ends_on="2030-01-01"),
        )
    assert codes(refused) == ["period_too_long", "too_long_in_all"]


# ---------------------------------------------------------------- the document


async def test_the_day_of_signing_may_be_put_right_with_the_document(db, cast, store):
    agreement = await sign(db, cast)

    with pytest.raises(Refused) as refused:
        await file_scan(db, cast, store, agreement, signed_on="2026-12-02")
    assert codes(refused) == ["signed_after_start"]

    agreement = await file_scan(db, cast, store, agreement, signed_on="2026-11-30")
    assert agreement.periods[0].signed_on == dt.date(2026, 11, 30)


async def test_the_signed_document_stays(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))

    await file_scan(db, cast, store, agreement)
    with pytest.raises(KeptOnceSigned):
        await file_scan(db, cast, store, agreement, PDF + b"%other\nstartxref\n9\n%%EOF\n")

    assert len(await queries.list_documents(db, agreement.id)) == 1


# ---------------------------------------------------------------- renewing


async def test_three_periods_and_no_more(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    ines = cast.actors["ines"]

    await actions.renew_agreement(db, ines, agreement, renewal())
    await actions.renew_agreement(
        db,
        ines,
        agreement,
        renewal(signed_on="2028-11-30", starts_on="2028-12-01", ends_on="2029-11-30"),
    )
    with pytest.raises(Refused) as refused:
        await actions.renew_agreement(
            db,
            ines,
            agreement,
            renewal(signed_on="2029-11-30", starts_on="2029-12-01", ends_on="2029-12-31"),
        )

    assert codes(refused) == ["too_long_in_all", "too_many_renewals"]
    assert [number for number, _, _ in await notices_of(db, agreement)] == [0, 0, 1, 1, 2, 2]


async def test_somebody_who_comes_second_is_told(db, cast):
    agreement = await sign(db, cast)
    await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal())

    with pytest.raises(RenewedMeanwhile):
        await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal())


async def test_the_same_renewal_sent_twice_makes_one(db, cast):
    agreement = await sign(db, cast)
    for _ in range(2):
        await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal(once="key"))

    agreement = await again(db, cast, agreement)
    assert len(agreement.periods) == 2
    with pytest.raises(OnceReusedForAgreement):
        await actions.renew_agreement(
            db, cast.actors["ines"], agreement, renewal(once="key", ends_on="2028-10-31")
        )


# ---------------------------------------------------------------- ending


async def test_an_early_end_cuts_the_period_and_opens_two_notices(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))

    for _ in range(2):  # sent twice, it ends once
        await actions.end_early(db, cast.actors["ines"], agreement, ending("2027-03-31"))

    agreement = await again(db, cast, agreement)
    (period,) = agreement.periods
    assert (period.last_day, period.planned_end_on) == (dt.date(2027, 3, 31), LAST)
    assert (await notices_of(db, agreement))[2:] == [
        (0, "early_end", "social_body"),
        (0, "early_end", "employment_service"),
    ]
    with pytest.raises(EndedMeanwhile):
        await actions.end_early(db, cast.actors["ines"], agreement, ending("2027-02-28"))
    with pytest.raises(EndedMeanwhile):
        await actions.renew_agreement(
            db, cast.actors["ines"], agreement, renewal(starts_on="2027-04-01")
        )


async def test_a_renewal_that_has_not_begun_falls_with_an_early_end(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal())
    agreement = await file_scan(db, cast, store, agreement, PDF + b"\n%%EOF\n")

    await actions.end_early(db, cast.actors["ines"], agreement, ending("2027-06-30"))

    agreement = await again(db, cast, agreement)
    assert [one.last_day for one in agreement.periods] == [dt.date(2027, 6, 30)]
    assert len(await queries.list_documents(db, agreement.id)) == 2
    assert {event for _, event, _ in await notices_of(db, agreement)} == {"signing", "early_end"}


async def test_after_an_early_end_another_agreement_may_begin(db, cast):
    agreement = await sign(db, cast)
    await actions.end_early(db, cast.actors["ines"], agreement, ending("2027-03-31"))

    await sign(db, cast, starts_on="2027-04-01", ends_on="2028-03-31")


# ---------------------------------------------------------------- taking back a mistake


async def test_a_mistake_goes_away_whole(db, cast):
    agreement = await sign(db, cast)
    agreement_id = agreement.id

    assert not await actions.withdraw(db, cast.actors["ines"], agreement)

    with pytest.raises(NotVisible):
        await queries.get_agreement(db, cast.actors["ines"], agreement_id)
    assert not await db.scalar(sa.select(sa.func.count(LegalNotice.id)))


async def test_a_renewal_is_taken_back_alone(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal())

    assert await actions.withdraw(db, cast.actors["ines"], agreement)
    with pytest.raises(KeptOnceSigned):
        await actions.withdraw(db, cast.actors["ines"], agreement)

    assert len((await again(db, cast, agreement)).periods) == 1


# ---------------------------------------------------------------- notices


@pytest.mark.parametrize("proof", [{"reference": "AR 12"}, {"document": "ab" * 32}])
async def test_a_notice_closes_with_a_day_and_a_proof(db, cast, proof):
    agreement = await sign(db, cast)
    notice = (await queries.list_open_notices(db, cast.actors["ines"]))[0]
    form = NoticeForm(
        sent_on=dt.date(2026, 11, 25),
        addressee="MSA Berry",
        **({"reference": proof["reference"]} if "reference" in proof else {}),
    )

    await actions.record_notice(db, cast.actors["ines"], notice, form, proof.get("document"))

    still_open = await queries.list_open_notices(db, cast.actors["ines"])
    assert [one.recipient for one in still_open] == ["employment_service"]
    await actions.end_early(db, cast.actors["ines"], agreement, ending("2027-03-31"))
    later = await queries.list_open_notices(db, cast.actors["ines"])
    assert "MSA Berry" in {one.addressee for one in later}


@pytest.mark.parametrize(
    ("sent_on", "reference", "code"),
    [("2026-11-25", None, "notice_needs_proof"), ("2026-11-26", "AR 12", "not_yet")],
)
async def test_a_notice_without_proof_stays_open(db, cast, sent_on, reference, code):
    await sign(db, cast)
    notice = (await queries.list_open_notices(db, cast.actors["ines"]))[0]

    form = NoticeForm(sent_on=sent_on, reference=reference)

    with pytest.raises(Refused) as refused:
        await actions.record_notice(db, cast.actors["ines"], notice, form)

    assert codes(refused) == [code]
    assert len(await queries.list_open_notices(db, cast.actors["ines"])) == 2
    assert NoticeNeedsProof().reasons[0].code == "notice_needs_proof"


@pytest.mark.parametrize(("name", "seen"), [("ines", 4), ("paul", 2), ("marc", 0), ("zoe", 0)])
async def test_who_has_notices_to_send(db, cast, name, seen):
    await sign(db, cast)
    await build.make_path(db, cast.zoe, cast.partner)
    await sign(
        db,
        cast,
        kind="cape",
        structure_id=cast.partner.id,
        starts_on="2027-12-01",
        ends_on="2028-11-30",
    )

    assert len(await queries.list_open_notices(db, cast.actors[name])) == seen


# ---------------------------------------------------------------- the clock


async def clock_of(db, cast, agreement, day: str):
    kind = await queries.kind_of(db, agreement)
    return standing(agreement, kind, dt.date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "state", "used", "left", "warning"),
    [
        ("2026-11-25", "to_come", (0, 0), (12, 0), None),
        ("2026-12-01", "running", (0, 1), (11, 29), None),
        ("2027-08-31", "running", (9, 0), (3, 0), None),
        ("2027-09-01", "running", (9, 1), (2, 29), 90),
        ("2027-10-31", "running", (11, 0), (1, 0), 30),
        ("2027-11-23", "running", (11, 23), (0, 7), 7),
        ("2027-11-30", "running", (12, 0), (0, 0), 7),
        ("2027-12-01", "ended", (12, 0), (0, 0), None),
    ],
)
async def test_months_used_and_left(db, cast, store, day, state, used, left, warning):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    clock = await clock_of(db, cast, agreement, day)

    assert (clock.state, clock.used, clock.left) == (state, Span(*used), Span(*left))
    assert clock.warning == warning
    assert clock.latest == dt.date(2029, 11, 30)
    assert clock.decide_by == dt.date(2027, 9, 30)


async def test_months_made_elsewhere_are_counted(db, cast, store):
    agreement = await sign(db, cast, carried_months=20)
    clock = await clock_of(db, cast, agreement, "2027-11-30")

    assert clock.used == Span(32, 0)
    assert clock.latest == dt.date(2028, 3, 31)


async def test_a_renewal_that_waits_moves_no_end(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal())
    clock = await clock_of(db, cast, await again(db, cast, agreement), "2027-11-01")

    assert clock.last == LAST
    assert clock.warning == 30
    assert clock.is_renewed
    assert not clock.is_last_period
    assert clock.decide_by is None


async def test_the_last_period_says_so(db, cast, store):
    agreement = await sign(db, cast, kind="association_trial")
    agreement = await file_scan(db, cast, store, agreement)
    await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal())
    await file_scan(db, cast, store, agreement, PDF + b"\n%%EOF\n")
    clock = await clock_of(db, cast, await again(db, cast, agreement), "2028-06-01")

    assert clock.is_last_period
    assert clock.decide_by is None
    assert clock.latest == clock.last == dt.date(2028, 11, 30)


async def test_what_happened_can_be_read(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal())
    await actions.end_early(db, cast.actors["ines"], agreement, ending("2027-03-31"))

    said = [
        journal.sentence(line) for line in await journal.lines_about(db, "agreement", agreement.id)
    ]
    assert len(said) == 5
    assert "À l'initiative de la personne" in said[0]


async def test_the_rows_stay_as_asked(db, cast):
    agreement = await sign(db, cast, carried_months=3)

    row = await db.scalar(sa.select(Agreement).where(Agreement.id == agreement.id))
    assert (row.kind, row.carried_months, row.created_by_id) == ("cape", 3, cast.ines.id)
    period = await db.scalar(
        sa.select(AgreementPeriod).where(AgreementPeriod.agreement_id == agreement.id)
    )
    assert (period.family, period.person_id) == ("test", cast.zoe.id)
    assert asked(cast).digest(1) != asked(cast).digest(2)
