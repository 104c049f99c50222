"""What an action still pays, and what would go beyond it. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from couveuse.core import i18n
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_, ngettext
from couveuse.network.hours import Kind, Line, Session, Time, lines, received, total, whole
from couveuse.network.models import ActionMode, FundedAction

MODES = {
    ActionMode.INDIVIDUAL: N_("individuel"),
    ActionMode.GROUP: N_("collectif"),
}
KINDS = {Kind.VISIT: N_("Visite"), Kind.WORKSHOP: N_("Atelier")}


@dataclass(frozen=True, slots=True)
class Consumed:
    """What the sessions charged to an action add up to, signed or not yet."""

    total: Time = field(default_factory=Time)
    people: list[Line] = field(default_factory=list[Line])

    def of(self, person_id: int) -> Time:
        return next((one.time for one in self.people if one.id == person_id), Time())


def consume(sessions: Iterable[Session]) -> Consumed:
    counted = [whole(one) for one in sessions]
    return Consumed(total(counted), lines(counted, received))


class Left(NamedTuple):
    """A ceiling and what remains of it; below zero it was passed."""

    ceiling: int
    left: int

    @property
    def over(self) -> int:
        return max(0, -self.left)

    @property
    def still(self) -> int:
        return max(0, self.left)


def left_of(ceiling: int | None, used: int) -> Left | None:
    """What waits for its signature is taken already: it will be signed one day."""
    return None if ceiling is None else Left(ceiling, ceiling - used)


def fits(action: FundedAction, session: Session) -> bool:
    """Whether the grant pays that day, for that structure and such a session."""
    grant = action.grant
    held = session.structure is None or session.structure.id in grant.holder_ids
    together = session.kind == Kind.WORKSHOP or len(session.received) > 1
    suits = action.mode == (ActionMode.GROUP if together else ActionMode.INDIVIDUAL)
    return grant.pays_on(session.day) and held and suits


OVER_IN_ALL = N_(
    "« %(action)s » paie %(ceiling)s en tout : il en faudrait %(wanted)s. Choisissez une autre "
    "action, ou donnez la raison du dépassement."
)
OVER_FOR_ONE = N_(
    "« %(action)s » paie %(ceiling)s pour chaque personne : %(person)s en aurait %(wanted)s. "
    "Choisissez une autre action, ou donnez la raison du dépassement."
)


def ceiling_problems(
    action: FundedAction, before: Consumed, more: Sequence[Session]
) -> list[Reason]:
    """What would go beyond a ceiling of the action, in all or for somebody who comes in ``more``.

    What waits for a signature counts: it would be too late to refuse it once it is signed.
    """
    added = consume(more)
    minutes = before.total.whole + added.total.whole
    found = _over(action, action.total_minutes, minutes, i18n.hours)
    count = before.total.whole_half_days + added.total.whole_half_days
    found += _over(action, action.total_half_days, count, half_days)
    for line in added.people:
        earlier, name = before.of(line.id), line.name
        minutes = earlier.whole + line.time.whole
        found += _over(action, action.person_minutes, minutes, i18n.hours, name)
        count = earlier.whole_half_days + line.time.whole_half_days
        found += _over(action, action.person_half_days, count, half_days, name)
    return found


def keys_beyond(
    action: FundedAction, before: Sequence[Session], more: Sequence[Session]
) -> set[str]:
    """By key, those of ``more`` that go beyond a ceiling when they come one after another."""
    found: set[str] = set()
    taken = list(before)
    for session in more:
        if ceiling_problems(action, consume(taken), [session]):
            found.add(session.key)
        taken.append(session)
    return found


def _over(
    action: FundedAction,
    ceiling: int | None,
    wanted: int,
    said: Callable[[int], str],
    person: str | None = None,
) -> list[Reason]:
    if ceiling is None or wanted <= ceiling:
        return []
    values = {"action": action.label, "ceiling": said(ceiling), "wanted": said(wanted)}
    if person is None:
        return [Reason("over_in_all", OVER_IN_ALL, values, overridable=True)]
    return [Reason("over_for_one", OVER_FOR_ONE, values | {"person": person}, overridable=True)]


def half_days(count: int) -> str:
    return ngettext("%(num)s demi-journée", "%(num)s demi-journées", count) % {"num": count}
