"""The half-days of a workshop, in its form: numbered fields, empty lines left out."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup.half_days import MOST
from couveuse.followup.models import Workshop
from couveuse.followup.workshop_forms import HalfDayDraft

FIELDS = {"id": "slot_id", "day": "slot_day", "begins": "slot_begins", "ends": "slot_ends"}
TYPED = ("slot_day", "slot_begins", "slot_ends")
LEAST, SPARE = 3, 1


def line_numbers(values: Mapping[str, Sequence[str]]) -> list[int]:
    """The lines to show: those typed and an empty one, three at least."""
    typed = [n for n in range(1, MOST + 1) if any(values.get(f"{one}_{n}") for one in TYPED)]
    return list(range(1, min(max(*typed, LEAST - SPARE, 0) + SPARE, MOST) + 1))


def typed_slots(workshop: Workshop) -> dict[str, list[str]]:
    """The values of the form for the half-days that there are."""
    values: dict[str, list[str]] = {}
    for n, slot in enumerate(workshop.slots, 1):
        start, end = (at.astimezone(workshop.zone) for at in (slot.starts_at, slot.ends_at))
        values[f"slot_id_{n}"] = [str(slot.id)]
        values[f"slot_day_{n}"] = [start.date().isoformat()]
        values[f"slot_begins_{n}"] = [f"{start:%H:%M}"]
        values[f"slot_ends_{n}"] = [f"{end:%H:%M}"]
    return values


def read_slots(values: Mapping[str, Sequence[str]]) -> list[HalfDayDraft]:
    """What was typed, line by line. Raises Refused with each line that cannot be read."""
    drafts: list[HalfDayDraft] = []
    reasons: list[Reason] = []
    for n in range(1, MOST + 1):
        said = {
            name: values[f"{field}_{n}"][0]
            for name, field in FIELDS.items()
            if values.get(f"{field}_{n}")
        }
        if not set(said) - {"id"}:
            continue
        try:
            drafts.append(HalfDayDraft.model_validate(said))
        except ValidationError:
            sentence = N_(
                "Demi-journée %(n)s : un jour qui existe, une heure de début, et une fin après "
                "le début."
            )
            reasons.append(Reason("unreadable_half_day", sentence, {"n": n}))
    if reasons:
        raise Refused(*reasons)
    return drafts
