"""Mails in words: a plain text template whose first line is the subject, the rest the body."""

from functools import cache
from typing import Any

import jinja2

from couveuse.core import i18n
from couveuse.core.paths import TEMPLATES


def letter(template: str, language: str | None, **values: Any) -> tuple[str, str]:
    """Subject and body in the reader's language, whoever asked for the mail.

    The layout needs ``name`` (whom to greet) and ``base_url``.
    """
    before = i18n.language()
    i18n.set_language(language)
    try:
        text = _environment().get_template(template).render(values)
    finally:
        i18n.set_language(before)
    subject, _, body = text.strip().partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


@cache
def _environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701, plain text: no markup to protect
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.filters.update(
        day=i18n.day,
        moment=i18n.moment,
        clock=i18n.clock_time,
        duration=i18n.duration,
        number=i18n.number,
        translated=i18n.gettext,
    )
    return env
