"""Sentences of templates, put in when a template is compiled rather than each time it is shown."""

from collections.abc import Iterable

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from couveuse.core import i18n
from couveuse.web.typography import typeset

CALL = ("name", "lparen", "string", "rparen")


class Sentences(Extension):
    """Makes of ``_("Réserver")`` a plain text, in the language of its environment.

    Sentences with values in them are still looked up when shown: newstyle gettext does that.
    """

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        held: list[Token] = []
        for token in stream:
            if not _goes_on(held, token):
                yield from held
                held = []
            if _goes_on(held, token):
                held.append(token)
            else:
                yield token
            if len(held) == len(CALL):
                yield Token(held[0].lineno, "string", self._said(held[2].value))
                held = []
        yield from held

    def _said(self, message: str) -> str:
        language: str = self.environment.language  # type: ignore[attr-defined]
        return typeset(i18n.gettext_in(language, message)) % {}


def _goes_on(held: list[Token], token: Token) -> bool:
    return token.type == CALL[len(held)] and (bool(held) or token.value == "_")
