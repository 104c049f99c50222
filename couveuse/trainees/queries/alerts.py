"""What about agreements wants somebody's attention: ends that come, and what is still missing."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.trainees import policy
from couveuse.trainees.models import (
    Agreement,
    AgreementKind,
    AgreementPeriod,
    AgreementPiece,
    LegalNotice,
)
from couveuse.trainees.queries.agreements import list_kinds
from couveuse.trainees.rules import Standing, kind_on, pieces_of, standing

PIECE_DAYS = 30
"""How long before a piece is due it is asked for."""


class AlertKind(StrEnum):
    ENDING = "ending"
    DOCUMENT = "document"
    NOTICE = "notice"
    PIECE = "piece"


@dataclass(frozen=True, slots=True)
class AgreementAlert:
    """One thing to see to. The agreement has person, structure and periods loaded."""

    kind: AlertKind
    agreement: Agreement
    day: dt.date
    """The last day of the agreement, or the day by which it should be done."""
    standing: Standing
    label: str | None = None
    """Of a notice or a piece, a French sentence of the catalogue."""
    notice: LegalNotice | None = None

    @property
    def is_late(self) -> bool:
        return self.day < clock.today()

    @property
    def step(self) -> int | None:
        """For an end: within 90, 60, 30 or 7 days."""
        return self.standing.warning if self.kind == AlertKind.ENDING else None


async def list_agreement_alerts(db: AsyncSession, actor: Actor) -> list[AgreementAlert]:
    """For those who act on agreements everything, for the person her end and her pieces.

    The most pressing first.
    """
    own = Agreement.person_id == actor.person_id
    concerned = sa.or_(own, policy.managed_agreements(actor))
    found = await list_alerts(db, sa.and_(policy.visible_agreements(actor), concerned))
    hers = {AlertKind.ENDING, AlertKind.PIECE}
    return [
        one
        for one in found
        if one.kind in hers or policy.can_manage_agreement(actor, one.agreement.structure_id)
    ]


def by_agreement(alerts: Iterable[AgreementAlert]) -> list[list[AgreementAlert]]:
    """Those of one agreement together, in the order in which they come."""
    found: dict[int, list[AgreementAlert]] = {}
    for alert in alerts:
        found.setdefault(alert.agreement.id, []).append(alert)
    return list(found.values())


async def list_alerts(
    db: AsyncSession, where: sa.ColumnElement[bool] | None = None
) -> list[AgreementAlert]:
    """Of every agreement, or of some; the most pressing first."""
    agreements = await _list_running(db, sa.true() if where is None else where)
    kinds = await list_kinds(db)
    ids = [one.id for one in agreements]
    notices = await _by_agreement(db, ids)
    pieces = await _codes_brought(db, ids)
    found: list[AgreementAlert] = []
    for one in agreements:
        kind = kind_on(kinds, one.kind, one.periods[-1].first_day)
        assert kind is not None  # noqa: S101, agreement_kind_in_force
        where_it_stands = standing(one, kind, clock.today())
        found += _ending(one, where_it_stands)
        found += _waiting(one, where_it_stands)
        found += _to_send(one, where_it_stands, notices.get(one.id, []))
        found += _to_bring(one, where_it_stands, kind, pieces.get(one.id, set()))
    return sorted(found, key=lambda alert: (alert.day, alert.agreement.id, alert.kind))


async def _list_running(db: AsyncSession, where: sa.ColumnElement[bool]) -> Sequence[Agreement]:
    """Those that are not over, and those with a notice still to send."""
    today = clock.today()
    goes_on = sa.exists().where(
        AgreementPeriod.agreement_id == Agreement.id,
        sa.func.upper(AgreementPeriod.during) > today,
    )
    to_tell = sa.exists().where(
        LegalNotice.agreement_id == Agreement.id, LegalNotice.sent_on.is_(None)
    )
    found = await db.scalars(
        sa.select(Agreement)
        .join(Agreement.person)
        .where(sa.or_(goes_on.correlate(Agreement), to_tell.correlate(Agreement)), where)
        .options(
            contains_eager(Agreement.person),
            joinedload(Agreement.structure),
            selectinload(Agreement.periods),
        )
        .order_by(Agreement.id)
    )
    return found.all()


async def _by_agreement(db: AsyncSession, ids: list[int]) -> dict[int, list[LegalNotice]]:
    query = sa.select(LegalNotice).where(
        LegalNotice.agreement_id.in_(ids), LegalNotice.sent_on.is_(None)
    )
    found: dict[int, list[LegalNotice]] = {}
    for notice in await db.scalars(query.order_by(LegalNotice.id)):
        found.setdefault(notice.agreement_id, []).append(notice)
    return found


async def _codes_brought(db: AsyncSession, ids: list[int]) -> dict[int, set[str]]:
    rows = await db.execute(
        sa.select(AgreementPiece.agreement_id, AgreementPiece.code).where(
            AgreementPiece.agreement_id.in_(ids)
        )
    )
    found: dict[int, set[str]] = {}
    for agreement_id, code in rows:
        found.setdefault(agreement_id, set()).add(code)
    return found


def _ending(agreement: Agreement, now: Standing) -> Iterator[AgreementAlert]:
    if now.warning and agreement.periods[0].is_signed:
        yield AgreementAlert(AlertKind.ENDING, agreement, now.last, now)


def _waiting(agreement: Agreement, now: Standing) -> Iterator[AgreementAlert]:
    for period in agreement.periods:
        if not period.is_signed and agreement.ended_on is None:
            day = period.signed_on or period.first_day
            yield AgreementAlert(AlertKind.DOCUMENT, agreement, day, now)


def _to_send(
    agreement: Agreement, now: Standing, notices: list[LegalNotice]
) -> Iterator[AgreementAlert]:
    for notice in notices:
        yield AgreementAlert(AlertKind.NOTICE, agreement, notice.due_on, now, notice.label, notice)


def _to_bring(
    agreement: Agreement, now: Standing, kind: AgreementKind, brought: set[str]
) -> Iterator[AgreementAlert]:
    if now.last < clock.today():
        return
    soon = clock.today() + dt.timedelta(days=PIECE_DAYS)
    for piece in pieces_of(kind):
        due = piece.due_on(now.first)
        if piece.code not in brought and due <= soon:
            yield AgreementAlert(AlertKind.PIECE, agreement, due, now, piece.label)
