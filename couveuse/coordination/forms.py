"""What the screens of coordination ask for."""

from typing import Literal

from pydantic import BaseModel, Field

from couveuse.core.fields import Day, Id, Line, Name, Paragraph, Tick
from couveuse.trainees.models import PathState


class MembershipEndForm(BaseModel):
    """The last day, and what becomes of what the person still holds."""

    last_day: Day
    bookings: Literal["cancel", "keep"] = "cancel"
    successor_id: Id | None = None
    """Who looks after the person's items from now on: the person still, somebody else, or nobody
    when left out."""


class AgreementEndForm(BaseModel):
    """The last day of an agreement, and what becomes of each thing that it touches: what is ticked
    ends or is cancelled, what is not is kept."""

    ends_on: Day
    reason: Paragraph | None = None
    """Asked for when the day comes before the one that was planned."""
    ground: list[Id] = Field(default_factory=list, max_length=200)
    """First claim of each time on a plot that ends that day, or is let go."""
    bookings: list[Id] = Field(default_factory=list, max_length=500)
    visits: list[Id] = Field(default_factory=list, max_length=100)
    memberships: list[Id] = Field(default_factory=list, max_length=50)
    places: list[Id] = Field(default_factory=list, max_length=50)
    items: list[Id] = Field(default_factory=list, max_length=200)
    successor_id: Id | None = None
    """Who looks after the items ticked from then on; nobody when left out."""
    papers: list[Id] = Field(default_factory=list, max_length=200)
    """Withdrawn from the day after."""
    paid: list[Id] = Field(default_factory=list, max_length=200)
    """Shared expenses; those neither paid nor waived are still owed afterwards."""
    waived: list[Id] = Field(default_factory=list, max_length=200)
    waiver: Line | None = None
    """Why those waived are not asked for any more."""
    handback: Tick = False
    """Put the report of leaving, with keys and meters, as what comes next."""
    state: PathState | None = None
    seen: str = Field(default="", max_length=20_000)


class KeepForm(BaseModel):
    """Why a file is kept beyond its period, and until when."""

    until: Day
    reason: Paragraph


class EraseForm(BaseModel):
    """Whoever erases a file copies the name of the person: nobody does it by accident."""

    name: Name
