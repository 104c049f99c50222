"""how tests end, and the news asked for afterwards

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0044"
branch_labels = None
depends_on = None

OUTCOMES = [
    "settled_same_place",
    "settled_nearby",
    "settled_elsewhere",
    "settled_in_group",
    "cooperative",
    "farm_employee",
    "employee",
    "training",
    "earlier_situation",
    "dropped",
    "postponed",
    "other_test_space",
    "ended_early",
    "death_or_illness",
    "unknown",
]


def known(column: str, values: list[str], name: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{one}'" for one in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def upgrade() -> None:
    op.create_table(
        "test_exit",
        sa.Column("path_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("insee_code", sa.Text(), nullable=True),
        sa.Column("legal_form", sa.Text(), nullable=True),
        sa.Column("area_ha", sa.Numeric(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        known("outcome", OUTCOMES, "test_exit_outcome_known"),
        sa.CheckConstraint("area_ha >= 0", name="test_exit_area_not_negative"),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name="fk_test_exit_path_id_path"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_test_exit_person_id_person"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_test_exit_created_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_test_exit"),
        sa.UniqueConstraint("path_id", name="test_exit_once"),
    )
    op.create_index("ix_test_exit_person_id", "test_exit", ["person_id"])
    op.create_table(
        "after_contact",
        sa.Column("exit_id", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="to_come", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tried_on", sa.Date(), nullable=True),
        sa.Column("situation", sa.Text(), nullable=True),
        sa.Column("insee_code", sa.Text(), nullable=True),
        sa.Column("area_ha", sa.Numeric(), nullable=True),
        sa.Column("living", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        known("state", ["to_come", "asked", "answered", "unknown"], "after_contact_state_known"),
        known("situation", OUTCOMES, "after_contact_situation_known"),
        known("living", ["yes", "partly", "no"], "after_contact_living_known"),
        sa.CheckConstraint(
            "(state = 'answered') = (situation IS NOT NULL)", name="after_contact_answer_whole"
        ),
        sa.CheckConstraint("area_ha >= 0", name="after_contact_area_not_negative"),
        sa.CheckConstraint("tries >= 0", name="after_contact_tries_not_negative"),
        sa.ForeignKeyConstraint(
            ["exit_id"], ["test_exit.id"], name="fk_after_contact_exit_id_test_exit"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name="fk_after_contact_recorded_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_after_contact"),
        sa.UniqueConstraint("exit_id", "months", name="after_contact_once"),
    )
    op.create_index("ix_after_contact_due_on", "after_contact", ["due_on"])
    op.create_table(
        "after_link",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["after_contact.id"],
            name="fk_after_link_contact_id_after_contact",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_after_link"),
        sa.UniqueConstraint("token_hash", name="after_link_token_once"),
    )
    op.create_index("ix_after_link_contact_id", "after_link", ["contact_id"])


def downgrade() -> None:
    op.drop_table("after_link")
    op.drop_table("after_contact")
    op.drop_table("test_exit")
