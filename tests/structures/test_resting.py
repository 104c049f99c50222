"""A site with items in service or people on its plots stays open; a departure shows all of them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.structures.models import Site
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import parse
from tests.occupancy.building import make_claim

TODAY = NOON.date()
DAY = dt.timedelta(days=1)


async def close(browse: Callable[..., Any], site: Site, day: dt.date) -> Any:
    ines: Browser = await browse("ines")
    return await ines.post(f"/sites/{site.id}/fermeture", {"closed_on": str(day)})


async def closed_on(db: AsyncSession, site: Site) -> dt.date | None:
    return await db.scalar(sa.select(Site.closed_on).where(Site.id == site.id))


async def test_items_in_service_hold_a_site_open(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    await build.make_item(db, cast.farm, name="Herse")
    await build.make_item(db, cast.farm, name="Vieux cric", retired_on=TODAY)
    await build.make_item(db, cast.neuvy, name="Ailleurs")
    await db.commit()

    answer = await close(browse, cast.farm, TODAY + DAY)

    assert answer.status_code == 422
    text = parse(answer.text).text
    assert "encore en service (1) : Herse." in text
    assert "Vieux cric" not in text
    assert "Ailleurs" not in text
    assert await closed_on(db, cast.farm) is None


@pytest.mark.parametrize(("last", "status"), [(4, 303), (5, 422), (None, 422)])
async def test_people_on_its_plots_do_too(
    browse: Callable[..., Any],
    db: AsyncSession,
    cast: Cast,
    last: int | None,
    status: int,
) -> None:
    plot = await build.make_plot(db, cast.farm, code="P9")
    end = TODAY + (last + 1) * DAY if last is not None else None
    await make_claim(db, plot, cast.ines, TODAY, end, cast.lea)
    await db.commit()

    answer = await close(browse, cast.farm, TODAY + 5 * DAY)

    assert answer.status_code == status
    assert ("P9" in answer.text) == (status == 422)


async def test_the_screens_name_five_and_count_the_others(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    items = [await build.make_item(db, cast.neuvy, name=f"Outil {n}") for n in range(7)]
    start = NOON + 7 * DAY
    booking = await build.make_booking(db, items[0], cast.tom, start, start + dt.timedelta(hours=1))
    await db.commit()
    ines: Browser = await browse("ines")

    closing = (await ines.page(f"/sites/{cast.neuvy.id}/fermeture")).one("main")
    leaving = (await ines.page(f"/structures/{cast.partner.id}/depart")).one("main")

    for screen in (closing, leaving):
        assert "Matériel en service (7)" in screen.text
        assert "et 2 autres" in screen.text
        shown = {link["href"] for link in screen.all("a", href=None)}
        assert {f"/materiel/{one.id}" for one in items} & shown == {
            f"/materiel/{one.id}" for one in items[:5]
        }
        assert f"/reservations/{booking.id}" in shown
    assert leaving.all("a", href=f"/personnes/{cast.tom.id}")
    assert not leaving.all("a", href=f"/personnes/{cast.lea.id}")
