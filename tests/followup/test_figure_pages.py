"""Keeping one's own figures on the screen, and who reads them: nobody, until they are shared."""

import csv
import datetime as dt
import io
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse import tasks
from couveuse.app import Databases
from couveuse.core.jobs import PERIODIC, Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.followup.models import (
    FigureHeading,
    FigureMonth,
    FigureReminder,
    FigureShare,
    PlannedAmount,
)
from tests import build
from tests.cast import Cast
from tests.conftest import Browser
from tests.followup.conftest import Group
from tests.html import Element, parse

Browse = Callable[..., Awaitable[Browser]]
OCTOBER, SEPTEMBER = dt.date(2026, 10, 1), dt.date(2026, 9, 1)
FORM, HEADINGS, SHARES = (
    "/mes-chiffres/mois/2026-10",
    "/mes-chiffres/lignes",
    "/mes-chiffres/partages",
)
SECRET = "Zinnia"
VISITED = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


async def market(db: AsyncSession, cast: Cast, name: str = "Marché") -> FigureHeading:
    heading = await build.make_heading(db, cast.lea, name)
    await db.commit()
    return heading


async def kept(db: AsyncSession) -> dict[str, Any]:
    """October as the database has it: amounts by heading, hours, words, version."""
    month = (await db.execute(sa.text("SELECT * FROM figure_month"))).one()
    rows = await db.execute(
        sa.text("SELECT name, amount FROM figure_amount JOIN figure_heading h ON h.id = heading_id")
    )
    return {row.name: row.amount for row in rows} | {
        "hours": month.hours,
        "words": month.words,
        "version": month.version,
    }


# ---------------------------------------------------------------- headings


async def test_given_headings_and_own_ones_are_added_in_order(
    browse: Browse, db: AsyncSession
) -> None:
    lea = await browse("lea")
    await lea.post(
        HEADINGS, {"kind": "sale", "names": ["Marché", "Restaurants"], "name": "Chez Ana"}
    )
    await lea.post(HEADINGS, {"kind": "sale", "names": ["Marché"]})
    rows = await db.scalars(sa.select(FigureHeading).order_by(FigureHeading.place))

    assert [one.name for one in rows] == ["Marché", "Restaurants", "Chez Ana"]


async def test_a_heading_is_renamed_moved_ended_and_taken_up_again(
    browse: Browse, db: AsyncSession
) -> None:
    lea = await browse("lea")
    await lea.post(HEADINGS, {"kind": "sale", "names": ["Marché", "Restaurants"]})
    first = (await db.scalars(sa.select(FigureHeading.id).order_by(FigureHeading.place))).first()
    await lea.post(f"{HEADINGS}/{first}", {"name": "Marché de Neuvy"})
    await lea.post(f"{HEADINGS}/{first}/place", {"way": "down"})
    names = [one.text.split()[0] for one in (await lea.page(FORM)).all("label")][:2]
    await lea.post(f"{HEADINGS}/{first}/arret")
    ended = (await lea.page(HEADINGS)).text
    november = (await lea.page("/mes-chiffres/mois/2026-11")).text
    await lea.post(f"{HEADINGS}/{first}/reprise")

    assert names == ["Restaurants", "Marché"]
    assert "Arrêtées Marché de Neuvy" in ended
    assert "Marché de Neuvy" in november  # ended this month: still offered in it
    assert "Arrêtées" not in (await lea.page(HEADINGS)).text


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (HEADINGS, {"kind": "sale"}),
        (HEADINGS, {"kind": "gift", "name": "x"}),
        (HEADINGS, {"kind": "cost", "name": "x" * 201}),
        (HEADINGS, {"kind": "cost", "names": ["x"] * 21}),
        (f"{HEADINGS}/ID", {"name": ""}),
        (f"{HEADINGS}/ID", {"name": "marché DEUX"}),
        (f"{HEADINGS}/ID/place", {"way": "aside"}),
    ],
)
async def test_a_heading_that_cannot_be_is_refused(
    browse: Browse, db: AsyncSession, cast: Cast, path: str, data: dict[str, Any]
) -> None:
    heading = await market(db, cast)
    await market(db, cast, "Marché deux")
    answer = await (await browse("lea")).post(path.replace("ID", str(heading.id)), data)

    assert answer.status_code == 422
    assert parse(answer.text).all(role="alert")


