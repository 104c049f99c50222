"""Importing plots from a file of outlines: the plan beside the database, then carried out."""

import asyncio
import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, geo, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.geo.communes import find_commune
from couveuse.core.i18n import N_
from couveuse.core.plans import (
    Outcome,
    PlanChanged,
    RowsToCorrect,
    Summary,
    plan_lines,
    summary_of,
)
from couveuse.plots import describing
from couveuse.plots.actions.apart import lock_outlines
from couveuse.plots.actions.plots import write_parcels
from couveuse.plots.drafts import PlotObject, read_objects
from couveuse.plots.forms import ParcelShare
from couveuse.plots.known import Known, NewRight, NewSite, NewStructure
from couveuse.plots.models import Plot
from couveuse.plots.planning import PlannedPlot, PlotPlan, plan_objects
from couveuse.plots.queries import WHOLE
from couveuse.structures.actions import add_site, add_structure, record_land_right
from couveuse.structures.forms import NewLandRightForm, SiteForm, StructureForm
from couveuse.structures.models import LandRight, Site, Structure
from couveuse.structures.queries import list_land_forms

__all__ = ["PlotPlan", "apply_import", "plan_import", "plan_lines"]

journal.words(
    {
        "plot.imported": N_("a ajouté la parcelle en important « %(file)s »"),
        "plot.changed_by_import": N_("a modifié en important « %(file)s » : %(changes)s"),
    }
)

IMPORT_LOCK = 0x706C6F74
"""Two imports at once would make the same plots."""
COLUMNS = (
    *("name", "declared_m2", "covered_m2", "cultivable_m2", "soil", "water", "has_water"),
    *("insee_code", "conversion_on", "certifier", "notes"),
)


async def plan_import(db: AsyncSession, data: bytes, filename: str) -> PlotPlan:
    """What the file would do. Raises FileProblem when it cannot be read at all."""
    objects = await asyncio.to_thread(_read, data)
    return await _plan(db, objects, filename)


def _read(data: bytes) -> list[PlotObject]:
    return read_objects(geo.read_features(data))


async def _plan(db: AsyncSession, objects: list[PlotObject], filename: str) -> PlotPlan:
    return plan_objects(objects, await _known(db), filename)


async def _known(db: AsyncSession) -> Known:
    again = {"populate_existing": True}
    plots = await db.scalars(sa.select(Plot).options(*WHOLE).execution_options(**again))
    structures = await db.scalars(
        sa.select(Structure).order_by(Structure.id).execution_options(**again)
    )
    sites = await db.scalars(sa.select(Site).order_by(Site.id).execution_options(**again))
    rights = await db.scalars(sa.select(LandRight).order_by(LandRight.id))
    return Known(
        plots={plot.code.lower(): plot for plot in plots.unique()},
        structures=structures.all(),
        sites=sites.all(),
        rights=rights.all(),
        forms=await list_land_forms(db),
        today=clock.today(),
    )


# ---------------------------------------------------------------- carrying it out


@atomic
async def apply_import(
    db: AsyncSession, actor: Actor | None, plan: PlotPlan, *, only_good_rows: bool = False
) -> Summary:
    """Do what the plan says. Raises PlanChanged, with a new plan, when it would now do otherwise.

    While objects have problems nothing is written, unless only the good ones are asked for.
    """
    await db.execute(sa.select(sa.func.pg_advisory_xact_lock(IMPORT_LOCK)))
    await lock_outlines(db)
    await _hold(db, [row.plot.id for row in plan.plots if row.plot])
    fresh = await _plan(db, list(plan.objects), plan.filename)
    if fresh.digest != plan.digest:
        raise PlanChanged(fresh)
    if fresh.has_problems and not only_good_rows:
        raise RowsToCorrect
    await _Writer(db, actor, fresh).write()
    return summary_of(fresh)


async def _hold(db: AsyncSession, plot_ids: list[int]) -> None:
    """Nobody changes these plots until we are done."""
    held = sa.select(Plot.id).where(Plot.id.in_(plot_ids)).order_by(Plot.id)
    await db.execute(held.with_for_update(key_share=True))


class _Writer:
    """Carries out one plan: what the plots stand on first, then the plots."""

    def __init__(self, db: AsyncSession, actor: Actor | None, plan: PlotPlan) -> None:
        self.db, self.actor, self.plan = db, actor, plan
        self.structures: dict[NewStructure, Structure] = {}
        self.sites: dict[NewSite, Site] = {}
        self.rights: dict[NewRight, LandRight] = {}

    async def write(self) -> None:
        for new in self.plan.structures:
            form = StructureForm(name=new.name)
            self.structures[new] = await add_structure(self.db, self.actor, form)
        for site in self.plan.sites:
            self.sites[site] = await self._add_site(site)
        for right in self.plan.rights:
            self.rights[right] = await self._record(right)
        for row in self.plan.plots:
            if row.outcome in (Outcome.CREATE, Outcome.CHANGE):
                await self._write(row)

    async def _add_site(self, site: NewSite) -> Site:
        commune = find_commune(site.insee_code)
        form = SiteForm.model_validate(
            {
                "name": site.name,
                "kind": site.kind,
                "commune": commune.name if commune else None,
                "insee_code": site.insee_code,
            }
        )
        return await add_site(self.db, self.actor, self._structure(site.owner), form)

    async def _record(self, right: NewRight) -> LandRight:
        form = NewLandRightForm.model_validate(
            {
                "site_id": self._site(right.site).id,
                "form": right.form,
                "owner_name": right.owner,
                "starts_on": right.start,
                "ends_on": right.last_day,
            }
        )
        return await record_land_right(self.db, self.actor, self._structure(right.structure), form)

    async def _write(self, row: PlannedPlot) -> None:
        draft, plot = row.draft, row.plot
        assert draft is not None  # noqa: S101, a good row has one
        assert row.site is not None  # noqa: S101, and a site
        is_new = plot is None
        if plot is None:
            during: Range[dt.date] = Range(row.starts_on, None)
            plot = Plot(code=draft.code, during=during, site_id=self._site(row.site).id)
            plot.rights, plot.parcels = [], []
            self.db.add(plot)
        for name in COLUMNS:
            if (value := getattr(draft, name)) is not None:
                setattr(plot, name, value)
        plot.outline, plot.area_m2 = draft.outline, geo.area_m2(draft.outline)
        if draft.parcels is not None:
            known: Mapping[str, ParcelShare] = {
                one.reference: one for one in describing.shares_of(plot)
            }
            write_parcels(plot, [known.get(one, ParcelShare(one, None)) for one in draft.parcels])
        if row.right:
            right = self.rights[row.right] if isinstance(row.right, NewRight) else row.right
            plot.rights = list({one.id: one for one in (*plot.rights, right)}.values())
        await self.db.flush()  # the journal needs the id
        self._tell(row, plot, is_new=is_new)

    def _tell(self, row: PlannedPlot, plot: Plot, *, is_new: bool) -> None:
        file = self.plan.filename
        if is_new:
            journal.record(self.db, self.actor, "plot.imported", plot.id, file=file)
            return
        changes = [
            {"label": one.label, "before": one.was, "after": one.becomes} for one in row.changes
        ]
        journal.record(
            self.db, self.actor, "plot.changed_by_import", plot.id, file=file, changes=changes
        )

    def _structure(self, place: Structure | NewStructure) -> Structure:
        return self.structures[place] if isinstance(place, NewStructure) else place

    def _site(self, place: Site | NewSite) -> Site:
        return self.sites[place] if isinstance(place, NewSite) else place
