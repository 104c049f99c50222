"""How long each sort of record is kept: a table with dates, so that a change is a row, not code."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from couveuse.core import clock
from couveuse.core.db import Base
from couveuse.core.i18n import N_


class Keeping(StrEnum):
    """Codes of the sorts of records that the product itself knows about."""

    PRESENTED = "presented"
    SET_ASIDE = "set_aside"
    INTRODUCED = "introduced"
    MEMBER = "member"
    FOLLOWED = "followed"
    EVIDENCE = "evidence"
    MAILS = "mails"
    READINGS = "readings"


SAID = (
    N_("Présentation d'un projet classée sans suite"),
    N_("Présentation d'un projet, telle qu'envoyée"),
    N_("Personne accueillie, orientée ou candidate, sans test"),
    N_("Membre du réseau : tutorat, bénévolat, salariat, équipe"),
    N_("Personne suivie : conventions, visites, bilans, séjours sur la terre"),
    N_("Séances payées par un financement : feuilles signées, heures"),
    N_("Courriers envoyés par le logiciel"),
    N_("Journal des lectures d'un dossier"),
    N_("depuis l'envoi"),
    N_("depuis la lecture"),
    N_("depuis le dernier contact"),
    N_("depuis le dernier contact, suivi après le test compris"),
    N_("depuis la fin du financement"),
)
"""What the rows of migrations say, for the catalogue."""


class RetentionPeriod(Base):
    """A sort of record and its months, while they are in force. Filled by migrations."""

    __tablename__ = "retention_period"
    __table_args__ = (
        ExcludeConstraint(
            ("code", "="), ("in_force", "&&"), using="gist", name="retention_period_once_at_a_time"
        ),
        sa.CheckConstraint("months > 0", name="retention_period_positive"),
    )

    code: Mapped[str]
    label: Mapped[str]
    """A French sentence of the catalogue: what is kept."""
    months: Mapped[int] = mapped_column(sa.Integer)
    since: Mapped[str]
    """From when on they count, a French sentence of the catalogue."""
    reference: Mapped[str | None]
    """The text that asks for it or allows it, as cited on the day it was read."""
    position: Mapped[int] = mapped_column(sa.Integer)
    in_force: Mapped[Range[dt.date]]


Periods = dict[str, RetentionPeriod]


async def read_periods(db: AsyncSession) -> Periods:
    """Those in force today, by code, in the order in which they are told."""
    found = await db.scalars(
        sa.select(RetentionPeriod)
        .where(RetentionPeriod.in_force.contains(clock.today()))
        .order_by(RetentionPeriod.position)
    )
    return {one.code: one for one in found}


def kept_until(last: dt.date, months: int) -> dt.date:
    """The last day on which something is kept."""
    return last + relativedelta(months=months)


async def kept_since(db: AsyncSession, code: Keeping) -> dt.date:
    """What is older than that day has been kept long enough."""
    period = (await read_periods(db))[code]
    return clock.today() - relativedelta(months=period.months)
