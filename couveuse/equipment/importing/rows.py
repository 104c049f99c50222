"""One row of the file beside what is known: what it would create, what it would change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from couveuse.core.changes import Change
from couveuse.core.columns import CellProblem
from couveuse.core.i18n import N_
from couveuse.core.plans import Outcome, PlannedRow, ToldChange
from couveuse.equipment.describing import LABELS, SAME_PERSON, WORDING, Facts, facts_of
from couveuse.equipment.importing.known import Known, Place, Places, name_key
from couveuse.equipment.inventory import MIN_OVER_MAX, ItemDraft, ItemRow
from couveuse.equipment.models import Item
from couveuse.people.models import Person

NO_SITE = N_("On ne sait pas où est ce matériel : remplissez cette case.")
NO_OWNER = N_("On ne sait pas à qui est ce matériel : remplissez cette case.")
TWO_PLACES = N_("« %(value)s » peut désigner : %(names)s. Écrivez le nom en entier.")
CLOSED_PLACE = N_(
    "« %(value)s » est fermé, ou a quitté le réseau. Choisissez-en un autre, ou rouvrez-le d'abord."
)
NOBODY = N_(
    "Aucun membre du réseau n'a pour nom ou pour adresse « %(value)s ». Écrivez l'adresse e-mail "
    "d'un membre, ou laissez cette case vide."
)
TWO_PEOPLE = N_("« %(value)s » peut désigner plusieurs personnes. Écrivez l'adresse e-mail.")
UNPRINTABLE = N_("« %(value)s » contient un caractère qui ne s'écrit pas. Retapez cette case.")
STAYS_RETIRED = N_("Ce matériel est retiré du service, et le reste.")
USUAL_CATEGORY = N_("divers")

DIRECT = (
    *("name", "category", "serial_number", "meter", "meter_unit", "tariff", "tariff_unit"),
    *("deposit", "min_minutes", "max_minutes", "notice_minutes", "needs_approval"),
    *("needs_agreement", "check_done_on", "check_months", "return_rule", "notes", "capacity"),
)
"""Fields of a draft that are columns of an item as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedItem(PlannedRow):
    code: str = ""
    item: Item | None = None
    """None for a new one."""
    facts: Facts
    """What the row says, completed for a new item with what is usual."""
    site: Place | None = None
    structure: Place | None = None
    manager: Place | None = None
    deputy: Place | None = None


@dataclass(frozen=True, slots=True)
class Spellings:
    """Names that the file uses, as it writes each of them first."""

    structures: Mapping[str, str]
    sites: Mapping[str, str]
    qualifications: Mapping[str, str]
    owners: Mapping[str, str]
    """The structure named first with each site: it runs the site when that is new."""


def spellings_of(rows: Sequence[ItemRow]) -> Spellings:
    drafts = [row.draft for row in rows if row.draft]
    return Spellings(
        structures=_first(one.structure_name for one in drafts),
        sites=_first(one.site_name for one in drafts),
        qualifications=_first(name for one in drafts for name in one.qualifications),
        owners={
            name_key(one.site_name): one.structure_name
            for one in reversed(drafts)
            if one.site_name and one.structure_name
        },
    )


