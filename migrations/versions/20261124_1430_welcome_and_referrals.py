"""first welcome, introductions and referrals

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "introduction_sent",
        sa.Column(
            "at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("address", postgresql.INET(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_introduction_sent"),
    )
    op.create_index(
        "ix_introduction_sent_address_at", "introduction_sent", ["address", "at"], unique=False
    )
    op.create_table(
        "introduction",
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("consents", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column(
            "sent_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("path_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(path_id IS NULL) = (state <> 'taken')", name="introduction_taken_has_a_path"
        ),
        sa.CheckConstraint(
            "kind IN ('garden', 'livestock', 'crops', 'orchard', 'processing', 'farm_other', 'craft', 'services', 'culture', 'life', 'unknown')",
            name="introduction_kind_known",
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'taken', 'set_aside')", name="introduction_state_known"
        ),
        sa.CheckConstraint(
            "email IS NOT NULL OR phone IS NOT NULL", name="introduction_can_be_answered"
        ),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name="fk_introduction_path_id_path"),
        sa.PrimaryKeyConstraint("id", name="pk_introduction"),
        sa.UniqueConstraint("once", name="introduction_once"),
    )
    op.create_table(
        "referral",
        sa.Column("path_id", sa.BigInteger(), nullable=False),
        sa.Column("from_structure_id", sa.BigInteger(), nullable=False),
        sa.Column("to_structure_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=False),
        sa.Column("sent_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "sent_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("state", sa.Text(), server_default="sent", nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("first_meeting_on", sa.Date(), nullable=True),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("once_digest", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)",
            name="referral_answer_is_dated",
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR first_meeting_on IS NOT NULL",
            name="referral_accepted_has_a_meeting",
        ),
        sa.CheckConstraint(
            "state IN ('sent', 'accepted', 'declined', 'withdrawn')", name="referral_state_known"
        ),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="referral_once_whole"),
        sa.CheckConstraint("from_structure_id <> to_structure_id", name="referral_to_another"),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name="fk_referral_answered_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["from_structure_id"], ["structure.id"], name="fk_referral_from_structure_id_structure"
        ),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name="fk_referral_path_id_path"),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["person.id"], name="fk_referral_sent_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["to_structure_id"], ["structure.id"], name="fk_referral_to_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_referral"),
        sa.UniqueConstraint("sent_by_id", "once", name="referral_once"),
    )
    op.create_index(
        "ix_referral_from_structure_id", "referral", ["from_structure_id"], unique=False
    )
    op.create_index("ix_referral_path_id", "referral", ["path_id"], unique=False)
    op.create_index("ix_referral_to_structure_id", "referral", ["to_structure_id"], unique=False)
    op.create_index(
        "referral_open_once",
        "referral",
        ["path_id"],
        unique=True,
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.create_table(
        "welcome",
        sa.Column("path_id", sa.BigInteger(), nullable=False),
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("prescriber", sa.Text(), nullable=True),
        sa.Column("needs", sa.Text(), nullable=True),
        sa.Column("wishes", sa.Text(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("notice_given_on", sa.Date(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("once_digest", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind IN ('garden', 'livestock', 'crops', 'orchard', 'processing', 'farm_other', 'craft', 'services', 'culture', 'life', 'unknown')",
            name="welcome_kind_known",
        ),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="welcome_once_whole"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_welcome_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name="fk_welcome_path_id_path"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_welcome_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_welcome"),
        sa.UniqueConstraint("created_by_id", "once", name="welcome_once"),
        sa.UniqueConstraint("path_id", name="welcome_one_per_path"),
    )
    op.create_index("ix_welcome_structure_id", "welcome", ["structure_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_welcome_structure_id", table_name="welcome")
    op.drop_table("welcome")
    op.drop_index(
        "referral_open_once", table_name="referral", postgresql_where=sa.text("state = 'sent'")
    )
    op.drop_index("ix_referral_to_structure_id", table_name="referral")
    op.drop_index("ix_referral_path_id", table_name="referral")
    op.drop_index("ix_referral_from_structure_id", table_name="referral")
    op.drop_table("referral")
    op.drop_table("introduction")
    op.drop_index("ix_introduction_sent_address_at", table_name="introduction_sent")
    op.drop_table("introduction_sent")
