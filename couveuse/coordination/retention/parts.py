"""What an erasure empties, removes and leaves, table by table; an export reads the same list.

Rows that figures count stay, without words, names and files. What has to stay set for them (a
signed document, a signature, a reason) is put out of sight: a dash for words, a number that names
no file for files.
"""

# ruff: noqa: S608, the statements are made of our own words
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from couveuse.core.db import Base
from couveuse.core.i18n import N_

LISTS = {"photos", "steps", "options"}
"""JSON columns that hold a list; the others hold what is said by code."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one table that are about a person (``:person``), and what happens to them."""

    table: str
    mine: str
    label: str
    empties: tuple[str, ...] = ()
    """Words that go."""
    marks: tuple[str, ...] = ()
    """Words that go, where something has to stand."""
    files: tuple[str, ...] = ()
    """Columns that name stored files; in JSON under the key ``file``."""
    removes: bool = False
    """The whole row goes: no figure counts it."""
    shown: bool = True
    """The person gets it with her own data."""
    hides: tuple[str, ...] = ()
    """Columns that nobody reads, hashes of keys above all."""

    @property
    def columns(self) -> sa.ColumnCollection[str, sa.Column[object]]:
        return Base.metadata.tables[self.table].c

    def values(self) -> Iterator[tuple[str, str]]:
        """What each column becomes, as SQL."""
        for name in self.empties:
            yield name, _nothing(self.columns[name])
        for name in self.marks:
            yield name, f"CASE WHEN {name} IS NULL THEN NULL ELSE '—' END"
        for name in self.files:
            if isinstance(self.columns[name].type, JSONB):
                yield name, "'[]'"
            else:
                yield name, f"CASE WHEN {name} IS NULL THEN NULL ELSE lpad(id::text, 64, '0') END"

    def erase(self) -> sa.TextClause:
        if self.removes:
            return sa.text(f"DELETE FROM {self.table} WHERE {self.mine}")
        values = ", ".join(f"{name} = {value}" for name, value in self.values())
        return sa.text(f"UPDATE {self.table} SET {values} WHERE {self.mine}")

    def count(self) -> str:
        return f"SELECT '{self.table}', count(*) FROM {self.table} WHERE {self.mine}"

    def names_of_files(self) -> Iterator[str]:
        for name in self.files:
            if isinstance(self.columns[name].type, JSONB):
                yield (
                    f"SELECT photo ->> 'file' FROM {self.table}, "
                    f"jsonb_array_elements({name}) AS photo WHERE {self.mine}"
                )
            else:
                yield f"SELECT {name} FROM {self.table} WHERE {self.mine}"


def _nothing(column: sa.Column[object]) -> str:
    if column.nullable:
        return "NULL"
    if isinstance(column.type, JSONB):
        return "'[]'" if column.name in LISTS else "'{}'"
    return "'{}'" if isinstance(column.type, ARRAY) else "'—'"


HERS = "person_id = :person"
PATHS = "path_id IN (SELECT id FROM path WHERE person_id = :person)"
APPLICATIONS = f"application_id IN (SELECT id FROM application WHERE {PATHS})"
CASES = f"case_id IN (SELECT id FROM committee_case WHERE {APPLICATIONS})"
AGREEMENTS = "agreement_id IN (SELECT id FROM agreement WHERE person_id = :person)"
EXITS = "exit_id IN (SELECT id FROM test_exit WHERE person_id = :person)"
VISITS = "visit_id IN (SELECT id FROM visit WHERE person_id = :person)"
REPORTS = f"report_id IN (SELECT id FROM report WHERE {VISITS})"
NOBODY_ELSE = """NOT EXISTS (
    SELECT FROM {table} AS other JOIN person ON person.id = other.person_id
    WHERE other.{key} = {of}.{own} AND other.person_id <> :person AND person.erased_at IS NULL
)"""
ALONE = NOBODY_ELSE.format(table="stay_person", key="stay_id", of="stay", own="id")
ALONE_THERE = NOBODY_ELSE.format(
    table="stay_person", key="stay_id", of="plot_period", own="stay_id"
)
LAST_ON_SHEET = NOBODY_ELSE.format(
    table="attendance", key="slot_id", of="attendance_scan", own="slot_id"
)
SLOTS = "slot_id IN (SELECT slot_id FROM attendance WHERE person_id = :person)"
ADDRESS = "(SELECT lower(email) FROM person WHERE id = :person)"

