"""The attendance sheet of a half-day: who is there, signatures, closing, additions."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Conflict, Refused
from couveuse.core.i18n import N_
from couveuse.followup import workshop_policy
from couveuse.followup.actions.attendance import (
    close_sheet,
    note_presences,
    note_sheet,
    sign_from_outside,
    sign_sheet,
    undo_signature,
)
from couveuse.followup.models import WorkshopSlot
from couveuse.followup.pages.choices import new_once, options, presences, read_presences
from couveuse.followup.queries.workshops import get_slot, read_sheet
from couveuse.followup.rules import PRESENCES
from couveuse.followup.signed import hash_of
from couveuse.followup.workshop_forms import (
    SheetNoteForm,
    SheetSignatureForm,
    TrainerSignatureForm,
)
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "presences_noted": N_("Les présences sont notées."),
        "sheet_signed": N_("C'est signé."),
        "signature_undone": N_("La signature est retirée."),
        "sheet_closed": N_("La feuille est close et signée. Elle ne change plus."),
        "sheet_noted": N_("C'est ajouté, avec la date et votre nom."),
    }
)


class SheetPages(Controller):
    path = "/ateliers/demi-journees/{slot_id:int}"

    @get(name="followup.attendance.show")
    async def show(self, request: Web, db: Db, me: Me, slot_id: RowId) -> Response[str]:
        return await show_sheet(request, db, me, await get_slot(db, me, slot_id))

    @post("/presences", name="followup.presences.update")
    async def update(self, request: Web, db: Db, me: Me, slot_id: RowId) -> Response[Any]:
        slot = await get_slot(db, me, slot_id)
        require(workshop_policy.runs(me, slot.workshop))
        form = await bind(SheetSignatureForm, request)
        sheet = await read_sheet(db, slot)
        came = read_presences(form.values, {line.person_id for line in sheet.lines})
        try:
            await note_presences(db, me, slot, came)
        except Refused as refused:
            return await _refused(request, db, me, slot_id, form, refused)
        return _to(request, slot_id, "presences_noted")

    @post("/signatures", name="followup.sheet_signatures.create")
    async def sign(self, request: Web, db: Db, me: Me, slot_id: RowId) -> Response[Any]:
        """By the person on her own device, or on that of who leads, who hands it round."""
        slot = await get_slot(db, me, slot_id)
        form = await bind(SheetSignatureForm, request)
        if not form.is_valid:
            return await show_sheet(request, db, me, slot, form=form, status=422)
        asked = form.data.person_id or me.person_id
        require(asked == me.person_id or workshop_policy.runs(me, slot.workshop))
        require(not slot.workshop.is_cancelled)
        try:
            await sign_sheet(db, me, slot, asked, form.data.text_hash)
        except Refused as refused:
            return await _refused(request, db, me, slot_id, form, refused)
        return _to(request, slot_id, "sheet_signed")

    @post("/signatures/retrait", name="followup.sheet_signatures.destroy")
    async def undo(self, request: Web, db: Db, me: Me, slot_id: RowId) -> Response[Any]:
        slot = await get_slot(db, me, slot_id)
        require(workshop_policy.runs(me, slot.workshop))
        form = await bind(SheetSignatureForm, request)
        if form.is_valid:
            try:
                asked = form.data.person_id or me.person_id
                await undo_signature(db, me, slot, asked)
            except Refused as refused:
                return await _refused(request, db, me, slot_id, form, refused)
            return _to(request, slot_id, "signature_undone")
        return await show_sheet(request, db, me, slot, form=form, status=422)

    @post("/cloture", name="followup.sheet_closings.create")
    async def close(self, request: Web, db: Db, me: Me, slot_id: RowId) -> Response[Any]:
        slot = await get_slot(db, me, slot_id)
        require(workshop_policy.runs(me, slot.workshop) and not slot.workshop.is_cancelled)
        form = await bind(SheetSignatureForm, request)
        if form.is_valid:
            try:
                await close_sheet(db, me, slot, form.data.text_hash)
            except Refused as refused:
                return await _refused(request, db, me, slot_id, form, refused)
            return _to(request, slot_id, "sheet_closed")
        return await show_sheet(request, db, me, slot, form=form, status=422)

    @post("/signature-exterieure", name="followup.trainer_signatures.create")
    async def sign_outside(self, request: Web, db: Db, me: Me, slot_id: RowId) -> Response[Any]:
        """Typed by the trainer on the device of who runs the workshop."""
        slot = await get_slot(db, me, slot_id)
        require(workshop_policy.can_hand_to_trainer(me, slot))
        form = await bind(TrainerSignatureForm, request)
        if form.is_valid:
            try:
                await sign_from_outside(db, me, slot, form.data.name, form.data.text_hash)
            except Refused as refused:
                return await _refused(request, db, me, slot_id, form, refused)
            return _to(request, slot_id, "sheet_signed")
        return await show_sheet(request, db, me, slot, form=form, status=422)

    @post("/ajouts", name="followup.sheet_notes.create")
    async def note(self, request: Web, db: Db, me: Me, slot_id: RowId) -> Response[Any]:
        slot = await get_slot(db, me, slot_id)
        require(workshop_policy.runs(me, slot.workshop))
        form = await bind(SheetNoteForm, request)
        if form.is_valid:
            try:
                await note_sheet(db, me, slot, form.data)
            except Refused as refused:
                return await _refused(request, db, me, slot_id, form, refused)
            return _to(request, slot_id, "sheet_noted")
        return await show_sheet(request, db, me, slot, form=form, status=422)


def _to(request: Web, slot_id: int, notice: str) -> Response[None]:
    return see_other(request, "followup.attendance.show", notice=notice, slot_id=slot_id)


async def _refused(
    request: Web, db: AsyncSession, me: Actor, slot_id: int, form: Form[Any], refused: Refused
) -> Response[str]:
    """The sheet as it is now, with the reasons; 409 when somebody was faster."""
    form.refuse(refused)
    status = 409 if isinstance(refused, Conflict) else 422
    slot = await get_slot(db, me, slot_id)
    return await show_sheet(request, db, me, slot, form=form, status=status)


async def show_sheet(
    request: Web,
    db: AsyncSession,
    me: Actor,
    slot: WorkshopSlot,
    *,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response[str]:
    """Whole for who runs the workshop; a participant sees her own line."""
    sheet = await read_sheet(db, slot)
    runs = workshop_policy.runs(me, slot.workshop)
    noting = form if form and form.model is SheetNoteForm else None
    outside = form if form and form.model is TrainerSignatureForm else None
    signers = {one.person_id for one in sheet.closers}
    return page(
        request,
        "followup/workshops/sheet.html",
        status=status,
        sheet=sheet,
        slot=slot,
        workshop=slot.workshop,
        runs=runs,
        own=sheet.line_of(me.person_id),
        form=form or blank(SheetSignatureForm),
        noting=noting or blank(SheetNoteForm, once=new_once()),
        outside=outside or blank(TrainerSignatureForm),
        can_hand=workshop_policy.can_hand_to_trainer(me, slot),
        can_keep=workshop_policy.can_keep_sheet(me, slot),
        can_close=workshop_policy.can_close_sheet(me, slot),
        can_sign=workshop_policy.can_sign_sheet(slot),
        can_countersign=runs and workshop_policy.can_countersign(me, slot, signers),
        can_scan=workshop_policy.can_add_scan(me, slot),
        can_note=workshop_policy.can_note_sheet(me, slot),
        text_hash=hash_of(sheet.text),
        presences=PRESENCES,
        choices=presences(),
        corrections=[("", "–"), *options(PRESENCES)[1:]],
    )
