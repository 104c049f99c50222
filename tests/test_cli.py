"""The command itself, in processes of its own: what the operator types and reads."""

import datetime as dt
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest
import pytest_asyncio
from litestar.middleware.csrf import generate_csrf_token

from couveuse.app import Databases, create_app
from couveuse.core.db import make_engine, make_sessions
from couveuse.core.settings import Settings
from tests.conftest import Server

pytestmark = pytest.mark.slow

_names = count(1)
PATIENCE = 60
"""Seconds that a machine busy with everything else may take; an idle one takes two."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at a terminal, with a data folder and perhaps a database."""

    folder: Path
    database_url: str | None = None

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if "COUVEUSE" not in key}
        kept |= {"COUVEUSE_DATA": str(self.folder), "COUVEUSE_SECRET": "s" * 40}
        if self.database_url:
            kept["DATABASE_URL"] = self.database_url
        return kept | more

    def types(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "couveuse", *words],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    @contextmanager
    def serves(self, *words: str, **more: str) -> Generator["Running"]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "couveuse", "serve", "--port", str(port), *words],
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Running(process, f"http://127.0.0.1:{port}")
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Running:
    process: subprocess.Popen[str]
    address: str

    def says_where(self) -> str:
        """The one line that it prints when it answers."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def answers(self, path: str) -> int:
        try:
            return httpx.get(f"{self.address}{path}", timeout=10).status_code
        except httpx.HTTPError:
            return 0

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Seconds that it took to end."""
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - begun


@pytest_asyncio.fixture
async def new_database(embedded: Server) -> AsyncIterator[Callable[[], Any]]:
    made: list[str] = []

    async def make() -> str:
        name = f"couveuse_c{os.getpid()}_{next(_names)}"
        await embedded.admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        made.append(name)
        return embedded.address(name)

    yield make
    for name in made:
        await embedded.drop(name)


@pytest_asyncio.fixture
async def operator(new_database: Callable[[], Any], tmp_path: Path) -> Operator:
    """At an empty installation with a database of its own."""
    return Operator(tmp_path / "data", await new_database())


async def ask(url: str | None, question: str) -> Any:
    connection = await asyncpg.connect(str(url).replace("+asyncpg", ""))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


# ---------------------------------------------------------------- the first person


async def test_the_first_coordinator_gets_in_by_the_link_that_is_printed(
    operator: Operator, settings: Settings, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    fixed_clock(dt.datetime.now(dt.UTC))  # the command has the clock of the machine
    done = operator.types(
        *("invite", "Ines@Exemple.FR", "--role", "coordinator", "--structure", "CIVAM"),
        COUVEUSE_BASE_URL="http://testserver.local",
    )

    assert done.returncode == 0
    assert "Aucun serveur de courrier" in done.stdout
    (link,) = re.findall(r"^http://testserver\.local(/invitations/\S+)$", done.stdout, re.MULTILINE)
    url = str(operator.database_url)
    reader, writer = make_engine(url, read_only=True), make_engine(url)
    app: Any = create_app(settings, Databases(make_sessions(reader), make_sessions(writer)))
    token = generate_csrf_token(settings.secret)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://testserver.local",
        cookies={"csrf": token},
        headers={"x-csrftoken": token},
    ) as http:
        assert (await http.get(link)).status_code == 200
        form = {"given_name": "Inès", "family_name": "Martin", "password": "la grange est rouge"}
        assert (await http.post(link, data=form)).status_code == 303
        assert (await http.get("/courrier")).status_code == 200
    await reader.dispose()
    await writer.dispose()


