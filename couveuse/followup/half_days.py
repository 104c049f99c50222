"""Half-days as they are typed, on a wall clock, and as they are kept."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import Range

from couveuse.core.clock import DoubledHour, MissingHour, to_instant
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup.models.workshop import LONGEST
from couveuse.followup.workshop_forms import HalfDayDraft

MOST = 12
NONE = N_("Notez au moins une demi-journée : un jour, un début et une fin.")
TOO_MANY = N_("%(most)s demi-journées au plus. Faites un second atelier pour la suite.")
TOO_LONG = N_(
    "Demi-journée %(n)s : huit heures au plus. Coupez-la en deux, ou corrigez la pause de midi."
)
MISSING = N_(
    "Demi-journée %(n)s : cette heure n'existe pas cette nuit-là. Choisissez-en une autre."
)
DOUBLED = N_(
    "Demi-journée %(n)s : cette heure existe deux fois cette nuit-là. Choisissez-en une autre."
)
OVERLAP = N_("Les demi-journées %(first)s et %(second)s se recouvrent. Corrigez leurs heures.")
LUNCH = N_("La pause de midi doit finir après son début.")


class HalfDay(NamedTuple):
    line: int
    """Of the form, counted from one."""
    id: int | None
    """Of the half-day that it changes."""
    during: Range[dt.datetime]


def half_days(
    drafts: Sequence[HalfDayDraft],
    zone: ZoneInfo,
    lunch: tuple[dt.time, dt.time],
    known: Mapping[int, Range[dt.datetime]],
) -> list[HalfDay]:
    """In order of time, cut at lunch but for those known that stay as they are.

    Raises Refused with every reason at once.
    """
    reasons: list[Reason] = []
    made: list[HalfDay] = []
    if lunch[1] <= lunch[0]:
        reasons.append(Reason("lunch", LUNCH, field="lunch_until"))
    for n, draft in enumerate(drafts, 1):
        try:
            made += _of_line(HalfDay(n, draft.id, _range(draft, zone)), draft, zone, lunch, known)
        except MissingHour:
            reasons.append(Reason("missing_hour", MISSING, {"n": n}))
        except DoubledHour:
            reasons.append(Reason("doubled_hour", DOUBLED, {"n": n}))
    made.sort(key=lambda one: one.during.lower)  # type: ignore[arg-type,return-value]
    reasons += [
        Reason("too_long", TOO_LONG, {"n": one.line})
        for one in made
        if _length(one.during) > LONGEST
    ]
    reasons += _overlaps(made)
    if not drafts:
        reasons.append(Reason("no_half_day", NONE))
    if len(made) > MOST:
        reasons.append(Reason("too_many", TOO_MANY, {"most": MOST}))
    if reasons:
        raise Refused(*reasons)
    return made


def _of_line(
    whole: HalfDay,
    draft: HalfDayDraft,
    zone: ZoneInfo,
    lunch: tuple[dt.time, dt.time],
    known: Mapping[int, Range[dt.datetime]],
) -> list[HalfDay]:
    """A day that reaches over lunch is a morning and an afternoon."""
    stays = known.get(whole.id or 0) == whole.during
    if stays or not draft.begins < lunch[0] < lunch[1] < draft.ends:
        return [whole]
    morning = draft.model_copy(update={"ends": lunch[0]})
    afternoon = draft.model_copy(update={"begins": lunch[1]})
    return [
        HalfDay(whole.line, whole.id, _range(morning, zone)),
        HalfDay(whole.line, None, _range(afternoon, zone)),
    ]


def _range(draft: HalfDayDraft, zone: ZoneInfo) -> Range[dt.datetime]:
    start, end = (
        to_instant(dt.datetime.combine(draft.day, hour), zone)
        for hour in (draft.begins, draft.ends)
    )
    return Range(start, end, bounds="[)")


def _length(during: Range[dt.datetime]) -> dt.timedelta:
    assert during.lower is not None  # noqa: S101
    assert during.upper is not None  # noqa: S101
    return during.upper - during.lower


def _overlaps(made: Iterable[HalfDay]) -> Iterator[Reason]:
    before: HalfDay | None = None
    for one in made:
        if before and before.during.overlaps(one.during):
            yield Reason("slots_overlap", OVERLAP, {"first": before.line, "second": one.line})
        before = one
