"""the figures that people in test keep, and whom they show them to

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_heading",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind IN ('sale', 'cost')", name="figure_heading_kind_known"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_figure_heading_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_figure_heading"),
        sa.UniqueConstraint("id", "person_id", name="figure_heading_of_somebody"),
    )
    op.create_index(
        "figure_heading_name_once",
        "figure_heading",
        ["person_id", "kind", sa.literal_column("lower(name)")],
        unique=True,
    )
    op.create_table(
        "figure_month",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("hours_per", sa.Text(), server_default="month", nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "hours BETWEEN 0 AND 744 AND (hours_per = 'month' OR hours <= 168)",
            name="figure_month_hours_exist",
        ),
        sa.CheckConstraint("hours_per IN ('month', 'week')", name="figure_month_hours_per_known"),
        sa.CheckConstraint("extract(day from month) = 1", name="figure_month_is_whole"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_figure_month_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_figure_month"),
        sa.UniqueConstraint("id", "person_id", name="figure_month_of_somebody"),
        sa.UniqueConstraint("person_id", "month", name="figure_month_once"),
    )
    op.create_table(
        "figure_reminder",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_figure_reminder_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_figure_reminder"),
        sa.UniqueConstraint("person_id", name="figure_reminder_once"),
    )
    op.create_table(
        "figure_share",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=True),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("with_hours", sa.Boolean(), nullable=False),
        sa.Column("shared_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.literal_column("coalesce(reader_id, 0)"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("withdrawn_at IS NULL"),
            using="gist",
            name="figure_share_once",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="figure_share_has_a_start"
        ),
        sa.CheckConstraint(
            "extract(day from lower(during)) = 1 AND extract(day from upper(during)) = 1",
            name="figure_share_whole_months",
        ),
        sa.CheckConstraint("person_id <> reader_id", name="figure_share_with_another"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_figure_share_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["person.id"], name="fk_figure_share_reader_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_figure_share"),
    )
    op.create_index("ix_figure_share_reader_id", "figure_share", ["reader_id"], unique=False)
    op.create_table(
        "figure_amount",
        sa.Column("month_id", sa.BigInteger(), nullable=False),
        sa.Column("heading_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount >= 0", name="figure_amount_not_negative"),
        sa.ForeignKeyConstraint(
            ["heading_id", "person_id"],
            ["figure_heading.id", "figure_heading.person_id"],
            name="figure_amount_heading_is_theirs",
        ),
        sa.ForeignKeyConstraint(
            ["month_id", "person_id"],
            ["figure_month.id", "figure_month.person_id"],
            name="figure_amount_month_is_theirs",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_figure_amount"),
        sa.UniqueConstraint("month_id", "heading_id", name="figure_amount_once"),
    )
    op.create_index("ix_figure_amount_heading_id", "figure_amount", ["heading_id"], unique=False)
    op.create_table(
        "planned_amount",
        sa.Column("heading_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=9, scale=2), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount >= 0", name="planned_amount_not_negative"),
        sa.CheckConstraint("extract(day from month) = 1", name="planned_amount_month_is_whole"),
        sa.ForeignKeyConstraint(
            ["heading_id", "person_id"],
            ["figure_heading.id", "figure_heading.person_id"],
            name="planned_amount_heading_is_theirs",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_planned_amount"),
        sa.UniqueConstraint("heading_id", "month", name="planned_amount_once"),
    )
    op.create_index(
        "ix_planned_amount_person_id_month", "planned_amount", ["person_id", "month"], unique=False
    )


def downgrade() -> None:
    op.drop_table("planned_amount")
    op.drop_table("figure_amount")
    op.drop_table("figure_share")
    op.drop_table("figure_reminder")
    op.drop_table("figure_month")
    op.drop_table("figure_heading")
