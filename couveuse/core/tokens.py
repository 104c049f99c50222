"""Secrets that we hand out and recognise later: of sessions and of mailed links."""

import hashlib
import re
import secrets

_IN_A_PATH = re.compile(r"(?<=/)[A-Za-z0-9_-]{43}(?=/|$)")


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    """What is kept of a token: whoever reads the table cannot use it."""
    return hashlib.sha256(token.encode()).digest()


def looks_like_token(text: str) -> bool:
    """Whether we may have handed it out at all."""
    return bool(_IN_A_PATH.fullmatch(f"/{text}", 1))


def without_tokens(path: str) -> str:
    """An address as logs may keep it: a token in it would let its reader in."""
    return _IN_A_PATH.sub("…", path)
