"""Claims on land: who holds what, and what happens when that changes."""

import datetime as dt
import json
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Refused
from couveuse.core.jobs import Workshop
from couveuse.core.journal import JournalLine
from couveuse.core.mail import OutgoingMail
from couveuse.occupancy import actions, queries
from couveuse.occupancy.actions.seen import Changed, seen_as
from couveuse.occupancy.forms import (
    CancellationForm,
    ConfirmationForm,
    DatesForm,
    EarlyEndForm,
)
from couveuse.occupancy.models import ConditionReport, OnceReusedForGround, PlotPeriod
from couveuse.occupancy.tasks import tell_about_ground
from couveuse.plots.actions import merge_plots, split_plot
from couveuse.plots.split_forms import Part
from tests.cast import Cast
from tests.occupancy.building import asked, days_of_plots, make_claim, make_plot, make_right

D = dt.date


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


def said(refused: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(str(reason) for reason in refused.value.reasons)


async def fresh(db: AsyncSession, cast: Cast, period: PlotPeriod) -> PlotPeriod:
    return await queries.get_period(db, cast.actors["ines"], period.id)


# ---------------------------------------------------------------- claiming


async def test_a_plot_is_held_to_its_last_day(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    form = asked(D(2026, 12, 1), D(2027, 11, 30), person_id=cast.lea.id)
    period = await actions.claim_ground(db, cast.actors["ines"], plot, form)
    assert period.during == Range(D(2026, 12, 1), D(2027, 12, 1))
    next_day = asked(D(2027, 12, 1), None, person_id=cast.tom.id)
    await actions.claim_ground(db, cast.actors["ines"], plot, next_day)
    assert len(await days_of_plots(db, plot)) == 2


async def test_a_taken_day_is_refused_with_who_holds_it(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    await make_claim(db, plot, cast.ines, D(2026, 12, 1), D(2027, 6, 1), cast.lea, cast.tom)
    form = asked(D(2027, 5, 31), D(2027, 8, 1), person_id=cast.rosa.id)
    with pytest.raises(Refused) as refused:
        await actions.claim_ground(db, cast.actors["ines"], plot, form)
    assert "Lea Essai, Tom Essai" in said(refused)
    assert "31 mai 2027" in said(refused)


async def test_every_reason_is_told_at_once(db: AsyncSession, cast: Cast) -> None:
    right = await make_right(db, cast.farm, D(2020, 1, 1), D(2027, 1, 1))
    plot = await make_plot(db, cast.farm, end=D(2028, 1, 1), rights=[right])
    await make_claim(db, plot, cast.ines, D(2026, 12, 1), D(2026, 12, 15), kind="works")
    await db.refresh(plot)
    with pytest.raises(Refused) as refused:
        await actions.claim_ground(
            db, cast.actors["ines"], plot, asked(D(2026, 12, 10), D(2029, 1, 1))
        )
    assert codes(refused) == {"nobody", "after_service", "beyond_right", "ground_taken"}
    assert "31 déc. 2026" in said(refused)


async def test_rest_and_works_may_pass_the_right_on_the_land(db: AsyncSession, cast: Cast) -> None:
    right = await make_right(db, cast.farm, D(2020, 1, 1), D(2027, 1, 1))
    plot = await make_plot(db, cast.farm, rights=[right])
    form = asked(D(2026, 12, 1), D(2027, 3, 1), kind="rest", reason="Seigle")
    await actions.claim_ground(db, cast.actors["ines"], plot, form)


async def test_one_right_may_follow_another(db: AsyncSession, cast: Cast) -> None:
    first = await make_right(db, cast.farm, D(2020, 1, 1), D(2027, 1, 1))
    second = await make_right(db, cast.farm, D(2027, 1, 1), D(2030, 1, 1))
    plot = await make_plot(db, cast.farm, rights=[first, second])
    form = asked(D(2026, 12, 1), D(2029, 12, 31), person_id=cast.lea.id)
    await actions.claim_ground(db, cast.actors["ines"], plot, form)


async def test_people_are_for_stays_and_must_be_known(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    for form, code in (
        (asked(D(2027, 1, 1), None, kind="works", person_id=cast.lea.id), "people_only_stay"),
        (asked(D(2027, 1, 1), None, person_id=10**9), "unknown_person"),
    ):
        with pytest.raises(Refused) as refused:
            await actions.claim_ground(db, cast.actors["ines"], plot, form)
        assert codes(refused) == {code}


async def test_the_same_form_sent_twice_claims_once(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    form = asked(D(2027, 1, 1), D(2027, 2, 1), person_id=cast.lea.id, once="a")
    first = await actions.claim_ground(db, cast.actors["ines"], plot, form)
    again = await actions.claim_ground(db, cast.actors["ines"], plot, form)
    assert again.id == first.id
    other = asked(D(2027, 3, 1), D(2027, 4, 1), person_id=cast.lea.id, once="a")
    with pytest.raises(OnceReusedForGround):
        await actions.claim_ground(db, cast.actors["ines"], plot, other)


async def test_a_renewal_of_the_same_people_is_the_same_stay(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    pair = [cast.lea.id, cast.tom.id]
    claims = [
        await actions.claim_ground(db, cast.actors["ines"], plot, form)
        for form in (
            asked(D(2027, 1, 1), D(2027, 12, 31), person_ids=pair),
            asked(D(2028, 1, 1), D(2028, 12, 31), person_ids=pair[::-1]),
            asked(D(2029, 1, 1), D(2029, 12, 31), person_id=cast.lea.id),
        )
    ]
    assert claims[0].stay_id == claims[1].stay_id
    assert claims[2].stay_id != claims[1].stay_id


async def test_a_claim_that_fills_the_gap_makes_two_stays_one(db: AsyncSession, cast: Cast) -> None:
    plot, other = await make_plot(db, cast.farm), await make_plot(db, cast.farm)
    lea, ines = cast.lea, cast.actors["ines"]
    first = await make_claim(db, plot, cast.ines, D(2026, 1, 1), D(2027, 1, 1), lea)
    last = await make_claim(db, plot, cast.ines, D(2028, 1, 1), D(2029, 1, 1), lea)
    beside = await make_claim(db, other, cast.ines, D(2028, 6, 1), None, stay_id=last.stay_id)
    someone = await make_claim(db, other, cast.ines, D(2027, 1, 1), D(2028, 1, 1), cast.tom)
    report = ConditionReport(
        plot_id=plot.id,
        stay_id=last.stay_id,
        kind="entry",
        made_on=D(2028, 1, 1),
        created_by_id=cast.ines.id,
    )
    db.add(report)
    form = asked(D(2027, 1, 1), D(2027, 12, 31), person_id=lea.id)
    middle = await actions.claim_ground(db, ines, plot, form)
    for one in (last, beside, report, someone):
        await db.refresh(one)
    assert {one.stay_id for one in (middle, last, beside, report)} == {first.stay_id}
    assert someone.stay_id != first.stay_id


@pytest.mark.parametrize("is_later", [True, False])
async def test_dates_that_touch_another_stay_of_the_same_person_join_it(
    db: AsyncSession, cast: Cast, is_later: bool
) -> None:
    plot = await make_plot(db, cast.farm)
    days = [(D(2026, 1, 1), D(2027, 1, 1)), (D(2027, 3, 1), D(2028, 1, 1))]
    first, last = [await make_claim(db, plot, cast.ines, *span, cast.lea) for span in days]
    oldest = first.stay_id
    moved = last if is_later else first
    form = (
        DatesForm(starts_on=D(2027, 1, 1), ends_on=D(2027, 12, 31))
        if is_later
        else DatesForm(starts_on=D(2026, 1, 1), ends_on=D(2027, 2, 28))
    )
    moved = await fresh(db, cast, moved)
    await actions.change_dates(db, cast.actors["ines"], moved, form)
    await db.refresh(first)
    await db.refresh(last)
    assert (first.stay_id, last.stay_id) == (oldest, oldest)


async def test_dates_that_touch_nothing_keep_their_stay(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    first = await make_claim(db, plot, cast.ines, D(2026, 1, 1), D(2027, 1, 1), cast.lea)
    await make_claim(db, plot, cast.ines, D(2028, 1, 1), None, cast.tom)
    stay_id = first.stay_id
    form = DatesForm(starts_on=D(2027, 2, 1), ends_on=D(2027, 12, 31))
    await actions.change_dates(db, cast.actors["ines"], await fresh(db, cast, first), form)
    await db.refresh(first)
    assert first.stay_id == stay_id


async def test_the_person_is_told_by_mail(
    db: AsyncSession, cast: Cast, settings, databases
) -> None:
    plot = await make_plot(db, cast.farm)
    form = asked(D(2027, 1, 1), D(2027, 12, 31), person_id=cast.lea.id)
    await actions.claim_ground(db, cast.actors["ines"], plot, form)
    queued = await db.scalar(
        sa.text("SELECT payload FROM pgqueuer WHERE entrypoint = 'tell_about_ground'")
    )
    await db.commit()
    await tell_about_ground(Workshop(databases.writer, settings), **json.loads(queued))
    mail = await db.scalar(sa.select(OutgoingMail))
    assert mail is not None
    assert mail.recipient == "lea@couveuse.example"
    assert plot.code in mail.subject
    assert "du 1er janv. 2027 au 31 déc. 2027" in mail.body


# ---------------------------------------------------------------- changing


async def test_an_early_end_frees_the_rest_and_keeps_the_plan(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    ines = cast.actors["ines"]
    [freed] = await actions.end_early(
        db, ines, await fresh(db, cast, period), EarlyEndForm(ends_on=D(2026, 12, 31))
    )
    assert freed.during == Range(D(2027, 1, 1), D(2027, 5, 1))
    assert period.during == Range(D(2026, 5, 1), D(2027, 1, 1))
    assert period.planned_end_on == D(2027, 4, 30)
    await actions.claim_ground(
        db, ines, plot, asked(D(2027, 1, 1), D(2027, 4, 30), person_id=cast.tom.id)
    )
    verbs = await db.scalars(sa.select(JournalLine.verb).where(JournalLine.subject_id == plot.id))
    assert "plot.claim_ended" in set(verbs)


async def test_why_it_ended_early_does_not_take_the_place_of_the_remark(
    db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm)
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    period.reason = "Retenue par le comité"
    await db.flush()
    ines, form = cast.actors["ines"], EarlyEndForm(ends_on=D(2026, 12, 31), reason="Une ferme")
    await actions.end_early(db, ines, await fresh(db, cast, period), form)
    assert (period.reason, period.end_reason) == ("Retenue par le comité", "Une ferme")
    form = EarlyEndForm(ends_on=D(2026, 11, 30))
    await actions.end_early(db, ines, await fresh(db, cast, period), form)
    assert period.end_reason == "Une ferme"
    later = DatesForm(starts_on=D(2026, 5, 1), ends_on=D(2027, 4, 30))
    await actions.change_dates(db, ines, await fresh(db, cast, period), later)
    assert (period.planned_end_on, period.end_reason) == (None, None)


async def test_an_early_end_lets_the_renewal_go_too(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    other = await make_plot(db, cast.farm)
    first = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    await make_claim(db, plot, cast.ines, D(2027, 5, 1), D(2028, 5, 1), stay_id=first.stay_id)
    await make_claim(db, other, cast.ines, D(2026, 5, 1), D(2028, 5, 1), stay_id=first.stay_id)
    await actions.end_early(
        db, cast.actors["ines"], await fresh(db, cast, first), EarlyEndForm(ends_on=D(2026, 12, 1))
    )
    assert await days_of_plots(db, plot) == [(plot.id, "stay", D(2026, 5, 1), D(2026, 12, 2))]
    assert (await days_of_plots(db, other))[0][3] == D(2028, 5, 1)
    assert first.planned_end_on == D(2028, 4, 30)


async def test_a_whole_stay_ends_on_all_its_plots(db: AsyncSession, cast: Cast) -> None:
    plots = [await make_plot(db, cast.farm) for _ in range(3)]
    first = await make_claim(db, plots[0], cast.ines, D(2026, 5, 1), None, cast.lea)
    for plot in plots[1:]:
        await make_claim(db, plot, cast.ines, D(2026, 6, 1), None, stay_id=first.stay_id)
    freed = await actions.end_early(
        db,
        cast.actors["ines"],
        await fresh(db, cast, first),
        EarlyEndForm(ends_on=D(2026, 11, 30), all_plots=True),
    )
    assert {one.plot.id for one in freed} == {plot.id for plot in plots}
    assert {row[3] for row in await days_of_plots(db, *plots)} == {D(2026, 12, 1)}


async def test_a_whole_stay_does_not_end_on_the_land_of_another_structure(
    db: AsyncSession, cast: Cast
) -> None:
    own, other = await make_plot(db, cast.neuvy), await make_plot(db, cast.farm, code="LC-7")
    first = await make_claim(db, own, cast.ines, D(2026, 5, 1), None, cast.tom)
    await make_claim(db, other, cast.ines, D(2026, 5, 1), None, stay_id=first.stay_id)
    paul, form = cast.actors["paul"], EarlyEndForm(ends_on=D(2026, 11, 30), all_plots=True)
    with pytest.raises(Refused) as refused:
        await actions.end_early(db, paul, await fresh(db, cast, first), form)
    assert codes(refused) == {"not_in_charge"}
    assert "LC-7" in said(refused)
    assert {row[3] for row in await days_of_plots(db, own, other)} == {None}


@pytest.mark.parametrize("day", [D(2026, 4, 30), D(2027, 4, 30), D(2028, 1, 1)])
async def test_an_end_outside_the_claim_is_refused(
    db: AsyncSession, cast: Cast, day: dt.date
) -> None:
    plot = await make_plot(db, cast.farm)
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    with pytest.raises(Refused) as refused:
        await actions.end_early(
            db, cast.actors["ines"], await fresh(db, cast, period), EarlyEndForm(ends_on=day)
        )
    assert codes(refused) == {"end_outside"}
    assert "entre le 1er mai 2026 et le 29 avr. 2027" in said(refused)


async def test_dates_may_grow_until_somebody_else_begins(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    await make_claim(db, plot, cast.ines, D(2027, 7, 1), D(2028, 1, 1), cast.tom)
    ines = cast.actors["ines"]
    period = await fresh(db, cast, period)
    form = DatesForm(starts_on=D(2026, 5, 1), ends_on=D(2027, 7, 1))
    with pytest.raises(Refused) as refused:
        await actions.change_dates(db, ines, period, form)
    assert "Tom Essai" in said(refused)
    form = DatesForm(starts_on=D(2026, 5, 1), ends_on=D(2027, 6, 30))
    await actions.change_dates(db, ines, await fresh(db, cast, period), form)
    assert period.during.upper == D(2027, 7, 1)


async def test_what_somebody_else_changed_since_is_noticed(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    seen = seen_as(period).replace("2027-05-01", "2027-04-01")
    form = DatesForm(starts_on=D(2026, 5, 1), ends_on=D(2027, 6, 30), seen=seen)
    period = await fresh(db, cast, period)
    with pytest.raises(Changed):
        await actions.change_dates(db, cast.actors["ines"], period, form)


async def test_only_what_is_to_come_is_cancelled(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    ines = cast.actors["ines"]
    begun = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    coming = await make_claim(db, plot, cast.ines, D(2027, 5, 1), None, cast.tom, kind="reserved")
    with pytest.raises(Refused):
        await actions.cancel_claim(db, ines, await fresh(db, cast, begun), CancellationForm())
    await actions.cancel_claim(db, ines, await fresh(db, cast, coming), CancellationForm())
    assert len(await days_of_plots(db, plot)) == 1


async def test_a_reservation_becomes_a_stay(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    ines = cast.actors["ines"]
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), None, kind="reserved")
    with pytest.raises(Refused) as refused:
        await actions.confirm_stay(db, ines, await fresh(db, cast, period), ConfirmationForm())
    assert codes(refused) == {"nobody"}
    form = ConfirmationForm(person_id=cast.lea.id)
    await actions.confirm_stay(db, ines, await fresh(db, cast, period), form)
    assert (period.kind, period.stay_id is not None) == ("stay", True)


# ---------------------------------------------------------------- splitting and merging

CUT = D(2027, 1, 1)


def parts(*sizes: int) -> list[Part]:
    return [Part(code=f"M-{size}", size_m2=Decimal(size)) for size in sizes]


async def divide(db: AsyncSession, cast: Cast, plot, *sizes: int, goes_on=None):
    ines = cast.actors["ines"]

    async def make():
        return await split_plot(db, ines, plot, CUT, parts(*sizes))

    return await actions.divide_ground(db, ines, plot, CUT, make, goes_on)


async def test_a_plot_is_split_while_somebody_holds_it(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    held = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    await make_claim(db, plot, cast.ines, D(2027, 5, 1), None, kind="rest")
    one, two = await divide(db, cast, plot, 400, 600, goes_on={held.id: {0}})
    assert await days_of_plots(db, plot) == [(plot.id, "stay", D(2026, 5, 1), CUT)]
    assert await days_of_plots(db, one, two) == [
        (one.id, "stay", CUT, D(2027, 5, 1)),
        (one.id, "rest", D(2027, 5, 1), None),
        (two.id, "rest", D(2027, 5, 1), None),
    ]
    stays = set(await db.scalars(sa.select(PlotPeriod.stay_id).where(PlotPeriod.kind == "stay")))
    assert stays == {held.stay_id}


async def test_what_goes_on_on_the_parts_did_not_end_early(db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    held = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    held.planned_end_on, held.end_reason = D(2027, 12, 31), "Une ferme"
    await db.flush()
    one, two = await divide(db, cast, plot, 400, 600)
    await db.refresh(held)
    assert (held.planned_end_on, held.end_reason) == (None, None)
    rest = await db.scalars(sa.select(PlotPeriod).where(PlotPeriod.plot_id.in_([one.id, two.id])))
    parts_held = rest.all()
    told = {(part.planned_end_on, part.end_reason) for part in parts_held}
    assert told == {(D(2027, 12, 31), "Une ferme")}
    sequels = await queries.list_sequels(db, plot.id)
    assert sequels == {
        held.id: [
            (part.id, code) for part, code in zip(parts_held, ("M-400", "M-600"), strict=True)
        ]
    }


@pytest.mark.parametrize("kept", [{0, 1}, {1}])
async def test_who_holds_a_divided_plot_is_mailed_once_what_they_keep_and_lose(
    db: AsyncSession, cast: Cast, settings, databases, kept: set[int]
) -> None:
    plot = await make_plot(db, cast.farm)
    held = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    await divide(db, cast, plot, 400, 600, goes_on={held.id: kept})
    queued = await db.scalars(
        sa.text("SELECT payload FROM pgqueuer WHERE entrypoint = 'tell_about_ground'")
    )
    [payload] = queued.all()
    await db.commit()
    await tell_about_ground(Workshop(databases.writer, settings), **json.loads(payload))
    mail = await db.scalar(sa.select(OutgoingMail))
    assert mail is not None
    parts_kept = "M-400, M-600" if 0 in kept else "M-600"
    assert mail.subject == f"Votre parcelle est maintenant {parts_kept}"
    assert f"Votre occupation continue sur {parts_kept}." in mail.body
    assert ("Elle ne comprend plus M-400." in mail.body) == (0 not in kept)


async def test_plots_are_merged_when_one_stay_holds_both(db: AsyncSession, cast: Cast) -> None:
    plots = [await make_plot(db, cast.farm) for _ in range(2)]
    first = await make_claim(db, plots[0], cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    await make_claim(db, plots[1], cast.ines, D(2026, 9, 1), D(2027, 5, 1), stay_id=first.stay_id)
    ines = cast.actors["ines"]

    async def make():
        return [await merge_plots(db, ines, plots, CUT, "Tout")]

    whole = await actions.join_ground(db, ines, plots, CUT, make)
    assert await days_of_plots(db, whole) == [(whole.id, "stay", CUT, D(2027, 5, 1))]
    assert {row[3] for row in await days_of_plots(db, *plots)} == {CUT}


async def test_plots_held_differently_are_not_merged(db: AsyncSession, cast: Cast) -> None:
    plots = [await make_plot(db, cast.farm) for _ in range(2)]
    await make_claim(db, plots[0], cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    ines = cast.actors["ines"]

    async def make():
        return [await merge_plots(db, ines, plots, CUT, "Tout")]

    with pytest.raises(Refused) as refused:
        await actions.join_ground(db, ines, plots, CUT, make)
    assert codes(refused) == {"claims_differ"}
    assert "Lea Essai" in said(refused)
    assert (await days_of_plots(db, *plots))[0][3] == D(2027, 5, 1)
