"""Secrets that we hand out and recognise later: of sessions and of mailed links."""

import hashlib
import secrets


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    """What is kept of a token: whoever reads the table cannot use it."""
    return hashlib.sha256(token.encode()).digest()
