"""items that people in test take under agreement

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "item",
        sa.Column("needs_agreement", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("item", "needs_agreement")
