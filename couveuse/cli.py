"""The verbs of the person who runs the installation."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from couveuse import __version__
from couveuse.core import logs
from couveuse.core.actor import Role
from couveuse.core.db import Sessions, make_engine, make_sessions
from couveuse.core.errors import DomainError
from couveuse.core.i18n import N_, translated
from couveuse.core.migrations import migrate as run_migrations
from couveuse.core.pghome import ProgramFailed
from couveuse.core.settings import Settings, SettingsProblem, load_settings

P = ParamSpec("P")
R = TypeVar("R")
NO_ANSWER = N_("La base de données ne répond pas (%(error)s). Vérifiez DATABASE_URL.")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104, compared, not bound


def settings_or_stop(**given: Any) -> Settings:
    try:
        return load_settings(**given)
    except SettingsProblem as problem:
        lines = "\n".join(f"  - {line}" for line in problem.lines)
        raise click.ClickException(f"Réglages à corriger :\n{lines}") from None


@contextmanager
def open_database(settings: Settings, *, patient: bool = False) -> Generator[str, None, None]:
    """The address of a database that answers; with ``patient``, whether it does or not."""
    from couveuse.running import database

    try:
        with database(settings) as url:
            if not patient:
                asyncio.run(stop_unless_it_answers(url))
            yield url
    except ProgramFailed as error:
        raise click.ClickException(str(error)) from None


async def stop_unless_it_answers(url: str) -> None:
    import asyncpg

    try:
        connection = await asyncpg.connect(url.replace("+asyncpg", "", 1), timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise click.ClickException(translated(NO_ANSWER, {"error": error})) from None
    await connection.close()


def with_database(
    verb: Callable[..., R] | None = None, *, patient: bool = False
) -> Callable[..., Any]:
    """Give the verb its settings and the address of a running database."""
    if verb is None:
        return functools.partial(with_database, patient=patient)

    @functools.wraps(verb)
    def run(*args: Any, **kwargs: Any) -> R:
        settings = settings_or_stop()
        with open_database(settings, patient=patient) as url:
            return verb(settings, url, *args, **kwargs)

    return run


def in_transactions(url: str, work: Callable[[Sessions], Awaitable[R]]) -> R:
    """Run async work with a session factory; a refusal becomes one clear line."""

    async def run() -> R:
        engine = make_engine(url)
        try:
            return await work(make_sessions(engine))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except DomainError as error:
        raise click.ClickException(said(error)) from None


def said(error: DomainError) -> str:
    reasons = getattr(error, "reasons", None)
    return "\n".join(str(reason) for reason in reasons) if reasons else str(error)


@click.group()
@click.version_option(__version__)
def main() -> None:
    """couveuse : le carnet commun des espaces-test agricoles."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Adresse d'écoute.")
@click.option("--port", default=8000, show_default=True, help="Port d'écoute.")
@click.option("--workers", default=1, show_default=True, help="Nombre de processus web.")
@click.option("--demo", is_flag=True, help="Avec le réseau de démonstration.")
@click.option("--demo-anywhere", is_flag=True, help="Permet à --demo d'écouter ailleurs qu'ici.")
@click.option("--worker/--no-worker", default=True, help="Lancer aussi le worker des tâches.")
@click.option(
    "--forwarded-allow-ips", default="127.0.0.1", help="Mandataires dont on croit les en-têtes."
)
def serve(
    host: str,
    port: int,
    workers: int,
    demo: bool,
    demo_anywhere: bool,
    worker: bool,
    forwarded_allow_ips: str,
) -> None:
    """Répondre aux navigateurs."""
    import os

    from couveuse import running

    if demo and host not in LOOPBACK and not demo_anywhere:
        raise click.ClickException(
            "La démonstration laisse entrer tout le monde : elle n'écoute que sur 127.0.0.1. "
            "Ajoutez --demo-anywhere si c'est voulu."
        )
    logs.configure("WARNING")
    settings = settings_or_stop()
    if demo and not settings.data and not settings.database_url:
        # Apart from a real installation: trying the product out leaves nothing in its folder.
        os.environ["COUVEUSE_DATA"] = str(settings.data_folder / "demo")
        settings = settings_or_stop()
    if not settings.base_url and host not in EVERYWHERE:  # no link leads there
        shown = f"[{host}]" if ":" in host else host
        os.environ["COUVEUSE_BASE_URL"] = f"http://{shown}:{port}"
    with open_database(settings) as url:
        migrate_when_ours(settings, url)
        if demo:
            in_transactions(url, functools.partial(prepare_demo, settings))
            running.mark_as_demo()
        running.serve(host, port, workers, with_worker=worker, behind=forwarded_allow_ips)


def migrate_when_ours(settings: Settings, url: str) -> None:
    """An embedded or empty database is brought up to date; another waits for ``migrate``."""
    from couveuse.core.migrations import is_fresh

    if not settings.database_url or asyncio.run(is_fresh(url)):
        run_migrations(url)


