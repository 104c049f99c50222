"""What the law of each kind refuses, every limit from both sides. The law comes from the table."""

import datetime as dt
from dataclasses import replace

import pytest
import pytest_asyncio
import sqlalchemy as sa

from couveuse.trainees.models import AgreementKind
from couveuse.trainees.rules import (
    PeriodFacts,
    contents_of,
    early_end_problems,
    notices_of,
    period_problems,
    pieces_of,
)
from couveuse.trainees.rules.kinds import (
    CONTENT_HELP,
    CONTENT_LABELS,
    KIND_LABELS,
    KIND_REMARKS,
    NOTICE_LABELS,
    PARTS,
    PIECE_LABELS,
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest_asyncio.fixture
async def kinds(db) -> dict[str, AgreementKind]:
    return {one.code: one for one in await db.scalars(sa.select(AgreementKind))}


def codes(kind: AgreementKind, first: str, last: str, signed: str | None, **more) -> list[str]:
    facts = PeriodFacts(kind, day(first), day(last), day(signed) if signed else None)
    return sorted(one.code for one in period_problems(replace(facts, **more)))


FIRST_PERIODS = [
    # kind, first day, last day, signed on, refused for
    ("cape", "2026-12-01", "2027-11-30", "2026-12-01", []),
    ("cape", "2026-12-01", "2027-12-01", "2026-12-01", ["period_too_long"]),
    ("cape", "2026-12-01", "2026-12-01", "2026-11-01", []),
    ("cape", "2026-12-01", "2026-11-30", "2026-11-01", ["end_before_start"]),
    ("cape", "2026-12-01", "2027-11-30", "2026-12-02", ["signed_after_start"]),
    ("cape", "2026-12-01", "2027-12-01", "2026-12-02", ["period_too_long", "signed_after_start"]),
    ("cape", "2027-01-31", "2028-01-30", "2027-01-31", []),
    ("cape", "2027-01-31", "2028-01-31", "2027-01-31", ["period_too_long"]),
    ("cape", "2028-02-29", "2029-02-28", "2028-02-29", []),
    ("cape", "2028-02-29", "2029-03-01", "2028-02-29", ["period_too_long"]),
    ("cape", "2027-02-28", "2028-02-27", "2027-02-28", []),
    ("cape", "2027-02-28", "2028-02-28", "2027-02-28", ["period_too_long"]),
    ("cape", "2027-03-01", "2028-02-29", "2027-03-01", []),
    ("cape", "2027-03-01", "2028-03-01", "2027-03-01", ["period_too_long"]),
    ("association_trial", "2026-12-01", "2027-11-30", "2026-12-01", []),
    ("association_trial", "2026-12-01", "2027-12-01", "2026-12-01", ["period_too_long"]),
    ("farmer_training", "2026-12-01", "2027-12-01", "2026-12-01", ["period_too_long"]),
    ("training_placement", "2026-12-01", "2031-12-01", "2026-12-01", []),
    ("employment", "2026-12-01", "2031-12-01", "2026-12-02", ["signed_after_start"]),
]


@pytest.mark.parametrize(("code", "first", "last", "signed", "refused"), FIRST_PERIODS)
def test_a_first_period(kinds, code, first, last, signed, refused):
    assert codes(kinds[code], first, last, signed) == refused


RENEWALS = [
    # kind, number, first day, last day, signed on, refused for; the one before ends on 30 Nov. 2027
    ("cape", 1, "2027-12-01", "2028-11-30", "2027-11-30", []),
    ("cape", 1, "2027-12-01", "2028-12-01", "2027-11-30", ["period_too_long"]),
    ("cape", 1, "2027-12-01", "2028-11-30", "2027-12-01", ["renewed_too_late"]),
    ("cape", 1, "2027-12-02", "2028-11-30", "2027-11-30", ["not_the_day_after"]),
    ("cape", 1, "2027-11-30", "2028-11-29", "2027-11-01", ["not_the_day_after"]),
    ("cape", 2, "2027-12-01", "2028-05-31", "2027-11-30", []),
    ("cape", 3, "2027-12-01", "2027-12-31", "2027-11-30", ["too_many_renewals"]),
    ("association_trial", 1, "2027-12-01", "2028-11-30", "2027-11-30", []),
    ("association_trial", 2, "2027-12-01", "2027-12-31", "2027-11-30", ["too_many_renewals"]),
    ("training_placement", 9, "2027-12-01", "2030-11-30", "2027-11-30", []),
]


@pytest.mark.parametrize(("code", "number", "first", "last", "signed", "refused"), RENEWALS)
def test_a_renewal(kinds, code, number, first, last, signed, refused):
    more = {"number": number, "before": day("2027-11-30"), "began_on": day("2026-12-01")}
    assert codes(kinds[code], first, last, signed, **more) == refused


def test_two_renewals_close_the_count_even_when_they_were_short(kinds):
    more = {"number": 3, "before": day("2028-05-31"), "began_on": day("2026-12-01")}
    assert codes(kinds["cape"], "2028-06-01", "2028-08-31", "2028-05-01", **more) == [
        "too_many_renewals"
    ]


CARRIED = [
    # months made elsewhere, last day of a period that begins on 1 December 2026, refused for
    (24, "2027-11-30", []),
    (25, "2027-10-31", []),
    (25, "2027-11-01", ["too_long_in_all"]),
    (35, "2026-12-31", []),
    (35, "2027-01-01", ["too_long_in_all"]),
    (36, "2026-12-01", ["too_long_in_all"]),
    (40, "2026-12-01", ["too_long_in_all"]),
]


@pytest.mark.parametrize(("carried", "last", "refused"), CARRIED)
def test_months_made_elsewhere_count(kinds, carried, last, refused):
    found = codes(kinds["cape"], "2026-12-01", last, "2026-12-01", carried_months=carried)
    assert found == refused


@pytest.mark.parametrize(
    ("code", "refused"),
    [("cape", ["employed_full_time"]), ("association_trial", []), ("employment", [])],
)
def test_somebody_employed_full_time(kinds, code, refused):
    found = codes(kinds[code], "2026-12-01", "2027-11-30", "2026-12-01", is_full_time=True)
    assert found == refused


def test_every_reason_at_once(kinds):
    found = codes(
        kinds["cape"],
        "2027-12-02",
        "2029-12-01",
        "2027-12-02",
        number=3,
        before=day("2027-11-30"),
        began_on=day("2025-12-01"),
        carried_months=12,
        is_full_time=True,
    )
    assert found == [
        "employed_full_time",
        "not_the_day_after",
        "period_too_long",
        "renewed_too_late",
        "too_long_in_all",
        "too_many_renewals",
    ]


@pytest.mark.parametrize(
    ("ends", "refused"),
    [
        ("2026-11-30", ["ends_before_start"]),
        ("2026-12-01", []),
        ("2027-11-29", []),
        ("2027-11-30", ["not_early"]),
        ("2027-12-01", ["not_early"]),
    ],
)
def test_an_early_end(ends, refused):
    found = early_end_problems(day("2026-12-01"), day("2027-11-30"), day(ends))
    assert [one.code for one in found] == refused


# ---------------------------------------------------------------- the rows


def test_every_row_speaks_both_languages(kinds):
    for kind in kinds.values():
        assert kind.label in KIND_LABELS
        assert kind.watch is None or kind.watch in KIND_REMARKS
        assert {one.label for one in notices_of(kind)} <= set(NOTICE_LABELS)
        assert {one.label for one in pieces_of(kind)} <= set(PIECE_LABELS)
        assert {one.label for one in contents_of(kind)} <= set(CONTENT_LABELS)
        assert {one.help for one in contents_of(kind)} <= set(CONTENT_HELP)
        assert {part for one in contents_of(kind) for part in one.parts} <= set(PARTS)


def test_a_support_contract_settles_eight_points_and_informs_two_bodies(kinds):
    cape = kinds["cape"]
    assert len(contents_of(cape)) == 8
    assert len(notices_of(cape)) == 2
    assert all(set(one.events) == {"signing", "renewal", "early_end"} for one in notices_of(cape))
    assert "%(last)s" in cape.wording
