"""What will be when a sheet joins somebody who is known already."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core.actor import Actor
from couveuse.core.errors import Reason
from couveuse.core.i18n import N_
from couveuse.core.references import tables_pointing_at
from couveuse.people import policy as people_policy
from couveuse.people.models import Person
from couveuse.people.queries import list_memberships
from couveuse.trainees import policy
from couveuse.trainees.forms.welcome import WelcomeForm
from couveuse.trainees.models import Path, Referral, Welcome
from couveuse.trainees.queries.groups import list_carriers, list_group
from couveuse.trainees.rules.joining import (
    BEGINNING,
    PROJECT,
    SHEET,
    WHO,
    Difference,
    differences,
)

FOLLOWS_THE_PERSON = ("path", "follow_up_member", "file_reading")
FOLLOWS_THE_PATH = ("path_step", "welcome", "referral", "introduction")
IS_USED = N_(
    "La fiche de %(name)s sert déjà à autre chose qu'un accueil (compte, convention, visite…) : "
    "elle ne peut pas disparaître. Si l'autre fiche n'a que son accueil, partez de celle-là. "
    "Sinon, gardez les deux, et clôturez le parcours qui ne sert plus."
)
BOTH_GO_ON = N_(
    "Les deux parcours sont allés plus loin que l'accueil. Clôturez d'abord celui qui s'arrête, "
    "puis recommencez : il restera dans l'historique de la personne."
)
ELSEWHERE = N_(
    "Cette personne a déjà un parcours en cours, dont vous ne vous occupez pas. Demandez à la "
    "coordination de réunir les deux fiches."
)
REFERRAL_WAITS = N_(
    "Une orientation attend sa réponse et ne peut pas suivre dans le parcours en cours. "
    "Retirez-la, ou attendez la réponse, puis recommencez."
)


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody known, what a sheet says differently, and what the joining brings along."""

    known: Person
    kept: Path | None
    """The path under way, which goes on."""
    sheet: Welcome | None
    """The sheet it has already."""
    differences: list[Difference]
    can_edit: bool
    """Whether the name and the address of who is known are the reader's to change."""
    problems: list[Reason] = field(default_factory=list[Reason])
    doubled: Person | None = None
    """Who disappears; None when the sheet is not written yet."""
    path: Path | None = None
    """The open path of the doubled person, which moves, or closes when there is one to keep."""
    passed: Welcome | None = None
    """The sheet that comes with it."""
    referrals: Sequence[Referral] = ()
    members: Sequence[str] = ()

    @property
    def closes(self) -> bool:
        return self.kept is not None and self.path is not None

    @property
    def waits(self) -> bool:
        """A referral without an answer comes along."""
        return self.closes and any(one.is_open for one in self.referrals)

    @property
    def loses_consent(self) -> bool:
        """Two sheets that do not agree on whether they may be passed on: she is asked again."""
        if self.sheet is None or self.passed is None:
            return False
        return (self.sheet.consent_on is None) != (self.passed.consent_on is None)

    @property
    def next_step(self) -> str | None:
        """What comes next afterwards."""
        if self.kept is None:
            return self.path.next_step if self.path else None
        theirs = self.path.next_step if self.path else None
        return theirs if self.waits else self.kept.next_step or theirs


async def read_joining(db: AsyncSession, actor: Actor, sheet: Welcome, known: Person) -> Joining:
    """A sheet that is kept, and the person of its path, with somebody known."""
    doubled = sheet.path.person
    kept, path = [await _open_path(db, one.id) for one in (known, doubled)]
    closes = kept is not None and path is not None
    theirs = await _sheet_of(db, path) if closes else sheet
    own = await _sheet_of(db, kept) if closes else None
    referrals = await _referrals(db, path) if closes else []
    can_edit = await _can_edit(db, actor, known)
    says = _of_person(doubled) | _of_path(path, theirs)
    return Joining(
        known=known,
        kept=kept,
        sheet=own,
        differences=_compare(known, kept if closes else None, own, says, can_edit=can_edit),
        can_edit=can_edit,
        problems=await _problems(db, actor, doubled, kept, path, referrals),
        doubled=doubled,
        path=path,
        passed=theirs,
        referrals=referrals,
        members=[one.member.name for one in await list_group(db, doubled.id) if one.is_open],
    )


