"""The way from first contact to life after the test: states in words, and what may follow what."""

import datetime as dt
from typing import NamedTuple

from couveuse.core.errors import Reason
from couveuse.core.i18n import N_, gettext
from couveuse.trainees.models import PathState

S = PathState

STATE_NAMES = {
    S.CONTACT: N_("premier contact"),
    S.WELCOMED: N_("accueil fait"),
    S.ORIENTED_OUT: N_("orientation proposée"),
    S.APPLYING: N_("candidature"),
    S.SELECTED: N_("candidature retenue"),
    S.WAITING_LIST: N_("en attente d'une place"),
    S.REFUSED: N_("candidature non retenue"),
    S.WITHDRAWN: N_("projet mis de côté"),
    S.IN_PREPARATION: N_("entrée en préparation"),
    S.IN_TEST: N_("test en cours"),
    S.SUSPENDED: N_("test suspendu"),
    S.LEAVING: N_("sortie en préparation"),
    S.EXITED: N_("test terminé"),
    S.FOLLOWED_AFTER: N_("suivi après le test"),
    S.CLOSED: N_("parcours clos"),
}

FOLLOWS: dict[PathState, tuple[PathState, ...]] = {
    S.CONTACT: (S.WELCOMED, S.ORIENTED_OUT, S.APPLYING, S.WITHDRAWN, S.CLOSED),
    S.WELCOMED: (S.APPLYING, S.ORIENTED_OUT, S.WITHDRAWN, S.CLOSED),
    S.ORIENTED_OUT: (S.WELCOMED, S.APPLYING, S.WITHDRAWN, S.CLOSED),
    S.APPLYING: (S.SELECTED, S.WAITING_LIST, S.REFUSED, S.WELCOMED, S.ORIENTED_OUT, S.WITHDRAWN),
    S.WAITING_LIST: (S.SELECTED, S.APPLYING, S.REFUSED, S.ORIENTED_OUT, S.WITHDRAWN, S.CLOSED),
    S.REFUSED: (S.APPLYING, S.WELCOMED, S.ORIENTED_OUT, S.CLOSED),
    S.SELECTED: (S.IN_PREPARATION, S.IN_TEST, S.WAITING_LIST, S.APPLYING, S.WITHDRAWN),
    S.IN_PREPARATION: (S.IN_TEST, S.SELECTED, S.WITHDRAWN),
    S.IN_TEST: (S.SUSPENDED, S.LEAVING, S.EXITED),
    S.SUSPENDED: (S.IN_TEST, S.LEAVING, S.EXITED),
    S.LEAVING: (S.EXITED, S.IN_TEST),
    S.EXITED: (S.FOLLOWED_AFTER, S.CLOSED),
    S.FOLLOWED_AFTER: (S.CLOSED,),
    S.WITHDRAWN: (S.WELCOMED, S.APPLYING, S.CLOSED),
    S.CLOSED: (),
}
"""What may come after what, the usual first. Nobody is ever only sent away: who was refused or set
the project aside may come back. A closed path stays closed; another one can be opened."""

SILENCE = {
    S.CONTACT: dt.timedelta(days=10),
    S.WELCOMED: dt.timedelta(days=60),
    S.ORIENTED_OUT: dt.timedelta(days=60),
    S.APPLYING: dt.timedelta(days=60),
    S.WAITING_LIST: dt.timedelta(days=60),
    S.SELECTED: dt.timedelta(days=60),
}
"""After how long without any news somebody may have been forgotten."""

MOVED_ON = (S.CLOSED, S.WITHDRAWN, S.REFUSED, S.EXITED, S.FOLLOWED_AFTER)
"""Where no next step is expected from the test-space every day."""


class Silence(NamedTuple):
    """How long nothing has been heard of somebody."""

    days: int


def state_name(state: str) -> str:
    return gettext(STATE_NAMES[PathState(state)])


def state_options(states: tuple[PathState, ...] | None = None) -> list[tuple[str, str]]:
    chosen = tuple(PathState) if states is None else states
    return [(state.value, gettext(STATE_NAMES[state])) for state in chosen]


def silence(state: str, changed_at: dt.datetime, now: dt.datetime) -> Silence | None:
    """The silence when it lasts too long for the state, None while all is well."""
    limit = SILENCE.get(PathState(state))
    quiet = now - changed_at
    return Silence(quiet.days) if limit and quiet >= limit else None


def step_problems(
    before: str, after: PathState, on: dt.date, *, since: dt.date, today: dt.date
) -> list[Reason]:
    """Why a path cannot change like that on that day; ``since`` is the day of its last change."""
    found: list[Reason] = []
    allowed = FOLLOWS[PathState(before)]
    if not allowed:
        sentence = N_("Ce parcours est clos. Ouvrez-en un autre depuis un nouvel accueil.")
        found.append(Reason("path_closed", sentence, field="state"))
    elif after not in allowed:
        sentence = N_(
            "Après « %(before)s », on ne note pas « %(after)s ». Choisissez parmi : %(allowed)s."
        )
        values = {
            "before": state_name(before),
            "after": state_name(after),
            "allowed": ", ".join(state_name(one) for one in allowed),
        }
        found.append(Reason("not_after", sentence, values, field="state"))
    if on > today:
        sentence = N_("Ce jour n'est pas encore venu. Notez le changement quand il a eu lieu.")
        found.append(Reason("step_to_come", sentence, field="happened_on"))
    if on < since:
        sentence = N_(
            "Le dernier changement date du %(day)s. Choisissez ce jour ou un jour suivant."
        )
        found.append(Reason("step_too_early", sentence, {"day": since}, field="happened_on"))
    return found


def may_apply(state: str) -> bool:
    """From where an application is opened; once it is decided, another one may follow."""
    now = PathState(state)
    return now == PathState.APPLYING or PathState.APPLYING in FOLLOWS[now]


def days_late(due_on: dt.date | None, today: dt.date) -> int:
    """By how many days a date has passed; nothing for dates to come or missing."""
    return max((today - due_on).days, 0) if due_on else 0
