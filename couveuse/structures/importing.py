"""Importing structures from a spreadsheet: what it would do, then doing it.

A structure is recognised by its name or its short name, whichever the file and the database share.
"""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.columns import CellProblem, ignored_titles, titles_of
from couveuse.core.db import atomic
from couveuse.core.i18n import N_
from couveuse.core.plans import (
    Outcome,
    Plan,
    PlanChanged,
    PlannedRow,
    RowsToCorrect,
    Summary,
    ToldChange,
    plan_lines,
    summary_of,
)
from couveuse.core.sheets import fold, read_sheet, shorten
from couveuse.structures.directory import (
    COLUMNS,
    KNOWN,
    StructureDraft,
    StructureRow,
    read_structures,
)
from couveuse.structures.forms import until
from couveuse.structures.models import Function, Structure, StructureFunction
from couveuse.structures.rules import function_name, functions_named

__all__ = ["StructurePlan", "apply_import", "plan_import", "plan_lines"]

TWO_STRUCTURES = N_(
    "« %(value)s » peut désigner plusieurs structures enregistrées : %(names)s. "
    "Écrivez le nom en entier."
)
SAME_STRUCTURE = N_("Cette structure est déjà celle de la ligne %(other)s. Gardez une seule ligne.")
JOINS_TOO_LATE = N_("La structure est partie le %(day)s : elle ne peut pas entrer après.")
NO_FUNCTION = N_(
    "« %(value)s » n'est pas une fonction. Écrivez couveuse, pépinière, accompagnement "
    "ou animation-coordination."
)
FUNCTIONS = N_("Fonctions")
UNPRINTABLE = N_("« %(value)s » contient un caractère qui ne s'écrit pas. Retapez cette case.")

LABELS: dict[str, str] = {
    "name": N_("Nom"),
    "short_name": N_("Sigle ou nom court"),
    "kind": N_("Type"),
    "commune": N_("Commune"),
    "insee_code": N_("Code INSEE"),
    "joined_on": N_("Membre depuis le"),
}
NOT_KEPT = ("network",)
"""Read, and not kept yet: the preview says so."""
IMPORT_LOCK = 0x636F7573


@dataclass(frozen=True, slots=True)
class Source:
    rows: Sequence[StructureRow]
    titles: Mapping[str, str]
    ignored: Sequence[str]
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStructure(PlannedRow):
    structure: Structure | None = None
    facts: Mapping[str, Any]
    functions: Sequence[Function] = ()
    """Those that nobody noted yet: held everywhere from the day of joining on."""


@dataclass(frozen=True, slots=True)
class StructurePlan(Plan):
    structures: Sequence[PlannedStructure]
    source: Source


async def plan_import(db: AsyncSession, data: bytes, filename: str) -> StructurePlan:
    """What the file would do. Raises SheetProblem when it cannot be read at all."""
    return await _plan(db, await asyncio.to_thread(_read, data, filename))


def _read(data: bytes, filename: str) -> Source:
    sheet = read_sheet(data, filename, KNOWN)
    titles = titles_of(sheet, COLUMNS)
    not_kept = [titles[name] for name in NOT_KEPT if titles[name] in sheet.header]
    ignored = (*not_kept, *ignored_titles(sheet, COLUMNS))
    return Source(tuple(read_structures(sheet)), titles, ignored, filename)


async def _plan(db: AsyncSession, source: Source) -> StructurePlan:
    statement = (
        sa.select(Structure).order_by(Structure.id).execution_options(populate_existing=True)
    )
    known = (await db.scalars(statement)).all()
    held = await _held(db)
    planned = _each_once([_planned(row, known, held, source.titles) for row in source.rows], source)
    return StructurePlan(
        rows=planned, besides=(), ignored=source.ignored, structures=planned, source=source
    )


async def _held(db: AsyncSession) -> dict[int, set[Function]]:
    """What was ever noted of each structure, wherever: a second import leaves it alone."""
    held: dict[int, set[Function]] = defaultdict(set)
    query = sa.select(StructureFunction.structure_id, StructureFunction.function)
    for structure_id, function in await db.execute(query):
        held[structure_id].add(Function(function))
    return held


def _planned(
    row: StructureRow,
    known: Iterable[Structure],
    held: Mapping[int, set[Function]],
    titles: Mapping[str, str],
) -> PlannedStructure:
    draft = row.draft
    if draft is None:
        return PlannedStructure(
            number=row.number,
            title="",
            outcome=Outcome.PROBLEM,
            problems=row.problems,
            notes=row.notes,
            facts={},
        )
    found = _same(draft, known)
    structure = found[0] if len(found) == 1 else None
    facts = {name: value for name in LABELS if (value := getattr(draft, name)) is not None}
    if structure and draft.kind and fold(structure.kind or "") == fold(draft.kind):
        del facts["kind"]  # in other letters it is no other kind
    noted = held.get(structure.id, set[Function]()) if structure else set[Function]()
    functions = [one for one in functions_named(draft.functions)[0] if one not in noted]
    changes = (*_changes(facts, structure), *_function_changes(noted, functions))
    problems = tuple(_problems(row.number, draft, found, titles))
    return PlannedStructure(
        number=row.number,
        title=draft.short_name or draft.name,
        outcome=_outcome(structure, changes, problems),
        changes=changes,
        problems=problems,
        notes=row.notes,
        structure=structure,
        facts=facts,
        functions=functions,
    )


