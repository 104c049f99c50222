"""Two sheets of one person: what they say differently, and which word is kept."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from couveuse.core import i18n
from couveuse.core.contacts import shown_phone
from couveuse.core.i18n import N_, gettext
from couveuse.trainees.models import PathState, ProjectKind
from couveuse.trainees.rules.welcome import kind_name

Kept: TypeAlias = Literal["known", "said"]

WHO = {
    "given_name": N_("Prénom"),
    "family_name": N_("Nom"),
    "email": N_("Adresse électronique"),
    "phone": N_("Téléphone"),
}
PROJECT = {"project": N_("Le projet en trois lignes")}
SHEET = {
    "kind": N_("Quel projet"),
    "commune": N_("Commune"),
    "origin": N_("Comment est-elle venue ?"),
    "prescriber": N_("Qui l'a envoyée ?"),
    "needs": N_("Ce dont elle a besoin"),
    "wishes": N_("Ce qu'elle souhaite"),
    "met_on": N_("Premier rendez-vous"),
}
LABELS = WHO | PROJECT | SHEET
BEGINNING = (PathState.CONTACT, PathState.WELCOMED, PathState.ORIENTED_OUT)
"""Where a path is nothing more than a first welcome."""


class Difference(NamedTuple):
    """Something that both say, or that only the second says."""

    name: str
    known: Any
    said: Any

    @property
    def label(self) -> str:
        return gettext(LABELS[self.name])

    @property
    def usual(self) -> Kept:
        """What is kept unless somebody chooses: what was known, or what fills a gap."""
        return "said" if _is_empty(self.known) else "known"

    def text(self, which: Kept) -> str:
        value = self.known if which == "known" else self.said
        if _is_empty(value):
            return gettext("rien")
        if self.name == "kind":
            return kind_name(value)
        if self.name == "phone":
            return shown_phone(value)
        return i18n.day(value) if isinstance(value, dt.date) else str(value)


def differences(known: Mapping[str, Any], said: Mapping[str, Any]) -> list[Difference]:
    """What has to be chosen, in the order of the sheet; what only one side has is compared with
    nothing."""
    return [
        Difference(name, known[name], said[name])
        for name in LABELS
        if name in known and name in said
        if not _is_empty(said[name]) and said[name] != known[name]
    ]


def taken(found: list[Difference], choices: Mapping[str, Kept | None]) -> dict[str, Any]:
    """The values that replace what was known."""
    return {one.name: one.said for one in found if (choices.get(one.name) or one.usual) == "said"}


def _is_empty(value: Any) -> bool:
    return value is None or value in {"", ProjectKind.UNKNOWN}
