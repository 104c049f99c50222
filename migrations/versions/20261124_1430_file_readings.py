"""who opened whose file

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_reading",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("read_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_file_reading_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["person.id"], name="fk_file_reading_reader_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_file_reading"),
        sa.UniqueConstraint(
            "person_id",
            "reader_id",
            "what",
            "subject_id",
            "read_on",
            name="file_reading_once_a_day",
        ),
    )
    op.create_index("ix_file_reading_read_on", "file_reading", ["read_on"])
    op.create_index("ix_file_reading_reader_id", "file_reading", ["reader_id"])


def downgrade() -> None:
    op.drop_table("file_reading")
