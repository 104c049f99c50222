"""Photos of items: what is kept of them, who sees them, what is refused."""

import hashlib
import io
import struct
import zlib
from contextlib import suppress

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from couveuse.core.errors import Refused
from couveuse.core.files import MAX_BYTES, StoredFile, cleaned_photo
from couveuse.equipment.models import Item
from tests import build
from tests.cast import Cast
from tests.html import parse

GPS, ORIENTATION, CAMERA = 0x8825, 0x0112, 0x0110


def photo(form: str = "JPEG", size: tuple[int, int] = (60, 40), **saved) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, form, **saved)
    return out.getvalue()


def geotagged() -> bytes:
    """As a phone takes it: held upright, with the place and the camera written inside."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[CAMERA] = "Fairphone de Lea"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (46.0, 34.0, 57.0)
    picture = Image.new("RGB", (400, 200), (20, 120, 20))
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"derriere le hangar", icc_profile=b"x" * 200)
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


async def send(browser, cast: Cast, data: bytes, name: str = "photo.jpg", path: str = "/materiel"):
    form = {
        "code": "TR-09",
        "name": "Tracteur 40 ch",
        "category": "tracteur",
        "site_id": str(cast.farm.id),
        "structure_id": str(cast.home.id),
    }
    return await browser.post(path, form, files={"photo": (name, data, "image/jpeg")})


def photo_error(text: str) -> str:
    return " ".join(p.text for p in parse(text).all("p", class_="error") if "photo" in p["id"])


# --- what is kept


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_photo_is_kept_and_shown(browse, db, cast, app, form) -> None:
    gaston = await browse("gaston")
    answer = await send(gaston, cast, photo(form))
    assert answer.status_code == 303, answer.text
    item = await db.scalar(sa.select(Item).where(Item.code == "TR-09"))
    page = await gaston.page(answer.headers["location"])
    (shown,) = page.all("img", class_="photo")
    assert shown["src"] == f"/photos/{item.photo}"
    assert shown["alt"] == "Photo de Tracteur 40 ch"
    sent = await (await browse("lea")).get(shown["src"])
    assert (sent.status_code, sent.headers["content-type"]) == (200, "image/jpeg")
    assert sent.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert hashlib.sha256(sent.content).hexdigest() == item.photo
    assert Image.open(io.BytesIO(sent.content)).size == (60, 40)


def test_the_place_and_the_camera_are_gone_and_the_picture_stands_upright() -> None:
    taken = geotagged()
    assert Image.open(io.BytesIO(taken)).getexif().get_ifd(GPS)
    kept = cleaned_photo(taken)
    picture = Image.open(io.BytesIO(kept))
    assert picture.size == (200, 400)
    assert not dict(picture.getexif())
    assert not picture.info.keys() & {"exif", "comment", "icc_profile", "xmp"}
    for word in (b"Exif", b"Fairphone", b"hangar", b"GPS"):
        assert word not in kept


def test_the_place_is_gone_from_the_other_formats_too() -> None:
    exif = Image.Exif()
    exif[CAMERA] = "Fairphone de Lea"
    for form in ("PNG", "WEBP"):
        assert b"Fairphone" in photo(form, exif=exif)
        assert b"Fairphone" not in cleaned_photo(photo(form, exif=exif))


def test_a_large_photo_is_made_smaller() -> None:
    picture = Image.open(io.BytesIO(cleaned_photo(photo(size=(4000, 3000)))))
    assert picture.size == (1600, 1200)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16", "CMYK"])
def test_every_kind_of_colour_becomes_a_plain_picture(mode) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert Image.open(io.BytesIO(cleaned_photo(out.getvalue()))).mode == "RGB"


async def test_a_photo_is_replaced_kept_or_removed(browse, db, cast) -> None:
    gaston = await browse("gaston")
    path = (await send(gaston, cast, photo())).headers["location"]

    async def kept() -> str | None:
        return await db.scalar(sa.select(Item.photo).where(Item.code == "TR-09"))

    first = await kept()
    form = {"code": "TR-09", "name": "T", "category": "t"}
    form |= {"site_id": str(cast.farm.id), "structure_id": str(cast.home.id)}
    await gaston.post(path, form)
    assert await kept() == first
    assert (await send(gaston, cast, photo("PNG", (10, 10)), path=path)).status_code == 303
    assert await kept() not in (None, first)
    await gaston.post(path, form | {"remove_photo": "on"})
    assert await kept() is None
    # the photo is nobody's any more, so nobody may look at it
    assert (await gaston.get(f"/photos/{first}")).status_code == 404


async def test_the_name_of_a_photo_cannot_be_typed(browse, db, cast) -> None:
    form = {"code": "TR-09", "name": "T", "category": "t", "photo": "a" * 64}
    form |= {"site_id": str(cast.farm.id), "structure_id": str(cast.home.id)}
    assert (await (await browse("gaston")).post("/materiel", form)).status_code == 303
    assert await db.scalar(sa.select(Item.photo).where(Item.code == "TR-09")) is None


# --- what is refused


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.4",
        photo()[:200],
        photo("PNG")[:60],
        bomb(20_000),
        bomb(2**31 - 1),
        bomb(3_000),  # small enough to be opened, and nothing inside
    ],
    ids=["empty", "zeros", "svg", "gif", "pdf", "cut", "cut png", "bomb", "huge bomb", "hollow"],
)
async def test_what_is_not_a_photo_is_refused_on_its_field(browse, db, cast, data) -> None:
    answer = await send(await browse("gaston"), cast, data)
    assert answer.status_code == 422
    assert "n'est pas une photo lisible" in photo_error(answer.text)
    assert 'value="TR-09"' in answer.text  # what was typed is kept
    assert await db.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 0


async def test_a_photo_over_8_mb_is_refused(browse, cast) -> None:
    gaston = await browse("gaston")
    answer = await send(gaston, cast, photo() + b"\0" * MAX_BYTES)
    assert answer.status_code == 422
    assert "dépasse 8 Mo" in photo_error(answer.text)
    answer = await send(gaston, cast, photo() + b"\0" * (MAX_BYTES + 2_000_000))
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text


async def test_errors_of_the_photo_and_of_the_fields_are_said_together(browse, cast) -> None:
    answer = await (await browse("gaston")).post(
        "/materiel", {"code": ""}, files={"photo": ("x.jpg", b"nothing", "image/jpeg")}
    )
    assert answer.status_code == 422
    assert photo_error(answer.text)
    assert 'id="e-name-1"' in answer.text


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 600), st.binary(max_size=12))
def test_a_damaged_photo_is_read_or_refused(form, place, damage) -> None:
    data = photo(form)
    damaged = data[:place] + damage + data[place + len(damage) :]
    with suppress(Refused):
        assert Image.open(io.BytesIO(cleaned_photo(damaged))).format == "JPEG"


# --- who sees it


@pytest.mark.parametrize("name", ["ines", "paul", "tom", "zoe", None])
async def test_who_sees_a_photo(browse, db, cast, app, name) -> None:
    await send(await browse("gaston"), cast, photo())
    sha256 = await db.scalar(sa.select(Item.photo).where(Item.code == "TR-09"))
    browser = await browse(name)
    expected = {None: 303, "zoe": 404}
    assert (await browser.get(f"/photos/{sha256}")).status_code == expected.get(name, 200)
    await db.execute(sa.update(Item).values(audience="structure"))
    await db.commit()
    if name in ("paul", "tom"):
        assert (await browser.get(f"/photos/{sha256}")).status_code == 404


async def test_only_photos_are_shown(browse, db, cast, app) -> None:
    """A stored file that is no photo of an item has no address, whoever knows its checksum."""
    name = app.state.files.write(b"a signed agreement")
    db.add(StoredFile(sha256=name, media_type="application/pdf", size=18))
    await build.make_item(db, cast.farm)
    await db.commit()
    assert (await (await browse("ines")).get(f"/photos/{name}")).status_code == 404


async def test_a_photo_lost_from_the_disk_is_not_found(browse, db, cast, app) -> None:
    await send(await browse("gaston"), cast, photo(size=(11, 7)))
    sha256 = await db.scalar(sa.select(Item.photo).where(Item.code == "TR-09"))
    app.state.files.path(sha256).unlink()
    assert (await (await browse("lea")).get(f"/photos/{sha256}")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "a" * 64,
        "A" * 64,
        "a" * 63,
        "..%2f..%2fsecret",
        "%2e%2e/%2e%2e/etc/passwd",
        "....//....//etc/passwd",
        "x" * 5000,
        "%00",
        "é" * 64,
    ],
)
async def test_other_addresses_are_not_found(browse, path) -> None:
    assert (await (await browse("lea")).get(f"/photos/{path}")).status_code == 404
