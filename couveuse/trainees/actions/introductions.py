"""What newcomers send by themselves: kept, thanked for, then taken or set aside."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal, mail
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotAllowed
from couveuse.core.i18n import N_
from couveuse.core.jobs import queue
from couveuse.core.tokens import hashed
from couveuse.trainees import policy
from couveuse.trainees.forms.welcome import IntroductionForm
from couveuse.trainees.mails.welcome import thanks_mail
from couveuse.trainees.models import (
    Introduction,
    IntroductionSent,
    IntroductionState,
    IntroductionTaken,
    Path,
)

journal.words(
    {
        "introduction.taken": N_("a pris en charge cette présentation"),
        "introduction.set_aside": N_("a classé cette présentation : %(reason)s"),
    }
)
NOT_KEPT = {"understood", "website", "slip"}


async def note_sending(db: AsyncSession, network: str) -> None:
    """Count a sending. Called by a page that answers normally, so that it is committed."""
    db.add(IntroductionSent(at=clock.now(), address=network))


@atomic
async def introduce(db: AsyncSession, once: str, asked: IntroductionForm, base_url: str) -> None:
    """Keep what a visitor sent, thank by mail and tell coordination. A second sending of the same
    page finds the first."""
    row = {
        **asked.model_dump(exclude=NOT_KEPT),
        "language": i18n.language(),
        "sent_at": clock.now(),
        "once": once,
    }
    made = await db.scalar(
        insert(Introduction)
        .values(row)
        .on_conflict_do_nothing(constraint="introduction_once")
        .returning(Introduction.id)
    )
    if made is None:
        return
    await queue(db, "tell_about_introduction", introduction_id=made)
    if asked.email:
        subject, body = thanks_mail(asked, i18n.language(), base_url)
        # One a day to one address: nobody fills somebody else's letter box from this page.
        key = f"introduction:{hashed(asked.email).hex()[:32]}:{clock.today()}"
        await mail.post(db, asked.email, subject, body, key=key)


async def take_introduction(
    db: AsyncSession, actor: Actor, introduction_id: int, path: Path
) -> None:
    """The path answers the introduction. Of two people who answer at once, one wins."""
    if not policy.can_take_introductions(actor):
        raise NotAllowed
    changed: dict[str, Any] = {"state": IntroductionState.TAKEN.value, "path_id": path.id}
    await _answer(db, introduction_id, changed)
    journal.record(db, actor, "introduction.taken", introduction_id)


@atomic
async def set_aside(
    db: AsyncSession, actor: Actor, introduction: Introduction, reason: str
) -> None:
    """Nothing comes of it: an advertisement, a mistake, or somebody who is helped already."""
    changed: dict[str, Any] = {"state": IntroductionState.SET_ASIDE.value, "reason": reason}
    await _answer(db, introduction.id, changed)
    journal.record(db, actor, "introduction.set_aside", introduction.id, reason=reason)


async def _answer(db: AsyncSession, introduction_id: int, changed: dict[str, Any]) -> None:
    answered = await db.scalar(
        sa.update(Introduction)
        .where(Introduction.id == introduction_id, Introduction.state == IntroductionState.WAITING)
        .values(changed)
        .returning(Introduction.id)
        .execution_options(synchronize_session=False)
    )
    if answered is None:
        raise IntroductionTaken