async def prepare_demo(settings: Settings, sessions: Sessions) -> None:
    from couveuse.core.files import FileStore
    from couveuse.seeds import is_demo, is_empty, refresh_demo, seed_demo

    store = FileStore(settings.data_folder / "files")
    async with sessions() as db:
        empty, ours = await is_empty(db), await is_demo(db)
    if empty:
        click.echo("Préparation du réseau de démonstration…", err=True)
        await seed_demo(sessions, store=store)
    elif ours:
        await refresh_demo(sessions, store=store)
    else:
        raise click.ClickException(
            "Cette base contient de vraies données : la démonstration n'y touche pas. "
            "Donnez-lui un autre dossier (COUVEUSE_DATA) ou une base vide (DATABASE_URL)."
        )


@main.command()
@with_database(patient=True)
def worker(settings: Settings, url: str) -> None:
    """Faire les tâches en attente : courriers, demandes caduques."""
    import signal

    from couveuse import tasks
    from couveuse.core.jobs import Workshop
    from couveuse.core.worker import work

    logs.configure(settings.log_level)
    tasks.register()

    async def run() -> None:
        engine = make_engine(url)
        task = asyncio.ensure_future(
            work(Workshop(make_sessions(engine), settings), url.replace("+asyncpg", "", 1))
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        logging.getLogger("couveuse.worker").info("working")
        await asyncio.gather(task, return_exceptions=True)
        await engine.dispose()

    asyncio.run(run())


@main.command()
@with_database
def migrate(_settings: Settings, url: str) -> None:
    """Mettre la base de données à jour."""
    run_migrations(url)
    click.echo("La base est à jour.")


@main.command()
@click.option("--profile", type=click.Choice(["demo", "bench"]), default="demo", show_default=True)
@click.option("--items", default=50, show_default=True)
@click.option("--people", default=200, show_default=True)
@click.option("--week-bookings", default=500, show_default=True)
@click.option("--total-bookings", default=20_500, show_default=True)
@with_database
def seed(settings: Settings, url: str, profile: str, **numbers: int) -> None:
    """Remplir une base vide : la démonstration, ou les données du banc d'essai."""
    from couveuse.seeds import seed_bench

    run_migrations(url)
    if profile == "demo":
        in_transactions(url, functools.partial(prepare_demo, settings))
    else:
        in_transactions(url, lambda sessions: seed_bench(sessions, **numbers))
    click.echo("C'est fait.")


@main.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--structure", required=True, help="Nom ou sigle ; créée si la base est vide.")
@click.option("--given-name", default="", help="Prénom.")
@click.option("--family-name", default="", help="Nom.")
@with_database
def invite(
    settings: Settings,
    url: str,
    email: str,
    role: str,
    structure: str,
    given_name: str,
    family_name: str,
) -> None:
    """Inviter une personne ; affiche le lien quand aucun serveur de courrier n'est réglé."""
    from couveuse.core.db import unit_of_work
    from couveuse.people.actions.from_outside import invite_from_outside

    migrate_when_ours(settings, url)

    async def run(sessions: Sessions) -> str:
        async with unit_of_work(sessions) as db:
            return await invite_from_outside(
                db,
                email=email,
                role=Role(role),
                structure_name=structure,
                given_name=given_name,
                family_name=family_name,
                base_url=settings.public_url,
            )

    link = in_transactions(url, run)
    if settings.smtp_url:
        click.echo(f"Invitation envoyée à {email}.")
    else:
        click.echo(f"Aucun serveur de courrier : remettez ce lien à {email}.\n{link}")


@main.command("import")
@click.argument("kind", type=click.Choice(["items", "structures", "plots"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Enregistrer sans demander.")
@with_database
def import_(settings: Settings, url: str, kind: str, file: Path, yes: bool) -> None:
    """Importer un tableur, après en avoir montré l'effet ligne par ligne."""
    from couveuse.importing import import_file

    migrate_when_ours(settings, url)
    in_transactions(url, lambda sessions: import_file(sessions, kind, file, yes=yes))


@main.command()
def doctor() -> None:
    """Dire ce qui ne va pas dans l'installation."""
    from couveuse.doctor import examine

    settings = settings_or_stop()
    with open_database(settings, patient=True) as url:

        async def run() -> bool:
            all_fine = True
            async for finding in examine(settings, url):
                click.echo(str(finding))
                all_fine = all_fine and finding.is_fine
            return all_fine

        if not asyncio.run(run()):
            raise SystemExit(1)


@main.command()
@click.option("--confirm", type=int, metavar="NUMÉRO", help="Effacer le dossier de ce numéro.")
@click.option("--name", default=None, help="Le nom, recopié ; demandé sinon.")
@with_database
def purge(settings: Settings, url: str, confirm: int | None, name: str | None) -> None:
    """Dire quels dossiers ont passé leur durée ; en effacer un seul, après confirmation."""
    from couveuse.purging import erase, list_proposed

    if confirm is None:
        click.echo(in_transactions(url, list_proposed))
        return
    typed = name or click.prompt("Recopiez le nom de la personne")
    click.echo(in_transactions(url, lambda sessions: erase(sessions, settings, confirm, typed)))


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_database
def backup(settings: Settings, url: str, file: Path) -> None:
    """Mettre la base et les fichiers dans une archive."""
    from couveuse.archive import write_archive

    write_archive(settings, url, file)
    click.echo(f"Sauvegarde écrite : {file}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_database
def restore(settings: Settings, url: str, file: Path) -> None:
    """Rétablir une archive dans une base vide."""
    from couveuse.archive import restore_archive

    restore_archive(settings, url, file)
    click.echo("Sauvegarde rétablie.")
