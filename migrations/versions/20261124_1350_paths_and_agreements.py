"""paths, follow-up groups and agreements

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AGREEMENT_KINDS = sa.table(
    "agreement_kind",
    sa.column("code"),
    sa.column("label"),
    sa.column("family"),
    sa.column("max_months"),
    sa.column("max_renewals"),
    sa.column("max_total_months"),
    sa.column("signed_before_start"),
    sa.column("forbids_full_time"),
    sa.column("reference"),
    sa.column("watch"),
    sa.column("in_force", postgresql.DATERANGE()),
)


def kind(
    code: str,
    label: str,
    reference: str | None = None,
    *,
    family: str = "test",
    months: int | None = None,
    renewals: int | None = None,
    total: int | None = None,
    forbids_full_time: bool = False,
    since: dt.date = dt.date(2000, 1, 1),
    watch: str | None = None,
) -> dict[str, object]:
    return {
        "code": code,
        "label": label,
        "family": family,
        "max_months": months,
        "max_renewals": renewals,
        "max_total_months": total,
        "signed_before_start": True,
        "forbids_full_time": forbids_full_time,
        "reference": reference,
        "watch": watch,
        "in_force": postgresql.Range(since, None),
    }


# Law as read on 27 March 2026. A change is a new row with its dates, in a later revision.
KINDS = [
    kind(
        "cape",
        "Contrat d'appui au projet d'entreprise (CAPE)",
        "Code de commerce L127-1 à L127-7 et R127-1 à R127-3 ; code du travail L5142-1 à L5142-3 "
        "et R5142-1 à R5142-6",
        months=12,
        renewals=2,
        total=36,
        forbids_full_time=True,
        watch="Écrit et signé avant de commencer, sinon nul, à chaque renouvellement aussi.",
    ),
    kind(
        "association_trial",
        "Essai d'association",
        "Code rural L330-9",
        family="association",
        months=12,
        renewals=1,
        total=24,
        since=dt.date(2025, 3, 26),
        watch="Gratuit et écrit, sur le modèle officiel ; chacun peut y mettre fin à tout moment.",
    ),
    kind(
        "training_placement",
        "Stage de formation",
        watch="Convention avec l'organisme de formation ; vérifiez qui assure la personne.",
    ),
    kind(
        "cesa",
        "Contrat d'entrepreneur·e salarié·e (CESA)",
        "Code du travail L7331-2 et L7331-3",
        watch="Le temps passé en contrat d'appui dans la même coopérative compte dans les trois ans.",
    ),
    kind("employment", "Contrat de travail"),
    kind(
        "own_business",
        "Entreprise déjà créée, accueillie sur le lieu",
        watch="La personne est seule responsable : vérifiez son assurance.",
    ),
    kind(
        "farmer_training",
        "Paysan·ne créatif·ve (stage de la CIAP)",
        months=12,
        watch="Statut de stagiaire de la formation professionnelle, un an.",
    ),
]


def upgrade() -> None:
    op.create_table(
        "agreement_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("max_months", sa.Integer(), nullable=True),
        sa.Column("max_renewals", sa.Integer(), nullable=True),
        sa.Column("max_total_months", sa.Integer(), nullable=True),
        sa.Column(
            "signed_before_start", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
        sa.Column(
            "forbids_full_time", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("watch", sa.Text(), nullable=True),
        sa.Column("in_force", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("in_force"), "&&"),
            using="gist",
            name="agreement_kind_once_at_a_time",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_kind"),
    )
    op.create_table(
        "agreement",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_full_time", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("carried_months", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
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
            "(ended_on IS NULL) = (end_reason IS NULL)", name="agreement_end_has_a_reason"
        ),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="agreement_once_whole"),
        sa.CheckConstraint("carried_months >= 0", name="agreement_carried_not_negative"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_agreement_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_agreement_person_id_person"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_agreement_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
        sa.UniqueConstraint("created_by_id", "once", name="agreement_once"),
    )
    op.create_index("ix_agreement_person_id", "agreement", ["person_id"], unique=False)
    op.create_index("ix_agreement_structure_id", "agreement", ["structure_id"], unique=False)
    op.create_table(
        "follow_up_member",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("grace_until", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("is_lead"),
            using="gist",
            name="follow_up_one_lead",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("member_id"), "="),
            (sa.column("kind"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="follow_up_member_no_overlap",
        ),
        sa.CheckConstraint(
            "kind IN ('technical', 'enterprise', 'settlement', 'human')",
            name="follow_up_member_kind_known",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="follow_up_member_has_a_start"
        ),
        sa.CheckConstraint("person_id <> member_id", name="follow_up_member_is_another"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["person.id"], name="fk_follow_up_member_member_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_follow_up_member_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up_member"),
    )
    op.create_index(
        "ix_follow_up_member_member_id", "follow_up_member", ["member_id"], unique=False
    )
    op.create_table(
        "path",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("next_actor_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (state <> 'closed')", name="path_closed_has_a_day"
        ),
        sa.CheckConstraint(
            "state IN ('contact', 'welcomed', 'oriented_out', 'applying', 'selected', 'waiting_list', 'refused', 'withdrawn', 'in_preparation', 'in_test', 'suspended', 'leaving', 'exited', 'followed_after', 'closed')",
            name="path_state_known",
        ),
        sa.CheckConstraint("closed_on >= opened_on", name="path_closes_after_opening"),
        sa.ForeignKeyConstraint(
            ["next_actor_id"], ["person.id"], name="fk_path_next_actor_id_person"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_path_person_id_person"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_path_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_path"),
    )
    op.create_index("ix_path_person_id", "path", ["person_id"], unique=False)
    op.create_index("ix_path_structure_id", "path", ["structure_id"], unique=False)
    op.create_index(
        "path_open_once",
        "path",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "agreement_period",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("planned_end_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("family"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="agreement_period_no_overlap",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name="agreement_period_has_both_ends",
        ),
        sa.CheckConstraint(
            "document IS NULL OR signed_on IS NOT NULL", name="agreement_period_signed_has_a_day"
        ),
        sa.CheckConstraint("number >= 0", name="agreement_period_number_not_negative"),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name="fk_agreement_period_agreement_id_agreement"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_agreement_period_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_period"),
        sa.UniqueConstraint("agreement_id", "number", name="agreement_period_number_once"),
    )
    op.create_table(
        "path_step",
        sa.Column("path_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state IN ('contact', 'welcomed', 'oriented_out', 'applying', 'selected', 'waiting_list', 'refused', 'withdrawn', 'in_preparation', 'in_test', 'suspended', 'leaving', 'exited', 'followed_after', 'closed')",
            name="path_step_state_known",
        ),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name="fk_path_step_path_id_path"),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name="fk_path_step_recorded_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_path_step"),
    )
    op.create_index("ix_path_step_path_id", "path_step", ["path_id"], unique=False)
    op.add_column("person", sa.Column("met_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_person_met_by_id_structure", "person", "structure", ["met_by_id"], ["id"]
    )
    op.bulk_insert(AGREEMENT_KINDS, KINDS)


def downgrade() -> None:
    op.drop_constraint("fk_person_met_by_id_structure", "person", type_="foreignkey")
    op.drop_column("person", "met_by_id")
    op.drop_index("ix_path_step_path_id", table_name="path_step")
    op.drop_table("path_step")
    op.drop_table("agreement_period")
    op.drop_index(
        "path_open_once", table_name="path", postgresql_where=sa.text("closed_on IS NULL")
    )
    op.drop_index("ix_path_structure_id", table_name="path")
    op.drop_index("ix_path_person_id", table_name="path")
    op.drop_table("path")
    op.drop_index("ix_follow_up_member_member_id", table_name="follow_up_member")
    op.drop_table("follow_up_member")
    op.drop_index("ix_agreement_structure_id", table_name="agreement")
    op.drop_index("ix_agreement_person_id", table_name="agreement")
    op.drop_table("agreement")
    op.drop_table("agreement_kind")
