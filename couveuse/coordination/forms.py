"""What the screens of coordination ask for."""

from typing import Literal

from pydantic import BaseModel

from couveuse.core.fields import Day, Id


class MembershipEndForm(BaseModel):
    """The last day, and what becomes of what the person still holds."""

    last_day: Day
    bookings: Literal["cancel", "keep"] = "cancel"
    successor_id: Id | None = None
    """Who looks after the person's items from then on; nobody when left out."""
