"""What a spreadsheet of items would create and change, beside what the database has already.

Pure: the rows as read, and the network as it is known, give the plan. A blank cell says nothing, so
it changes nothing; neither does a column that the file does not have.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from couveuse.core.columns import CellProblem
from couveuse.core.i18n import N_
from couveuse.core.plans import Outcome, Plan, plan_lines
from couveuse.equipment.importing.known import Known, Place, Places, name_key
from couveuse.equipment.importing.rows import PlannedItem, Reading, spellings_of
from couveuse.equipment.inventory import ItemRow

__all__ = [
    "ItemPlan",
    "Known",
    "Place",
    "Places",
    "PlannedItem",
    "Source",
    "name_key",
    "plan_lines",
    "plan_rows",
    "whole_plan",
    "with_problems",
]

UNKNOWN_COMPANION = N_(
    "« %(value)s » n'est ni dans une ligne correcte du fichier, ni dans le matériel enregistré. "
    "Ajoutez sa ligne, ou retirez ce code."
)
NEW_STRUCTURES = N_("Structures qui seront créées")
NEW_SITES = N_("Lieux qui seront créés")
NEW_QUALIFICATIONS = N_("Formations qui seront créées")


@dataclass(frozen=True, slots=True)
class Source:
    """What was read in the file, to plan again when the time has come to write."""

    rows: Sequence[ItemRow]
    titles: Mapping[str, str]
    """Under which title each field stands."""
    ignored: Sequence[str]
    filename: str


@dataclass(frozen=True, slots=True)
class ItemPlan(Plan):
    items: Sequence[PlannedItem]
    structures: Sequence[Place]
    sites: Sequence[Place]
    source: Source


def plan_rows(source: Source, known: Known) -> list[PlannedItem]:
    """Each row beside what is known, and beside the rows that it counts on."""
    spellings = spellings_of(source.rows)
    planned = [Reading(row, source.titles, known, spellings).planned() for row in source.rows]
    there = _there(planned, known)
    return [
        row if row.outcome == Outcome.PROBLEM else with_problems(row, _lost(row, there, source))
        for row in planned
    ]


def _there(planned: Sequence[PlannedItem], known: Known) -> set[str]:
    """Codes that the others may count on: known ones, and those of rows that lack no companion."""
    wanted = {
        row.code.lower(): [code.lower() for code in row.facts.get("companions", ())]
        for row in planned
        if row.outcome != Outcome.PROBLEM
    }
    wanted_by: dict[str, list[str]] = defaultdict(list)
    for code, companions in wanted.items():
        for companion in companions:
            wanted_by[companion].append(code)
    there = {*wanted, *known.items}
    lost = [
        code for companion, codes in wanted_by.items() if companion not in there for code in codes
    ]
    while lost:
        code = lost.pop()
        if code in there and code not in known.items:
            there.remove(code)
            lost += wanted_by[code]
    return there


def _lost(row: PlannedItem, there: set[str], source: Source) -> Iterable[CellProblem]:
    """Rows that go with an item that exists nowhere have a problem; so do those that need them."""
    for code in row.facts.get("companions", ()):
        if code.lower() not in there:
            title = source.titles["companions"]
            yield CellProblem(row.number, title, UNKNOWN_COMPANION, {"value": code})


def with_problems(row: PlannedItem, problems: Iterable[CellProblem]) -> PlannedItem:
    told = (*row.problems, *problems)
    return replace(row, problems=told, outcome=Outcome.PROBLEM) if told else row


def whole_plan(source: Source, planned: Sequence[PlannedItem], known: Known) -> ItemPlan:
    """The plan, with what the good rows need to be created beside them."""
    good = [row for row in planned if row.outcome in (Outcome.CREATE, Outcome.CHANGE)]
    sites = _new(row.site for row in good)
    structures = _new([*(row.structure for row in good), *(site.owner for site in sites)])
    named = (name for row in good for name in row.facts.get("requirements", ()))
    qualifications = {name: None for name in named if name_key(name) not in known.qualifications}
    return ItemPlan(
        rows=planned,
        besides=(
            (NEW_STRUCTURES, tuple(place.label for place in structures)),
            (NEW_SITES, tuple(_with_owner(place) for place in sites)),
            (NEW_QUALIFICATIONS, tuple(qualifications)),
        ),
        ignored=source.ignored,
        items=planned,
        structures=structures,
        sites=sites,
        source=source,
    )


def _new(places: Iterable[Place | None]) -> list[Place]:
    return list({place.label: place for place in places if place and not place.id}.values())


def _with_owner(site: Place) -> str:
    return f"{site.label} ({site.owner.label})" if site.owner else site.label
