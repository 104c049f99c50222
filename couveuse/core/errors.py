"""What can go wrong, in the words of the domain. Pages turn these into screens."""

from dataclasses import dataclass, field
from typing import Any

from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError

from couveuse.core.i18n import N_, translated


class DomainError(Exception):
    """Something the person can be told."""


class NotVisible(DomainError):
    """It does not exist, or not for this person: the two look the same from outside."""


class NotAllowed(DomainError):
    """It exists and may be known, but this person may not do that to it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a refusal: a marked French sentence saying what to do next, and its values."""

    code: str
    message: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    field: str | None = None
    overridable: bool = False
    about: int | None = None
    """Id of the thing whose rule it is, where a refusal may come from several."""

    def __str__(self) -> str:
        return translated(self.message, self.values)


class Refused(DomainError):
    """A rule says no; every reason at once."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__("; ".join(reason.code for reason in reasons))
        self.reasons = reasons


class Unreadable(DomainError):
    """The address holds something that cannot be read: a week, a date, a language."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return translated(self.message, self.values)


class Conflict(Refused):
    """The state changed meanwhile: somebody was faster."""


_PROMISES: dict[str, type[Conflict]] = {}


def promise(constraint: str, error: type[Conflict]) -> None:
    """Say which error the violation of a named constraint means."""
    _PROMISES[constraint] = error


class Busy(Conflict):
    """Two requests got in each other's way in the database; trying again is enough."""

    def __init__(self) -> None:
        super().__init__(
            Reason("busy", N_("Quelqu'un modifie la même chose en ce moment. Réessayez."))
        )


RETRYABLE = {"40P01", "40001", "55P03"}
"""SQLSTATE of deadlock, serialization failure and lock time-out."""


def broken_promise(error: DBAPIError | PostgresError) -> Conflict | None:
    """The domain error behind a database error, None when it is not one of ours."""
    cause = getattr(error.orig, "__cause__", None) if isinstance(error, DBAPIError) else error
    if getattr(cause, "sqlstate", None) in RETRYABLE:
        return Busy()
    made = _PROMISES.get(getattr(cause, "constraint_name", None) or "")
    return made() if made else None
