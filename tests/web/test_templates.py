"""Sentences put in at compile time read as those looked up when shown."""

import pytest

from couveuse.core import i18n
from couveuse.web.templates import Templates

LINES = {
    '{{ _("Réserver") }}': {"fr": "Réserver", "en": "Book"},
    "{% set word = _('Matériel') %}{{ word|upper }}": {"fr": "MATÉRIEL", "en": "EQUIPMENT"},
    "{{ [_('Début')]|first }}{{ '(' }}": {"fr": "Début(", "en": "Start("},
    '{{ _("%(hour)s h", hour=8) }}': {"fr": "8 h", "en": "8 h"},
    '{{ _("<b> & co") }}': {"fr": "&lt;b&gt; &amp; co", "en": "&lt;b&gt; &amp; co"},
}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("line", LINES)
def test_sentences_are_said_in_the_language_of_the_reader(line: str, language: str) -> None:
    templates = Templates()
    i18n.set_language(language)
    environment = templates.get("ui/icons.html").environment
    assert environment.from_string(line).render() == LINES[line][language]


def test_an_icon_is_drawn_from_the_sprite() -> None:
    i18n.set_language("fr")
    page = Templates().get("ui/icons.html").environment
    drawn = page.from_string('{% from "ui/icons.html" import icon %}{{ icon("sun") }}').render()
    assert drawn.startswith('<svg class="icon" aria-hidden="true"><use href="/static/img/icons.svg')
    assert drawn.endswith('#sun"/></svg>')