SIGN_IN = N_("connexions et liens personnels")
PATH = N_("parcours, accueil et orientations")
SELECTION = N_("candidatures et comités")
AGREEMENT = N_("conventions et leurs papiers")
AFTER = N_("fin de test et suivi après")
MEANS = N_("réservations, séjours et cahier de culture personnel")
FOLLOW_UP = N_("visites, comptes rendus et actions convenues")
GRIDS = N_("grilles d'autoévaluation")
COMMITTEES = N_("comités de suivi")
WORKSHOPS = N_("feuilles d'émargement des ateliers")
FIGURES = N_("chiffres du test")
PAPERS = N_("papiers")
MAILS = N_("courriers reçus du logiciel")
READINGS = N_("lectures du dossier")
DECISIONS = N_("décisions de garder le dossier")
MEMBERSHIPS = N_("appartenances")

PARTS = (
    Part("session", HERS, SIGN_IN, removes=True, hides=("token_hash",)),
    Part("mailed_link", HERS, SIGN_IN, removes=True, shown=False),
    Part("light_access", HERS, SIGN_IN, removes=True, hides=("token_hash",)),
    Part("sent_form", "author_id = :person", SIGN_IN, removes=True, shown=False),
    Part("membership", HERS, MEMBERSHIPS),
    Part("path", HERS, PATH, empties=("project", "next_step")),
    Part("path_step", PATHS, PATH, empties=("note",)),
    Part(
        "welcome",
        PATHS,
        PATH,
        empties=("commune", "origin", "prescriber", "needs", "wishes"),
        hides=("once", "once_digest"),
    ),
    Part("introduction", PATHS, PATH, removes=True, hides=("once",)),
    Part("referral", PATHS, PATH, empties=("note", "answer"), hides=("once", "once_digest")),
    Part(
        "application",
        PATHS,
        SELECTION,
        empties=("to_test", "place", "machines", "sales", "budget", "means_year_one"),
    ),
    Part("application_piece", APPLICATIONS, SELECTION, files=("document",)),
    Part("committee_case", APPLICATIONS, SELECTION, marks=("reasons", "conditions")),
    Part("case_juror", CASES, SELECTION, empties=("conflict", "levels", "comment")),
    Part(
        "agreement",
        HERS,
        AGREEMENT,
        empties=("contents", "contents_ready_at"),
        marks=("end_reason",),
        hides=("once", "once_digest"),
    ),
    Part(
        "agreement_period",
        HERS,
        AGREEMENT,
        files=("document",),
        hides=("once", "once_digest"),
    ),
    Part("agreement_document", AGREEMENTS, AGREEMENT, files=("sha256",)),
    Part(
        "agreement_amendment", AGREEMENTS, AGREEMENT, empties=("title", "text"), files=("document",)
    ),
    Part(
        "agreement_signature",
        f"document_id IN (SELECT id FROM agreement_document WHERE {AGREEMENTS})",
        AGREEMENT,
        empties=("typed_name",),
        files=("sha256",),
    ),
    Part("agreement_piece", AGREEMENTS, AGREEMENT, files=("document",)),
    Part("agreement_suspension", AGREEMENTS, AGREEMENT, empties=("note",)),
    Part(
        "shared_expense",
        AGREEMENTS,
        AGREEMENT,
        empties=("label", "note"),
        marks=("settlement_note",),
        hides=("once", "once_digest"),
    ),
    Part("legal_notice", AGREEMENTS, AGREEMENT, marks=("reference",), files=("document",)),
    Part("test_exit", HERS, AFTER, empties=("reasons", "insee_code", "legal_form")),
    Part("after_contact", EXITS, AFTER, empties=("insee_code", "comment")),
    Part(
        "after_link",
        f"contact_id IN (SELECT id FROM after_contact WHERE {EXITS})",
        AFTER,
        removes=True,
        shown=False,
    ),
    Part(
        "booking",
        HERS,
        MEANS,
        empties=("purpose", "reason", "override_reason"),
        hides=("once", "once_digest"),
    ),
    Part(
        "stay",
        f"id IN (SELECT stay_id FROM stay_person WHERE person_id = :person) AND {ALONE}",
        MEANS,
        empties=("notes",),
    ),
    Part(
        "plot_period",
        f"stay_id IN (SELECT stay_id FROM stay_person WHERE person_id = :person) AND {ALONE_THERE}",
        MEANS,
        empties=("reason", "end_reason"),
        hides=("once", "once_digest"),
    ),
    Part(
        "land_event",
        "created_by_id = :person AND is_personal",
        MEANS,
        files=("document",),
        removes=True,
    ),
    Part("visit", HERS, FOLLOW_UP, empties=("reason",)),
    Part("visit_proposal", HERS, FOLLOW_UP, empties=("words",)),
    Part(
        "report_note",
        REPORTS,
        FOLLOW_UP,
        empties=("text",),
    ),
    Part("report_signature", REPORTS, FOLLOW_UP, empties=("name",), files=("scan",)),
    Part("agreed_step", HERS, FOLLOW_UP, empties=("what",)),
    Part(
        "report",
        VISITS,
        FOLLOW_UP,
        empties=("seen", "said", "advice", "mood", "committee_text"),
        marks=("signed_text",),
        files=("scan", "photos"),
    ),
    Part(
        "assessment_answers",
        "assessment_id IN (SELECT id FROM assessment WHERE person_id = :person)",
        GRIDS,
        empties=("said",),
    ),
    Part("assessment", HERS, GRIDS, empties=("talk",)),
    Part(
        "progress_addition",
        "review_id IN (SELECT id FROM progress_review WHERE person_id = :person)",
        COMMITTEES,
        empties=("text",),
    ),
    Part(
        "progress_signature",
        "review_id IN (SELECT id FROM progress_review WHERE person_id = :person)",
        COMMITTEES,
        empties=("name",),
        files=("scan",),
    ),
    Part(
        "progress_review",
        HERS,
        COMMITTEES,
        empties=("said", "steps"),
        marks=("minutes", "reasons", "conditions", "signed_text"),
    ),
    Part("attendance", HERS, WORKSHOPS),
    Part("attendance_signature", HERS, WORKSHOPS, empties=("name",)),
    Part("attendance_note", HERS, WORKSHOPS, empties=("text",)),
    Part(
        "attendance_scan",
        f"{SLOTS} AND {LAST_ON_SHEET}",
        WORKSHOPS,
        files=("sha256",),
        shown=False,
    ),
    Part("workshop_trainer", HERS, WORKSHOPS, empties=("name",)),
    Part("figure_amount", HERS, FIGURES, removes=True),
    Part("planned_amount", HERS, FIGURES, removes=True),
    Part("figure_month", HERS, FIGURES, removes=True),
    Part("figure_heading", HERS, FIGURES, removes=True),
    Part("figure_share", HERS, FIGURES, removes=True),
    Part("figure_reminder", HERS, FIGURES, removes=True, shown=False),
    Part("paper", HERS, PAPERS, files=("document",), removes=True),
    Part("outgoing_mail", f"lower(recipient) = {ADDRESS}", MAILS, removes=True, hides=("key",)),
    Part("file_reading", HERS, READINGS, removes=True),
    Part("kept_file", HERS, DECISIONS, removes=True),
)

