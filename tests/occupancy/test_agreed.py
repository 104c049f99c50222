"""Until when agreements cover those who hold ground: on the season, a plot and a claim."""

import datetime as dt

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.occupancy.agreed import Cover, cover_of
from tests import build
from tests.cast import Cast
from tests.html import Element
from tests.occupancy.building import make_claim, make_plot

D = dt.date
SEASON = "debut=2026-11-01&fin=2027-10-31"
START, END = D(2026, 11, 1), D(2027, 11, 1)
FIRST, SECOND = (D(2025, 1, 1), D(2026, 1, 1)), (D(2026, 9, 1), D(2027, 3, 1))


@pytest.mark.parametrize(
    ("agreements", "cover"),
    [
        ([], Cover(None, is_within=False)),
        ([FIRST], Cover(D(2026, 1, 1), is_within=False)),
        ([FIRST, SECOND], Cover(D(2027, 3, 1), is_within=True)),
        ([SECOND, FIRST], Cover(D(2027, 3, 1), is_within=True)),
        ([(END, D(2028, 11, 1))], Cover(None, is_within=False)),
        ([(D(2026, 1, 1), START)], Cover(START, is_within=False)),
        ([SECOND, (D(2027, 6, 1), D(2027, 7, 1))], Cover(D(2027, 7, 1), is_within=True)),
    ],
)
def test_the_last_agreement_that_touches_the_days_counts(
    agreements: list[tuple[dt.date, dt.date]], cover: Cover
) -> None:
    assert cover_of(agreements, START, END) == cover


def flags(board: Element) -> list[str]:
    looks = [one.attrs.get("class", "") for one in board.all("li")]
    return [look for look in looks if look.startswith("agreed")]


async def test_who_has_no_agreement_for_a_stay_is_told_on_the_season(
    browse, db: AsyncSession, cast: Cast
) -> None:
    pair, ended, booked, past = [await make_plot(db, cast.farm) for _ in range(4)]
    nino, odile = [await build.make_person(db, name) for name in ("Nino", "Odile")]
    await build.make_agreement(db, odile, cast.home, D(2025, 5, 1), D(2026, 5, 1))
    both = await make_claim(db, pair, cast.ines, START, END, cast.lea, nino)
    late = await make_claim(db, ended, cast.ines, D(2026, 12, 1), END, odile)
    promised = await make_claim(db, booked, cast.ines, START, END, nino, kind="reserved")
    over = await make_claim(db, past, cast.ines, START, D(2026, 11, 10), nino)
    await db.commit()

    board = await (await browse("ines")).page(f"/parcelles?{SEASON}")
    texts = [board.one("a", data_claim=str(one.id)).text for one in (both, late, promised, over)]
    assert texts[0].endswith(
        f"convention jusqu'au 31 janv. 2027 seulement, {nino.name} sans convention signée"
    )
    assert texts[1].endswith("convention finie avant, le 30 avr. 2026")
    assert "convention" not in texts[2] + texts[3]
    assert flags(board) == ["agreed short none x0", "agreed short x252", "agreed short none x82"]

    own = await (await browse("lea")).page(f"/parcelles?{SEASON}")
    assert own.one("a", data_claim=str(both.id)).text.endswith("31 janv. 2027 seulement")
    assert "convention" not in own.one("a", data_claim=str(late.id)).text


async def test_a_plot_and_a_claim_say_until_when_agreements_go(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm)
    nino = await build.make_person(db, "Nino")
    held = await make_claim(db, plot, cast.ines, D(2026, 5, 1), END, cast.lea, nino)
    await db.commit()
    ines = await browse("ines")
    for path in (f"/parcelles/{plot.id}", f"/occupations/{held.id}"):
        facts = (await ines.page(path)).all("dl", class_="facts")[0].text
        assert f"Convention de {cast.lea.name} jusqu'au 31 janv. 2027, avant la fin" in facts
        assert f"Convention de {nino.name} aucune signée à ces dates" in facts
    own = (await (await browse("lea")).page(f"/occupations/{held.id}")).one("dl").text
    assert "Convention jusqu'au 31 janv. 2027" in own
    assert nino.name not in own
    assert "Convention" not in (await (await browse("tom")).page(f"/occupations/{held.id}")).text
