"""Importing an inventory: the real file, again, changed, wrong, and not a table at all."""

import asyncio
import csv
import datetime as dt
import io
import os
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import journal, uploads
from couveuse.core.db import make_engine, make_sessions, unit_of_work
from couveuse.core.plans import Outcome, PlanChanged, RowsToCorrect, plan_lines
from couveuse.equipment.actions import apply_import, plan_import
from couveuse.equipment.catalogue import list_whole_items
from couveuse.equipment.models import Item
from couveuse.people.models import Qualification
from couveuse.structures.models import Site, Structure
from tests import build
from tests.html import Element, parse

FILE = Path(__file__).parents[1] / "files" / "inventaire-materiel.csv"
REAL = FILE.read_bytes()
PATH = "/materiel/import"


def sheet(*rows: str, titles: str = "Code;Désignation;Lieu;Structure") -> bytes:
    return "\n".join([titles, *rows]).encode()


def xlsx(data: bytes = REAL) -> bytes:
    """The same table as a workbook."""
    book = openpyxl.Workbook()
    assert book.active
    for row in csv.reader(io.StringIO(data.decode("cp1252")), delimiter=";"):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def preview(browser: Any, data: bytes, name: str = "inventaire.csv") -> Element:
    answer = await browser.post(PATH, files={"file": (name, data, "text/csv")})
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def confirmation(page: Element) -> dict[str, str]:
    """What the button of a preview sends."""
    return {name: page.one("input", name=name)["value"] for name in ("slip", "promised")}


async def confirm(browser: Any, page: Element, **more: str) -> Any:
    return await browser.post(f"{PATH}/confirmation", confirmation(page) | more)


async def whole(db: AsyncSession, code: str) -> Item:
    return (await list_whole_items(db, Item.code == code, again=True))[0]


async def count(db: AsyncSession, model: Any) -> int:
    return await db.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def outcomes(plan: Any) -> dict[str, int]:
    return dict(Counter(str(row.outcome) for row in plan.rows))


# --- the real file


@pytest.mark.slow
async def test_the_real_file_fills_an_empty_installation(database: str) -> None:
    engine = make_engine(database)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        plan = await plan_import(db, REAL, FILE.name)
        assert outcomes(plan) == {"create": 26}
        assert dict(plan.besides) == {
            "Structures qui seront créées": ("CIVAM-ADAR", "ADEARI", "PLES"),
            "Lieux qui seront créés": (
                "Ferme test La Châtre (CIVAM-ADAR)",
                "Lieu-test Neuvy (ADEARI)",
                "Châteauroux (PLES)",
            ),
            "Formations qui seront créées": (
                "Conduite tracteur",
                "Autorisation de conduite",
                "Sécurité gaz",
                "Permis B",
                "EPI",
            ),
        }
    async with unit_of_work(sessions) as db:  # as the command does, after the person said yes
        summary = await apply_import(db, None, plan)
        assert str(summary) == "Créés : 26. Changés : 0. Déjà à jour : 0."
    async with unit_of_work(sessions) as db:
        assert await count(db, Item) == 26
        item = await whole(db, "EP-01")
        assert (item.site.name, item.structure.name) == ("Lieu-test Neuvy", "ADEARI")
        assert [one.code for one in item.companions] == ["TR-03"]
        assert [one.name for one in item.requirements] == ["Conduite tracteur"]
        assert (item.min_minutes, item.max_minutes, item.notice_minutes) == (240, 1440, 2880)
        assert (item.tariff, item.tariff_unit, item.needs_approval) == (35, "trip", True)
        rotavator, cold_room = await whole(db, "RO-01"), await whole(db, "CF-01")
        assert [one.code for one in rotavator.companions] == ["TR-01", "TR-02"]
        assert (cold_room.capacity, cold_room.max_minutes) == (4, 43200)
        (line,) = await journal.lines_about(db, "item", item.id)
        assert journal.sentence(line) == (
            "a ajouté le matériel en important « inventaire-materiel.csv »"
        )
        again = await plan_import(db, xlsx(), "inventaire.xlsx")
        assert outcomes(again) == {"same": 26}
        assert again.is_done
        assert plan_lines(again)[-1] == "Rien à changer : tout est déjà à jour."
    await engine.dispose()


