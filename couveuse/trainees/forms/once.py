"""Forms that may be sent twice on a weak network, and do their work once."""

import hashlib
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator


def read_once(sent: Any) -> Any:
    """Any text may be the key of a form; a long one is kept as its digest."""
    too_long = isinstance(sent, str) and len(sent) > 100
    return hashlib.sha256(sent.encode()).hexdigest() if too_long else sent


Once: TypeAlias = Annotated[str, BeforeValidator(read_once)]


class SentOnce(BaseModel):
    once: Once | None = None

    def digest(self, *about: object, but: frozenset[str] = frozenset()) -> bytes:
        """Tells whether a form sent again asks for the same thing."""
        said = self.model_dump_json(exclude={"once", *but})
        return hashlib.sha256(f"{about} {said}".encode()).digest()

    def kept_once(self, *about: object, but: frozenset[str] = frozenset()) -> dict[str, Any]:
        """What a row keeps of the key, and of what was asked with it."""
        if self.once is None:
            return {}
        return {"once": self.once, "once_digest": self.digest(*about, but=but)}
