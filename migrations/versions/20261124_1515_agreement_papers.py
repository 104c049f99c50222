"""papers of agreements: made, signed, amended; suspensions and what the person brings

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# What was made is never changed; what is signed is never taken away. A signature is of the very file
# that its document names, and of a finished one. A contract is called complete when every point that
# its kind asks for is written.
GUARDS = (
    """
    CREATE FUNCTION keep_agreement_document() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND NOT OLD.is_signed THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'document % of agreement %', OLD.number, OLD.agreement_id
            USING ERRCODE = '23514', CONSTRAINT = 'agreement_kept_once_signed';
    END $$
    """,
    """
    CREATE TRIGGER agreement_document_keep BEFORE UPDATE OR DELETE ON agreement_document
    FOR EACH ROW EXECUTE FUNCTION keep_agreement_document()
    """,
    """
    CREATE FUNCTION keep_agreement_amendment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.document IS NULL THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        RAISE EXCEPTION 'amendment % of agreement % is signed', OLD.number, OLD.agreement_id
            USING ERRCODE = '23514', CONSTRAINT = 'agreement_kept_once_signed';
    END $$
    """,
    """
    CREATE TRIGGER agreement_amendment_keep BEFORE UPDATE OR DELETE ON agreement_amendment
    FOR EACH ROW EXECUTE FUNCTION keep_agreement_amendment()
    """,
    """
    CREATE FUNCTION keep_agreement_signature() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            RAISE EXCEPTION 'signature % stays', OLD.id
                USING ERRCODE = '23514', CONSTRAINT = 'agreement_kept_once_signed';
        END IF;
        IF NOT EXISTS (
            SELECT FROM agreement_document
            WHERE id = NEW.document_id AND sha256 = NEW.sha256 AND NOT is_draft
        ) THEN
            RAISE EXCEPTION 'not the document %', NEW.document_id
                USING ERRCODE = '23514', CONSTRAINT = 'agreement_signature_of_its_document';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER agreement_signature_keep BEFORE INSERT OR UPDATE OR DELETE
    ON agreement_signature FOR EACH ROW EXECUTE FUNCTION keep_agreement_signature()
    """,
    """
    CREATE FUNCTION guard_agreement_contents() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.contents_ready_at IS NOT NULL AND EXISTS (
            SELECT FROM agreement_period AS begun
            JOIN agreement_kind AS law
              ON law.code = NEW.kind AND law.in_force @> lower(begun.during)
            CROSS JOIN jsonb_array_elements(law.contents) AS point
            CROSS JOIN jsonb_array_elements_text(point -> 'parts') AS part
            WHERE begun.agreement_id = NEW.id AND begun.number = 0 AND coalesce(btrim(
                NEW.contents ->> ((point ->> 'code')
                    || CASE part WHEN 'whole' THEN '' ELSE '_' || part END)), '') = ''
        ) THEN
            RAISE EXCEPTION 'agreement % lacks a point', NEW.id
                USING ERRCODE = '23514', CONSTRAINT = 'agreement_contents_complete';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER agreement_contents_guard
    AFTER INSERT OR UPDATE OF contents, contents_ready_at ON agreement
    DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION guard_agreement_contents()
    """,
)


def upgrade() -> None:
    op.add_column("structure", sa.Column("siret", sa.Text(), nullable=True))
    op.add_column("structure", sa.Column("registered_office", sa.Text(), nullable=True))

    op.create_table(
        "agreement_amendment",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("number >= 1", name="agreement_amendment_number_positive"),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name="fk_agreement_amendment_agreement_id_agreement"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_agreement_amendment_created_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_amendment"),
        sa.UniqueConstraint("agreement_id", "number", name="agreement_amendment_number_once"),
    )
    op.create_table(
        "agreement_piece",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name="fk_agreement_piece_agreement_id_agreement"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name="fk_agreement_piece_recorded_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_piece"),
        sa.UniqueConstraint("agreement_id", "code", name="agreement_piece_once"),
    )
    op.create_table(
        "agreement_suspension",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("agreement_id"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="agreement_suspension_no_overlap",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND lower(during) IS NOT NULL",
            name="agreement_suspension_has_a_start",
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name="fk_agreement_suspension_agreement_id_agreement",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name="fk_agreement_suspension_created_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_suspension"),
    )
    op.create_table(
        "agreement_document",
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period_number", sa.Integer(), nullable=True),
        sa.Column("amendment_id", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("is_draft", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_signed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "made_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "kind IN ('contract', 'renewal', 'amendment', 'early_end', 'wording')",
            name="agreement_document_kind_known",
        ),
        sa.CheckConstraint(
            "NOT (is_draft AND is_signed)", name="agreement_document_no_signed_draft"
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name="fk_agreement_document_agreement_id_agreement"
        ),
        sa.ForeignKeyConstraint(
            ["amendment_id"],
            ["agreement_amendment.id"],
            name="fk_agreement_document_amendment_id_agreement_amendment",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name="fk_agreement_document_made_by_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_document"),
        sa.UniqueConstraint("agreement_id", "number", name="agreement_document_number_once"),
    )
    op.create_table(
        "agreement_signature",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("typed_name", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "party IN ('trainee', 'structure')", name="agreement_signature_party_known"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["agreement_document.id"],
            name="fk_agreement_signature_document_id_agreement_document",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_agreement_signature_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_signature"),
        sa.UniqueConstraint("document_id", "party", name="agreement_signature_once"),
    )
    op.create_index(
        "ix_agreement_signature_person_id", "agreement_signature", ["person_id"], unique=False
    )
    for guard in GUARDS:
        op.execute(guard)


def downgrade() -> None:
    op.execute("DROP TRIGGER agreement_contents_guard ON agreement")

    op.drop_index("ix_agreement_signature_person_id", table_name="agreement_signature")
    op.drop_table("agreement_signature")
    op.drop_table("agreement_document")
    op.drop_table("agreement_suspension")
    op.drop_table("agreement_piece")
    op.drop_table("agreement_amendment")
    for function in (
        "guard_agreement_contents()",
        "keep_agreement_signature()",
        "keep_agreement_amendment()",
        "keep_agreement_document()",
    ):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("structure", "registered_office")
    op.drop_column("structure", "siret")
