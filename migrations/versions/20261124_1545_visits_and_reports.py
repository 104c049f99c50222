"""visits, reports, signatures and agreed steps

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0041"
branch_labels = None
depends_on = None

LOCKED = "USING ERRCODE = '23514', CONSTRAINT = 'report_signed_is_locked'"

# The first signature locks what was signed: the report, its visit, who was there, which plots, what
# was agreed. What is looked at is held FOR SHARE, so that nobody signs between the look and the
# commit. What may still change is listed; the rest is compared whole, columns to come included.
GUARDS = (
    f"""
    CREATE FUNCTION refuse_when_signed(visit bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM report WHERE visit_id = visit FOR SHARE;
        IF EXISTS (SELECT FROM report WHERE visit_id = visit AND signed_text IS NOT NULL) THEN
            RAISE EXCEPTION 'the report of visit % is signed', visit {LOCKED};
        END IF;
    END $$
    """,
    f"""
    CREATE FUNCTION guard_report() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY['read_at', 'committee_text'];
    BEGIN
        IF OLD.signed_text IS NULL THEN
            RETURN coalesce(NEW, OLD);
        END IF;
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free THEN
            RAISE EXCEPTION 'report % is signed', OLD.id {LOCKED};
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER report_guard BEFORE UPDATE OR DELETE ON report
    FOR EACH ROW EXECUTE FUNCTION guard_report()
    """,
    """
    CREATE FUNCTION guard_report_signature() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        signed text;
    BEGIN
        SELECT signed_text INTO signed FROM report WHERE id = NEW.report_id FOR SHARE;
        IF signed IS NULL OR encode(sha256(convert_to(signed, 'UTF8')), 'hex') <> NEW.text_hash THEN
            RAISE EXCEPTION 'not the signed text of report %', NEW.report_id
                USING ERRCODE = '23514', CONSTRAINT = 'report_signature_of_its_text';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER report_signature_guard BEFORE INSERT ON report_signature
    FOR EACH ROW EXECUTE FUNCTION guard_report_signature()
    """,
    f"""
    CREATE FUNCTION refuse_any_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is never changed', TG_TABLE_NAME {LOCKED};
    END $$
    """,
    """
    CREATE TRIGGER report_signature_stays BEFORE UPDATE OR DELETE ON report_signature
    FOR EACH ROW EXECUTE FUNCTION refuse_any_change()
    """,
    """
    CREATE TRIGGER report_note_stays BEFORE UPDATE OR DELETE ON report_note
    FOR EACH ROW EXECUTE FUNCTION refuse_any_change()
    """,
    """
    CREATE FUNCTION guard_visit() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY['structure_id', 'funded_action_id', 'travel_minutes', 'travel_km'];
    BEGIN
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free THEN
            PERFORM refuse_when_signed(OLD.id);
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER visit_guard BEFORE UPDATE OR DELETE ON visit
    FOR EACH ROW EXECUTE FUNCTION guard_visit()
    """,
    """
    CREATE FUNCTION guard_part_of_visit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM refuse_when_signed(OLD.visit_id);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM refuse_when_signed(NEW.visit_id);
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER visit_person_guard BEFORE INSERT OR UPDATE OR DELETE ON visit_person
    FOR EACH ROW EXECUTE FUNCTION guard_part_of_visit()
    """,
    """
    CREATE TRIGGER visit_plot_guard BEFORE INSERT OR UPDATE OR DELETE ON visit_plot
    FOR EACH ROW EXECUTE FUNCTION guard_part_of_visit()
    """,
    f"""
    CREATE FUNCTION guard_agreed_step() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY['state', 'changed_at', 'changed_by_id'];
        reports bigint[];
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
            RETURN NEW;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            reports := reports || OLD.report_id;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            reports := reports || NEW.report_id;
        END IF;
        PERFORM FROM report WHERE id = ANY (reports) ORDER BY id FOR SHARE;
        IF EXISTS (SELECT FROM report WHERE id = ANY (reports) AND signed_text IS NOT NULL) THEN
            RAISE EXCEPTION 'what was agreed is signed' {LOCKED};
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER agreed_step_guard BEFORE INSERT OR UPDATE OR DELETE ON agreed_step
    FOR EACH ROW EXECUTE FUNCTION guard_agreed_step()
    """,
)
FUNCTIONS = (
    "guard_agreed_step()",
    "guard_part_of_visit()",
    "guard_visit()",
    "refuse_any_change()",
    "guard_report_signature()",
    "guard_report()",
    "refuse_when_signed(bigint)",
)


def upgrade() -> None:
    op.create_table(
        "sent_form",
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_sent_form_author_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_sent_form"),
        sa.UniqueConstraint("author_id", "once", name="sent_form_once"),
    )
    op.create_table(
        "visit_proposal",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("mentor_id", sa.BigInteger(), nullable=False),
        sa.Column("starts", postgresql.ARRAY(sa.TIMESTAMP(timezone=True)), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("structure_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind IN ('technical', 'enterprise', 'settlement', 'human')",
            name="visit_proposal_kind_known",
        ),
        sa.CheckConstraint("mode IN ('place', 'phone', 'video')", name="visit_proposal_mode_known"),
        sa.CheckConstraint(
            "cardinality(starts) BETWEEN 1 AND 5", name="visit_proposal_a_few_moments"
        ),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 1 AND 1440", name="visit_proposal_within_a_day"
        ),
        sa.CheckConstraint("person_id <> mentor_id", name="visit_proposal_to_another"),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["person.id"], name="fk_visit_proposal_mentor_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_visit_proposal_person_id_person"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_visit_proposal_site_id_site"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_visit_proposal_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visit_proposal"),
    )
    op.create_index("ix_visit_proposal_mentor_id", "visit_proposal", ["mentor_id"], unique=False)
    op.create_index("ix_visit_proposal_person_id", "visit_proposal", ["person_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("mentor_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="technical", nullable=False),
        sa.Column("mode", sa.Text(), server_default="place", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("travel_minutes", sa.Integer(), nullable=True),
        sa.Column("travel_km", sa.Numeric(), nullable=True),
        sa.Column("structure_id", sa.BigInteger(), nullable=True),
        sa.Column("funded_action_id", sa.BigInteger(), nullable=True),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind IN ('technical', 'enterprise', 'settlement', 'human')", name="visit_kind_known"
        ),
        sa.CheckConstraint("mode IN ('place', 'phone', 'video')", name="visit_mode_known"),
        sa.CheckConstraint(
            "state IN ('planned', 'held', 'missed', 'cancelled')", name="visit_state_known"
        ),
        sa.CheckConstraint("coalesce(travel_km, 0) >= 0", name="visit_km_not_negative"),
        sa.CheckConstraint(
            "coalesce(travel_minutes, 0) BETWEEN 0 AND 1440", name="visit_travel_within_a_day"
        ),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="visit_lasts_within_a_day"),
        sa.CheckConstraint("person_id <> mentor_id", name="visit_mentor_is_another"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_visit_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["mentor_id"], ["person.id"], name="fk_visit_mentor_id_person"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_visit_person_id_person"),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["visit_proposal.id"], name="fk_visit_proposal_id_visit_proposal"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_visit_site_id_site"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_visit_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
        sa.UniqueConstraint("proposal_id", name="visit_of_proposal_once"),
    )
    op.create_index("ix_visit_mentor_start", "visit", ["mentor_id", "starts_at"], unique=False)
    op.create_index("ix_visit_person_start", "visit", ["person_id", "starts_at"], unique=False)
    op.create_table(
        "report",
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("mood", sa.Text(), nullable=True),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "photos", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("committee_text", sa.Text(), nullable=True),
        sa.Column("signed_text", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("shared_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("read_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(level = 'shared') = (shared_at IS NOT NULL)", name="report_shared_on_a_day"
        ),
        sa.CheckConstraint("level IN ('draft', 'group', 'shared')", name="report_level_known"),
        sa.CheckConstraint(
            "signed_text IS NULL OR level = 'shared'", name="report_signed_once_shared"
        ),
        sa.CheckConstraint("version > 0", name="report_version_counts_from_one"),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_report_author_id_person"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="fk_report_visit_id_visit"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("visit_id", name="report_of_visit_once"),
    )
    op.create_index("ix_report_author_id", "report", ["author_id"], unique=False)
    op.create_table(
        "visit_person",
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("presence", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "presence IN ('expected', 'present', 'absent', 'excused')",
            name="visit_person_presence_known",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_visit_person_person_id_person"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="fk_visit_person_visit_id_visit"),
        sa.PrimaryKeyConstraint("id", name="pk_visit_person"),
        sa.UniqueConstraint("visit_id", "person_id", name="visit_person_once"),
    )
    op.create_index("ix_visit_person_person_id", "visit_person", ["person_id"], unique=False)
    op.create_table(
        "visit_plot",
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("plot_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name="fk_visit_plot_plot_id_plot"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="fk_visit_plot_visit_id_visit"),
        sa.PrimaryKeyConstraint("visit_id", "plot_id", name="pk_visit_plot"),
    )
    op.create_index("ix_visit_plot_plot_id", "visit_plot", ["plot_id"], unique=False)
    op.create_table(
        "agreed_step",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name="agreed_step_state_known"),
        sa.CheckConstraint("what <> ''", name="agreed_step_says_what"),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name="fk_agreed_step_changed_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_agreed_step_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_agreed_step_owner_id_person"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_agreed_step_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name="fk_agreed_step_report_id_report"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreed_step"),
    )
    op.create_index(
        "ix_agreed_step_owner_state", "agreed_step", ["owner_id", "state"], unique=False
    )
    op.create_index(
        "ix_agreed_step_person_state", "agreed_step", ["person_id", "state"], unique=False
    )
    op.create_index("ix_agreed_step_report_id", "agreed_step", ["report_id"], unique=False)
    op.create_table(
        "report_note",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind IN ('comment', 'addition')", name="report_note_kind_known"),
        sa.CheckConstraint("text <> ''", name="report_note_says_something"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name="fk_report_note_author_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name="fk_report_note_report_id_report"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_note"),
    )
    op.create_index("ix_report_note_report_id", "report_note", ["report_id"], unique=False)
    op.create_table(
        "report_signature",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name="report_signature_has_a_hash"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_report_signature_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name="fk_report_signature_report_id_report"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_signature"),
        sa.UniqueConstraint("report_id", "person_id", name="report_signature_once"),
    )
    op.create_index(
        "ix_report_signature_person_id", "report_signature", ["person_id"], unique=False
    )
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_report_signature_person_id", table_name="report_signature")
    op.drop_table("report_signature")
    op.drop_index("ix_report_note_report_id", table_name="report_note")
    op.drop_table("report_note")
    op.drop_index("ix_agreed_step_report_id", table_name="agreed_step")
    op.drop_index("ix_agreed_step_person_state", table_name="agreed_step")
    op.drop_index("ix_agreed_step_owner_state", table_name="agreed_step")
    op.drop_table("agreed_step")
    op.drop_index("ix_visit_plot_plot_id", table_name="visit_plot")
    op.drop_table("visit_plot")
    op.drop_index("ix_visit_person_person_id", table_name="visit_person")
    op.drop_table("visit_person")
    op.drop_index("ix_report_author_id", table_name="report")
    op.drop_table("report")
    op.drop_index("ix_visit_person_start", table_name="visit")
    op.drop_index("ix_visit_mentor_start", table_name="visit")
    op.drop_table("visit")
    op.drop_index("ix_visit_proposal_person_id", table_name="visit_proposal")
    op.drop_index("ix_visit_proposal_mentor_id", table_name="visit_proposal")
    op.drop_table("visit_proposal")
    op.drop_table("sent_form")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
