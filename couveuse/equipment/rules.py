"""Whether a span may be booked: one small function per rule, every reason at once, no database."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from couveuse.core import i18n
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_, gettext
from couveuse.equipment.models import Item

DAY = 1440
MINUTE = dt.timedelta(minutes=1)
COORDINATION = N_("la coordination")


@dataclass(frozen=True, slots=True)
class Clash:
    """Something that holds the item already: who or why, and from when to when."""

    start: dt.datetime
    end: dt.datetime
    unit: int
    who: str | None
    """The holder; None for an outage."""
    why: str | None = None
    phone: str | None = None
    """Only when the person who asks may call."""
    booking_id: int | None = None
    person_id: int | None = None
    lapses_at: dt.datetime | None = None


class Gap(NamedTuple):
    """A day of the slot that no agreement covers."""

    until: dt.date | None
    """The last day covered before it; None when there was none just before."""
    who: str | None = None
    """Whom to call, with the number."""


def local_days(start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> tuple[dt.date, dt.date]:
    """First and last day of a slot where the item is; an end at midnight is the day before."""
    last = end - dt.timedelta(microseconds=1)
    return start.astimezone(zone).date(), last.astimezone(zone).date()


Days = tuple[dt.date, dt.date | None]
"""The first day, and the one after the last; None when they go on."""


def gap_in(spans: Iterable[Days], first: dt.date, last: dt.date) -> Gap | None:
    """The first of the days that no span covers; None when together they cover all."""
    day = first
    until: dt.date | None = None
    for begins, ends in sorted(spans, key=lambda span: span[0]):
        if begins > day:
            break
        if ends is None:
            return None
        day, until = max(day, ends), max(until or ends, ends)
    if day > last:
        return None
    return Gap(until - dt.timedelta(days=1) if until else None)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules look at, for one item."""

    now: dt.datetime
    zone: ZoneInfo
    start: dt.datetime
    end: dt.datetime
    item: Item
    is_companion: bool = False
    person_id: int | None = None
    """For whom it is asked."""
    is_member: bool = True
    """Whether the person belongs to the network on the first day."""
    missing: Sequence[str] = ()
    """Required papers that the person does not hold on that day."""
    gap: Gap | None = None
    """The day that no agreement of the person covers, where the item asks for one."""
    clashes: Sequence[Clash] = ()
    open_bookings: int = 0
    week_minutes: int = 0
    """Minutes already booked on this item by the person in the week of the start."""
    local_start: dt.datetime = field(init=False)
    local_end: dt.datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "local_start", self.start.astimezone(self.zone))
        object.__setattr__(self, "local_end", self.end.astimezone(self.zone))

    def minutes(self, limit: int) -> int:
        """Length to compare with a limit: by the clock on the wall when the limit is in whole days
        (a day of 25 hours is one day), in elapsed minutes otherwise."""
        if limit % DAY == 0:
            span = self.local_end.replace(tzinfo=None) - self.local_start.replace(tzinfo=None)
        else:
            span = self.end - self.start
        return int(span / MINUTE)


Rule = Callable[[Facts], Iterator[Reason]]


def booking_problems(facts: Facts) -> list[Reason]:
    """Every reason against the booking; none means that it may be made."""
    rules = COMPANION_RULES if facts.is_companion else RULES
    return [replace(reason, about=facts.item.id) for rule in rules for reason in rule(facts)]


def not_past(facts: Facts) -> Iterator[Reason]:
    """A slot that is running may still be taken from its beginning."""
    if facts.start < facts.now - dt.timedelta(minutes=facts.item.slot_minutes):
        yield Reason(
            "past",
            N_("Ce créneau est déjà passé. Choisissez une heure à venir."),
            field="starts_at",
        )


def as_a_member(facts: Facts) -> Iterator[Reason]:
    """Who leaves the network takes nothing for afterwards."""
    if not facts.is_member:
        yield Reason(
            "membership_over",
            N_(
                "L'appartenance au réseau ne va pas jusqu'à ce jour. Choisissez un jour avant sa "
                "fin, ou voyez avec la structure."
            ),
            field="starts_at",
        )