async def test_the_real_file_through_the_pages(browse, db, cast) -> None:
    ines = await browse("ines")
    page = await preview(ines, REAL)
    assert len(page.all("li", data_row=None)) == 26
    assert "CIVAM-ADAR, PLES" in page.text  # ADEARI and two sites are there already
    assert "Châteauroux (PLES)" in page.text
    assert await count(db, Item) == 0
    answer = await confirm(ines, page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/materiel")
    board = await ines.page("/materiel")
    assert len(board.all(data_item=None)) == 26
    assert "importé" in board.text
    # and again
    page = await preview(ines, REAL)
    assert "Rien à changer" in page.text
    assert not page.all("input", name="slip")
    assert await count(db, Item) == 26
    site = await db.scalar(sa.select(Site).where(Site.name == "Châteauroux"))
    assert site is not None
    assert site.time_zone == "Europe/Paris"


async def test_a_workbook_gives_the_same(browse, db, cast) -> None:
    ines = await browse("ines")
    await confirm(ines, await preview(ines, xlsx(), "inventaire.xlsx"))
    assert await count(db, Item) == 26
    assert "Rien à changer" in (await preview(ines, REAL)).text


async def test_a_changed_file_changes_what_it_says_and_nothing_else(browse, db, cast) -> None:
    ines = await browse("ines")
    await confirm(ines, await preview(ines, REAL))
    tractor = await whole(db, "TR-01")
    tractor.opens_at, tractor.closes_at = dt.time(8), dt.time(20)
    tractor.manager_id = cast.gaston.id
    tractor.horizon_days = 15
    booking = await build.make_booking(
        db, tractor, cast.lea, dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC),
    )  # fmt: skip
    await db.commit()
    changed = REAL.decode("cp1252").replace("TR-01;Tracteur fruitier 60 ch", "tr-01;Tracteur rouge")
    changed = changed.replace("2 413,5;18,00", "2 500;20").encode("cp1252")
    page = await preview(ines, changed)
    row = page.one("li", data_row="4")
    assert "Nom : Tracteur fruitier 60 ch → Tracteur rouge" in row.text
    assert "Compteur : 2 413,5 → 2 500" in row.text
    assert "18,00 € → 20,00 €" in row.text
    assert (await confirm(ines, page)).status_code == 303
    after = await whole(db, "TR-01")
    assert (after.name, after.meter, after.tariff) == ("Tracteur rouge", 2500, 20)
    assert (after.opens_at, after.manager_id, after.horizon_days) == (
        dt.time(8),
        cast.gaston.id,
        15,
    )
    await db.refresh(booking)
    assert booking.is_holding
    lines = await journal.lines_about(db, "item", after.id)
    assert "Nom (Tracteur fruitier 60 ch → Tracteur rouge)" in journal.sentence(lines[0])
    assert await count(db, Item) == 26


async def test_a_file_with_fewer_columns_leaves_the_others_alone(browse, db, cast) -> None:
    ines = await browse("ines")
    await confirm(ines, await preview(ines, REAL))
    short = "Code;Désignation;Remarques\nRO-01;Rotavator 1,30 m;\n".encode()
    assert "Rien à changer" in (await preview(ines, short)).text
    item = await whole(db, "RO-01")
    assert [one.code for one in item.companions] == ["TR-01", "TR-02"]
    assert item.notes == "laver avant retour"


# --- places, people and words


