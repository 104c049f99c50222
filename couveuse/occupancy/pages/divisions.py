"""Splitting and merging plots on a day, while they are held."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy import actions, policy, queries
from couveuse.occupancy.pages.plots import names_of
from couveuse.occupancy.rules import kind_name
from couveuse.occupancy.spans import said
from couveuse.plots.actions import merge_plots, split_plot
from couveuse.plots.dividing import halves, whole_of
from couveuse.plots.models import Plot
from couveuse.plots.queries import get_plot
from couveuse.plots.split_forms import MAX_PARTS, MergeForm, SplitForm
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, is_number
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

NO_SUCH_PART = N_(
    "Le morceau %(number)s, coché pour la suite d'une occupation, n'est pas rempli. Remplissez sa "
    "ligne, ou cochez un autre morceau."
)
notices(
    {
        "plot_split": N_("La parcelle est divisée, ses occupations continuent."),
        "plots_merged": N_("Les parcelles sont réunies."),
    }
)


class DivisionPages(Controller):
    path = "/parcelles/{plot_id:int}"

    @get("/division", name="occupancy.divisions.new")
    async def new_split(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[str]:
        plot = await get_plot(db, me, plot_id)
        require(policy.can_divide(me, plot))
        return await show_split(request, db, plot, _proposed(plot))

    @post("/division", name="occupancy.divisions.create")
    async def split(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[Any]:
        plot = await get_plot(db, me, plot_id)
        require(policy.can_divide(me, plot))
        form = await bind(SplitForm, request)
        if form.is_valid:
            try:
                await _split(db, me, plot, form)
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(
                    request, "occupancy.plots.show", notice="plot_split", plot_id=plot_id
                )
        return await show_split(request, db, await get_plot(db, me, plot_id), form, status=422)

    @get("/fusion", name="occupancy.mergers.new")
    async def new_merger(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[str]:
        plot = await get_plot(db, me, plot_id)
        require(policy.can_divide(me, plot))
        return await show_merger(request, db, me, plot, blank(MergeForm))

    @post("/fusion", name="occupancy.mergers.create")
    async def merge(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[Any]:
        plot = await get_plot(db, me, plot_id)
        require(policy.can_divide(me, plot))
        form = await bind(MergeForm, request)
        if form.is_valid:
            others = await _others(db, me, plot, form.data.plot_ids)
            try:
                whole = await _merge(db, me, [plot, *others], form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(
                    request, "occupancy.plots.show", notice="plots_merged", plot_id=whole.id
                )
        plot = await get_plot(db, me, plot_id)
        return await show_merger(request, db, me, plot, form, status=422)


async def _split(db: AsyncSession, me: Actor, plot: Plot, form: Form[SplitForm]) -> None:
    """Make the parts; each claim goes on where it was ticked, or on all parts."""
    asked = form.data
    parts = asked.parts(whole_of(plot))

    async def make_parts() -> Sequence[Plot]:
        return await split_plot(db, me, plot, asked.happened_on, parts)

    goes_on = _ticked(form, {part.line: number for number, part in enumerate(parts)})
    await actions.divide_ground(db, me, plot, asked.happened_on, make_parts, goes_on)


def _proposed(plot: Plot) -> Form[SplitForm]:
    """Two halves that add up, to change as it suits."""
    values = {
        f"{name}_{number}": i18n.typed(share)
        for number, half in enumerate(halves(plot), start=1)
        for name, share in half.items()
    }
    return blank(SplitForm, **values)


def _ticked(form: Form[SplitForm], numbers: Mapping[int, int]) -> dict[int, set[int]]:
    """By claim, the parts where it goes on. ``numbers``: the part of each line filled in."""
    goes_on: dict[int, set[int]] = {}
    for name, lines in form.values.items():
        claim = name.removeprefix("claim_")
        if claim == name or not is_number(claim):
            continue
        chosen = [int(line) if is_number(line) else 0 for line in lines]
        if unknown := [line for line in chosen if line not in numbers]:
            raise Refused(Reason("no_such_part", NO_SUCH_PART, {"number": unknown[0]}))
        goes_on[int(claim)] = {numbers[line] for line in chosen}
    return goes_on


async def _merge(db: AsyncSession, me: Actor, plots: Sequence[Plot], asked: MergeForm) -> Plot:
    async def make_whole() -> Sequence[Plot]:
        return [await merge_plots(db, me, plots, asked.happened_on, asked.code, asked.name)]

    return await actions.join_ground(db, me, plots, asked.happened_on, make_whole)


async def _others(db: AsyncSession, me: Actor, plot: Plot, ids: Sequence[int]) -> list[Plot]:
    """The other plots, each of which the actor must be in charge of."""
    others = [await get_plot(db, me, one) for one in sorted(set(ids) - {plot.id})]
    for other in others:
        require(policy.can_divide(me, other))
    return others


async def show_split(
    request: Web, db: AsyncSession, plot: Plot, form: Form[SplitForm], *, status: int = 200
) -> Response[str]:
    used = max([2, *(n for n in range(1, MAX_PARTS + 1) if _is_used(form, n))])
    return page(
        request,
        "occupancy/divisions/split.html",
        status=status,
        plot=plot,
        form=form,
        whole=json.dumps(whole_of(plot)._asdict(), default=float),
        used=used,
        shown=min(MAX_PARTS, used + 1),
        claims=await queries.list_claims_from(db, [plot.id], clock.today()),
        names_of=names_of,
        said=said,
        kind_name=kind_name,
    )


def _is_used(form: Form[SplitForm], number: int) -> bool:
    return any(form.value(name) for name in form.values if name.endswith(f"_{number}"))


async def show_merger(
    request: Web,
    db: AsyncSession,
    me: Actor,
    plot: Plot,
    form: Form[MergeForm],
    *,
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "occupancy/divisions/merge.html",
        status=status,
        plot=plot,
        form=form,
        neighbours=await queries.list_neighbours(db, me, plot),
    )
