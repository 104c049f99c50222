"""Secrets of what lea has with others: progress committees, workshops, and what pays them."""

import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import (
    AgreedStep,
    AttendanceNote,
    AttendanceScan,
    Presence,
    ProgressAddition,
    ProgressCommittee,
    ProgressMember,
    Workshop,
)
from couveuse.people.models import Person
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.followup.told import Secrets, store_photo

DAY = dt.timedelta(days=1)


async def make_session_secrets(db: AsyncSession, cast: Cast, made: Secrets, folder: Path) -> None:
    await _make_committees(db, cast, made)
    closed = await _make_workshops(db, cast, made, folder)
    grant = await build.make_grant(db, cast.home, name="Le financement-home")
    action = await build.make_action(db, grant, label="Une action-payée")
    visit_id = made.values["visit_id"][-1]
    await build.make_charge(db, action, cast.ines, visit_id=visit_id)
    made.words += ["financement-home", "action-payée"]
    made.values |= {
        "grant_id": [grant.id],
        "action_id": [action.id],
        "key": [f"visit-{visit_id}", f"workshop-{closed.slots[0].id}"],
    }
    made.values["filename"] += ["personnes.csv", "seances.csv", "heures.xlsx", "seances.xlsx"]
    made.asked["par"] = f"personnes&numero={cast.lea.id}"


async def _make_committees(db: AsyncSession, cast: Cast, made: Secrets) -> None:
    """Ines calls all of them, rosa sits on each. To come: one where lea keeps her words to herself,
    one where she and tom gave theirs. Held: one whose minutes are open, one closed, and one closed
    so long ago that who sat there no longer reads."""
    draft = await _session(db, cast, made, "draft", 2)
    ready = await _session(db, cast, made, "ready", 3)
    opened = await _session(db, cast, made, "open", -2)
    closed = await _session(db, cast, made, "closed", -20)
    past = await _session(db, cast, made, "past", -40)
    db.add(
        ProgressMember(
            committee_id=draft.id,
            guest="Banque",
            guest_email="courriel-guest@banque.example",
            invited_at=NOON - DAY,
        )
    )
    own = {name: {"hard": f"Le bilan-{name}."} for name in ("draft", "ready", "tom")}
    minutes = {name: _minutes(name) for name in ("open", "closed", "past")}
    steps = [{"what": "Une étape-open", "owner_id": cast.lea.id, "due_on": None}]
    reviews = [
        await build.make_review(db, draft, cast.lea, said=own["draft"]),
        await build.make_review(db, ready, cast.lea, said=own["ready"], ready_at=NOON),
        await build.make_review(db, ready, cast.tom, said=own["tom"], ready_at=NOON),
        await build.make_review(db, opened, cast.lea, steps=steps, **minutes["open"]),
        await build.make_review(db, closed, cast.lea, **minutes["closed"]),
        await build.make_review(db, past, cast.lea, **minutes["past"]),
    ]
    step = {"what": "Une étape-closed", "owner_id": cast.marc.id, "created_by_id": cast.ines.id}
    db.add(AgreedStep(person_id=cast.lea.id, review_id=reviews[4].id, **step))
    await db.flush()  # nothing more is agreed once they are closed
    for one in reviews[4:]:
        one.closed_at, one.closed_by_id = NOON, cast.ines.id
    await db.flush()  # words are added afterwards
    said = {"author_id": cast.lea.id, "text": "Un ajout-closed.", "written_at": NOON}
    db.add(ProgressAddition(review_id=reviews[4].id, **said))
    made.words += [f"bilan-{name}" for name in own]
    made.words += [
        f"{part}-{name}" for name in minutes for part in ("procès", "motif", "condition")
    ]
    made.words += ["étape-open", "étape-closed", "ajout-closed", "courriel-guest"]
    made.values["review_id"] = [one.id for one in reviews]
    made.values["progress_id"] = [one.id for one in (draft, ready, opened, closed, past)]


async def _session(
    db: AsyncSession, cast: Cast, made: Secrets, name: str, days: int
) -> ProgressCommittee:
    made.words.append(f"salle-{name}")
    state, place = "planned" if days > 0 else "held", f"La salle-{name}"
    start = NOON + days * DAY
    return await build.make_progress(
        db, cast.home, cast.ines, start, cast.rosa, state=state, place=place
    )


def _minutes(name: str) -> dict[str, Any]:
    said = {"minutes": "procès", "reasons": "motif", "conditions": "condition"}
    texts = {part: f"Le texte {word}-{name}." for part, word in said.items()}
    return texts | {"decision": "continue_if", "version": 1}


async def _make_workshops(db: AsyncSession, cast: Cast, made: Secrets, folder: Path) -> Workshop:
    """Marc's, for chosen people: one to come, one held whose sheet is closed. A witness whom few
    know of takes part in each with lea."""
    witnesses: list[Person] = []
    workshops: list[Workshop] = []
    for name, days in (("planned", 4), ("held", -1)):
        met = {"met_by_id": cast.partner.id}
        witness = await build.make_person(db, family_name=f"Témoin-{name}", **met)
        workshop = await build.make_workshop(
            db,
            cast.home,
            cast.marc,
            NOON + days * DAY,
            title=f"Un atelier-{name}",
            for_everybody=False,
            guests=[await db.merge(cast.lea, load=False), witness],
            places=8,
        )
        await build.make_seat(db, workshop, cast.lea)
        await build.make_seat(db, workshop, witness, 2)
        made.words += [f"atelier-{name}", f"Témoin-{name}"]
        witnesses.append(witness)
        workshops.append(workshop)
    (slot,) = workshops[1].slots
    scan = AttendanceScan(
        slot_id=slot.id,
        sha256=await store_photo(db, folder, "5a"),
        added_by_id=cast.marc.id,
        added_at=slot.ends_at,
    )
    db.add(scan)
    present = dict.fromkeys((cast.lea, witnesses[1]), Presence.PRESENT)
    await build.close_sheet(db, slot, cast.marc, present)
    note = {"author_id": cast.marc.id, "text": "Une note-feuille.", "written_at": NOON}
    db.add(AttendanceNote(slot_id=slot.id, **note))
    await db.flush()
    made.words.append("note-feuille")
    made.files[f"/feuilles-signees/{scan.id}"] = "feuille-signée"
    made.values |= {
        "workshop_id": [one.id for one in workshops],
        "slot_id": [slot.id for one in workshops for slot in one.slots],
        "scan_id": [scan.id],
    }
    return workshops[1]
