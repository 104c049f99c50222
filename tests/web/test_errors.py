"""The page of a refusal leads back to where one was, and nowhere else."""

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.equipment.models import BookingState
from tests import build
from tests.cast import Cast
from tests.equipment.test_booking_pages import instant

BACK = "Retour à la page précédente"


@pytest_asyncio.fixture
async def stale(db: AsyncSession, cast: Cast) -> str:
    """A form that answers 409: what it changes changed already."""
    item = await build.make_item(db, cast.farm)
    booking = await build.make_booking(db, item, cast.lea, instant(8), instant(10))
    booking.state = BookingState.CANCELLED
    await db.commit()
    return f"/reservations/{booking.id}/annulation"


@pytest.mark.parametrize(
    ("path", "link"),
    [("/mes-reservations", "/mes-reservations"), ("/materiel?a=1&b=2", "/materiel?a=1&amp;b=2")],
)
async def test_a_conflict_leads_back_to_the_page_before(
    browse, stale: str, path: str, link: str
) -> None:
    lea = await browse("lea")
    came_from = f"{str(lea.http.base_url).rstrip('/')}{path}"
    answer = await lea.post(stale, headers={"referer": came_from})
    assert answer.status_code == 409
    assert f'href="{link}"' in answer.text
    assert BACK in answer.text
    assert "Retour à l'accueil" in answer.text.replace("&#39;", "'")


@pytest.mark.parametrize(
    "referer",
    [
        *("", "https://elsewhere.example/materiel", "/materiel", "{ours}//elsewhere.example"),
        *("{ours}", "http://[", "javascript:alert(1)", "{ours}{stale}"),
    ],
)
async def test_a_conflict_leads_nowhere_else(browse, stale: str, referer: str) -> None:
    lea = await browse("lea")
    ours = str(lea.http.base_url).rstrip("/")
    sent = referer.format(ours=ours, stale=stale)
    answer = await lea.post(stale, headers={"referer": sent})
    assert answer.status_code == 409
    assert BACK not in answer.text