async def test_places_are_found_by_any_of_their_names(db, cast) -> None:
    data = sheet(
        "A-1;Outil;ferme test la chatre;civam",
        "A-2;Outil;FERME TEST LA CHÂTRE;CIVAM de la Chatre",
        "A-3;Outil;Lieu test Neuvy;",  # its own structure
        "A-4;Outil;Grange neuve;Nouvelle Structure",
        "A-5;Outil;grange neuve;NOUVELLE structure",
        "A-6;Outil;Grange neuve;",
    )
    plan = await plan_import(db, data, "x.csv")
    assert outcomes(plan) == {"create": 6}
    assert [one.facts["structure"] for one in plan.items] == [
        *("CIVAM", "CIVAM", "ADEARI"),
        *("Nouvelle Structure",) * 3,
    ]
    assert plan.besides[0][1] == ("Nouvelle Structure",)
    assert plan.besides[1][1] == ("Grange neuve (Nouvelle Structure)",)
    await apply_import(db, None, plan)
    assert (await whole(db, "A-1")).site_id == cast.farm.id
    new = await whole(db, "A-5")
    assert (new.site.name, new.structure.name) == ("Grange neuve", "Nouvelle Structure")
    assert await count(db, Structure) == 3


async def test_a_place_that_is_missing_closed_or_ambiguous_is_a_problem(db, cast) -> None:
    await build.make_site(db, cast.home, name="Le vieux site", closed_on=dt.date(2025, 1, 1))
    await build.make_structure(db, "Gone", left_on=dt.date(2025, 1, 1))
    await build.make_structure(db, "Un", short_name="XX")
    await build.make_structure(db, "Deux", short_name="XX")
    await build.make_item(db, cast.farm, code="A-9", name="Outil")
    data = sheet(
        "A-1;Outil;;CIVAM",
        "A-2;Outil;Nouveau lieu;",
        "A-3;Outil;Le vieux site;CIVAM",
        "A-4;Outil;Ferme test La Châtre;gone",
        "A-5;Outil;Ferme test La Châtre;XX",
        "A-9;Outil;;",
    )
    plan = await plan_import(db, data, "x.csv")
    told = {row.title.split()[0]: [str(one) for one in row.problems] for row in plan.rows}
    assert "ligne 2, colonne « Lieu » : On ne sait pas où" in told["A-1"][0]
    assert "ligne 3, colonne « Structure » : On ne sait pas à qui" in told["A-2"][0]
    assert "fermé" in told["A-3"][0]
    assert "quitté" in told["A-4"][0]
    assert "peut désigner : XX, XX" in told["A-5"][0]
    assert told["A-9"] == []
    assert all(len(problems) <= 1 for problems in told.values())


async def test_companions_come_from_the_file_or_from_what_is_there(db, cast) -> None:
    await build.make_item(db, cast.farm, code="TR-01")
    titles = "Code;Désignation;Lieu;Structure;Va avec"
    rows = [
        "B-1;Outil;Lieu-test Neuvy;ADEARI;tr-01 | b-2",
        "B-2;Outil;Lieu-test Neuvy;ADEARI;",
        "B-3;Outil;Lieu-test Neuvy;ADEARI;TR-99",
        "B-4;Outil;Lieu-test Neuvy;ADEARI;B-3",
        "B-5;Outil;Lieu-test Neuvy;ADEARI;B-4",
    ]
    plan = await plan_import(db, sheet(*rows, titles=titles), "x.csv")
    assert [str(row.outcome) for row in plan.rows] == ["create", "create", *["problem"] * 3]
    assert "colonne « Va avec » : « TR-99 » n'est ni dans" in str(plan.rows[2].problems[0])
    await apply_import(db, None, plan, only_good_rows=True)
    assert [one.code for one in (await whole(db, "B-1")).companions] == ["TR-01", "B-2"]


async def test_qualifications_keep_the_spelling_that_is_known(db, cast) -> None:
    titles = "Code;Désignation;Lieu;Structure;Formation exigée"
    rows = [
        "B-1;Outil;Lieu-test Neuvy;ADEARI;CONDUITE TRACTEUR, sécurité gaz",
        "B-2;Outil;Lieu-test Neuvy;ADEARI;Securite Gaz",
    ]
    await apply_import(db, None, await plan_import(db, sheet(*rows, titles=titles), "x.csv"))
    names = sorted(await db.scalars(sa.select(Qualification.name)))
    assert names == ["Conduite tracteur", "sécurité gaz"]
    again = await plan_import(db, sheet(*rows, titles=titles), "x.csv")
    assert again.is_done


