"""English is complete: every sentence of the code and the templates, with its values."""

import io
import re
import tomllib
from functools import cache
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import run
from couveuse.core import i18n
from couveuse.core.paths import LOCALE

CATALOGUE = LOCALE / "en" / "LC_MESSAGES" / "messages.po"
VALUES = re.compile(r"%\(\w+\)[a-z]|%%")


def kept_catalogue() -> Catalog:
    return read_po(io.BytesIO(CATALOGUE.read_bytes()))


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return kept_catalogue()


@cache
def extracted() -> frozenset[Any]:
    """What stands in the code and the templates today."""
    mappings = tomllib.loads((run.ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(one["pattern"], one["method"]) for one in mappings]
    options: dict[str, Any] = {one["pattern"]: one for one in mappings}
    found = extract_from_dir(run.ROOT, methods, options)
    return frozenset(message for _file, _line, message, _notes, _context in found)


def forms(text: Any) -> list[str]:
    """Singular and plural, or the one form."""
    return [text] if isinstance(text, str) else list(text)


def pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    """Each French text with its English."""
    return [
        pair
        for one in entries(catalogue)
        for pair in zip(forms(one.id), forms(one.string), strict=True)
    ]


def entries(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_every_sentence_is_in_the_catalogue_and_no_other(catalogue: Catalog) -> None:
    kept = {one.id if isinstance(one.id, str) else tuple(one.id) for one in entries(catalogue)}

    assert extracted() - kept == set()
    assert kept - extracted() == set()


def test_every_sentence_has_its_english(catalogue: Catalog) -> None:
    assert [french for french, english in pairs(catalogue) if not english] == []
    assert [one.id for one in entries(catalogue) if one.fuzzy] == []


def test_the_same_values_are_put_in(catalogue: Catalog) -> None:
    def values(text: str) -> list[str]:
        return sorted(VALUES.findall(text))

    assert [one for one in pairs(catalogue) if values(one[0]) != values(one[1])] == []


LAST_SIGNS = (".", ":", "?", "!", "…", ",")


def test_sentences_end_with_the_same_sign(catalogue: Catalog) -> None:
    different = [
        (french, english)
        for french, english in pairs(catalogue)
        if french[-1:] != english[-1:]
        and (french.endswith(LAST_SIGNS) or english.endswith(LAST_SIGNS))
    ]

    assert different == []
    assert [one for pair in pairs(catalogue) for one in pair if one != one.strip()] == []


def test_english_uses_no_french_signs(catalogue: Catalog) -> None:
    french = re.compile(r"[«»\u00a0\u202f]| [:;?!]")

    assert [english for _, english in pairs(catalogue) if french.search(english)] == []


def test_plurals_follow_english_rules(catalogue: Catalog) -> None:
    i18n.set_language("en")
    singular, plural = next(one.id for one in entries(catalogue) if isinstance(one.id, tuple))

    said = [i18n.ngettext(singular, plural, n) for n in (0, 1, 2)]

    assert said[0] == said[2] != said[1]


def test_the_file_is_as_the_tool_writes_it(catalogue: Catalog) -> None:
    """So that the next update changes what changed, and nothing else."""
    written = io.BytesIO()
    write_po(written, catalogue, width=100, ignore_obsolete=True, include_lineno=False)

    assert written.getvalue().decode() == CATALOGUE.read_text(encoding="utf-8")
