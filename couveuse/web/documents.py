"""A document that comes with a form."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Refused
from couveuse.core.files import FileStore, store_document
from couveuse.web.deps import Web
from couveuse.web.forms import Form, uploaded


async def sent_document(
    request: Web, db: AsyncSession, files: FileStore, form: Form[Any]
) -> str | None:
    """The name of the stored file; what is wrong with it stands in the form."""
    upload = await uploaded(request, "document")
    if upload is None:
        return None
    try:
        return await store_document(db, files, await upload.read())
    except Refused as refused:
        form.refuse(refused)
        return None