# ---------------------------------------------------------------- one month


async def test_a_month_is_kept_as_far_as_it_is_filled_in(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await market(db, cast)
    lea = await browse("lea")
    sent = {
        "version": 0,
        f"amount_{heading.id}": "1 234,50 €",
        "new_cost": "Bâche",
        "new_cost_amount": "19,9",
        "hours": "38 h 30",
        "hours_per": "week",
    }
    answer = await lea.post(FORM, sent)
    page = await lea.page(FORM)

    assert answer.status_code == 303
    assert await kept(db) == {
        "Marché": Decimal("1234.50"),
        "Bâche": Decimal("19.90"),
        "hours": Decimal("38.50"),
        "words": None,
        "version": 1,
    }
    assert page.one(id=f"f-amount_{heading.id}")["value"] == "1234,50"
    assert page.one(id="f-hours")["value"] == "38,50"


async def test_the_same_form_sent_twice_is_kept_once(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await market(db, cast)
    lea = await browse("lea")
    sent = {"version": 0, "once": "k", f"amount_{heading.id}": "10", "new_sale": "Foire"}
    answers = [await lea.post(FORM, sent) for _ in range(2)]
    other = await lea.post(FORM, sent | {f"amount_{heading.id}": "11"})

    assert [one.status_code for one in answers] == [303, 303]
    assert other.status_code == 422
    assert (await kept(db))["version"] == 1


async def test_two_devices_make_a_choice_and_nothing_is_lost(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await market(db, cast)
    phone, desk = await browse("lea"), await browse("lea")
    amount = f"amount_{heading.id}"
    await phone.post(FORM, {"version": 0, amount: "10", "words": "du téléphone"})
    answer = await desk.post(FORM, {"version": 0, amount: "20", "words": "du bureau"})
    page = parse(answer.text)

    assert answer.status_code == 409
    assert (await kept(db))["Marché"] == 10
    assert "10,00 €" in page.text
    assert "du téléphone" in page.text
    assert page.one(id=f"f-{amount}")["value"] == "20"
    assert page.one("textarea", name="words").text == "du bureau"

    again = {one["name"]: one["value"] for one in page.all("input", type="hidden")}
    await desk.post(FORM, again | {amount: "20"})
    assert (await kept(db))["Marché"] == 20


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "-5"}, "sans signe moins"),
        ({"amount": "douze"}, "Écrivez un montant"),
        ({"amount": "1,234"}, "2 décimales au plus"),
        ({"amount": "99999999"}, "trop grand"),
        ({"hours": "800"}, "744 au plus"),
        ({"hours": "170", "hours_per": "week"}, "168 au plus"),
        ({"hours_per": "day"}, "Choisissez une des réponses"),
        ({"new_sale_amount": "5"}, "Donnez un nom"),
        ({"new_sale": "marché", "new_sale_amount": "5", "amount": "1"}, "déjà dans la liste"),
        ({"words": "x" * 4001}, "trop long"),
    ],
)
async def test_what_cannot_be_is_said_and_what_was_typed_stays(
    browse: Browse, db: AsyncSession, cast: Cast, typed: dict[str, str], said: str
) -> None:
    heading = await market(db, cast)
    named = {
        (f"amount_{heading.id}" if name == "amount" else name): text for name, text in typed.items()
    }
    answer = await (await browse("lea")).post(FORM, {"version": 0, **named})

    assert answer.status_code == 422
    assert said in parse(answer.text).text
    assert all(text in answer.text for text in typed.values() if text != "day")
    assert await db.scalar(sa.select(sa.func.count(FigureMonth.id))) == 0


async def test_a_month_to_come_waits(browse: Browse, db: AsyncSession, cast: Cast) -> None:
    await market(db, cast)
    answer = await (await browse("lea")).post("/mes-chiffres/mois/2026-12", {"version": 0})

    assert answer.status_code == 422
    assert "prévisionnel" in parse(answer.text).text


# ---------------------------------------------------------------- the plan


