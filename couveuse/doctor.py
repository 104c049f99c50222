"""Says in plain words what is wrong with the set-up."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg

from couveuse.core.db import normal_url
from couveuse.core.i18n import N_, translated
from couveuse.core.migrations import newest_revision
from couveuse.core.settings import Settings

OLDEST_POSTGRESQL = 15
STALE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: fine, or wrong with what to do."""

    is_fine: bool
    sentence: str

    def __str__(self) -> str:
        return f"{'ok ' if self.is_fine else '!! '} {self.sentence}"


def fine(sentence: str, **values: object) -> Finding:
    return Finding(True, translated(sentence, values))


def wrong(sentence: str, **values: object) -> Finding:
    return Finding(False, translated(sentence, values))


async def examine(settings: Settings, url: str) -> AsyncIterator[Finding]:
    """Look at folders, database, address and mail; one finding after the other."""
    yield _folder(settings)
    async for finding in _database(url):
        yield finding
    yield _address(settings)
    yield await asyncio.to_thread(_mail, settings)


def _folder(settings: Settings) -> Finding:
    folder = settings.data_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        sentence = N_("Le dossier %(path)s ne peut pas être créé. Vérifiez ses droits.")
        return wrong(sentence, path=folder)
    if not os.access(folder, os.W_OK):
        return wrong(
            N_("Le dossier %(path)s n'est pas accessible en écriture. Vérifiez ses droits."),
            path=folder,
        )
    return fine(N_("Dossier des données : %(path)s"), path=folder)


async def _database(url: str) -> AsyncIterator[Finding]:
    try:
        connection = await asyncpg.connect(normal_url(url).replace("+asyncpg", "", 1), timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        yield wrong(
            N_("La base de données ne répond pas (%(error)s). Vérifiez DATABASE_URL."), error=error
        )
        return
    try:
        yield await _version(connection)
        yield await _revision(connection)
        yield await _queue(connection)
    finally:
        await connection.close()


async def _version(connection: asyncpg.Connection) -> Finding:
    version = connection.get_server_version()
    shown = str(await connection.fetchval("SHOW server_version")).split()[0]
    if version.major < OLDEST_POSTGRESQL:
        sentence = N_("PostgreSQL %(version)s est trop ancien : il faut la 15 ou plus.")
        return wrong(sentence, version=shown)
    return fine(N_("PostgreSQL %(version)s répond"), version=shown)


async def _revision(connection: asyncpg.Connection) -> Finding:
    try:
        present = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        present = None
    if present != newest_revision():
        return wrong(N_("La base n'est pas à jour. Lancez : couveuse migrate"))
    return fine(N_("La base est à jour"))


async def _queue(connection: asyncpg.Connection) -> Finding:
    try:
        waiting = await connection.fetchval(
            "SELECT count(*) FROM pgqueuer WHERE status = 'queued' "
            "AND execute_after < now() - $1 * interval '1 minute'",
            STALE_MINUTES,
        )
        failed = await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE status = 'failed'")
    except asyncpg.UndefinedTableError:
        return wrong(N_("La file des tâches n'existe pas encore. Lancez : couveuse migrate"))
    if waiting:
        return wrong(
            N_("%(n)s tâches attendent depuis plus de %(m)s minutes. Lancez : couveuse worker"),
            n=waiting,
            m=STALE_MINUTES,
        )
    if failed:
        sentence = N_("%(n)s tâches ont échoué plusieurs fois. Voyez le journal du worker.")
        return wrong(sentence, n=failed)
    return fine(N_("Aucune tâche n'attend"))


def _address(settings: Settings) -> Finding:
    if not settings.base_url:
        return wrong(
            N_("COUVEUSE_BASE_URL n'est pas réglée : les liens des courriers mèneront à %(url)s."),
            url=settings.public_url,
        )
    if not settings.is_https:
        return wrong(
            N_("%(url)s n'est pas en https : les téléphones refuseront le travail sans réseau."),
            url=settings.base_url,
        )
    return fine(N_("Adresse publique : %(url)s"), url=settings.base_url)


def _mail(settings: Settings) -> Finding:
    if not settings.smtp_url:
        return wrong(
            N_(
                N_(
                    "Aucun serveur de courrier (COUVEUSE_SMTP_URL) : "
                    "les messages attendent à la page Courrier."
                )
            )
        )
    parts = urlsplit(settings.smtp_url)
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    try:
        socket.create_connection((str(parts.hostname), port), timeout=5).close()
    except OSError as error:
        return wrong(
            N_("Le serveur de courrier %(host)s:%(port)s ne répond pas (%(error)s)."),
            host=parts.hostname,
            port=port,
            error=error,
        )
    return fine(N_("Le serveur de courrier %(host)s répond"), host=parts.hostname)
