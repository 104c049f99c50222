"""Who sees and settles what touches several slices."""

from couveuse.core.actor import Actor, Role
from couveuse.people.models import Membership


def can_read_outbox(actor: Actor) -> bool:
    """Mails may hold links that sign somebody in: coordination only."""
    return actor.has(Role.COORDINATOR)


def answers_requests(actor: Actor) -> bool:
    """Whether the home page should look for requests to answer."""
    return actor.is_member


def has_own_file(actor: Actor) -> bool:
    """Who is in test has a file to open; anybody else who has one finds it on their own page."""
    return actor.has(Role.TRAINEE)


def hangs_on_agreement(membership: Membership) -> bool:
    """Whoever is in test is a member as such: the membership ends with the test."""
    return membership.role == Role.TRAINEE


def can_read_readings(actor: Actor, person_id: int) -> bool:
    """Who opened a file: the person herself, and coordination, who answers for it."""
    return actor.person_id == person_id or actor.has(Role.COORDINATOR)


def can_review_files(actor: Actor) -> bool:
    """Files past their period are kept on or erased by coordination alone."""
    return actor.has(Role.COORDINATOR)
