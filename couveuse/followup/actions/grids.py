"""Grids: made, changed by a new version, put away."""

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup.grid_forms import GridForm, GridVersionForm
from couveuse.followup.models import Grid, GridVersion

journal.words(
    {
        "grid.made": N_("a fait cette grille"),
        "grid.changed": N_("a fait la version %(number)s"),
        "grid.retired": N_("a rangé cette grille"),
        "grid.returned": N_("a remis cette grille en usage"),
    }
)


@atomic
async def make_grid(db: AsyncSession, actor: Actor, asked: GridForm) -> Grid:
    grid = Grid(name=asked.name)
    db.add(grid)
    await db.flush()  # its version needs the id
    db.add(_version(actor, grid, 1, asked))
    journal.record(db, actor, "grid.made", grid.id)
    return grid


@atomic
async def change_grid(db: AsyncSession, actor: Actor, grid: Grid, asked: GridVersionForm) -> None:
    """A new version after the one that ``grid`` came with."""
    present, criteria = grid.present, asked.listed()
    if (present.levels, present.criteria) == (asked.levels, criteria):
        sentence = N_("Rien n'a changé : modifiez un niveau ou un critère.")
        raise Refused(Reason("nothing_changed", sentence))
    db.add(_version(actor, grid, present.number + 1, asked))
    journal.record(db, actor, "grid.changed", grid.id, number=present.number + 1)


def _version(actor: Actor, grid: Grid, number: int, asked: GridVersionForm) -> GridVersion:
    return GridVersion(
        grid_id=grid.id,
        number=number,
        levels=asked.levels,
        criteria=asked.listed(),
        made_by_id=actor.person_id,
    )


@atomic
async def retire_grid(db: AsyncSession, actor: Actor, grid: Grid) -> None:
    """What was said with it stays; nobody begins with it any more. Done twice, it stays so."""
    if grid.retired_on is None:
        grid.retired_on = clock.today()
        journal.record(db, actor, "grid.retired", grid.id)


@atomic
async def return_grid(db: AsyncSession, actor: Actor, grid: Grid) -> None:
    if grid.retired_on is not None:
        grid.retired_on = None
        journal.record(db, actor, "grid.returned", grid.id)
