"""Condition reports: what is looked at, and what differs between coming and leaving. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from couveuse.core import i18n
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy.models import ConditionReport

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


class Line(NamedTuple):
    """One point in both reports, side by side."""

    label: str
    before: str
    after: str
    differs: bool


def side_by_side(entry: ConditionReport | None, report: ConditionReport) -> list[Line]:
    """Each point, meter and key of two reports; without the first one, of the second alone."""
    before, after = _points(entry), _points(report)
    lines = [
        Line(i18n.gettext(POINTS.get(key, key)), was, now, entry is not None and was != now)
        for key in [*POINTS, *(set(after) - set(POINTS))]
        if (was := before.get(key, "")) + (now := after.get(key, ""))
    ]
    meters = (
        (N_("Compteur d'eau"), entry and entry.water_meter, report.water_meter),
        (N_("Compteur électrique"), entry and entry.power_meter, report.power_meter),
    )
    lines += [_meter(i18n.gettext(label), was, now) for label, was, now in meters if was or now]
    keys = (entry.keys or "" if entry else "", report.keys or "")
    if any(keys):
        differs = entry is not None and keys[0] != keys[1]
        lines.append(Line(i18n.gettext(N_("Clés remises")), *keys, differs))
    return lines


def _points(report: ConditionReport | None) -> dict[str, str]:
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
    if was is not None and now is not None and now != was:
        shown[1] += f" ({now - was:+})"
    return Line(label, shown[0], shown[1], was is not None and now is not None and was != now)
