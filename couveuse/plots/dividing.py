"""What must hold when plots are split or merged: ground is neither lost nor made. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from couveuse.core import geo
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_
from couveuse.plots.models import Plot
from couveuse.plots.split_forms import SHARED, Part, Whole

SLACK_M2 = Decimal(20)
"""Two lines drawn by hand along each other never fit exactly."""
SLACK_SHARE = Decimal("0.02")

DIVIDED = N_(
    "%(plot)s est déjà divisée ou réunie à d'autres à partir du %(day)s. Ouvrez une des parcelles "
    "qui en sont issues."
)
NOT_IN_SERVICE = N_("%(plot)s n'est pas en service ce jour-là. Choisissez un autre jour.")
STARTS_THAT_DAY = N_("%(plot)s commence ce jour-là. Choisissez un jour après son premier.")
ONE_PART = N_("Décrivez au moins deux morceaux.")
SAME_CODE = N_("Deux morceaux ont le code « %(code)s ». Donnez à chacun le sien.")
NO_SIZE = N_("La surface de %(plot)s n'est pas connue. Donnez-la d'abord, ou dessinez son contour.")
SIZES_DIFFER = N_(
    "Les morceaux font %(parts)s m² et la parcelle %(whole)s m² : il y a %(gap)s m² de différence. "
    "Corrigez une des surfaces."
)
COVERED_DIFFER = N_(
    "Les morceaux ont %(parts)s m² couverts et la parcelle %(whole)s m². "
    "Dites ce qui est couvert sur chacun."
)
CULTIVABLE_DIFFER = N_(
    "Les morceaux ont %(parts)s m² cultivables et la parcelle %(whole)s m². Corrigez."
)
TUNNELS_DIFFER = N_(
    "Les morceaux ont %(parts)s tunnels et la parcelle %(whole)s. Dites ceux de chacun."
)
BEDS_DIFFER = N_(
    "Les morceaux ont %(parts)s planches et la parcelle %(whole)s. Dites celles de chacun."
)
COVERED_TOO_LARGE = N_(
    "« %(code)s » a plus de surface couverte ou cultivable que de surface. Corrigez."
)
OUTSIDE = N_("Le contour de « %(code)s » sort de %(plot)s, de %(area)s m². Redessinez-le.")
OVERLAP = N_("Les contours de « %(one)s » et « %(other)s » se recouvrent, de %(area)s m².")
ONE_PLOT = N_("Choisissez au moins deux parcelles.")
SITES_DIFFER = N_("Les parcelles sont sur des sites différents : elles ne se fusionnent pas.")
ENDS_DIFFER = N_(
    "Les parcelles ne finissent pas leur service le même jour. Donnez-leur d'abord la même fin."
)
RIGHTS_DIFFER = N_(
    "Les droits sur la terre ne portent pas sur les mêmes dates : %(plots)s. Gardez des parcelles "
    "séparées, ou mettez d'abord les droits en accord."
)


def service_problems(
    plots: Sequence[Plot], on: dt.date, divided: Mapping[int, dt.date]
) -> list[Reason]:
    """A plot ends the day before: it must be there that day, and the day before too.

    ``divided`` says which ones became others already, and from when: that happens once.
    """
    found: list[Reason] = []
    for plot in plots:
        lower, upper = plot.during.lower, plot.during.upper
        if plot.id in divided:
            values = {"plot": plot.code, "day": divided[plot.id]}
            found.append(Reason("divided", DIVIDED, values))
            continue
        if (lower and on < lower) or (upper and on >= upper):
            sentence = NOT_IN_SERVICE
        elif on == lower:
            sentence = STARTS_THAT_DAY
        else:
            continue
        found.append(Reason("not_in_service", sentence, {"plot": plot.code}, field="happened_on"))
    return found


def split_problems(
    plot: Plot, on: dt.date, parts: Sequence[Part], divided: Mapping[int, dt.date]
) -> list[Reason]:
    """Every reason why a plot cannot become these parts."""
    found = service_problems([plot], on, divided)
    if len(parts) < 2:
        found.append(Reason("one_part", ONE_PART))
    found += _repeated_codes(parts)
    if not plot.size_m2:
        return [*found, Reason("no_size", NO_SIZE, {"plot": plot.code})]
    return [*found, *_size_problems(plot, parts), *_outline_problems(plot, parts)]


def whole_of(plot: Plot) -> Whole:
    return Whole(plot.size_m2, plot.cultivable_m2, plot.covered_m2, plot.tunnels, plot.beds)


def halves(plot: Plot) -> list[dict[str, Decimal]]:
    """Two parts to begin with, by field of the form; what is covered follows the tunnels."""
    whole = whole_of(plot)
    even = [Decimal(1), Decimal(1)]
    parts = {name: shared_out(have, even) for name in SHARED if (have := getattr(whole, name))}
    if whole.covered and whole.tunnels:
        parts["covered"] = shared_out(whole.covered, parts["tunnels"])
    return [{name: shares[number] for name, shares in parts.items()} for number in range(2)]


def shared_out(whole: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """In whole numbers, in proportion to the weights; together exactly the whole."""
    edges = [
        (whole * sum(weights[:number]) / sum(weights)).quantize(Decimal(1), ROUND_HALF_UP)
        for number in range(1, len(weights))
    ]
    return [end - start for start, end in pairwise([Decimal(0), *edges, whole])]


def _repeated_codes(parts: Sequence[Part]) -> list[Reason]:
    codes = [part.code.lower() for part in parts]
    repeated = dict.fromkeys(p.code for p in parts if codes.count(p.code.lower()) > 1)
    return [Reason("same_code", SAME_CODE, {"code": code}) for code in list(repeated)[:1]]


def _size_problems(plot: Plot, parts: Sequence[Part]) -> list[Reason]:
    found: list[Reason] = []
    size = sum((part.size_m2 for part in parts), Decimal(0))
    if size != plot.size_m2:
        values = {"parts": size, "whole": plot.size_m2, "gap": abs(size - plot.size_m2)}
        found.append(Reason("sizes_differ", SIZES_DIFFER, values))
    covered = sum((part.covered_m2 or Decimal(0) for part in parts), Decimal(0))
    if covered != plot.covered_m2:
        values = {"parts": covered, "whole": plot.covered_m2}
        found.append(Reason("covered_differ", COVERED_DIFFER, values))
    for code, sentence, have, whole in (
        ("tunnels_differ", TUNNELS_DIFFER, sum(part.tunnels for part in parts), plot.tunnels),
        ("beds_differ", BEDS_DIFFER, sum(part.beds for part in parts), plot.beds),
    ):
        if have != whole:
            found.append(Reason(code, sentence, {"parts": have, "whole": whole}))
    cultivable = [part.cultivable_m2 for part in parts if part.cultivable_m2 is not None]
    if cultivable and plot.cultivable_m2 is not None and sum(cultivable) != plot.cultivable_m2:
        values = {"parts": sum(cultivable), "whole": plot.cultivable_m2}
        found.append(Reason("cultivable_differ", CULTIVABLE_DIFFER, values))
    found += [
        Reason("covered_too_large", COVERED_TOO_LARGE, {"code": part.code})
        for part in parts
        if (part.covered_m2 or 0) > part.size_m2 or (part.cultivable_m2 or 0) > part.size_m2
    ]
    return found


def _outline_problems(plot: Plot, parts: Sequence[Part]) -> list[Reason]:
    found: list[Reason] = []
    drawn = [(part, part.outline) for part in parts if part.outline]
    for number, (part, outline) in enumerate(drawn):
        slack = max(SLACK_M2, part.size_m2 * SLACK_SHARE)
        if plot.outline and (area := geo.outside_m2(outline, plot.outline)) > slack:
            values = {"code": part.code, "plot": plot.code, "area": area}
            found.append(Reason("outside", OUTSIDE, values))
        for other, its_outline in drawn[number + 1 :]:
            if (area := geo.overlap_m2(outline, its_outline)) > slack:
                values = {"one": part.code, "other": other.code, "area": area}
                found.append(Reason("overlap", OVERLAP, values))
    return found


def merge_problems(
    plots: Sequence[Plot], on: dt.date, divided: Mapping[int, dt.date]
) -> list[Reason]:
    """Every reason why these plots cannot become one."""
    found = service_problems(plots, on, divided)
    if len(plots) < 2:
        found.append(Reason("one_plot", ONE_PLOT, field="plot_ids"))
    if len({plot.site_id for plot in plots}) > 1:
        found.append(Reason("sites_differ", SITES_DIFFER, field="plot_ids"))
    if len({plot.during.upper for plot in plots}) > 1:
        found.append(Reason("ends_differ", ENDS_DIFFER, field="plot_ids"))
    found += [Reason("no_size", NO_SIZE, {"plot": plot.code}) for plot in plots if not plot.size_m2]
    if len({days for plot in plots if (days := _allowed_days(plot, on))}) > 1:
        values = {"plots": ", ".join(plot.code for plot in plots)}
        found.append(Reason("rights_differ", RIGHTS_DIFFER, values, field="plot_ids"))
    return found


def _allowed_days(plot: Plot, on: dt.date) -> tuple[tuple[Any, Any], ...]:
    """From the day on, when the rights of a plot let it be lent; joined up; none recorded: ()."""
    spans = sorted(
        (max(right.during.lower or on, on), right.during.upper or dt.date.max)
        for right in plot.rights
        if right.during.upper is None or right.during.upper > on
    )
    joined: list[tuple[dt.date, dt.date]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)
