"""What was written wrong about a claim, and what never was."""

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Refused
from couveuse.core.journal import JournalLine, sentence
from couveuse.occupancy import actions, queries
from couveuse.occupancy.actions.seen import Changed, seen_as
from couveuse.occupancy.forms import CorrectionForm, MistakeForm
from couveuse.occupancy.models import ConditionReport, PlotPeriod
from couveuse.plots.models import Plot
from couveuse.trainees.models import Agreement
from tests import build
from tests.cast import Cast
from tests.html import parse
from tests.occupancy.building import days_of_plots, make_claim, make_plot, make_right

D = dt.date
START, END = D(2026, 5, 1), D(2027, 5, 1)


@pytest.fixture
async def plot(db: AsyncSession, cast: Cast) -> Plot:
    return await make_plot(db, cast.farm)


@pytest.fixture
async def hers(db: AsyncSession, cast: Cast, plot: Plot) -> PlotPeriod:
    """Lea's stay, which began half a year ago."""
    return await make_claim(db, plot, cast.ines, START, END, cast.lea)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def said(refused: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(str(reason) for reason in refused.value.reasons)


async def fresh(db: AsyncSession, cast: Cast, period: PlotPeriod) -> PlotPeriod:
    return await queries.get_period(db, cast.actors["ines"], period.id)


async def correct(db: AsyncSession, cast: Cast, period: PlotPeriod, **fields: Any) -> None:
    form = CorrectionForm(**{"kind": "stay"} | fields)
    await actions.correct_claim(db, cast.actors["ines"], await fresh(db, cast, period), form)


async def remove(db: AsyncSession, cast: Cast, period: PlotPeriod) -> None:
    form = MistakeForm(reason="Saisi sur la mauvaise parcelle")
    await actions.remove_mistake(db, cast.actors["ines"], await fresh(db, cast, period), form)


async def report(db: AsyncSession, cast: Cast, period: PlotPeriod, day: dt.date) -> ConditionReport:
    made = ConditionReport(
        plot_id=period.plot_id,
        stay_id=period.stay_id,
        kind="entry",
        made_on=day,
        created_by_id=cast.ines.id,
    )
    db.add(made)
    await db.flush()
    return made


async def mails(db: AsyncSession) -> dict[str, list[int]]:
    """Who is to be mailed, by what."""
    rows = await db.scalars(
        sa.text("SELECT payload FROM pgqueuer WHERE entrypoint = 'tell_about_ground' ORDER BY id")
    )
    return {one["what"]: one["people"] for one in map(json.loads, rows)}


async def told(db: AsyncSession, plot: Plot) -> str:
    line = await db.scalar(
        sa.select(JournalLine)
        .where(JournalLine.subject_kind == "plot", JournalLine.subject_id == plot.id)
        .order_by(JournalLine.id.desc())
        .limit(1)
    )
    assert line is not None
    return sentence(line)


# ---------------------------------------------------------------- correcting


async def test_the_right_person_takes_the_place_of_the_wrong_one(
    db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    entry = await report(db, cast, hers, START)
    stay_id = hers.stay_id
    await correct(db, cast, hers, person_id=cast.tom.id)
    await db.refresh(hers)
    await db.refresh(entry)
    assert [one.id for one in (await fresh(db, cast, hers)).stay.people] == [cast.tom.id]
    assert stay_id != hers.stay_id == entry.stay_id
    assert await mails(db) == {"claimed": [cast.tom.id], "claim_not_theirs": [cast.lea.id]}
    assert await told(db, plot) == (
        "a corrigé l'occupation du 1er mai 2026 au 30 avr. 2027 : personnes (Lea Essai → Tom Essai)"
    )


async def test_a_report_stays_where_the_people_hold_the_plot_at_another_time(
    db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    renewal = await make_claim(db, plot, cast.ines, END, None, stay_id=hers.stay_id)
    entry = await report(db, cast, hers, START)
    await correct(db, cast, renewal, person_id=cast.tom.id)
    await db.refresh(entry)
    assert entry.stay_id == hers.stay_id != renewal.stay_id


async def test_the_person_put_right_goes_on_with_the_stay_they_have(
    db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    after = await make_claim(db, plot, cast.ines, END, None, cast.tom)
    await correct(db, cast, hers, person_id=cast.tom.id)
    await db.refresh(hers)
    assert hers.stay_id == after.stay_id


async def test_somebody_is_added_and_the_remark_put_right(
    db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    await correct(db, cast, hers, person_ids=[cast.lea.id, cast.tom.id], reason="À deux")
    assert await mails(db) == {"claim_corrected": [cast.lea.id], "claimed": [cast.tom.id]}
    assert "remarque (– → À deux)" in await told(db, plot)
    payloads = await db.scalars(sa.text("SELECT payload FROM pgqueuer ORDER BY id"))
    assert [json.loads(one)["holders"] for one in payloads] == [["Lea Essai", "Tom Essai"]] * 2


async def test_a_remark_alone_is_not_mailed(
    db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    await correct(db, cast, hers, person_id=cast.lea.id, reason="Vue avec elle")
    await db.refresh(hers)
    assert hers.reason == "Vue avec elle"
    assert await mails(db) == {}


async def test_another_use_has_the_rules_of_that_use(
    db: AsyncSession, cast: Cast, hers: PlotPeriod
) -> None:
    with pytest.raises(Refused) as refused:
        await correct(db, cast, hers, kind="rest", person_id=cast.lea.id)
    assert codes(refused) == ["people_only_stay"]
    with pytest.raises(Refused) as refused:
        await correct(db, cast, hers, kind="stay")
    assert codes(refused) == ["nobody"]
    await correct(db, cast, hers, kind="rest", reason="Seigle")
    await db.refresh(hers)
    assert (hers.kind, hers.stay_id) == ("rest", None)


async def test_what_was_a_rest_is_given_to_somebody(
    db: AsyncSession, cast: Cast, plot: Plot
) -> None:
    rest = await make_claim(db, plot, cast.ines, START, END, kind="rest")
    await correct(db, cast, rest, person_id=cast.lea.id)
    await db.refresh(rest)
    assert (rest.kind, rest.stay_id is not None) == ("stay", True)


async def test_reports_that_name_nobody_are_given_to_nobody(
    db: AsyncSession, cast: Cast, plot: Plot
) -> None:
    rest = await make_claim(db, plot, cast.ines, START, END, kind="rest")
    old = await report(db, cast, rest, D(2024, 3, 1))
    await correct(db, cast, rest, person_id=cast.lea.id)
    await db.refresh(old)
    assert old.stay_id is None


async def test_a_rest_that_was_a_stay_stays_within_the_right_on_the_land(
    db: AsyncSession, cast: Cast
) -> None:
    right = await make_right(db, cast.farm, D(2020, 1, 1), D(2027, 1, 1))
    plot = await make_plot(db, cast.farm, rights=[right])
    rest = await make_claim(db, plot, cast.ines, START, END, kind="rest")
    with pytest.raises(Refused) as refused:
        await correct(db, cast, rest, person_id=cast.lea.id)
    assert codes(refused) == ["beyond_right"]


async def test_somebody_unknown_is_refused_and_who_left_may_be_kept(
    db: AsyncSession, cast: Cast, plot: Plot
) -> None:
    gone = await make_claim(db, plot, cast.ines, START, END, cast.zoe)
    with pytest.raises(Refused) as refused:
        await correct(db, cast, gone, person_ids=[cast.zoe.id, 10**9])
    assert codes(refused) == ["unknown_person"]
    await correct(db, cast, gone, person_id=cast.zoe.id, reason="Partie en mars")


async def test_nothing_new_is_told(db: AsyncSession, cast: Cast, hers: PlotPeriod) -> None:
    with pytest.raises(Refused) as refused:
        await correct(db, cast, hers, person_id=cast.lea.id)
    assert codes(refused) == ["nothing_new"]


async def test_a_correction_of_what_changed_since_is_refused(
    db: AsyncSession, cast: Cast, hers: PlotPeriod
) -> None:
    seen = seen_as(hers)
    await correct(db, cast, hers, person_id=cast.tom.id, seen=seen)
    with pytest.raises(Changed):
        await correct(db, cast, hers, person_id=cast.lea.id, seen=seen)
    await db.refresh(hers)
    seen = seen_as(hers)
    await correct(db, cast, hers, person_id=cast.tom.id, reason="Vue avec lui", seen=seen)
    with pytest.raises(Changed):
        await correct(db, cast, hers, person_id=cast.lea.id, seen=seen)


async def test_a_correction_through_the_page(
    browse, db: AsyncSession, cast: Cast, hers: PlotPeriod
) -> None:
    await db.commit()
    ines, base = await browse("ines"), f"/occupations/{hers.id}"
    assert (await ines.page(base)).one("a", href=f"{base}/correction")
    form = await ines.page(f"{base}/correction")
    chosen = form.one("select", name="person_id").one("option", selected="")
    assert chosen["value"] == str(cast.lea.id)
    sent = {"kind": "works", "person_id": cast.lea.id, "reason": "Serre <b>"}
    refused = await ines.post(f"{base}/correction", sent)
    assert refused.status_code == 422
    again = parse(refused.text)
    assert "Seuls un séjour ou une réservation ont une personne" in again.text
    assert again.one("input", name="reason")["value"] == "Serre <b>"
    answer = await ines.post(f"{base}/correction", sent | {"person_id": ""})
    assert answer.headers["location"] == base
    assert "Serre <b>" in (await ines.page(base)).text
    for name, status in (("lea", 403), ("paul", 403), ("zoe", 404)):
        assert (await (await browse(name)).get(f"{base}/correction")).status_code == status


async def test_who_left_the_network_is_still_offered_where_they_were(
    browse, db: AsyncSession, cast: Cast, plot: Plot
) -> None:
    gone = await make_claim(db, plot, cast.ines, START, END, cast.zoe, cast.lea)
    await db.commit()
    form = await (await browse("ines")).page(f"/occupations/{gone.id}/correction")
    chosen = {one["value"] for one in form.all("option", selected="")} - {""}
    assert chosen == {str(cast.zoe.id), str(cast.lea.id)}


# ---------------------------------------------------------------- what never was


async def test_a_claim_written_by_mistake_is_taken_out(
    db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    await remove(db, cast, hers)
    assert await days_of_plots(db, plot) == []
    assert await mails(db) == {"claim_mistaken": [cast.lea.id]}
    assert await told(db, plot) == (
        "a retiré une erreur de saisie : séjour Lea Essai, du 1er mai 2026 au 30 avr. 2027 "
        "(Saisi sur la mauvaise parcelle)"
    )


async def test_what_is_to_come_is_cancelled_instead(
    db: AsyncSession, cast: Cast, plot: Plot
) -> None:
    coming = await make_claim(db, plot, cast.ines, D(2027, 1, 1), None, cast.lea)
    with pytest.raises(Refused) as refused:
        await remove(db, cast, coming)
    assert codes(refused) == ["not_begun"]


async def test_what_rests_on_a_claim_keeps_it(
    db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    await report(db, cast, hers, START)
    await build.make_land_event(db, plot, cast.lea, happened_on=D(2026, 6, 1), is_personal=True)
    await build.make_land_event(db, plot, cast.marc, happened_on=D(2026, 6, 1))
    with pytest.raises(Refused) as refused:
        await remove(db, cast, hers)
    assert codes(refused) == ["has_report", "has_events"]
    assert "état des lieux (entrée) du 1er mai 2026" in said(refused)
    assert "Lea Essai a écrit dans le carnet" in said(refused)
    with pytest.raises(Refused) as refused:
        await correct(db, cast, hers, kind="rest")
    assert codes(refused) == ["has_report", "has_events"]
    assert len(await days_of_plots(db, plot)) == 1


async def test_a_shared_expense_on_the_plot_keeps_the_claim(
    db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    agreement = await db.scalar(sa.select(Agreement).where(Agreement.person_id == cast.lea.id))
    assert agreement is not None
    await build.make_expense(db, agreement, cast.ines, plot_id=plot.id)
    with pytest.raises(Refused) as refused:
        await remove(db, cast, hers)
    assert codes(refused) == ["has_expenses"]
    assert "frais partagé du 2 nov. 2026" in said(refused)


async def test_what_belongs_to_another_time_of_the_stay_does_not_keep_it(
    db: AsyncSession, cast: Cast, plot: Plot
) -> None:
    first = await make_claim(db, plot, cast.ines, D(2025, 5, 1), START, cast.lea)
    again = await make_claim(db, plot, cast.ines, START, END, stay_id=first.stay_id)
    await report(db, cast, first, D(2025, 5, 1))
    await build.make_land_event(db, plot, cast.lea, happened_on=D(2025, 6, 1))
    await remove(db, cast, again)
    assert len(await days_of_plots(db, plot)) == 1


async def test_a_mistake_through_the_page(
    browse, db: AsyncSession, cast: Cast, plot: Plot, hers: PlotPeriod
) -> None:
    entry = await report(db, cast, hers, START)
    await db.commit()
    ines, base = await browse("ines"), f"/occupations/{hers.id}"
    assert (await ines.post(f"{base}/erreur", {"reason": ""})).status_code == 422
    refused = await ines.post(f"{base}/erreur", {"reason": "Double saisie"})
    assert refused.status_code == 422
    page = parse(refused.text)
    assert "Corrigez d'abord qui y était" in page.one(role="alert").text
    assert page.one("input", name="reason", value="Double saisie")
    await db.delete(entry)
    await db.commit()
    answer = await ines.post(f"{base}/erreur", {"reason": "Double saisie"})
    assert answer.headers["location"] == f"/parcelles/{plot.id}"
    shown = (await ines.page(f"/parcelles/{plot.id}")).text
    assert "a retiré une erreur de saisie" in shown
    assert "Double saisie" in shown
    for name, status in (("lea", 404), ("paul", 404)):
        assert (await (await browse(name)).post(f"{base}/erreur", {})).status_code == status
