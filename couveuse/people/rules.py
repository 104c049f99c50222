"""How long sign-in lasts, how often it may fail, what roles are called, how long papers last."""

import datetime as dt
import ipaddress
import re
from collections.abc import Iterable, Iterator

from dateutil.relativedelta import relativedelta

from couveuse.core.actor import Role
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_, gettext, ngettext
from couveuse.people.models import LinkPurpose, PaperKind, PaperState

SESSION_LIFETIME = dt.timedelta(days=90)
"""Without a visit for that long, the browser is signed out."""

FAILURE_WINDOW = dt.timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_NETWORK = 50

LINK_LIFETIMES = {
    LinkPurpose.SIGN_IN: dt.timedelta(minutes=15),
    LinkPurpose.PASSWORD: dt.timedelta(minutes=60),
    LinkPurpose.INVITATION: dt.timedelta(days=14),
}
LIVE_LINKS = 3
"""Nobody can fill somebody else's letter box by asking again and again."""

ROLE_NAMES = {
    Role.TRAINEE: N_("en test"),
    Role.MENTOR: N_("accompagnement"),
    Role.EQUIPMENT_MANAGER: N_("gestion du matériel"),
    Role.STRUCTURE_MANAGER: N_("responsable de structure"),
    Role.COORDINATOR: N_("coordination"),
}
SALARIED_MENTOR = N_("accompagnement salarié")
VOLUNTEER_MENTOR = N_("accompagnement bénévole")

PAPER_STATES = {
    PaperState.TO_CHECK: (N_("à vérifier"), "info"),
    PaperState.TO_COME: (N_("pas encore valable"), "info"),
    PaperState.VALID: (N_("à jour"), "ok"),
    PaperState.ENDING: (N_("à renouveler bientôt"), "warn"),
    PaperState.EXPIRED: (N_("échu"), "stop"),
}
"""In words, with the tone of the badge."""

REMINDER_DAYS = (7, 30, 60)
"""A paper that ends is told of when so many days are left, the nearest first."""

KIND_LABELS = (
    N_("Permis"),
    N_("Formation"),
    N_("Autorisation de conduite"),
    N_("Avis du médecin du travail pour la conduite"),
    N_("CACES"),
    N_("Certiphyto"),
    N_("Visite médicale"),
    N_("Assurance"),
    N_("Secourisme (SST)"),
    N_("Autre papier"),
)
KIND_REMARKS = (
    N_("À suivre avant de conduire tout engin automoteur ou de levage."),
    N_("Donnée par la structure, pour les engins à risque particulier ; elle suit l'avis médical."),
    N_("Une façon de prouver la formation, pas une obligation en soi."),
    N_("Pour tout usage professionnel de produits phytosanitaires, entraide comprise."),
    N_("Dans les trois mois qui suivent le début, puis au moins tous les cinq ans."),
    N_("Attestation à redemander chaque année : assureur, numéro, ce qui est couvert."),
)
"""What the rows of ``paper_kind`` are called and say: here so that they are translated."""

TOO_LONG = N_(
    "« %(kind)s » : %(limit)s. Avec ce premier jour, le dernier possible est le %(last)s.%(law)s"
)

_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def role_name(role: str, *, salaried: bool | None = None) -> str:
    """The role in the reader's language; for a mentor also salaried or volunteer, when known."""
    if role == Role.MENTOR and salaried is not None:
        return gettext(SALARIED_MENTOR if salaried else VOLUNTEER_MENTOR)
    return gettext(ROLE_NAMES[Role(role)])


def paper_state(state: PaperState) -> tuple[str, str]:
    """The state in the reader's language, and the tone of its badge."""
    text, tone = PAPER_STATES[state]
    return gettext(text), tone


def kind_on(kinds: Iterable[PaperKind], code: str, day: dt.date) -> PaperKind | None:
    """The kind as the law knew it on a day."""
    return next((one for one in kinds if one.code == code and day in one.in_force), None)


def last_day_after(first: dt.date, months: int) -> dt.date:
    """The last day of so many months: from 1 November to 31 October, from 31 January to 28 February
    for one month, for want of a 31st."""
    same = first + relativedelta(months=months)
    return same if same.day < first.day else same - dt.timedelta(days=1)


def usual_end(kind: PaperKind | None, first: dt.date) -> dt.date | None:
    """The last day when none is said; None when the paper goes on."""
    return last_day_after(first, kind.usual_months) if kind and kind.usual_months else None


def paper_problems(
    kind: PaperKind | None, first: dt.date, last: dt.date | None
) -> Iterator[Reason]:
    """What the law does not allow of the dates."""
    if kind is None or kind.max_months is None:
        return
    latest = last_day_after(first, kind.max_months)
    if last is None or last > latest:
        values = {
            "kind": gettext(kind.label),
            "limit": _at_most(kind.max_months),
            "last": latest,
            "law": f" ({kind.reference})" if kind.reference else "",
        }
        yield Reason("paper_too_long", TOO_LONG, values, field="ends_on")


def paper_limits(kind: PaperKind) -> list[str]:
    """What is known of the kind: "5 ans au plus", "dans les 3 mois"."""
    told = [_at_most(kind.max_months)] if kind.max_months else []
    if kind.usual_months and kind.usual_months != kind.max_months:
        told.append(gettext(N_("%(length)s d'ordinaire")) % {"length": _length(kind.usual_months)})
    if kind.first_due_months:
        soon = _length(kind.first_due_months)
        told.append(gettext(N_("la première dans les %(length)s du début")) % {"length": soon})
    return told


def _at_most(months: int) -> str:
    return gettext(N_("%(length)s au plus")) % {"length": _length(months)}


def _length(months: int) -> str:
    if months % 12:
        return ngettext("%(n)s mois", "%(n)s mois", months) % {"n": months}
    return ngettext("%(n)s an", "%(n)s ans", months // 12) % {"n": months // 12}


def reminder_step(days_left: int) -> int | None:
    """Which reminder a paper is at, by the days still left with today; None when it is early yet,
    or over."""
    if days_left <= 0:
        return None
    return next((step for step in REMINDER_DAYS if days_left <= step), None)


def network_of(host: str | None) -> str:
    """Whom failures are counted for: an IPv4 address, or the /64 that one IPv6 customer holds."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:  # a Unix socket: whoever it is comes from this machine
        return "127.0.0.1"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)
        address = address.ipv4_mapped
    return str(address)


def device_name(user_agent: str | None) -> str | None:
    """What a person recognises of a browser: "Firefox, Android"."""
    words = (_known(_BROWSERS, user_agent or ""), _known(_SYSTEMS, user_agent or ""))
    return ", ".join(word for word in words if word) or None


def _known(names: dict[str, str], text: str) -> str | None:
    return next((name for word, name in names.items() if re.search(rf"\b{word}", text)), None)
