"""Backup and restore: the database as pg_dump writes it, and the stored files, in one archive."""

import asyncio
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

import click

from couveuse.core.migrations import is_fresh
from couveuse.core.pgprograms import client_program
from couveuse.core.settings import Settings

DUMP = "database.dump"
FILES = "files"


def write_archive(settings: Settings, url: str, target: Path) -> None:
    """Write both into ``target`` (tar.gz); a half-written archive never gets its name."""
    half = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DUMP
        _run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={_dsn(url)}")
        with tarfile.open(half, "w:gz") as archive:
            archive.add(dump, DUMP)
            if (stored := settings.data_folder / FILES).is_dir():
                archive.add(stored, FILES)
    half.rename(target)


def restore_archive(settings: Settings, url: str, source: Path) -> None:
    """Put both back. Only into an empty database, so that nothing is overwritten."""
    if not asyncio.run(is_fresh(url)):
        raise click.ClickException(
            "La base n'est pas vide : rétablissez dans une base neuve (DATABASE_URL) "
            "ou un dossier neuf (COUVEUSE_DATA)."
        )
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DUMP
        try:
            with tarfile.open(source) as archive:
                _unpack(archive, Path(folder).resolve())
        except (tarfile.TarError, OSError, EOFError, zlib.error):
            dump.unlink(missing_ok=True)
        if not dump.is_file():
            raise click.ClickException(f"{source} n'est pas une sauvegarde entière de couveuse.")
        # In one transaction: what cannot be put back whole is not put back at all.
        _run("pg_restore", "--no-owner", "-1", f"--dbname={_dsn(url)}", str(dump))
        if (stored := Path(folder) / FILES).is_dir():
            shutil.copytree(stored, settings.data_folder / FILES, dirs_exist_ok=True)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Plain files, each at its own place inside the folder; nothing else that an archive may hold.

    ``extractall`` learnt to filter with Python 3.11.4 only.
    """
    for member in archive:
        target = (folder / member.name).resolve()
        source = archive.extractfile(member) if member.isfile() else None
        if source is not None and target.is_relative_to(folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            with source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)


def _dsn(url: str) -> str:
    return url.replace("+asyncpg", "", 1)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603, our own arguments
        [client_program(program), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise click.ClickException(f"{program} : {done.stderr.strip()[-800:]}")
