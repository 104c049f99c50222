"""The command that imports a file: what it says, what it asks, what it writes."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import click
import pytest
import pytest_asyncio
import sqlalchemy as sa

from couveuse.core.db import Sessions, make_engine, make_sessions
from couveuse.equipment.models import Item
from couveuse.importing import import_file
from couveuse.structures.models import Structure

FILES = Path(__file__).parent / "files"
ITEMS, STRUCTURES = FILES / "inventaire-materiel.csv", FILES / "structures.csv"


@pytest_asyncio.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


async def count(sessions: Sessions, model: type) -> int:
    async with sessions() as db:
        return await db.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.mark.slow
async def test_both_files_in_either_order_make_one_network(sessions, capsys) -> None:
    await import_file(sessions, "items", ITEMS, yes=True)
    assert "Créés : 26." in capsys.readouterr().out
    await import_file(sessions, "structures", STRUCTURES, yes=True)
    assert "Créés : 4. Changés : 3." in capsys.readouterr().out
    for kind, file in (("items", ITEMS), ("structures", STRUCTURES)):
        await import_file(sessions, kind, file, yes=True)
        assert "Rien à changer" in capsys.readouterr().out
    assert (await count(sessions, Item), await count(sessions, Structure)) == (26, 7)


async def test_nothing_is_written_without_a_yes(sessions, capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    await import_file(sessions, "items", ITEMS, yes=False)
    assert "Rien n'est enregistré." in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(click.Abort):
        await import_file(sessions, "items", ITEMS, yes=False)
    assert await count(sessions, Item) == 0


async def test_a_wrong_row_holds_everything_back(sessions, capsys, tmp_path) -> None:
    file = tmp_path / "inventaire.csv"
    file.write_text("Code;Nom;Lieu;Structure\nA-1;Outil;Ici;Nous\n;Sans code;Ici;Nous\n")
    with pytest.raises(click.ClickException, match="Corrigez le fichier"):
        await import_file(sessions, "items", file, yes=True)
    assert "ligne 3, colonne « Code »" in capsys.readouterr().out
    assert await count(sessions, Item) == 0


@pytest.mark.parametrize("answer", ["o", "Oui", "y", "YES"])
async def test_yes_is_understood_in_french_and_in_english(
    sessions, capsys, monkeypatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
    await import_file(sessions, "structures", STRUCTURES, yes=False)
    assert "Créés : 7." in capsys.readouterr().out
