"""What a file of outlines would create and change, beside what the database has already. Pure.

The same file a second time changes nothing: a plot is known by its code, a right by its site,
structure, form and last day.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.dialects.postgresql import Range

from couveuse.core import geo, i18n
from couveuse.core.columns import CellProblem
from couveuse.core.i18n import N_, gettext, translated
from couveuse.core.plans import Outcome, Plan, PlannedRow, ToldChange
from couveuse.plots import describing
from couveuse.plots.drafts import GAP, GAP_SHARE, ObjectProblem, PlotDraft, PlotObject
from couveuse.plots.known import Known, NewRight, NewSite, NewStructure, Places, label_of
from couveuse.plots.models import Plot
from couveuse.plots.sharing import Drawn, shared_ground
from couveuse.structures.models import LandForm, LandRight, Site, SiteKind, Structure
from couveuse.structures.rules import land_right_problems

NO_OWNER = N_(
    "ce lieu est nouveau, et on ne sait pas à qui il est. Ajoutez une propriété « structure »."
)
TWO_PLACES = N_("« %(value)s » peut désigner : %(names)s. Écrivez le nom en entier.")
CLOSED = N_("« %(value)s » est fermé, ou a quitté le réseau. Rouvrez-le d'abord.")
OTHER_SITE = N_("la parcelle %(code)s est déjà sur un autre site : %(site)s. Corrigez le lieu.")
ENDED = N_("la parcelle %(code)s n'est plus en service depuis le %(day)s. Donnez un autre code.")
UNKNOWN_FORM = N_("cette forme de droit n'est pas en vigueur à cette date.")
PARTS_BEYOND = N_("la surface couverte ou cultivable dépasse celle de la parcelle. Corrigez-la.")
NO_RIGHT = N_(
    "aucun droit sur la terre ne couvre cette parcelle : rien n'empêche un séjour d'y dépasser "
    "celui de la structure. Cochez-le ensuite dans « Modifier »."
)
RIGHT_STARTS = N_("début du droit non dit : le %(day)s est retenu.")

SHARED_GROUND = N_(
    "recouvre %(area)s m² de %(code)s, en service aux mêmes dates. Corrigez l'un des deux contours."
)
NEW_STRUCTURES = N_("Structures qui seront créées")
NEW_SITES = N_("Lieux qui seront créés")
NEW_RIGHTS = N_("Droits sur la terre qui seront notés")
OBJECT = N_("objet %(number)s")
OUTLINE = N_("Contour")
RIGHT = N_("Droit sur la terre")
SITE = N_("Lieu")
FIELDS = (
    *("code", "name", "declared_m2", "covered_m2", "cultivable_m2", "soil", "water", "has_water"),
    *("insee_code", "parcels", "conversion_on", "certifier", "notes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPlot(PlannedRow):
    draft: PlotDraft | None = None
    plot: Plot | None = None
    site: Site | NewSite | None = None
    structure: Structure | NewStructure | None = None
    right: LandRight | NewRight | None = None
    starts_on: dt.date | None = None
    """For a new plot."""


@dataclass(frozen=True, slots=True)
class PlotPlan(Plan):
    plots: Sequence[PlannedPlot]
    structures: Sequence[NewStructure]
    sites: Sequence[NewSite]
    rights: Sequence[NewRight]
    objects: Sequence[PlotObject]
    filename: str

    @property
    def row_word(self) -> str:
        return OBJECT


def plan_objects(objects: Sequence[PlotObject], known: Known, filename: str) -> PlotPlan:
    places = Places(known)
    places.read([one.draft for one in objects if one.draft])
    planned = _one_right_for_all([_Planner(one, known, places).planned() for one in objects])
    planned = _apart(planned, known)
    good = [row for row in planned if row.outcome in (Outcome.CREATE, Outcome.CHANGE)]
    sites = list(_each(row.site for row in good if isinstance(row.site, NewSite)))
    rights = list(_each(row.right for row in good if isinstance(row.right, NewRight)))
    owners = [*(site.owner for site in sites), *(right.structure for right in rights)]
    structures = list(_each(one for one in owners if isinstance(one, NewStructure)))
    return PlotPlan(
        rows=planned,
        besides=(
            (NEW_STRUCTURES, tuple(one.name for one in structures)),
            (NEW_SITES, tuple(_told_site(one) for one in sites)),
            (NEW_RIGHTS, tuple(_told_right(one, known.forms) for one in rights)),
        ),
        ignored=tuple(dict.fromkeys(name for one in objects for name in one.unknown)),
        plots=planned,
        structures=structures,
        sites=sites,
        rights=rights,
        objects=objects,
        filename=filename,
    )


def _each(things: Iterable[Any]) -> Iterable[Any]:
    """Each once; those that differ by nothing that we would write are one."""
    return dict.fromkeys(things)


def _one_right_for_all(planned: Sequence[PlannedPlot]) -> list[PlannedPlot]:
    """One right covers the plots that say the same of it, from the earliest day that one says."""
    first: dict[Any, NewRight] = {}
    for row in planned:
        if isinstance(right := row.right, NewRight):
            known = first.get(right.key)
            if known is None or right.start < known.start:
                first[right.key] = right
    return [
        replace(row, right=first[row.right.key]) if isinstance(row.right, NewRight) else row
        for row in planned
    ]


def _told_site(site: NewSite) -> str:
    told = f"{site.name} ({label_of(site.owner)})"
    return f"{told}, {gettext(N_('temporaire'))}" if site.kind == SiteKind.TEMPORARY else told


def _told_right(right: NewRight, forms: Sequence[LandForm]) -> str:
    words = _right_words(right.form, right.last_day, forms)
    return f"{words} ({label_of(right.structure)}, {label_of(right.site)})"


def _right_words(form: str, last_day: dt.date | None, forms: Sequence[LandForm]) -> str:
    name = next((gettext(one.label) for one in forms if one.code == form), form)
    if last_day is None:
        return name
    values = {"form": name, "day": i18n.day(last_day)}
    return translated(N_("%(form)s jusqu'au %(day)s"), values)


def _apart(planned: Sequence[PlannedPlot], known: Known) -> Sequence[PlannedPlot]:
    """With a problem where a new outline would take ground of a plot, or of an object before it.

    The ground of a plot is free only when its own object is written: each object refused here
    leaves its plot where it was, and the others are looked at again.
    """
    redrawn = {row.plot.id for row in planned if row.plot and _draws(row)}
    drawn = [
        Drawn(plot.code, plot.outline, plot.during)
        for plot in known.plots.values()
        if plot.outline and plot.id not in redrawn
    ]
    told = [_with_ground(row, drawn) for row in planned]
    refused = sum(map(_draws, told)) < sum(map(_draws, planned))
    return _apart(told, known) if refused else told


def _draws(row: PlannedPlot) -> bool:
    """Whether the row will be written with an outline that is new to its plot."""
    if row.draft is None or row.outcome not in (Outcome.CREATE, Outcome.CHANGE):
        return False
    return row.plot is None or row.plot.outline != row.draft.outline


def _with_ground(row: PlannedPlot, drawn: list[Drawn]) -> PlannedPlot:
    """The row, its problem with the outlines ``drawn`` so far told; its own comes to them."""
    if row.draft is None or not _draws(row):
        return row
    during = row.plot.during if row.plot else Range(row.starts_on, None)
    own = Drawn(row.draft.code, row.draft.outline, during)
    found = shared_ground(own, drawn)
    drawn.append(own)
    if not found:
        return row
    wrong = (ObjectProblem(row.number, "contour", SHARED_GROUND, one._asdict()) for one in found)
    return replace(row, outcome=Outcome.PROBLEM, problems=(*row.problems, *wrong))


# ---------------------------------------------------------------- one object


@dataclass(slots=True)
class _Planner:
    object: PlotObject
    known: Known
    places: Places
    problems: list[CellProblem] = field(default_factory=list[CellProblem])
    notes: list[CellProblem] = field(default_factory=list[CellProblem])

    def planned(self) -> PlannedPlot:
        about, draft = self.object, self.object.draft
        self.problems, self.notes = list(about.problems), list(about.notes)
        if draft is None:
            return PlannedPlot(
                number=about.number,
                title=about.title,
                outcome=Outcome.PROBLEM,
                problems=about.problems,
                notes=about.notes,
            )
        plot = self.known.plots.get(draft.code.lower())
        structure = self._structure(draft)
        site = self._site(draft)
        starts_on = draft.first_day or self.known.today.replace(month=1, day=1)
        self._check(draft, plot, site)
        right = self._right(draft, site, structure, plot, starts_on)
        changes = self._changes(draft, plot, site, right, starts_on)
        return PlannedPlot(
            number=about.number,
            title=f"{draft.code} · {draft.name}" if draft.name else draft.code,
            outcome=self._outcome(plot, changes),
            changes=changes,
            problems=tuple(self.problems),
            notes=tuple(self.notes),
            draft=draft,
            plot=plot,
            site=site,
            structure=structure,
            right=right,
            starts_on=starts_on,
        )

    def _outcome(self, plot: Plot | None, changes: Sequence[ToldChange]) -> Outcome:
        if self.problems:
            return Outcome.PROBLEM
        if plot is None:
            return Outcome.CREATE
        return Outcome.CHANGE if changes else Outcome.SAME

    def _wrong(self, name: str, message: str, **values: Any) -> None:
        self.problems.append(ObjectProblem(self.object.number, name, message, values))

    def _structure(self, draft: PlotDraft) -> Structure | NewStructure | None:
        name = draft.structure_name
        found = self.places.structures_named(name) if name else []
        if len(found) > 1:
            names = ", ".join(one.name for one in found)
            self._wrong("structure", TWO_PLACES, value=name, names=names)
        if found and not found[0].is_member:
            self._wrong("structure", CLOSED, value=name)
        return self.places.structure_of(draft)

    def _site(self, draft: PlotDraft) -> Site | NewSite | None:
        found = self.places.sites_named(draft.site_name)
        if len(found) > 1:
            names = ", ".join(one.name for one in found)
            self._wrong("lieu", TWO_PLACES, value=draft.site_name, names=names)
        if found and not found[0].is_open:
            self._wrong("lieu", CLOSED, value=draft.site_name)
        site = found[0] if found else self.places.new_site(draft.site_name)
        if site is None:
            self._wrong("lieu", NO_OWNER)
        return site

    def _check(self, draft: PlotDraft, plot: Plot | None, site: Site | NewSite | None) -> None:
        if plot and site and (isinstance(site, NewSite) or plot.site_id != site.id):
            self._wrong("lieu", OTHER_SITE, code=plot.code, site=plot.site.name)
        if plot and plot.during.upper and plot.during.upper <= self.known.today:
            self._wrong("code", ENDED, code=plot.code, day=plot.during.upper)
        area = geo.area_m2(draft.outline)
        size = draft.declared_m2 or (plot and plot.declared_m2) or area
        if max(draft.covered_m2 or 0, draft.cultivable_m2 or 0) > size:
            self._wrong("surface", PARTS_BEYOND)
        if draft.declared_m2 and abs(area - draft.declared_m2) > draft.declared_m2 * GAP_SHARE:
            values = {"area": area, "declared": draft.declared_m2}
            self.notes.append(ObjectProblem(self.object.number, "surface", GAP, values))

    def _right(
        self,
        draft: PlotDraft,
        site: Site | NewSite | None,
        structure: Structure | NewStructure | None,
        plot: Plot | None,
        starts_on: dt.date,
    ) -> LandRight | NewRight | None:
        said = draft.right
        if said is None or site is None:
            return self._unsaid_right(site, plot, starts_on)
        holder = structure or self._owner_of(site)
        for right in self.known.rights:
            same_place = isinstance(site, Site) and right.site_id == site.id
            same_holder = isinstance(holder, Structure) and right.structure_id == holder.id
            same_terms = (right.form, right.last_day) == (said.form, said.last_day)
            if same_place and same_holder and same_terms:
                return right
        first = plot.during.lower if plot and plot.during.lower else starts_on
        start = said.start or min(first, said.last_day or first)
        if said.start is None:
            note = ObjectProblem(self.object.number, "droit", RIGHT_STARTS, {"day": start})
            self.notes.append(note)
        self._check_law(said.form, start, said.last_day)
        return NewRight(site, holder, said.form, said.owner, start, said.last_day)

    def _unsaid_right(
        self, site: Site | NewSite | None, plot: Plot | None, starts_on: dt.date
    ) -> LandRight | None:
        """What covers a new plot when there is no choice; a plot left without is told."""
        key = site.id if isinstance(site, Site) else None
        here = [one for one in self.known.rights if one.site_id == key and starts_on in one.during]
        if plot is None and len(here) == 1:
            return here[0]
        if plot is None or not plot.rights:
            self.notes.append(ObjectProblem(self.object.number, "droit", NO_RIGHT, {}))
        return None

    def _owner_of(self, site: Site | NewSite) -> Structure | NewStructure:
        if isinstance(site, NewSite):
            return site.owner
        return next(one for one in self.known.structures if one.id == site.structure_id)

    def _check_law(self, form: str, start: dt.date, last_day: dt.date | None) -> None:
        forms = (one for one in self.known.forms if one.code == form and start in one.in_force)
        law = next(forms, None)
        if law is None:
            self._wrong("droit", UNKNOWN_FORM)
            return
        for reason in land_right_problems(law, start, last_day, 0, None):
            self._wrong("droit", reason.message, **reason.values)

    def _changes(
        self,
        draft: PlotDraft,
        plot: Plot | None,
        site: Site | NewSite | None,
        right: LandRight | NewRight | None,
        starts_on: dt.date,
    ) -> tuple[ToldChange, ...]:
        """In the words of the screens; for a new plot, all that it will be."""
        wanted = {name: value for name in FIELDS if (value := getattr(draft, name)) is not None}
        before = describing.facts_of(plot) if plot else dict.fromkeys(FIELDS)
        if plot:
            before["parcels"] = tuple(one.reference for one in describing.shares_of(plot))
            wanted["code"] = plot.code
        else:
            before, wanted = before | {"starts_on": None}, wanted | {"starts_on": starts_on}
        told = [
            ToldChange(one.label, one.was, one.becomes)
            for one in describing.WORDING.between(before, wanted)
        ]
        if site and plot is None:
            told.insert(2, ToldChange(SITE, "–", label_of(site)))
        if plot is None or plot.outline != draft.outline:
            was = f"{i18n.number(plot.area_m2)} m²" if plot and plot.area_m2 else "–"
            becomes = f"{i18n.number(geo.area_m2(draft.outline))} m²"
            told.append(ToldChange(OUTLINE, was, becomes))
        ties = {one.id for one in plot.rights} if plot else set[int]()
        if right and (isinstance(right, NewRight) or right.id not in ties):
            words = _right_words(right.form, right.last_day, self.known.forms)
            told.append(ToldChange(RIGHT, "–", words))
        return tuple(told)
