"""What lets a structure lend land: with whom, how, until when, on which paper."""

import datetime as dt
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromQuery
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.files import PDF
from couveuse.core.i18n import N_, gettext
from couveuse.core.sheets import fold
from couveuse.structures import actions, policy, queries
from couveuse.structures.forms import LandRightForm, NewLandRightForm, RenewalForm
from couveuse.structures.models import LandRight, Structure
from couveuse.structures.pages.showing import form_name, form_of, rights_context
from couveuse.structures.rules import limits_in_words
from couveuse.web.deps import Db, Files, Me, RowId, Web
from couveuse.web.documents import sent_document
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "land_right_recorded": N_("Le droit sur la terre est noté."),
        "land_right_renewed": N_("Le renouvellement est noté."),
        "land_right_removed": N_("Le droit sur la terre est retiré."),
    }
)


class LandRightIndex(Controller):
    path = "/structures/droits"

    @get(name="structures.land_rights.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_see_structures(me))
        rights = await queries.list_land_rights(db, me)
        return page(
            request, "structures/land_rights/index.html", **await rights_context(db, rights)
        )


class NewLandRightPages(Controller):
    path = "/structures/{structure_id:int}/droits"

    @get("/nouveau", name="structures.land_rights.new")
    async def new(
        self,
        request: Web,
        db: Db,
        me: Me,
        structure_id: RowId,
        site: FromQuery[str | None] = None,
    ) -> Response[str]:
        structure = await _own_structure(db, me, structure_id)
        form = blank(NewLandRightForm, starts_on=clock.today(), site_id=site)
        return await _new_page(request, db, me, structure, form)

    @post(name="structures.land_rights.create")
    async def create(
        self, request: Web, db: Db, me: Me, files: Files, structure_id: RowId
    ) -> Response[Any]:
        structure = await _own_structure(db, me, structure_id)
        form = await bind(NewLandRightForm, request)
        document = await sent_document(request, db, files, form)
        if form.is_valid:
            try:
                right = await actions.record_land_right(db, me, structure, form.data, document)
            except Refused as refused:
                form.refuse(refused)
                structure = await _own_structure(db, me, structure_id)
            else:
                return _to(request, right.id, "land_right_recorded")
        return await _new_page(request, db, me, structure, form, status=422)


class LandRightPages(Controller):
    path = "/droits/{right_id:int}"

    @get(name="structures.land_rights.show")
    async def show(self, request: Web, db: Db, me: Me, right_id: RowId) -> Response[str]:
        right = await queries.get_land_right(db, me, right_id)
        can_edit = policy.can_record_land_right(me, right.structure_id)
        form = form_of(await queries.list_land_forms(db), right)
        return page(
            request,
            "structures/land_rights/show.html",
            right=right,
            law=form,
            limits=limits_in_words(form) if form else [],
            plots=await queries.list_plot_lines(db, me, right_id=right.id),
            lines=await journal.lines_about(db, "land_right", right.id) if can_edit else [],
            zone=clock.PARIS,
            can_edit=can_edit,
            **await rights_context(db, [right]),
        )

    @get("/modification", name="structures.land_rights.edit")
    async def edit(self, request: Web, db: Db, me: Me, right_id: RowId) -> Response[str]:
        right = await _own_right(db, me, right_id)
        return await _edit_page(request, db, right, _typed(right))

    @post(name="structures.land_rights.update")
    async def update(
        self, request: Web, db: Db, me: Me, files: Files, right_id: RowId
    ) -> Response[Any]:
        right = await _own_right(db, me, right_id)
        form = await bind(LandRightForm, request)
        document = await sent_document(request, db, files, form)
        if form.is_valid:
            try:
                await actions.edit_land_right(db, me, right, form.data, document)
            except Refused as refused:
                form.refuse(refused)
                right = await _own_right(db, me, right_id)
            else:
                return _to(request, right_id, "saved")
        return await _edit_page(request, db, right, form, status=422)

    @post("/suppression", name="structures.land_rights.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, right_id: RowId) -> Response[None]:
        right = await _own_right(db, me, right_id)
        structure_id = right.structure_id
        await actions.remove_land_right(db, me, right)
        notice = "land_right_removed"
        return see_other(request, "structures.show", notice=notice, structure_id=structure_id)


class RenewalPages(Controller):
    path = "/droits/{right_id:int}/renouvellement"

    @get(name="structures.renewals.new")
    async def new(self, request: Web, db: Db, me: Me, right_id: RowId) -> Response[str]:
        right = await _own_right(db, me, right_id)
        return await _renewal_page(request, db, right, blank(RenewalForm))

    @post(name="structures.renewals.create")
    async def create(self, request: Web, db: Db, me: Me, right_id: RowId) -> Response[Any]:
        right = await _own_right(db, me, right_id)
        form = await bind(RenewalForm, request)
        if form.is_valid:
            try:
                await actions.renew_land_right(db, me, right, form.data)
            except Refused as refused:
                form.refuse(refused)
                right = await _own_right(db, me, right_id)
            else:
                return _to(request, right_id, "land_right_renewed")
        return await _renewal_page(request, db, right, form, status=422)


class DocumentPages(Controller):
    path = "/droits/{right_id:int}/document"

    @get(name="structures.land_rights.document")
    async def show(self, db: Db, me: Me, files: Files, right_id: RowId) -> File:
        right = await queries.get_land_right(db, me, right_id)
        kept = await queries.get_document(db, right)
        path = files.path(kept.sha256)
        if not path.is_file():
            raise NotVisible
        ending = "pdf" if kept.media_type == PDF else "jpg"
        return File(
            path,
            filename=f"{fold(right.site.name).replace(' ', '-')}-{right.during.lower}.{ending}",
            media_type=kept.media_type,
            headers={"cache-control": "private, no-store"},
            content_disposition_type="attachment" if ending == "pdf" else "inline",
        )


async def _own_structure(db: AsyncSession, me: Actor, structure_id: int) -> Structure:
    structure = await queries.get_structure(db, me, structure_id)
    require(policy.can_record_land_right(me, structure.id))
    return structure


async def _own_right(db: AsyncSession, me: Actor, right_id: int) -> LandRight:
    right = await queries.get_land_right(db, me, right_id)
    require(policy.can_record_land_right(me, right.structure_id))
    return right


def _typed(right: LandRight) -> Form[LandRightForm]:
    return blank(
        LandRightForm,
        form=right.form,
        starts_on=right.during.lower,
        ends_on=right.last_day,
        owner_name=right.owner_name,
        owner_contact=right.owner_contact,
        renewals=right.renewals,
        yearly_fee=right.yearly_fee,
        conditions=right.conditions,
    )


async def _new_page(
    request: Web,
    db: AsyncSession,
    me: Actor,
    structure: Structure,
    form: Form[NewLandRightForm],
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "structures/land_rights/new.html",
        status=status,
        structure=structure,
        form=form,
        sites=[("", gettext(N_("Choisir"))), *await queries.list_sites_to_choose(db, me)],
        **await _forms_to_choose(db, clock.today()),
    )


async def _edit_page(
    request: Web, db: AsyncSession, right: LandRight, form: Form[LandRightForm], status: int = 200
) -> Response[str]:
    return page(
        request,
        "structures/land_rights/edit.html",
        status=status,
        right=right,
        form=form,
        **await _forms_to_choose(db, right.during.lower or clock.today()),
    )


async def _renewal_page(
    request: Web, db: AsyncSession, right: LandRight, form: Form[RenewalForm], status: int = 200
) -> Response[str]:
    forms = await queries.list_land_forms(db)
    law = form_of(forms, right)
    return page(
        request,
        "structures/land_rights/renewal.html",
        status=status,
        right=right,
        form=form,
        law=law,
        limits=limits_in_words(law) if law else [],
        name=form_name(forms, right),
    )


async def _forms_to_choose(db: AsyncSession, day: dt.date) -> dict[str, Any]:
    """The forms that the law knew on the day, with what it asks of each."""
    forms = [one for one in await queries.list_land_forms(db) if day in one.in_force]
    return {
        "land_forms": [("", gettext(N_("Choisir"))), *((f.code, gettext(f.label)) for f in forms)],
        "explained": [(gettext(f.label), limits_in_words(f), f) for f in forms],
    }


def _to(request: Web, right_id: int, notice: str) -> Response[None]:
    return see_other(request, "structures.land_rights.show", notice=notice, right_id=right_id)
