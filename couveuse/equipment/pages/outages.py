"""Making an item unavailable for a time, and giving it back."""

from typing import Any

from litestar import Controller, Response, get, post

from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.equipment import actions, policy, queries
from couveuse.equipment.forms import OutageForm
from couveuse.equipment.pages.choices import first_outage_form
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import bind
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "item_blocked": N_("Le matériel est indisponible sur cette période."),
        "item_unblocked": N_("Le matériel est de nouveau disponible."),
    }
)


class OutagePages(Controller):
    path = ""

    @get("/materiel/{item_id:int}/indisponibilites/nouvelle", name="equipment.outages.new")
    async def new(self, request: Web, db: Db, me: Me, item_id: RowId) -> Response[str]:
        item = await queries.get_item(db, me, item_id)
        require(policy.can_block(me, item))
        return page(request, "equipment/outages/new.html", item=item, form=first_outage_form(item))

    @post("/materiel/{item_id:int}/indisponibilites", name="equipment.outages.create")
    async def create(self, request: Web, db: Db, me: Me, item_id: RowId) -> Response[Any]:
        item = await queries.get_item(db, me, item_id)
        require(policy.can_block(me, item))
        form = await bind(OutageForm, request)
        if form.is_valid:
            try:
                await actions.block_item(db, me, item, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(
                    request, "equipment.items.show", notice="item_blocked", item_id=item.id
                )
        return page(request, "equipment/outages/new.html", status=422, item=item, form=form)

    @post("/indisponibilites/{outage_id:int}/fin", name="equipment.outage_ends.create")
    async def lift(self, request: Web, db: Db, me: Me, outage_id: RowId) -> Response[Any]:
        outage = await queries.get_outage(db, me, outage_id)
        require(policy.is_in_charge(me, outage.item))
        await actions.lift_outage(db, me, outage)
        return see_other(
            request, "equipment.items.show", notice="item_unblocked", item_id=outage.item_id
        )
