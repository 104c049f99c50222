"""Condition reports: what is looked at, and what differs between coming and leaving. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Any, NamedTuple

from couveuse.core import i18n
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy.models import ConditionFacts, ConditionReport, ReportKind

POINTS: dict[str, str] = {
    "access": N_("Accès, chemin, portail"),
    "fence": N_("Clôtures"),
    "soil": N_("Sol, propreté, adventices"),
    "crops": N_("Cultures en place"),
    "water": N_("Point d'eau, vannes"),
    "irrigation": N_("Irrigation, goutte-à-goutte"),
    "power": N_("Électricité"),
    "tunnel": N_("Tunnel : structure, portes"),
    "plastic": N_("Tunnel : bâche"),
    "storage": N_("Rangement, abri"),
    "waste": N_("Déchets, bâches usagées"),
    "hedges": N_("Haies, arbres, bordures"),
}
STATES: dict[str, str] = {
    "good": N_("bon"),
    "fair": N_("moyen"),
    "poor": N_("à reprendre"),
    "none": N_("sans objet"),
}
REPORT_KINDS: dict[str, str] = {ReportKind.ENTRY: N_("entrée"), ReportKind.EXIT: N_("sortie")}
LONGEST = 300


def read_points(values: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """The points of a sent form, ``state_fence`` and ``remark_fence``; those left empty are out."""
    found: list[dict[str, str]] = []
    for key, label in POINTS.items():
        state, remark = _one(values, f"state_{key}"), _one(values, f"remark_{key}")
        if (state and state not in STATES) or len(remark) > LONGEST or "\x00" in remark:
            raise Refused(_unreadable(label))
        if state or remark:
            found.append({"point": key, "state": state, "remark": remark})
    return found


def _one(values: Mapping[str, Sequence[str]], name: str) -> str:
    sent = values.get(name)
    return sent[0] if sent else ""


def _unreadable(label: str) -> Reason:
    sentence = N_("« %(point)s » : choisissez un état, et une remarque de 300 caractères au plus.")
    return Reason("bad_point", sentence, {"point": i18n.gettext(label)})


def written(report: ConditionFacts) -> dict[str, Any]:
    """The report as somebody would write it in the form."""
    values: dict[str, Any] = {
        name: getattr(report, name) for name in ("kind", "made_on", "stay_id", "keys", "remarks")
    }
    for name in ("water_meter", "power_meter"):
        values[name] = i18n.typed(getattr(report, name))
    for point in report.points:
        values[f"state_{point['point']}"] = point.get("state") or None
        values[f"remark_{point['point']}"] = point.get("remark") or None
    return values


class Made(NamedTuple):
    """A report with the plot it was made on, and whose stay it is of."""

    report: ConditionReport
    plot: str
    people: dict[int, str]

    @property
    def who(self) -> str:
        return ", ".join(self.people.values())


class Match(IntEnum):
    """How an entry goes with what is compared with it, the best first."""

    STAY = 1
    PEOPLE = 2
    """Of the same people, in an earlier stay."""
    UNSAID = 3
    """One of the two does not say whose it is."""
    OTHERS = 4


COMPARED: dict[Match, str] = {
    Match.STAY: N_("Comparé avec l'entrée du même séjour, le %(day)s."),
    Match.PEOPLE: N_(
        "Aucune entrée notée pour ce séjour : comparé avec celle d'un séjour d'avant, "
        "le %(day)s (%(who)s)."
    ),
    Match.UNSAID: N_(
        "Comparé avec la dernière entrée notée, le %(day)s : l'un des deux ne dit pas de quel "
        "séjour il est."
    ),
    Match.OTHERS: N_(
        "Aucune entrée notée pour ce séjour : comparé avec celle de %(who)s, le %(day)s. "
        "Ce qui diffère peut dater d'un autre séjour."
    ),
}
ELSEWHERE = N_(
    "L'entrée a été faite sur %(plot)s, avant une division ou une réunion : ce n'est pas tout à "
    "fait le même terrain."
)


def match_of(entry: Made, made: Made) -> Match:
    if entry.report.stay_id and entry.report.stay_id == made.report.stay_id:
        return Match.STAY
    if not entry.people or not made.people:
        return Match.UNSAID
    return Match.PEOPLE if entry.people.keys() & made.people.keys() else Match.OTHERS


def best_entry(entries: Sequence[Made], made: Made) -> Made | None:
    """The entry that a report is compared with; of those that match as well, the first."""
    return min(entries, key=lambda entry: match_of(entry, made), default=None)


def how_compared(entry: Made, made: Made) -> list[str]:
    """In words, what the comparison rests on."""
    values = {"day": entry.report.made_on, "who": entry.who, "plot": entry.plot}
    sentences = [COMPARED[match_of(entry, made)]]
    if entry.report.plot_id != made.report.plot_id:
        sentences.append(ELSEWHERE)
    return [i18n.translated(sentence, values) for sentence in sentences]


class Line(NamedTuple):
    """One point in both reports, side by side."""

    label: str
    before: str
    after: str
    differs: bool
    is_unseen: bool = False
    """Looked at in one of the two only: no difference can be told."""


def side_by_side(entry: ConditionFacts | None, report: ConditionFacts) -> list[Line]:
    """Each point, meter and key of two reports; without the first one, of the second alone."""
    before, after = _points(entry), _points(report)
    lines = [
        _point(i18n.gettext(POINTS.get(key, key)), before.get(key, ""), after.get(key, ""), entry)
        for key in [*POINTS, *(set(before) | set(after)) - set(POINTS)]
        if key in before or key in after
    ]
    meters = (
        (N_("Compteur d'eau"), entry and entry.water_meter, report.water_meter),
        (N_("Compteur électrique"), entry and entry.power_meter, report.power_meter),
    )
    lines += [
        _meter(i18n.gettext(label), was, now)
        for label, was, now in meters
        if was is not None or now is not None
    ]
    keys = (entry.keys or "" if entry else "", report.keys or "")
    if any(keys):
        differs = entry is not None and keys[0] != keys[1]
        lines.append(Line(i18n.gettext(N_("Clés remises")), *keys, differs))
    return lines


def corrected(
    before: ConditionFacts, after: ConditionFacts, people: Mapping[int, Mapping[int, str]]
) -> list[Line]:
    """What a correction changed, from the day to the photos. ``people``: by stay."""
    texts = (
        (N_("Moment"), *(i18n.gettext(REPORT_KINDS[one.kind]) for one in (before, after))),
        (N_("Jour"), *(i18n.day(one.made_on) for one in (before, after))),
        (N_("Séjour"), *(_people(one, people) for one in (before, after))),
        (N_("Autres remarques"), *(one.remarks or "" for one in (before, after))),
        (N_("Photos"), *(str(len(one.photos)) for one in (before, after))),
    )
    said = [Line(i18n.gettext(label), was, now, differs=True) for label, was, now in texts]
    return [line for line in said + side_by_side(before, after) if line.before != line.after]


def _people(report: ConditionFacts, people: Mapping[int, Mapping[int, str]]) -> str:
    return ", ".join(people.get(report.stay_id or 0, {}).values())


def _point(label: str, was: str, now: str, entry: ConditionFacts | None) -> Line:
    seen_twice = bool(was and now)
    return Line(label, was, now, seen_twice and was != now, entry is not None and not seen_twice)


def _points(report: ConditionFacts | None) -> dict[str, str]:
    points: list[dict[str, Any]] = report.points if report else []
    return {
        point["point"]: ", ".join(
            text for text in (_state(point.get("state")), point.get("remark")) if text
        )
        for point in points
    }


def _state(code: str | None) -> str:
    return i18n.gettext(STATES[code]) if code in STATES else ""


def _meter(label: str, was: Decimal | None, now: Decimal | None) -> Line:
    shown = ["" if value is None else i18n.number(value) for value in (was, now)]
    differs = was is not None and now is not None and now != was
    if was is not None and now is not None and differs:
        shown[1] += f" ({'+' if now > was else '−'}{i18n.number(abs(now - was))})"
    return Line(label, shown[0], shown[1], differs)
