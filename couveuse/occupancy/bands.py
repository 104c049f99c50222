"""The rows of a season as HTML: its plots, and a band for each claim. Pure.

A season shows hundreds of plots and thousands of bands. They are most of the board's work, so they
are put together here and not in the template.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup, escape
from sqlalchemy.dialects.postgresql import Range

from couveuse.core import i18n
from couveuse.core.i18n import N_
from couveuse.occupancy.agreed import Agreed, cover_of
from couveuse.occupancy.figures import FAR, Ground, Held
from couveuse.occupancy.models import PeriodKind
from couveuse.occupancy.rules import KINDS, kind_name
from couveuse.occupancy.season import SCALE, Season
from couveuse.occupancy.spans import DAY, said

HUES = tuple(f" h{n}" for n in range(1, 9))


@dataclass(frozen=True, slots=True)
class Frame:
    """What all rows of a board share. The addresses come without their number."""

    season: Season
    today: dt.date
    map_day: dt.date
    """The bands of that day are marked, for the map beside the board."""
    plot_url: str
    claim_url: str


class Place(NamedTuple):
    """A site with the rows of its plots."""

    name: str
    is_temporary: bool
    rows: Markup


def places_of(
    grounds: Sequence[Ground],
    claims: Iterable[Held],
    agreed: Agreed,
    frame: Frame,
) -> list[Place]:
    """The plots by site, in the order they come; the claims come by plot and first day."""
    bands = _bands(claims, agreed, frame)
    language = i18n.language()
    return [
        Place(
            grounds_of[0].site_name,
            grounds_of[0].is_temporary,
            Markup(  # noqa: S704, see _safe
                "\n".join(
                    _row(ground, bands.get(ground.id, ()), frame, language) for ground in grounds_of
                )
            ),
        )
        for grounds_of in (list(some) for _, some in groupby(grounds, _site))
    ]


def _site(ground: Ground) -> int:
    return ground.site_id


def _row(ground: Ground, bands: Sequence[str], frame: Frame, language: str) -> str:
    season = frame.season
    before = after = ""
    if ground.start > season.start:
        before = _void(season.place(season.start, ground.start))
    if ground.end and ground.end < season.end:
        after = _void(season.place(ground.end, season.end))
    size = _size(ground.size_m2, language) if ground.size_m2 else ""
    free, look = free_text(
        ground.usable_until, ground.free_on, frame.today, ground.is_temporary, language
    )
    return (
        f'<section class="plot" data-plot="{ground.id}">'
        f'<h3><a href="{frame.plot_url}{ground.id}">{_safe(ground.code)}</a>{size}</h3>\n'
        f'<ol class="track">{before}{"".join(bands)}{after}</ol>\n'
        f'<p class="next"><span class="{look}">{free}</span></p></section>'
    )


def _void(place: str) -> str:
    return f'<li class="void {place}" aria-hidden="true"></li>'


@lru_cache(maxsize=4096)
def free_text(
    end: dt.date | None, free_on: dt.date | None, today: dt.date, is_promised: bool, _language: str
) -> tuple[str, str]:
    """When a plot is free next, and the look to say it in. ``end``: of what may be used of it.

    ``is_promised``: a temporary site, for one person alone.
    """
    if is_promised and end is None:
        return "", "meta"
    if end and (is_promised or end <= today):
        return i18n.translated(N_("jusqu'au %(day)s"), {"day": end - DAY}), "meta"
    if free_on is None:
        if end:
            return i18n.translated(N_("tenue jusqu'au %(day)s"), {"day": end - DAY}), "free busy"
        return i18n.gettext(N_("tenue sans fin")), "free busy"
    if free_on <= today:
        return i18n.gettext(N_("libre")), "free ok"
    return i18n.translated(N_("libre le %(day)s"), {"day": free_on}), "free busy"


def _bands(claims: Iterable[Held], agreed: Agreed, frame: Frame) -> dict[int, list[str]]:
    """The bands of each plot; claims of one stay that follow each other read as one."""
    season, day, claim_url = frame.season, frame.map_day, frame.claim_url
    language = i18n.language()
    kinds = {str(kind): kind_text(kind, language) for kind in KINDS}
    found: dict[int, list[str]] = {}
    bands: list[str] = []
    last: Held | None = None
    for claim in claims:
        if last is None or last.plot_id != claim.plot_id:
            bands = found[claim.plot_id] = []
            last = None
        kind, start, end = kinds[claim.kind], claim.start, claim.end
        days = _said(start, end, language)
        if names := claim.names:
            who = _safe(names[0]) if len(names) == 1 else ", ".join(map(_safe, names))
            details = f"{kind}, {days}"
        else:
            who = kind.capitalize()
            details = f"{_safe(claim.reason)}, {days}" if claim.reason else days
        mark = ""
        if names and agreed:
            told, mark = _agreements(claim, agreed, frame, language)
            details += told
        current = ' aria-current="date"' if start <= day < end else ""
        bands.append(
            f'<li><a class="band {claim.kind}{hue_of(claim)} {_place(claim, last, season)}"'
            f'{current} href="{claim_url}{claim.id}" data-claim="{claim.id}">'
            f"<b>{who}</b> <span>{details}</span></a></li>{mark}"
        )
        last = claim
    return found


def _place(claim: Held, last: Held | None, season: Season) -> str:
    """Where a band stands, and what lies beyond its ends: more of it, or the same stay."""
    place = season.place(claim.start, claim.end)
    if claim.start < season.start:
        place += " open-start"
    if claim.end > season.end:
        place += " open-end"
    if last is not None and last.end == claim.start and goes_on(last, claim):
        place += " joined"
    return place


def _agreements(claim: Held, agreed: Agreed, frame: Frame, language: str) -> tuple[str, str]:
    """What the agreements of those who hold a claim are told to be, and the flags of that.

    The first one to end while they hold it; and, until the stay is over, who has none for it.
    """
    season, start, end = frame.season, claim.start, claim.end
    first, told, marks = end + DAY if end < FAR else FAR, "", ""
    is_told = claim.kind == PeriodKind.STAY and end > frame.today
    for person_id, name in zip(claim.people, claim.names, strict=True):
        if person_id not in agreed:
            continue
        until, is_within = cover_of(agreed[person_id], start, end)
        if is_within and until:
            first = min(first, until)
        elif is_told:
            who = name if len(claim.names) > 1 else ""
            told += f", {_safe(_said_missing(until, who, language))}"
            marks = _flag("agreed short none", max(start, season.start), season)
    if first <= end and first < FAR:
        is_short = first < end
        told = f", {_said_agreed(first, is_short, language)}{told}"
        if season.start < first:
            marks += _flag("agreed short" if is_short else "agreed", first, season)
    return told, marks


@lru_cache(maxsize=4096)
def _said_agreed(until: dt.date, is_short: bool, _language: str) -> str:
    whole, short = N_("convention jusqu'au %(day)s"), N_("convention jusqu'au %(day)s seulement")
    return i18n.translated(short if is_short else whole, {"day": until - DAY})


@lru_cache(maxsize=4096)
def _said_missing(until: dt.date | None, who: str, _language: str) -> str:
    if until is None:
        sentence = N_("%(who)s sans convention signée") if who else N_("sans convention signée")
        return i18n.translated(sentence, {"who": who})
    alone = N_("convention finie avant, le %(day)s")
    one_of_them = N_("convention de %(who)s finie avant, le %(day)s")
    return i18n.translated(one_of_them if who else alone, {"day": until - DAY, "who": who})


def _flag(look: str, day: dt.date, season: Season) -> str:
    if day > season.end:
        return ""
    place = season.thousandths.get(day, SCALE)
    return f'<li class="{look} x{place}" aria-hidden="true"></li>'


def goes_on(before: Held, claim: Held) -> bool:
    """Whether a claim is the same unbroken time as the one before it on the plot."""
    return (
        before.plot_id == claim.plot_id
        and before.stay_id is not None
        and before.stay_id == claim.stay_id
        and before.kind == claim.kind
        and before.end == claim.start
    )


def hue_of(claim: Held) -> str:
    """The same people have the same hue everywhere."""
    return HUES[min(claim.people) % len(HUES)] if claim.people else ""


@lru_cache(maxsize=8192)
def _safe(text: str) -> str:
    """What people typed, for a page; kinds and dates are our own words."""
    return str(escape(text))


@lru_cache(maxsize=4096)
def _size(value: Decimal, _language: str) -> str:
    return f' <span class="meta">{i18n.number(value)} m²</span>'


@lru_cache(maxsize=32)
def kind_text(kind: str, _language: str) -> str:
    return kind_name(kind).lower()


@lru_cache(maxsize=8192)
def _said(start: dt.date, end: dt.date, _language: str) -> str:
    return said(Range(start, None if end == FAR else end))
