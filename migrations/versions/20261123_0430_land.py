"""land

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None


# A claim lies within the time its plot is in service; a stay or reservation lies within what the
# structure's rights on that ground allow, where a right is recorded (all of them together: one right
# may follow another). The triggers see every way of breaking that: the claim, the right, the tie
# between plot and right, the plot. A claim holds the plot and its rights FOR SHARE while it looks, so
# that nobody shortens them between the look and the commit.
GUARDS = (
    """
    CREATE FUNCTION guard_plot_period() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        service daterange;
        allowed datemultirange;
    BEGIN
        SELECT during INTO service FROM plot WHERE id = NEW.plot_id FOR SHARE;
        IF NOT service @> NEW.during THEN
            RAISE EXCEPTION 'plot % not in service', NEW.plot_id
                USING ERRCODE = '23514', CONSTRAINT = 'plot_period_inside_service';
        END IF;
        IF NEW.kind IN ('stay', 'reserved') THEN
            PERFORM FROM plot_right JOIN land_right ON land_right.id = plot_right.land_right_id
            WHERE plot_right.plot_id = NEW.plot_id ORDER BY land_right.id FOR SHARE;
            SELECT range_agg(land_right.during) INTO allowed
            FROM plot_right JOIN land_right ON land_right.id = plot_right.land_right_id
            WHERE plot_right.plot_id = NEW.plot_id;
            IF allowed IS NOT NULL AND NOT allowed @> NEW.during THEN
                RAISE EXCEPTION 'beyond the right on plot %', NEW.plot_id
                    USING ERRCODE = '23514', CONSTRAINT = 'plot_period_inside_land_right';
            END IF;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER plot_period_guard AFTER INSERT OR UPDATE ON plot_period
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_plot_period()
    """,
    """
    CREATE FUNCTION guard_land_right() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM plot_period JOIN plot_right USING (plot_id)
            WHERE plot_right.land_right_id = NEW.id AND plot_period.kind IN ('stay', 'reserved')
              AND NOT plot_period.during <@ (
                SELECT range_agg(r.during) FROM plot_right AS pr
                JOIN land_right AS r ON r.id = pr.land_right_id
                WHERE pr.plot_id = plot_period.plot_id)
        ) THEN
            RAISE EXCEPTION 'a stay lies beyond right %', NEW.id
                USING ERRCODE = '23514', CONSTRAINT = 'land_right_covers_stays';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER land_right_guard AFTER UPDATE OF during ON land_right
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_land_right()
    """,
    """
    CREATE FUNCTION guard_plot_right() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        tied bigint;
    BEGIN
        FOREACH tied IN ARRAY ARRAY[NEW.plot_id, OLD.plot_id] LOOP
            PERFORM FROM plot WHERE id = tied FOR NO KEY UPDATE;
            IF EXISTS (
                SELECT FROM plot_period
                WHERE plot_id = tied AND kind IN ('stay', 'reserved') AND NOT during <@ (
                    SELECT range_agg(r.during) FROM plot_right AS pr
                    JOIN land_right AS r ON r.id = pr.land_right_id WHERE pr.plot_id = tied)
            ) THEN
                RAISE EXCEPTION 'a stay lies beyond the rights on plot %', tied
                    USING ERRCODE = '23514', CONSTRAINT = 'land_right_covers_stays';
            END IF;
        END LOOP;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER plot_right_guard AFTER INSERT OR UPDATE OR DELETE ON plot_right
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_plot_right()
    """,
    """
    CREATE FUNCTION guard_plot_service() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM plot_period WHERE plot_id = NEW.id AND NOT during <@ NEW.during
        ) THEN
            RAISE EXCEPTION 'plot % is claimed beyond its service', NEW.id
                USING ERRCODE = '23514', CONSTRAINT = 'plot_service_covers_claims';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER plot_guard AFTER UPDATE OF during ON plot
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_plot_service()
    """,
)

LAND_FORMS = sa.table(
    "land_form",
    sa.column("code"),
    sa.column("label"),
    sa.column("min_years"),
    sa.column("max_years"),
    sa.column("max_renewals"),
    sa.column("allows_fee"),
    sa.column("reference"),
    sa.column("watch"),
    sa.column("in_force", postgresql.DATERANGE()),
)


def form(
    code: str,
    label: str,
    reference: str | None,
    *,
    years: tuple[int | None, int | None] = (None, None),
    renewals: int | None = None,
    fee: bool = True,
    watch: str | None = None,
) -> dict[str, object]:
    return {
        "code": code,
        "label": label,
        "min_years": years[0],
        "max_years": years[1],
        "max_renewals": renewals,
        "allows_fee": fee,
        "reference": reference,
        "watch": watch,
        "in_force": postgresql.Range(dt.date(2000, 1, 1), None),
    }


# Law as read on 27 March 2026. A change is a new row with its dates, in a later revision.
FORMS = [
    form("owned", "Propriété de la structure", None),
    form(
        "rural_lease",
        "Bail rural",
        "Code rural L411-1 et L411-5",
        years=(9, None),
        watch="Loyer dans les limites fixées par arrêté préfectoral.",
    ),
    form(
        "environmental_lease",
        "Bail rural environnemental",
        "Code rural L411-27",
        years=(9, None),
        watch="Clauses environnementales à vérifier à la sortie.",
    ),
    form(
        "free_loan",
        "Prêt à usage (commodat)",
        "Code civil 1875 et 1876",
        fee=False,
        watch="Strictement gratuit : une contrepartie en ferait un bail rural. À écrire.",
    ),
    form(
        "precarious",
        "Convention d'occupation précaire",
        "Code rural L411-2",
        watch="Trois cas seulement : succession en litige, bail expiré, terre vouée à un autre usage.",
    ),
    form(
        "safer",
        "Mise à disposition SAFER",
        "Code rural L142-6",
        years=(None, 6),
        renewals=1,
        watch="Au-delà de six ans en tout, le propriétaire doit d'abord proposer un bail à qui l'occupe.",
    ),
    form(
        "public_domain",
        "Occupation du domaine public (AOT, COT)",
        "Code général de la propriété des personnes publiques L2122-1",
        watch="Temporaire et révocable.",
    ),
    form(
        "public_private_domain",
        "Domaine privé d'une collectivité",
        "Code rural L415-11",
        watch="Règles du bail rural ; préavis de 18 mois pour refuser le renouvellement.",
    ),
    form(
        "small_plot",
        "Petite parcelle",
        "Code rural L411-3",
        watch="Sous la surface fixée par arrêté préfectoral, non divisée depuis neuf ans.",
    ),
    form(
        "support_contract",
        "Moyen mis à disposition par le contrat d'appui",
        "Code de commerce R127-1",
        watch="La structure tient la terre ; la personne en test n'a pas de droit sur elle.",
    ),
]


def upgrade() -> None:
    op.drop_constraint("site_kind_known", "site")
    op.create_check_constraint(
        "site_kind_known", "site", "kind IN ('permanent', 'temporary', 'archipelago')"
    )
    op.create_table(
        "land_form",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("min_years", sa.Integer(), nullable=True),
        sa.Column("max_years", sa.Integer(), nullable=True),
        sa.Column("max_renewals", sa.Integer(), nullable=True),
        sa.Column("allows_fee", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("watch", sa.Text(), nullable=True),
        sa.Column("in_force", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("in_force"), "&&"),
            using="gist",
            name="land_form_once_at_a_time",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_land_form"),
    )
    op.create_table(
        "stay",
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stay"),
    )
    op.create_table(
        "stay_person",
        sa.Column("stay_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_stay_person_person_id_person"
        ),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name="fk_stay_person_stay_id_stay"),
        sa.PrimaryKeyConstraint("stay_id", "person_id", name="pk_stay_person"),
    )
    op.create_index("ix_stay_person_person_id", "stay_person", ["person_id"], unique=False)
    op.create_table(
        "land_right",
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=True),
        sa.Column("owner_contact", sa.Text(), nullable=True),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("renewals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("yearly_fee", sa.Numeric(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "form <> 'free_loan' OR yearly_fee IS NULL", name="land_right_free_loan_is_free"
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="land_right_has_a_start"
        ),
        sa.CheckConstraint("yearly_fee >= 0", name="land_right_fee_not_negative"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_land_right_site_id_site"),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_land_right_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_land_right"),
    )
    op.create_index("ix_land_right_site_id", "land_right", ["site_id"], unique=False)
    op.create_index("ix_land_right_structure_id", "land_right", ["structure_id"], unique=False)
    op.create_table(
        "plot",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("outline", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("area_m2", sa.Numeric(), nullable=True),
        sa.Column("declared_m2", sa.Numeric(), nullable=True),
        sa.Column("cultivable_m2", sa.Numeric(), nullable=True),
        sa.Column("covered_m2", sa.Numeric(), server_default="0", nullable=False),
        sa.Column("tunnels", sa.Integer(), server_default="0", nullable=False),
        sa.Column("beds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bed_length_m", sa.Numeric(), nullable=True),
        sa.Column("bed_width_m", sa.Numeric(), nullable=True),
        sa.Column("soil", sa.Text(), nullable=True),
        sa.Column("water", sa.Text(), nullable=True),
        sa.Column("has_water", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("has_power", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("has_fence", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("access", sa.Text(), nullable=True),
        sa.Column("forbidden", sa.Text(), nullable=True),
        sa.Column("features", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("insee_code", sa.Text(), nullable=True),
        sa.Column("conversion_on", sa.Date(), nullable=True),
        sa.Column("certifier", sa.Text(), nullable=True),
        sa.Column("certified_until", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="plot_has_a_start"
        ),
        sa.CheckConstraint(
            "area_m2 > 0 AND declared_m2 > 0 AND cultivable_m2 >= 0 AND covered_m2 >= 0 AND tunnels >= 0 AND beds >= 0",
            name="plot_sizes_not_negative",
        ),
        sa.CheckConstraint(
            "cultivable_m2 <= coalesce(declared_m2, area_m2) AND covered_m2 <= coalesce(declared_m2, area_m2)",
            name="plot_parts_within_area",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_plot_site_id_site"),
        sa.PrimaryKeyConstraint("id", name="pk_plot"),
    )
    op.create_index("ix_plot_site_id", "plot", ["site_id"], unique=False)
    op.create_index("plot_code_once", "plot", [sa.literal_column("lower(code)")], unique=True)
    op.create_table(
        "structure_function",
        sa.Column("structure_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("structure_id"), "="),
            (sa.column("function"), "="),
            (sa.literal_column("coalesce(site_id, 0)"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="structure_function_no_overlap",
        ),
        sa.CheckConstraint(
            "function IN ('incubation', 'means', 'support', 'coordination')",
            name="structure_function_known",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL",
            name="structure_function_has_a_start",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name="fk_structure_function_site_id_site"
        ),
        sa.ForeignKeyConstraint(
            ["structure_id"], ["structure.id"], name="fk_structure_function_structure_id_structure"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_structure_function"),
    )
    op.create_index(
        "ix_structure_function_site_id", "structure_function", ["site_id"], unique=False
    )
    op.create_index(
        "ix_structure_function_structure_id", "structure_function", ["structure_id"], unique=False
    )
    op.create_table(
        "condition_report",
        sa.Column("plot_id", sa.BigInteger(), nullable=False),
        sa.Column("stay_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column(
            "points", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("water_meter", sa.Numeric(), nullable=True),
        sa.Column("power_meter", sa.Numeric(), nullable=True),
        sa.Column("keys", sa.Text(), nullable=True),
        sa.Column(
            "photos", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind IN ('entry', 'exit')", name="condition_report_kind_known"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_condition_report_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name="fk_condition_report_plot_id_plot"),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name="fk_condition_report_stay_id_stay"),
        sa.PrimaryKeyConstraint("id", name="pk_condition_report"),
    )
    op.create_index(
        "ix_condition_report_plot_day", "condition_report", ["plot_id", "made_on"], unique=False
    )
    op.create_index("ix_condition_report_stay_id", "condition_report", ["stay_id"], unique=False)
    op.create_table(
        "land_event",
        sa.Column("plot_id", sa.BigInteger(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=True),
        sa.Column("crop", sa.Text(), nullable=True),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("is_personal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind IN ('soil_test', 'input', 'crop', 'cover', 'incident', 'rest', 'works', 'document', 'observation')",
            name="land_event_kind_known",
        ),
        sa.CheckConstraint("ends_on >= happened_on", name="land_event_dates_in_order"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_land_event_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name="fk_land_event_plot_id_plot"),
        sa.PrimaryKeyConstraint("id", name="pk_land_event"),
    )
    op.create_index(
        "ix_land_event_plot_day", "land_event", ["plot_id", "happened_on"], unique=False
    )
    op.create_table(
        "plot_lineage",
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("kind IN ('split', 'merge')", name="plot_lineage_kind_known"),
        sa.CheckConstraint("parent_id <> child_id", name="plot_lineage_no_loop"),
        sa.ForeignKeyConstraint(["child_id"], ["plot.id"], name="fk_plot_lineage_child_id_plot"),
        sa.ForeignKeyConstraint(["parent_id"], ["plot.id"], name="fk_plot_lineage_parent_id_plot"),
        sa.PrimaryKeyConstraint("id", name="pk_plot_lineage"),
        sa.UniqueConstraint("parent_id", "child_id", name="plot_lineage_once"),
    )
    op.create_index("ix_plot_lineage_child_id", "plot_lineage", ["child_id"], unique=False)
    op.create_table(
        "plot_parcel",
        sa.Column("plot_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Numeric(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("area_m2 > 0", name="plot_parcel_area_positive"),
        sa.CheckConstraint("length(reference) = 14", name="plot_parcel_reference_whole"),
        sa.ForeignKeyConstraint(
            ["plot_id"], ["plot.id"], name="fk_plot_parcel_plot_id_plot", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plot_parcel"),
        sa.UniqueConstraint("plot_id", "reference", name="plot_parcel_once"),
    )
    op.create_table(
        "plot_period",
        sa.Column("plot_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stay_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("planned_end_on", sa.Date(), nullable=True),
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
        postgresql.ExcludeConstraint(
            (sa.column("plot_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="plot_period_no_overlap",
        ),
        sa.CheckConstraint(
            "kind <> 'stay' OR stay_id IS NOT NULL", name="plot_period_stay_has_people"
        ),
        sa.CheckConstraint(
            "kind IN ('stay', 'reserved', 'rest', 'works', 'collective', 'out_of_service')",
            name="plot_period_kind_known",
        ),
        sa.CheckConstraint(
            "stay_id IS NULL OR kind IN ('stay', 'reserved')", name="plot_period_people_only_stay"
        ),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="plot_period_once_whole"),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL", name="plot_period_has_a_start"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_plot_period_created_by_id_person"
        ),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name="fk_plot_period_plot_id_plot"),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name="fk_plot_period_stay_id_stay"),
        sa.PrimaryKeyConstraint("id", name="pk_plot_period"),
        sa.UniqueConstraint("created_by_id", "once", name="plot_period_once"),
    )
    op.create_index("ix_plot_period_stay_id", "plot_period", ["stay_id"], unique=False)
    op.create_index("ix_plot_period_during", "plot_period", ["during"], postgresql_using="gist")
    op.create_index(
        "ix_plot_period_plot_start", "plot_period", ["plot_id", sa.literal_column("lower(during)")]
    )
    op.create_table(
        "plot_right",
        sa.Column("plot_id", sa.BigInteger(), nullable=False),
        sa.Column("land_right_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["land_right_id"], ["land_right.id"], name="fk_plot_right_land_right_id_land_right"
        ),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name="fk_plot_right_plot_id_plot"),
        sa.PrimaryKeyConstraint("plot_id", "land_right_id", name="pk_plot_right"),
    )
    op.create_index("ix_plot_right_land_right_id", "plot_right", ["land_right_id"], unique=False)
    for statement in GUARDS:
        op.execute(statement)
    op.bulk_insert(LAND_FORMS, FORMS)


def downgrade() -> None:
    op.execute("UPDATE site SET kind = 'permanent' WHERE kind = 'archipelago'")
    op.drop_constraint("site_kind_known", "site")
    op.create_check_constraint("site_kind_known", "site", "kind IN ('permanent', 'temporary')")
    for table in (
        "plot_right",
        "plot_period",
        "plot_parcel",
        "plot_lineage",
        "land_event",
        "condition_report",
        "structure_function",
        "plot",
        "land_right",
        "stay_person",
        "stay",
        "land_form",
    ):
        op.drop_table(table)
    for function in (
        "guard_plot_period",
        "guard_land_right",
        "guard_plot_right",
        "guard_plot_service",
    ):
        op.execute(f"DROP FUNCTION {function}")
