"""trainers from outside sign the closed sheet of a half-day

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

GUARDS = (
    """
    CREATE FUNCTION guard_trainer_signature() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        signed text;
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM break_promise('attendance_sheet_is_locked');
        END IF;
        SELECT sheet_text INTO signed FROM workshop_slot WHERE id = NEW.slot_id FOR SHARE;
        IF signed IS NULL OR encode(sha256(convert_to(signed, 'UTF8')), 'hex') <> NEW.text_hash THEN
            PERFORM break_promise('attendance_signature_of_its_text');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER trainer_signature_guard BEFORE INSERT OR UPDATE OR DELETE ON trainer_signature
    FOR EACH ROW EXECUTE FUNCTION guard_trainer_signature()
    """,
)


def upgrade() -> None:
    op.create_table(
        "trainer_signature",
        sa.Column("slot_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("device_of_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("name <> ''", name="trainer_signature_has_a_name"),
        sa.CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name="trainer_signature_has_a_hash"),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["workshop_slot.id"], name="fk_trainer_signature_slot_id_workshop_slot"
        ),
        sa.ForeignKeyConstraint(
            ["device_of_id"], ["person.id"], name="fk_trainer_signature_device_of_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trainer_signature"),
        sa.UniqueConstraint("slot_id", "name", name="trainer_signature_once"),
    )
    op.create_index("ix_trainer_signature_device_of_id", "trainer_signature", ["device_of_id"])
    for guard in GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.drop_table("trainer_signature")
    op.execute("DROP FUNCTION guard_trainer_signature()")