def _outcome(
    structure: Structure | None, changes: Sequence[ToldChange], problems: Sequence[CellProblem]
) -> Outcome:
    if problems:
        return Outcome.PROBLEM
    if structure is None:
        return Outcome.CREATE
    return Outcome.CHANGE if changes else Outcome.SAME


def _same(draft: StructureDraft, known: Iterable[Structure]) -> list[Structure]:
    """Those that the row may mean: of its very name first, else sharing any name."""
    known = list(known)
    of_the_name = [one for one in known if one.name.lower() == draft.name.lower()]
    names = _keys(draft.name, draft.short_name)
    return of_the_name or [one for one in known if names & _keys(one.name, one.short_name)]


def _keys(*names: str | None) -> set[str]:
    return {fold(name) or name.lower() for name in names if name}


def _changes(facts: Mapping[str, Any], structure: Structure | None) -> tuple[ToldChange, ...]:
    return tuple(
        ToldChange(LABELS[name], _said(getattr(structure, name, None)), _said(value))
        for name, value in facts.items()
        if structure is None or getattr(structure, name) != value
    )


def _function_changes(
    noted: Collection[Function], new: Collection[Function]
) -> Iterator[ToldChange]:
    if new:
        was = ", ".join(function_name(one) for one in Function if one in noted)
        becomes = ", ".join(function_name(one) for one in Function if one in {*noted, *new})
        yield ToldChange(FUNCTIONS, was or "–", becomes)


def _said(value: Any) -> str:
    if value is None:
        return "–"
    return i18n.day(value) if isinstance(value, dt.date) else str(value)


def _problems(
    number: int, draft: StructureDraft, found: Sequence[Structure], titles: Mapping[str, str]
) -> Iterable[CellProblem]:
    if len(found) > 1:
        values = {"value": draft.name, "names": ", ".join(one.name for one in found)}
        yield CellProblem(number, titles["name"], TWO_STRUCTURES, values)
    for one in found:
        if draft.joined_on and one.left_on and draft.joined_on > one.left_on:
            yield CellProblem(number, titles["joined_on"], JOINS_TOO_LATE, {"day": one.left_on})
    for word in functions_named(draft.functions)[1]:
        yield CellProblem(number, titles["functions"], NO_FUNCTION, {"value": shorten(word)})
    for name in ("name", "short_name"):
        value: str = getattr(draft, name) or ""
        if not value.isprintable():
            yield CellProblem(number, titles[name], UNPRINTABLE, {"value": value})


def _each_once(planned: Iterable[PlannedStructure], source: Source) -> list[PlannedStructure]:
    """Two rows that mean the same structure would undo each other."""
    first: dict[int, int] = {}
    checked: list[PlannedStructure] = []
    for row in planned:
        other = first.setdefault(row.structure.id, row.number) if row.structure else row.number
        if other != row.number:
            values = {"other": other}
            problem = CellProblem(row.number, source.titles["name"], SAME_STRUCTURE, values)
            row = replace(row, outcome=Outcome.PROBLEM, problems=(*row.problems, problem))  # noqa: PLW2901
        checked.append(row)
    return checked


@atomic
async def apply_import(
    db: AsyncSession, actor: Actor | None, plan: StructurePlan, *, only_good_rows: bool = False
) -> Summary:
    """Do what the plan says. Raises PlanChanged when it would now do otherwise."""
    await db.execute(sa.select(sa.func.pg_advisory_xact_lock(IMPORT_LOCK)))
    fresh = await _plan(db, plan.source)
    if fresh.digest != plan.digest:
        raise PlanChanged(fresh)
    if fresh.has_problems and not only_good_rows:
        raise RowsToCorrect
    for row in fresh.structures:
        if row.outcome in (Outcome.CREATE, Outcome.CHANGE):
            await _write(db, actor, row, plan.source.filename)
    return summary_of(fresh)


async def _write(
    db: AsyncSession, actor: Actor | None, row: PlannedStructure, filename: str
) -> None:
    structure = row.structure or Structure()
    for name, value in row.facts.items():
        setattr(structure, name, value)
    db.add(structure)
    await db.flush()  # the journal needs the id
    since = structure.joined_on or clock.today()
    for function in row.functions:
        held = StructureFunction(
            structure_id=structure.id, function=function, during=until(since, None)
        )
        db.add(held)
    if row.structure is None:
        journal.record(db, actor, "structure.imported", structure.id, file=filename)
        return
    changes = [{"label": one.label, "before": one.was, "after": one.becomes} for one in row.changes]
    journal.record(
        db, actor, "structure.changed_by_import", structure.id, file=filename, changes=changes
    )
