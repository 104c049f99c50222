"""Files that were sent and wait for a yes: kept by their content, found again by a signed slip."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import NamedTuple

from couveuse.core.files import FileStore

KEPT_SECONDS = 24 * 3600
_FOLDER = "waiting"
_MARK = 32
"""Length of the signature, in bytes."""


class Upload(NamedTuple):
    data: bytes
    filename: str

    @classmethod
    def of(cls, data: bytes, filename: str) -> "Upload":
        """With the file's name as it can be shown and kept: no path, nothing unprintable."""
        name = "".join(letter for letter in filename if letter.isprintable())
        return cls(data, name.replace("\\", "/").rpartition("/")[2][-100:])


def keep(store: FileStore, secret: str, upload: Upload, owner: int) -> str:
    """Keep a file for a day. Returns the slip by which its owner, and nobody else, finds it."""
    waiting = FileStore(store.folder / _FOLDER)
    _forget_old(waiting.folder)
    name = waiting.write(upload.data)
    waiting.path(name).touch()
    said = json.dumps([name, upload.filename]).encode()
    return base64.urlsafe_b64encode(_signature(secret, said, owner) + said).decode()


def take(store: FileStore, secret: str, slip: str, owner: int) -> Upload | None:
    """The file of a slip; None when the slip is not this owner's, or the file is gone."""
    try:
        raw = base64.urlsafe_b64decode(slip.encode())
    except ValueError:
        return None
    signature, said = raw[:_MARK], raw[_MARK:]
    if not hmac.compare_digest(signature, _signature(secret, said, owner)):
        return None
    name, filename = json.loads(said)
    try:
        return Upload(FileStore(store.folder / _FOLDER).path(name).read_bytes(), filename)
    except FileNotFoundError:
        return None


def _signature(secret: str, said: bytes, owner: int) -> bytes:
    return hmac.digest(secret.encode(), b"upload %d " % owner + said, hashlib.sha256)


def _forget_old(folder: Path) -> None:
    limit = time.time() - KEPT_SECONDS
    for path in folder.glob("*/*"):
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
        except FileNotFoundError:  # another process forgot it first
            continue
