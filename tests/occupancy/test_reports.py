"""Condition reports: which entry a report of leaving is compared with, and what is told."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n
from couveuse.occupancy.conditions import side_by_side
from couveuse.occupancy.models import ConditionReport, ConditionVersion
from couveuse.people.models import Person
from couveuse.plots.models import Plot, PlotLineage
from tests.cast import Cast
from tests.html import parse
from tests.occupancy.building import make_claim, make_plot

D = dt.date
SPLIT_ON = D(2026, 9, 1)


async def make_report(
    db: AsyncSession, author: Person, plot: Plot, kind: str, day: dt.date, **fields: Any
) -> ConditionReport:
    report = ConditionReport(
        plot_id=plot.id, kind=kind, made_on=day, created_by_id=author.id, **fields
    )
    db.add(report)
    await db.flush()
    return report


async def make_parts(db: AsyncSession, whole: Plot, cast: Cast) -> list[Plot]:
    parts = [await make_plot(db, cast.farm, start=SPLIT_ON) for _ in range(2)]
    for part in parts:
        db.add(
            PlotLineage(parent_id=whole.id, child_id=part.id, kind="split", happened_on=SPLIT_ON)
        )
    await db.flush()
    return parts


def fence(state: str, remark: str = "") -> list[dict[str, str]]:
    return [{"point": "fence", "state": state, "remark": remark}]


def address(report: ConditionReport) -> str:
    return f"/parcelles/{report.plot_id}/etats-des-lieux/{report.id}"


async def test_after_a_split_the_entry_of_the_whole_is_compared(
    browse, db: AsyncSession, cast: Cast
) -> None:
    whole = await make_plot(db, cast.farm, code="G-1", end=SPLIT_ON)
    before = await make_claim(db, whole, cast.ines, D(2026, 1, 1), SPLIT_ON, cast.lea)
    part, _ = await make_parts(db, whole, cast)
    await make_claim(db, part, cast.ines, SPLIT_ON, None, stay_id=before.stay_id)
    entry = await make_report(
        db, cast.marc, whole, "entry", D(2026, 1, 1), stay_id=before.stay_id,
        points=fence("good"), remarks="Deux arrosoirs laissés.", photos=[{"file": "a" * 64}],
    )  # fmt: skip
    leaving = await make_report(
        db, cast.marc, part, "exit", D(2026, 11, 20), stay_id=before.stay_id,
        points=fence("poor"), remarks="Un arrosoir manque.",
    )  # fmt: skip
    await db.commit()

    marc = await browse("marc")
    page = await marc.page(address(leaving))
    assert "1 différence avec l'entrée" in page.text
    assert "du même séjour, le 1er janv. 2026" in page.text
    assert "L'entrée a été faite sur G-1" in page.text
    remarks = page.one("section", aria_labelledby="remarks-title").text
    assert remarks.index("Deux arrosoirs laissés.") < remarks.index("Un arrosoir manque.")
    assert page.one("img")["src"].startswith(address(entry))

    listed = await marc.page(f"/parcelles/{part.id}/etats-des-lieux")
    assert "sur G-1" in listed.text
    assert any(link["href"] == address(entry) for link in listed.all("a"))


async def test_the_entry_of_the_same_people_comes_before_a_later_one(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm)
    hers = await make_claim(db, plot, cast.ines, D(2026, 1, 1), D(2026, 5, 1), cast.lea)
    his = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2026, 9, 1), cast.tom)
    again = await make_claim(db, plot, cast.ines, D(2026, 9, 1), None, cast.lea)
    first = await make_report(
        db, cast.marc, plot, "entry", D(2026, 1, 1), stay_id=hers.stay_id, points=fence("good")
    )
    other = await make_report(
        db, cast.marc, plot, "entry", D(2026, 5, 1), stay_id=his.stay_id, points=fence("poor")
    )
    leaving = await make_report(
        db, cast.marc, plot, "exit", D(2026, 11, 20), stay_id=again.stay_id, points=fence("good")
    )
    await db.commit()

    marc = await browse("marc")
    page = await marc.page(address(leaving))
    assert "0 différence avec l'entrée" in page.text
    assert f"celle d'un séjour d'avant, le 1er janv. 2026 ({cast.lea.name})" in page.text
    chosen = await marc.page(f"{address(leaving)}?entree={other.id}")
    assert f"celle de {cast.tom.name}, le 1er mai 2026" in chosen.text
    assert "1 différence avec l'entrée" in chosen.text

    await db.execute(sa.delete(ConditionReport).where(ConditionReport.id == first.id))
    await db.commit()
    left = await marc.page(address(leaving))
    assert "Aucune entrée notée pour ce séjour" in left.text
    assert "Ce qui diffère peut dater d'un autre séjour." in left.text


async def test_an_entry_without_its_stay_is_said_to_be_so(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm)
    stay = await make_claim(db, plot, cast.ines, D(2026, 1, 1), None, cast.lea)
    await make_report(db, cast.marc, plot, "entry", D(2026, 1, 1))
    leaving = await make_report(db, cast.marc, plot, "exit", D(2026, 11, 20), stay_id=stay.stay_id)
    await db.commit()
    page = await (await browse("marc")).page(address(leaving))
    assert "l'un des deux ne dit pas de quel séjour il est" in page.text


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "1\u202f180,5 (+60,5)"), ("en", "1,180.5 (+60.5)")]
)
def test_what_was_used_is_written_as_people_write_numbers(language: str, said: str) -> None:
    entry = ConditionReport(points=[], water_meter=Decimal(1120), power_meter=Decimal(0))
    report = ConditionReport(points=[], water_meter=Decimal("1180.50"), power_meter=Decimal(0))
    i18n.set_language(language)
    try:
        water, power = side_by_side(entry, report)
    finally:
        i18n.set_language("fr")
    assert (water.after, water.differs) == (said, True)
    assert (power.before, power.after, power.differs) == ("0", "0", False)


def test_what_was_looked_at_once_only_is_no_difference() -> None:
    entry = ConditionReport(points=fence("good"), keys="portail")
    report = ConditionReport(points=[{"point": "soil", "state": "fair", "remark": ""}])
    lines = side_by_side(entry, report)
    found = {line.label: (line.differs, line.is_unseen) for line in lines}
    assert found == {
        "Clôtures": (False, True),
        "Sol, propreté, adventices": (False, True),
        "Clés remises": (True, False),
    }


# ---------------------------------------------------------------- corrections


async def test_a_correction_keeps_what_was_written(browse, db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    stay = await make_claim(db, plot, cast.ines, D(2026, 1, 1), None, cast.lea)
    report = await make_report(
        db, cast.marc, plot, "exit", D(2026, 11, 20), stay_id=stay.stay_id,
        points=fence("poor", "trois piquets"), water_meter=Decimal("1205.5"), keys="portail",
    )  # fmt: skip
    await db.commit()
    ines = await browse("ines")
    form = await ines.page(f"{address(report)}/correction")
    assert form.one("input", name="water_meter")["value"] == "1205,5"
    assert form.one("input", name="remark_fence")["value"] == "trois piquets"
    asked = {
        "kind": "exit",
        "made_on": "2026-11-20",
        "stay_id": str(stay.stay_id),
        "state_fence": "poor",
        "remark_fence": "trois piquets",
        "water_meter": "120,5",
        "keys": "portail",
        "seen": form.one("input", name="seen")["value"],
    }
    unsaid = await ines.post(f"{address(report)}/correction", asked)
    assert unsaid.status_code == 422
    done = await ines.post(f"{address(report)}/correction", asked | {"reason": "virgule oubliée"})
    assert done.status_code == 303

    page = await ines.page(address(report))
    assert "120,5" in page.one("table").text
    (link,) = [one for one in page.all("a") if one.text == "virgule oubliée"]
    before = await ines.page(link["href"])
    rows = [one.text for one in before.one("section", aria_labelledby="changes-title").all("tr")]
    assert len(rows) == 2
    assert "1 205,5 120,5" in rows[1]
    assert "trois piquets" in before.text
    journal = (await ines.page(f"/parcelles/{plot.id}")).one("ol", class_="timeline").text
    assert "a corrigé l'état des lieux (sortie) du 20 nov. 2026 : virgule oubliée" in journal


async def test_a_correction_keeps_a_stay_that_holds_the_plot_no_more(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot, other = await make_plot(db, cast.farm), await make_plot(db, cast.farm)
    stay = await make_claim(db, other, cast.ines, D(2026, 1, 1), None, cast.lea)
    report = await make_report(db, cast.marc, plot, "entry", D(2026, 11, 20), stay_id=stay.stay_id)
    await db.commit()
    form = await (await browse("ines")).page(f"{address(report)}/correction")
    chosen = form.one("select", name="stay_id").one("option", selected=None)
    assert chosen["value"] == str(stay.stay_id)
    assert chosen.text == "Lea Essai"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seen": "1"}, "Quelqu'un a corrigé cet état des lieux entre-temps"),
        ({}, "Rien n'est changé."),
        ({"stay_id": "999999"}, "Ce séjour n'est pas sur cette parcelle."),
        ({"state_fence": "superb"}, "choisissez un état"),
    ],
)
async def test_a_correction_that_cannot_be_is_told_and_changes_nothing(
    browse, db: AsyncSession, cast: Cast, change: dict[str, str], told: str
) -> None:
    plot = await make_plot(db, cast.farm)
    report = await make_report(
        db, cast.marc, plot, "entry", D(2026, 11, 20), points=fence("good"), keys="portail"
    )
    await db.commit()
    asked = {
        "kind": "entry",
        "made_on": "2026-11-20",
        "state_fence": "good",
        "keys": "portail",
        "reason": "Relu",
        "seen": "0",
    }
    marc = await browse("marc")
    answer = await marc.post(f"{address(report)}/correction", asked | change)
    assert answer.status_code == 422
    assert told in parse(answer.text).text
    assert parse(answer.text).one("input", name="reason")["value"] == "Relu"
    assert await db.scalar(sa.select(sa.func.count()).select_from(ConditionVersion)) == 0


async def test_photos_are_added_and_six_stay_the_most(browse, db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    kept = [{"file": f"{number:064}"} for number in range(6)]
    report = await make_report(
        db, cast.marc, plot, "entry", D(2026, 11, 20), points=fence("good"), photos=kept
    )
    await db.commit()
    asked = {
        "kind": "entry",
        "made_on": "2026-11-19",
        "state_fence": "good",
        "reason": "La veille",
        "seen": "0",
    }
    marc = await browse("marc")
    photo = {"photos": ("a.jpg", b"one more")}
    answer = await marc.post(f"{address(report)}/correction", asked, files=photo)
    assert "Six photos au plus" in answer.text
    assert (await marc.post(f"{address(report)}/correction", asked)).status_code == 303
    await db.refresh(report)
    assert (report.made_on, report.photos) == (D(2026, 11, 19), kept)
