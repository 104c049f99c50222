"""Stays out of step with what they rest on: each limit on both sides, then from the tables."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.occupancy.models import ConditionReport
from couveuse.occupancy.queries import list_out_of_step
from couveuse.occupancy.steps import Facts, Step, StepKind, steps_of
from couveuse.plots.models import PlotLineage
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.occupancy.building import make_claim, make_plot, make_right

D = dt.date
TODAY = NOON.date()
DAY = dt.timedelta(days=1)
START, END = D(2026, 2, 1), D(2027, 2, 1)
YEAR = (START, END)


def steps(**facts: Any) -> list[tuple[Any, ...]]:
    """A stay from 1 February 2026 to 31 January 2027 under an agreement of the same days."""
    given = {"stay": YEAR, "agreements": [YEAR]} | facts
    return [tuple(step) for step in steps_of(Facts(**given), TODAY)]


@pytest.mark.parametrize(
    ("stay", "agreements", "found"),
    [
        (YEAR, [YEAR], []),
        ((START, END - DAY), [YEAR], []),
        ((START, END + DAY), [YEAR], [(StepKind.BEYOND_AGREEMENT, END - DAY, 1)]),
        ((START, D(2027, 3, 4)), [YEAR], [(StepKind.BEYOND_AGREEMENT, END - DAY, 31)]),
        ((START, None), [YEAR], [(StepKind.BEYOND_AGREEMENT, END - DAY, None)]),
        ((START - DAY, END), [YEAR], [(StepKind.BEFORE_AGREEMENT, START, 1)]),
        (YEAR, [], [(StepKind.NO_AGREEMENT, None, None)]),
        (YEAR, [(D(2025, 1, 1), START)], [(StepKind.NO_AGREEMENT, None, None)]),
        (YEAR, [(END, D(2028, 1, 1))], [(StepKind.NO_AGREEMENT, None, None)]),
        (YEAR, [(START, D(2026, 6, 1)), (D(2026, 6, 1), END)], []),
        (YEAR, [(D(2026, 6, 1), END), (START, D(2026, 6, 1))], []),
        (
            YEAR,
            [(START, D(2026, 6, 1)), (D(2026, 6, 3), END)],
            [(StepKind.BETWEEN_AGREEMENTS, D(2026, 6, 1), 2)],
        ),
    ],
)
def test_a_stay_beside_its_agreement(
    stay: Any, agreements: Any, found: list[tuple[Any, ...]]
) -> None:
    assert steps(stay=stay, agreements=agreements) == found


@pytest.mark.parametrize(
    ("land", "found"),
    [
        ([], []),
        ([None], []),
        ([END], []),
        ([END - DAY], [(StepKind.LAND_ENDS_FIRST, END - 2 * DAY, 1)]),
        ([None, D(2026, 12, 1)], [(StepKind.LAND_ENDS_FIRST, D(2026, 11, 30), 62)]),
    ],
)
def test_land_that_ends_before_the_agreement(land: Any, found: list[tuple[Any, ...]]) -> None:
    assert steps(stay=(START, D(2026, 12, 1)), land=land) == found


@pytest.mark.parametrize(
    ("end", "found"),
    [
        (END, False),
        (TODAY + 61 * DAY, False),
        (TODAY + 60 * DAY, True),
        (TODAY, True),
        (TODAY - 30 * DAY, True),
    ],
)
def test_insurance_that_ends_soon_while_the_stay_goes_on(end: D, found: bool) -> None:
    said = steps(insurance=[(START, end)])

    assert [one[0] for one in said] == [StepKind.INSURANCE_ENDS] * found
    if found:
        assert said == [(StepKind.INSURANCE_ENDS, end - DAY, (END - end).days)]


def test_insurance_taken_again_is_in_step() -> None:
    assert steps(insurance=[(START, TODAY), (TODAY, D(2027, 11, 1))]) == []


@pytest.mark.parametrize(("ago", "found"), [(7, False), (8, True), (365, True), (366, False)])
def test_the_report_of_coming_is_missed_after_seven_days(ago: int, found: bool) -> None:
    came_on = TODAY - ago * DAY

    said = steps(unreported=[came_on])

    assert said == [(StepKind.REPORT_MISSING, came_on, ago)] * found


def test_each_step_is_said_in_words() -> None:
    said = {kind: str(Step(kind, END - DAY, 31)) for kind in StepKind}

    assert said[StepKind.BEYOND_AGREEMENT] == (
        "le séjour dépasse la convention de 31 jours (fin le 31 janv. 2027)"
    )
    assert str(Step(StepKind.BEYOND_AGREEMENT, END, 1)).count("1 jour ") == 1
    assert "sans fin" in str(Step(StepKind.BEYOND_AGREEMENT, END, None))
    assert len(set(said.values())) == len(StepKind)


# ---------------------------------------------------------------- from the tables


MARCH = D(2027, 3, 4)


async def hers(
    db: AsyncSession, cast: Cast, end: D | None = MARCH, right_until: D | None = None
) -> int:
    rights = [await make_right(db, cast.farm, START, right_until)] if right_until else []
    plot = await make_plot(db, cast.farm, rights=rights)
    claim = await make_claim(db, plot, cast.ines, START, end, cast.lea)
    report = ConditionReport(
        plot_id=plot.id,
        stay_id=claim.stay_id,
        kind="entry",
        made_on=START,
        created_by_id=cast.ines.id,
    )
    db.add(report)
    await db.flush()
    return plot.id


async def seen(db: AsyncSession, cast: Cast, who: str) -> list[tuple[str, list[StepKind]]]:
    found = await list_out_of_step(db, cast.actors[who])
    return [(one.name, [step.kind for step in one.steps]) for one in found]


async def test_who_is_in_charge_and_the_person_herself_are_told(
    db: AsyncSession, cast: Cast
) -> None:
    await hers(db, cast)

    told = [("Lea Essai", [StepKind.BEYOND_AGREEMENT])]
    assert {who: await seen(db, cast, who) for who in ("ines", "lea", "tom", "paul", "marc")} == {
        "ines": told,
        "lea": told,
        "tom": [],
        "paul": [],
        "marc": [],
    }


@pytest.mark.parametrize(("document", "found"), [("cd" * 32, 0), (None, 1)])
async def test_an_agreement_counts_once_it_is_signed(
    db: AsyncSession, cast: Cast, document: str | None, found: int
) -> None:
    jo = await build.make_person(db)
    await build.make_agreement(db, jo, cast.home, START, END, document=document)
    plot = await make_plot(db, cast.farm)
    await make_claim(db, plot, cast.ines, TODAY - DAY, END, jo)

    assert await seen(db, cast, "ines") == [(jo.name, [StepKind.NO_AGREEMENT])] * found


async def test_each_of_a_pair_has_an_agreement_of_their_own(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    yann = await build.make_person(db, "Yann", family_name="Essai")
    start = TODAY - 3 * DAY
    await make_claim(db, plot, cast.ines, start, END, cast.lea, yann)

    assert await seen(db, cast, "ines") == [("Yann Essai", [StepKind.NO_AGREEMENT])]


async def test_two_claims_of_one_stay_are_one_time(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    first = await make_claim(db, plot, cast.ines, START, D(2026, 12, 1), cast.lea)
    await make_claim(db, plot, cast.ines, D(2026, 12, 1), END, stay_id=first.stay_id)

    found = await list_out_of_step(db, cast.actors["ines"])

    assert [(one.during, [step.kind for step in one.steps]) for one in found] == [
        (Range(START, END), [StepKind.REPORT_MISSING])
    ]
    assert found[0].steps[0].day == START


async def test_who_moves_to_another_plot_comes_there_too(db: AsyncSession, cast: Cast) -> None:
    first, second = await make_plot(db, cast.farm), await make_plot(db, cast.farm)
    moved_on = TODAY - 10 * DAY
    claim = await make_claim(db, first, cast.ines, START, moved_on, cast.lea)
    await make_claim(db, second, cast.ines, moved_on, END, stay_id=claim.stay_id)

    [found] = await list_out_of_step(db, cast.actors["ines"])

    assert [step.day for step in found.steps] == [START, moved_on]


async def test_who_goes_on_on_a_part_does_not_come_again(db: AsyncSession, cast: Cast) -> None:
    cut = TODAY - 10 * DAY
    whole, part = await make_plot(db, cast.farm, end=cut), await make_plot(db, cast.farm, start=cut)
    db.add(PlotLineage(parent_id=whole.id, child_id=part.id, kind="split", happened_on=cut))
    claim = await make_claim(db, whole, cast.ines, START, cut, cast.lea)
    await make_claim(db, part, cast.ines, cut, END, stay_id=claim.stay_id)

    [found] = await list_out_of_step(db, cast.actors["ines"])

    assert [step.day for step in found.steps] == [START]


async def test_land_and_insurance_are_read_from_their_own_tables(
    db: AsyncSession, cast: Cast
) -> None:
    await hers(db, cast, D(2026, 12, 1), right_until=D(2026, 12, 1))
    kind = await build.make_qualification(db, "Assurance RC", kind="insurance")
    await build.make_paper(db, cast.lea, kind, end=TODAY)

    assert await seen(db, cast, "ines") == [
        ("Lea Essai", [StepKind.LAND_ENDS_FIRST, StepKind.INSURANCE_ENDS])
    ]


async def test_a_stay_that_is_over_is_not_spoken_of(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    await make_claim(db, plot, cast.ines, D(2025, 1, 1), TODAY, cast.zoe)

    assert await seen(db, cast, "ines") == []


async def test_the_page_and_the_home_say_it(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await hers(db, cast)
    await db.commit()
    ines, tom = await browse("ines"), await browse("tom")

    for path in ("/sejours/alertes", "/"):
        (line,) = (await ines.page(path)).all(data_stay=None)
        assert "Le séjour dépasse la convention de 31 jours" in line.text
    assert "Tout concorde" in (await tom.page("/sejours/alertes")).text


async def test_land_that_ends_first_leads_to_its_right(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await hers(db, cast, D(2026, 12, 1), right_until=D(2026, 12, 1))
    await db.commit()

    (line,) = (await (await browse("ines")).page("/sejours/alertes")).all(data_stay=None)
    (step,) = line.all("span", data_step="land_ends_first")
    shown = await (await browse("ines")).page(step.one("a")["href"])

    assert "30 nov. 2026" in shown.one("dl", class_="facts").text
