"""Groups in words of the reader's language."""

from couveuse.core.i18n import N_, gettext
from couveuse.trainees.models import FollowUpKind

FOLLOW_UP_KINDS = {
    FollowUpKind.TECHNICAL: N_("technique"),
    FollowUpKind.ENTERPRISE: N_("entreprise"),
    FollowUpKind.SETTLEMENT: N_("installation"),
    FollowUpKind.HUMAN: N_("écoute et moral"),
}


def follow_up_name(kind: str) -> str:
    return gettext(FOLLOW_UP_KINDS[FollowUpKind(kind)])