def _first(names: Iterable[str | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        if name:
            found.setdefault(name_key(name), name)
    return found


@dataclass(slots=True)
class Reading:
    """A row being read: each question that has no answer adds a problem."""

    row: ItemRow
    titles: Mapping[str, str]
    known: Known
    spellings: Spellings
    problems: list[CellProblem] = field(default_factory=list[CellProblem])

    def planned(self) -> PlannedItem:
        if self.row.draft is None:
            return PlannedItem(
                number=self.row.number,
                title="",
                outcome=Outcome.PROBLEM,
                problems=self.row.problems,
                notes=self.row.notes,
                facts={},
            )
        return self._beside(self.row.draft, self.known.items.get(self.row.draft.code.lower()))

    def _beside(self, draft: ItemDraft, item: Item | None) -> PlannedItem:
        structure = self._structure(draft.structure_name, item)
        site = self._site(draft.site_name, item, structure)
        structure = structure or (site.owner if site and item is None else None)
        if structure is None and item is None and not self.problems:
            self._add("structure_name", NO_OWNER)
        manager = self._person(draft.manager, "manager", item.manager if item else None)
        deputy = self._person(draft.deputy, "deputy", item.deputy if item else None)
        self._check_deputy(manager, deputy, item)
        named = {"site": site, "structure": structure, "manager": manager, "deputy": deputy}
        facts = self._facts(draft) | {name: one.label for name, one in named.items() if one}
        facts = facts if item else _usual(facts)
        self._check_lengths(facts, item)
        changes = _changes(facts, item)
        return PlannedItem(
            number=self.row.number,
            title=f"{draft.code} {draft.name}",
            outcome=self._outcome(item, changes),
            changes=tuple(_told(change) for change in changes),
            problems=tuple(self.problems),
            notes=(*self.row.notes, *self._remarks(item)),
            code=item.code if item else draft.code,
            item=item,
            facts=facts,
            site=site,
            structure=structure,
            manager=manager,
            deputy=deputy,
        )

    def _outcome(self, item: Item | None, changes: Sequence[Change]) -> Outcome:
        if self.problems:
            return Outcome.PROBLEM
        if item is None:
            return Outcome.CREATE
        return Outcome.CHANGE if changes else Outcome.SAME

    def _structure(self, name: str | None, item: Item | None) -> Place | None:
        if name is None:
            return None
        return self._place(
            self.known.structures,
            self.spellings.structures,
            name,
            "structure_name",
            present=item.structure_id if item else None,
        )

    def _site(self, name: str | None, item: Item | None, structure: Place | None) -> Place | None:
        if name is None:
            if item is None:
                self._add("site_name", NO_SITE)
            return None
        site = self._place(
            self.known.sites,
            self.spellings.sites,
            name,
            "site_name",
            present=item.site_id if item else None,
        )
        if site is None or site.id:
            return site
        owner = self._owner_of(name, item, structure)
        return replace(site, owner=owner) if owner else None

    def _owner_of(self, site_name: str, item: Item | None, structure: Place | None) -> Place | None:
        """Who runs a new site: the structure that the file names first with it."""
        if named := self.spellings.owners.get(name_key(site_name)):
            return self._structure(named, item)
        if structure or item is None:
            return structure
        return Place(item.structure_id, item.structure.label)

    def _place(
        self,
        places: Places,
        spellings: Mapping[str, str],
        name: str,
        column: str,
        *,
        present: int | None,
    ) -> Place | None:
        found = places.named(name)
        usable = [one for one in found if one.id == present] or [
            one for one in found if one.is_open
        ]
        if len(usable) == 1:
            return usable[0]
        if usable:
            names = ", ".join(one.label for one in usable)
            self._add(column, TWO_PLACES, value=name, names=names)
        elif found:
            self._add(column, CLOSED_PLACE, value=name)
        elif not name.isprintable():
            self._add(column, UNPRINTABLE, value=name)
        else:
            return Place(None, spellings.get(name_key(name), name))
        return None

    def _person(self, name: str | None, column: str, present: Person | None) -> Place | None:
        """Somebody who may be put in charge: a member, or who is in charge already."""
        if name is None:
            return None
        found = self.known.people.named(name)
        if present and any(one.id == present.id for one in found):
            return Place(present.id, present.name)
        usable = [one for one in found if one.is_open]
        if len(usable) == 1:
            (one,) = usable
            namesake = present is not None and one.label == present.name
            return replace(one, label=f"{one.label} ({name})") if namesake else one
        self._add(column, TWO_PEOPLE if usable else NOBODY, value=name)
        return None

    def _check_deputy(self, manager: Place | None, deputy: Place | None, item: Item | None) -> None:
        """Nobody stands in for themself, whoever of the two the item has already."""
        in_charge = manager.id if manager else item and item.manager_id
        stands_in = deputy.id if deputy else item and item.deputy_id
        if (manager or deputy) and in_charge is not None and in_charge == stands_in:
            self._add("deputy" if deputy else "manager", SAME_PERSON)

    def _facts(self, draft: ItemDraft) -> Facts:
        """What the row says, in the spelling that is known already."""
        facts: Facts = {name: getattr(draft, name) for name in DIRECT}
        facts = {name: value for name, value in facts.items() if value is not None}
        if draft.companions:
            facts["companions"] = tuple(self._code(code) for code in draft.companions)
        if draft.qualifications:
            facts["requirements"] = self._qualifications(draft.qualifications)
        return facts

    def _code(self, code: str) -> str:
        item = self.known.items.get(code.lower())
        return item.code if item else code

    def _qualifications(self, names: Sequence[str]) -> tuple[str, ...]:
        spelled = {**self.spellings.qualifications, **self.known.qualifications}
        return _sorted(spelled[key] for key in {name_key(name) for name in names})

    def _check_lengths(self, facts: Facts, item: Item | None) -> None:
        """The lengths of the row beside those that the item has already."""
        names = ("min_minutes", "max_minutes")
        shortest, longest = (facts.get(name, getattr(item, name, None)) for name in names)
        if shortest is not None and longest is not None and shortest > longest:
            self._add("max_minutes" if "max_minutes" in facts else "min_minutes", MIN_OVER_MAX)

    def _remarks(self, item: Item | None) -> Iterable[CellProblem]:
        if item and item.retired_on:
            yield CellProblem(self.row.number, self.titles["code"], STAYS_RETIRED)

    def _add(self, column: str, message: str, **values: Any) -> None:
        problem = CellProblem(self.row.number, self.titles[column], message, values)
        if problem not in self.problems:
            self.problems.append(problem)


def _usual(said: Facts) -> Facts:
    """A new item: what the file says, and what is usual for the rest."""
    shortest = said.get("min_minutes", min(30, said.get("max_minutes", 30)))
    usual: Facts = {
        "category": USUAL_CATEGORY,
        "min_minutes": shortest,
        "max_minutes": max(1440, shortest),
        "slot_minutes": max(5, min(30, shortest)),
    }
    return usual | said


def _changes(facts: Facts, item: Item | None) -> list[Change]:
    if item is None:
        return [WORDING.change(name, None, facts[name]) for name in LABELS if name in facts]
    before = facts_of(item)
    before["requirements"] = _sorted(before["requirements"])
    return WORDING.between(before, facts)


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=name_key))


def _told(change: Change) -> ToldChange:
    return ToldChange(change.label, change.was, change.becomes)
