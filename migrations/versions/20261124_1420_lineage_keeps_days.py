"""a plot that was divided or joined keeps its days

Its lineage says the day on which one ground became another: the old plots end there and the new
ones begin there. A trigger sees every way of breaking that, so that no square metre is in service
twice, or not at all.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

GUARDS = (
    """
    CREATE FUNCTION guard_plot_days() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM plot_lineage WHERE parent_id = NEW.id
            AND happened_on IS DISTINCT FROM upper(NEW.during)
        ) OR EXISTS (
            SELECT FROM plot_lineage WHERE child_id = NEW.id
            AND happened_on IS DISTINCT FROM lower(NEW.during)
        ) THEN
            RAISE EXCEPTION 'plot % became another, or came of one, on another day', NEW.id
                USING ERRCODE = '23514', CONSTRAINT = 'plot_lineage_keeps_days';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER plot_days_guard AFTER UPDATE OF during ON plot
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_plot_days()
    """,
    """
    CREATE FUNCTION guard_plot_lineage() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM plot WHERE id IN (NEW.parent_id, NEW.child_id) ORDER BY id FOR SHARE;
        IF NOT EXISTS (
            SELECT FROM plot AS parent, plot AS child
            WHERE parent.id = NEW.parent_id AND upper(parent.during) = NEW.happened_on
              AND child.id = NEW.child_id AND lower(child.during) = NEW.happened_on
        ) THEN
            RAISE EXCEPTION 'plots % and % do not meet on that day', NEW.parent_id, NEW.child_id
                USING ERRCODE = '23514', CONSTRAINT = 'plot_lineage_keeps_days';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER plot_lineage_guard AFTER INSERT OR UPDATE ON plot_lineage
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_plot_lineage()
    """,
)


def upgrade() -> None:
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER plot_lineage_guard ON plot_lineage")
    op.execute("DROP TRIGGER plot_days_guard ON plot")
    op.execute("DROP FUNCTION guard_plot_lineage")
    op.execute("DROP FUNCTION guard_plot_days")
