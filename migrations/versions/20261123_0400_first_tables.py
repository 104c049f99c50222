"""first tables

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "journal_line",
        sa.Column(
            "at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal_line"),
    )
    op.create_index(
        "ix_journal_line_subject_kind_subject_id_id",
        "journal_line",
        ["subject_kind", "subject_id", "id"],
        unique=False,
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_secret", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_mail"),
        sa.UniqueConstraint("key", name="outgoing_mail_once"),
    )
    op.create_table(
        "person",
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_shared", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index(
        "person_email_once",
        "person",
        [sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_table(
        "qualification",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_qualification"),
    )
    op.create_index(
        "qualification_name_once", "qualification", [sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "sign_in_failure",
        sa.Column(
            "at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("address", postgresql.INET(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failure"),
    )
    op.create_index(
        "ix_sign_in_failure_account_at", "sign_in_failure", ["account", "at"], unique=False
    )
    op.create_index(
        "ix_sign_in_failure_address_at", "sign_in_failure", ["address", "at"], unique=False
    )
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
        sa.UniqueConstraint("sha256", name="stored_file_once"),
    )
    op.create_table(
        "structure",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("insee_code", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("left_on >= joined_on", name="structure_leaves_after_joining"),
        sa.PrimaryKeyConstraint("id", name="pk_structure"),
    )
    op.create_index(
        "structure_name_once", "structure", [sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "mailed_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('sign_in', 'password', 'invitation')", name="mailed_link_purpose_known"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_mailed_link_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mailed_link"),
        sa.UniqueConstraint("token_hash", name="mailed_link_token_once"),
    )
    op.create_index("ix_mailed_link_person_id", "mailed_link", ["person_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("salaried", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("structure_id"), "="),
            (sa.column("role"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="membership_no_overlap",
        ),
        sa.CheckConstraint(
            "role IN ('trainee', 'mentor', 'equipment_manager', 'structure_manager', 'coordinator')",
            name="membership_role_known",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="membership_has_a_start"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_membership_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_membership_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_index("ix_membership_structure_id", "membership", ["structure_id"], unique=False)
    op.create_table(
        "paper",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("qualification_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="paper_has_a_start"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_paper_person_id_person"),
        sa.ForeignKeyConstraint(
            ["qualification_id"],
            ["qualification.id"],
            name="fk_paper_qualification_id_qualification",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
    )
    op.create_index(
        "ix_paper_person_id_qualification_id",
        "paper",
        ["person_id", "qualification_id"],
        unique=False,
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "last_seen_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_session_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("token_hash", name="session_token_once"),
    )
    op.create_index("ix_session_person_id", "session", ["person_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="permanent", nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("insee_code", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), server_default="Europe/Paris", nullable=False),
        sa.Column("access_notes", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind IN ('permanent', 'temporary')", name="site_kind_known"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_site_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
    )
    op.create_index("ix_site_structure_id", "site", ["structure_id"], unique=False)
    op.create_index("site_name_once", "site", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "item",
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=True),
        sa.Column("photo", sa.Text(), nullable=True),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
        sa.Column("deputy_id", sa.BigInteger(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("return_rule", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), server_default="network", nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("slot_minutes", sa.Integer(), server_default="30", nullable=False),
        sa.Column("min_minutes", sa.Integer(), server_default="30", nullable=False),
        sa.Column("max_minutes", sa.Integer(), server_default="1440", nullable=False),
        sa.Column("notice_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("horizon_days", sa.Integer(), server_default="90", nullable=False),
        sa.Column("cancel_cutoff_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=True),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column(
            "open_days",
            postgresql.ARRAY(sa.SmallInteger()),
            server_default="{1,2,3,4,5,6,7}",
            nullable=False,
        ),
        sa.Column("needs_approval", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("answer_hours", sa.Integer(), server_default="48", nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_open_bookings", sa.Integer(), nullable=True),
        sa.Column("max_week_minutes", sa.Integer(), nullable=True),
        sa.Column("meter", sa.Numeric(), nullable=True),
        sa.Column("meter_unit", sa.Text(), nullable=True),
        sa.Column("tariff", sa.Numeric(), nullable=True),
        sa.Column("tariff_unit", sa.Text(), nullable=True),
        sa.Column("deposit", sa.Numeric(), nullable=True),
        sa.Column("check_done_on", sa.Date(), nullable=True),
        sa.Column("check_months", sa.Integer(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("audience IN ('network', 'structure')", name="item_audience_known"),
        sa.CheckConstraint(
            "cardinality(open_days) > 0 AND open_days <@ '{1,2,3,4,5,6,7}'::smallint[]",
            name="item_open_days_are_weekdays",
        ),
        sa.CheckConstraint(
            "(opens_at IS NULL) = (closes_at IS NULL) AND opens_at < closes_at",
            name="item_opening_hours_in_order",
        ),
        sa.CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_after_minutes >= 0 AND notice_minutes >= 0 AND horizon_days > 0 AND cancel_cutoff_minutes >= 0 AND answer_hours > 0",
            name="item_rules_not_negative",
        ),
        sa.CheckConstraint("capacity BETWEEN 1 AND 50", name="item_capacity_sensible"),
        sa.CheckConstraint(
            "min_minutes > 0 AND max_minutes >= min_minutes", name="item_lengths_in_order"
        ),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 1440", name="item_slot_sensible"),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name="fk_item_deputy_id_person"),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name="fk_item_manager_id_person"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_item_site_id_site"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_item_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_item"),
    )
    op.create_index("item_code_once", "item", [sa.literal_column("lower(code)")], unique=True)
    op.create_index("ix_item_deputy_id", "item", ["deputy_id"], unique=False)
    op.create_index("ix_item_manager_id", "item", ["manager_id"], unique=False)
    op.create_index("ix_item_site_id", "item", ["site_id"], unique=False)
    op.create_index("ix_item_structure_id", "item", ["structure_id"], unique=False)
    op.create_table(
        "booking",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("companion_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("once", sa.Text(), nullable=True),
        sa.Column("once_digest", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state <> 'requested' OR answer_by IS NOT NULL", name="booking_request_has_an_end"
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'confirmed', 'cancelled', 'refused', 'lapsed')",
            name="booking_state_known",
        ),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="booking_once_whole"),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name="booking_has_both_ends",
        ),
        sa.ForeignKeyConstraint(["companion_id"], ["item.id"], name="fk_booking_companion_id_item"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_booking_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name="fk_booking_decided_by_id_person"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_booking_item_id_item"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_booking_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_booking"),
        sa.UniqueConstraint("created_by_id", "once", name="booking_once"),
    )
    op.create_index(
        "ix_booking_answer_by",
        "booking",
        ["answer_by"],
        unique=False,
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_index(
        "ix_booking_item_during",
        "booking",
        ["item_id", sa.literal_column("upper(during)")],
        unique=False,
    )
    op.create_index(
        "ix_booking_person_during",
        "booking",
        ["person_id", sa.literal_column("upper(during)")],
        unique=False,
    )
    op.create_table(
        "item_companion",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("companion_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("item_id <> companion_id", name="item_is_not_its_own_companion"),
        sa.ForeignKeyConstraint(
            ["companion_id"], ["item.id"], name="fk_item_companion_companion_id_item"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_item_companion_item_id_item"),
        sa.PrimaryKeyConstraint("item_id", "companion_id", name="pk_item_companion"),
    )
    op.create_table(
        "item_requirement",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("qualification_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_item_requirement_item_id_item"),
        sa.ForeignKeyConstraint(
            ["qualification_id"],
            ["qualification.id"],
            name="fk_item_requirement_qualification_id_qualification",
        ),
        sa.PrimaryKeyConstraint("item_id", "qualification_id", name="pk_item_requirement"),
    )
    op.create_table(
        "outage",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="blackout", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("lifted_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind <> 'booking'", name="outage_is_no_booking"),
        sa.CheckConstraint(
            "kind IN ('booking', 'maintenance', 'blackout')", name="outage_kind_known"
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name="outage_has_both_ends",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_outage_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_outage_item_id_item"),
        sa.PrimaryKeyConstraint("id", name="pk_outage"),
    )
    op.create_index("ix_outage_item_id", "outage", ["item_id"], unique=False)
    op.create_table(
        "item_claim",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Integer(), server_default="1", nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=True),
        sa.Column("outage_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("item_id"), "="),
            (sa.column("unit"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="item_claim_no_overlap",
        ),
        sa.CheckConstraint(
            "kind IN ('booking', 'maintenance', 'blackout')", name="item_claim_kind_known"
        ),
        sa.CheckConstraint(
            "num_nonnulls(booking_id, outage_id) = 1 AND (kind = 'booking') = (booking_id IS NOT NULL)",
            name="item_claim_has_one_cause",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name="item_claim_has_both_ends",
        ),
        sa.CheckConstraint("unit > 0", name="item_claim_unit_counts_from_one"),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name="fk_item_claim_booking_id_booking"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_item_claim_item_id_item"),
        sa.ForeignKeyConstraint(
            ["outage_id"], ["outage.id"], name="fk_item_claim_outage_id_outage"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_item_claim"),
    )
    op.create_index("ix_item_claim_booking_id", "item_claim", ["booking_id"], unique=False)
    op.create_index(
        "ix_item_claim_during", "item_claim", ["during"], unique=False, postgresql_using="gist"
    )
    op.create_index("ix_item_claim_outage_id", "item_claim", ["outage_id"], unique=False)


def downgrade() -> None:
    op.drop_table("item_claim")
    op.drop_table("outage")
    op.drop_table("item_requirement")
    op.drop_table("item_companion")
    op.drop_table("booking")
    op.drop_table("item")
    op.drop_table("site")
    op.drop_table("session")
    op.drop_table("paper")
    op.drop_table("membership")
    op.drop_table("mailed_link")
    op.drop_table("structure")
    op.drop_table("stored_file")
    op.drop_table("sign_in_failure")
    op.drop_table("qualification")
    op.drop_table("person")
    op.drop_table("outgoing_mail")
    op.drop_table("journal_line")
