"""Photos of the demonstration: drawn when it is made, no file from anywhere."""

import io
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDE, HIGH, SKYLINE = 1200, 800, 300
SKY, HAZE = (126, 170, 205), (224, 231, 226)
EARTH, DARK_EARTH, STRAW = (116, 86, 60), (88, 63, 43), (188, 158, 104)
HEDGE, LEEK, LEEK_LIGHT = (62, 88, 62), (58, 104, 74), (112, 150, 102)
PLASTIC, SEAM, SHADE = (222, 228, 226), (150, 162, 160), (176, 188, 184)


def harvested_beds() -> bytes:
    """Leeks, two beds already pulled."""
    picture, pen, dice = _field()
    for bed in range(-3, 4):
        pulled = bed in {0, 1}
        for depth in range(40):
            y, width = _at(depth)
            x = WIDE / 2 + (bed - 0.5) * width * 9
            for plant in (-2.6, 0.0, 2.6):
                middle = x + plant * width + dice.uniform(-0.5, 0.5) * width
                if not pulled:
                    _leek(pen, middle, y, width * dice.uniform(0.8, 1.2))
                elif dice.random() < 0.15:
                    pen.ellipse((middle - width, y - width / 3, middle + width, y), fill=STRAW)
    return _jpeg(picture)


def loose_cover() -> bytes:
    """The cover of a tunnel hangs loose on one side."""
    picture, pen, _ = _field()
    left, right, top, ground = 250, 950, 190, 620
    pen.pieslice(
        (left, top, right, 2 * ground - top), 180, 360, fill=PLASTIC, outline=SEAM, width=5
    )
    for inset in (60, 120, 180, 240):
        box = (left + inset, top + inset * 0.4, right - inset, 2 * ground - top - inset * 0.4)
        pen.arc(box, 180, 360, fill=SHADE, width=4)
    pen.rectangle((530, 440, 670, ground), fill=(96, 118, 104), outline=SEAM, width=5)
    pen.line((600, 440, 600, ground), fill=SEAM, width=4)
    sag = [(905, 430), (935, 540), (1010, 610), (1040, 640), (960, 632), (890, 560)]
    pen.polygon(sag, fill=SHADE, outline=SEAM, width=4)
    pen.line([(880, 470), (918, 560), (985, 628)], fill=SEAM, width=3)
    pen.line((left - 20, ground, right + 20, ground), fill=DARK_EARTH, width=8)
    return _jpeg(picture)


def _field() -> "tuple[Image, ImageDraw, Random]":
    """Sky, a hedge, and ploughed ground in lines that meet far away."""
    from PIL import Image, ImageDraw  # noqa: PLC0415, heavy and rare

    picture, dice = Image.new("RGB", (WIDE, HIGH), EARTH), Random("field")  # noqa: S311, a drawing
    pen = ImageDraw.Draw(picture)
    for y in range(SKYLINE):
        share = y / SKYLINE
        mixed = (round(a + (b - a) * share) for a, b in zip(SKY, HAZE, strict=True))
        pen.line((0, y, WIDE, y), fill=tuple(mixed))
    for x in range(-40, WIDE, 24):
        size = dice.randrange(30, 66)
        pen.ellipse((x, SKYLINE - size, x + 2 * size, SKYLINE + 24), fill=HEDGE)
    pen.rectangle((0, SKYLINE + 4, WIDE, HIGH), fill=EARTH)
    for furrow in range(-30, 31):
        pen.line((WIDE / 2 + furrow * 8, SKYLINE, WIDE / 2 + furrow * 90, HIGH), DARK_EARTH, 3)
    return picture, pen, dice


def _at(depth: int) -> tuple[float, float]:
    """Where the ground is, from far to near, and how large things look there."""
    near = (depth / 40) ** 1.7
    return SKYLINE + 22 + near * (HIGH - SKYLINE), 2 + near * 20


def _leek(pen: "ImageDraw", x: float, y: float, size: float) -> None:
    for lean, tone in ((-1.5, LEEK), (1.4, LEEK), (-0.5, LEEK_LIGHT), (0.6, LEEK_LIGHT)):
        tip = (x + lean * size, y - (3.4 - abs(lean)) * size)
        pen.polygon([(x - size / 4, y), tip, (x + size / 4, y)], fill=tone)


def _jpeg(picture: "Image") -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=88)
    return written.getvalue()
