"""kinds of papers, their documents, and papers to be checked

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

PAPER_KINDS = sa.table(
    "paper_kind",
    sa.column("code"),
    sa.column("label"),
    sa.column("usual_months"),
    sa.column("max_months"),
    sa.column("first_due_months"),
    sa.column("due_under", postgresql.ARRAY(sa.Text())),
    sa.column("reference"),
    sa.column("watch"),
    sa.column("in_force", postgresql.DATERANGE()),
)


def kind(
    code: str,
    label: str,
    reference: str | None = None,
    *,
    usual: int | None = None,
    most: int | None = None,
    first_due: int | None = None,
    due_under: tuple[str, ...] = (),
    since: dt.date = dt.date(2000, 1, 1),
    watch: str | None = None,
) -> dict[str, object]:
    return {
        "code": code,
        "label": label,
        "usual_months": usual or most,
        "max_months": most,
        "first_due_months": first_due,
        "due_under": list(due_under),
        "reference": reference,
        "watch": watch,
        "in_force": postgresql.Range(since, None),
    }


# Law as read on 27 March 2026. A change is a new row with its dates, in a later revision.
KINDS = [
    kind("licence", "Permis"),
    kind(
        "training",
        "Formation",
        "Code du travail R4323-55",
        watch="À suivre avant de conduire tout engin automoteur ou de levage.",
    ),
    kind(
        "driving_authorisation",
        "Autorisation de conduite",
        "Code du travail R4323-56",
        usual=60,
        watch="Donnée par la structure, pour les engins à risque particulier ; elle suit l'avis "
        "médical.",
    ),
    kind(
        "driving_fitness",
        "Avis du médecin du travail pour la conduite",
        "Code du travail R4323-56",
        most=60,
        since=dt.date(2025, 10, 1),
    ),
    kind(
        "caces",
        "CACES",
        usual=60,
        watch="Une façon de prouver la formation, pas une obligation en soi.",
    ),
    kind(
        "certiphyto",
        "Certiphyto",
        "Code rural R254-11",
        most=60,
        watch="Pour tout usage professionnel de produits phytosanitaires, entraide comprise.",
    ),
    kind(
        "medical_visit",
        "Visite médicale",
        "Code rural R717-13 et R717-14",
        most=60,
        first_due=3,
        due_under=("cape", "employment", "cesa"),
        watch="Dans les trois mois qui suivent le début, puis au moins tous les cinq ans.",
    ),
    kind(
        "insurance",
        "Assurance",
        usual=12,
        due_under=("own_business",),
        watch="Attestation à redemander chaque année : assureur, numéro, ce qui est couvert.",
    ),
    kind("first_aid", "Secourisme (SST)", usual=24),
    kind("other", "Autre papier"),
]


def upgrade() -> None:
    op.create_table(
        "paper_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("usual_months", sa.Integer(), nullable=True),
        sa.Column("max_months", sa.Integer(), nullable=True),
        sa.Column("first_due_months", sa.Integer(), nullable=True),
        sa.Column("due_under", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("watch", sa.Text(), nullable=True),
        sa.Column("in_force", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("in_force"), "&&"),
            using="gist",
            name="paper_kind_once_at_a_time",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_paper_kind"),
    )
    op.add_column(
        "qualification", sa.Column("kind", sa.Text(), server_default="other", nullable=False)
    )
    op.add_column("paper", sa.Column("issuer", sa.Text(), nullable=True))
    op.add_column("paper", sa.Column("scope", sa.Text(), nullable=True))
    op.add_column("paper", sa.Column("document", sa.Text(), nullable=True))
    op.add_column(
        "paper",
        sa.Column("is_to_check", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("paper", sa.Column("checked_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_paper_checked_by_id_person", "paper", "person", ["checked_by_id"], ["id"]
    )
    op.create_check_constraint(
        "paper_checked_or_to_check", "paper", "NOT (is_to_check AND checked_by_id IS NOT NULL)"
    )
    op.create_check_constraint("paper_checked_by_another", "paper", "checked_by_id <> person_id")
    op.bulk_insert(PAPER_KINDS, KINDS)


def downgrade() -> None:
    op.drop_constraint("paper_checked_by_another", "paper")
    op.drop_constraint("paper_checked_or_to_check", "paper")
    op.drop_constraint("fk_paper_checked_by_id_person", "paper", type_="foreignkey")
    for column in ("checked_by_id", "is_to_check", "document", "scope", "issuer"):
        op.drop_column("paper", column)
    op.drop_column("qualification", "kind")
    op.drop_table("paper_kind")
