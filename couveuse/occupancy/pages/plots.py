"""One plot: who holds it, until when, and everything that was."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from litestar import Controller, Response, get
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.occupancy import policy, queries
from couveuse.occupancy.claims import people_of
from couveuse.occupancy.models import PlotPeriod
from couveuse.occupancy.pages.choices import claim_choices, new_claim_form
from couveuse.occupancy.queries import Past
from couveuse.occupancy.rules import KINDS, kind_name, stage_name
from couveuse.occupancy.spans import (
    DAY,
    Run,
    Stage,
    as_runs,
    end_of,
    first_free_within,
    last_day_of,
    said,
    stage_of,
    start_of,
)
from couveuse.plots.models import Plot
from couveuse.plots.queries import get_plot
from couveuse.structures.models import SiteKind
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form
from couveuse.web.render import page


class PlotPages(Controller):
    path = "/parcelles/{plot_id:int}"

    @get(name="occupancy.plots.show")
    async def show(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[str]:
        plot = await get_plot(db, me, plot_id)
        return await show_plot(request, db, me, plot, new_claim_form())


async def show_plot(
    request: Web, db: AsyncSession, me: Actor, plot: Plot, form: Form[Any], *, status: int = 200
) -> Response[str]:
    """The plot's page with its claim form, empty or with the reasons of a refusal."""
    in_charge = policy.is_in_charge(me, plot)
    history = await queries.list_history(db, plot.id)
    sequels = await queries.list_sequels(db, plot.id)
    answer = answer_of(plot, history, sequels)
    now = answer["now"]
    people = await people_of(db, now.stay_id) if now else []
    return page(
        request,
        "occupancy/show.html",
        status=status,
        plot=plot,
        form=form,
        relatives=await queries.list_relatives(db, plot.id),
        lines=await journal.lines_about(db, "plot", plot.id, limit=15) if in_charge else [],
        policy=policy,
        said=said,
        kind_name=kind_name,
        stage_name=stage_name,
        sequels=sequels,
        kinds_all=KINDS,
        zone=clock.PARIS,
        today=clock.today(),
        holders=await queries.list_holders(db, me, people, now.kind, now.during) if now else [],
        **answer,
        **(await claim_choices(db, me) if policy.can_claim(me, plot) else {}),
    )


def answer_of(plot: Plot, history: list[Past], sequels: Collection[int]) -> dict[str, Any]:
    """Who holds it now, what comes, when it is free, and the runs of its history, latest first."""
    today = clock.today()
    runs = as_runs(history)
    here = [one.during for one in history if one.plot_id == plot.id]
    now = next((run for run in runs if _holds(run, plot.id, today)), None)
    is_promised = plot.site.kind == SiteKind.TEMPORARY
    usable = usable_days(plot)
    free_on = None if is_promised else first_free_within(usable, here, today)
    return {
        "is_promised": is_promised,
        "usable_last": last_day_of(max(usable, key=end_of)) if usable else today - DAY,
        "now": now,
        "coming": [run for run in runs if start_of(run.during) > today],
        "free_on": free_on,
        "runs": [(run, _stage(run, sequels, today)) for run in reversed(runs)],
    }


def usable_days(plot: Plot) -> list[Range[dt.date]]:
    """Its days in service, within the rights on its land where any is noted."""
    if not plot.rights:
        return [plot.during]
    common = (plot.during.intersection(right.during) for right in plot.rights)
    return [during for during in common if during and not during.isempty]


def _stage(run: Run, sequels: Collection[int], today: dt.date) -> Stage:
    last = run.claims[-1]
    return stage_of(run.during, last.planned_end_on, today, goes_on=last.id in sequels)


def _holds(run: Run, plot_id: int, today: Any) -> bool:
    mine = [claim for claim in run.claims if claim.plot_id == plot_id]
    return any(start_of(claim.during) <= today < end_of(claim.during) for claim in mine)


def names_of(period: PlotPeriod) -> str:
    return ", ".join(person.name for person in period.stay.people) if period.stay else ""
