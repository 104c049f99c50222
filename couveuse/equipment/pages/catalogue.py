"""Adding items, changing them, taking them out of service and back."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.clock import Week, zone_named
from couveuse.core.db import ends
from couveuse.core.errors import Conflict, Refused
from couveuse.core.files import FileStore, store_photo
from couveuse.core.i18n import N_
from couveuse.equipment import actions, catalogue, consequences, describing, policy, queries
from couveuse.equipment.consequences import NAMED_AT_MOST
from couveuse.equipment.item_forms import ItemForm, RetirementForm
from couveuse.equipment.models import TARIFF_UNITS, Booking, Item
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank, uploaded
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "item_created": N_("Le matériel est ajouté."),
        "item_retired": N_("Le matériel est retiré du service."),
        "item_returned": N_("Le matériel est remis en service."),
    }
)


class NewItemPages(Controller):
    path = "/materiel"

    @get("/nouveau", name="equipment.items.new")
    async def new(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_add_item(me))
        return await _new_page(request, db, me, _empty_form(me))

    @post(name="equipment.items.create")
    async def create(self, request: Web, db: Db, me: Me, files: Files) -> Response[Any]:
        require(policy.can_add_item(me))
        form = await bind(ItemForm, request)
        photo = await _sent_photo(request, db, files, form)
        if form.is_valid:
            try:
                item = await actions.add_item(db, me, form.data, photo)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, item.id, "item_created")
        return await _new_page(request, db, me, form, status=422)


class RetiredItemPages(Controller):
    path = "/materiel/retires"

    @get(name="equipment.retired_items.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_see_items(me))
        items = await queries.list_retired_items(db, me)
        return page(request, "equipment/items/retired.html", items=items)


class UnattendedItemPages(Controller):
    path = "/materiel/sans-personne-en-charge"

    @get(name="equipment.unattended_items.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_put_in_charge(me))
        items = await queries.list_unattended_items(db)
        return page(request, "equipment/items/unattended.html", items=items)


class ItemCarePages(Controller):
    path = "/materiel/{item_id:int}"

    @get("/modification", name="equipment.items.edit")
    async def edit(self, request: Web, db: Db, me: Me, item_id: RowId) -> Response[str]:
        item = await _own_item(db, me, item_id)
        return await _edit_page(request, db, me, item, blank(ItemForm, **describing.typed(item)))

    @post(name="equipment.items.update")
    async def update(
        self, request: Web, db: Db, me: Me, files: Files, item_id: RowId
    ) -> Response[Any]:
        item = await _own_item(db, me, item_id)
        form = await bind(ItemForm, request)
        photo = await _sent_photo(request, db, files, form)
        if form.is_valid:
            try:
                await actions.edit_item(db, me, item, form.data, photo)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, item_id, "saved")
        fresh = await catalogue.read_again(db, item)
        form.values["seen"] = [describing.digest_of(describing.facts_of(fresh))]
        return await _edit_page(request, db, me, fresh, form, status=422)

    @post("/retrait", name="equipment.retirements.create")
    async def retire(self, request: Web, db: Db, me: Me, item_id: RowId) -> Response[Any]:
        item = await _own_item(db, me, item_id)
        asked = await bind(RetirementForm, request)
        if asked.is_valid:
            try:
                await actions.retire_item(db, me, item, asked.data)
            except Conflict:
                raise
            except Refused as refused:
                asked.refuse(refused)
            else:
                return _to(request, item_id, "item_retired")
        form = blank(ItemForm, **describing.typed(item))
        return await _edit_page(request, db, me, item, form, retirement=asked, status=422)

    @post("/remise-en-service", name="equipment.returns.create")
    async def put_back(self, request: Web, db: Db, me: Me, item_id: RowId) -> Response[Any]:
        item = await queries.get_item(db, me, item_id)
        require(policy.can_edit_item(me, item))
        await actions.return_item(db, me, item)
        return _to(request, item_id, "item_returned")


async def _own_item(db: AsyncSession, me: Actor, item_id: int) -> Item:
    """The whole item, when the actor may change it."""
    item = await queries.get_item_to_edit(db, me, item_id)
    require(policy.can_edit_item(me, item))
    return item


def _empty_form(me: Actor) -> Form[ItemForm]:
    """The usual values, in one's own structure."""
    usual = {
        name: describing.typed_value(name, info.get_default())
        for name, info in ItemForm.model_fields.items()
        if not info.is_required()
    }
    own = sorted(one for one in me.structure_ids if policy.can_add_item_for(me, one))
    return blank(ItemForm, **usual, structure_id=own[0] if own else None)


async def _sent_photo(
    request: Web, db: AsyncSession, files: FileStore, form: Form[ItemForm]
) -> str | None:
    upload = await uploaded(request, "photo")
    if upload is None:
        return None
    try:
        return await store_photo(db, files, await upload.read())
    except Refused as refused:
        form.refuse(refused)
        return None


async def _new_page(
    request: Web, db: AsyncSession, me: Actor, form: Form[ItemForm], status: int = 200
) -> Response[str]:
    context = await _options(db, me, None)
    return page(request, "equipment/items/new.html", status=status, form=form, **context)


async def _edit_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    item: Item,
    form: Form[ItemForm],
    *,
    retirement: Form[RetirementForm] | None = None,
    status: int = 200,
) -> Response[str]:
    coming = await consequences.list_bookings_to_come(db, item)
    return page(
        request,
        "equipment/items/edit.html",
        status=status,
        form=form,
        retirement=retirement or blank(RetirementForm),
        coming=coming,
        named=NAMED_AT_MOST,
        later=_week_of(item, coming[NAMED_AT_MOST]) if coming[NAMED_AT_MOST:] else None,
        dependents=await catalogue.list_dependents(db, item),
        **await _options(db, me, item),
    )


def _week_of(item: Item, booking: Booking) -> Week:
    start, _ = ends(booking.during)
    return Week.of(start.astimezone(zone_named(item.site.time_zone)).date())


async def _options(db: AsyncSession, me: Actor, item: Item | None) -> dict[str, Any]:
    choices = await catalogue.list_choices(db, me, item)
    return {
        "item": item,
        "choices": choices,
        "qualifications": [(name, name) for name in choices.qualifications],
        "audiences": describing.options(describing.AUDIENCES),
        "tariff_units": describing.options(TARIFF_UNITS),
        "weekdays": describing.options(describing.WEEKDAYS),
    }


def _to(request: Web, item_id: int, notice: str) -> Response[None]:
    return see_other(request, "equipment.items.show", notice=notice, item_id=item_id)
