"""What can be wrong with an outline, or with a whole file of them."""

from dataclasses import dataclass, field
from typing import Any

from couveuse.core.errors import DomainError
from couveuse.core.i18n import translated


@dataclass(frozen=True, slots=True)
class GeoProblem:
    """What is wrong, or was tidied: a marked French sentence with its values."""

    code: str
    message: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return translated(self.message, self.values)


class FileProblem(DomainError):
    """The file as a whole cannot be read: a marked French sentence saying what to do."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return translated(self.message, self.values)
