"""What people do on the screens of follow-up, in few words."""

from typing import Any

import httpx

from couveuse.people.models import Person
from tests.conftest import Browser

YESTERDAY, TOMORROW = "2026-11-24T09:00", "2026-11-26T09:00"


def made(answer: httpx.Response) -> str:
    """The address of the thing made."""
    assert answer.status_code == 303, f"{answer.status_code} {answer.text[:3000]}"
    return answer.headers["location"]


async def plan(browser: Browser, person: Person, starts_at: str, **more: Any) -> str:
    data = {"person_id": person.id, "starts_at": starts_at, "duration_minutes": 90, **more}
    return made(await browser.post("/visites", data))


async def write(browser: Browser, visit: str, **texts: Any) -> None:
    made(await browser.post(f"{visit}/compte-rendu", texts))


async def share(browser: Browser, visit: str, level: str = "shared") -> None:
    made(await browser.post(f"{visit}/partage", {"level": level}))
