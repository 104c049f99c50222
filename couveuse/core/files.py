"""Stored photos and documents: checked, named by their content, kept in the data folder."""

import asyncio
import datetime as dt
import hashlib
import io
import secrets
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from couveuse.core.db import Base
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_

MAX_BYTES = 8_000_000
MAX_SIDE = 1600
MAX_PIXELS = 50_000_000
PDF = "application/pdf"
TOO_LARGE = N_("Ce document dépasse 8 Mo. Réduisez-le, ou envoyez une photo.")


class StoredFile(Base):
    """A file on disk, known by the SHA-256 of its content: the same photo is kept once."""

    __tablename__ = "stored_file"
    __table_args__ = (sa.UniqueConstraint("sha256", name="stored_file_once"),)

    sha256: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())


class FileStore:
    """A folder of files named by content, two levels deep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def write(self, data: bytes) -> str:
        """Keep the bytes and return their name; a half-written file never gets it."""
        name = hashlib.sha256(data).hexdigest()
        path = self.path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_suffix(f".{secrets.token_hex(4)}")
            half.write_bytes(data)
            half.rename(path)
        return name


async def store_photo(db: AsyncSession, store: FileStore, data: bytes) -> str:
    """Keep a photo, made smaller and without its hidden data (place, camera). Returns its name.

    Raises Refused when it is not a photo, or too large.
    """
    clean = await asyncio.to_thread(cleaned_photo, data)
    name = store.write(clean)
    row = {"sha256": name, "media_type": "image/jpeg", "size": len(clean)}
    await db.execute(insert(StoredFile).values(row).on_conflict_do_nothing())
    return name


def cleaned_photo(data: bytes) -> bytes:
    """The picture alone, as JPEG of at most 1,600 pixels a side, turned the way it was held."""
    if len(data) > MAX_BYTES:
        raise Refused(
            Reason("too_large", N_("Cette photo dépasse 8 Mo. Réduisez-la."), field="photo")
        )
    try:
        return _redrawn(data)
    except Exception as error:  # broken files make the decoders raise anything
        sentence = N_("Ce fichier n'est pas une photo lisible. Choisissez un JPEG, PNG ou WebP.")
        raise Refused(Reason("not_a_photo", sentence, field="photo")) from error


def _redrawn(data: bytes) -> bytes:
    from PIL import Image, ImageOps  # noqa: PLC0415, heavy and rare

    Image.MAX_IMAGE_PIXELS = None  # the bound is ours, two lines below, before anything is decoded
    picture = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP", "MPO"])
    if picture.width * picture.height > MAX_PIXELS:
        raise ValueError(picture.size)
    # Smaller first: a JPEG is then decoded at a fraction of its size.
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    picture = ImageOps.exif_transpose(picture).convert("RGB")
    picture.info.clear()
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def photo_place(data: bytes) -> tuple[float, float] | None:
    """Where a photo says that it was taken, latitude and longitude to ten metres; None if unsaid.

    Kept beside the photo only when somebody asks for it: the stored picture never holds it.
    """
    from PIL import ExifTags, Image  # noqa: PLC0415, heavy and rare

    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP", "MPO"]) as picture:
            said = picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(said[ExifTags.GPS.GPSLatitude], said[ExifTags.GPS.GPSLatitudeRef])
        longitude = _degrees(said[ExifTags.GPS.GPSLongitude], said[ExifTags.GPS.GPSLongitudeRef])
    except Exception:  # noqa: BLE001, broken files make the decoders raise anything
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return round(latitude, 4), round(longitude, 4)


def _degrees(said: Any, side: str) -> float:
    degrees, minutes, seconds = (float(part) for part in said)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if side in {"S", "W"} else value


async def store_document(db: AsyncSession, store: FileStore, data: bytes) -> str:
    """Keep a paper: a PDF as it is, or a photo of it as photos are kept. Returns its name.

    Raises Refused, on the field ``document``, when it is neither, or too large.
    """
    if not is_pdf(data):
        return await _store_photographed(db, store, data)
    _check_pdf(data)
    name = store.write(data)
    row = {"sha256": name, "media_type": PDF, "size": len(data)}
    await db.execute(insert(StoredFile).values(row).on_conflict_do_nothing())
    return name


def is_pdf(data: bytes) -> bool:
    return data[:1024].lstrip(b"\xef\xbb\xbf\0\t\n\f\r ").startswith(b"%PDF-")


def _check_pdf(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise Refused(Reason("too_large", TOO_LARGE, field="document"))
    end = data[-2048:]
    if b"startxref" not in end or b"%%EOF" not in end:
        sentence = N_(
            "Ce PDF est coupé : sa fin manque. Enregistrez-le à nouveau, puis envoyez-le."
        )
        raise Refused(Reason("cut_document", sentence, field="document"))


async def _store_photographed(db: AsyncSession, store: FileStore, data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Refused(Reason("too_large", TOO_LARGE, field="document"))
    try:
        return await store_photo(db, store, data)
    except Refused as error:
        sentence = N_(
            "Ce fichier n'est ni un PDF ni une photo lisible. Choisissez un autre fichier."
        )
        raise Refused(Reason("not_a_document", sentence, field="document")) from error


async def find_file(db: AsyncSession, sha256: str) -> StoredFile | None:
    return await db.scalar(sa.select(StoredFile).where(StoredFile.sha256 == sha256))
