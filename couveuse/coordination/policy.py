"""Who sees and settles what touches several slices."""

from couveuse.core.actor import Actor, Role


def can_read_outbox(actor: Actor) -> bool:
    """Mails may hold links that sign somebody in: coordination only."""
    return actor.has(Role.COORDINATOR)


def answers_requests(actor: Actor) -> bool:
    """Whether the home page should look for requests to answer."""
    return actor.is_member
