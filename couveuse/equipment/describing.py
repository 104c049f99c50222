"""An item in words: what it was, what it becomes, for the journal, the forms and the import."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from couveuse.core import i18n
from couveuse.core.changes import Wording, plainly
from couveuse.core.i18n import N_, gettext, ngettext
from couveuse.equipment.models import TARIFF_UNITS, Audience, Item

Facts: TypeAlias = dict[str, Any]
"""An item by field, with names instead of ids."""

LABELS: dict[str, str] = {
    "code": N_("Code"),
    "name": N_("Nom"),
    "category": N_("Catégorie"),
    "site": N_("Lieu"),
    "structure": N_("Structure"),
    "manager": N_("Personne en charge"),
    "deputy": N_("Suppléance"),
    "serial_number": N_("Numéro de série"),
    "notes": N_("Remarques"),
    "return_rule": N_("Au retour"),
    "audience": N_("Pour qui"),
    "companions": N_("Va avec"),
    "requirements": N_("Formation exigée"),
    "capacity": N_("Places"),
    "slot_minutes": N_("Pas"),
    "min_minutes": N_("Durée la plus courte"),
    "max_minutes": N_("Durée la plus longue"),
    "notice_minutes": N_("À l'avance"),
    "horizon_days": N_("Réservable jusqu'à (jours)"),
    "cancel_cutoff_minutes": N_("Annulation jusqu'à"),
    "opens_at": N_("Ouverture"),
    "closes_at": N_("Fermeture"),
    "open_days": N_("Jours"),
    "needs_approval": N_("Validation"),
    "needs_agreement": N_("Sous convention"),
    "answer_hours": N_("Réponse sous (heures)"),
    "buffer_before_minutes": N_("Battement avant"),
    "buffer_after_minutes": N_("Battement après"),
    "max_open_bookings": N_("Réservations à venir"),
    "max_week_minutes": N_("Temps par semaine"),
    "meter": N_("Compteur"),
    "meter_unit": N_("Unité du compteur"),
    "tariff": N_("Tarif"),
    "tariff_unit": N_("Unité du tarif"),
    "deposit": N_("Caution"),
    "check_done_on": N_("Dernière vérification (VGP)"),
    "check_months": N_("À refaire tous les (mois)"),
    "photo": N_("Photo"),
}

NAMED = ("site", "structure", "manager", "deputy", "companions", "requirements")
COLUMNS = tuple(name for name in LABELS if name not in NAMED)

AUDIENCES: dict[str, str] = {
    Audience.NETWORK: N_("tout le réseau"),
    Audience.STRUCTURE: N_("la structure seulement"),
}
WEEKDAYS: dict[int, str] = {
    1: N_("lundi"),
    2: N_("mardi"),
    3: N_("mercredi"),
    4: N_("jeudi"),
    5: N_("vendredi"),
    6: N_("samedi"),
    7: N_("dimanche"),
}


SAME_PERSON = N_("La suppléance revient à une autre personne que la première.")

K = TypeVar("K")


def options(words: Mapping[K, str]) -> list[tuple[K, str]]:
    """As a list to choose from, in the reader's language."""
    return [(key, gettext(word)) for key, word in words.items()]


def facts_of(item: Item) -> Facts:
    """The item as it stands; its site, structure, people, companions and requirements loaded."""
    facts: Facts = {name: getattr(item, name) for name in COLUMNS}
    facts["site"], facts["structure"] = item.site.name, item.structure.label
    facts["manager"] = item.manager.name if item.manager else None
    facts["deputy"] = item.deputy.name if item.deputy else None
    facts["companions"] = tuple(one.code for one in item.companions)
    facts["requirements"] = tuple(one.name for one in item.requirements)
    return facts


