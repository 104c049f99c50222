"""expenses shared between a person and a structure; no land fee where land is lent for free

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

GUARDS = (
    """
    CREATE FUNCTION is_lent_for_free(plot bigint, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
        SELECT EXISTS (
            SELECT FROM plot_right
            JOIN land_right ON land_right.id = plot_right.land_right_id
            JOIN land_form ON land_form.code = land_right.form
            WHERE plot_right.plot_id = plot AND land_right.during @> day
              AND land_form.in_force @> day AND NOT land_form.allows_fee)
    $$
    """,
    """
    CREATE FUNCTION guard_land_fee() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM plot_right JOIN land_right ON land_right.id = plot_right.land_right_id
        WHERE plot_right.plot_id = NEW.plot_id ORDER BY land_right.id FOR SHARE;
        IF is_lent_for_free(NEW.plot_id, NEW.spent_on) THEN
            RAISE EXCEPTION 'plot % is lent for free', NEW.plot_id
                USING ERRCODE = '23514', CONSTRAINT = 'shared_expense_land_fee_on_loan';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER shared_expense_guard AFTER INSERT OR UPDATE OF kind, plot_id, spent_on
    ON shared_expense FOR EACH ROW WHEN (NEW.kind = 'land_fee')
    EXECUTE FUNCTION guard_land_fee()
    """,
    """
    CREATE FUNCTION guard_lent_land() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        right_id bigint := CASE TG_TABLE_NAME WHEN 'land_right' THEN to_jsonb(NEW) -> 'id'
            ELSE to_jsonb(NEW) -> 'land_right_id' END;
    BEGIN
        IF EXISTS (
            SELECT FROM shared_expense JOIN plot_right USING (plot_id)
            WHERE plot_right.land_right_id = right_id AND shared_expense.kind = 'land_fee'
              AND is_lent_for_free(shared_expense.plot_id, shared_expense.spent_on)
        ) THEN
            RAISE EXCEPTION 'a fee is asked for land of right %', right_id
                USING ERRCODE = '23514', CONSTRAINT = 'land_right_lent_for_a_fee';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER land_right_fee_guard AFTER UPDATE OF form, during ON land_right
    FOR EACH ROW EXECUTE FUNCTION guard_lent_land()
    """,
    """
    CREATE TRIGGER plot_right_fee_guard AFTER INSERT OR UPDATE ON plot_right
    FOR EACH ROW EXECUTE FUNCTION guard_lent_land()
    """,
)


def upgrade() -> None:
    op.create_table(
        "shared_expense",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("plot_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("owed_by", sa.Text(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("settlement_note", sa.Text(), nullable=True),
        sa.Column("carried_on", sa.Date(), nullable=True),
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
            "kind IN ('water', 'power', 'fuel', 'machines', 'insurance', 'supplies', 'land_fee', "
            "'other')",
            name="shared_expense_kind_known",
        ),
        sa.CheckConstraint(
            "owed_by IN ('trainee', 'structure')", name="shared_expense_owed_by_known"
        ),
        sa.CheckConstraint("outcome IN ('paid', 'waived')", name="shared_expense_outcome_known"),
        sa.CheckConstraint("amount_cents > 0", name="shared_expense_amount_positive"),
        sa.CheckConstraint(
            "kind <> 'land_fee' OR plot_id IS NOT NULL", name="shared_expense_land_fee_has_a_plot"
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_on IS NULL)", name="shared_expense_settled_on_a_day"
        ),
        sa.CheckConstraint(
            "outcome IS DISTINCT FROM 'waived' OR settlement_note IS NOT NULL",
            name="shared_expense_waived_for_a_reason",
        ),
        sa.CheckConstraint(
            "(once IS NULL) = (once_digest IS NULL)", name="shared_expense_once_whole"
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name="fk_shared_expense_agreement_id_agreement"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_shared_expense_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name="fk_shared_expense_plot_id_plot"),
        sa.PrimaryKeyConstraint("id", name="pk_shared_expense"),
        sa.UniqueConstraint("created_by_id", "once", name="shared_expense_once"),
    )
    op.create_index("ix_shared_expense_agreement_id", "shared_expense", ["agreement_id"])
    op.create_index("ix_shared_expense_plot_id", "shared_expense", ["plot_id"])
    for guard in GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.execute("DROP TRIGGER plot_right_fee_guard ON plot_right")
    op.execute("DROP TRIGGER land_right_fee_guard ON land_right")
    op.drop_table("shared_expense")
    for name in ("guard_lent_land()", "guard_land_fee()", "is_lent_for_free(bigint, date)"):
        op.execute(f"DROP FUNCTION {name}")
