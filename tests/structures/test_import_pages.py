"""The import of structures through its pages: nothing before the confirmation, nothing twice."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from couveuse.structures.models import Structure, StructureFunction
from tests.html import parse

FILE = Path(__file__).parents[1] / "files" / "structures.csv"
IMPORT = "/structures/import"


async def preview(browser, data: bytes, name: str = "structures.csv"):
    answer = await browser.post(IMPORT, files={"file": (name, data, "text/csv")})
    return answer, parse(answer.text)


def slip_of(page, **fields) -> dict[str, str]:
    return {name: page.one("input", name=name)["value"] for name in ("slip", "promised")} | fields


async def count(db, table) -> int:
    return await db.scalar(sa.select(sa.func.count()).select_from(table))


async def test_the_real_file_is_previewed_saved_once_and_then_has_nothing_to_do(browse, db):
    ines, before = await browse("ines"), await count(db, Structure)
    assert (await ines.get(IMPORT)).status_code == 200
    answer, page = await preview(ines, FILE.read_bytes())
    assert answer.status_code == 200
    assert len(page.all("li", data_row=None)) == 7
    assert await count(db, Structure) == before
    for _ in range(2):
        done = await ines.post(f"{IMPORT}/confirmation", slip_of(page))
        assert (done.status_code, done.headers["location"]) == (303, "/structures")
        assert await count(db, Structure) == before + 6  # ADEARI was there
    assert await count(db, StructureFunction) == 9
    _, page = await preview(ines, FILE.read_bytes())
    assert "Rien à changer" in page.text


async def test_a_bad_row_keeps_everything_from_being_saved_unless_it_is_left_aside(browse, db):
    ines, before = await browse("ines"), await count(db, Structure)
    data = "Nom;Fonctions\nTerres du Berry;couveuse\nLes Prés;banque\n".encode()
    _, page = await preview(ines, data)
    assert "n'est pas une fonction" in page.text
    refused = await ines.post(f"{IMPORT}/confirmation", slip_of(page))
    assert refused.status_code == 422
    assert await count(db, Structure) == before
    done = await ines.post(f"{IMPORT}/confirmation", slip_of(page, only_good_rows="on"))
    assert done.status_code == 303
    assert await count(db, Structure) == before + 1


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"a;b\n1;2\n"])
async def test_a_file_that_is_no_list_of_structures_is_told(browse, data):
    answer, page = await preview(await browse("ines"), data)
    assert answer.status_code == 422
    assert page.one(class_="error").text


async def test_a_slip_is_for_its_owner_and_a_file_is_needed(browse):
    ines = await browse("ines")
    assert (await ines.post(IMPORT)).status_code == 422
    lost = await ines.post(f"{IMPORT}/confirmation", {"slip": "abc", "promised": "x"})
    assert lost.status_code == 422
    assert "n'est plus valable" in parse(lost.text).text
