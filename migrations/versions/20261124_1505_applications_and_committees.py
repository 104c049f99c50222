"""applications and selection committees

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


IN_FORCE = postgresql.Range(dt.date(2000, 1, 1), None)
PIECES = [
    ("project", "Projet écrit : ce qui est à tester, pourquoi, comment", True),
    ("resume", "Curriculum vitæ", True),
    ("budget", "Budget et plan de trésorerie", True),
    ("means", "De quoi vivre la première année", True),
    ("sales", "Ventes prévues", False),
    ("diplomas", "Diplômes et formations", False),
    ("licence", "Permis de conduire", False),
    ("certiphyto", "Certiphyto", False),
    ("insurance", "Attestation d'assurance", False),
]
CRITERIA = [
    ("question", "Clarté de ce qui est à tester"),
    ("experience", "Expérience et envie d'apprendre"),
    ("economy", "Débouchés et économie du projet"),
    ("life", "Vie personnelle : temps, entourage, revenus"),
    ("collective", "Place dans le collectif du lieu"),
    ("fit", "Ce que le lieu peut apporter"),
]


def upgrade() -> None:
    op.create_table(
        "application_piece_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("is_needed", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("in_force", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("in_force"), "&&"),
            using="gist",
            name="application_piece_kind_once_at_a_time",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_application_piece_kind"),
    )
    op.create_table(
        "selection_criterion",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("in_force", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("in_force"), "&&"),
            using="gist",
            name="selection_criterion_once_at_a_time",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_selection_criterion"),
    )
    op.create_table(
        "committee",
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("held_at", sa.Time(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("agenda", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_committee_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_committee"),
    )
    op.create_index("ix_committee_structure_id", "committee", ["structure_id"], unique=False)
    op.create_table(
        "committee_member",
        sa.Column("committee_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("presence", sa.Text(), server_default="expected", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "presence IN ('expected', 'present', 'excused', 'absent')",
            name="committee_presence_known",
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name="fk_committee_member_committee_id_committee"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_committee_member_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_committee_member"),
        sa.UniqueConstraint("committee_id", "person_id", name="committee_member_once"),
    )
    op.create_index(
        "ix_committee_member_person_id", "committee_member", ["person_id"], unique=False
    )
    op.create_table(
        "application",
        sa.Column("path_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("to_test", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Numeric(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("machines", sa.Text(), nullable=True),
        sa.Column("sales", sa.Text(), nullable=True),
        sa.Column("budget", sa.Text(), nullable=True),
        sa.Column("means_year_one", sa.Text(), nullable=True),
        sa.Column("wished_from", sa.Date(), nullable=True),
        sa.Column("complete_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("area_m2 >= 0", name="application_area_not_negative"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_application_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name="fk_application_path_id_path"),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
    )
    op.create_index(
        "application_open_once",
        "application",
        ["path_id"],
        unique=True,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index("ix_application_path_id", "application", ["path_id"], unique=False)
    op.create_table(
        "application_piece",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name="fk_application_piece_application_id_application",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_application_piece"),
        sa.UniqueConstraint("application_id", "kind", name="application_piece_one_per_kind"),
    )
    op.create_table(
        "committee_case",
        sa.Column("committee_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("conditions_due_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reapply_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(decision = 'yes_if') = (conditions IS NOT NULL) AND (conditions IS NULL) = (conditions_due_on IS NULL)",
            name="committee_conditions_have_a_day",
        ),
        sa.CheckConstraint(
            "decision IN ('yes', 'yes_if', 'wait', 'no')", name="committee_decision_known"
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_on IS NULL) AND (decision IS NULL) = (reasons IS NULL)",
            name="committee_decision_has_a_day_and_reasons",
        ),
        sa.CheckConstraint(
            "notified_on IS NULL OR notified_on >= decided_on",
            name="committee_decision_before_its_letter",
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name="fk_committee_case_application_id_application",
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name="fk_committee_case_committee_id_committee"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name="fk_committee_case_decided_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_committee_case"),
        sa.UniqueConstraint("committee_id", "application_id", name="committee_case_once"),
    )
    op.create_index(
        "committee_case_open_once",
        "committee_case",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_index(
        "ix_committee_case_application_id", "committee_case", ["application_id"], unique=False
    )
    op.create_table(
        "case_juror",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("conflict", sa.Text(), nullable=True),
        sa.Column(
            "levels", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("filled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "conflict IS NULL OR levels IS NULL", name="juror_with_conflict_fills_no_grid"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["committee_case.id"], name="fk_case_juror_case_id_committee_case"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_case_juror_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_case_juror"),
        sa.UniqueConstraint("case_id", "person_id", name="case_juror_once"),
    )
    op.create_index("ix_case_juror_person_id", "case_juror", ["person_id"], unique=False)
    kinds = sa.table(
        "application_piece_kind",
        sa.column("code"),
        sa.column("label"),
        sa.column("position"),
        sa.column("is_needed"),
        sa.column("in_force", postgresql.DATERANGE()),
    )
    criteria = sa.table(
        "selection_criterion",
        sa.column("code"),
        sa.column("label"),
        sa.column("position"),
        sa.column("in_force", postgresql.DATERANGE()),
    )
    op.bulk_insert(
        kinds,
        [
            {"code": code, "label": label, "position": n, "is_needed": needed, "in_force": IN_FORCE}
            for n, (code, label, needed) in enumerate(PIECES)
        ],
    )
    op.bulk_insert(
        criteria,
        [
            {"code": code, "label": label, "position": n, "in_force": IN_FORCE}
            for n, (code, label) in enumerate(CRITERIA)
        ],
    )


def downgrade() -> None:
    op.drop_index("ix_case_juror_person_id", table_name="case_juror")
    op.drop_table("case_juror")
    op.drop_index("ix_committee_case_application_id", table_name="committee_case")
    op.drop_index(
        "committee_case_open_once",
        table_name="committee_case",
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.drop_table("committee_case")
    op.drop_table("application_piece")
    op.drop_index("ix_application_path_id", table_name="application")
    op.drop_index(
        "application_open_once",
        table_name="application",
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_table("application")
    op.drop_index("ix_committee_member_person_id", table_name="committee_member")
    op.drop_table("committee_member")
    op.drop_index("ix_committee_structure_id", table_name="committee")
    op.drop_table("committee")
    op.drop_table("selection_criterion")
    op.drop_table("application_piece_kind")