async def read_saying(db: AsyncSession, actor: Actor, known: Person, asked: WelcomeForm) -> Joining:
    """What is just being written, with somebody known."""
    kept = await _open_path(db, known.id)
    own = await _sheet_of(db, kept)
    can_edit = await _can_edit(db, actor, known)
    problems = [] if kept is None or _manages(actor, kept) else [Reason("elsewhere", ELSEWHERE)]
    return Joining(
        known=known,
        kept=kept,
        sheet=own,
        differences=_compare(known, kept, own, asked.model_dump(), can_edit=can_edit),
        can_edit=can_edit,
        problems=problems,
    )


def _compare(
    known: Person, kept: Path | None, own: Welcome | None, says: dict[str, Any], *, can_edit: bool
) -> list[Difference]:
    """Name and address only for whom they are to change: others do not read them here."""
    has = _of_person(known) if can_edit else {}
    return differences(has | _of_path(kept, own), says)


def _of_person(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in WHO}


def _of_path(path: Path | None, sheet: Welcome | None) -> dict[str, Any]:
    said = {name: getattr(path, name) for name in PROJECT} if path else {}
    return said | ({name: getattr(sheet, name) for name in SHEET} if sheet else {})


async def _problems(
    db: AsyncSession,
    actor: Actor,
    doubled: Person,
    kept: Path | None,
    path: Path | None,
    referrals: Sequence[Referral],
) -> list[Reason]:
    carriers = await list_carriers(db, doubled.id)
    if any(not policy.can_manage_path(actor, one) for one in carriers):
        return [Reason("elsewhere", ELSEWHERE)]
    if kept and not _manages(actor, kept):
        return [Reason("elsewhere", ELSEWHERE)]
    found: list[Reason] = []
    used = await tables_pointing_at(db, "person", doubled.id, but=FOLLOWS_THE_PERSON)
    if used or doubled.password_hash is not None:
        found.append(Reason("is_used", IS_USED, {"name": doubled.name}))
    if kept is None or path is None:
        return found
    further = await tables_pointing_at(db, "path", path.id, but=FOLLOWS_THE_PATH)
    if further or path.state not in BEGINNING:
        found.append(Reason("both_go_on", BOTH_GO_ON))
    elif any(one.is_open for one in referrals) and (
        kept.state not in BEGINNING or any(one.is_open for one in await _referrals(db, kept))
    ):
        found.append(Reason("referral_waits", REFERRAL_WAITS))
    return found


def _manages(actor: Actor, path: Path) -> bool:
    return policy.can_manage_path(actor, path.structure_id)


async def _can_edit(db: AsyncSession, actor: Actor, known: Person) -> bool:
    return people_policy.can_edit_person(actor, await list_memberships(db, known.id))


async def _open_path(db: AsyncSession, person_id: int) -> Path | None:
    return await db.scalar(
        sa.select(Path)
        .where(Path.person_id == person_id, Path.closed_on.is_(None))
        .options(joinedload(Path.structure), joinedload(Path.person))
        .execution_options(populate_existing=True)
    )


async def _sheet_of(db: AsyncSession, path: Path | None) -> Welcome | None:
    if path is None:
        return None
    return await db.scalar(sa.select(Welcome).where(Welcome.path_id == path.id))


async def _referrals(db: AsyncSession, path: Path | None) -> Sequence[Referral]:
    if path is None:
        return []
    found = await db.scalars(
        sa.select(Referral)
        .where(Referral.path_id == path.id)
        .execution_options(populate_existing=True)
    )
    return found.all()