async def test_inviting_again_makes_nobody_twice(operator: Operator) -> None:
    words = ("invite", "ines@exemple.fr", "--role", "coordinator", "--structure", "CIVAM")

    first, again = operator.types(*words), operator.types(*words, COUVEUSE_SMTP_URL="smtp://x:1")

    assert (first.returncode, again.returncode) == (0, 0)
    assert "Invitation envoyée à ines@exemple.fr" in again.stdout
    assert "/invitations/" not in again.stdout
    assert await ask(operator.database_url, "SELECT count(*) FROM person") == 1
    assert await ask(operator.database_url, "SELECT count(*) FROM structure") == 1
    assert await ask(operator.database_url, "SELECT count(*) FROM membership") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("invite", "pas-une-adresse", "--role", "mentor", "--structure", "X"), "adresse élec"),
        (("invite", "a@b.fr", "--role", "queen", "--structure", "X"), "queen"),
        (("import", "items", "/nowhere.csv"), "/nowhere.csv"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path, operator: Operator, words: tuple[str, ...], said: str
) -> None:
    done = operator.types(*words)

    assert done.returncode in {1, 2}
    assert said in done.stderr


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    done = Operator(tmp_path, "mysql://x").types(
        "doctor", COUVEUSE_SMTP_URL="x", COUVEUSE_SECRET="x"
    )

    assert done.returncode == 1
    assert "Réglages à corriger" in done.stderr
    for name in ("DATABASE_URL", "COUVEUSE_SMTP_URL", "COUVEUSE_SECRET"):
        assert f"- {name} : attendu" in done.stderr


# ---------------------------------------------------------------- doctor


def test_the_doctor_says_what_is_wrong_and_what_to_do(operator: Operator) -> None:
    done = operator.types("doctor", COUVEUSE_SMTP_URL="smtp://127.0.0.1:1")

    assert done.returncode == 1
    findings = {line[:2]: line for line in done.stdout.splitlines()}
    assert set(findings) == {"ok", "!!"}
    assert "Lancez : couveuse migrate" in done.stdout
    assert "COUVEUSE_BASE_URL n'est pas réglée" in done.stdout
    assert "127.0.0.1:1 ne répond pas" in done.stdout


def test_the_doctor_finds_nothing_when_all_is_well(operator: Operator) -> None:
    operator.types("migrate")
    with socket.create_server(("127.0.0.1", 0)) as letter_box:
        done = operator.types(
            "doctor",
            COUVEUSE_BASE_URL="https://espace.example",
            COUVEUSE_SMTP_URL=f"smtp://127.0.0.1:{letter_box.getsockname()[1]}",
        )

    assert "!!" not in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("verb", ["doctor", "migrate"])
def test_a_database_that_does_not_answer_is_said_in_one_line(tmp_path: Path, verb: str) -> None:
    done = Operator(tmp_path, "postgresql://nobody:secret@127.0.0.1:1/x").types(verb)

    assert done.returncode == 1
    assert "La base de données ne répond pas" in done.stdout + done.stderr
    assert "secret" not in done.stdout + done.stderr


# ---------------------------------------------------------------- data


async def test_seeding_fills_an_empty_database_and_no_other(operator: Operator) -> None:
    words = ("seed", "--profile", "bench", "--items", "2", "--people", "3")
    words += ("--week-bookings", "4", "--total-bookings", "8")

    first, again, demo = operator.types(*words), operator.types(*words), operator.types("seed")

    assert first.returncode == 0
    assert await ask(operator.database_url, "SELECT count(*) FROM booking") == 8
    for done in (again, demo):
        assert done.returncode == 1
        assert "données" in done.stderr
    assert await ask(operator.database_url, "SELECT count(*) FROM booking") == 8