def digest_of(facts: Mapping[str, Any]) -> str:
    told = repr(sorted(facts.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def typed(item: Item) -> dict[str, Any]:
    """The item as somebody would type it in the form."""
    values: dict[str, Any] = {name: typed_value(name, getattr(item, name)) for name in COLUMNS}
    for name in ("site_id", "structure_id", "manager_id", "deputy_id"):
        values[name] = getattr(item, name)
    values["companions"] = [one.id for one in item.companions]
    values["requirements"] = [one.name for one in item.requirements]
    values["seen"] = digest_of(facts_of(item))
    return values | {"photo": None}


def typed_value(field: str, value: Any) -> Any:
    if value is not None and field.endswith("_minutes"):
        return i18n.duration(value)
    return i18n.typed(value)


def said(field: str, value: Any) -> str:
    """A value of a field as people read it, on one short line."""
    if value is None or value == "":
        return plainly(value)
    if field in _WORDS:
        return _WORDS[field](value)
    if field.endswith("_minutes"):
        return i18n.duration(value)
    return plainly(value)


_WORDS: dict[str, Callable[[Any], str]] = {
    "audience": lambda value: gettext(AUDIENCES[value]),
    "tariff_unit": lambda value: gettext(TARIFF_UNITS.get(value) or str(value)),
    "tariff": i18n.euros,
    "deposit": i18n.euros,
    "open_days": lambda days: ", ".join(gettext(WEEKDAYS[day]) for day in days),
    "photo": lambda sha256: sha256[:8],
}


WORDING = Wording(LABELS, said)


def booking_rules(item: Item) -> list[tuple[str, str]]:
    """How an item is booked, as its page tells it: what about, and a few words."""
    told = {
        N_("Durée"): _lengths(item),
        N_("À l'avance"): _ahead(item),
        N_("Jours"): said("open_days", item.open_days) if len(item.open_days) < 7 else "",
        N_("Heures"): _hours(item),
        N_("Battement"): _buffers(item),
        N_("Annulation"): _cutoff(item),
        N_("Par personne"): _quotas(item),
    }
    return [(gettext(about), words) for about, words in told.items() if words]


def _lengths(item: Item) -> str:
    values = {name: i18n.duration(getattr(item, f"{name}_minutes")) for name in ("min", "max")}
    message = N_("de %(min)s à %(max)s, par pas de %(step)s")
    return i18n.translated(message, values | {"step": i18n.duration(item.slot_minutes)})


def _ahead(item: Item) -> str:
    values = {
        "notice": i18n.duration(item.notice_minutes),
        "horizon": i18n.duration(item.horizon_days * 1440),
    }
    if item.notice_minutes:
        return i18n.translated(N_("de %(notice)s à %(horizon)s"), values)
    return i18n.translated(N_("jusqu'à %(horizon)s"), values)


def _hours(item: Item) -> str:
    if item.opens_at is None or item.closes_at is None:
        return ""
    return i18n.clock_time(item.opens_at) + i18n.DASH + i18n.clock_time(item.closes_at)


def _buffers(item: Item) -> str:
    """The time that nobody can book around a booking."""
    kept = {
        N_("%(kept)s avant chaque réservation"): item.buffer_before_minutes,
        N_("%(kept)s après chaque réservation"): item.buffer_after_minutes,
    }
    return ", ".join(
        i18n.translated(message, {"kept": i18n.duration(minutes)})
        for message, minutes in kept.items()
        if minutes
    )


def _cutoff(item: Item) -> str:
    if not item.cancel_cutoff_minutes:
        return ""
    message = N_("soi-même jusqu'à %(cutoff)s avant ; ensuite, appeler la personne en charge")
    return i18n.translated(message, {"cutoff": i18n.duration(item.cancel_cutoff_minutes)})


def _quotas(item: Item) -> str:
    most, week = item.max_open_bookings, item.max_week_minutes
    words: list[str] = []
    if most is not None:
        message = ngettext("%(n)s réservation à venir", "%(n)s réservations à venir", most)
        words.append(message % {"n": most})
    if week is not None:
        message = N_("%(week)s par semaine")
        words.append(i18n.translated(message, {"week": i18n.duration(week)}))
    return i18n.translated(N_("%(quotas)s au plus"), {"quotas": ", ".join(words)}) if words else ""
