"""The passport of a plot: what happened to its land, whoever was there."""

import re
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.i18n import N_, gettext
from couveuse.plots import actions, describing, policy, queries
from couveuse.plots.forms import LandEventForm
from couveuse.plots.models import LandEvent, LandEventKind, Plot
from couveuse.plots.rotation import FAMILIES, rotation_of
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.documents import sent_document
from couveuse.web.forms import Form, bind, blank, filled
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "land_event_added": N_("C'est écrit dans le carnet de la parcelle."),
        "land_event_removed": N_("La ligne est retirée du carnet."),
    }
)


class PassportPages(Controller):
    path = "/parcelles/{plot_id:int}/carnet"

    @get(name="plots.passport.show")
    async def show(
        self, request: Web, db: Db, me: Me, plot_id: RowId, nature: FromQuery[str | None] = None
    ) -> Response[str]:
        plot = await queries.get_plot(db, me, plot_id)
        form = blank(LandEventForm, kind=LandEventKind.CROP, happened_on=clock.today())
        return await _passport(request, db, me, plot, form, kind=nature)

    @post(name="plots.passport.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, plot_id: RowId
    ) -> Response[Any]:
        plot = await queries.get_plot(db, me, plot_id)
        require(policy.can_add_land_event(me, plot, holds_it=await holds(db, me, plot)))
        form = await bind(LandEventForm, request)
        document = await sent_document(request, db, files, form)
        if form.is_valid:
            try:
                await actions.add_land_event(db, me, plot, form.data, document)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, plot_id, "land_event_added")
        return await _passport(request, db, me, plot, form, status=422)


class LandEventPages(Controller):
    path = "/carnet/{event_id:int}"

    @get("/modification", name="plots.land_events.edit")
    async def edit(self, request: Web, db: Db, me: Me, event_id: RowId) -> Response[str]:
        plot, event = await _own_event(db, me, event_id)
        return _edit_page(request, plot, event, filled(LandEventForm, event))

    @post(name="plots.land_events.update")
    async def update(
        self, request: Web, db: Db, me: Me, files: Files, event_id: RowId
    ) -> Response[Any]:
        plot, event = await _own_event(db, me, event_id)
        form = await bind(LandEventForm, request)
        document = await sent_document(request, db, files, form)
        if form.is_valid:
            try:
                await actions.edit_land_event(db, me, plot, event, form.data, document)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, plot.id, "saved")
        return _edit_page(request, plot, event, form, status=422)

    @post("/retrait", name="plots.land_events.remove")
    async def remove(self, request: Web, db: Db, me: Me, event_id: RowId) -> Response[None]:
        plot, event = await _own_event(db, me, event_id)
        await actions.remove_land_event(db, me, plot, event)
        return _to(request, plot.id, "land_event_removed")


class DocumentPages(Controller):
    path = "/carnet/documents"

    @get("/{sha256:str}", name="plots.documents.show")
    async def show(self, db: Db, me: Me, files: Files, sha256: FromPath[str]) -> File:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise NotVisible
        kept = await queries.get_document(db, me, sha256)
        path = files.path(kept.sha256)
        if not path.is_file():
            raise NotVisible
        is_photo = kept.media_type.startswith("image/")
        return File(
            path,
            filename=f"carnet-{sha256[:8]}.{'jpg' if is_photo else 'pdf'}",
            media_type=kept.media_type,
            headers={"cache-control": "private, no-store"},
            content_disposition_type="inline" if is_photo else "attachment",
        )


async def _own_event(db: AsyncSession, me: Actor, event_id: int) -> tuple[Plot, LandEvent]:
    """The line and its plot, when the actor may change it."""
    event = await queries.get_land_event(db, me, event_id)
    plot = await queries.get_plot(db, me, event.plot_id)
    require(policy.can_change_land_event(me, plot, event))
    return plot, event


async def _passport(
    request: Web,
    db: AsyncSession,
    me: Actor,
    plot: Plot,
    form: Form[LandEventForm],
    *,
    kind: str | None = None,
    status: int = 200,
) -> Response[str]:
    today = clock.today()
    known = kind if kind in describing.EVENT_KINDS else None
    return page(
        request,
        "plots/passport.html",
        status=status,
        plot=plot,
        form=form,
        events=await queries.list_land_events(db, me, plot.id, kinds=[known] if known else ()),
        rotation=rotation_of(await queries.list_grown(db, me, plot.id), today),
        can_write=policy.can_add_land_event(me, plot, holds_it=await holds(db, me, plot)),
        chosen=known,
        today=today,
        policy=policy,
        **_options(),
    )


def _edit_page(
    request: Web, plot: Plot, event: LandEvent, form: Form[LandEventForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "plots/land_events/edit.html",
        status=status,
        plot=plot,
        event=event,
        form=form,
        **_options(),
    )


def _options() -> dict[str, Any]:
    families = [(code, gettext(family.label)) for code, family in FAMILIES.items()]
    return {
        "kinds": [(kind, gettext(text)) for kind, text in describing.EVENT_KINDS.items()],
        "kind_names": describing.EVENT_KINDS,
        "families": [("", gettext(N_("selon la culture"))), *families],
        "family_names": {code: family.label for code, family in FAMILIES.items()},
    }


async def holds(db: AsyncSession, me: Actor, plot: Plot) -> bool:
    """Whether the actor holds the plot today: asked of the table of claims by its name, since the
    slice that owns it stands above."""
    return await queries.is_held_by(db, plot.id, me.person_id, clock.today())


def _to(request: Web, plot_id: int, notice: str) -> Response[None]:
    return see_other(request, "plots.passport.show", notice=notice, plot_id=plot_id)
