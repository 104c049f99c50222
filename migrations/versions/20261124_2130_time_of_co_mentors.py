"""who comes along on a visit gives their own time, for their own structure

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

# Visits whose report is signed do not change; whose time it was is no part of what was signed, and
# nobody said it before.
WHOSE_TIME = """
    UPDATE visit_person SET structure_id = home.structure_id
    FROM visit, (
        SELECT visit_person.id, min(membership.structure_id) AS structure_id
        FROM visit_person
        JOIN visit ON visit.id = visit_person.visit_id
        JOIN membership ON membership.person_id = visit_person.person_id
            AND membership.role = 'mentor'
            AND membership.during @> (visit.starts_at AT TIME ZONE 'Europe/Paris')::date
        WHERE visit_person.presence = 'present'
            AND visit_person.person_id NOT IN (visit.person_id, visit.mentor_id)
        GROUP BY visit_person.id
        HAVING count(DISTINCT membership.structure_id) = 1
    ) AS home
    WHERE visit.id = visit_person.visit_id AND home.id = visit_person.id
"""


def upgrade() -> None:
    op.add_column("visit_person", sa.Column("minutes", sa.Integer(), nullable=True))
    op.add_column("visit_person", sa.Column("structure_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_visit_person_structure_id_structure",
        "visit_person",
        "structure",
        ["structure_id"],
        ["id"],
    )
    op.create_index("ix_visit_person_structure_id", "visit_person", ["structure_id"])
    op.create_check_constraint(
        "visit_person_minutes_within_a_day", "visit_person", "minutes BETWEEN 1 AND 1440"
    )
    op.execute("ALTER TABLE visit_person DISABLE TRIGGER visit_person_guard")
    op.execute(WHOSE_TIME)
    op.execute("ALTER TABLE visit_person ENABLE TRIGGER visit_person_guard")
    op.create_check_constraint(
        "visit_person_gives_when_present",
        "visit_person",
        "presence = 'present' OR num_nonnulls(minutes, structure_id) = 0",
    )


def downgrade() -> None:
    op.drop_column("visit_person", "structure_id")
    op.drop_column("visit_person", "minutes")
