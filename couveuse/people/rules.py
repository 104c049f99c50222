"""How long sign-in lasts, how often it may fail, and what roles are called."""

import datetime as dt
import ipaddress
import re

from couveuse.core.actor import Role
from couveuse.core.i18n import N_, gettext
from couveuse.people.models import LinkPurpose, PaperState

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
    PaperState.TO_COME: (N_("pas encore valable"), "info"),
    PaperState.VALID: (N_("à jour"), "ok"),
    PaperState.ENDING: (N_("à renouveler bientôt"), "warn"),
    PaperState.EXPIRED: (N_("échu"), "stop"),
}
"""In words, with the tone of the badge."""

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
