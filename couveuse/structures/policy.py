"""Who may see and change structures and sites."""

import sqlalchemy as sa

from couveuse.core.actor import Actor, Role


def visible_structures(actor: Actor) -> sa.ColumnElement[bool]:
    """Every member of the network sees its structures; who left sees none."""
    return sa.true() if actor.is_member else sa.false()


def visible_sites(actor: Actor) -> sa.ColumnElement[bool]:
    return visible_structures(actor)


def can_see_structures(actor: Actor) -> bool:
    return actor.is_member


def can_add_structure(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR)


can_import_structures = can_add_structure


def can_edit_structure(actor: Actor, structure_id: int) -> bool:
    return actor.has(Role.COORDINATOR) or actor.has(Role.STRUCTURE_MANAGER, structure_id)


def can_end_structure(actor: Actor) -> bool:
    """Who is in the network is for the network to say, not for one structure."""
    return actor.has(Role.COORDINATOR)


def can_edit_site(actor: Actor, structure_id: int) -> bool:
    return can_edit_structure(actor, structure_id)


def visible_land_rights(actor: Actor) -> sa.ColumnElement[bool]:
    """Until when a structure may lend its land matters to everybody who plans with it."""
    return visible_structures(actor)


def can_record_function(actor: Actor, structure_id: int) -> bool:
    return can_edit_structure(actor, structure_id)


def can_record_land_right(actor: Actor, structure_id: int) -> bool:
    return can_edit_structure(actor, structure_id)
