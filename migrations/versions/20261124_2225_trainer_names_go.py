"""an erasure empties the name under which a trainer without an account signed, too

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

GUARD = (
    "CREATE TRIGGER trainer_signature_guard BEFORE INSERT OR UPDATE OR DELETE ON trainer_signature "
    "FOR EACH ROW {}EXECUTE FUNCTION guard_trainer_signature()"
)


def upgrade() -> None:
    op.execute("DROP TRIGGER trainer_signature_guard ON trainer_signature")
    op.execute(GUARD.format("WHEN (person_being_erased() IS NULL) "))
    op.execute(
        "CREATE TRIGGER trainer_signature_only_erase "
        "BEFORE INSERT OR UPDATE OR DELETE ON trainer_signature "
        "FOR EACH ROW WHEN (person_being_erased() IS NOT NULL) EXECUTE FUNCTION only_erase()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER trainer_signature_only_erase ON trainer_signature")
    op.execute("DROP TRIGGER trainer_signature_guard ON trainer_signature")
    op.execute(GUARD.format(""))
