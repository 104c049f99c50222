"""Grants and their actions: made, changed, closed, opened again."""

from collections.abc import Mapping
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.network import queries
from couveuse.network.forms import FundedActionForm, GrantForm
from couveuse.network.models import FundedAction, Grant, GrantClosed, GrantShare
from couveuse.people.models import days

journal.words(
    {
        "grant.made": N_("a noté ce financement"),
        "grant.changed": N_("a modifié ce financement (%(during)s)"),
        "grant.closed": N_("a clos ce financement"),
        "grant.reopened": N_("a rouvert ce financement"),
        "grant.action_added": N_("a ajouté l'action « %(action)s »"),
        "grant.action_changed": N_("a modifié l'action « %(action)s »"),
    }
)

Parts = Mapping[int, Decimal | None]
"""By structure, what it holds in per cent, when that is said."""


async def make_grant(db: AsyncSession, actor: Actor, asked: GrantForm, parts: Parts) -> Grant:
    """The same form sent twice finds the first."""

    async def find(grant_id: int) -> Grant:
        return await queries.get_grant(db, actor, grant_id)

    return await once(db, actor, asked, "grant", lambda: _make(db, actor, asked, parts), find)


@atomic
async def _make(db: AsyncSession, actor: Actor, asked: GrantForm, parts: Parts) -> Grant:
    grant = Grant(
        funder=asked.funder,
        name=asked.name,
        reference=asked.reference,
        during=days(asked.starts_on, asked.ends_on),
        created_by_id=actor.person_id,
    )
    db.add(grant)
    await db.flush()  # its shares need the id
    await _set_shares(db, grant.id, parts)
    journal.record(db, actor, "grant.made", grant.id)
    keep_sent(db, actor, asked, "grant", grant.id)
    await db.flush()
    return grant


@atomic
async def change_grant(
    db: AsyncSession, actor: Actor, grant: Grant, asked: GrantForm, parts: Parts
) -> None:
    await queries.lock_grant(db, grant.id)
    grant = await queries.get_grant(db, actor, grant.id)
    if grant.is_closed:
        raise GrantClosed
    grant.funder, grant.name, grant.reference = asked.funder, asked.name, asked.reference
    grant.during = days(asked.starts_on, asked.ends_on)
    await db.flush()
    await _set_shares(db, grant.id, parts)
    journal.record(db, actor, "grant.changed", grant.id, during=grant.during)
    await db.flush()


async def _set_shares(db: AsyncSession, grant_id: int, parts: Parts) -> None:
    if sum(percent or 0 for percent in parts.values()) > 100:
        sentence = N_("Les parts des structures dépassent 100 % ensemble. Corrigez-les.")
        raise Refused(Reason("parts_over_hundred", sentence, field="structure_ids"))
    kept = {
        one.structure_id: one
        for one in await db.scalars(sa.select(GrantShare).where(GrantShare.grant_id == grant_id))
    }
    for structure_id, share in kept.items():
        if structure_id in parts:
            share.percent = parts[structure_id]
        else:
            await db.delete(share)
    for structure_id, percent in parts.items():
        if structure_id not in kept:
            db.add(GrantShare(grant_id=grant_id, structure_id=structure_id, percent=percent))
    await db.flush()


@atomic
async def close_grant(db: AsyncSession, actor: Actor, grant: Grant) -> None:
    """Nothing of it changes any more. Done twice, it stays so."""
    await queries.lock_grant(db, grant.id)
    grant = await queries.get_grant(db, actor, grant.id)
    if grant.is_closed:
        return
    if grant.first_day > clock.today():
        sentence = N_("Ce financement n'a pas commencé : modifiez plutôt ses dates.")
        raise Refused(Reason("not_begun", sentence))
    grant.closed_on = clock.today()
    journal.record(db, actor, "grant.closed", grant.id)


@atomic
async def reopen_grant(db: AsyncSession, actor: Actor, grant: Grant) -> None:
    await queries.lock_grant(db, grant.id)
    grant = await queries.get_grant(db, actor, grant.id)
    if grant.is_closed:
        grant.closed_on = None
        journal.record(db, actor, "grant.reopened", grant.id)


async def add_action(
    db: AsyncSession, actor: Actor, grant: Grant, asked: FundedActionForm
) -> FundedAction:
    """The same form sent twice finds the first."""
    subject = f"funded action of {grant.id}"

    async def find(action_id: int) -> FundedAction:
        return await queries.get_action(db, actor, action_id)

    return await once(
        db, actor, asked, subject, lambda: _add_action(db, actor, grant, asked, subject), find
    )


@atomic
async def _add_action(
    db: AsyncSession, actor: Actor, grant: Grant, asked: FundedActionForm, subject: str
) -> FundedAction:
    action = FundedAction(grant_id=grant.id)
    _write(action, asked)
    db.add(action)
    await db.flush()  # its id is needed
    journal.record(db, actor, "grant.action_added", grant.id, action=action.label)
    keep_sent(db, actor, asked, subject, action.id)
    await db.flush()
    return action


@atomic
async def change_action(
    db: AsyncSession, actor: Actor, action: FundedAction, asked: FundedActionForm
) -> None:
    """A ceiling may be put below what is consumed: the page then says by how much it is passed."""
    await queries.lock_actions(db, [action.id])
    action = await queries.get_action(db, actor, action.id)
    if action.grant.is_closed:
        raise GrantClosed
    _write(action, asked)
    await db.flush()
    journal.record(db, actor, "grant.action_changed", action.grant_id, action=action.label)


def _write(action: FundedAction, asked: FundedActionForm) -> None:
    action.label, action.mode = asked.label, asked.mode
    action.total_minutes = _minutes(asked.total_hours)
    action.person_minutes = _minutes(asked.person_hours)
    action.total_half_days = asked.total_half_days
    action.person_half_days = asked.person_half_days


def _minutes(hours: Decimal | None) -> int | None:
    return None if hours is None else int(hours * 60)
