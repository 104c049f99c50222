"""Keeping one's own figures: headings, months, the plan. Every write locks the person first."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, NotVisible, Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup import queries
from couveuse.followup.accounts import first_of, month_name, months_of, spread
from couveuse.followup.actions.sending import keep_sent, once
from couveuse.followup.figure_forms import HeadingsForm, MonthForm
from couveuse.followup.models import (
    FigureAmount,
    FigureHeading,
    FigureMonth,
    FigureReminder,
    HeadingKind,
    HoursPer,
    PlannedAmount,
)
from couveuse.occupancy.season import Season

MOST = 40
"""Headings of one kind that somebody may have: beyond, a form is no longer one screen."""
Typed = Mapping[str, tuple[Decimal | None, Decimal | None]]

journal.words(
    {
        "figure_month.saved": N_("a enregistré ses chiffres de : %(month)s"),
        "figure_heading.added": N_("a ajouté une ligne à ses chiffres"),
        "figure_heading.renamed": N_("a renommé une ligne de ses chiffres"),
        "figure_heading.ended": N_("a arrêté une ligne de ses chiffres"),
        "figure_heading.returned": N_("a repris une ligne de ses chiffres"),
        "figure_heading.planned": N_("a changé son prévisionnel"),
    }
)


class MonthChanged(Conflict):
    """Another device saved the month since; the writer chooses."""

    def __init__(self) -> None:
        sentence = N_(
            "Ce mois a été enregistré ailleurs entre-temps, sur un autre appareil ou dans un autre "
            "onglet. Rien n'est perdu : comparez les deux, puis choisissez."
        )
        super().__init__(Reason("month_changed", sentence))


class PlanChanged(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Votre prévisionnel a été changé ailleurs entre-temps. Les montants enregistrés sont "
            "rappelés sous chaque ligne : corrigez, puis enregistrez à nouveau."
        )
        super().__init__(Reason("plan_changed", sentence))


# ---------------------------------------------------------------- headings


@atomic
async def add_headings(db: AsyncSession, actor: Actor, asked: HeadingsForm) -> None:
    """Add those named; one that is there already stays, and is offered again."""
    names = [*asked.names, *([asked.name] if asked.name else [])]
    if not names:
        sentence = N_("Cochez au moins une ligne, ou écrivez la vôtre.")
        raise Refused(Reason("no_heading", sentence, field="name"))
    await queries.lock_figures(db, actor.person_id)
    for name in names:
        await _heading(db, actor, asked.kind, name)


async def _heading(db: AsyncSession, actor: Actor, kind: str, name: str) -> FigureHeading:
    """The heading of that name, made or offered again."""
    known = [one for one in await queries.list_headings(db, actor.person_id) if one.kind == kind]
    for one in known:
        if one.name.lower() == name.lower():
            one.ended_on = None
            return one
    if len(known) >= MOST:
        sentence = N_("%(most)s lignes au plus. Renommez-en une, ou regroupez.")
        raise Refused(Reason("too_many_headings", sentence, {"most": MOST}, field="name"))
    place = max((one.place for one in known), default=0) + 1
    heading = FigureHeading(person_id=actor.person_id, kind=kind, name=name, place=place)
    db.add(heading)
    await db.flush()  # amounts and the journal need its id
    journal.record(db, actor, "figure_heading.added", heading.id)
    return heading


@atomic
async def rename_heading(db: AsyncSession, actor: Actor, heading: FigureHeading, name: str) -> None:
    await queries.lock_figures(db, actor.person_id)
    if heading.name != name:
        heading.name = name
        journal.record(db, actor, "figure_heading.renamed", heading.id)


@atomic
async def move_heading(db: AsyncSession, actor: Actor, heading: FigureHeading, way: str) -> None:
    """One place up or down among those of its kind that are offered."""
    await queries.lock_figures(db, actor.person_id)
    known = await queries.list_headings(db, actor.person_id)
    ordered = [one for one in known if one.kind == heading.kind]
    for place, one in enumerate(ordered, 1):
        one.place = place
    offered = [one for one in ordered if one.ended_on is None]
    if heading in offered:
        other = offered.index(heading) + (-1 if way == "up" else 1)
        if 0 <= other < len(offered):
            swapped = offered[other]
            heading.place, swapped.place = swapped.place, heading.place


@atomic
async def end_heading(db: AsyncSession, actor: Actor, heading: FigureHeading) -> None:
    """Not offered after this month; its figures stay. Done twice, it stays so."""
    await queries.lock_figures(db, actor.person_id)
    if heading.ended_on is None:
        heading.ended_on = clock.today()
        journal.record(db, actor, "figure_heading.ended", heading.id)


@atomic
async def return_heading(db: AsyncSession, actor: Actor, heading: FigureHeading) -> None:
    await queries.lock_figures(db, actor.person_id)
    if heading.ended_on is not None:
        heading.ended_on = None
        journal.record(db, actor, "figure_heading.returned", heading.id)


# ---------------------------------------------------------------- months


async def save_month(
    db: AsyncSession, actor: Actor, month: dt.date, asked: MonthForm
) -> FigureMonth:
    """Keep a month as far as it is filled in. The same form sent twice finds the first.

    Raises MonthChanged when another version than the one known stands there.
    """
    subject = f"figures {month}"

    async def find(month_id: int) -> FigureMonth:
        del month_id
        found = await queries.find_month(db, actor, month)
        if found is None:
            raise NotVisible
        return found

    return await once(
        db, actor, asked, subject, lambda: _save(db, actor, month, asked, subject), find
    )


@atomic
async def _save(
    db: AsyncSession, actor: Actor, month: dt.date, asked: MonthForm, subject: str
) -> FigureMonth:
    _refuse_impossible(month, asked)
    await queries.lock_figures(db, actor.person_id)
    kept = await queries.find_month(db, actor, month)
    if asked.version != (kept.version if kept else 0):
        raise MonthChanged
    amounts = asked.amounts() | await _new_amounts(db, actor, asked)
    if kept is None:
        kept = FigureMonth(person_id=actor.person_id, month=month, version=0, made_at=clock.now())
        db.add(kept)
    kept.version += 1
    kept.changed_at = clock.now()
    kept.hours, kept.hours_per = asked.hours, asked.hours_per
    kept.words = asked.words and asked.words.replace("\r\n", "\n")
    await db.flush()  # its amounts need the id
    await _set_amounts(db, kept, amounts)
    journal.record(db, actor, "figure_month.saved", kept.id, month=month_name(month))
    keep_sent(db, actor, asked, subject, kept.id)
    await db.flush()  # read again just below
    found = await queries.find_month(db, actor, month)
    assert found is not None  # noqa: S101, written above
    return found


def _refuse_impossible(month: dt.date, asked: MonthForm) -> None:
    reasons: list[Reason] = []
    if month > first_of(clock.today()):
        sentence = N_("Ce mois n'a pas commencé. Ce que vous prévoyez va dans le prévisionnel.")
        reasons.append(Reason("month_to_come", sentence))
    most = 744 if asked.hours_per == HoursPer.MONTH else 168
    if asked.hours is not None and asked.hours > most:
        sentence = N_("Il n'y a pas tant d'heures : %(most)s au plus.")
        reasons.append(Reason("too_many_hours", sentence, {"most": most}, field="hours"))
    for kind in HeadingKind:
        if getattr(asked, f"new_{kind}_amount") is not None and not getattr(asked, f"new_{kind}"):
            sentence = N_("Donnez un nom à cette nouvelle ligne.")
            reasons.append(Reason("name_missing", sentence, field=f"new_{kind}"))
    if reasons:
        raise Refused(*reasons)


async def _new_amounts(db: AsyncSession, actor: Actor, asked: MonthForm) -> dict[int, Decimal]:
    """Of headings that were named in the form itself."""
    found: dict[int, Decimal] = {}
    for kind in HeadingKind:
        if name := getattr(asked, f"new_{kind}"):
            heading = await _heading(db, actor, kind, name)
            amount = getattr(asked, f"new_{kind}_amount")
            if amount is not None:
                if heading.id in asked.amounts():
                    sentence = N_("Cette ligne est déjà dans la liste. Écrivez-y le montant.")
                    raise Refused(Reason("heading_there", sentence, field=f"new_{kind}"))
                found[heading.id] = amount
    return found


async def _set_amounts(db: AsyncSession, kept: FigureMonth, amounts: Mapping[int, Decimal]) -> None:
    await db.execute(sa.delete(FigureAmount).where(FigureAmount.month_id == kept.id))
    rows = [
        {
            "month_id": kept.id,
            "heading_id": heading_id,
            "person_id": kept.person_id,
            "amount": amount,
        }
        for heading_id, amount in sorted(amounts.items())
    ]
    if rows:
        await db.execute(sa.insert(FigureAmount), rows)


# ---------------------------------------------------------------- the plan


@atomic
async def plan_year(
    db: AsyncSession,
    actor: Actor,
    season: Season,
    headings: Sequence[FigureHeading],
    typed: Typed,
) -> None:
    """Spread each total that was changed over the months; those left alone keep their months.

    ``typed`` goes by the id of a heading. Raises PlanChanged when a total that was changed here was
    changed elsewhere too.
    """
    await queries.lock_figures(db, actor.person_id)
    accounts = await queries.read_accounts(db, actor, actor.person_id, season)
    months = months_of(season)
    for heading in headings:
        was, wanted = typed[str(heading.id)]
        planned = [one for (whose, _), one in accounts.plan.items() if whose == heading.id]
        now = sum(planned, Decimal(0)) if planned else None
        if _is_changed(was, wanted, now):
            parts = [None] * len(months) if wanted is None else spread(wanted, len(months))
            await _plan(db, actor, heading, dict(zip(months, parts, strict=True)))


@atomic
async def plan_months(
    db: AsyncSession, actor: Actor, season: Season, heading: FigureHeading, typed: Typed
) -> None:
    """Keep the months that were changed. Raises PlanChanged as ``plan_year`` does."""
    await queries.lock_figures(db, actor.person_id)
    accounts = await queries.read_accounts(db, actor, actor.person_id, season)
    changed: dict[dt.date, Decimal | None] = {}
    for month in months_of(season):
        was, wanted = typed[f"{month:%Y_%m}"]
        if _is_changed(was, wanted, accounts.plan.get((heading.id, month))):
            changed[month] = wanted
    if changed:
        await _plan(db, actor, heading, changed)


def _is_changed(was: Decimal | None, wanted: Decimal | None, now: Decimal | None) -> bool:
    """What was left as shown changes nothing; what was changed on both sides is a choice."""
    if wanted in (was, now):
        return False
    if was != now:
        raise PlanChanged
    return True


async def _plan(
    db: AsyncSession,
    actor: Actor,
    heading: FigureHeading,
    amounts: Mapping[dt.date, Decimal | None],
) -> None:
    await db.execute(
        sa.delete(PlannedAmount).where(
            PlannedAmount.heading_id == heading.id, PlannedAmount.month.in_(amounts)
        )
    )
    whose = {"heading_id": heading.id, "person_id": actor.person_id}
    rows = [
        whose | {"month": month, "amount": amount}
        for month, amount in amounts.items()
        if amount is not None
    ]
    if rows:
        await db.execute(sa.insert(PlannedAmount), rows)
    journal.record(db, actor, "figure_heading.planned", heading.id)


# ---------------------------------------------------------------- the reminder


@atomic
async def set_figure_reminder(db: AsyncSession, actor: Actor, *, wanted: bool) -> None:
    """A mail when last month is still empty after the tenth; only for who asks for it."""
    if wanted:
        await db.execute(
            insert(FigureReminder)
            .values(person_id=actor.person_id)
            .on_conflict_do_nothing(constraint="figure_reminder_once")
        )
    else:
        await db.execute(
            sa.delete(FigureReminder).where(FigureReminder.person_id == actor.person_id)
        )
