"""grants, funded actions, and what each session of support is charged to

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

# What is looked at is held FOR SHARE, so that nobody moves the visit or closes the grant between the
# look and the commit.
GUARDS = (
    """
    CREATE FUNCTION local_day(moment timestamptz, place bigint) RETURNS date
    LANGUAGE sql STABLE AS $$
        SELECT (moment AT TIME ZONE coalesce(
            (SELECT time_zone FROM site WHERE id = place), 'Europe/Paris'
        ))::date
    $$
    """,
    """
    CREATE FUNCTION charged_days(wanted bigint) RETURNS TABLE (day date, structure bigint)
    LANGUAGE sql STABLE AS $$
        SELECT local_day(starts_at, site_id), structure_id FROM support_charge
        JOIN funded_action ON funded_action.id = action_id
        JOIN visit ON visit.id = visit_id
        WHERE grant_id = wanted
        UNION ALL
        SELECT local_day(lower(during), site_id), workshop_slot.structure_id FROM support_charge
        JOIN funded_action ON funded_action.id = action_id
        JOIN workshop_slot ON workshop_slot.id = slot_id
        JOIN workshop ON workshop.id = workshop_id
        WHERE grant_id = wanted
    $$
    """,
    """
    CREATE FUNCTION refuse_when_grant_closed(wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT closed_on FROM funding_grant WHERE id = wanted FOR SHARE) IS NOT NULL THEN
            PERFORM break_promise('funding_grant_closed');
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION guard_support_charge() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        paying record;
        held boolean;
        day date;
        structure bigint;
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM refuse_when_grant_closed(
                (SELECT grant_id FROM funded_action WHERE id = OLD.action_id)
            );
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        SELECT funding_grant.id, during INTO paying FROM funding_grant
        JOIN funded_action ON funded_action.grant_id = funding_grant.id
        WHERE funded_action.id = NEW.action_id FOR SHARE OF funding_grant;
        PERFORM refuse_when_grant_closed(paying.id);
        IF NEW.visit_id IS NOT NULL THEN
            SELECT state = 'held', local_day(starts_at, site_id), structure_id
            INTO held, day, structure FROM visit WHERE id = NEW.visit_id FOR SHARE;
        ELSE
            PERFORM FROM workshop WHERE id = (
                SELECT workshop_id FROM workshop_slot WHERE id = NEW.slot_id
            ) FOR SHARE;
            PERFORM FROM workshop_slot WHERE id = NEW.slot_id FOR SHARE;
            SELECT
                state <> 'cancelled' AND EXISTS (
                    SELECT FROM attendance WHERE slot_id = NEW.slot_id
                    AND coalesce(corrected, presence) = 'present'
                ),
                local_day(lower(during), site_id),
                workshop_slot.structure_id
            INTO held, day, structure FROM workshop_slot
            JOIN workshop ON workshop.id = workshop_id WHERE workshop_slot.id = NEW.slot_id;
        END IF;
        IF NOT held THEN
            PERFORM break_promise('support_charge_once_held');
        END IF;
        IF NOT paying.during @> day THEN
            PERFORM break_promise('support_charge_within_grant');
        END IF;
        IF structure IS NOT NULL AND NOT EXISTS (
            SELECT FROM grant_share
            WHERE grant_id = paying.id AND structure_id = structure FOR SHARE
        ) THEN
            PERFORM break_promise('support_charge_of_a_holder');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER support_charge_guard BEFORE INSERT OR UPDATE OR DELETE ON support_charge
    FOR EACH ROW EXECUTE FUNCTION guard_support_charge()
    """,
    """
    CREATE FUNCTION guard_charged_session() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'visit' AND to_jsonb(NEW) ->> 'state' <> 'held' AND EXISTS (
            SELECT FROM support_charge WHERE visit_id = NEW.id
        ) OR TG_TABLE_NAME = 'workshop' AND to_jsonb(NEW) ->> 'state' = 'cancelled' AND EXISTS (
            SELECT FROM support_charge JOIN workshop_slot ON workshop_slot.id = slot_id
            WHERE workshop_id = NEW.id
        ) THEN
            PERFORM break_promise('support_charge_once_held');
        END IF;
        IF EXISTS (
            SELECT FROM support_charge
            JOIN funded_action ON funded_action.id = action_id
            JOIN funding_grant ON funding_grant.id = grant_id
            LEFT JOIN visit ON visit.id = visit_id
            LEFT JOIN workshop_slot ON workshop_slot.id = slot_id
            LEFT JOIN workshop ON workshop.id = workshop_id
            WHERE NEW.id = CASE TG_TABLE_NAME
                WHEN 'visit' THEN visit_id WHEN 'workshop' THEN workshop_id ELSE slot_id END
            AND NOT funding_grant.during @> coalesce(
                local_day(visit.starts_at, visit.site_id),
                local_day(lower(workshop_slot.during), workshop.site_id)
            )
        ) THEN
            PERFORM break_promise('support_charge_within_grant');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER charged_visit_guard AFTER UPDATE OF state, starts_at, site_id ON visit
    FOR EACH ROW EXECUTE FUNCTION guard_charged_session()
    """,
    """
    CREATE TRIGGER charged_slot_guard AFTER UPDATE OF during ON workshop_slot
    FOR EACH ROW EXECUTE FUNCTION guard_charged_session()
    """,
    """
    CREATE TRIGGER charged_workshop_guard AFTER UPDATE OF state, site_id ON workshop
    FOR EACH ROW EXECUTE FUNCTION guard_charged_session()
    """,
    """
    CREATE FUNCTION guard_funding_grant() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.closed_on IS NOT NULL AND NEW.closed_on IS NOT NULL THEN
            PERFORM break_promise('funding_grant_closed');
        END IF;
        IF NEW.during <> OLD.during AND EXISTS (
            SELECT FROM charged_days(NEW.id) AS charged WHERE NOT NEW.during @> charged.day
        ) THEN
            PERFORM break_promise('funding_grant_keeps_its_charges');
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER funding_grant_guard BEFORE UPDATE ON funding_grant
    FOR EACH ROW EXECUTE FUNCTION guard_funding_grant()
    """,
    """
    CREATE FUNCTION guard_part_of_grant() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM refuse_when_grant_closed(OLD.grant_id);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM refuse_when_grant_closed(NEW.grant_id);
        END IF;
        IF TG_TABLE_NAME = 'grant_share' AND TG_OP = 'DELETE' AND EXISTS (
            SELECT FROM charged_days(OLD.grant_id) AS charged
            WHERE charged.structure = (to_jsonb(OLD) ->> 'structure_id')::bigint
        ) THEN
            PERFORM break_promise('funding_grant_keeps_its_charges');
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER grant_share_guard BEFORE INSERT OR UPDATE OR DELETE ON grant_share
    FOR EACH ROW EXECUTE FUNCTION guard_part_of_grant()
    """,
    """
    CREATE TRIGGER funded_action_guard BEFORE INSERT OR UPDATE OR DELETE ON funded_action
    FOR EACH ROW EXECUTE FUNCTION guard_part_of_grant()
    """,
)
FUNCTIONS = (
    "guard_part_of_grant()",
    "guard_funding_grant()",
    "guard_charged_session()",
    "guard_support_charge()",
    "refuse_when_grant_closed(bigint)",
    "charged_days(bigint)",
    "local_day(timestamptz, bigint)",
)


def guard_visit(free: str) -> str:
    """What may still change of a visit whose report is signed: the columns named."""
    return f"""
    CREATE OR REPLACE FUNCTION guard_visit() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        free text[] := ARRAY[{free}];
    BEGIN
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free THEN
            PERFORM refuse_when_signed(OLD.id);
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """


def upgrade() -> None:
    op.create_table(
        "funding_grant",
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name="funding_grant_has_both_days",
        ),
        sa.CheckConstraint("closed_on >= lower(during)", name="funding_grant_closes_once_begun"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_funding_grant_created_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_funding_grant"),
    )
    op.create_table(
        "grant_share",
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.Numeric(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("percent > 0 AND percent <= 100", name="grant_share_is_a_part"),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["funding_grant.id"], name="fk_grant_share_grant_id_funding_grant"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_grant_share_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grant_share"),
        sa.UniqueConstraint("grant_id", "structure_id", name="grant_share_once"),
    )
    op.create_index("ix_grant_share_structure_id", "grant_share", ["structure_id"], unique=False)
    op.create_table(
        "funded_action",
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("total_minutes", sa.Integer(), nullable=True),
        sa.Column("person_minutes", sa.Integer(), nullable=True),
        sa.Column("total_half_days", sa.Integer(), nullable=True),
        sa.Column("person_half_days", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("mode IN ('individual', 'group')", name="funded_action_mode_known"),
        sa.CheckConstraint("total_minutes > 0", name="funded_action_total_positive"),
        sa.CheckConstraint(
            "person_minutes > 0 AND person_minutes <= coalesce(total_minutes, person_minutes)",
            name="funded_action_person_within_total",
        ),
        sa.CheckConstraint("total_half_days > 0", name="funded_action_half_days_positive"),
        sa.CheckConstraint(
            "person_half_days > 0 "
            "AND person_half_days <= coalesce(total_half_days, person_half_days)",
            name="funded_action_half_days_within_total",
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["funding_grant.id"], name="fk_funded_action_grant_id_funding_grant"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_funded_action"),
    )
    op.create_index(
        "funded_action_label_once",
        "funded_action",
        ["grant_id", sa.literal_column("lower(label)")],
        unique=True,
    )
    op.create_table(
        "support_charge",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=True),
        sa.Column("slot_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("charged_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "charged_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(visit_id, slot_id) = 1", name="support_charge_of_one_session"
        ),
        sa.ForeignKeyConstraint(
            ["action_id"], ["funded_action.id"], name="fk_support_charge_action_id_funded_action"
        ),
        sa.ForeignKeyConstraint(
            ["charged_by_id"], ["person.id"], name="fk_support_charge_charged_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name="fk_support_charge_visit_id_visit"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["workshop_slot.id"], name="fk_support_charge_slot_id_workshop_slot"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_support_charge"),
        sa.UniqueConstraint("visit_id", name="support_charge_of_visit_once"),
        sa.UniqueConstraint("slot_id", name="support_charge_of_slot_once"),
    )
    op.create_index("ix_support_charge_action_id", "support_charge", ["action_id"], unique=False)
    op.execute(guard_visit("'structure_id', 'travel_minutes', 'travel_km'"))
    op.drop_column("visit", "funded_action_id")
    op.drop_column("workshop_slot", "funded_action_id")
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    op.add_column("visit", sa.Column("funded_action_id", sa.BigInteger(), nullable=True))
    op.execute(guard_visit("'structure_id', 'funded_action_id', 'travel_minutes', 'travel_km'"))
    op.add_column("workshop_slot", sa.Column("funded_action_id", sa.BigInteger(), nullable=True))
    for trigger, table in (("visit", "visit"), ("slot", "workshop_slot"), ("workshop", "workshop")):
        op.execute(f"DROP TRIGGER charged_{trigger}_guard ON {table}")
    for table in ("support_charge", "funded_action", "grant_share", "funding_grant"):
        op.drop_table(table)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
