"""Who was there: said, signed on the screen or on paper, then closed. Writes lock the half-day."""

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotVisible, Reason, Refused
from couveuse.core.files import FileStore, store_document
from couveuse.core.i18n import N_
from couveuse.core.sheets import fold
from couveuse.followup import workshop_policy
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.followup.actions.telling_workshops import tell
from couveuse.followup.models import (
    AttendanceNote,
    AttendanceScan,
    AttendanceSignature,
    Presence,
    SheetLocked,
    SignerRole,
    TextChanged,
    TrainerSignature,
    WorkshopCancelled,
    WorkshopSlot,
    WorkshopState,
)
from couveuse.followup.queries.workshops import get_slot, lock_slot, lock_workshop, read_sheet
from couveuse.followup.signed import hash_of
from couveuse.followup.signed_sheets import Sheet
from couveuse.followup.workshop_forms import SheetNoteForm

TOO_EARLY = N_("La feuille s'ouvre une demi-heure avant le début.")
NOBODY = N_("Personne n'est sur cette feuille. Inscrivez d'abord les personnes venues.")
UNDECIDED = N_("Dites si ces personnes sont présentes, absentes ou excusées : %(names)s.")
UNSIGNED = N_(
    "Ces personnes présentes n'ont pas signé : %(names)s. Faites-les signer, ou déposez la feuille "
    "signée à la main."
)
NOT_YET = N_("Une demi-journée se clôt une fois commencée.")
OPEN_STILL = N_("Cette feuille est encore ouverte : corrigez-la directement.")
CLOSE_FIRST = N_("La feuille se signe en entier une fois close. Clôturez-la d'abord.")
NOT_A_TRAINER = N_("Ce nom n'est pas celui d'un intervenant de la feuille. Écrivez-le comme elle.")
NO_PROOF = N_(
    "Pour compter comme présente une personne qui n'a pas signé, déposez d'abord la feuille signée "
    "à la main."
)


@atomic
async def note_presences(
    db: AsyncSession, actor: Actor, slot: WorkshopSlot, came: Mapping[int, str]
) -> None:
    """For those on the sheet; the others stay as they are."""
    sheet = await _open_sheet(db, slot)
    for line in sheet.lines:
        if line.person_id in came:
            line.presence = came[line.person_id]
    await _tell(db, actor, "workshop.presences", sheet)


@atomic
async def sign_sheet(
    db: AsyncSession, actor: Actor, slot: WorkshopSlot, person_id: int, text_hash: str | None
) -> AttendanceSignature:
    """Somebody on the sheet signs, on her own device or on that of who leads. Again: the first.

    Raises TextChanged when she had another text before her eyes.
    """
    sheet = await _open_sheet(db, slot)
    line = sheet.line_of(person_id)
    if line is None:
        raise NotVisible
    if signature := sheet.signature_of(person_id):
        return signature
    signed = sheet.hash_for(line.person.name)
    if text_hash and text_hash.lower() != signed:
        raise TextChanged
    sheet.slot.facts = sheet.facts
    line.presence = Presence.PRESENT
    await db.flush()  # the database compares the signature with both
    made = _signature(actor, sheet, SignerRole.PARTICIPANT, person_id, line.person.name, signed)
    db.add(made)
    await db.flush()  # the lines of the journal come after it
    verb = "workshop.sheet_signed" if person_id == actor.person_id else "workshop.sheet_handed"
    await _tell(db, actor, verb, sheet, person=line.person.name)
    return made


@atomic
async def undo_signature(
    db: AsyncSession, actor: Actor, slot: WorkshopSlot, person_id: int
) -> None:
    """A wrong name was pressed: until the sheet is closed, it goes."""
    sheet = await _open_sheet(db, slot)
    signature, line = sheet.signature_of(person_id), sheet.line_of(person_id)
    if signature is None or line is None:
        return
    await db.execute(sa.delete(AttendanceSignature).where(AttendanceSignature.id == signature.id))
    line.presence = Presence.EXPECTED
    if len(sheet.signatures) == 1:
        sheet.slot.facts = None
    await _tell(db, actor, "workshop.signature_undone", sheet, person=line.person.name)


