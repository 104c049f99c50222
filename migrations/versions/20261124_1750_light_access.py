"""links without a password for volunteers, and reports that came on paper

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "light_access",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("octet_length(token_hash) = 32", name="light_access_keeps_a_hash"),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name="light_access_ended_by_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name="fk_light_access_person_id_person",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_light_access_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["person.id"], name="fk_light_access_ended_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_light_access"),
        sa.UniqueConstraint("token_hash", name="light_access_token_once"),
    )
    op.create_index("ix_light_access_person_id", "light_access", ["person_id"], unique=False)
    op.create_index(
        "light_access_one_open",
        "light_access",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("report", sa.Column("typed_by_id", sa.BigInteger(), nullable=True))
    op.add_column("report", sa.Column("scan", sa.Text(), nullable=True))
    op.create_foreign_key(
        "fk_report_typed_by_id_person", "report", "person", ["typed_by_id"], ["id"]
    )
    op.create_check_constraint("report_typed_by_another", "report", "typed_by_id <> author_id")
    op.create_check_constraint(
        "report_typed_is_shown", "report", "typed_by_id IS NULL OR level <> 'draft'"
    )
    op.create_check_constraint("report_scan_is_a_file", "report", "scan ~ '^[0-9a-f]{64}$'")
    op.add_column("report_signature", sa.Column("scan", sa.Text(), nullable=True))
    op.add_column("report_signature", sa.Column("filed_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_report_signature_filed_by_id_person",
        "report_signature",
        "person",
        ["filed_by_id"],
        ["id"],
    )
    op.create_check_constraint(
        "report_signature_scan_is_a_file", "report_signature", "scan ~ '^[0-9a-f]{64}$'"
    )
    op.create_check_constraint(
        "report_signature_on_paper_is_filed",
        "report_signature",
        "(scan IS NULL) = (filed_by_id IS NULL)",
    )
    op.create_check_constraint(
        "report_signature_filed_by_another", "report_signature", "filed_by_id <> person_id"
    )


def downgrade() -> None:
    for name in ("filed_by_another", "on_paper_is_filed", "scan_is_a_file"):
        op.drop_constraint(f"report_signature_{name}", "report_signature", type_="check")
    op.drop_constraint(
        "fk_report_signature_filed_by_id_person", "report_signature", type_="foreignkey"
    )
    op.drop_column("report_signature", "filed_by_id")
    op.drop_column("report_signature", "scan")
    for name in ("report_scan_is_a_file", "report_typed_is_shown", "report_typed_by_another"):
        op.drop_constraint(name, "report", type_="check")
    op.drop_constraint("fk_report_typed_by_id_person", "report", type_="foreignkey")
    op.drop_column("report", "scan")
    op.drop_column("report", "typed_by_id")
    op.drop_table("light_access")
