"""board notices

PostgreSQL tells every process which item changed; open boards then fetch their part again. The
payload is the id of the item alone.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION tell_board() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('board', coalesce(NEW.item_id, OLD.item_id)::text);
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER item_claim_tells_board AFTER INSERT OR UPDATE OR DELETE ON item_claim
        FOR EACH ROW EXECUTE FUNCTION tell_board()
    """)
    op.execute("""
        CREATE TRIGGER booking_tells_board AFTER UPDATE OF state, during, person_id ON booking
        FOR EACH ROW EXECUTE FUNCTION tell_board()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER booking_tells_board ON booking")
    op.execute("DROP TRIGGER item_claim_tells_board ON item_claim")
    op.execute("DROP FUNCTION tell_board")
