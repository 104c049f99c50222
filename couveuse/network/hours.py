"""Hours of support, exact to the minute. Pure: sessions in, whole minutes out.

A session is counted in three ways that are never mixed: its own time, once; the time that each
mentor gave, once whatever the number of people; the time that each person present received. A
structure gave as long as one of its mentors was there, however many they were. Each is said apart
by the proof behind it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from couveuse.core import clock

MINUTE = dt.timedelta(minutes=1)


class Kind(StrEnum):
    VISIT = "visit"
    WORKSHOP = "workshop"
    """A half-day of one."""


class Proof(StrEnum):
    SIGNED = "signed"
    """On the screen, by the person and by who gave the time."""
    PAPER = "paper"
    """On a sheet of paper that was scanned."""
    UNSIGNED = "unsigned"


class Named(NamedTuple):
    id: int
    name: str


class Giver(NamedTuple):
    """Who gave the time: from the beginning on, perhaps not to the end."""

    id: int
    name: str
    minutes: int
    structure: Named | None = None
    """Whose time it is."""
    leads: bool = True
    """Not only came along."""


class Received(NamedTuple):
    """Somebody who was there."""

    id: int
    name: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Session:
    """Support that took place, as far as its reader may know of it."""

    kind: Kind
    id: int
    start: dt.datetime
    minutes: int
    zone: ZoneInfo
    givers: tuple[Giver, ...]
    received: tuple[Received, ...]
    proof: Proof
    structure: Named | None = None
    """Whose time it is first of all."""
    action: Named | None = None
    """What pays it."""
    grant: Named | None = None
    half_days: int = 0
    about_id: int = 0
    """Whose follow-up it is; of a half-day, the workshop."""
    title: str = ""
    """Of a workshop."""
    opens: bool = False
    """Whether the reader may open its signed source."""

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.id}"

    @property
    def is_proven(self) -> bool:
        return self.proof != Proof.UNSIGNED

    @property
    def day(self) -> dt.date:
        return self.start.astimezone(self.zone).date()

    def within(self, start: dt.date, end: dt.date) -> int:
        """Its minutes from the first day on, and before ``end``: each is where it begins."""
        since, until = clock.day_start(start, self.zone), clock.day_start(end, self.zone)
        return self.between(since, until, self.minutes)

    def between(self, since: dt.datetime, until: dt.datetime, minutes: int) -> int:
        """How many of its first minutes begin from one moment on, and before another."""
        return self._begun(until, minutes) - self._begun(since, minutes)

    def _begun(self, moment: dt.datetime, minutes: int) -> int:
        return min(minutes, max(0, -((self.start - moment) // MINUTE)))


class Counted(NamedTuple):
    """What of a session lies in a period."""

    session: Session
    minutes: int
    half_days: int
    given: tuple[int, ...] = ()
    """Minutes of each giver, in their order."""


def cut(sessions: Iterable[Session], start: dt.date, end: dt.date) -> list[Counted]:
    """Those that lie in the period at least in part, in the order of time."""
    found = [
        Counted(
            one, minutes, one.half_days if start <= one.day < end else 0, _given(one, start, end)
        )
        for one in sessions
        if (minutes := one.within(start, end))
    ]
    return sorted(found, key=lambda one: (one.session.start, one.session.key))


def _given(session: Session, start: dt.date, end: dt.date) -> tuple[int, ...]:
    since, until = clock.day_start(start, session.zone), clock.day_start(end, session.zone)
    return tuple(session.between(since, until, one.minutes) for one in session.givers)


@dataclass(slots=True)
class Time:
    """Minutes and half-days, by the proof behind them."""

    minutes: dict[Proof, int] = field(default_factory=lambda: dict.fromkeys(Proof, 0))
    half_days: dict[Proof, int] = field(default_factory=lambda: dict.fromkeys(Proof, 0))
    sessions: int = 0

    def add(self, counted: Counted, proof: Proof, minutes: int | None = None) -> None:
        self.minutes[proof] += counted.minutes if minutes is None else minutes
        self.half_days[proof] += counted.half_days
        self.sessions += 1

    @property
    def proven(self) -> int:
        """What a funder pays: signed, on the screen or on paper."""
        return self.minutes[Proof.SIGNED] + self.minutes[Proof.PAPER]

    @property
    def waiting(self) -> int:
        return self.minutes[Proof.UNSIGNED]

    @property
    def whole(self) -> int:
        return sum(self.minutes.values())

    @property
    def proven_half_days(self) -> int:
        return self.half_days[Proof.SIGNED] + self.half_days[Proof.PAPER]

    @property
    def waiting_half_days(self) -> int:
        return self.half_days[Proof.UNSIGNED]

    @property
    def whole_half_days(self) -> int:
        return sum(self.half_days.values())


class Line(NamedTuple):
    """The time of somebody or something."""

    id: int
    """0 for what belongs to none."""
    name: str
    time: Time


class Part(NamedTuple):
    """What of a session is counted under a name."""

    under: Named
    proof: Proof
    minutes: int


Way = Callable[[Counted], Sequence[Part]]
"""Under what a session is counted: each name once."""


def received(counted: Counted) -> list[Part]:
    return [
        Part(Named(one.id, one.name), one.proof, counted.minutes)
        for one in counted.session.received
    ]


def given(counted: Counted) -> list[Part]:
    session = counted.session
    pairs = zip(session.givers, counted.given, strict=True)
    return [
        Part(Named(one.id, one.name), session.proof, minutes) for one, minutes in pairs if minutes
    ]


NONE = Named(0, "")


def by_structure(counted: Counted) -> list[Part]:
    """As long as one of its mentors was there; without a mentor, the time of the session."""
    session = counted.session
    found: dict[Named, int] = {}
    for one, minutes in zip(session.givers, counted.given, strict=True):
        under = one.structure or NONE
        found[under] = max(minutes, found.get(under, 0))
    if not session.givers:
        found[session.structure or NONE] = counted.minutes
    return [Part(under, session.proof, minutes) for under, minutes in found.items() if minutes]


def _once(one: Named | None, counted: Counted) -> list[Part]:
    return [Part(one or NONE, counted.session.proof, counted.minutes)]


def by_action(counted: Counted) -> list[Part]:
    return _once(counted.session.action, counted)


def by_grant(counted: Counted) -> list[Part]:
    return _once(counted.session.grant, counted)


WAYS: dict[str, Way] = {
    "personnes": received,
    "accompagnement": given,
    "structures": by_structure,
    "actions": by_action,
    "financements": by_grant,
}


def lines(counted: Iterable[Counted], way: Way) -> list[Line]:
    """By name; what belongs to none comes last."""
    found: dict[int, Line] = {}
    for one in counted:
        for under, proof, minutes in way(one):
            line = found.setdefault(under.id, Line(under.id, under.name, Time()))
            line.time.add(one, proof, minutes)
    return sorted(found.values(), key=lambda line: (not line.id, line.name, line.id))


def total(counted: Iterable[Counted]) -> Time:
    """The time of the sessions themselves, each once."""
    found = Time()
    for one in counted:
        found.add(one, one.session.proof)
    return found


def whole(session: Session) -> Counted:
    given = tuple(one.minutes for one in session.givers)
    return Counted(session, session.minutes, session.half_days, given)
