"""Finding free ground for a project."""

from typing import Any

from litestar import Controller, Response, get
from pydantic import ValidationError

from couveuse.core import clock
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.occupancy import policy, queries
from couveuse.occupancy.forms import SearchForm
from couveuse.occupancy.search import Window, fits
from couveuse.occupancy.spans import DAY
from couveuse.plots.organic import Stage
from couveuse.web.deps import Db, Me, Web
from couveuse.web.forms import Form
from couveuse.web.guards import require
from couveuse.web.render import page

STAGE_WANTED = {"conversion": Stage.C1, "certifiable": Stage.ORGANIC}
UNREADABLE = N_("Une des réponses est illisible. Corrigez la surface ou les dates.")


class SearchPages(Controller):
    path = "/parcelles/libres"

    @get(name="occupancy.search")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_see_season(me))
        form = read_form(request)
        found: list[Any] = []
        if form.is_valid:
            asked = form.data
            start = asked.debut or clock.today()
            wanted = Window(start, asked.fin + DAY if asked.fin else None)
            candidates = await queries.list_candidates(db, me, asked, start)
            found = fits(candidates, wanted, STAGE_WANTED.get(asked.bio or ""))
        return page(
            request,
            "occupancy/search.html",
            status=200 if form.is_valid else 422,
            form=form,
            fits=found,
            sites=await queries.list_sites_with_plots(db, me),
            policy=policy,
        )


def read_form(request: Web) -> Form[SearchForm]:
    """The question in the address; nothing asked for means every plot."""
    sent = {
        name: [text.strip() for text in request.query_params.getall(name, []) if text.strip()]
        for name in SearchForm.model_fields
    }
    form = Form(SearchForm, {name: texts for name, texts in sent.items() if texts})
    try:
        form.checked = SearchForm.model_validate({k: v[0] for k, v in form.values.items()})
    except ValidationError:
        form.refuse(Refused(Reason("unreadable", UNREADABLE)))
        return form
    asked = form.checked
    if asked.fin and asked.fin < (asked.debut or clock.today()):
        sentence = N_("Le dernier jour vient avant le premier. Corrigez une des deux dates.")
        form.refuse(Refused(Reason("end_before_start", sentence)))
    return form
