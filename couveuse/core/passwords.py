"""Passwords: argon2, in a thread, two at a time since each takes 64 MB and a fifth of a second."""

import asyncio

from pwdlib import PasswordHash

turns = asyncio.Semaphore(2)
"""Held while a password is checked: what is counted inside holds for nearly every rival."""
_argon2 = PasswordHash.recommended()
# Of a password that nobody knows: checking it takes as long as checking a real one.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$K/bp1j/Su6Ys/TjFWBZLzw$IsFOYS"
    "X85sL6rNt3g2dwBvz5sO/WUZptmLWdvsySMsY"
)


async def hash_password(password: str) -> str:
    async with turns:
        return await asyncio.to_thread(_argon2.hash, password)


async def is_right(password: str, kept: str | None) -> bool:
    """Whether the password is the one behind ``kept``; takes as long when there is none.

    The caller holds one of the ``turns``.
    """
    matches = await asyncio.to_thread(_argon2.verify, password, kept or _NOBODY)
    return matches and kept is not None
