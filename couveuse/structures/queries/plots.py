"""The plots of a site or under a right: the slice that knows who holds them says it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor


@dataclass(frozen=True, slots=True)
class PlotLine:
    """A plot, and who holds it until when, in the reader's language."""

    id: int
    label: str
    size_m2: Decimal
    insee_code: str | None
    said: str
    is_free: bool = False
    is_over: bool = False
    """No longer in service."""


Ask = Callable[[AsyncSession, Actor, int | None, int | None], Awaitable[Sequence[PlotLine]]]
_ASKED: list[Ask] = []


def tells_plots(ask: Ask) -> Ask:
    """Say the plots of a site or under a right, by its id."""
    _ASKED.append(ask)
    return ask


async def list_plot_lines(
    db: AsyncSession, actor: Actor, *, site_id: int | None = None, right_id: int | None = None
) -> list[PlotLine]:
    return [line for ask in _ASKED for line in await ask(db, actor, site_id, right_id)]
