"""What must hold in the tables at any time, asked without a word of the product's own code."""

import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

RULES = {
    "two claims overlap": """
        SELECT one.id, other.id FROM item_claim one JOIN item_claim other
        ON one.item_id = other.item_id AND one.unit = other.unit AND one.id < other.id
        AND one.during && other.during
    """,
    "a claim is on a unit that the item does not have": """
        SELECT item_claim.id FROM item_claim JOIN item ON item.id = item_id
        WHERE unit NOT BETWEEN 1 AND capacity
    """,
    "a booking that holds has not exactly one claim for each of its items": """
        SELECT booking.id FROM booking
        CROSS JOIN LATERAL (
            SELECT array_agg(item_id ORDER BY item_id) AS items
            FROM item_claim WHERE booking_id = booking.id
        ) AS claimed
        WHERE state IN ('requested', 'confirmed') AND claimed.items IS DISTINCT FROM (
            SELECT array_agg(one ORDER BY one)
            FROM unnest(ARRAY[item_id, companion_id]) AS one WHERE one IS NOT NULL
        )
    """,
    "a booking that was let go still has a claim": """
        SELECT booking.id FROM booking JOIN item_claim ON booking_id = booking.id
        WHERE state NOT IN ('requested', 'confirmed')
    """,
    "a claim is not the booking with the buffers around it": """
        SELECT item_claim.id FROM item_claim
        JOIN booking ON booking.id = booking_id JOIN item ON item.id = item_claim.item_id
        WHERE item_claim.during <> tstzrange(
            lower(booking.during) - buffer_before_minutes * interval '1 minute',
            upper(booking.during) + buffer_after_minutes * interval '1 minute'
        )
    """,
    "an outage that stands does not hold every unit, or one that was lifted holds some": """
        SELECT outage.id FROM outage JOIN item ON item.id = item_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS units, bool_and(during = outage.during AND kind = outage.kind)
            AS alike FROM item_claim WHERE outage_id = outage.id
        ) AS claimed
        WHERE units <> CASE WHEN lifted_at IS NULL THEN capacity ELSE 0 END OR NOT alike
    """,
    "two claims hold the same ground on one day": """
        SELECT one.id, other.id FROM plot_period one JOIN plot_period other
        ON one.plot_id = other.plot_id AND one.id < other.id AND one.during && other.during
    """,
    "a claim is on ground that is not in service": """
        SELECT plot_period.id FROM plot_period JOIN plot ON plot.id = plot_id
        WHERE NOT plot_period.during <@ plot.during
    """,
    "a stay or a reservation goes beyond the right on the land": """
        SELECT plot_period.id FROM plot_period CROSS JOIN LATERAL (
            SELECT range_agg(land_right.during) AS days FROM plot_right
            JOIN land_right ON land_right.id = land_right_id
            WHERE plot_right.plot_id = plot_period.plot_id
        ) AS lent
        WHERE kind IN ('stay', 'reserved') AND NOT plot_period.during <@ lent.days
    """,
    "a stay has nobody": """
        SELECT id FROM plot_period WHERE kind = 'stay' AND NOT EXISTS (
            SELECT FROM stay_person WHERE stay_person.stay_id = plot_period.stay_id
        )
    """,
    "a plot that was divided or joined does not end on the day, or its heir begins on another": """
        SELECT parent_id, child_id FROM plot_lineage
        JOIN plot parent ON parent.id = parent_id JOIN plot child ON child.id = child_id
        WHERE upper(parent.during) <> happened_on OR lower(child.during) <> happened_on
        OR upper(parent.during) IS NULL
    """,
    "ground is lost or made when plots are divided or joined": """
        SELECT parent_id AS id FROM plot_lineage JOIN plot parent ON parent.id = parent_id
        JOIN plot child ON child.id = child_id WHERE kind = 'split'
        GROUP BY parent_id, parent.declared_m2 HAVING sum(child.declared_m2) <> parent.declared_m2
        UNION ALL
        SELECT child_id FROM plot_lineage JOIN plot parent ON parent.id = parent_id
        JOIN plot child ON child.id = child_id WHERE kind = 'merge'
        GROUP BY child_id, child.declared_m2 HAVING sum(parent.declared_m2) <> child.declared_m2
    """,
}

HELD = """
    SELECT held.item_id, item.capacity,
           lower(during) - buffer_before_minutes * interval '1 minute' AS start,
           upper(during) + buffer_after_minutes * interval '1 minute' AS "end"
    FROM (
        SELECT item_id, during FROM booking WHERE state IN ('requested', 'confirmed')
        UNION ALL
        SELECT companion_id, during FROM booking
        WHERE companion_id IS NOT NULL AND state IN ('requested', 'confirmed')
    ) AS held JOIN item ON item.id = held.item_id
"""


async def broken_rules(db: AsyncSession) -> list[str]:
    found = [
        f"{rule}: {rows}"
        for rule, question in RULES.items()
        if (rows := (await db.execute(sa.text(question))).all())
    ]
    return found + [f"too many hold item {item}" async for item in _overbooked(db)]


async def _overbooked(db: AsyncSession) -> AsyncIterator[int]:
    """Items held by more bookings than they have units, whatever the claims say."""
    steps: dict[tuple[int, int], list[tuple[dt.datetime, int]]] = defaultdict(list)
    for item, capacity, start, end in await db.execute(sa.text(HELD)):
        steps[item, capacity] += [(start, 1), (end, -1)]
    for (item, capacity), moments in steps.items():
        holding = 0
        for _, step in sorted(moments):  # at the same moment, ends come before starts
            holding += step
            if holding > capacity:
                yield item
                break
