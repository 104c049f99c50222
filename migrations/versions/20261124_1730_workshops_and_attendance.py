"""workshops and attendance

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0061"
down_revision = "0051"
branch_labels = None
depends_on = None


# A closed sheet no longer changes, and what a participant signed neither. What is looked at is held
# FOR SHARE, so that nobody closes, signs or takes places away between the look and the commit.
GUARDS = (
    """
    CREATE FUNCTION break_promise(name text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'broken: %', name USING ERRCODE = '23514', CONSTRAINT = name;
    END $$
    """,
    """
    CREATE FUNCTION refuse_when_closed(slot bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM workshop_slot WHERE id = slot FOR SHARE;
        IF EXISTS (SELECT FROM workshop_slot WHERE id = slot AND closed_at IS NOT NULL) THEN
            PERFORM break_promise('attendance_sheet_is_locked');
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION guard_attendance() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE'
            AND to_jsonb(NEW) - 'corrected' = to_jsonb(OLD) - 'corrected' THEN
            RETURN NEW;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            PERFORM refuse_when_closed(OLD.slot_id);
            IF (TG_OP = 'DELETE' OR NEW.presence <> 'present'
                OR (NEW.slot_id, NEW.person_id) <> (OLD.slot_id, OLD.person_id))
                AND EXISTS (
                    SELECT FROM attendance_signature
                    WHERE slot_id = OLD.slot_id AND person_id = OLD.person_id
                        AND role = 'participant'
                ) THEN
                PERFORM break_promise('attendance_signed_is_present');
            END IF;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM refuse_when_closed(NEW.slot_id);
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER attendance_guard BEFORE INSERT OR UPDATE OR DELETE ON attendance
    FOR EACH ROW EXECUTE FUNCTION guard_attendance()
    """,
    """
    CREATE FUNCTION guard_attendance_signature() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        signed text;
    BEGIN
        IF TG_OP = 'DELETE' THEN
            PERFORM refuse_when_closed(OLD.slot_id);
            RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            PERFORM break_promise('attendance_sheet_is_locked');
        END IF;
        IF NEW.role = 'participant' THEN
            PERFORM refuse_when_closed(NEW.slot_id);
            PERFORM FROM attendance
            WHERE slot_id = NEW.slot_id AND person_id = NEW.person_id AND presence = 'present'
            FOR SHARE;
            IF NOT FOUND THEN
                PERFORM break_promise('attendance_signed_is_present');
            END IF;
            SELECT facts || chr(10) || NEW.name || chr(10) INTO signed
            FROM workshop_slot WHERE id = NEW.slot_id;
        ELSE
            SELECT sheet_text INTO signed FROM workshop_slot WHERE id = NEW.slot_id FOR SHARE;
        END IF;
        IF signed IS NULL OR encode(sha256(convert_to(signed, 'UTF8')), 'hex') <> NEW.text_hash THEN
            PERFORM break_promise('attendance_signature_of_its_text');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER attendance_signature_guard
    BEFORE INSERT OR UPDATE OR DELETE ON attendance_signature
    FOR EACH ROW EXECUTE FUNCTION guard_attendance_signature()
    """,
    """
    CREATE FUNCTION guard_attendance_paper() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' OR TG_TABLE_NAME = 'attendance_note' THEN
            PERFORM break_promise('attendance_sheet_is_locked');
        END IF;
        PERFORM refuse_when_closed(OLD.slot_id);
        RETURN OLD;
    END $$
    """,
    """
    CREATE TRIGGER attendance_scan_stays BEFORE UPDATE OR DELETE ON attendance_scan
    FOR EACH ROW EXECUTE FUNCTION guard_attendance_paper()
    """,
    """
    CREATE TRIGGER attendance_note_stays BEFORE UPDATE OR DELETE ON attendance_note
    FOR EACH ROW EXECUTE FUNCTION guard_attendance_paper()
    """,
    """
    CREATE FUNCTION guard_workshop_slot() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY['funded_action_id'];
        closing text[] := ARRAY['closed_at', 'closed_by_id', 'sheet_text'];
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
            RETURN NEW;
        END IF;
        IF OLD.closed_at IS NOT NULL THEN
            PERFORM break_promise('attendance_sheet_is_locked');
        END IF;
        IF OLD.facts IS NOT NULL AND (
            TG_OP = 'DELETE'
            OR to_jsonb(NEW) - free - closing - 'facts' <> to_jsonb(OLD) - free - closing - 'facts'
            OR NEW.facts IS DISTINCT FROM OLD.facts AND EXISTS (
                SELECT FROM attendance_signature WHERE slot_id = OLD.id
            )
        ) THEN
            PERFORM break_promise('attendance_facts_are_signed');
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.closed_at IS NOT NULL AND EXISTS (
            SELECT FROM attendance
            WHERE slot_id = OLD.id AND (
                presence = 'expected'
                OR presence = 'present'
                AND NOT EXISTS (SELECT FROM attendance_scan WHERE slot_id = OLD.id)
                AND NOT EXISTS (
                    SELECT FROM attendance_signature
                    WHERE slot_id = OLD.id AND person_id = attendance.person_id
                        AND role = 'participant'
                )
            )
        ) THEN
            PERFORM break_promise('attendance_sheet_complete');
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER workshop_slot_guard BEFORE UPDATE OR DELETE ON workshop_slot
    FOR EACH ROW EXECUTE FUNCTION guard_workshop_slot()
    """,
    """
    CREATE FUNCTION guard_workshop_facilitator() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        slots bigint[];
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            slots := slots || OLD.slot_id;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            slots := slots || NEW.slot_id;
        END IF;
        PERFORM FROM workshop_slot WHERE id = ANY (slots) ORDER BY id FOR SHARE;
        IF EXISTS (SELECT FROM workshop_slot WHERE id = ANY (slots) AND facts IS NOT NULL) THEN
            PERFORM break_promise('attendance_facts_are_signed');
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER workshop_facilitator_guard
    BEFORE INSERT OR UPDATE OR DELETE ON workshop_facilitator
    FOR EACH ROW EXECUTE FUNCTION guard_workshop_facilitator()
    """,
    """
    CREATE FUNCTION guard_workshop_seat() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        most integer;
    BEGIN
        SELECT places INTO most FROM workshop WHERE id = NEW.workshop_id FOR SHARE;
        IF NEW.number > most THEN
            PERFORM break_promise('workshop_seat_within_places');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER workshop_seat_guard BEFORE INSERT OR UPDATE ON workshop_seat
    FOR EACH ROW EXECUTE FUNCTION guard_workshop_seat()
    """,
    """
    CREATE FUNCTION guard_workshop_places() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM workshop_seat WHERE workshop_id = NEW.id AND number > NEW.places
        ) THEN
            PERFORM break_promise('workshop_seat_within_places');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER workshop_places_guard BEFORE UPDATE OF places ON workshop
    FOR EACH ROW EXECUTE FUNCTION guard_workshop_places()
    """,
)
FUNCTIONS = (
    "guard_workshop_places()",
    "guard_workshop_seat()",
    "guard_workshop_facilitator()",
    "guard_workshop_slot()",
    "guard_attendance_paper()",
    "guard_attendance_signature()",
    "guard_attendance()",
    "refuse_when_closed(bigint)",
    "break_promise(text)",
)


def upgrade() -> None:
    op.create_table(
        "workshop",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("for_everybody", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("sign_up_until", sa.Date(), nullable=True),
        sa.Column("funders", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (reason IS NOT NULL)", name="workshop_cancelled_with_reason"
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'held', 'cancelled')", name="workshop_state_known"
        ),
        sa.CheckConstraint("title <> ''", name="workshop_has_a_title"),
        sa.CheckConstraint("places BETWEEN 1 AND 1000", name="workshop_places_sensible"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_workshop_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_workshop_site_id_site"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_workshop_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_workshop"),
    )
    op.create_index("ix_workshop_structure_id", "workshop", ["structure_id"], unique=False)
    op.create_table(
        "workshop_guest",
        sa.Column("workshop_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_workshop_guest_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name="fk_workshop_guest_workshop_id_workshop"
        ),
        sa.PrimaryKeyConstraint("workshop_id", "person_id", name="pk_workshop_guest"),
    )
    op.create_index("ix_workshop_guest_person_id", "workshop_guest", ["person_id"], unique=False)
    op.create_table(
        "workshop_seat",
        sa.Column("workshop_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("number >= 1", name="workshop_seat_counts_from_one"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_workshop_seat_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_workshop_seat_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name="fk_workshop_seat_workshop_id_workshop"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_workshop_seat"),
        sa.UniqueConstraint("workshop_id", "number", name="workshop_seat_number_once"),
        sa.UniqueConstraint("workshop_id", "person_id", name="workshop_seat_once"),
    )
    op.create_index("ix_workshop_seat_person_id", "workshop_seat", ["person_id"], unique=False)
    op.create_table(
        "workshop_slot",
        sa.Column("workshop_id", sa.BigInteger(), nullable=False),
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("sheet_text", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("funded_action_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("workshop_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="workshop_slot_no_overlap",
            deferrable=True,
        ),
        sa.CheckConstraint(
            "upper(during) - lower(during) <= interval '8 hours'",
            name="workshop_slot_of_a_half_day",
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (sheet_text IS NULL) AND (closed_at IS NULL) = (closed_by_id IS NULL) AND (closed_at IS NULL OR facts IS NOT NULL)",
            name="workshop_slot_closed_with_its_text",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name="workshop_slot_has_both_ends",
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name="fk_workshop_slot_closed_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_workshop_slot_structure_id_structure"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name="fk_workshop_slot_workshop_id_workshop"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_workshop_slot"),
    )
    op.create_index(
        "ix_workshop_slot_structure_id", "workshop_slot", ["structure_id"], unique=False
    )
    op.create_table(
        "workshop_trainer",
        sa.Column("workshop_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("name <> ''", name="workshop_trainer_has_a_name"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_workshop_trainer_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name="fk_workshop_trainer_workshop_id_workshop"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_workshop_trainer"),
        sa.UniqueConstraint("workshop_id", "person_id", name="workshop_trainer_once"),
    )
    op.create_index(
        "ix_workshop_trainer_person_id", "workshop_trainer", ["person_id"], unique=False
    )
    op.create_table(
        "attendance",
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("presence", sa.Text(), server_default="expected", nullable=False),
        sa.Column("corrected", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "corrected IN ('expected', 'present', 'absent', 'excused')",
            name="attendance_corrected_known",
        ),
        sa.CheckConstraint(
            "presence IN ('expected', 'present', 'absent', 'excused')",
            name="attendance_presence_known",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_attendance_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["workshop_slot.id"], name="fk_attendance_slot_id_workshop_slot"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attendance"),
        sa.UniqueConstraint("slot_id", "person_id", name="attendance_once"),
    )
    op.create_index("ix_attendance_person_id", "attendance", ["person_id"], unique=False)
    op.create_table(
        "attendance_note",
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("presence", sa.Text(), nullable=True),
        sa.Column("written_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "presence IN ('expected', 'present', 'absent', 'excused')",
            name="attendance_note_presence_known",
        ),
        sa.CheckConstraint("text <> ''", name="attendance_note_says_something"),
        sa.CheckConstraint(
            "(person_id IS NULL) = (presence IS NULL)", name="attendance_note_says_of_whom"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name="fk_attendance_note_author_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_attendance_note_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["workshop_slot.id"], name="fk_attendance_note_slot_id_workshop_slot"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_note"),
    )
    op.create_index("ix_attendance_note_slot_id", "attendance_note", ["slot_id"], unique=False)
    op.create_table(
        "attendance_scan",
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["person.id"], name="fk_attendance_scan_added_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["workshop_slot.id"], name="fk_attendance_scan_slot_id_workshop_slot"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_scan"),
        sa.UniqueConstraint("slot_id", "sha256", name="attendance_scan_once"),
    )
    op.create_table(
        "attendance_signature",
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("device_of_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "role IN ('participant', 'facilitator')", name="attendance_signature_role_known"
        ),
        sa.CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name="attendance_signature_has_a_hash"),
        sa.ForeignKeyConstraint(
            ["device_of_id"], ["person.id"], name="fk_attendance_signature_device_of_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_attendance_signature_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["workshop_slot.id"], name="fk_attendance_signature_slot_id_workshop_slot"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_signature"),
        sa.UniqueConstraint("slot_id", "person_id", "role", name="attendance_signature_once"),
    )
    op.create_index(
        "ix_attendance_signature_person_id", "attendance_signature", ["person_id"], unique=False
    )
    op.create_table(
        "workshop_facilitator",
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_workshop_facilitator_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["workshop_slot.id"], name="fk_workshop_facilitator_slot_id_workshop_slot"
        ),
        sa.PrimaryKeyConstraint("slot_id", "person_id", name="pk_workshop_facilitator"),
    )
    op.create_index(
        "ix_workshop_facilitator_person_id", "workshop_facilitator", ["person_id"], unique=False
    )
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_workshop_facilitator_person_id", table_name="workshop_facilitator")
    op.drop_table("workshop_facilitator")
    op.drop_index("ix_attendance_signature_person_id", table_name="attendance_signature")
    op.drop_table("attendance_signature")
    op.drop_table("attendance_scan")
    op.drop_index("ix_attendance_note_slot_id", table_name="attendance_note")
    op.drop_table("attendance_note")
    op.drop_index("ix_attendance_person_id", table_name="attendance")
    op.drop_table("attendance")
    op.drop_index("ix_workshop_trainer_person_id", table_name="workshop_trainer")
    op.drop_table("workshop_trainer")
    op.drop_index("ix_workshop_slot_structure_id", table_name="workshop_slot")
    op.drop_table("workshop_slot")
    op.drop_index("ix_workshop_seat_person_id", table_name="workshop_seat")
    op.drop_table("workshop_seat")
    op.drop_index("ix_workshop_guest_person_id", table_name="workshop_guest")
    op.drop_table("workshop_guest")
    op.drop_index("ix_workshop_structure_id", table_name="workshop")
    op.drop_table("workshop")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
