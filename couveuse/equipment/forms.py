"""What the screens of equipment ask for."""

import datetime as dt
import hashlib
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, model_validator
from sqlalchemy.dialects.postgresql import Range

from couveuse.core.clock import DoubledHour, MissingHour, to_instant
from couveuse.core.errors import Reason, Refused
from couveuse.core.fields import Id, Line, LocalMoment, Tick
from couveuse.core.i18n import N_

Fold = Literal["0", "1"]
"""Which of the two hours, the night summer time ends: before (0) or after (1) the change."""

MISSING_HOUR = N_(
    "Cette heure n'existe pas cette nuit-là : à 2 h il est aussitôt 3 h. Choisissez-en une autre."
)
DOUBLED_HOUR = N_(
    "Cette heure existe deux fois cette nuit-là. Dites si c'est avant ou après le changement."
)


class SlotForm(BaseModel):
    """A span in local time of the item's site."""

    starts_at: LocalMoment
    ends_at: LocalMoment
    starts_fold: Fold | None = None
    ends_fold: Fold | None = None

    def during(self, zone: ZoneInfo) -> Range[dt.datetime]:
        """The span as UTC instants. Raises Refused, each reason on its field."""
        reasons: list[Reason] = []
        start = _instant(self.starts_at, self.starts_fold, zone, "starts_at", reasons)
        end = _instant(self.ends_at, self.ends_fold, zone, "ends_at", reasons)
        if start and end and end <= start:
            sentence = N_("La fin doit venir après le début.")
            reasons.append(Reason("end_before_start", sentence, field="ends_at"))
        if reasons or start is None or end is None:
            raise Refused(*reasons)
        return Range(start, end)


def _instant(
    local: dt.datetime, fold: str | None, zone: ZoneInfo, field: str, reasons: list[Reason]
) -> dt.datetime | None:
    try:
        return to_instant(local, zone, int(fold) if fold else None)
    except MissingHour:
        reasons.append(Reason("missing_hour", MISSING_HOUR, field=field))
    except DoubledHour:
        reasons.append(Reason("doubled_hour", DOUBLED_HOUR, field=field))
    return None


def short_key(sent: Any) -> Any:
    """Any text may be the key of a form; a long one is kept as its digest."""
    too_long = isinstance(sent, str) and len(sent) > 100
    return hashlib.sha256(sent.encode()).hexdigest() if too_long else sent


class OfferedSlotForm(SlotForm):
    """A span that is typed, or taken from the free ones offered after a refusal."""

    take: Line | None = None
    """Both ends of a proposed slot, from its button: they replace what was typed."""

    @model_validator(mode="before")
    @classmethod
    def _take_proposed(cls, sent: dict[str, Any]) -> dict[str, Any]:
        start, slash, end = str(sent.get("take") or "").partition("/")
        return sent | {"starts_at": start, "ends_at": end} if slash else sent


class BookingForm(OfferedSlotForm):
    purpose: Line | None = None
    companion_id: Id | None = None
    person_id: Id | None = None
    plot_id: Id | None = None
    once: Annotated[str, BeforeValidator(short_key)] | None = None
    override_reason: Line | None = None

    def digest(self, item_id: int) -> bytes:
        """Tells whether a form sent again asks for the same thing."""
        said = self.model_dump_json(exclude={"once", "override_reason", "take"})
        return hashlib.sha256(f"{item_id} {said}".encode()).digest()


class BoardBookingForm(BookingForm):
    """The form above the board, where the item is chosen too."""

    item_id: Id


class MoveForm(OfferedSlotForm):
    override_reason: Line | None = None


class CancellationForm(BaseModel):
    reason: Line | None = None


class RefusalForm(BaseModel):
    reason: Line


class OutageForm(SlotForm):
    reason: Line
    kind: Literal["blackout", "maintenance"] = "blackout"
    cancel_bookings: Tick = False


class RestorationForm(BaseModel):
    override_reason: Line | None = None
