"""Functions held by structures: noted, changed, ended, and the gaps that the matrix shows."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from couveuse.core import journal
from couveuse.core.errors import NotVisible, Refused
from couveuse.structures import actions, queries
from couveuse.structures.forms import FunctionForm
from couveuse.structures.models import (
    Function,
    FunctionHeldAlready,
    Site,
    SiteKind,
    Structure,
    StructureFunction,
)
from couveuse.structures.rules import functions_named
from tests import build
from tests.html import parse

TODAY = dt.date(2026, 11, 25)
UNKNOWN = 999_999_999
MATRIX = "/structures/fonctions"


def typed(function: str = "incubation", **fields) -> FunctionForm:
    return FunctionForm.model_validate({"function": function, "starts_on": "2026-01-01"} | fields)


async def hold(db, structure, function: Function, site=None, *, start=build.LONG_AGO, end=None):
    held = StructureFunction(
        structure_id=structure.id,
        site_id=site.id if site else None,
        function=function,
        during=Range(start, end),
    )
    db.add(held)
    await db.flush()
    return held


async def mine(db) -> list[tuple[str, int | None, dt.date | None, dt.date | None]]:
    found = await db.scalars(sa.select(StructureFunction).order_by(StructureFunction.id))
    return [(one.function, one.site_id, one.during.lower, one.last_day) for one in found]


# --- noted, changed, ended


async def test_a_function_is_noted_everywhere_or_on_a_site(db, cast):
    ines = cast.actors["ines"]
    await actions.add_function(db, ines, cast.home, typed())
    await actions.add_function(
        db, ines, cast.home, typed("support", site_id=cast.farm.id, ends_on="2026-12-31")
    )

    assert await mine(db) == [
        ("incubation", None, dt.date(2026, 1, 1), None),
        ("support", cast.farm.id, dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
    ]
    newest, first = await journal.lines_about(db, "structure", cast.home.id)
    assert "Couveuse (– → partout, 1er janv. 2026 – …)" in journal.sentence(first)
    assert "Accompagnement (– → Ferme test La Châtre, 1er janv. 2026 – 31 déc. 2026)" in (
        journal.sentence(newest)
    )


async def test_one_function_is_not_held_twice_on_one_day(db, cast):
    ines = cast.actors["ines"]
    await actions.add_function(db, ines, cast.home, typed(ends_on="2026-06-30"))

    with pytest.raises(FunctionHeldAlready):
        await actions.add_function(db, ines, cast.home, typed(starts_on="2026-06-30"))
    await actions.add_function(db, ines, cast.home, typed(starts_on="2026-07-01"))
    await actions.add_function(db, ines, cast.home, typed(site_id=cast.farm.id))
    await actions.add_function(db, ines, cast.partner, typed())

    assert len(await mine(db)) == 4


async def test_the_dates_keep_to_those_of_the_structure(db):
    structure = await build.make_structure(
        db, joined_on=dt.date(2020, 1, 1), left_on=dt.date(2025, 12, 31)
    )

    with pytest.raises(Refused) as early:
        await actions.add_function(db, None, structure, typed(starts_on="2019-12-31"))
    with pytest.raises(Refused) as late:
        await actions.add_function(db, None, structure, typed(starts_on="2026-01-01"))
    await actions.add_function(db, None, structure, typed(starts_on="2020-01-01"))

    assert [one.code for one in early.value.reasons] == ["before_joining"]
    assert [one.code for one in late.value.reasons] == ["after_leaving"]


async def test_a_function_ends_and_goes_on(db, cast):
    ines = cast.actors["ines"]
    made = await hold(db, cast.home, Function.SUPPORT, start=dt.date(2026, 1, 1))
    held = await queries.get_function(db, ines, made.id)

    with pytest.raises(Refused):
        await actions.end_function(db, ines, held, dt.date(2025, 12, 31))
    held = await queries.get_function(db, ines, made.id)
    await actions.end_function(db, ines, held, dt.date(2026, 1, 1))
    one_day = await mine(db)
    await actions.end_function(db, ines, held, None)

    assert one_day == [("support", None, dt.date(2026, 1, 1), dt.date(2026, 1, 1))]
    assert await mine(db) == [("support", None, dt.date(2026, 1, 1), None)]
    verbs = [line.verb for line in await journal.lines_about(db, "structure", cast.home.id)]
    assert verbs == ["structure.function_resumed", "structure.function_ended"]


async def test_who_left_finds_no_function(db, cast):
    held = await hold(db, cast.home, Function.SUPPORT)

    with pytest.raises(NotVisible):
        await queries.get_function(db, cast.actors["zoe"], held.id)


@pytest.mark.parametrize(
    ("words", "found", "strange"),
    [
        (["couveuse", "accompagnement"], [Function.INCUBATION, Function.SUPPORT], []),
        (["Pépinière ", "PEPINIERE"], [Function.MEANS], []),
        (["animation-coordination", "coordination"], [Function.COORDINATION], []),
        (["Legal hosting", "means of production"], [Function.INCUBATION, Function.MEANS], []),
        (["banque", "accompagnement"], [Function.SUPPORT], ["banque"]),
        ([], [], []),
    ],
)
def test_functions_are_read_as_people_write_them(words, found, strange):
    assert functions_named(words) == (found, strange)


# --- the promises of the database, on both servers


async def test_the_database_itself_refuses_overlaps_and_odd_rows(database):
    engine = create_async_engine(database)

    async def refused(**fields) -> str:
        async with AsyncSession(engine) as db:
            db.add(StructureFunction(**{"structure_id": 1, "function": "means"} | fields))
            with pytest.raises(IntegrityError) as error:
                await db.flush()
            return error.value.orig.__cause__.constraint_name

    async with AsyncSession(engine) as db:
        db.add(Structure(id=1, name="Une"))
        await db.flush()
        db.add(Site(id=1, structure_id=1, name="Ici", kind=SiteKind.ARCHIPELAGO))
        await hold(db, Structure(id=1), Function.MEANS, end=dt.date(2026, 7, 1))
        await hold(db, Structure(id=1), Function.MEANS, Site(id=1))
        await db.commit()

    during = Range(dt.date(2026, 6, 30), None)
    assert await refused(during=during) == "structure_function_no_overlap"
    assert await refused(during=during, site_id=1) == "structure_function_no_overlap"
    assert await refused(during=during, function="bank") == "structure_function_known"
    assert await refused(during=Range(None, None)) == "structure_function_has_a_start"
    assert await refused(during=Range(empty=True)) == "structure_function_has_a_start"
    async with AsyncSession(engine) as db:
        await hold(db, Structure(id=1), Function.MEANS, start=dt.date(2026, 7, 1))
        db.add(Site(structure_id=1, name="Là", kind="castle"))
        with pytest.raises(IntegrityError, match="site_kind_known"):
            await db.flush()
    await engine.dispose()


# --- who does what where


async def test_the_matrix_says_who_and_what_is_missing(db, cast):
    await hold(db, cast.home, Function.COORDINATION)
    await hold(db, cast.home, Function.MEANS, cast.farm)
    await hold(db, cast.partner, Function.SUPPORT, cast.neuvy)
    await hold(db, cast.partner, Function.INCUBATION, end=TODAY)

    matrix = await queries.who_does_what(db, cast.actors["lea"], TODAY)
    before = await queries.who_does_what(db, cast.actors["lea"], TODAY - dt.timedelta(days=1))

    gaps = {row.site.name: row.gaps for row in matrix.sites}
    assert gaps == {
        "Ferme test La Châtre": [Function.INCUBATION, Function.SUPPORT],
        "Lieu-test Neuvy": [Function.INCUBATION, Function.MEANS],
    }
    assert matrix.unheld == [Function.INCUBATION]
    assert before.unheld == []
    assert [row.gaps for row in before.sites] == [[Function.SUPPORT], [Function.MEANS]]


async def test_what_a_structure_that_left_was_noted_for_does_not_count(db, cast):
    gone = await build.make_structure(db, left_on=dt.date(2026, 6, 30))
    coming = await build.make_structure(db, joined_on=dt.date(2027, 1, 1))
    for structure in (gone, coming):
        await hold(db, structure, Function.INCUBATION)

    async def holders(day: dt.date) -> list[int]:
        matrix = await queries.who_does_what(db, cast.actors["ines"], day)
        return [h.structure_id for h in matrix.sites[0].held[Function.INCUBATION]]

    assert await holders(dt.date(2026, 6, 30)) == [gone.id]
    assert await holders(TODAY) == []
    assert await holders(dt.date(2027, 1, 1)) == [coming.id]


async def test_closed_sites_are_out_and_a_future_farm_needs_no_land(db, cast):
    await build.make_site(db, cast.home, name="Fermé", closed_on=TODAY)
    await build.make_site(db, cast.home, name="Chez Léa", kind=SiteKind.TEMPORARY)

    matrix = await queries.who_does_what(db, cast.actors["ines"], TODAY)

    rows = {row.site.name: row for row in matrix.sites}
    assert "Fermé" not in rows
    assert Function.MEANS not in rows["Chez Léa"].gaps
    assert Function.MEANS in rows["Lieu-test Neuvy"].gaps


async def test_the_matrix_needs_three_statements_however_many(db, cast, statements):
    for _ in range(20):
        await build.make_site(db, cast.home)
    await hold(db, cast.home, Function.MEANS)
    statements.clear()

    await queries.who_does_what(db, cast.actors["ines"], TODAY)

    assert len(statements) == 3


async def test_the_page_shows_gaps_in_words(browse, db, cast):
    await hold(db, cast.home, Function.COORDINATION)
    await hold(db, cast.partner, Function.SUPPORT, cast.neuvy)
    await db.commit()

    shown = await (await browse("lea")).page(MATRIX)

    gap = shown.one("li", data_gap=str(cast.neuvy.id)).text
    assert "Lieu-test Neuvy" in gap
    assert "sans couveuse, sans pépinière" in gap
    assert "aucune structure, nulle part" in shown.one("li", data_unheld="incubation").text
    row = next(one for one in shown.all("tr", data_site=str(cast.neuvy.id)))
    assert row.one("td", data_function="support").text == "ADEARI"
    assert row.one("td", data_function="incubation").text == "personne"
    assert row.one("td", data_function="incubation")["data-label"] == "Couveuse"
    home = shown.one("tr", data_structure=str(cast.home.id))
    assert home.one("td", data_function="coordination").text == "partout"
    partner = shown.one("tr", data_structure=str(cast.partner.id))
    assert partner.one("td", data_function="support").text == "Lieu-test Neuvy"


async def test_the_page_shows_another_day(browse, db, cast):
    await hold(db, cast.home, Function.MEANS, start=dt.date(2027, 1, 1))
    await db.commit()
    lea = await browse("lea")

    now = await lea.page(MATRIX)
    later = await lea.page(f"{MATRIX}?date=2027-01-01")

    assert now.all("li", data_unheld="means")
    assert not later.all("li", data_unheld="means")
    assert later.one("input", id="f-date")["value"] == "2027-01-01"


@pytest.mark.parametrize("day", ["demain", "2026-02-30", "1850-01-01", "\x00"])
async def test_an_impossible_day_is_said(browse, day):
    answer = await (await browse("lea")).get(MATRIX, params={"date": day})

    assert answer.status_code == 400


# --- screens


def pages(structure: int, function: int) -> list[tuple[str, str]]:
    return [
        ("GET", f"/structures/{structure}/fonctions/nouvelle"),
        ("POST", f"/structures/{structure}/fonctions"),
        ("GET", f"/fonctions/{function}/modification"),
        ("POST", f"/fonctions/{function}"),
        ("GET", f"/fonctions/{function}/fin"),
        ("POST", f"/fonctions/{function}/fin"),
        ("POST", f"/fonctions/{function}/suppression"),
    ]


async def send(browser, method, path, data=None):
    return await (browser.get(path) if method == "GET" else browser.post(path, data))


async def test_only_coordination_and_the_structure_note_functions(browse, db, cast):
    held = await hold(db, cast.home, Function.MEANS)
    await db.commit()
    signed_out, zoe = await browse(), await browse("zoe")

    for method, path in pages(cast.home.id, held.id):
        assert (await send(signed_out, method, path)).status_code == 303
        assert (await send(zoe, method, path)).status_code == 404
        for name in ("lea", "marc", "gaston", "paul"):
            assert (await send(await browse(name), method, path)).status_code == 403, (name, path)
    for method, path in pages(UNKNOWN, UNKNOWN):
        assert (await send(await browse("ines"), method, path)).status_code == 404
    assert (await zoe.get(MATRIX)).status_code == 403
    assert len(await mine(db)) == 1


async def test_a_structure_manager_notes_ends_and_removes_a_function(browse, db, cast):
    paul = await browse("paul")
    form = {"function": "support", "starts_on": "2026-01-01", "site_id": str(cast.farm.id)}

    added = await paul.post(f"/structures/{cast.partner.id}/fonctions", form)
    (held,) = await db.scalars(sa.select(StructureFunction))
    ended = await paul.post(f"/fonctions/{held.id}/fin", {"ends_on": "30/06/2026"})
    shown = await paul.page(f"/structures/{cast.partner.id}")
    edited = await paul.post(f"/fonctions/{held.id}", form | {"function": "means", "site_id": ""})
    await db.refresh(held)
    kept = (held.function, held.site_id, held.last_day)
    removed = await paul.post(f"/fonctions/{held.id}/suppression")

    assert [one.status_code for one in (added, ended, edited, removed)] == [303] * 4
    line = shown.one("li", data_function=str(held.id)).text
    assert "Ferme test La Châtre" in line
    assert "du 1er janv. 2026 au 30 juin 2026" in line
    assert "terminée" in line
    assert kept == ("means", None, None)
    assert await mine(db) == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("function", "", "à remplir"),
        ("function", "bank", "réponses proposées"),
        ("starts_on", "", "à remplir"),
        ("starts_on", "hier", "n'existe pas"),
        ("ends_on", "2025-12-31", "avant le premier"),
        ("site_id", str(UNKNOWN), "site de la liste"),
        ("site_id", "x", "nombre entier"),
        ("site_id", "9" * 30, "moins que"),
    ],
)
async def test_a_bad_field_is_said_beside_it_and_nothing_is_kept(
    browse, db, cast, field, value, said
):
    form = {"function": "support", "starts_on": "2026-01-01"} | {field: value}

    answer = await (await browse("ines")).post(f"/structures/{cast.home.id}/fonctions", form)

    assert answer.status_code == 422
    assert said in parse(answer.text).one(id=f"f-{field}").parent.text
    assert await mine(db) == []


async def test_a_refused_change_leaves_the_function_and_says_why(browse, db, cast):
    held = await hold(db, cast.home, Function.MEANS, start=dt.date(2026, 1, 1))
    await hold(db, cast.home, Function.SUPPORT)
    await db.commit()
    ines = await browse("ines")

    taken = await ines.post(
        f"/fonctions/{held.id}", {"function": "support", "starts_on": "2026-01-01"}
    )
    early = await ines.post(f"/fonctions/{held.id}/fin", {"ends_on": "2020-01-01"})

    assert (taken.status_code, early.status_code) == (422, 422)
    assert "tient déjà cette fonction" in taken.text
    assert "ne peut pas finir avant" in early.text
    assert (await mine(db))[0][0] == "means"


async def test_a_site_says_its_kind_and_who_serves_it(browse, db, cast):
    ines = await browse("ines")
    form = {"name": "Archipel du Boischaut", "kind": "archipelago", "time_zone": "Europe/Paris"}
    made = await ines.post(f"/structures/{cast.home.id}/sites", form)
    await hold(db, cast.partner, Function.SUPPORT)
    await db.commit()

    site = await ines.page(made.headers["location"])
    structure = await ines.page(f"/structures/{cast.home.id}")

    assert "Archipel (plusieurs lieux dispersés)" in site.text
    assert site.one(id="who").one(data_function="support").one("dd").text == "ADEARI"
    assert "sans couveuse" in site.one(id="who").one(data_function="incubation").text
    where = made.headers["location"].rpartition("/")[2]
    assert "archipel" in structure.one("li", data_site=where).text
