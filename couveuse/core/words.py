"""Names as people look for them: without accents, without capitals."""

from typing import Any

import sqlalchemy as sa

_LOWER = ("àâäáãåçéèêëíìîïñóòôöõúùûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy")
_FROM, _TO = (letters + letters.upper() for letters in _LOWER)


def plain(text: sa.ColumnElement[str] | Any) -> sa.ColumnElement[str]:
    """SQL that folds accents and capitals, to search and to sort.

    Not ``unaccent`` nor a French collation: the servers we run on may have neither.
    """
    return sa.func.lower(sa.func.translate(text, _FROM, _TO))


def has_words(text: sa.ColumnElement[str], search: str) -> list[sa.ColumnElement[bool]]:
    """One condition for each word typed: it stands somewhere in the text."""
    return [
        sa.func.strpos(plain(text), plain(word)) > 0
        for word in search.replace("\x00", " ").split()[:8]
    ]
