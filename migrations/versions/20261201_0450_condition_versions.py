"""a condition report may be corrected: what it said before is kept

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "condition_version",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("corrected_by_id", sa.BigInteger(), nullable=False),
        sa.Column("corrected_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("stay_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("points", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("water_meter", sa.Numeric(), nullable=True),
        sa.Column("power_meter", sa.Numeric(), nullable=True),
        sa.Column("keys", sa.Text(), nullable=True),
        sa.Column("photos", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind IN ('entry', 'exit')", name="condition_version_kind_known"),
        sa.CheckConstraint("reason <> ''", name="condition_version_has_a_reason"),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["condition_report.id"],
            name="fk_condition_version_report_id_condition_report",
        ),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name="fk_condition_version_stay_id_stay"),
        sa.ForeignKeyConstraint(
            ["corrected_by_id"], ["person.id"], name="fk_condition_version_corrected_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_condition_version"),
    )
    op.create_index("ix_condition_version_report_id", "condition_version", ["report_id"])
    op.create_index("ix_condition_version_stay_id", "condition_version", ["stay_id"])


def downgrade() -> None:
    op.drop_table("condition_version")