async def test_purging_lists_and_erases_only_what_is_named(operator: Operator) -> None:
    operator.types("migrate")
    assert "Aucun dossier" in operator.types("purge").stdout
    await ask(
        operator.database_url,
        "INSERT INTO person (given_name, family_name, created_at)"
        " VALUES ('Odile', 'Ancienne', '2015-01-01'), ('Guy', 'Récent', now())",
    )

    listed = operator.types("purge").stdout
    refused = operator.types("purge", "--confirm", "1", "--name", "Quelqu'un")
    recent = operator.types("purge", "--confirm", "2", "--name", "Guy Récent")
    unknown = operator.types("purge", "--confirm", "9", "--name", "Guy")
    names = "SELECT string_agg(given_name || ' ' || family_name, ', ' ORDER BY id) FROM person"
    before = await ask(operator.database_url, names)
    done = operator.types("purge", "--confirm", "1", "--name", "odile ancienne")

    assert "1  Odile Ancienne : dernier contact le 1er janv. 2015" in listed
    assert "Guy" not in listed
    assert [one.returncode for one in (refused, recent, unknown)] == [1, 1, 1]
    assert "Recopiez : Odile Ancienne" in refused.stderr
    assert "n'est plus à effacer" in recent.stderr
    assert "Aucun dossier de ce numéro" in unknown.stderr
    assert before == "Odile Ancienne, Guy Récent"
    assert "Dossier effacé" in done.stdout
    assert await ask(operator.database_url, names) == "Personne effacée n° 1, Guy Récent"


async def test_a_backup_is_put_back_whole_into_an_empty_installation(
    operator: Operator, new_database: Callable[[], Any], tmp_path: Path
) -> None:
    operator.types("invite", "a@b.fr", "--role", "coordinator", "--structure", "Été & Cie")
    stored = operator.folder / "files" / "ab" / "abcd"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"photo")
    archive = tmp_path / "sauvegarde.tar.gz"

    done = operator.types("backup", str(archive))
    other = Operator(tmp_path / "other", await new_database())
    restored, again = (other.types("restore", str(archive)) for _ in range(2))

    assert (done.returncode, restored.returncode) == (0, 0)
    assert [path.name for path in tmp_path.glob("*.part")] == []
    assert await ask(other.database_url, "SELECT name FROM structure") == "Été & Cie"
    assert (other.folder / "files" / "ab" / "abcd").read_bytes() == b"photo"
    assert again.returncode == 1
    assert "n'est pas vide" in again.stderr
    assert other.types("doctor").stdout.count("La base est à jour") == 1


async def test_a_file_that_is_no_backup_is_refused_and_nothing_is_half_done(
    operator: Operator, tmp_path: Path
) -> None:
    torn, empty = tmp_path / "torn.tar.gz", tmp_path / "empty.tar.gz"
    torn.write_bytes(b"this is no archive")
    with tarfile.open(empty, "w:gz"):
        pass

    for file in (torn, empty):
        done = operator.types("restore", str(file))
        assert done.returncode == 1
        assert "sauvegarde" in done.stderr
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert await ask(operator.database_url, tables) == 0


# ---------------------------------------------------------------- serving


def test_the_demonstration_does_not_listen_to_others_by_accident(tmp_path: Path) -> None:
    done = Operator(tmp_path / "data").types("serve", "--demo", "--host", "0.0.0.0")  # noqa: S104

    assert done.returncode == 1
    assert "--demo-anywhere" in done.stderr
    assert not (tmp_path / "data").exists()


async def test_the_demonstration_does_not_touch_real_data(operator: Operator) -> None:
    operator.types("invite", "a@b.fr", "--role", "coordinator", "--structure", "X")

    done = operator.types("serve", "--demo", "--port", "1")

    assert done.returncode == 1
    assert "vraies données" in done.stderr
    assert await ask(operator.database_url, "SELECT count(*) FROM person") == 1


def test_it_serves_an_empty_database_at_once_and_stops_when_told(operator: Operator) -> None:
    with operator.serves("--workers", "2") as running:
        assert running.says_where() == f"couveuse : {running.address}\n"
        assert (running.answers("/sante"), running.answers("/sante/pret")) == (200, 200)
        assert running.answers("/connexion") == 200
        children = psutil.Process(running.process.pid).children(recursive=True)

        seconds = running.stop()

    assert running.process.returncode == 0
    assert seconds < 15
    assert len(children) >= 3  # two for pages, one for jobs
    assert psutil.wait_procs(children, timeout=5)[1] == []


