"""What lets structures lend land: rights, their legal forms, those that end soon."""

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.files import StoredFile
from couveuse.core.words import plain
from couveuse.structures import policy
from couveuse.structures.models import LandForm, LandRight, Site

YEAR = relativedelta(years=1)


async def list_land_forms(db: AsyncSession) -> Sequence[LandForm]:
    """Every legal form there is or was, as it stood from when to when."""
    return (await db.scalars(sa.select(LandForm).order_by(LandForm.id))).all()


def form_on(forms: Iterable[LandForm], code: str, day: dt.date) -> LandForm | None:
    """The form as the law knew it on a day."""
    return next((one for one in forms if one.code == code and day in one.in_force), None)


def _rights(actor: Actor) -> sa.Select[LandRight]:
    return (
        sa.select(LandRight)
        .join(LandRight.site)
        .where(policy.visible_land_rights(actor))
        .options(joinedload(LandRight.site), joinedload(LandRight.structure))
    )


async def list_land_rights(
    db: AsyncSession,
    actor: Actor,
    *,
    structure_id: int | None = None,
    site_id: int | None = None,
) -> Sequence[LandRight]:
    """Of one structure, one site or the network: the soonest end first, those over last."""
    query = _rights(actor)
    if structure_id:
        query = query.where(LandRight.structure_id == structure_id)
    if site_id:
        query = query.where(LandRight.site_id == site_id)
    end = sa.func.upper(LandRight.during)
    is_over = sa.func.coalesce(end <= clock.today(), sa.false())
    over_latest_first = sa.case((is_over, end)).desc().nulls_last()
    order = (is_over, over_latest_first, end.nulls_last(), plain(Site.name), LandRight.id)
    return (await db.scalars(query.order_by(*order))).all()


async def list_rights_ending(
    db: AsyncSession, actor: Actor, within: relativedelta | dt.timedelta = YEAR
) -> Sequence[LandRight]:
    """Rights in force today that end within a time, soonest first; site and structure loaded."""
    today, end = clock.today(), sa.func.upper(LandRight.during)
    query = _rights(actor).where(
        sa.func.lower(LandRight.during) <= today, end > today, end <= today + within
    )
    return (await db.scalars(query.order_by(end, LandRight.id))).all()


async def get_land_right(db: AsyncSession, actor: Actor, right_id: int) -> LandRight:
    found = await db.scalar(
        _rights(actor).where(LandRight.id == right_id).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


async def get_document(db: AsyncSession, right: LandRight) -> StoredFile:
    """The paper of a right that the actor sees."""
    query = sa.select(StoredFile).where(StoredFile.sha256 == right.document)
    found = await db.scalar(query) if right.document else None
    if found is None:
        raise NotVisible
    return found
