"""grids and assessments

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

# What was said with a version is read with it for ever: it never changes. The person speaks before a
# mentor does. What was talked over together stays as it is.
GUARDS = (
    """
    CREATE FUNCTION guard_grid_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'version % of a grid never changes', OLD.id
            USING ERRCODE = '23514', CONSTRAINT = 'grid_version_is_kept';
    END $$
    """,
    """
    CREATE TRIGGER grid_version_guard BEFORE UPDATE ON grid_version
    FOR EACH ROW EXECUTE FUNCTION guard_grid_version()
    """,
    """
    CREATE FUNCTION guard_assessment_answers() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        talked date;
    BEGIN
        SELECT talked_on INTO talked FROM assessment
        WHERE id = coalesce(NEW.assessment_id, OLD.assessment_id) FOR SHARE;
        IF talked IS NOT NULL THEN
            RAISE EXCEPTION 'talked over already'
                USING ERRCODE = '23514', CONSTRAINT = 'assessment_talked_is_closed';
        END IF;
        IF TG_OP = 'INSERT' AND NEW.side = 'mentor' AND NOT EXISTS (
            SELECT FROM assessment_answers
            WHERE assessment_id = NEW.assessment_id AND side = 'person'
        ) THEN
            RAISE EXCEPTION 'the person speaks first'
                USING ERRCODE = '23514', CONSTRAINT = 'assessment_person_first';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    """
    CREATE TRIGGER assessment_answers_guard BEFORE INSERT OR UPDATE OR DELETE ON assessment_answers
    FOR EACH ROW EXECUTE FUNCTION guard_assessment_answers()
    """,
    """
    CREATE FUNCTION guard_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.talked_on IS NOT NULL THEN
            RAISE EXCEPTION 'assessment % was talked over', OLD.id
                USING ERRCODE = '23514', CONSTRAINT = 'assessment_talked_is_closed';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER assessment_guard BEFORE UPDATE ON assessment
    FOR EACH ROW EXECUTE FUNCTION guard_assessment()
    """,
)

STEPS = ["à découvrir", "avec de l'aide", "en autonomie", "à l'aise, peut montrer"]
GIVEN = {
    "Technique": (
        STEPS,
        [
            ("Sol", "fertilité, structure, couverture"),
            ("Plan de culture", "choix, calendrier, rotation"),
            ("Enherbement", "repérer, agir à temps"),
            ("Irrigation", "doser, régler, surveiller"),
            ("Récolte et qualité", "moment, tri, conservation"),
            ("Matériel", "conduire, régler, entretenir"),
            ("Organisation du travail", "prévoir la semaine et les pointes"),
        ],
    ),
    "Économie": (
        STEPS,
        [
            ("Chiffre d'affaires", "suivre l'écart avec le plan"),
            ("Marge", "savoir ce que rapporte chaque culture"),
            ("Trésorerie", "voir venir trois mois"),
            ("Temps par culture", "le noter, s'en servir"),
            ("Prix", "les calculer, les tenir"),
        ],
    ),
    "Commerce": (
        STEPS,
        [
            ("Débouchés", "en avoir plusieurs, complémentaires"),
            ("Clientèle régulière", "la connaître, la garder"),
            ("Pertes et invendus", "les mesurer, les réduire"),
            ("Communication", "se faire connaître"),
        ],
    ),
    "Vivabilité": (
        ["difficile", "fragile", "ça va", "bien"],
        [
            ("Temps de travail", "heures par semaine, en saison et hors saison"),
            ("Repos", "jours sans travail, vacances"),
            ("Fatigue", "le corps et la tête"),
            ("Isolement", "entourage, pairs, voisinage"),
            ("Équilibre avec les proches", "temps partagé, charges, décisions"),
            ("Plaisir", "envie de continuer"),
        ],
    ),
    "Projet d'installation": (
        ["pas commencé", "des pistes", "en bonne voie", "acquis"],
        [
            ("Terre", "recherche, visites, accords"),
            ("Formation", "diplôme, capacité, stages"),
            ("Financement", "budget, aides, banque"),
            ("Statut", "forme juridique, social, fiscal"),
        ],
    ),
}


def coded(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", plain))


def upgrade() -> None:
    grid = op.create_table(
        "grid",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grid"),
    )
    op.create_index("grid_name_once", "grid", [sa.text("lower(name)")], unique=True)
    version = op.create_table(
        "grid_version",
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("levels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "made_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("cardinality(levels) BETWEEN 3 AND 5", name="grid_version_levels"),
        sa.CheckConstraint(
            "jsonb_array_length(criteria) BETWEEN 3 AND 12", name="grid_version_size"
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name="fk_grid_version_grid_id_grid"),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name="fk_grid_version_made_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grid_version"),
        sa.UniqueConstraint("grid_id", "number", name="grid_version_number_once"),
    )
    op.create_table(
        "assessment",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("begun_by_id", sa.BigInteger(), nullable=False),
        sa.Column("talked_on", sa.Date(), nullable=True),
        sa.Column("talked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("talk", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "(talked_on IS NULL) = (talked_by_id IS NULL)", name="assessment_talk_has_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["begun_by_id"], ["person.id"], name="fk_assessment_begun_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_assessment_person_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["talked_by_id"], ["person.id"], name="fk_assessment_talked_by_id_person"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["grid_version.id"], name="fk_assessment_version_id_grid_version"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessment"),
        sa.UniqueConstraint("person_id", "version_id", "made_on", name="assessment_once_a_day"),
    )
    op.create_index("ix_assessment_version_id", "assessment", ["version_id"])
    op.create_table(
        "assessment_answers",
        sa.Column("assessment_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("given_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("side IN ('person', 'mentor')", name="assessment_answers_side_known"),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name="fk_assessment_answers_assessment_id_assessment",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name="fk_assessment_answers_author_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_answers"),
        sa.UniqueConstraint("assessment_id", "side", name="assessment_answers_once"),
    )
    for statement in GUARDS:
        op.execute(statement)
    for name, (levels, criteria) in GIVEN.items():
        grid_id = op.get_bind().scalar(sa.insert(grid).values(name=name).returning(grid.c.id))
        listed = [{"code": coded(one), "label": one, "help": more} for one, more in criteria]
        op.execute(
            sa.insert(version).values(grid_id=grid_id, number=1, levels=levels, criteria=listed)
        )


def downgrade() -> None:
    for table in ("assessment_answers", "assessment", "grid_version", "grid"):
        op.drop_table(table)
    for function in ("guard_assessment_answers", "guard_assessment", "guard_grid_version"):
        op.execute(f"DROP FUNCTION {function}")