async def planned(db: AsyncSession) -> list[Decimal]:
    return list(await db.scalars(sa.select(PlannedAmount.amount).order_by(PlannedAmount.month)))


async def test_a_total_is_spread_to_the_cent_and_a_month_detailed(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await market(db, cast)
    lea = await browse("lea")
    year = "/mes-chiffres/previsionnel?debut=2025-11-01"
    months = f"{HEADINGS}/{heading.id}/previsionnel?debut=2025-11-01"
    await lea.post(year, {f"plan_{heading.id}": "100"})
    spread = await planned(db)
    await lea.post(months, {"was_2026_06": "8,33", "plan_2026_06": "50"})
    detailed = await planned(db)
    shown = (await lea.page(year)).one(id=f"f-plan_{heading.id}")["value"]
    await lea.post(year, {f"plan_{heading.id}": shown, f"was_{heading.id}": shown})

    assert (len(spread), sum(spread)) == (12, 100)
    assert detailed[7] == 50
    assert shown == "141,67"
    assert await planned(db) == detailed  # left as it was shown, its months stay


async def test_a_plan_changed_elsewhere_is_a_choice(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await market(db, cast)
    lea = await browse("lea")
    year, field = "/mes-chiffres/previsionnel?debut=2025-11-01", f"plan_{heading.id}"
    await lea.post(year, {field: "120"})
    answer = await lea.post(year, {field: "240"})
    page = parse(answer.text)

    assert answer.status_code == 422
    assert page.one(id=f"f-{field}")["value"] == "240"
    assert "enregistré : 120" in page.text
    assert sum(await planned(db)) == 120

    again = {one["name"]: one["value"] for one in page.all("input", type="hidden")}
    await lea.post(year, again | {field: "240"})
    assert sum(await planned(db)) == 240


# ---------------------------------------------------------------- shown and exported


async def test_an_export_says_exactly_what_is_shown(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading, seeds = (
        await market(db, cast),
        await build.make_heading(db, cast.lea, "Graines", "cost"),
    )
    await build.make_month(db, cast.lea, OCTOBER, {heading: "1234.50", seeds: "34.05"}, hours=100)
    await build.make_month(db, cast.lea, SEPTEMBER, {heading: "0"})
    db.add(
        PlannedAmount(
            person_id=cast.lea.id, heading_id=heading.id, month=OCTOBER, amount=Decimal("1000.10")
        )
    )
    await db.commit()
    lea = await browse("lea")
    page = await lea.page("/mes-chiffres?debut=2025-11-01")
    book = load_workbook(
        io.BytesIO((await lea.get("/mes-chiffres/export/chiffres.xlsx?debut=2025-11-01")).content)
    )

    for number, name in enumerate(("mois", "lignes", "detail")):
        shown = [cells(row) for row in page.all("table")[number].all("tr")]
        answer = await lea.get(f"/mes-chiffres/export/{name}.csv?debut=2025-11-01")
        text = answer.content.decode("utf-8-sig")
        written = list(csv.reader(io.StringIO(text), delimiter=";"))
        sheet = [[number_of(one) for one in row] for row in book.worksheets[number].values][1:]
        assert [[number_of(one) for one in row] for row in written] == shown
        assert sheet == shown


def cells(row: Element) -> list[str]:
    return [
        number_of(one.text)
        for one in row.children
        if isinstance(one, Element) and one.tag in "thtd"
    ]


def number_of(cell: Any) -> str:
    """``1 234,50 €`` as ``1234.5``; words in lower case."""
    text = "" if cell is None else str(cell).lower()
    plain = text.replace("\u202f", "").replace("\xa0", " ").replace(" ", "").removesuffix("€")
    try:
        return str(float(plain.replace(",", ".")))
    except ValueError:
        return " ".join(text.split())


async def test_an_hour_is_told_to_the_person_alone(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await market(db, cast)
    await build.make_month(db, cast.lea, OCTOBER, {heading: "500"}, hours=100)
    await build.make_figure_share(db, cast.lea, OCTOBER, with_hours=True)
    await db.commit()
    own = (await (await browse("lea")).page("/mes-chiffres")).text
    read = (await (await browse("marc")).page(f"/testeurs/{cast.lea.id}/chiffres-du-mois")).text

    assert "Par heure notée 5,00 €" in own
    assert "pas un revenu" in own
    assert "500,00 €" in read
    assert "Par heure" not in read


# ---------------------------------------------------------------- who reads


READERS = ("lea", "marc", "denis", "odile", "hans", "luc", "rosa", "paul", "ines", "tom", "zoe")
"""odile handed over and is within the grace, hans no more; luc manages the structure."""
GROUP = {"marc", "denis"}


def span(first: dt.date, end: dt.date | None, **fields: Any) -> dict[str, Any]:
    return {"first": first, "end": end, **fields}


CASES = {
    "nothing shared": ([], set(), set()),
    "a month with the group": ([span(OCTOBER, dt.date(2026, 11, 1))], GROUP, set()),
    "from a month on": ([span(SEPTEMBER, None)], GROUP, GROUP),
    "with one of the group": ([span(SEPTEMBER, None, reader="marc")], {"marc"}, {"marc"}),
    "with who is not of the group": ([span(SEPTEMBER, None, reader="ines")], set(), set()),
    "with who handed over": ([span(SEPTEMBER, None, reader="odile")], set(), set()),
    "other months": ([span(dt.date(2026, 1, 1), SEPTEMBER)], set(), set()),
    "withdrawn": (
        [span(SEPTEMBER, None, withdrawn_at=dt.datetime(2026, 11, 2, tzinfo=dt.UTC))],
        set(),
        set(),
    ),
    "one month withdrawn": (
        [span(SEPTEMBER, OCTOBER), span(dt.date(2026, 11, 1), None)],
        set(),
        GROUP,
    ),
}


@pytest.mark.parametrize(("shares", "october", "september"), CASES.values(), ids=CASES)
async def test_each_reader_reads_the_months_shared_and_nothing_else(
    browse: Browse,
    db: AsyncSession,
    cast: Cast,
    group: Group,
    shares: list[dict[str, Any]],
    october: set[str],
    september: set[str],
) -> None:
    heading = await market(db, cast, f"{SECRET} coupées")
    for month, amount in ((OCTOBER, "1111.11"), (SEPTEMBER, "2222.22")):
        await build.make_month(db, cast.lea, month, {heading: amount}, words=f"mot {amount}")
    other = await build.make_heading(db, cast.lea, "Jamais dit")
    await build.make_month(db, cast.lea, dt.date(2025, 12, 1), {other: "7070.70"}, hours=99)
    people = {"denis": group.denis, "odile": group.odile, "hans": group.hans, "luc": group.manager}
    for share in shares:
        named = dict(share)
        reader = named.pop("reader", None)
        who = people.get(reader) or cast.person(reader) if reader else None
        await build.make_figure_share(
            db, cast.lea, named.pop("first"), named.pop("end"), who, **named
        )
    await db.commit()

    told: dict[str, set[str]] = {"1111,11": set(), "2222,22": set(), "7070,70": set()}
    knew: set[str] = set()
    for name in READERS[1:]:
        browser = await browse(people.get(name, name))
        text = await everything(browser, cast)
        for amount, who in told.items():
            if amount in text:
                who.add(name)
        knew |= {name} if SECRET in text or "Jamais dit" in text else set()

    assert told == {"1111,11": october, "2222,22": september, "7070,70": set()}
    assert knew == october | september


async def everything(browser: Browser, cast: Cast) -> str:
    """What somebody can get at, by every door that might tell of it; figures without spaces."""
    file = f"/testeurs/{cast.lea.id}"
    doors = (
        *("/", file, f"{file}?nature=suivi", f"{file}/grilles", f"{file}/actions", "/visites"),
        *(f"{file}/chiffres-du-mois", f"{file}/chiffres-du-mois?debut=2025-11-01"),
        *(f"{file}/chiffres-du-mois/export/{name}" for name in ("mois.csv", "detail.csv")),
        *(f"{file}/lectures", f"/personnes/{cast.lea.id}", "/chiffres", "/courrier", FORM, SHARES),
        *("/mes-chiffres?debut=2025-11-01", "/mes-chiffres/export/detail.csv?debut=2025-11-01"),
    )
    texts = [(await browser.get(door)).text for door in doors]
    return "".join(texts).replace("\u202f", "").replace("\xa0", "")


async def test_hours_are_shared_apart(browse: Browse, db: AsyncSession, cast: Cast) -> None:
    heading = await market(db, cast)
    await build.make_month(db, cast.lea, OCTOBER, {heading: "5"}, hours=Decimal("123.5"))
    share = await build.make_figure_share(db, cast.lea, OCTOBER)
    await db.commit()
    marc, page = await browse("marc"), f"/testeurs/{cast.lea.id}/chiffres-du-mois"
    without = await marc.page(page)
    share.with_hours = True
    await db.commit()
    with_them = await marc.page(page)

    assert "123,5" not in without.text
    assert "Heures" not in [one.text for one in without.all("th")]
    assert "123,5" in with_them.text
    assert "Heures" in [one.text for one in with_them.all("th")]


async def test_the_timeline_and_the_visit_lead_to_what_was_shared(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await market(db, cast)
    await build.make_month(db, cast.lea, OCTOBER, {heading: "5"})
    visit = await build.make_visit(
        db, cast.lea, cast.marc, dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    )
    await db.commit()
    marc, file = await browse("marc"), f"/testeurs/{cast.lea.id}"
    pages = (file, f"/visites/{visit.id}")
    before = [(await marc.page(page)).text for page in pages]
    await build.make_figure_share(db, cast.lea, OCTOBER)
    await db.commit()
    after = [(await marc.page(page)).text for page in pages]

    assert not [
        text for text in before if "hiffres" in text.replace("Chiffres du mois :", "hiffres")
    ]
    assert "Chiffres du mois : octobre 2026" in after[0]
    assert all("Chiffres partagés" in text for text in after)


async def test_who_reads_is_written_down_and_the_person_sees_it(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await market(db, cast)
    await build.make_month(db, cast.lea, OCTOBER, {heading: "5"})
    await build.make_figure_share(db, cast.lea, OCTOBER, reader=cast.marc)
    await db.commit()
    lea, marc, ines = [await browse(name) for name in ("lea", "marc", "ines")]
    nobody = (await lea.page(SHARES)).text
    await ines.get(f"/testeurs/{cast.lea.id}/chiffres-du-mois")
    await marc.get(f"/testeurs/{cast.lea.id}/chiffres-du-mois/export/mois.csv")
    await marc.get(f"/testeurs/{cast.lea.id}/chiffres-du-mois")
    log = (await lea.page(SHARES)).text.partition("Qui les a lus")[2]

    assert "Personne pour l'instant." in nobody
    assert log.count("Marc Essai") == 1
    assert "Ines" not in log


# ---------------------------------------------------------------- sharing and taking back


async def spans(db: AsyncSession) -> list[tuple[str | None, Range[dt.date], bool]]:
    rows = await db.execute(
        sa.text(
            "SELECT p.given_name, s.during, s.with_hours FROM figure_share s "
            "LEFT JOIN person p ON p.id = s.reader_id WHERE withdrawn_at IS NULL "
            "ORDER BY 1 NULLS FIRST, 2"
        )
    )
    return [(name, Range(during.lower, during.upper), hours) for name, during, hours in rows]


async def test_sharing_again_replaces_what_was_said_of_those_months(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    lea = await browse("lea")
    from_june = {"month": "2026-06", "reach": "on", "readers": "group"}
    october = {"month": "2026-10", "reach": "month", "readers": "group", "with_hours": "on"}
    for sent in (from_june, from_june, october, {**october, "readers": str(cast.marc.id)}):
        assert (await lea.post(SHARES, sent)).status_code == 303
    whole = await db.scalar(sa.select(sa.func.count(FigureShare.id)))

    assert await spans(db) == [
        (None, Range(dt.date(2026, 6, 1), OCTOBER), False),
        (None, Range(OCTOBER, dt.date(2026, 11, 1)), True),
        (None, Range(dt.date(2026, 11, 1), None), False),
        ("Marc", Range(OCTOBER, dt.date(2026, 11, 1)), True),
    ]
    assert whole == 5  # the first of june stays as a row that opens nothing


async def test_a_month_is_hidden_and_a_share_withdrawn(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    lea = await browse("lea")
    share = await build.make_figure_share(db, cast.lea, dt.date(2026, 6, 1))
    await build.make_figure_share(db, cast.lea, OCTOBER, dt.date(2026, 11, 1), cast.marc)
    await db.commit()
    await lea.post(f"{FORM}/retrait")
    hidden = await spans(db)
    rest = await db.scalars(sa.select(FigureShare.id).where(FigureShare.withdrawn_at.is_(None)))
    for one in [share.id, *rest]:
        assert (await lea.post(f"{SHARES}/{one}/retrait")).status_code == 303

    assert [during for _, during, _ in hidden] == [
        Range(dt.date(2026, 6, 1), OCTOBER),
        Range(dt.date(2026, 11, 1), None),
    ]
    assert await spans(db) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"month": "2026-10"},
        {"month": "2026-13", "readers": "group"},
        {"month": "2026-12", "readers": "group"},
        {"month": "2026-10", "readers": "nobody"},
        {"month": "2026-10", "readers": "9" * 30},
        {"month": "2026-10", "readers": "INES"},
        {"month": "2026-10", "readers": "LEA"},
        {"month": "2026-10", "readers": "group", "reach": "ever"},
    ],
)
async def test_a_share_that_cannot_be_is_refused(
    browse: Browse, db: AsyncSession, cast: Cast, sent: dict[str, str]
) -> None:
    names = {"INES": str(cast.ines.id), "LEA": str(cast.lea.id)}
    data = {name: names.get(text, text) for name, text in sent.items()}
    answer = await (await browse("lea")).post(SHARES, data)

    assert answer.status_code == 422
    assert await spans(db) == []


async def test_who_left_the_network_still_reads_their_own(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    heading = await build.make_heading(db, cast.zoe)
    await build.make_month(db, cast.zoe, OCTOBER, {heading: "42.42"})
    await db.commit()
    zoe = await browse("zoe")

    assert "42,42 €" in (await zoe.page("/mes-chiffres")).text
    assert (await zoe.get("/mes-chiffres/export/mois.csv")).status_code == 200
    assert (await zoe.post(FORM, {"version": 1})).status_code == 403


# ---------------------------------------------------------------- reminders


@pytest.mark.parametrize(
    ("day", "filled", "reminded"),
    [(10, False, False), (11, False, True), (11, True, False), (30, False, True)],
)
async def test_an_empty_month_is_recalled_after_the_tenth(
    browse: Browse,
    db: AsyncSession,
    cast: Cast,
    databases: Databases,
    settings: Settings,
    fixed_clock: Callable[[dt.datetime], None],
    day: int,
    filled: bool,
    reminded: bool,
) -> None:
    heading = await market(db, cast)
    db.add(FigureReminder(person_id=cast.lea.id))
    await build.make_month(db, cast.lea, OCTOBER, {heading: "5"} if filled else {})
    await db.commit()
    fixed_clock(dt.datetime(2026, 11, day, 9, tzinfo=dt.UTC))
    home = (await (await browse("lea")).page("/")).text
    tasks.register()
    for _ in range(2):
        await PERIODIC["remind_of_figures"][1](Workshop(databases.writer, settings))
    mails = list(await db.scalars(sa.select(OutgoingMail)))

    assert ("Rien de noté pour : octobre 2026" in home) == reminded
    assert len(mails) == int(reminded)
    assert all("/mes-chiffres/mois/2026-10" in mail.body for mail in mails)


async def test_nobody_is_reminded_who_did_not_ask(
    browse: Browse,
    db: AsyncSession,
    cast: Cast,
    databases: Databases,
    settings: Settings,
) -> None:
    await market(db, cast)
    lea = await browse("lea")
    await lea.post("/mes-chiffres/rappel", {"wanted": "on"})
    await lea.post("/mes-chiffres/rappel", {"wanted": "on"})
    asked = "Ne plus me le rappeler" in (await lea.page(SHARES)).text
    await lea.post("/mes-chiffres/rappel")
    tasks.register()
    await PERIODIC["remind_of_figures"][1](Workshop(databases.writer, settings))

    assert asked
    assert list(await db.scalars(sa.select(OutgoingMail))) == []