@atomic
async def close_sheet(
    db: AsyncSession, actor: Actor, slot: WorkshopSlot, text_hash: str | None
) -> None:
    """Sign the whole sheet, which locks it. Who led as well may sign a closed one.

    Raises Refused with what is missing, TextChanged when the reader saw another sheet.
    """
    workshop = await lock_workshop(db, slot.workshop_id)
    if workshop.is_cancelled:
        raise WorkshopCancelled
    sheet = await read_sheet(db, await lock_slot(db, slot.id))
    if actor.person_id in {one.person_id for one in sheet.closers}:
        return
    if text_hash and text_hash.lower() != hash_of(sheet.text):
        raise TextChanged
    if sheet.slot.is_closed:
        if not workshop_policy.can_countersign(
            actor, sheet.slot, {one.person_id for one in sheet.closers}
        ):
            raise SheetLocked
        await _sign_whole(db, actor, sheet)
        await _tell(db, actor, "workshop.countersigned", sheet)
        return
    if reasons := list(_missing(sheet)):
        raise Refused(*reasons)
    text = sheet.text
    sheet.slot.facts, sheet.slot.sheet_text = sheet.facts, text
    sheet.slot.closed_at, sheet.slot.closed_by_id = clock.now(), actor.person_id
    workshop.state = WorkshopState.HELD
    await db.flush()  # the database compares the signature with the text
    await _sign_whole(db, actor, sheet)
    await _tell(db, actor, "workshop.sheet_closed", sheet)


@atomic
async def sign_from_outside(
    db: AsyncSession, actor: Actor, slot: WorkshopSlot, typed: str, text_hash: str
) -> TrainerSignature:
    """A trainer without an account signs the closed sheet on the actor's device. Again: the first.

    Raises Refused for a name that does not stand on the sheet, TextChanged for another sheet.
    """
    workshop = await lock_workshop(db, slot.workshop_id)
    if workshop.is_cancelled:
        raise WorkshopCancelled
    sheet = await read_sheet(db, await lock_slot(db, slot.id))
    if not sheet.slot.is_closed:
        raise Refused(Reason("still_open", CLOSE_FIRST))
    for signature in sheet.from_outside:
        if _is_named(signature.name, typed):
            return signature
    name = next((one for one in sheet.outside_to_sign if _is_named(one, typed)), None)
    if name is None:
        raise Refused(Reason("no_such_trainer", NOT_A_TRAINER, field="name"))
    if text_hash.lower() != hash_of(sheet.text):
        raise TextChanged
    made = TrainerSignature(
        slot_id=slot.id,
        name=name,
        signed_at=clock.now(),
        text_hash=hash_of(sheet.text),
        device_of_id=actor.person_id,
    )
    db.add(made)
    await db.flush()  # the lines of the journal come after it
    await _tell(db, actor, "workshop.signed_from_outside", sheet, person=name)
    return made


@atomic
async def add_scan(
    db: AsyncSession,
    actor: Actor,
    files: FileStore,
    slot: WorkshopSlot,
    others: Sequence[int],
    data: bytes,
) -> None:
    """Keep the sheet that was signed by hand, for this half-day and others of the same workshop.

    Sent again, it is there once.
    """
    workshop = slot.workshop
    name = await store_document(db, files, data)
    for one in workshop.slots:
        if one.id == slot.id or (one.id in others and one.has_begun):
            row = {"slot_id": one.id, "sha256": name, "added_by_id": actor.person_id}
            await db.execute(
                insert(AttendanceScan)
                .values(**row, added_at=clock.now())
                .on_conflict_do_nothing(constraint="attendance_scan_once")
            )
    sheet = await read_sheet(db, slot)
    await _tell(db, actor, "workshop.scan_added", sheet)


@atomic
async def remove_scan(db: AsyncSession, actor: Actor, scan: AttendanceScan) -> None:
    """A wrong file, until the sheet is closed."""
    sheet = await _open_sheet(db, await get_slot(db, actor, scan.slot_id))
    await db.execute(sa.delete(AttendanceScan).where(AttendanceScan.id == scan.id))
    await _tell(db, actor, "workshop.scan_removed", sheet)


