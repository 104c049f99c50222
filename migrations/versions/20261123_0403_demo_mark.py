"""demo mark

The demonstration writes one row here, and refuses a database that has data without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "demo_mark",
        sa.Column(
            "made_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("filled_until", sa.Date(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_demo_mark"),
    )


def downgrade() -> None:
    op.drop_table("demo_mark")
