"""Expenses that people in test and their structures share: some settled, some owed."""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.occupancy.models import SharedExpense
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_agreements import OFFICERS
from couveuse.seeds.network import Placed
from couveuse.trainees.models import Agreement


class ExpenseFacts(NamedTuple):
    person: str
    kind: str
    label: str
    cents: int
    ago: int
    """Days ago."""
    note: str | None = None
    owed_by: str = "trainee"
    outcome: str | None = None
    """Settled ten days later."""
    how: str | None = None


EXPENSES = (
    ExpenseFacts("Léa", "water", "Eau de l'été", 4235, 70, "Compteur : 210 puis 245 m³",
                 outcome="paid", how="Virement"),
    ExpenseFacts("Léa", "insurance", "Part de l'assurance groupée", 9600, 200, "Facture de mars",
                 outcome="paid", how="Chèque"),
    ExpenseFacts("Léa", "fuel", "Gazole du tracteur, automne", 1860, 12, "12 litres"),
    ExpenseFacts("Léa", "supplies", "Plants de poireaux achetés pour tous", 5400, 20,
                 "Ticket du 4", owed_by="structure"),
    ExpenseFacts("Karim", "water", "Eau du tunnel", 2780, 35, "Compteur : 88 puis 111 m³"),
    ExpenseFacts("Karim", "machines", "Séchoir, six journées", 7200, 50, None),
    ExpenseFacts("Karim", "fuel", "Gazole du broyeur", 940, 120, None, outcome="waived",
                 how="La machine était en panne la moitié du temps"),
    ExpenseFacts("Tom", "power", "Électricité de la chambre froide", 3115, 18, "Relevé du mois"),
)  # fmt: skip


async def add_expenses(db: AsyncSession, placed: Placed, today: dt.date) -> None:
    officers = {placed.structures[key]: placed.people[name] for key, name in OFFICERS.items()}
    for facts in EXPENSES:
        agreement = await _agreement_of(db, placed.people[facts.person])
        spent_on = today - facts.ago * DAY
        db.add(
            SharedExpense(
                agreement_id=agreement.id,
                kind=facts.kind,
                label=facts.label,
                amount_cents=facts.cents,
                owed_by=facts.owed_by,
                spent_on=spent_on,
                note=facts.note,
                outcome=facts.outcome,
                settled_on=spent_on + 10 * DAY if facts.outcome else None,
                settlement_note=facts.how,
                created_by_id=officers[agreement.structure_id],
            )
        )


async def _agreement_of(db: AsyncSession, person_id: int) -> Agreement:
    found = await db.scalars(
        sa.select(Agreement)
        .where(Agreement.person_id == person_id)
        .order_by(Agreement.id.desc())
        .limit(1)
    )
    return found.one()
