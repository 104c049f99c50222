"""Mails about ground, in the language of who receives them."""

import datetime as dt
from typing import Any

from couveuse.core import i18n
from couveuse.core.letters import letter
from couveuse.occupancy.rules import kind_name
from couveuse.occupancy.spans import days_of, said
from couveuse.people.models import Person
from couveuse.plots.models import Plot

PLOT_PATH = "/parcelles/"
"""Said again here because jobs send it without a web page."""


def ground_mail(
    plot: Plot,
    what: str,
    kind: str,
    reader: Person,
    base_url: str,
    *,
    days: list[str | None],
    was: list[str | None] | None,
    by: str,
    reason: str | None,
    holders: list[str],
    division: dict[str, Any] | None = None,
) -> tuple[str, str]:
    """Subject and body of the mail that tells ``reader`` what happened to a claim on land.

    ``holders``: whose it is now, where that was corrected. ``division``: the code of the plot that
    was split, of its parts kept and of those lost.
    """
    before = i18n.language()
    i18n.set_language(reader.language)
    words = {"kind": kind_name(kind), "days": _said(days), "was": _said(was) if was else None}
    i18n.set_language(before)
    return letter(
        "occupancy/mails/ground.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{PLOT_PATH}{plot.id}",
        what=what,
        plot=plot,
        by=by,
        reason=reason,
        holders=holders,
        division=division,
        **words,
    )


def _said(days: list[str | None]) -> str:
    first, last = (dt.date.fromisoformat(day) if day else None for day in days)
    assert first is not None  # noqa: S101, a claim has a first day
    return said(days_of(first, last))
