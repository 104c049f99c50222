"""retention: how long what is kept, files kept on, erasures and the one way past signed texts

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

# ruff: noqa: S608, the statements are made of our own words
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

BROKEN = "USING ERRCODE = '23514', CONSTRAINT ="

# What locks signed texts, as the revisions before made it: table, trigger, events, function.
LOCKS = (
    ("report", "report_guard", "UPDATE OR DELETE", "guard_report"),
    ("report_signature", "report_signature_stays", "UPDATE OR DELETE", "refuse_any_change"),
    ("report_note", "report_note_stays", "UPDATE OR DELETE", "refuse_any_change"),
    ("visit", "visit_guard", "UPDATE OR DELETE", "guard_visit"),
    ("agreed_step", "agreed_step_guard", "INSERT OR UPDATE OR DELETE", "guard_agreed_step"),
    (
        "agreed_step",
        "agreed_step_committee_guard",
        "INSERT OR UPDATE OR DELETE",
        "guard_step_of_committee",
    ),
    ("assessment", "assessment_guard", "UPDATE", "guard_assessment"),
    (
        "assessment_answers",
        "assessment_answers_guard",
        "INSERT OR UPDATE OR DELETE",
        "guard_assessment_answers",
    ),
    (
        "attendance_signature",
        "attendance_signature_guard",
        "INSERT OR UPDATE OR DELETE",
        "guard_attendance_signature",
    ),
    ("attendance_note", "attendance_note_stays", "UPDATE OR DELETE", "guard_attendance_paper"),
    ("attendance_scan", "attendance_scan_stays", "UPDATE OR DELETE", "guard_attendance_paper"),
    ("workshop_slot", "workshop_slot_guard", "UPDATE OR DELETE", "guard_workshop_slot"),
    (
        "progress_review",
        "progress_review_guard",
        "INSERT OR UPDATE OR DELETE",
        "guard_progress_review",
    ),
    (
        "progress_committee",
        "progress_committee_guard",
        "UPDATE OR DELETE",
        "guard_progress_committee",
    ),
    (
        "progress_member",
        "progress_member_guard",
        "INSERT OR UPDATE OR DELETE",
        "guard_progress_member",
    ),
    (
        "progress_addition",
        "progress_addition_stays",
        "UPDATE OR DELETE",
        "guard_progress_addition",
    ),
    (
        "progress_signature",
        "progress_signature_stays",
        "UPDATE OR DELETE",
        "guard_progress_addition",
    ),
    ("agreement", "agreement_keep", "UPDATE", "keep_agreement"),
    ("agreement_period", "agreement_period_keep", "UPDATE OR DELETE", "keep_agreement_period"),
    (
        "agreement_document",
        "agreement_document_keep",
        "UPDATE OR DELETE",
        "keep_agreement_document",
    ),
    (
        "agreement_amendment",
        "agreement_amendment_keep",
        "UPDATE OR DELETE",
        "keep_agreement_amendment",
    ),
    (
        "agreement_signature",
        "agreement_signature_keep",
        "INSERT OR UPDATE OR DELETE",
        "keep_agreement_signature",
    ),
    ("funding_grant", "funding_grant_guard", "UPDATE", "guard_funding_grant"),
    ("funded_action", "funded_action_guard", "INSERT OR UPDATE OR DELETE", "guard_part_of_grant"),
)
LOCKED = tuple(dict.fromkeys(table for table, *_ in LOCKS))

# To whom nothing is added any more once her file is erased: table and the column that names her.
CLOSED_TO = (
    ("membership", "person_id"),
    ("paper", "person_id"),
    ("session", "person_id"),
    ("mailed_link", "person_id"),
    ("path", "person_id"),
    ("agreement", "person_id"),
    ("follow_up_member", "person_id"),
    ("follow_up_member", "member_id"),
    ("stay_person", "person_id"),
    ("visit", "person_id"),
    ("visit", "mentor_id"),
    ("visit_person", "person_id"),
    ("visit_proposal", "person_id"),
    ("agreed_step", "person_id"),
    ("agreed_step", "owner_id"),
    ("assessment", "person_id"),
    ("progress_review", "person_id"),
    ("progress_member", "person_id"),
    ("progress_signature", "person_id"),
    ("workshop_seat", "person_id"),
    ("attendance", "person_id"),
    ("light_access", "person_id"),
    ("figure_month", "person_id"),
    ("kept_file", "person_id"),
)

# An erasure is under way in the transaction that wrote its row, until that row says that it is done:
# no setting and no role opens the way, only a line that stays.
GUARDS = (
    """
    CREATE FUNCTION person_being_erased() RETURNS bigint LANGUAGE sql STABLE AS $$
        SELECT person_id FROM erasure
        WHERE began_at = transaction_timestamp() AND is_under_way
    $$
    """,
    f"""
    CREATE FUNCTION guard_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            NEW.began_at := transaction_timestamp();
            NEW.is_under_way := true;
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.is_under_way AND NOT NEW.is_under_way
            AND OLD.began_at = transaction_timestamp()
            AND to_jsonb(NEW) - ARRAY['is_under_way', 'counts']
                = to_jsonb(OLD) - ARRAY['is_under_way', 'counts'] THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'erasure % stays', OLD.id {BROKEN} 'erasing_only_erases';
    END $$
    """,
    """
    CREATE TRIGGER erasure_guard BEFORE INSERT OR UPDATE OR DELETE ON erasure
    FOR EACH ROW EXECUTE FUNCTION guard_erasure()
    """,
    # Her name in both orders, her address, her number however it is spaced: one regular expression.
    # A name that somebody else bears too is not looked for.
    r"""
    CREATE FUNCTION traces_of_erased() RETURNS text LANGUAGE sql STABLE AS $$
        WITH who AS (
            SELECT * FROM person WHERE id = person_being_erased()
        ), safe AS (
            SELECT
                regexp_replace(regexp_replace(btrim(given_name),
                    '([][\\.*+?^${}()|-])', '\\\1', 'g'), '\s+', '\\s+', 'g') AS given,
                regexp_replace(regexp_replace(btrim(family_name),
                    '([][\\.*+?^${}()|-])', '\\\1', 'g'), '\s+', '\\s+', 'g') AS family,
                regexp_replace(email, '([][\\.*+?^${}()|-])', '\\\1', 'g') AS email,
                right(regexp_replace(phone, '\D', '', 'g'), 9) AS digits,
                NOT EXISTS (
                    SELECT FROM person AS other
                    WHERE other.id <> who.id AND other.erased_at IS NULL
                        AND lower(other.given_name) = lower(who.given_name)
                        AND lower(other.family_name) = lower(who.family_name)
                ) AS is_only_one
            FROM who
        ), traces AS (
            SELECT given || '\s+' || family AS trace FROM safe
            WHERE is_only_one AND given <> '' AND family <> ''
            UNION ALL
            SELECT family || '\s+' || given FROM safe
            WHERE is_only_one AND given <> '' AND family <> ''
            UNION ALL
            SELECT email FROM safe WHERE email <> ''
            UNION ALL
            SELECT '(?:\+33|0033|0)?[\s.-]*' || regexp_replace(digits, '(\d)(?=\d)', '\1[\s.-]*', 'g')
            FROM safe WHERE length(digits) = 9
        )
        SELECT '(?<!\w)(?:' || string_agg(trace, '|') || ')(?!\w)' FROM traces
    $$
    """,
    """
    CREATE FUNCTION forgotten(words text) RETURNS text LANGUAGE plpgsql STABLE AS $$
    DECLARE
        traces text := traces_of_erased();
        mark text;
    BEGIN
        IF traces IS NULL THEN
            RETURN words;
        END IF;
        SELECT 'Personne effacée n° ' || id INTO mark FROM erasure
        WHERE person_id = person_being_erased();
        RETURN regexp_replace(words, traces, mark, 'gi');
    END $$
    """,
    f"""
    CREATE FUNCTION only_erase() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        name text;
        before jsonb;
        after jsonb;
        masked jsonb;
    BEGIN
        IF TG_OP <> 'UPDATE' THEN
            RAISE EXCEPTION 'an erasure neither adds nor removes'
                {BROKEN} 'erasing_only_erases';
        END IF;
        FOR name, before IN SELECT key, value FROM jsonb_each(to_jsonb(OLD)) LOOP
            after := to_jsonb(NEW) -> name;
            CONTINUE WHEN after = before OR after IN ('null', '""', '"—"', '{{}}', '[]')
                OR after #>> '{{}}' = lpad(NEW.id::text, 64, '0');
            masked := CASE jsonb_typeof(before)
                WHEN 'string' THEN to_jsonb(forgotten(before #>> '{{}}'))
                ELSE forgotten(before::text)::jsonb END;
            IF after <> masked THEN
                RAISE EXCEPTION '% of % is not emptied', name, TG_TABLE_NAME
                    {BROKEN} 'erasing_only_erases';
            END IF;
        END LOOP;
        RETURN NEW;
    END $$
    """,
    # The lock on the person waits for an erasure that runs, and then finds nobody to add to.
    f"""
    CREATE FUNCTION refuse_erased_person() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        whose bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    BEGIN
        PERFORM FROM person WHERE id = whose AND erased_at IS NULL FOR KEY SHARE;
        IF NOT FOUND AND EXISTS (SELECT FROM person WHERE id = whose) THEN
            RAISE EXCEPTION 'person % is erased', whose {BROKEN} 'person_is_erased';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE FUNCTION keep_erased_person() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'person % is erased', OLD.id {BROKEN} 'person_is_erased';
    END $$
    """,
    """
    CREATE TRIGGER person_stays_erased BEFORE UPDATE OR DELETE ON person
    FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION keep_erased_person()
    """,
)
FUNCTIONS = (
    "keep_erased_person()",
    "refuse_erased_person()",
    "only_erase()",
    "forgotten(text)",
    "traces_of_erased()",
    "guard_erasure()",
    "person_being_erased()",
)

CNIL_SOCIAL = "CNIL, référentiel 2023-095 (accompagnement social) : 2 ans après le dernier contact"
PERIODS = (
    ("set_aside", "Présentation d'un projet classée sans suite", 2, "depuis l'envoi", None),
    ("presented", "Présentation d'un projet, telle qu'envoyée", 24, "depuis l'envoi", CNIL_SOCIAL),
    (
        "introduced",
        "Personne accueillie, orientée ou candidate, sans test",
        24,
        "depuis le dernier contact",
        CNIL_SOCIAL,
    ),
    (
        "member",
        "Membre du réseau : tutorat, bénévolat, salariat, équipe",
        36,
        "depuis le dernier contact",
        "CNIL, référentiel sur les relations avec les contacts : 3 ans après le dernier contact",
    ),
    (
        "followed",
        "Personne suivie : conventions, visites, bilans, séjours sur la terre",
        60,
        "depuis le dernier contact, suivi après le test compris",
        "Code civil, art. 2224 : prescription de cinq ans",
    ),
    (
        "evidence",
        "Séances payées par un financement : feuilles signées, heures",
        120,
        "depuis la fin du financement",
        "Code de commerce, art. L123-22 : dix ans pour les pièces comptables",
    ),
    ("mails", "Courriers envoyés par le logiciel", 12, "depuis l'envoi", None),
    ("readings", "Journal des lectures d'un dossier", 12, "depuis la lecture", None),
)


def upgrade() -> None:
    op.add_column("person", sa.Column("erased_at", sa.TIMESTAMP(timezone=True), nullable=True))
    periods = op.create_table(
        "retention_period",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("in_force", postgresql.DATERANGE(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("in_force"), "&&"),
            using="gist",
            name="retention_period_once_at_a_time",
        ),
        sa.CheckConstraint("months > 0", name="retention_period_positive"),
        sa.PrimaryKeyConstraint("id", name="pk_retention_period"),
    )
    op.bulk_insert(
        periods,
        [
            {
                "code": code,
                "label": label,
                "months": months,
                "since": since,
                "reference": reference,
                "position": position,
                "in_force": postgresql.Range(None, None),
            }
            for position, (code, label, months, since, reference) in enumerate(PERIODS)
        ],
    )
    op.create_table(
        "kept_file",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("kept_by_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("reason <> ''", name="kept_file_has_a_reason"),
        sa.CheckConstraint("until > kept_on", name="kept_file_until_a_later_day"),
        sa.ForeignKeyConstraint(
            ["kept_by_id"], ["person.id"], name="fk_kept_file_kept_by_id_person"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_kept_file_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_kept_file"),
    )
    op.create_index("ix_kept_file_person_id_until", "kept_file", ["person_id", "until"])
    op.create_table(
        "erasure",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("erased_by_id", sa.BigInteger(), nullable=True),
        sa.Column("erased_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "began_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("is_under_way", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("last_contact_on", sa.Date(), nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["erased_by_id"], ["person.id"], name="fk_erasure_erased_by_id_person"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_erasure_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
        sa.UniqueConstraint("person_id", name="erasure_once"),
    )
    op.create_index("ix_erasure_began_at", "erasure", ["began_at"])
    for statement in GUARDS:
        op.execute(statement)
    for table, trigger, events, function in LOCKS:
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE {events} ON {table} FOR EACH ROW "
            f"WHEN (person_being_erased() IS NULL) EXECUTE FUNCTION {function}()"
        )
    for table in LOCKED:
        op.execute(
            f"CREATE TRIGGER {table}_only_erase BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW WHEN (person_being_erased() IS NOT NULL) EXECUTE FUNCTION only_erase()"
        )
    for table, column in CLOSED_TO:
        op.execute(
            f"CREATE TRIGGER {table}_{column}_not_erased BEFORE INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('{column}')"
        )


def downgrade() -> None:
    for table, column in CLOSED_TO:
        op.execute(f"DROP TRIGGER {table}_{column}_not_erased ON {table}")
    for table in LOCKED:
        op.execute(f"DROP TRIGGER {table}_only_erase ON {table}")
    for table, trigger, events, function in LOCKS:
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE {events} ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION {function}()"
        )
    op.execute("DROP TRIGGER person_stays_erased ON person")
    op.drop_index("ix_erasure_began_at", table_name="erasure")
    op.drop_table("erasure")
    op.drop_index("ix_kept_file_person_id_until", table_name="kept_file")
    op.drop_table("kept_file")
    op.drop_table("retention_period")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("person", "erased_at")
