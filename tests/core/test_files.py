"""Photos: kept once, small, turned the right way, without what they would give away."""

import io
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Refused
from couveuse.core.files import (
    MAX_BYTES,
    MAX_SIDE,
    FileStore,
    StoredFile,
    cleaned_photo,
    find_file,
    store_photo,
)

RED, BLUE = (200, 20, 20), (20, 20, 200)
TURNED, MAKER, GPS = 274, 271, 0x8825


def photo(kind: str = "JPEG", size: tuple[int, int] = (80, 40), **more: Any) -> bytes:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def told() -> Image.Exif:
    """What a phone writes into its photos: held upright, by whom it is made, where it was."""
    hidden = Image.Exif()
    hidden[TURNED], hidden[MAKER] = 6, "Appareil secret"
    place = hidden.get_ifd(GPS)
    place[1], place[2], place[3], place[4] = "N", (46.0, 35.0, 1.0), "E", (1.0, 59.0, 2.0)
    return hidden


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


# ---------------------------------------------------------------- cleaned


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_the_phone_hid_in_the_photo_is_gone(kind: str) -> None:
    comment: dict[str, Any] = {"comment": "secret"} if kind == "JPEG" else {}
    sent = photo(kind, exif=told(), **comment)
    assert opened(sent).getexif().get_ifd(GPS)

    kept = cleaned_photo(sent)

    assert not opened(kept).getexif()
    assert b"secret" not in kept
    assert b"Exif" not in kept
    assert opened(kept).format == "JPEG"


def test_it_is_turned_the_way_it_was_held() -> None:
    kept = opened(cleaned_photo(photo(exif=told(), quality=95)))

    assert kept.size == (40, 80)
    top = kept.getpixel((20, 10))
    assert isinstance(top, tuple)
    assert top[0] > 150
    assert top[2] < 80


@pytest.mark.parametrize(
    ("size", "becomes"),
    [((4000, 3000), (1600, 1200)), ((100, 4000), (40, 1600)), ((300, 200), (300, 200))],
)
def test_a_large_one_is_made_smaller(size: tuple[int, int], becomes: tuple[int, int]) -> None:
    assert opened(cleaned_photo(photo(size=size))).size == becomes
    assert max(becomes) <= MAX_SIDE


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "CMYK", "1", "I;16"])
def test_every_kind_of_colours_is_read(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")

    assert opened(cleaned_photo(out.getvalue())).size == (30, 20)


# ---------------------------------------------------------------- refused


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        cleaned_photo(data)
    (reason,) = refused.value.reasons
    assert reason.field == "photo"
    return reason.code


def gif() -> bytes:
    return photo("GIF")


WRONG = {
    "nothing": b"",
    "text": b"ceci n'est pas une photo",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "half a photo": photo(size=(400, 300))[:900],
    "a photo's name": b"\xff\xd8\xff\xe0",
    "an animation": gif(),
    "a PDF": b"%PDF-1.7\n",
    "no size": photo("PNG").replace(b"IHDR\x00\x00\x00P", b"IHDR\x00\x00\x00\x00"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_photo_is_refused_in_words(name: str) -> None:
    assert refusal(WRONG[name]) == "not_a_photo"


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(out.getvalue()) < 100_000
        assert refusal(out.getvalue()) == "not_a_photo"


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    assert refusal(photo() + bytes(MAX_BYTES)) == "too_large"


@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    sent = bytearray(photo(data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"])), exif=told()))
    for place, byte in data.draw(st.dictionaries(st.integers(0, 300), st.integers(0, 255))).items():
        sent[place % len(sent)] = byte
    with suppress(Refused):
        cleaned_photo(bytes(sent[: data.draw(st.integers(1, len(sent)))]))


# ---------------------------------------------------------------- kept


async def test_the_same_photo_is_kept_once(db: AsyncSession, store: FileStore) -> None:
    first = await store_photo(db, store, photo())
    again = await store_photo(db, store, photo())
    other = await store_photo(db, store, photo("PNG", size=(10, 10)))

    assert first == again != other
    rows = (await db.scalars(sa.select(StoredFile).order_by(StoredFile.id))).all()
    assert [row.sha256 for row in rows] == [first, other]
    assert {path.name for path in store.folder.glob("*/*")} == {first, other}


async def test_it_is_found_by_its_name(db: AsyncSession, store: FileStore) -> None:
    name = await store_photo(db, store, photo())

    found = await find_file(db, name)

    assert found is not None
    assert (found.media_type, found.size) == ("image/jpeg", store.path(name).stat().st_size)
    assert await find_file(db, "0" * 64) is None


async def test_a_refused_photo_leaves_nothing(db: AsyncSession, store: FileStore) -> None:
    with pytest.raises(Refused):
        await store_photo(db, store, b"")

    assert not store.folder.exists()
    assert (await db.scalars(sa.select(StoredFile))).all() == []


def test_no_half_written_file_has_a_name(store: FileStore) -> None:
    name = store.write(b"abc")

    assert store.path(name).read_bytes() == b"abc"
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [name]