async def test_an_unknown_column_is_named(browse, cast) -> None:
    data = sheet("A-1;Outil;Lieu-test Neuvy;ADEARI;rouge", titles="Code;Nom;Lieu;Structure;Humeur")
    page = await preview(await browse("ines"), data)
    assert "Colonnes non reprises Humeur" in page.text


async def test_a_retired_item_stays_retired(db, cast) -> None:
    item = await build.make_item(db, cast.farm, code="A-1", retired_on=dt.date(2026, 1, 1))
    plan = await plan_import(db, sheet("A-1;Autre nom;;"), "x.csv")
    assert "le reste" in str(plan.rows[0].notes[0])
    await apply_import(db, None, plan)
    await db.refresh(item)
    assert (item.name, item.retired_on) == ("Autre nom", dt.date(2026, 1, 1))


async def test_lengths_fit_what_is_usual_and_what_is_there(db, cast) -> None:
    titles = "Code;Désignation;Lieu;Structure;Durée mini;Durée maxi"
    rows = [
        "A-1;Outil;Lieu-test Neuvy;ADEARI;;20 min",
        "A-2;Outil;Lieu-test Neuvy;ADEARI;7 jours;",
        "A-3;Outil;Lieu-test Neuvy;ADEARI;15 min;",
    ]
    await apply_import(db, None, await plan_import(db, sheet(*rows, titles=titles), "x.csv"))
    made = [await whole(db, f"A-{n}") for n in (1, 2, 3)]
    assert [(one.min_minutes, one.max_minutes, one.slot_minutes) for one in made] == [
        (20, 20, 20),
        (10080, 10080, 30),
        (15, 1440, 15),
    ]
    plan = await plan_import(db, sheet("A-2;Outil;;;;1 jour", titles=titles), "x.csv")
    assert "colonne « Durée maxi »" in str(plan.rows[0].problems[0])


# --- wrong rows


WRONG = sheet(
    "A-1;Outil bon;Lieu-test Neuvy;ADEARI;12",
    "A-2;Outil faux;Lieu-test Neuvy;ADEARI;douze",
    titles="Code;Désignation;Lieu;Structure;Caution",
)


async def test_wrong_rows_hold_everything_back_unless_they_are_left_out(browse, db, cast) -> None:
    ines = await browse("ines")
    page = await preview(ines, WRONG)
    wrong = page.one("li", data_row="3")
    assert "ligne 3, colonne « Caution » : « douze » n'est pas un montant" in wrong.text
    answer = await confirm(ines, page)
    assert answer.status_code == 422
    assert "rien n'est enregistré" in parse(answer.text).text
    assert await count(db, Item) == 0
    answer = await confirm(ines, parse(answer.text), only_good_rows="on")
    assert answer.status_code == 303
    assert list(await db.scalars(sa.select(Item.code))) == ["A-1"]


async def test_a_file_of_wrong_rows_only_cannot_be_confirmed(browse, cast) -> None:
    page = await preview(await browse("ines"), sheet(";sans code;Lieu-test Neuvy;ADEARI"))
    assert "Aucune ligne ne peut" in page.text
    assert not page.all("input", name="slip")


async def test_the_command_is_refused_while_rows_are_wrong(db, cast) -> None:
    plan = await plan_import(db, WRONG, "x.csv")
    with pytest.raises(RowsToCorrect):
        await apply_import(db, None, plan)
    lines = plan_lines(plan)
    assert lines[0] == "ligne 2 · A-1 Outil bon · à créer"
    assert "    Caution : 12,00\u00a0€" in lines
    assert "ligne 3 · à corriger" in lines
    assert "    ligne 3, colonne « Caution » : « douze » n'est pas un montant." in "\n".join(lines)
    assert lines[-1] == "à créer : 1, à changer : 0, déjà à jour : 0, à corriger : 1"


