"""The shed of the farm, and the people who book from it, for tests of actions.

Now is Wednesday 25 November 2026, noon; hours are those of the next day unless a day is given.
"""

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n, journal
from couveuse.core.clock import PARIS
from couveuse.core.errors import Refused
from couveuse.equipment import actions, queries
from couveuse.equipment.actions.items import write_companions
from couveuse.equipment.forms import BookingForm, MoveForm, OutageForm
from couveuse.equipment.models import Booking, Item, ItemClaim, Outage
from tests import build
from tests.cast import Cast

HOUR = dt.timedelta(hours=1)


def at(hour: float, day: int = 26) -> dt.datetime:
    """That hour of a November day in Paris, as an instant."""
    midnight = dt.datetime(2026, 11, day, tzinfo=PARIS).astimezone(dt.UTC)
    return midnight + dt.timedelta(hours=hour)


def moment(hour: float, day: int = 26) -> str:
    return at(hour, day).astimezone(PARIS).replace(tzinfo=None).isoformat(timespec="minutes")


def asking(start: float = 8, end: float = 10, **more: Any) -> BookingForm:
    sent = {"starts_at": moment(start), "ends_at": moment(end)} | more
    return BookingForm.model_validate(sent)


def moving(start: float, end: float, **more: Any) -> MoveForm:
    sent = {"starts_at": moment(start), "ends_at": moment(end)} | more
    return MoveForm.model_validate(sent)


def blocking(start: float, end: float, **more: Any) -> OutageForm:
    sent = {"starts_at": moment(start), "ends_at": moment(end), "reason": "Révision"} | more
    return OutageForm.model_validate(sent)


class Shed:
    """The items of the farm and what people do with them, each name standing for its actor."""

    def __init__(self, db: AsyncSession, cast: Cast) -> None:
        self.db = db
        self.cast = cast

    async def item(self, **fields: Any) -> Item:
        site = fields.pop("site", self.cast.farm)
        companions = [one.id for one in fields.pop("companions", [])]
        made = await build.make_item(self.db, site, **fields)
        await write_companions(self.db, made.id, companions)
        return await queries.get_item(self.db, self.cast.actors["ines"], made.id)

    async def book(self, who: str, item: Item, *hours: float, **more: Any) -> Booking:
        made = await actions.book(self.db, self.cast.actors[who], item, asking(*hours, **more))
        return await self.again(made)

    async def again(self, booking: Booking) -> Booking:
        """The booking as its page would read it; a refusal before may have emptied it."""
        await self.db.flush()
        key = sa.inspect(booking).identity
        assert key
        return await queries.get_booking(self.db, self.cast.actors["ines"], key[0])

    async def move(self, who: str, booking: Booking, *hours: float, **more: Any) -> None:
        await actions.move_booking(self.db, self.cast.actors[who], booking, moving(*hours, **more))
        await self.db.flush()

    async def cancel(self, who: str, booking: Booking, reason: str | None = None) -> None:
        await actions.cancel_booking(self.db, self.cast.actors[who], booking, reason)

    async def approve(self, who: str, booking: Booking) -> None:
        await actions.approve_booking(self.db, self.cast.actors[who], booking)

    async def refuse(self, who: str, booking: Booking, reason: str = "Trop humide") -> None:
        await actions.refuse_booking(self.db, self.cast.actors[who], booking, reason)

    async def restore(self, who: str, booking: Booking, reason: str | None = None) -> None:
        await actions.restore_booking(self.db, self.cast.actors[who], booking, reason)

    async def block(self, who: str, item: Item, *hours: float, **more: Any) -> Outage:
        actor = self.cast.actors[who]
        made = await actions.block_item(self.db, actor, item, blocking(*hours, **more))
        return await queries.get_outage(self.db, actor, made.id)

    async def claims(self, **chosen: Any) -> list[tuple[Any, ...]]:
        """Item, unit, start and end of every claim."""
        found = await self.db.scalars(
            sa.select(ItemClaim).filter_by(**chosen).order_by(ItemClaim.item_id, ItemClaim.unit)
        )
        return [(one.item_id, one.unit, one.during.lower, one.during.upper) for one in found]

    async def said(self, subject: Booking | Item) -> list[str]:
        """The journal of a booking or an item in words, oldest first."""
        kind = "booking" if isinstance(subject, Booking) else "item"
        await self.db.flush()
        lines = await journal.lines_about(self.db, kind, subject.id)
        return [journal.sentence(line) for line in reversed(lines)]

    async def queued(self) -> list[str]:
        """What the worker will tell about bookings, oldest first."""
        rows = await self.db.execute(sa.text("SELECT payload FROM pgqueuer ORDER BY id"))
        return [json.loads(bytes(row.payload))["what"] for row in rows]

    async def count(self, table: Any) -> int:
        return await self.db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


async def reasons(run: Any) -> list[str]:
    """The codes of a refusal; every reason reads as a sentence in both languages."""
    with pytest.raises(Refused) as caught:
        await run
    for language in ("fr", "en"):
        i18n.set_language(language)
        for reason in caught.value.reasons:
            assert str(reason)[-1] in ".!»", str(reason)
            assert "%(" not in str(reason)
    i18n.set_language("fr")
    return [reason.code for reason in caught.value.reasons]
