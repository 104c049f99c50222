"""What an import would do, row by row: made and shown before anything is written."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from couveuse.core.columns import CellProblem
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_, gettext, translated


class Outcome(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    SAME = "same"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A field, as a marked sentence, with what it was and becomes in words."""

    label: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    number: int
    title: str
    """What the row is about; empty when it could not be read."""
    outcome: Outcome
    changes: tuple[ToldChange, ...] = ()
    problems: tuple[CellProblem, ...] = ()
    notes: tuple[CellProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    rows: Sequence[PlannedRow]
    besides: Sequence[tuple[str, Sequence[str]]]
    """What else will be made: of which kind, as a marked sentence, and the names."""
    ignored: Sequence[str]
    """Titles of columns that are not read."""

    @property
    def row_word(self) -> str:
        """What a row is called in the file, as a marked sentence."""
        return _ROW

    def of(self, outcome: str) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome == outcome]

    @property
    def has_problems(self) -> bool:
        return any(row.outcome == Outcome.PROBLEM for row in self.rows)

    @property
    def does_something(self) -> bool:
        return any(row.outcome in (Outcome.CREATE, Outcome.CHANGE) for row in self.rows)

    @property
    def is_done(self) -> bool:
        """Nothing to do and nothing wrong: the file says what is so already."""
        return not self.does_something and not self.has_problems

    @property
    def digest(self) -> str:
        """Tells whether a plan made later, of the same file, would do the same."""
        rows = [
            (row.number, row.title, str(row.outcome), row.changes, [str(p) for p in row.problems])
            for row in self.rows
        ]
        told = repr((rows, self.besides, self.ignored))
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did."""

    created: int
    changed: int
    unchanged: int
    left_out: int

    def __str__(self) -> str:
        return translated(_COUNTS, _values(self.created, self.changed, self.unchanged)) + (
            " " + translated(_LEFT_OUT, {"n": self.left_out}) if self.left_out else ""
        )


_COUNTS = N_("Créés : %(created)s. Changés : %(changed)s. Déjà à jour : %(unchanged)s.")
_LEFT_OUT = N_("Lignes laissées de côté : %(n)s.")
_IGNORED = N_("colonne non reprise : %(title)s")
_ROW = N_("ligne %(number)s")
NOTHING_TO_DO = N_("Rien à changer : tout est déjà à jour.")
OUTCOMES: dict[str, str] = {
    Outcome.CREATE: N_("à créer"),
    Outcome.CHANGE: N_("à changer"),
    Outcome.SAME: N_("déjà à jour"),
    Outcome.PROBLEM: N_("à corriger"),
}


def _values(created: int, changed: int, unchanged: int) -> dict[str, int]:
    return {"created": created, "changed": changed, "unchanged": unchanged}


class PlanChanged(Conflict):
    """The database changed since the preview: here is what the same file would do now."""

    def __init__(self, plan: Plan) -> None:
        sentence = N_(
            "Les données ont changé depuis cet aperçu, rien n'est enregistré. "
            "Relisez le nouvel aperçu, puis confirmez."
        )
        super().__init__(Reason("plan_changed", sentence))
        self.plan = plan


class RowsToCorrect(Refused):
    def __init__(self) -> None:
        sentence = N_(
            "Des lignes sont à corriger : rien n'est enregistré. Corrigez le fichier, "
            "ou demandez à n'importer que les lignes correctes."
        )
        super().__init__(Reason("rows_to_correct", sentence))


def summary_of(plan: Plan) -> Summary:
    return Summary(
        created=len(plan.of(Outcome.CREATE)),
        changed=len(plan.of(Outcome.CHANGE)),
        unchanged=len(plan.of(Outcome.SAME)),
        left_out=len(plan.of(Outcome.PROBLEM)),
    )


def plan_lines(plan: Plan) -> list[str]:
    """The plan as lines of text, for a terminal."""
    return [*_rows(plan), *_totals(plan)]


def _rows(plan: Plan) -> Iterator[str]:
    for row in plan.rows:
        if row.outcome == Outcome.SAME and not row.notes:
            continue
        where = translated(plan.row_word, {"number": row.number})
        yield " · ".join(filter(None, (where, row.title, gettext(OUTCOMES[row.outcome]))))
        for change in row.changes:
            yield "    " + _change(change, row.outcome)
        for problem in (*row.problems, *row.notes):
            yield f"    {problem}"


def _change(change: ToldChange, outcome: Outcome) -> str:
    told = change.becomes if outcome == Outcome.CREATE else f"{change.was} → {change.becomes}"
    return f"{gettext(change.label)} : {told}"


def _totals(plan: Plan) -> Iterator[str]:
    for kind, names in plan.besides:
        if names:
            yield f"{gettext(kind)} : {', '.join(names)}"
    for title in plan.ignored:
        yield translated(_IGNORED, {"title": title})
    yield ", ".join(f"{gettext(word)} : {len(plan.of(key))}" for key, word in OUTCOMES.items())
    if plan.is_done:
        yield gettext(NOTHING_TO_DO)