def on_the_grid(facts: Facts) -> Iterator[Reason]:
    slot = facts.item.slot_minutes
    for moment, name in ((facts.local_start, "starts_at"), (facts.local_end, "ends_at")):
        minutes = moment.hour * 60 + moment.minute
        if minutes % slot or moment.second or moment.microsecond:
            yield Reason(
                "off_grid",
                N_("Ce matériel se réserve par pas de %(slot)s. Ajustez l'heure."),
                {"slot": i18n.duration(slot)},
                field=name,
                overridable=True,
            )


def long_enough(facts: Facts) -> Iterator[Reason]:
    least = facts.item.min_minutes
    if facts.minutes(least) < least:
        yield Reason(
            "too_short",
            N_("C'est trop court : ce matériel se réserve %(least)s au moins."),
            {"least": i18n.duration(least)},
            field="ends_at",
            overridable=True,
        )


def short_enough(facts: Facts) -> Iterator[Reason]:
    most = facts.item.max_minutes
    if facts.minutes(most) > most:
        yield Reason(
            "too_long",
            N_("C'est trop long : ce matériel se réserve %(most)s au plus."),
            {"most": i18n.duration(most)},
            field="ends_at",
            overridable=True,
        )


def with_notice(facts: Facts) -> Iterator[Reason]:
    notice = facts.item.notice_minutes
    if notice and facts.start < facts.now + notice * MINUTE:
        yield Reason(
            "too_late",
            N_("C'est trop tard : ce matériel se réserve %(notice)s à l'avance."),
            {"notice": i18n.duration(notice)},
            field="starts_at",
            overridable=True,
        )


def within_horizon(facts: Facts) -> Iterator[Reason]:
    last = facts.now + dt.timedelta(days=facts.item.horizon_days)
    if facts.start > last:
        yield Reason(
            "too_early",
            N_("C'est trop tôt : les réservations sont ouvertes jusqu'au %(last)s."),
            {"last": last.astimezone(facts.zone).date()},
            field="starts_at",
            overridable=True,
        )


def on_open_days(facts: Facts) -> Iterator[Reason]:
    """The days it is taken and brought back; one kept overnight may pass a closed day."""
    last = facts.local_end - dt.timedelta(microseconds=1)
    for day, name in ((facts.local_start.date(), "starts_at"), (last.date(), "ends_at")):
        if day.isoweekday() not in facts.item.open_days:
            yield Reason(
                "closed_day",
                N_("Ce matériel n'est pas disponible le %(day)s. Choisissez un autre jour."),
                {"day": i18n.day(day, "long")},
                field=name,
                overridable=True,
            )
            return


def in_open_hours(facts: Facts) -> Iterator[Reason]:
    opens, closes = facts.item.opens_at, facts.item.closes_at
    if opens is None or closes is None:
        return
    taken, back = facts.local_start.time(), facts.local_end.time()
    is_early = not opens <= taken < closes
    is_late = not opens < back <= closes
    if is_early or is_late:
        yield Reason(
            "closed_hour",
            N_("Ce matériel se prend et se rend entre %(opens)s et %(closes)s."),
            {"opens": i18n.clock_time(opens), "closes": i18n.clock_time(closes)},
            field="starts_at" if is_early else "ends_at",
            overridable=True,
        )


def in_service(facts: Facts) -> Iterator[Reason]:
    if facts.item.retired_on:
        yield Reason(
            "retired",
            N_("%(item)s est retiré du service. Choisissez un autre matériel."),
            {"item": facts.item.name},
        )


def checked(facts: Facts) -> Iterator[Reason]:
    """A lifting machine whose periodic check is overdue is not lent (order of 1 March 2004)."""
    due = facts.item.check_due_on
    if due and facts.local_end.date() > due:
        yield Reason(
            "check_overdue",
            N_(
                "La vérification périodique de %(item)s est à refaire avant le %(due)s. "
                "Choisissez une date plus proche ou prévenez la personne responsable."
            ),
            {"item": facts.item.name, "due": due},
        )


def trained(facts: Facts) -> Iterator[Reason]:
    """Training before driving (labour code R4323-55) and other papers: nobody may override."""
    for name in facts.missing:
        yield paper_missing(facts.item, name)


def paper_missing(item: Item, paper: str) -> Reason:
    return Reason(
        "paper_missing",
        N_(
            "Pour %(item)s, il faut à cette date : %(paper)s. Si c'est fait, demandez à la "
            "personne responsable de l'enregistrer ; sinon, à suivre la formation."
        ),
        {"item": item.name, "paper": paper},
    )


