"""Who joins a follow-up group, leaves it, or takes over."""

from pydantic import BaseModel

from couveuse.core.fields import Day, Id, Tick
from couveuse.trainees.models import FollowUpKind


class FollowForm(BaseModel):
    member_id: Id
    kind: FollowUpKind
    is_lead: Tick = False
    starts_on: Day


class LeavingForm(BaseModel):
    last_day: Day


class HandOverForm(BaseModel):
    member_id: Id
    on: Day
    """The first day of whoever takes over."""