FILE_COLUMNS = (
    ("item", "photo"),
    ("land_right", "document"),
    ("paper", "document"),
    ("agreement_period", "document"),
    ("agreement_amendment", "document"),
    ("agreement_document", "sha256"),
    ("agreement_signature", "sha256"),
    ("agreement_piece", "document"),
    ("application_piece", "document"),
    ("legal_notice", "document"),
    ("report", "scan"),
    ("report", "photos"),
    ("report_signature", "scan"),
    ("progress_signature", "scan"),
    ("attendance_scan", "sha256"),
    ("condition_report", "photos"),
    ("condition_version", "photos"),
    ("land_event", "document"),
)
"""Every column that may name a stored file: one that none names any more is deleted."""

JOURNALS = {
    "person": "SELECT CAST(:person AS bigint)",
    "path": f"SELECT id FROM path WHERE {HERS}",
    "introduction": f"SELECT id FROM introduction WHERE {PATHS}",
    "agreement": f"SELECT id FROM agreement WHERE {HERS}",
    "booking": f"SELECT id FROM booking WHERE {HERS}",
    "visit": f"SELECT id FROM visit WHERE {HERS}",
    "proposal": f"SELECT id FROM visit_proposal WHERE {HERS}",
    "step": f"SELECT id FROM agreed_step WHERE {HERS}",
    "assessment": f"SELECT id FROM assessment WHERE {HERS}",
    "review": f"SELECT id FROM progress_review WHERE {HERS}",
    "figure_heading": f"SELECT id FROM figure_heading WHERE {HERS}",
    "figure_month": f"SELECT id FROM figure_month WHERE {HERS}",
    "figure_share": f"SELECT id FROM figure_share WHERE {HERS}",
}
"""Whose journal is about her: by kind of record, the ids."""


def words_of(table: sa.Table) -> list[sa.Column[object]]:
    """Columns in which somebody's name may stand."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, sa.Text | JSONB) and not column.foreign_keys
    ]
