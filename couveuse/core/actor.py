"""Who asks. The only "who" that rules, queries and templates see."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person does in a structure. A person may hold several, in several structures."""

    TRAINEE = "trainee"
    MENTOR = "mentor"
    EQUIPMENT_MANAGER = "equipment_manager"
    STRUCTURE_MANAGER = "structure_manager"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Seat:
    """One membership that is active today."""

    structure_id: int
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person with the memberships active today; none left means nothing to see."""

    person_id: int
    name: str
    email: str | None
    language: str | None
    seats: frozenset[Seat]
    session_id: int

    @property
    def is_member(self) -> bool:
        return bool(self.seats)

    @property
    def structure_ids(self) -> frozenset[int]:
        return frozenset(seat.structure_id for seat in self.seats)

    def has(self, role: Role, structure_id: int | None = None) -> bool:
        """Whether the actor holds ``role``, anywhere or in one structure."""
        return any(
            seat.role == role and structure_id in (None, seat.structure_id) for seat in self.seats
        )

    def has_any(self, roles: Iterable[Role], structure_id: int | None = None) -> bool:
        return any(self.has(role, structure_id) for role in roles)