def under_agreement(facts: Facts) -> Iterator[Reason]:
    """Who is in test is insured as long as the agreement holds: nobody may override."""
    if facts.gap is not None and facts.item.needs_agreement:
        yield agreement_reason(facts.item, facts.gap)


def agreement_reason(item: Item, gap: Gap) -> Reason:
    values = {"item": item.name, "last": gap.until, "who": gap.who or gettext(COORDINATION)}
    if gap.until is None:
        message = N_(
            "%(item)s se prend sous convention signée, et aucune ne couvre ces dates. Pour en "
            "parler : %(who)s."
        )
        return Reason("no_agreement", message, values)
    message = N_(
        "%(item)s se prend sous convention signée, et elle s'arrête le %(last)s. Choisissez une "
        "date d'ici là ou, pour la prolonger, appelez : %(who)s."
    )
    return Reason("agreement_ends", message, values, field="ends_at")


def within_quota(facts: Facts) -> Iterator[Reason]:
    most, week = facts.item.max_open_bookings, facts.item.max_week_minutes
    if most is not None and facts.open_bookings >= most:
        yield Reason(
            "too_many",
            N_(
                "Vous avez déjà %(most)s réservations à venir sur ce matériel, c'est le maximum. "
                "Annulez-en une ou attendez."
            ),
            {"most": most},
            overridable=True,
        )
    if week is not None and facts.week_minutes + (facts.end - facts.start) / MINUTE > week:
        yield Reason(
            "too_much_in_week",
            N_("Le maximum est de %(week)s par personne et par semaine sur ce matériel."),
            {"week": i18n.duration(week)},
            overridable=True,
        )


def free(facts: Facts) -> Iterator[Reason]:
    """Some unit is free for the whole span, buffers included."""
    if free_unit(facts.item, facts.clashes) is None:
        for clash in facts.clashes[:3]:
            yield clash_reason(facts, clash)


def free_unit(item: Item, clashes: Sequence[Clash]) -> int | None:
    """The lowest unit that nothing holds; None when all are taken."""
    taken = {clash.unit for clash in clashes}
    return next((unit for unit in range(1, item.capacity + 1) if unit not in taken), None)


def clash_reason(facts: Facts, clash: Clash) -> Reason:
    slot = _held(facts, clash)
    values = {"item": facts.item.name, "slot": slot, "who": clash.who or "", "why": clash.why or ""}
    if clash.who is None:
        message = N_("%(item)s est indisponible (%(slot)s) : %(why)s.")
    elif clash.person_id == facts.person_id:
        message = N_(
            "%(item)s est déjà réservé par vous-même (%(slot)s). "
            "Déplacez plutôt cette réservation-là."
        )
    elif clash.phone:
        values["phone"] = clash.phone
        message = N_("%(item)s est déjà pris par %(who)s (%(slot)s). Pour s'arranger : %(phone)s.")
    else:
        message = N_("%(item)s est déjà pris par %(who)s (%(slot)s).")
    return Reason("slot_taken", message, values)


def _held(facts: Facts, clash: Clash) -> str:
    """The hours of a clash; with the time kept around them, where that alone is in the way."""
    slot = i18n.slot(clash.start.astimezone(facts.zone), clash.end.astimezone(facts.zone))
    before, after = facts.item.buffer_before_minutes, facts.item.buffer_after_minutes
    is_booking = clash.who is not None  # an outage keeps no time around it
    if clash.end <= facts.start and (gap := before + after * is_booking):
        message = N_("%(slot)s, puis %(gap)s de battement")
    elif clash.start >= facts.end and (gap := after + before * is_booking):
        message = N_("%(slot)s, et %(gap)s de battement avant")
    else:
        return slot
    return i18n.translated(message, {"slot": slot, "gap": i18n.duration(gap)})


COMPANION_RULES: tuple[Rule, ...] = (
    in_service,
    checked,
    trained,
    under_agreement,
    on_open_days,
    in_open_hours,
    free,
)
RULES: tuple[Rule, ...] = (
    not_past,
    as_a_member,
    on_the_grid,
    long_enough,
    short_enough,
    with_notice,
    within_horizon,
    on_open_days,
    in_open_hours,
    in_service,
    checked,
    trained,
    under_agreement,
    within_quota,
    free,
)
