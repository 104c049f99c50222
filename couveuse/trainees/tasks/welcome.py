"""Mails of the way in, and reminders so that nobody is forgotten."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.db import unit_of_work
from couveuse.core.jobs import Workshop, every, job
from couveuse.core.mail import post
from couveuse.core.retention import Keeping, kept_since
from couveuse.people.models import Person
from couveuse.trainees import queries
from couveuse.trainees.mails.welcome import introduction_mail, path_mail, referral_mail
from couveuse.trainees.models import (
    ANSWER_WITHIN,
    Introduction,
    IntroductionSent,
    IntroductionState,
    Path,
    Referral,
    ReferralState,
)
from couveuse.trainees.rules.paths import SILENCE, silence

KEPT_SENDINGS = dt.timedelta(days=1)


@job("tell_about_introduction")
async def tell_about_introduction(workshop: Workshop, *, introduction_id: int) -> None:
    async with unit_of_work(workshop.sessions) as db:
        one = await db.get(Introduction, introduction_id)
        if one is None or one.state != IntroductionState.WAITING:
            return
        for reader in _with_mail(await queries.list_coordination(db)):
            subject, body = introduction_mail(one, reader, workshop.settings.public_url)
            key = f"introduction:{one.id}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)


@job("tell_about_path")
async def tell_about_path(
    workshop: Workshop, *, path_id: int, what: str, by: int | None = None
) -> None:
    """Tell those who answer for the structure, except who did it."""
    async with unit_of_work(workshop.sessions) as db:
        path = await _path(db, path_id)
        author = await db.get(Person, by) if by else None
        if path is None:
            return
        for reader in _with_mail(await queries.list_in_charge(db, path.structure_id), but=by):
            name = author.name if author else ""
            subject, body = path_mail(path, what, reader, workshop.settings.public_url, by=name)
            key = f"path:{what}:{path.id}:{reader.id}"
            await post(db, str(reader.email), subject, body, key=key)


@job("tell_about_referral")
async def tell_about_referral(
    workshop: Workshop, *, referral_id: int, what: str, by: int | None = None
) -> None:
    """Sent and withdrawn: to who is asked. Answered: back to the sender, and to the person."""
    async with unit_of_work(workshop.sessions) as db:
        referral = await _referral(db, referral_id)
        if referral is None:
            return
        back = what in {ReferralState.ACCEPTED, ReferralState.DECLINED}
        side = referral.from_structure_id if back else referral.to_structure_id
        readers = [*await queries.list_in_charge(db, side), *([referral.sent_by] if back else [])]
        author = await db.get(Person, by) if by else None
        await _post_referral(db, workshop, referral, what, _with_mail(readers, but=by), author)
        if what == ReferralState.ACCEPTED:
            hers = _with_mail([referral.path.person])
            await _post_referral(db, workshop, referral, "hers", hers, author)


@every("remind_of_newcomers", "35 5 * * *")
async def remind_of_newcomers(workshop: Workshop) -> None:
    """Once for each silence that lasts too long, and for each referral left unanswered."""
    async with unit_of_work(workshop.sessions) as db:
        for path in await _quiet_paths(db):
            await _remind_of_path(db, workshop, path)
        for referral in await _late_referrals(db):
            both = (referral.from_structure_id, referral.to_structure_id)
            readers = [one for side in both for one in await queries.list_in_charge(db, side)]
            readers.append(referral.sent_by)
            await _post_referral(db, workshop, referral, "late", _with_mail(readers), None)


@every("forget_introductions", "41 3 * * *")
async def forget_introductions(workshop: Workshop) -> None:
    """What was set aside is nobody's file: it goes soon. The sheet holds what was taken up."""
    aside = Introduction.state == IntroductionState.SET_ASIDE
    async with unit_of_work(workshop.sessions) as db:
        since = await kept_since(db, Keeping.PRESENTED)
        aside_since = await kept_since(db, Keeping.SET_ASIDE)
        forgotten = sa.or_(
            sa.and_(aside, Introduction.sent_at < clock.day_start(aside_since, clock.PARIS)),
            Introduction.sent_at < clock.day_start(since, clock.PARIS),
        )
        old = IntroductionSent.at < clock.now() - KEPT_SENDINGS
        await db.execute(sa.delete(IntroductionSent).where(old))
        await db.execute(sa.delete(Introduction).where(forgotten))


async def _remind_of_path(db: AsyncSession, workshop: Workshop, path: Path) -> None:
    quiet = silence(path.state, path.changed_at, clock.now())
    if quiet is None:
        return
    waits_for = path.next_actor if path.next_actor_id != path.person_id else None
    readers = [waits_for] if waits_for else await queries.list_in_charge(db, path.structure_id)
    for reader in _with_mail(readers):
        subject, body = path_mail(
            path, "quiet", reader, workshop.settings.public_url, days=quiet.days
        )
        key = f"path:quiet:{path.id}:{path.changed_at.isoformat()}:{reader.id}"
        await post(db, str(reader.email), subject, body, key=key)


async def _post_referral(
    db: AsyncSession,
    workshop: Workshop,
    referral: Referral,
    what: str,
    readers: Iterable[Person],
    author: Person | None,
) -> None:
    name = author.name if author else ""
    for reader in readers:
        subject, body = referral_mail(referral, what, reader, workshop.settings.public_url, by=name)
        key = f"referral:{what}:{referral.id}:{reader.id}"
        await post(db, str(reader.email), subject, body, key=key)


async def _quiet_paths(db: AsyncSession) -> list[Path]:
    shortest = min(SILENCE.values())
    found = await db.scalars(
        sa.select(Path)
        .where(Path.state.in_(SILENCE), Path.changed_at <= clock.now() - shortest)
        .options(joinedload(Path.person), joinedload(Path.structure), joinedload(Path.next_actor))
        .order_by(Path.id)
    )
    return list(found)


async def _late_referrals(db: AsyncSession) -> list[Referral]:
    since = clock.now() - ANSWER_WITHIN
    found = await db.scalars(
        _whole().where(Referral.state == ReferralState.SENT, Referral.sent_at <= since)
    )
    return list(found)


def _whole() -> sa.Select[Referral]:
    return (
        sa.select(Referral)
        .options(
            joinedload(Referral.path).joinedload(Path.person),
            joinedload(Referral.from_structure),
            joinedload(Referral.to_structure),
            joinedload(Referral.sent_by),
        )
        .order_by(Referral.id)
    )


async def _referral(db: AsyncSession, referral_id: int) -> Referral | None:
    return await db.scalar(_whole().where(Referral.id == referral_id))


async def _path(db: AsyncSession, path_id: int) -> Path | None:
    return await db.scalar(
        sa.select(Path)
        .where(Path.id == path_id)
        .options(joinedload(Path.person), joinedload(Path.structure))
    )


def _with_mail(people: Iterable[Person], *, but: int | None = None) -> list[Person]:
    """Each once, without who did it and those who have no address."""
    return list({one.id: one for one in people if one.email and one.id != but}.values())
