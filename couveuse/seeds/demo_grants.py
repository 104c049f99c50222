"""The grants of the demonstration, who holds them, and what they pay for."""

from typing import NamedTuple

from couveuse.network.models import ActionMode
from couveuse.seeds.demo_people import ADEARI, CIVAM, PLES
from couveuse.trainees.models import FollowUpKind

INDIVIDUAL, GROUP = ActionMode.INDIVIDUAL, ActionMode.GROUP


class ActionFacts(NamedTuple):
    label: str
    mode: ActionMode
    pays: FollowUpKind | None
    """The visits charged to it; None: half-days of workshops."""
    person_hours: int | None = None
    total_hours: int | None = None
    person_half_days: int | None = None
    total_half_days: int | None = None


class GrantFacts(NamedTuple):
    funder: str
    name: str
    reference: str
    begins: int
    """Days from today, to the first of that month."""
    months: int
    shares: dict[str, int]
    actions: tuple[ActionFacts, ...]


GRANTS = (
    GrantFacts(
        "Région (exemple)", "Tester avant de s'installer", "TEST-041", -400, 26,
        {CIVAM: 60, ADEARI: 40},
        (
            ActionFacts(
                "Accompagnement technique individuel", INDIVIDUAL, FollowUpKind.TECHNICAL, 30, 160
            ),
            ActionFacts("Demi-journées collectives", GROUP, None, None, None, 6, 60),
        ),
    ),
    GrantFacts(
        "Fondation des terres vives (exemple)", "De l'essai à l'installation", "FTV-17", -280, 20,
        {CIVAM: 50, PLES: 30, ADEARI: 20},
        (
            ActionFacts(
                "Accompagnement à l'entreprise", INDIVIDUAL, FollowUpKind.ENTERPRISE, 8, 40
            ),
        ),
    ),
)  # fmt: skip