async def test_a_change_that_bookings_rest_on_is_a_problem_of_its_row(db, cast) -> None:
    item = await build.make_item(db, cast.farm, code="CF-01", capacity=4)
    start = dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC)
    await build.make_booking(db, item, cast.tom, start, start + dt.timedelta(hours=1), unit=4)
    data = sheet("CF-01;Chambre froide;2", titles="Code;Désignation;Unités")
    plan = await plan_import(db, data, "x.csv")
    assert plan.rows[0].outcome == Outcome.PROBLEM
    assert "colonne « Unités » : Tom Essai a réservé une place en trop" in str(
        plan.rows[0].problems[0]
    )


# --- between the preview and the confirmation


async def test_what_changed_meanwhile_is_shown_again_before_anything_is_written(
    browse, db, cast
) -> None:
    ines = await browse("ines")
    page = await preview(ines, sheet("A-1;Outil;Lieu-test Neuvy;ADEARI"))
    await build.make_item(db, cast.farm, code="A-1", name="Déjà là")
    await db.commit()
    answer = await confirm(ines, page)
    assert answer.status_code == 422
    assert "ont changé depuis cet aperçu" in answer.text
    fresh = parse(answer.text)
    assert "Nom : Déjà là → Outil" in fresh.text
    assert (await whole(db, "A-1")).name == "Déjà là"
    assert (await confirm(ines, fresh)).status_code == 303
    assert (await whole(db, "A-1")).name == "Outil"


async def test_a_plan_is_checked_again_when_it_is_carried_out(db, cast) -> None:
    plan = await plan_import(db, sheet("A-1;Outil;Lieu-test Neuvy;ADEARI"), "x.csv")
    await build.make_item(db, cast.farm, code="a-1")
    with pytest.raises(PlanChanged) as changed:
        await apply_import(db, None, plan)
    assert changed.value.plan.rows[0].outcome == Outcome.CHANGE


async def test_the_same_confirmation_sent_twice_does_it_once(browse, db, cast) -> None:
    ines = await browse("ines")
    page = await preview(ines, REAL)
    first, second = await confirm(ines, page), await confirm(ines, page)
    assert (first.status_code, second.status_code) == (303, 303)
    assert await count(db, Item) == 26


async def test_a_slip_is_good_for_its_owner_only_and_for_a_day(
    browse, db, cast, app, settings
) -> None:
    ines = await browse("ines")
    sent = confirmation(await preview(ines, REAL))
    path = f"{PATH}/confirmation"
    wrong = [
        {},
        {"slip": "x", "promised": "y"},
        {"slip": sent["slip"]},
        sent | {"slip": sent["slip"][:-6]},
        sent | {"slip": "A" + sent["slip"]},
        sent | {"slip": "é" * 200},
        sent | {"slip": "a\0b"},
        sent | {"slip": "z" * 5000},
    ]
    for form in wrong:
        answer = await ines.post(path, form)
        assert answer.status_code == 422
        assert "n'est plus valable" in parse(answer.text).text
    files, secret, slip = app.state.files, settings.secret, sent["slip"]
    upload = uploads.take(files, secret, slip, cast.ines.id)
    assert upload is not None
    assert upload.data == REAL
    assert uploads.take(files, secret, slip, cast.paul.id) is None
    for kept in (files.folder / "waiting").glob("*/*"):
        os.utime(kept, (time.time() - 90_000, time.time() - 90_000))
    await preview(ines, WRONG)
    assert (await ines.post(path, sent)).status_code == 422
    assert await count(db, Item) == 0


# --- who, and what is no table


