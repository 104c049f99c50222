"""First welcome: kinds of project in words, people who look alike, and what strangers may send."""

import datetime as dt
import hashlib
import hmac
import re
import unicodedata
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

from couveuse.core.i18n import N_, gettext
from couveuse.trainees.models import ProjectKind

K = ProjectKind

KIND_NAMES = {
    K.UNKNOWN: N_("pas encore dit"),
    K.GARDEN: N_("maraîchage"),
    K.LIVESTOCK: N_("élevage"),
    K.CROPS: N_("grandes cultures"),
    K.ORCHARD: N_("arbres, petits fruits, plantes"),
    K.PROCESSING: N_("transformation"),
    K.FARM_OTHER: N_("autre projet agricole"),
    K.CRAFT: N_("artisanat, commerce"),
    K.SERVICES: N_("services"),
    K.CULTURE: N_("culture, animation"),
    K.LIFE: N_("projet de vie, pas encore d'activité"),
}
ALIKE = 0.86
"""How near two names have to be: "Chabenat" and "Chabenas" are, "Martin" and "Morin" are not."""

SENDINGS_PER_NETWORK = 10
SENDING_WINDOW = dt.timedelta(hours=1)
"""A whole training course may write from one address, a machine that sends all night may not."""
SHORTEST_WRITING = dt.timedelta(seconds=3)
LONGEST_WRITING = dt.timedelta(hours=24)
LINK = re.compile(r"https?:|www\.|://|\[url|<a\b|\b[\w-]+\.(com|net|org|ru|top|xyz|info)\b", re.I)  # noqa: FURB167, short


def kind_name(kind: str) -> str:
    return gettext(KIND_NAMES[ProjectKind(kind)])


def kind_options() -> list[tuple[str, str]]:
    return [(kind.value, gettext(name)) for kind, name in KIND_NAMES.items()]


# ---------------------------------------------------------------- people who look alike


def folded(name: str) -> str:
    """A name without accents, capitals, hyphens nor order: "LE GUELLEC Yann", "Yann Le Guellec"."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return " ".join(sorted(re.findall(r"[a-z0-9]+", plain)))


def alike(one: str, other: str) -> bool:
    """Whether two names may well be of one person."""
    first, second = folded(one), folded(other)
    if not first or not second:
        return False
    matcher = SequenceMatcher(None, first, second)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


# ---------------------------------------------------------------- what strangers send


class Slip(StrEnum):
    """What the signed slip of the public form says of how it was filled."""

    GOOD = "good"
    TOO_FAST = "too_fast"
    WORTHLESS = "worthless"
    """Too old, or not ours."""


class Read(NamedTuple):
    verdict: Slip
    once: str


def sign_slip(secret: str, once: str, now: dt.datetime) -> str:
    """A slip that tells when a form was shown; only this server can write one."""
    said = f"{once}.{int(now.timestamp())}"
    return f"{said}.{_signature(secret, said)}"


def read_slip(secret: str, slip: str, now: dt.datetime) -> Read:
    said, _, signature = slip.rpartition(".")
    once, _, shown_at = said.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, said).encode()):
        return Read(Slip.WORTHLESS, "")
    age = now.timestamp() - int(shown_at)
    if age > LONGEST_WRITING.total_seconds():
        return Read(Slip.WORTHLESS, "")
    return Read(Slip.TOO_FAST if age < SHORTEST_WRITING.total_seconds() else Slip.GOOD, once)


def _signature(secret: str, said: str) -> str:
    return hmac.new(secret.encode(), f"introduction {said}".encode(), hashlib.sha256).hexdigest()


def has_link(text: str) -> bool:
    return LINK.search(text) is not None