def web_processes(running: Running) -> set[int]:
    """Those that wait for visitors."""
    found: set[int] = set()
    for one in psutil.Process(running.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            found |= {one.pid} if one.net_connections("tcp") else set()
    return found


def until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.1)
    return held


def test_a_web_process_that_died_is_replaced(operator: Operator) -> None:
    with operator.serves("--workers", "2", "--no-worker") as running:
        running.says_where()
        assert until(lambda: len(web_processes(running)) == 2)
        first, second = web_processes(running)

        os.kill(first, signal.SIGKILL)

        assert until(lambda: len(web_processes(running) - {first}) == 2)
        assert second in web_processes(running)
        assert running.answers("/sante/pret") == 200


def test_web_processes_share_out_those_who_come_at_once(operator: Operator) -> None:
    with operator.serves("--workers", "2", "--no-worker") as running, ExitStack() as open_ones:
        running.says_where()
        assert until(lambda: len(web_processes(running)) == 2)
        port = int(running.address.rpartition(":")[2])
        for _ in range(40):  # all to one of two: once in five hundred thousand millions
            open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))

        def visited() -> set[int]:
            return {
                pid
                for pid in web_processes(running)
                for one in psutil.Process(pid).net_connections("tcp")
                if one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port
            }

        assert until(lambda: visited() == web_processes(running))


def test_the_public_address_may_come_from_a_secret_file(operator: Operator, tmp_path: Path) -> None:
    secret = tmp_path / "address"
    secret.write_text("https://espace-test.example")
    with operator.serves("--no-worker", COUVEUSE_BASE_URL_FILE=str(secret)) as running:
        running.says_where()
        cookies = httpx.get(f"{running.address}/connexion", timeout=10).headers["set-cookie"]
        assert "secure" in cookies.lower()


def test_web_processes_leave_with_the_one_that_started_them(operator: Operator) -> None:
    with operator.serves("--workers", "2", "--no-worker") as running:
        running.says_where()
        left = psutil.Process(running.process.pid).children(recursive=True)

        running.stop(signal.SIGKILL)

        assert psutil.wait_procs(left, timeout=PATIENCE)[1] == []


def test_the_worker_stops_when_told(operator: Operator) -> None:
    operator.types("migrate")
    process = subprocess.Popen(
        [sys.executable, "-m", "couveuse", "worker"],
        env=operator.environment(COUVEUSE_LOG_LEVEL="INFO"),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "working" in process.stderr.readline()

    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert "Traceback" not in said


def servers_in(folder: Path) -> list[int]:
    """The PostgreSQL servers of a data folder that run now."""
    return [
        one.pid
        for one in psutil.process_iter(["name", "cmdline"])
        if one.info["name"] == "postgres"
        and any(str(folder) in word for word in one.info["cmdline"] or [])
    ]


@pytest.fixture
def closed_folder() -> Generator[Path]:
    """A folder that nobody else may open, in one where everybody may walk."""
    folder = Path(tempfile.mkdtemp(prefix="couveuse-cli-"))
    yield folder
    shutil.rmtree(folder)


def test_two_serve_from_one_folder_and_the_last_turns_off_the_light(closed_folder: Path) -> None:
    """Without a database: the one that comes with the package."""
    folder, operator = closed_folder, Operator(closed_folder)
    with operator.serves("--demo") as first:
        assert first.says_where().startswith("couveuse : ")
        assert first.answers("/sante/pret") == 200
        with operator.serves("--demo", "--no-worker") as second:
            assert second.says_where().startswith("couveuse : ")
            assert len(servers_in(folder)) == 1

            first.stop(signal.SIGINT)
            assert second.answers("/sante/pret") == 200
            second.stop()

    assert (first.process.returncode, second.process.returncode) == (0, 0)
    assert servers_in(folder) == []
