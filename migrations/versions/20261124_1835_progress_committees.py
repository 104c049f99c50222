"""progress committees: sessions, who is invited, who is reviewed, minutes

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

CLOSED = "USING ERRCODE = '23514', CONSTRAINT = 'progress_minutes_closed'"

# Minutes once closed lock what they say: the review, its session, who was invited and who came, what
# was agreed. What is looked at is held FOR SHARE, so that nobody closes between the look and the
# commit. The person's own words stay hers until the session was held.
GUARDS = (
    """
    CREATE FUNCTION guard_progress_review() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        session_state text;
    BEGIN
        IF TG_OP <> 'INSERT' AND OLD.closed_at IS NOT NULL THEN
            IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'read_at' <> to_jsonb(OLD) - 'read_at' THEN
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
    """,
    """
    CREATE TRIGGER progress_review_guard BEFORE INSERT OR UPDATE OR DELETE ON progress_review
    FOR EACH ROW EXECUTE FUNCTION guard_progress_review()
    """,
    f"""
    CREATE FUNCTION refuse_when_minutes_closed(committee bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM progress_committee WHERE id = committee FOR SHARE;
        IF EXISTS (
            SELECT FROM progress_review WHERE committee_id = committee AND closed_at IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'minutes of committee % are closed', committee {CLOSED};
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION guard_progress_committee() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM refuse_when_minutes_closed(OLD.id);
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER progress_committee_guard BEFORE UPDATE OR DELETE ON progress_committee
    FOR EACH ROW EXECUTE FUNCTION guard_progress_committee()
    """,
    """
    CREATE FUNCTION guard_progress_member() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM refuse_when_minutes_closed(OLD.committee_id);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM refuse_when_minutes_closed(NEW.committee_id);
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER progress_member_guard BEFORE INSERT OR UPDATE OR DELETE ON progress_member
    FOR EACH ROW EXECUTE FUNCTION guard_progress_member()
    """,
    f"""
    CREATE FUNCTION guard_progress_addition() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'an addition is never changed' {CLOSED};
    END $$
    """,
    """
    CREATE TRIGGER progress_addition_stays BEFORE UPDATE OR DELETE ON progress_addition
    FOR EACH ROW EXECUTE FUNCTION guard_progress_addition()
    """,
    f"""
    CREATE FUNCTION guard_step_of_committee() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY['state', 'changed_at', 'changed_by_id'];
        reviews bigint[];
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
            RETURN NEW;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            reviews := reviews || OLD.review_id;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            reviews := reviews || NEW.review_id;
        END IF;
        PERFORM FROM progress_review WHERE id = ANY (reviews) ORDER BY id FOR SHARE;
        IF EXISTS (
            SELECT FROM progress_review WHERE id = ANY (reviews) AND closed_at IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'what was agreed is closed' {CLOSED};
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER agreed_step_committee_guard BEFORE INSERT OR UPDATE OR DELETE ON agreed_step
    FOR EACH ROW EXECUTE FUNCTION guard_step_of_committee()
    """,
)
FUNCTIONS = (
    "guard_step_of_committee()",
    "guard_progress_addition()",
    "guard_progress_member()",
    "guard_progress_committee()",
    "guard_progress_review()",
    "refuse_when_minutes_closed(bigint)",
)


def upgrade() -> None:
    op.create_table(
        "progress_committee",
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("called_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "called_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "mode IN ('place', 'phone', 'video')", name="progress_committee_mode_known"
        ),
        sa.CheckConstraint(
            "reason IS NULL OR state = 'cancelled'", name="progress_committee_reason_of_its_end"
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'held', 'cancelled')", name="progress_committee_state_known"
        ),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 1 AND 1440", name="progress_committee_within_a_day"
        ),
        sa.ForeignKeyConstraint(
            ["called_by_id"], ["person.id"], name=op.f("fk_progress_committee_called_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_progress_committee_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"],
            ["structure.id"],
            name=op.f("fk_progress_committee_structure_id_structure"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_committee")),
    )
    op.create_index(
        op.f("ix_progress_committee_starts_at"), "progress_committee", ["starts_at"], unique=False
    )
    op.create_index(
        op.f("ix_progress_committee_structure_id"),
        "progress_committee",
        ["structure_id"],
        unique=False,
    )
    op.create_table(
        "progress_member",
        sa.Column("committee_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("guest", sa.Text(), nullable=True),
        sa.Column("guest_email", sa.Text(), nullable=True),
        sa.Column("presence", sa.Text(), server_default="expected", nullable=False),
        sa.Column("invited_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answered_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "presence IN ('expected', 'present', 'absent', 'excused')",
            name="progress_member_presence_known",
        ),
        sa.CheckConstraint(
            "guest_email IS NULL OR guest IS NOT NULL", name="progress_member_address_of_a_guest"
        ),
        sa.CheckConstraint(
            "num_nonnulls(person_id, guest) = 1", name="progress_member_person_or_guest"
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["progress_committee.id"],
            name=op.f("fk_progress_member_committee_id_progress_committee"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_progress_member_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_member")),
        sa.UniqueConstraint("committee_id", "person_id", name="progress_member_once"),
    )
    op.create_index(
        op.f("ix_progress_member_person_id"), "progress_member", ["person_id"], unique=False
    )
    op.create_index(
        "progress_member_guest_once",
        "progress_member",
        ["committee_id", sa.text("lower(guest)")],
        unique=True,
    )
    op.create_table(
        "progress_review",
        sa.Column("committee_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("presence", sa.Text(), server_default="expected", nullable=False),
        sa.Column(
            "said", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("ready_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("shows_grids", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column(
            "steps", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("written_by_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "closed_at IS NULL OR decision IS DISTINCT FROM 'continue_if' OR conditions IS NOT NULL",
            name="progress_review_conditions_said",
        ),
        sa.CheckConstraint(
            "decision IN ('continue', 'continue_if', 'renew', 'prepare_exit', 'stop')",
            name="progress_review_decision_known",
        ),
        sa.CheckConstraint(
            "presence IN ('expected', 'present', 'absent', 'excused')",
            name="progress_review_presence_known",
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR num_nulls(minutes, decision, reasons, closed_by_id) = 0",
            name="progress_review_closed_whole",
        ),
        sa.CheckConstraint("version >= 0", name="progress_review_version_not_negative"),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_progress_review_closed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"],
            ["progress_committee.id"],
            name=op.f("fk_progress_review_committee_id_progress_committee"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_progress_review_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["person.id"], name=op.f("fk_progress_review_written_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_review")),
        sa.UniqueConstraint("committee_id", "person_id", name="progress_review_once"),
        sa.UniqueConstraint("id", "person_id", name="progress_review_of_person"),
    )
    op.create_index(
        op.f("ix_progress_review_person_id"), "progress_review", ["person_id"], unique=False
    )
    op.create_table(
        "progress_addition",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("text <> ''", name="progress_addition_says_something"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_progress_addition_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["progress_review.id"],
            name=op.f("fk_progress_addition_review_id_progress_review"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_addition")),
    )
    op.create_index(
        op.f("ix_progress_addition_review_id"), "progress_addition", ["review_id"], unique=False
    )
    op.add_column("agreed_step", sa.Column("review_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_agreed_step_review_id"), "agreed_step", ["review_id"], unique=False)
    op.create_foreign_key(
        "agreed_step_of_the_person_reviewed",
        "agreed_step",
        "progress_review",
        ["review_id", "person_id"],
        ["id", "person_id"],
    )
    op.create_check_constraint(
        "agreed_step_at_one_place", "agreed_step", "num_nonnulls(report_id, review_id) <= 1"
    )
    for guard in GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.execute("DROP TRIGGER agreed_step_committee_guard ON agreed_step")
    op.drop_constraint("agreed_step_at_one_place", "agreed_step", type_="check")
    op.drop_constraint("agreed_step_of_the_person_reviewed", "agreed_step", type_="foreignkey")
    op.drop_column("agreed_step", "review_id")
    for table in (
        "progress_addition",
        "progress_review",
        "progress_member",
        "progress_committee",
    ):
        op.drop_table(table)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
