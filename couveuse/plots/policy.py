"""Who may see and change plots, and write in their passport."""

import sqlalchemy as sa

from couveuse.core.actor import Actor, Role
from couveuse.plots.models import LandEvent, Plot


def can_see_plots(actor: Actor) -> bool:
    return actor.is_member


def visible_plots(actor: Actor) -> sa.ColumnElement[bool]:
    """Every member of the network sees its land; who left sees none."""
    return sa.true() if actor.is_member else sa.false()


def visible_land_events(actor: Actor) -> sa.ColumnElement[bool]:
    """What happened to the land is for all; what is personal is for who wrote it."""
    if not actor.is_member:
        return sa.false()
    return sa.or_(LandEvent.is_personal.is_(False), LandEvent.created_by_id == actor.person_id)


def can_add_plot(actor: Actor) -> bool:
    """Whether a form that chooses the site later should be offered."""
    return actor.has_any((Role.COORDINATOR, Role.STRUCTURE_MANAGER))


def can_add_plot_for(actor: Actor, structure_id: int) -> bool:
    """Coordinators everywhere; who manages the structure that runs the site."""
    return actor.has(Role.COORDINATOR) or actor.has(Role.STRUCTURE_MANAGER, structure_id)


def can_import_plots(actor: Actor) -> bool:
    """An import may create structures and sites of others: coordination only."""
    return actor.has(Role.COORDINATOR)


def is_in_charge(actor: Actor, plot: Plot) -> bool:
    """Coordinators; who manages the structure of the site, or one that has a right on the land.

    The plot comes with its site and rights.
    """
    if actor.has(Role.COORDINATOR):
        return True
    owners = {plot.site.structure_id, *(right.structure_id for right in plot.rights)}
    return any(actor.has(Role.STRUCTURE_MANAGER, owner) for owner in owners)


can_edit_plot = is_in_charge


def can_add_land_event(actor: Actor, plot: Plot, *, holds_it: bool = False) -> bool:
    """Who works there: those in charge, mentors, members of the structure of the site, and who
    holds the plot, which the slice of stays knows."""
    near = plot.site.structure_id in actor.structure_ids
    mentor = actor.has(Role.MENTOR)
    return actor.is_member and (holds_it or near or mentor or is_in_charge(actor, plot))


def can_change_land_event(actor: Actor, plot: Plot, event: LandEvent) -> bool:
    """Who wrote it; and those in charge, except what is personal."""
    own = event.created_by_id == actor.person_id
    return actor.is_member and (own or (not event.is_personal and is_in_charge(actor, plot)))
