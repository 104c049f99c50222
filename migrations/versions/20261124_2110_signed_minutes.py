"""minutes of progress committees are signed; one session planned for each date that is due

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


# Closed minutes do not change; what stands for MAY_COME may come once.
MAY_COME = "-- nothing more"
GUARD_REVIEW = """
    CREATE OR REPLACE FUNCTION guard_progress_review() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY['read_at'];
        session_state text;
    BEGIN
        IF TG_OP <> 'INSERT' AND OLD.closed_at IS NOT NULL THEN
            -- nothing more
            IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free THEN
                RAISE EXCEPTION 'the minutes of review % are closed', OLD.id
                    USING ERRCODE = '23514', CONSTRAINT = 'progress_minutes_closed';
            END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        SELECT state INTO session_state FROM progress_committee
        WHERE id = NEW.committee_id FOR SHARE;
        IF NEW.closed_at IS NOT NULL AND session_state <> 'held' THEN
            RAISE EXCEPTION 'not held yet'
                USING ERRCODE = '23514', CONSTRAINT = 'progress_minutes_after_session';
        END IF;
        IF TG_OP = 'UPDATE' AND session_state <> 'planned'
            AND (NEW.said, NEW.ready_at, NEW.shows_grids)
            IS DISTINCT FROM (OLD.said, OLD.ready_at, OLD.shows_grids)
        THEN
            RAISE EXCEPTION 'the session is over'
                USING ERRCODE = '23514', CONSTRAINT = 'progress_self_review_until_held';
        END IF;
        RETURN NEW;
    END $$
"""
FIRST_SIGNATURE = """
            IF OLD.signed_text IS NULL THEN
                free := free || 'signed_text'::text;
            END IF;
"""
GUARDS = (
    """
    CREATE FUNCTION guard_progress_signature() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        signed text;
    BEGIN
        SELECT signed_text INTO signed FROM progress_review WHERE id = NEW.review_id FOR SHARE;
        IF signed IS NULL OR encode(sha256(convert_to(signed, 'UTF8')), 'hex') <> NEW.text_hash THEN
            PERFORM break_promise('progress_signature_of_its_text');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER progress_signature_guard BEFORE INSERT ON progress_signature
    FOR EACH ROW EXECUTE FUNCTION guard_progress_signature()
    """,
    """
    CREATE TRIGGER progress_signature_stays BEFORE UPDATE OR DELETE ON progress_signature
    FOR EACH ROW EXECUTE FUNCTION guard_progress_addition()
    """,
)


def upgrade() -> None:
    op.add_column("progress_review", sa.Column("milestone_on", sa.Date(), nullable=True))
    op.add_column("progress_review", sa.Column("signed_text", sa.Text(), nullable=True))
    op.create_check_constraint(
        "progress_review_signed_once_closed",
        "progress_review",
        "signed_text IS NULL OR closed_at IS NOT NULL",
    )
    op.create_index(
        "progress_review_planned_once",
        "progress_review",
        ["person_id", "milestone_on"],
        unique=True,
    )
    op.create_table(
        "progress_signature",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("scan", sa.Text(), nullable=True),
        sa.Column("filed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name="progress_signature_has_a_hash"),
        sa.CheckConstraint("scan ~ '^[0-9a-f]{64}$'", name="progress_signature_scan_is_a_file"),
        sa.CheckConstraint(
            "(scan IS NULL) = (filed_by_id IS NULL)", name="progress_signature_on_paper_is_filed"
        ),
        sa.CheckConstraint("filed_by_id <> person_id", name="progress_signature_filed_by_another"),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["progress_review.id"],
            name="fk_progress_signature_review_id_progress_review",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_progress_signature_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["filed_by_id"], ["person.id"], name="fk_progress_signature_filed_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_progress_signature"),
        sa.UniqueConstraint("review_id", "person_id", name="progress_signature_once"),
    )
    op.create_index("ix_progress_signature_person_id", "progress_signature", ["person_id"])
    op.execute(GUARD_REVIEW.replace(MAY_COME, FIRST_SIGNATURE))
    for guard in GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.execute(GUARD_REVIEW)
    op.drop_table("progress_signature")
    op.execute("DROP FUNCTION guard_progress_signature()")
    op.drop_index("progress_review_planned_once", "progress_review")
    op.drop_constraint("progress_review_signed_once_closed", "progress_review", type_="check")
    op.drop_column("progress_review", "signed_text")
    op.drop_column("progress_review", "milestone_on")
