"""a request keeps the items for which somebody has still to say yes

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("awaits", ARRAY(sa.BigInteger), nullable=True))
    op.execute(
        """
        UPDATE booking SET awaits = asked.ids
        FROM (
            SELECT booking.id, array_agg(item.id ORDER BY item.id) AS ids
            FROM booking
            JOIN item ON item.id IN (booking.item_id, booking.companion_id) AND item.needs_approval
            WHERE booking.state = 'requested'
            GROUP BY booking.id
        ) AS asked
        WHERE booking.id = asked.id
        """
    )


def downgrade() -> None:
    op.drop_column("booking", "awaits")
