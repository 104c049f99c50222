"""Free ground for a project: when it may be had, and how organic it is then."""

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.occupancy.figures import Ground
from couveuse.occupancy.search import Candidate, Window, fits
from couveuse.plots.organic import Stage
from tests.cast import Cast
from tests.occupancy.building import make_claim, make_plot

D = dt.date
WANTED = Window(D(2027, 1, 1), D(2028, 1, 1))


def candidate(
    conversion_on: dt.date | None, *taken: Range[dt.date], end: dt.date | None = None
) -> Candidate:
    ground = Ground(1, "P-1", None, Decimal(1000), Decimal(0), D(2020, 1, 1), end, 1, "Lieu", False)
    return Candidate(ground, None, False, False, conversion_on, None, list(taken))


def test_land_in_conversion_is_offered_from_the_day_it_is_organic() -> None:
    (fit,) = fits([candidate(D(2025, 3, 1))], WANTED, Stage.ORGANIC)
    assert (fit.window.start, fit.stage_on, fit.is_at_once) == (D(2027, 3, 1), D(2027, 3, 1), False)
    assert (fit.stage, fit.organic_on) == ("bio", None)
    assert fit.proposed_last_day == D(2028, 2, 28)  # as many days as were asked for


def test_without_a_stage_asked_for_it_is_said_from_when_it_is_organic() -> None:
    (fit,) = fits([candidate(D(2025, 3, 1))], WANTED, None)
    assert (fit.is_at_once, fit.stage_on, fit.organic_on) == (True, None, D(2027, 3, 1))
    assert fit.proposed_last_day == D(2027, 12, 31)
    (open_end,) = fits([candidate(None, end=D(2031, 1, 1))], Window(D(2027, 1, 1), None), None)
    assert open_end.proposed_last_day == D(2030, 12, 31)


@pytest.mark.parametrize(
    ("land", "start"),
    [
        (candidate(D(2024, 12, 31)), D(2027, 1, 1)),
        (candidate(D(2025, 3, 1), Range(D(2027, 1, 1), D(2027, 5, 1))), D(2027, 5, 1)),
        (candidate(D(2025, 3, 1), Range(D(2027, 12, 1), D(2028, 2, 1))), D(2028, 2, 1)),
        (candidate(D(2025, 3, 1), end=D(2028, 2, 29)), D(2027, 3, 1)),
        (candidate(D(2025, 3, 1), end=D(2028, 2, 28)), None),
        (candidate(None), None),
    ],
)
def test_the_time_asked_for_is_counted_from_the_stage(
    land: Candidate, start: dt.date | None
) -> None:
    found = fits([land], WANTED, Stage.ORGANIC)
    assert [fit.window.start for fit in found] == ([start] if start else [])


async def test_the_page_says_from_when_land_is_as_asked(
    browse, db: AsyncSession, cast: Cast
) -> None:
    soon = await make_plot(db, cast.farm, conversion_on=D(2025, 3, 1))
    new = await make_plot(db, cast.farm, conversion_on=D(2027, 2, 1))
    await make_claim(db, soon, cast.ines, D(2026, 11, 1), D(2027, 1, 1), cast.lea)
    await db.commit()
    lea = await browse("lea")
    dates = "debut=2027-01-01&fin=2027-12-31"
    organic = await lea.page(f"/parcelles/libres?{dates}&bio=certifiable")
    assert "bio à partir du 1er mars 2027" in organic.one("li", data_plot=str(soon.id)).text
    assert "bio à partir du 1er févr. 2029" in organic.one("li", data_plot=str(new.id)).text
    turning = await lea.page(f"/parcelles/libres?{dates}&bio=conversion")
    assert "libre à ces dates" in turning.one("li", data_plot=str(soon.id)).text
    assert "en conversion à partir du 1er févr. 2027" in turning.text


async def test_temporary_sites_are_looked_for_when_asked_and_named(
    browse, db: AsyncSession, cast: Cast
) -> None:
    await db.execute(
        sa.text("UPDATE site SET kind = 'temporary' WHERE id = :id"), {"id": cast.neuvy.id}
    )
    here, there = await make_plot(db, cast.farm), await make_plot(db, cast.neuvy)
    await db.commit()
    ines = await browse("ines")

    async def found(query: str) -> dict[str, str]:
        page = await ines.page(f"/parcelles/libres?{query}")
        return {one["data-plot"]: one.text for one in page.all("li", data_plot=None)}

    assert set(await found("eau=")) == {str(here.id)}
    everywhere = await found("temporaires=1")
    assert set(everywhere) == {str(here.id), str(there.id)}
    assert "lieu temporaire" in everywhere[str(there.id)]
    assert "lieu temporaire" not in everywhere[str(here.id)]
    assert set(await found(f"lieu={cast.neuvy.id}")) == {str(there.id)}
