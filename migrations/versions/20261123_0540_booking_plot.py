"""bookings may name the plot they are for"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("plot_id", sa.BigInteger()))
    op.create_foreign_key("fk_booking_plot_id_plot", "booking", "plot", ["plot_id"], ["id"])
    op.create_index(
        "ix_booking_plot_id",
        "booking",
        ["plot_id"],
        postgresql_where=sa.text("plot_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_column("booking", "plot_id")
