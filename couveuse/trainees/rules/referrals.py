"""Referrals in words, and from where somebody may be referred."""

from couveuse.core.i18n import N_, gettext
from couveuse.trainees.models import PathState, ReferralState
from couveuse.trainees.rules.paths import FOLLOWS

REFERRAL_STATES = {
    ReferralState.SENT: (N_("attend une réponse"), "info"),
    ReferralState.ACCEPTED: (N_("acceptée"), "ok"),
    ReferralState.DECLINED: (N_("déclinée"), ""),
    ReferralState.WITHDRAWN: (N_("retirée"), ""),
}
"""In words, with the tone of the badge. Declining is an answer like another."""


def referral_state(state: str) -> tuple[str, str]:
    text, tone = REFERRAL_STATES[ReferralState(state)]
    return gettext(text), tone


def may_be_referred(state: str) -> bool:
    """From where an orientation leads on; again, when the first one came to nothing."""
    now = PathState(state)
    return now == PathState.ORIENTED_OUT or PathState.ORIENTED_OUT in FOLLOWS[now]
