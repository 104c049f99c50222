"""what the law of an agreement asks for, and the notices it opens

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0015"
branch_labels = None
depends_on = None

# A period lies within what its kind allows on its first day, follows the one before without a gap,
# is signed in time, and belongs to its agreement; what is signed does not change. The triggers see
# every way of breaking that: the period, and the agreement it belongs to. They hold the agreement FOR
# SHARE while they look, so that nobody changes it between the look and the commit.
GUARDS = (
    # From day-number to day-number; on the last day of a month that has no such day.
    """
    CREATE FUNCTION agreement_last_day(first_day date, length integer) RETURNS date
    LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN extract(day FROM same) = extract(day FROM first_day)
                    THEN same - 1 ELSE same END
        FROM (SELECT (first_day + make_interval(months => length))::date AS same) AS found
    $$
    """,
    """
    CREATE FUNCTION check_agreement_period(checked agreement_period) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
        parent agreement;
        law agreement_kind;
        before agreement_period;
        later agreement_period;
        first_day date := lower(checked.during);
        last_day date := upper(checked.during) - 1;
        began_on date;
        broken text;
    BEGIN
        SELECT * INTO parent FROM agreement WHERE id = checked.agreement_id FOR SHARE;
        SELECT * INTO law FROM agreement_kind
        WHERE code = parent.kind AND in_force @> first_day;
        SELECT * INTO before FROM agreement_period
        WHERE agreement_id = parent.id AND number = checked.number - 1;
        SELECT * INTO later FROM agreement_period
        WHERE agreement_id = parent.id AND number = checked.number + 1;
        SELECT lower(during) INTO began_on FROM agreement_period
        WHERE agreement_id = parent.id AND number = 0;
        broken := CASE
            WHEN law.id IS NULL THEN 'agreement_kind_in_force'
            WHEN checked.person_id <> parent.person_id OR checked.family <> law.family
                THEN 'agreement_period_of_its_agreement'
            WHEN checked.number > law.max_renewals THEN 'agreement_renewals_within_kind'
            WHEN checked.number > 0 AND upper(before.during) IS DISTINCT FROM first_day
                THEN 'agreement_periods_follow'
            WHEN later.id IS NOT NULL AND lower(later.during) <> upper(checked.during)
                THEN 'agreement_periods_follow'
            WHEN last_day > agreement_last_day(first_day, law.max_months)
                THEN 'agreement_period_within_kind'
            WHEN law.max_total_months IS NOT NULL AND last_day > agreement_last_day(
                began_on, greatest(0, law.max_total_months - parent.carried_months))
                THEN 'agreement_period_within_kind'
            WHEN law.signed_before_start AND checked.number = 0 AND checked.signed_on > first_day
                THEN 'agreement_signed_in_time'
            WHEN law.signed_before_start AND checked.number > 0 AND checked.signed_on >= first_day
                THEN 'agreement_signed_in_time'
            WHEN law.forbids_full_time AND parent.is_full_time THEN 'agreement_not_full_time'
        END;
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION 'period % of agreement %', checked.number, parent.id
                USING ERRCODE = '23514', CONSTRAINT = broken;
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION guard_agreement_period() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM check_agreement_period(NEW);
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER agreement_period_guard AFTER INSERT OR UPDATE ON agreement_period
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_agreement_period()
    """,
    """
    CREATE FUNCTION guard_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        checked agreement_period;
    BEGIN
        FOR checked IN SELECT * FROM agreement_period WHERE agreement_id = NEW.id LOOP
            PERFORM check_agreement_period(checked);
        END LOOP;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER agreement_guard
    AFTER UPDATE OF person_id, kind, is_full_time, carried_months ON agreement
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_agreement()
    """,
    # What is signed stays, but for the last day when the agreement ends early.
    """
    CREATE FUNCTION keep_agreement_period() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ended date;
    BEGIN
        IF OLD.document IS NULL THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        SELECT ended_on INTO ended FROM agreement WHERE id = OLD.agreement_id;
        IF TG_OP = 'DELETE' THEN
            IF ended < lower(OLD.during) THEN
                RETURN OLD;
            END IF;
        ELSIF (NEW.agreement_id, NEW.number, NEW.person_id, NEW.family, NEW.signed_on,
               NEW.document, lower(NEW.during))
            IS NOT DISTINCT FROM (OLD.agreement_id, OLD.number, OLD.person_id, OLD.family,
               OLD.signed_on, OLD.document, lower(OLD.during))
            AND (NEW.during = OLD.during OR
                 (NEW.during <@ OLD.during AND ended = upper(NEW.during) - 1))
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'period % of agreement % is signed', OLD.number, OLD.agreement_id
            USING ERRCODE = '23514', CONSTRAINT = 'agreement_kept_once_signed';
    END $$
    """,
    """
    CREATE TRIGGER agreement_period_keep BEFORE UPDATE OR DELETE ON agreement_period
    FOR EACH ROW EXECUTE FUNCTION keep_agreement_period()
    """,
    """
    CREATE FUNCTION keep_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM agreement_period WHERE agreement_id = OLD.id AND document IS NOT NULL
        ) AND (OLD.ended_on IS NOT NULL AND (NEW.ended_on, NEW.end_reason)
                IS DISTINCT FROM (OLD.ended_on, OLD.end_reason)
            OR (NEW.person_id, NEW.structure_id, NEW.kind, NEW.is_full_time, NEW.carried_months,
                NEW.contents, NEW.contents_ready_at)
            IS DISTINCT FROM (OLD.person_id, OLD.structure_id, OLD.kind, OLD.is_full_time,
                OLD.carried_months, OLD.contents, OLD.contents_ready_at))
        THEN
            RAISE EXCEPTION 'agreement % is signed', OLD.id
                USING ERRCODE = '23514', CONSTRAINT = 'agreement_kept_once_signed';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER agreement_keep BEFORE UPDATE ON agreement
    FOR EACH ROW EXECUTE FUNCTION keep_agreement()
    """,
)


def notice(recipient: str, label: str, *names: str) -> dict[str, object]:
    """The law says "as soon as"; eight days is how long a notice may lie before it is late."""
    return {
        "recipient": recipient,
        "label": label,
        "names": names,
        "events": ["signing", "renewal", "early_end"],
        "within_days": 8,
    }


def piece(code: str, label: str, within_months: int = 0) -> dict[str, object]:
    return {"code": code, "label": label, "within_months": within_months}


def content(code: str, label: str, help_text: str, *parts: str) -> dict[str, object]:
    return {"code": code, "label": label, "help": help_text, "parts": parts or ["whole"]}


INSURANCE = piece("insurance", "Attestation d'assurance")
RULES = piece("house_rules", "Règlement intérieur signé")
PRIVACY = piece("privacy", "Notice sur les données personnelles remise")
URGENT = piece("emergency_contact", "Personne à prévenir en cas d'urgence")
BANK = piece("bank_details", "Relevé d'identité bancaire")
MEDICAL = piece("medical_visit", "Visite d'information et de prévention", 3)
USUAL = [INSURANCE, RULES, PRIVACY, URGENT]

PIECES = {
    "cape": [*USUAL, BANK, MEDICAL],
    "association_trial": [
        *USUAL,
        piece(
            "underlying_contract",
            "Contrat de la personne pendant l'essai (emploi, apprentissage, stage, entraide)",
        ),
    ],
    "training_placement": [
        *USUAL,
        piece("training_agreement", "Convention avec l'organisme de formation"),
    ],
    "cesa": [*USUAL, BANK, MEDICAL],
    "employment": [*USUAL, BANK, MEDICAL],
    "own_business": [*USUAL, piece("registration", "Attestation d'immatriculation")],
    "farmer_training": [
        *USUAL,
        piece("training_agreement", "Convention avec l'organisme de formation"),
    ],
}
CAPE_NOTICES = [
    notice("social_body", "Organisme social", "MSA", "URSSAF", "CGSS"),
    notice("employment_service", "France Travail", "France Travail"),
]
CAPE_CONTENTS = [
    content(
        "programme",
        "Programme et engagements de chacun",
        "Ce que la structure apporte, ce que la personne fait.",
        "before",
        "after",
    ),
    content(
        "means",
        "Moyens mis à disposition",
        "Leur nature, leur valeur, leurs conditions d'usage, et comment ils évoluent.",
    ),
    content(
        "price",
        "Prix de l'appui",
        "Un forfait ou un calcul ; « aucun » si l'appui est gratuit.",
    ),
    content(
        "commitments",
        "Engagements envers les tiers",
        "Leur nature, leur plafond, leurs conditions, et qui les supporte à la fin.",
    ),
    content(
        "accounts",
        "Comptes rendus à la structure",
        "Comment et tous les combien la personne communique ses comptes.",
        "after",
    ),
    content(
        "early_end",
        "Fin anticipée",
        "Qui peut y mettre fin, comment, avec quel préavis.",
    ),
    content(
        "pay",
        "Rémunération éventuelle",
        "Son montant ou son calcul ; « aucune » si rien n'est versé.",
        "before",
    ),
    content(
        "contributions",
        "Cotisations sociales",
        "Comment la personne rembourse les cotisations payées pour elle.",
        "after",
    ),
]
CAPE_WORDING = (
    "%(person)s exerce son activité dans le cadre d'un contrat d'appui au projet d'entreprise "
    "conclu avec %(structure)s, dont le siège est situé %(office)s, identifiée sous le numéro "
    "%(siret)s. Ce contrat prend fin le %(last)s."
)


def upgrade() -> None:
    for name in ("notices", "pieces", "contents"):
        op.add_column(
            "agreement_kind",
            sa.Column(
                name,
                postgresql.JSONB(astext_type=sa.Text()),
                server_default="[]",
                nullable=False,
            ),
        )
    op.add_column("agreement_kind", sa.Column("wording", sa.Text(), nullable=True))
    op.add_column(
        "agreement_kind",
        sa.Column("decide_months", sa.Integer(), server_default="2", nullable=False),
    )
    op.add_column(
        "agreement",
        sa.Column(
            "contents",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
    )
    op.add_column(
        "agreement", sa.Column("contents_ready_at", sa.TIMESTAMP(timezone=True), nullable=True)
    )
    op.add_column("agreement_period", sa.Column("created_by_id", sa.BigInteger(), nullable=True))
    op.add_column("agreement_period", sa.Column("once", sa.Text(), nullable=True))
    op.add_column("agreement_period", sa.Column("once_digest", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        "fk_agreement_period_created_by_id_person",
        "agreement_period",
        "person",
        ["created_by_id"],
        ["id"],
    )
    op.create_unique_constraint(
        "agreement_period_once", "agreement_period", ["created_by_id", "once"]
    )
    op.create_check_constraint(
        "agreement_period_once_whole", "agreement_period", "(once IS NULL) = (once_digest IS NULL)"
    )
    op.create_table(
        "legal_notice",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("period_number", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "event IN ('signing', 'renewal', 'early_end')", name="legal_notice_event_known"
        ),
        sa.CheckConstraint(
            "(sent_on IS NULL) = (reference IS NULL AND document IS NULL)",
            name="legal_notice_sent_has_proof",
        ),
        sa.CheckConstraint(
            "(sent_on IS NULL) = (recorded_by_id IS NULL)", name="legal_notice_sent_by_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name="fk_legal_notice_agreement_id_agreement"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name="fk_legal_notice_recorded_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_legal_notice"),
        sa.UniqueConstraint(
            "agreement_id", "period_number", "event", "recipient", name="legal_notice_once"
        ),
    )
    op.create_index(
        "legal_notice_open",
        "legal_notice",
        ["due_on"],
        postgresql_where=sa.text("sent_on IS NULL"),
    )
    fill()
    for guard in GUARDS:
        op.execute(guard)


def fill() -> None:
    """Law as read on 27 March 2026. A change is a new row with its dates, in a later revision."""
    connection = op.get_bind()
    for code, pieces in PIECES.items():
        connection.execute(
            sa.text("UPDATE agreement_kind SET pieces = CAST(:pieces AS jsonb) WHERE code = :code"),
            {"pieces": json.dumps(pieces), "code": code},
        )
    connection.execute(
        sa.text(
            "UPDATE agreement_kind SET notices = CAST(:notices AS jsonb), "
            "contents = CAST(:contents AS jsonb), wording = :wording WHERE code = 'cape'"
        ),
        {
            "notices": json.dumps(CAPE_NOTICES),
            "contents": json.dumps(CAPE_CONTENTS),
            "wording": CAPE_WORDING,
        },
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER agreement_keep ON agreement")
    op.execute("DROP TRIGGER agreement_period_keep ON agreement_period")
    op.execute("DROP TRIGGER agreement_guard ON agreement")
    op.execute("DROP TRIGGER agreement_period_guard ON agreement_period")
    for function in (
        "keep_agreement()",
        "keep_agreement_period()",
        "guard_agreement()",
        "guard_agreement_period()",
        "check_agreement_period(agreement_period)",
        "agreement_last_day(date, integer)",
    ):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_index(
        "legal_notice_open",
        table_name="legal_notice",
        postgresql_where=sa.text("sent_on IS NULL"),
    )
    op.drop_table("legal_notice")
    op.drop_constraint("agreement_period_once_whole", "agreement_period", type_="check")
    op.drop_constraint("agreement_period_once", "agreement_period", type_="unique")
    op.drop_constraint(
        "fk_agreement_period_created_by_id_person", "agreement_period", type_="foreignkey"
    )
    for table, columns in (
        ("agreement_period", ("once_digest", "once", "created_by_id")),
        ("agreement", ("contents_ready_at", "contents")),
        ("agreement_kind", ("decide_months", "wording", "contents", "pieces", "notices")),
    ):
        for column in columns:
            op.drop_column(table, column)