async def note_sheet(
    db: AsyncSession, actor: Actor, slot: WorkshopSlot, asked: SheetNoteForm
) -> AttendanceNote:
    """A dated addition to a closed sheet; the same form sent twice adds it once."""
    subject = f"sheet {slot.id}"

    async def find(note_id: int) -> AttendanceNote:
        return await db.get_one(AttendanceNote, note_id)

    return await once(
        db, actor, asked, subject, lambda: _note(db, actor, slot, asked, subject), find
    )


@atomic
async def _note(
    db: AsyncSession, actor: Actor, slot: WorkshopSlot, asked: SheetNoteForm, subject: str
) -> AttendanceNote:
    sheet = await read_sheet(db, await lock_slot(db, slot.id))
    if not sheet.slot.is_closed:
        raise Refused(Reason("still_open", OPEN_STILL))
    if asked.person_id and asked.presence:
        line = sheet.line_of(asked.person_id)
        if line is None:
            raise NotVisible
        proven = sheet.scans or sheet.signature_of(asked.person_id)
        if asked.presence == Presence.PRESENT and not proven:
            raise Refused(Reason("no_proof", NO_PROOF, field="presence"))
        line.corrected = asked.presence
    note = AttendanceNote(
        slot_id=slot.id,
        author_id=actor.person_id,
        text=asked.text,
        person_id=asked.person_id if asked.presence else None,
        presence=asked.presence if asked.person_id else None,
        written_at=clock.now(),
    )
    db.add(note)
    await db.flush()  # its id is needed
    keep_sent(db, actor, asked, subject, note.id)
    await _tell(db, actor, "workshop.sheet_noted", sheet)
    return note


def _is_named(name: str, typed: str) -> bool:
    """In whatever letters; without what stands after a comma, if the sheet says more."""
    return fold(typed) in {fold(name), fold(name.partition(",")[0])}


async def _open_sheet(db: AsyncSession, slot: WorkshopSlot) -> Sheet:
    """Locked, and as it is now. Raises Refused when it is closed, or not open yet."""
    fresh = await lock_slot(db, slot.id)
    if fresh.workshop.is_cancelled:
        raise WorkshopCancelled
    if fresh.is_closed:
        raise SheetLocked
    if not fresh.takes_signatures:
        raise Refused(Reason("too_early", TOO_EARLY))
    return await read_sheet(db, fresh)


def _missing(sheet: Sheet) -> Iterator[Reason]:
    if not sheet.lines:
        yield Reason("nobody", NOBODY)
    if not sheet.slot.has_begun:
        yield Reason("not_begun", NOT_YET)
    for code, sentence, lines in (
        ("undecided", UNDECIDED, sheet.undecided),
        ("unsigned", UNSIGNED, sheet.unsigned),
    ):
        if lines:
            yield Reason(code, sentence, {"names": ", ".join(one.person.name for one in lines)})


async def _sign_whole(db: AsyncSession, actor: Actor, sheet: Sheet) -> None:
    role, text = SignerRole.FACILITATOR, sheet.slot.sheet_text or ""
    db.add(_signature(actor, sheet, role, actor.person_id, actor.name, hash_of(text)))
    await db.flush()  # the lines of the journal come after it


def _signature(
    actor: Actor, sheet: Sheet, role: SignerRole, person_id: int, name: str, text_hash: str
) -> AttendanceSignature:
    return AttendanceSignature(
        slot_id=sheet.slot.id,
        person_id=person_id,
        role=role,
        name=name,
        signed_at=clock.now(),
        text_hash=text_hash,
        device_of_id=actor.person_id,
    )


async def _tell(
    db: AsyncSession, actor: Actor, verb: str, sheet: Sheet, *, person: str | None = None
) -> None:
    start, end = sheet.slot.starts_at.isoformat(), sheet.slot.ends_at.isoformat()
    await tell(db, actor, verb, sheet.workshop, slot={"start": start, "end": end}, person=person)
