"""Photos drawn for the tests, as phones write them."""

import io
from typing import Any

from PIL import ExifTags, Image

WHERE = [46.5819, 1.9839]
"""Of the photo that says its place, to ten metres."""


def jpeg(picture: Image.Image, **more: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=90, **more)
    return written.getvalue()


def taken_upright(size: tuple[int, int] = (2400, 1200)) -> bytes:
    """Lying, red on its left half, with a note to turn it; and the place where it was taken."""
    picture = Image.effect_noise(size, 30).convert("RGB")
    picture.paste((200, 0, 0), (0, 0, size[0] // 2, size[1]))
    hidden = picture.getexif()
    hidden[ExifTags.Base.Make] = "Téléphone"
    hidden[ExifTags.Base.Orientation] = 6
    hidden.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (46.0, 34.0, 55.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (1.0, 59.0, 2.0),
        }
    )
    return jpeg(picture, exif=hidden)


def is_upright(stored: bytes) -> bool:
    """Red on top, and no hidden data left."""
    picture = Image.open(io.BytesIO(stored))
    red, green, _ = picture.getpixel((picture.width // 2, picture.height // 4))  # type: ignore[misc]
    return picture.height == 2 * picture.width and red - green > 150 and not picture.getexif()
