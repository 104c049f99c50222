"""The pages of land, as browsers and outside programs use them."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.occupancy.models import ConditionReport, PlotPeriod
from couveuse.plots.models import Plot
from tests import build
from tests.cast import Cast
from tests.html import parse
from tests.occupancy.building import make_claim, make_plot

D = dt.date
SEASON = "debut=2026-11-01&fin=2027-10-31"


def stay(person_id: int, **more: object) -> dict[str, object]:
    return {
        "kind": "stay",
        "starts_on": "2026-12-01",
        "ends_on": "2027-11-30",
        "person_id": person_id,
        **more,
    }


async def test_a_claim_appears_on_the_season(browse, db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    await db.commit()
    ines = await browse("ines")
    answer = await ines.post(f"/parcelles/{plot.id}/occupations", stay(cast.lea.id, once="x"))
    assert answer.status_code == 303, answer.text
    period = await db.scalar(sa.select(PlotPeriod))
    assert period is not None
    assert answer.headers["location"] == f"/occupations/{period.id}"
    assert period.during.upper == D(2027, 12, 1)
    lea = await browse("lea")
    board = await lea.page(f"/parcelles?{SEASON}")
    row = board.one("section", data_plot=str(plot.id))
    assert "Lea Essai" in row.one("a", data_claim=str(period.id)).text
    assert "du 1er déc. 2026 au 30 nov. 2027" in row.text
    listed = await lea.page(f"/parcelles?{SEASON}&vue=liste")
    assert listed.one("a", data_claim=str(period.id))
    assert "Lea Essai" in (await lea.page(f"/parcelles/{plot.id}")).text
    again = await ines.post(f"/parcelles/{plot.id}/occupations", stay(cast.lea.id, once="x"))
    assert again.headers["location"] == answer.headers["location"]


async def test_a_taken_plot_answers_with_every_reason(browse, db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    await make_claim(db, plot, cast.ines, D(2027, 1, 1), None, cast.tom)
    await db.commit()
    answer = await (await browse("ines")).post(
        f"/parcelles/{plot.id}/occupations", stay(cast.lea.id, reason="Essai <b>")
    )
    assert answer.status_code == 422
    page = parse(answer.text)
    assert "Tom Essai" in page.one(role="alert").text
    assert page.one("input", name="starts_on")["value"] == "2026-12-01"
    assert page.one("input", name="reason")["value"] == "Essai <b>"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "stay", "starts_on": "2026-02-30"}, "e-starts_on-1"),
        ({"kind": "nothing", "starts_on": "2026-12-01"}, "e-kind-1"),
        ({"kind": "rest", "starts_on": "2026-12-01", "ends_on": "2026-11-01"}, "e-ends_on-1"),
        ({"kind": "stay", "starts_on": "01/12/2026"}, "e-person_id-1"),
        ({"kind": "stay", "starts_on": "1926-12-01", "person_id": "abc"}, "e-person_id-1"),
        ({}, "e-starts_on-1"),
    ],
)
async def test_bad_input_is_told_beside_its_field(
    browse, db: AsyncSession, cast: Cast, sent: dict[str, str], field: str
) -> None:
    plot = await make_plot(db, cast.farm)
    await db.commit()
    answer = await (await browse("ines")).post(f"/parcelles/{plot.id}/occupations", sent)
    assert answer.status_code == 422
    assert parse(answer.text).one("p", id=field)


# ---------------------------------------------------------------- who may

OPEN_TO = {
    "ines": 200,
    "paul": 200,
    "marc": 200,
    "lea": 200,
    "tom": 200,
    "zoe": 403,
    None: 303,
}
READABLE = (
    f"/parcelles?{SEASON}",
    f"/parcelles/feuille?{SEASON}",
    "/parcelles/comparaison?du=2026-12-31&au=2027-06-30",
    "/parcelles/libres?surface_min=500&eau=1",
    f"/chiffres?{SEASON}",
    f"/chiffres/liste/parcelles?{SEASON}",
    f"/chiffres/export/chiffres.xlsx?{SEASON}",
    f"/chiffres/export/parcelles.csv?{SEASON}",
)


@pytest.mark.parametrize(("name", "status"), OPEN_TO.items())
async def test_members_read_and_nobody_else(browse, name: str | None, status: int) -> None:
    browser = await browse(name)
    found = {path: (await browser.get(path)).status_code for path in READABLE}
    assert set(found.values()) == {status}, found


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ines", 303),
        ("paul", 403),
        ("marc", 403),
        ("lea", 403),
        ("zoe", 404),
        (None, 303),
    ],
)
async def test_coordination_claims_everywhere(
    browse, db: AsyncSession, cast: Cast, name: str | None, status: int
) -> None:
    plot = await make_plot(db, cast.farm)
    await db.commit()
    answer = await (await browse(name)).post(f"/parcelles/{plot.id}/occupations", stay(cast.lea.id))
    assert answer.status_code == status
    made = await db.scalar(sa.select(sa.func.count()).select_from(PlotPeriod))
    assert made == (1 if name == "ines" else 0)


async def test_a_structure_manages_its_own_land(browse, db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.neuvy)
    await db.commit()
    paul = await browse("paul")
    answer = await paul.post(f"/parcelles/{plot.id}/occupations", stay(cast.tom.id))
    assert answer.status_code == 303
    assert "Tom Essai" in (await paul.page(answer.headers["location"])).text


@pytest.mark.parametrize("verb", ["dates", "fin", "annulation", "entree"])
async def test_strangers_change_nothing(browse, db: AsyncSession, cast: Cast, verb: str) -> None:
    plot = await make_plot(db, cast.farm)
    period = await make_claim(db, plot, cast.ines, D(2027, 1, 1), None, cast.lea, kind="reserved")
    await db.commit()
    sent = {"starts_on": "2027-02-01", "ends_on": "2027-03-01"}
    for name, status in (("lea", 403), ("paul", 403), ("zoe", 404)):
        answer = await (await browse(name)).post(f"/occupations/{period.id}/{verb}", sent)
        assert answer.status_code == status, name
    assert (await (await browse("ines")).post(f"/occupations/0/{verb}", sent)).status_code == 404
    ines = await browse("ines")
    without = await ines.http.post(f"/occupations/{period.id}/{verb}", data=sent)
    assert without.status_code == 403


# ---------------------------------------------------------------- changing


async def test_an_early_end_through_the_page(browse, db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    await db.commit()
    ines = await browse("ines")
    page = await ines.page(f"/occupations/{period.id}")
    seen = page.all("input", name="seen")[0]["value"]
    path = f"/occupations/{period.id}/fin"
    answer = await ines.post(path, {"ends_on": "2026-12-31", "seen": seen})
    assert answer.status_code == 303
    told = await ines.page(answer.headers["location"])
    assert "Fin avancée : dernier jour le 31 déc. 2026 au lieu du 30 avr. 2027." in told.text
    stale = await ines.post(path, {"ends_on": "2026-12-15", "seen": seen})
    assert stale.status_code == 409
    refused = await ines.post(path, {"ends_on": "2030-12-15"})
    assert refused.status_code == 422
    assert "Le dernier jour est à choisir" in parse(refused.text).text


async def test_each_claim_says_where_it_is_in_its_time(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm)
    stages = {
        "terminé": await make_claim(db, plot, cast.ines, D(2025, 1, 1), D(2025, 5, 1), cast.tom),
        "fini plus tôt": await make_claim(
            db, plot, cast.ines, D(2025, 5, 1), D(2026, 1, 1), cast.zoe
        ),
        "en cours": await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea),
        "à venir": await make_claim(db, plot, cast.ines, D(2027, 6, 1), None, kind="rest"),
    }
    early = stages["fini plus tôt"]
    early.planned_end_on, early.end_reason = D(2026, 3, 31), "Une ferme trouvée"
    await db.commit()
    ines = await browse("ines")
    history = await ines.page(f"/parcelles/{plot.id}")
    for stage, period in stages.items():
        assert stage in history.one("li", data_claim=str(period.id)).text
        assert stage in (await ines.page(f"/occupations/{period.id}")).text
    told = (await ines.page(f"/occupations/{early.id}")).text
    assert "dernier jour le 31 déc. 2025 au lieu du 31 mars 2026" in told
    assert "Une ferme trouvée" in told


async def test_a_reservation_is_confirmed_moved_and_cancelled(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm)
    period = await make_claim(
        db, plot, cast.ines, D(2027, 1, 1), D(2027, 6, 1), cast.lea, kind="reserved"
    )
    await db.commit()
    ines = await browse("ines")
    dates = {"starts_on": "2027-02-01", "ends_on": "2027-05-31"}
    base = f"/occupations/{period.id}"
    assert (await ines.post(f"{base}/dates", dates)).status_code == 303
    assert (await ines.post(f"{base}/entree", {})).status_code == 303
    assert "Séjour" in (await ines.page(base)).text
    answer = await ines.post(f"{base}/annulation", {"reason": "projet arrêté"})
    assert answer.headers["location"] == f"/parcelles/{plot.id}"
    assert (await ines.get(base)).status_code == 404
    assert "a annulé" in (await ines.page(f"/parcelles/{plot.id}")).text


async def test_a_plot_is_split_and_merged_through_the_pages(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm, code="LC-9")
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2028, 1, 1), cast.lea)
    await db.commit()
    ines = await browse("ines")
    assert f"claim_{period.id}" in (await ines.get(f"/parcelles/{plot.id}/division")).text
    sent = {
        "happened_on": "2027-01-01",
        "code_1": "LC-9a",
        "size_1": "400",
        "code_2": "LC-9b",
        f"claim_{period.id}": "1",
    }
    wrong = parse((await ines.post(f"/parcelles/{plot.id}/division", sent | {"name_3": "x"})).text)
    assert "Morceau 3" in wrong.text
    assert not any("Morceau 3" in one.text for one in wrong.all("details"))
    answer = await ines.post(f"/parcelles/{plot.id}/division", sent)
    assert answer.status_code == 303, parse(answer.text).text[:2000]
    one, two = await db.scalars(sa.select(Plot).where(Plot.code.like("LC-9_")).order_by(Plot.code))
    board = await ines.page(f"/parcelles?{SEASON}")
    assert "Lea Essai" in board.one("section", data_plot=str(one.id)).text
    assert "Lea Essai" not in board.one("section", data_plot=str(two.id)).text
    history = (await ines.page(f"/parcelles/{one.id}")).text
    assert "du 1er mai 2026 au 31 déc. 2027" in history
    cut = await ines.page(f"/occupations/{period.id}")
    assert "Continue sur LC-9a" in cut.text
    assert "plus tôt" not in cut.one("dl").text
    whole = (await ines.page(f"/parcelles/{plot.id}")).text
    assert "continue sur LC-9a" in whole
    assert "Devenue LC-9a (1er janv. 2027), LC-9b (1er janv. 2027)" in whole
    merge = {"happened_on": "2027-03-01", "plot_ids": str(two.id), "code": "LC-9"}
    refused = await ines.post(f"/parcelles/{one.id}/fusion", merge | {"code": "LC-9c"})
    assert refused.status_code == 422
    assert "Lea Essai" in parse(refused.text).one(role="alert").text
    answer = await ines.post(
        f"/parcelles/{one.id}/fusion", merge | {"happened_on": "2028-01-01", "code": "LC-9c"}
    )
    assert answer.status_code == 303, parse(answer.text).text[:2000]


async def test_what_goes_on_follows_the_line_of_its_part(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm, code="LC-9")
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2028, 1, 1), cast.lea)
    await db.commit()
    ines = await browse("ines")
    sent = {"happened_on": "2027-01-01", "code_1": "LC-9a", "size_1": "400", "code_3": "LC-9c"}
    address = f"/parcelles/{plot.id}/division"

    refused = await ines.post(address, sent | {f"claim_{period.id}": "2"})
    assert refused.status_code == 422
    assert "Le morceau 2" in parse(refused.text).one(role="alert").text

    answer = await ines.post(address, sent | {f"claim_{period.id}": "3"})
    assert answer.status_code == 303
    board = await ines.page(f"/parcelles?{SEASON}")
    held = {
        code: "Lea Essai" in board.one("section", data_plot=str(key)).text
        for key, code in await db.execute(sa.select(Plot.id, Plot.code).where(Plot.code != "LC-9"))
    }
    assert held == {"LC-9a": False, "LC-9c": True}
    whole = board.one("section", data_plot=str(plot.id)).text
    assert "tenue jusqu'au 31 déc. 2026" in whole  # then it is divided


# ---------------------------------------------------------------- addresses that make no sense


@pytest.mark.parametrize(
    "query",
    [
        "debut=hier",
        "debut=2026-13-01",
        "fin=2027-01-01",
        "debut=2027-01-01&fin=2026-01-01",
        "debut=2000-01-01&fin=2100-01-01",
        "lieu=abc",
        "lieu=99999999999999999999",
        "structure=-1",
    ],
)
async def test_an_unreadable_address_is_told(browse, query: str) -> None:
    ines = await browse("ines")
    for path in ("/parcelles", "/chiffres"):
        answer = await ines.get(f"{path}?{query}")
        assert answer.status_code == 400, path
        assert parse(answer.text).all("p")


@pytest.mark.parametrize(
    "path",
    [
        "/parcelles/999999",
        "/occupations/999999",
        "/parcelles/0",
        "/chiffres/liste/rien",
        "/chiffres/export/rien.xlsx",
        "/chiffres/export/chiffres.exe",
        "/parcelles/999999/etats-des-lieux",
    ],
)
async def test_what_is_not_there_is_404(browse, path: str) -> None:
    assert (await (await browse("ines")).get(path)).status_code == 404


async def test_an_unreadable_search_keeps_what_was_typed(browse) -> None:
    answer = await (await browse("lea")).get("/parcelles/libres?surface_min=beaucoup")
    assert answer.status_code == 422
    assert 'value="beaucoup"' in answer.text


# ---------------------------------------------------------------- the board


async def test_the_board_takes_few_statements_however_long_the_history(
    browse, db: AsyncSession, cast: Cast, statements: list[str]
) -> None:
    plots = [await make_plot(db, cast.farm) for _ in range(3)]
    await db.commit()
    ines = await browse("ines")
    await ines.page("/parcelles")  # the session is marked as seen
    counts: list[int] = []
    for year in range(2021, 2024):
        for plot in plots:
            await make_claim(db, plot, cast.ines, D(year, 1, 1), D(year, 9, 1), cast.lea)
        await db.commit()
        for path in (f"/parcelles?{SEASON}", f"/chiffres?{SEASON}"):
            statements.clear()
            await ines.page(path)
            counts.append(len(statements))
    assert max(counts) <= 6
    assert counts[:2] == counts[-2:]


async def test_contiguous_claims_are_joined_and_each_is_there(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot = await make_plot(db, cast.farm)
    first = await make_claim(db, plot, cast.ines, D(2026, 11, 1), D(2027, 1, 1), cast.lea)
    second = await make_claim(
        db, plot, cast.ines, D(2027, 1, 1), D(2027, 6, 1), stay_id=first.stay_id
    )
    await db.commit()
    board = await (await browse("lea")).page(f"/parcelles?{SEASON}")
    bands = [board.one("a", data_claim=str(one.id))["class"] for one in (first, second)]
    assert "joined" not in bands[0]
    assert "joined" in bands[1]
    assert bands[0].split()[2] == bands[1].split()[2]  # one hue


async def test_the_end_of_an_agreement_stands_on_the_band(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plot, other = [await make_plot(db, cast.farm) for _ in range(2)]
    nino = await build.make_person(db, "Nino")
    await build.make_agreement(db, nino, cast.home, D(2026, 5, 1), D(2027, 5, 1))
    whole = await make_claim(db, plot, cast.ines, D(2026, 11, 1), D(2027, 2, 1), cast.lea)
    short = await make_claim(db, other, cast.ines, D(2026, 11, 1), D(2027, 9, 1), nino)
    await db.commit()

    board = await (await browse("ines")).page(f"/parcelles?{SEASON}")
    texts = [board.one("a", data_claim=str(one.id)).text for one in (whole, short)]
    assert texts[0].endswith("convention jusqu'au 31 janv. 2027")
    assert texts[1].endswith("convention jusqu'au 30 avr. 2027 seulement")
    marks = [one["class"] for one in board.all("li") if "agreed" in one.attrs.get("class", "")]
    assert marks == ["agreed x252", "agreed short x495"]

    own = await (await browse("lea")).page(f"/parcelles?{SEASON}")
    assert "convention" in own.one("a", data_claim=str(whole.id)).text
    assert "convention" not in own.one("a", data_claim=str(short.id)).text


async def test_what_people_typed_is_shown_as_text(browse, db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm, code="<i>A", name="<i>B")
    rude = await build.make_person(db, "<script>", family_name='"x')
    await make_claim(db, plot, cast.ines, D(2026, 11, 1), D(2027, 1, 1), rude)
    works = await make_claim(db, plot, cast.ines, D(2027, 1, 1), D(2027, 2, 1), kind="works")
    works.reason = "<b>Drain</b>"
    await db.commit()
    text = (await (await browse("lea")).get(f"/parcelles?{SEASON}")).text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;Drain" in text
    assert not any(tag in text for tag in ("<i>A", "<script> ", "<b>Drain"))


async def test_next_free_date_and_bands(browse, db: AsyncSession, cast: Cast) -> None:
    held, empty = await make_plot(db, cast.farm), await make_plot(db, cast.farm)
    await make_claim(db, held, cast.ines, D(2026, 11, 1), D(2027, 5, 1), cast.lea)
    await make_claim(db, held, cast.ines, D(2027, 5, 1), D(2027, 5, 31), kind="rest")
    await db.commit()
    board = await (await browse("lea")).page(f"/parcelles?{SEASON}")
    assert "libre le 31 mai 2027" in board.one("section", data_plot=str(held.id)).text
    free = board.one("section", data_plot=str(empty.id)).one("p", class_="next")
    assert free.text == "libre"
    shares = [one.text for one in board.one("ul", class_="shares-key").all("strong")]
    numbers = [Decimal(one.split()[0].replace(",", ".")) for one in shares]
    assert sum(numbers) == 100
    assert shares[0].startswith("24,8")  # 181 of 730 plot-days


async def test_two_dates_say_what_changes(browse, db: AsyncSession, cast: Cast) -> None:
    plot = await make_plot(db, cast.farm)
    await make_plot(db, cast.farm)
    await make_claim(db, plot, cast.ines, D(2026, 11, 1), D(2027, 5, 1), cast.lea)
    await db.commit()
    page = await (await browse("lea")).page("/parcelles/comparaison?du=2027-06-30&au=2026-12-31")
    rows = page.all("tr", data_plot=None)
    assert len(rows) == 1
    assert "Lea Essai" in rows[0].text
    assert "se libère" in rows[0].text


# ---------------------------------------------------------------- figures, search, reports


async def test_exports_hold_exactly_what_is_shown_and_no_formula(
    browse, db: AsyncSession, cast: Cast
) -> None:
    from openpyxl import load_workbook

    plot = await make_plot(db, cast.farm, code="=1+1")
    await make_claim(db, plot, cast.ines, D(2027, 1, 1), D(2027, 2, 1), cast.lea)
    await db.commit()
    lea = await browse("lea")
    shown = (await lea.page(f"/chiffres/liste/parcelles?{SEASON}")).all("tr")[1]
    cells = [one.text.replace("\u202f", "").replace(" ", "") for one in shown.all("td")]
    text = (await lea.get(f"/chiffres/export/parcelles.csv?{SEASON}")).content.decode("utf-8-sig")
    _, row = csv.reader(io.StringIO(text), delimiter=";")
    assert row[0] == "'=1+1"
    assert [one.replace(" ", "") for one in row[1:]] == cells
    book = (await lea.get(f"/chiffres/export/chiffres.xlsx?{SEASON}")).content
    sheets = load_workbook(io.BytesIO(book))
    cell = (
        sheets["Parcelles   jours de la période"]["A3"]
        if "Parcelles   jours de la période" in sheets
        else next(sheet["A3"] for sheet in sheets if sheet["A3"].value == "=1+1")
    )
    assert cell.data_type == "s"


async def test_the_export_of_figures_is_the_page_figure_by_figure(
    browse, db: AsyncSession, cast: Cast
) -> None:
    plots = [await make_plot(db, cast.farm, declared_m2=Decimal(size)) for size in (700, 1100, 90)]
    await make_claim(db, plots[0], cast.ines, D(2027, 1, 1), D(2027, 2, 1), cast.lea)
    await make_claim(db, plots[1], cast.ines, D(2027, 3, 1), D(2027, 9, 1), kind="rest")
    await make_claim(db, plots[2], cast.ines, D(2027, 3, 5), D(2027, 9, 1), kind="works")
    await db.commit()
    ines = await browse("ines")

    page = await ines.page(f"/chiffres?{SEASON}")
    cards = [
        [card.one("dt").text, card.one("dd", class_="figure-value").text]
        for card in page.all("div", class_="figure")
    ]
    text = (await ines.get(f"/chiffres/export/chiffres.csv?{SEASON}")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text.replace("\xa0", " ")), delimiter=";"))[1:]
    assert [row[:2] for row in rows] == [
        [one.replace("\xa0", " ") for one in card] for card in cards
    ]

    bands = [value for title, value in cards if title.startswith("Terre ")]
    assert len(bands) == 5
    assert sum(Decimal(one.split("\u202f")[0].replace(",", ".").split()[0]) for one in bands) == 100
    key = [one.text for one in page.one("ul", class_="shares-key").all("strong")]
    assert key == bands


async def test_filters_go_along_to_paper_figures_comparison_and_map(
    browse, db: AsyncSession, cast: Cast
) -> None:
    wet = await make_plot(db, cast.farm, code="WET", has_water=True, features=["mare & haie"])
    await make_plot(db, cast.farm, code="DRY")
    await db.commit()
    ines = await browse("ines")
    for asked in ("&eau=1", "&avec=mare+%26+haie"):
        board = await ines.page(f"/parcelles?{SEASON}{asked}")
        assert [one["data-plot"] for one in board.all("section", class_="plot")] == [str(wet.id)]
        assert board.one("div", data_map=None)["data-only"] == f"[{wet.id}]"
        onward = [
            one["href"]
            for one in board.all("a", href=None)
            if asked in one["href"]
            and one["href"].partition("?")[0]
            in ("/parcelles/feuille", "/chiffres", "/parcelles/comparaison")
        ]
        assert len(onward) == 3
        for address in onward:
            text = (await ines.page(address)).text
            assert "DRY" not in text
        listed = await ines.page(f"/chiffres/liste/parcelles?{SEASON}{asked}")
        assert ("WET" in listed.text, "DRY" in listed.text) == (True, False)


async def test_a_temporary_site_counts_person_months_only(
    browse, db: AsyncSession, cast: Cast
) -> None:
    cast_site = cast.neuvy
    await db.execute(
        sa.text("UPDATE site SET kind = 'temporary' WHERE id = :id"), {"id": cast_site.id}
    )
    plot = await make_plot(db, cast_site)
    await make_claim(db, plot, cast.ines, D(2027, 1, 1), D(2027, 3, 1), cast.lea)
    await db.commit()
    page = await (await browse("lea")).page(f"/chiffres?{SEASON}")
    assert page.one("div", id="gross").one("dd", class_="figure-value").text == "–"
    assert page.one("div", id="temporary").one("dd", class_="figure-value").text == "2 mois"


async def test_free_plots_are_found_with_when_they_fall_free(
    browse, db: AsyncSession, cast: Cast
) -> None:
    small = await make_plot(db, cast.farm, declared_m2=Decimal(300), has_water=True)
    dry = await make_plot(db, cast.farm, declared_m2=Decimal(3000))
    later = await make_plot(db, cast.farm, declared_m2=Decimal(3000), has_water=True)
    fits = await make_plot(
        db, cast.farm, declared_m2=Decimal(2000), has_water=True, conversion_on=D(2024, 1, 1)
    )
    await make_claim(db, later, cast.ines, D(2026, 11, 1), D(2027, 5, 1), cast.tom)
    await db.commit()
    lea = await browse("lea")
    query = "surface_min=1+000&eau=1&debut=2026-12-01&fin=2027-11-30"
    page = await lea.page(f"/parcelles/libres?{query}")
    found = [one["data-plot"] for one in page.all("li", data_plot=None)]
    assert found == [str(fits.id), str(later.id)]
    assert "libre le 1er mai 2027" in page.text
    organic = await lea.page(f"/parcelles/libres?{query}&bio=certifiable")
    assert [one["data-plot"] for one in organic.all("li", data_plot=None)] == [str(fits.id)]
    assert {small.id, dry.id}.isdisjoint(map(int, found))


async def test_condition_reports_show_what_differs(browse, db: AsyncSession, cast: Cast) -> None:
    from PIL import Image

    plot = await make_plot(db, cast.farm)
    period = await make_claim(db, plot, cast.ines, D(2026, 5, 1), D(2027, 5, 1), cast.lea)
    await db.commit()
    photo = io.BytesIO()
    Image.new("RGB", (20, 20), "green").save(photo, "JPEG")
    marc = await browse("marc")
    base = f"/parcelles/{plot.id}/etats-des-lieux"
    entry = {
        "kind": "entry",
        "made_on": "2026-05-01",
        "stay_id": str(period.stay_id),
        "state_fence": "good",
        "state_soil": "fair",
        "water_meter": "120",
    }
    first = await marc.post(base, entry, files={"photos": ("a.jpg", photo.getvalue())})
    assert first.status_code == 303, parse(first.text).text[:1500]
    leaving = entry | {
        "kind": "exit",
        "made_on": "2026-11-20",
        "state_fence": "poor",
        "remark_fence": "trois piquets",
        "water_meter": "180,5",
    }
    second = await marc.post(base, leaving)
    page = await marc.page(second.headers["location"])
    assert "2 différences avec l'entrée" in page.text
    assert "à reprendre, trois piquets" in page.text
    assert "180,5 (+60,5)" in page.text
    picture = page.one("img")
    answer = await marc.get(picture["src"])
    assert answer.headers["content-type"] == "image/jpeg"
    assert (await marc.get(picture["src"][:-3] + "abc")).status_code == 404
    assert (await (await browse("lea")).post(base, entry)).status_code == 403
    bad = await marc.post(base, entry | {"state_fence": "superb"})
    assert bad.status_code == 422
    other = await marc.post(base, entry | {"stay_id": "999999"})
    assert other.status_code == 422
    made = await db.scalar(sa.select(sa.func.count()).select_from(ConditionReport))
    assert made == 2


async def test_the_form_of_the_figures_keeps_the_structure_that_was_chosen(
    browse, db: AsyncSession, cast: Cast
) -> None:
    await make_plot(db, cast.farm)
    await make_plot(db, cast.neuvy)
    await db.commit()
    ines = await browse("ines")
    page = await ines.page(f"/chiffres?{SEASON}&structure={cast.partner.id}")
    options = page.one("select", name="structure").all("option")
    assert [one["value"] for one in options if "selected" in one.attrs] == [str(cast.partner.id)]
    assert len(options) == 3
