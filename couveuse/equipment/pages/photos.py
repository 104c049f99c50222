"""Photos of items, for those who see the item."""

import re

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import File

from couveuse.core.errors import NotVisible
from couveuse.equipment import catalogue
from couveuse.web.deps import Db, Files, Me

FOR_A_YEAR = {"cache-control": "private, max-age=31536000, immutable"}
"""The address is the content's checksum: what stands there never changes."""


class PhotoPages(Controller):
    path = "/photos"

    @get("/{sha256:str}", name="equipment.photos.show")
    async def show(self, db: Db, me: Me, files: Files, sha256: FromPath[str]) -> File:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise NotVisible
        photo = await catalogue.get_photo(db, me, sha256)
        path = files.path(photo.sha256)
        if not path.is_file():
            raise NotVisible
        return File(
            path,
            media_type=photo.media_type,
            headers=FOR_A_YEAR,
            content_disposition_type="inline",
        )
