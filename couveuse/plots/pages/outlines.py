"""Drawing a plot: on the map, from a file, by its dimensions, or as text without JavaScript."""

import asyncio
from typing import Any

from litestar import Controller, Response, get, post

from couveuse.core import geo
from couveuse.core.errors import Reason, Refused
from couveuse.core.geo import Checked, FileProblem, Outline
from couveuse.core.i18n import N_, gettext
from couveuse.plots import actions, describing
from couveuse.plots.forms import DimensionsForm, OutlineForm
from couveuse.plots.models import Plot
from couveuse.plots.pages.plots import own_plot
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, uploaded
from couveuse.web.render import notices, page, see_other

notices(
    {
        "plot_drawn": N_("Le contour est enregistré."),
        "plot_erased": N_("Le contour est effacé."),
    }
)

NOTHING_DRAWN = N_("Il n'y a pas de contour : dessinez-le, choisissez un fichier ou collez-le.")


class OutlinePages(Controller):
    path = "/parcelles/{plot_id:int}/trace"

    @get(name="plots.outlines.edit")
    async def edit(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[str]:
        plot = await own_plot(db, me, plot_id)
        return _page(request, plot)

    @post(name="plots.outlines.update")
    async def update(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[Any]:
        plot = await own_plot(db, me, plot_id)
        form = await bind(OutlineForm, request)
        if form.is_valid:
            try:
                outline = await _sent_outline(request, form.data)
                await actions.redraw_plot(db, me, plot, outline, form.data.seen)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, plot_id, "plot_drawn")
        return _page(request, await own_plot(db, me, plot_id), form=form, status=422)

    @post("/dimensions", name="plots.outlines.measure")
    async def measure(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[Any]:
        """A rectangle, where one has a tape and no map."""
        plot = await own_plot(db, me, plot_id)
        form = await bind(DimensionsForm, request)
        if form.is_valid:
            try:
                outline = _checked(geo.check_outline(_rectangle(form.data)))
                await actions.redraw_plot(db, me, plot, outline, form.data.seen)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, plot_id, "plot_drawn")
        plot = await own_plot(db, me, plot_id)
        return _page(request, plot, dimensions=form, status=422)

    @post("/effacement", name="plots.outlines.erase")
    async def erase(self, request: Web, db: Db, me: Me, plot_id: RowId) -> Response[None]:
        plot = await own_plot(db, me, plot_id)
        await actions.redraw_plot(db, me, plot, None)
        return _to(request, plot_id, "plot_erased")


async def _sent_outline(request: Web, data: OutlineForm) -> Outline:
    """From the file when one was chosen, else from the text. Raises Refused, with each problem."""
    sent = await uploaded(request, "file")
    field = "file" if sent else "outline"
    content = await sent.read() if sent else (data.outline or "").encode()
    if not content.strip():
        raise Refused(Reason("nothing_drawn", NOTHING_DRAWN, field="outline"))
    try:
        checked = await asyncio.to_thread(geo.read_outline, content)
    except FileProblem as problem:
        raise Refused(Reason("file", problem.message, problem.values, field=field)) from None
    return _checked(checked, field)


def _checked(checked: Checked, field: str | None = None) -> Outline:
    if checked.outline is None:
        raise Refused(
            *(Reason(one.code, one.message, one.values, field) for one in checked.problems)
        )
    return checked.outline


def _rectangle(data: DimensionsForm) -> Outline:
    return geo.rectangle(
        (float(data.longitude), float(data.latitude)),
        float(data.length_m),
        float(data.width_m),
        float(data.bearing),
        centred=data.place == "centre",
    )


def _page(
    request: Web,
    plot: Plot,
    *,
    form: Form[OutlineForm] | None = None,
    dimensions: Form[DimensionsForm] | None = None,
    status: int = 200,
) -> Response[str]:
    """Each try begins from the plot as it stands: what was typed is kept, what was seen is not."""
    seen = describing.digest_of(plot)
    form = form or blank(OutlineForm, outline=geo.geojson_text(plot.outline))
    dimensions = dimensions or blank(DimensionsForm, place="corner", bearing=0)
    form.values["seen"] = dimensions.values["seen"] = [seen]
    return page(
        request,
        "plots/outline.html",
        status=status,
        plot=plot,
        form=form,
        dimensions=dimensions,
        places=[("corner", gettext(N_("un coin"))), ("centre", gettext(N_("le milieu")))],
    )


def _to(request: Web, plot_id: int, notice: str) -> Response[None]:
    return see_other(request, "occupancy.plots.show", notice=notice, plot_id=plot_id)