@pytest.mark.parametrize("name", ["paul", "gaston", "marc", "lea", "zoe", None])
async def test_only_coordination_imports(browse, cast, name) -> None:
    browser = await browse(name)
    expected = 403 if name else 303
    assert (await browser.get(PATH)).status_code == expected
    if name:
        answer = await browser.post(PATH, files={"file": ("x.csv", REAL, "text/csv")})
        assert answer.status_code == expected
    assert (await browser.post(f"{PATH}/confirmation", {})).status_code == expected


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("vide.csv", b"", "est vide"),
        ("vide.csv", b"\n\n\n", "est vide"),
        ("zeros.csv", b"\0" * 5000, ""),
        ("bruit.csv", bytes(range(256)) * 40, ""),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 300, "est une image"),
        ("fiche.pdf", b"%PDF-1.7 rien", "est un PDF"),
        ("ancien.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "ancien format"),
        ("archive.zip", b"PK\x03\x04" + b"\0" * 600, "xlsx"),
        ("texte.txt", b"Bonjour\nCeci est une lettre.", "ligne de titres"),
        ("titres.csv", b"Code;Nom", "aucune ligne"),
        ("sans-code.csv", b"Nom;Lieu\nOutil;Ici", "Il manque la colonne"),
        ("gros.csv", b"Code;Nom\n" + b"A;B\n" * 1_400_000, "Mo"),
        ("long.csv", b"Code;Nom\n" + b"".join(b"A%d;B\n" % n for n in range(9000)), "lignes"),
        ("<script>.csv", b"", "est vide"),
        ("a\0b/../../c.csv", b"", "est vide"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_table_is_refused_with_what_to_do(browse, cast, name, data, said) -> None:
    answer = await (await browse("ines")).post(PATH, files={"file": (name, data, "text/csv")})
    assert answer.status_code == 422
    (error,) = parse(answer.text).all("p", class_="error")
    assert said in error.text
    assert error["id"] == "e-file-1"
    assert "<script>.csv" not in answer.text


async def test_an_enormous_upload_is_refused_at_the_door(browse, cast) -> None:
    answer = await (await browse("ines")).post(
        PATH, files={"file": ("x.csv", b"x" * 10_000_000, "text/csv")}
    )
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text


async def test_no_file_at_all(browse, cast) -> None:
    ines = await browse("ines")
    for sent in ({}, {"data": {"file": "a typed text"}}, {"files": {"file": ("", b"", "")}}):
        answer = await ines.post(PATH, **sent)
        assert answer.status_code == 422
        assert "Choisissez un fichier" in answer.text


async def test_values_at_their_bounds_fit_the_database(db, cast) -> None:
    titles = (
        "Code;Désignation;Catégorie;Lieu;Structure;N° série;Compteur (km);Tarif;Unité;Caution;"
        "Durée mini;Durée maxi;Délai (h);Périodicité VGP (mois);VGP le;Unités;Remarques"
    )
    row = ";".join(
        [
            *("C" * 40, "N" * 200, "K" * 200, "S" * 200, "T" * 200, "#" * 200),
            *("99999999", "99999998,9999", "heure", "0", "366 jours", "366 jours", "8784"),
            *("600", "31/12/2100", "50", "R" * 4000),
        ]
    )
    await apply_import(db, None, await plan_import(db, sheet(row, titles=titles), "x.csv"))
    item = await whole(db, "C" * 40)
    assert (item.capacity, item.max_minutes) == (50, 366 * 1440)
    assert item.tariff == Decimal("99999998.9999")
    assert (await plan_import(db, sheet(row, titles=titles), "x.csv")).is_done


async def test_two_imports_at_once_do_it_once(database: str) -> None:
    engine = make_engine(database)
    sessions = make_sessions(engine)

    async def run() -> str:
        async with unit_of_work(sessions) as db:
            plan = await plan_import(db, REAL, FILE.name)
            await asyncio.sleep(0.1)  # so that both have planned before one writes
            try:
                return str((await apply_import(db, None, plan)).created)
            except PlanChanged as changed:
                return str(changed.plan.is_done)

    assert sorted(await asyncio.gather(run(), run(), run())) == ["26", "True", "True"]
    await engine.dispose()
