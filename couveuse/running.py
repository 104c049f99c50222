"""Serving: the database, the web processes and a job worker beside them, stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.error import URLError

from couveuse.core import logs
from couveuse.core.db import normal_url
from couveuse.core.embedded import Cluster
from couveuse.core.pghome import ProgramFailed
from couveuse.core.settings import PREFIX, Settings, load_settings

if TYPE_CHECKING:
    from litestar import Litestar

PATIENCE = 60.0
GRACE = 2
"""Seconds given to open streams when the server stops."""


@contextmanager
def database(settings: Settings) -> Generator[str, None, None]:
    """The address of the database: the one that was set, or the embedded one while it is needed.

    Processes started meanwhile find it in their environment.
    """
    if settings.database_url:
        yield normal_url(settings.database_url)
        return
    cluster = Cluster(settings.data_folder)
    cluster.up()
    os.environ["DATABASE_URL"] = cluster.url()
    stopping = threading.Event()
    watch = threading.Thread(target=_keep_up, args=(cluster, stopping), daemon=True)
    watch.start()
    try:
        yield cluster.url()
    finally:
        stopping.set()
        watch.join(10)
        del os.environ["DATABASE_URL"]
        cluster.down()


def _keep_up(cluster: Cluster, stopping: threading.Event) -> None:
    """A server that was killed is started again: ``up`` does nothing while it answers."""
    while not stopping.wait(2):
        with suppress(ProgramFailed):
            cluster.up()


def app_from_environment() -> "Litestar":
    """What the web processes serve."""
    from couveuse.app import create_app  # noqa: PLC0415, whoever only starts them needs none of it

    settings = load_settings()
    logs.configure(settings.log_level)
    return create_app(settings)


def serve(host: str, port: int, workers: int, *, with_worker: bool, behind: str) -> None:
    """Answer until SIGTERM or SIGINT, with a job worker beside; then stop everything."""
    import uvicorn  # noqa: PLC0415, only this verb needs it

    from couveuse.processes import answer_together  # noqa: PLC0415, as above

    config = uvicorn.Config(
        "couveuse.preloaded:app",
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        forwarded_allow_ips=behind,
    )
    signal.signal(signal.SIGTERM, _leave)  # uvicorn raises the signal again once it has stopped
    stopping = threading.Event()
    threads = [threading.Thread(target=_announce, args=(host, port, stopping), daemon=True)]
    if with_worker:
        threads.append(threading.Thread(target=_keep_worker, args=(stopping,), daemon=True))
    for thread in threads:
        thread.start()
    try:
        if workers > 1:
            answer_together(config, workers)
        else:
            uvicorn.Server(config).run()
    except KeyboardInterrupt:
        pass
    finally:
        stopping.set()
        for thread in threads:
            thread.join(10)


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


def _announce(host: str, port: int, stopping: threading.Event) -> None:
    """One line, once the pages can be opened."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104, compared, not bound
    address = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    end = time.monotonic() + PATIENCE
    while not stopping.wait(0.1) and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/sante/pret", timeout=2):  # noqa: S310, ours
                print(f"couveuse : {address}", flush=True)  # noqa: T201, the promised line
                return
        except (URLError, OSError):
            continue


def _keep_worker(stopping: threading.Event) -> None:
    """A job worker beside the pages; one that died is started again."""
    while not stopping.is_set():
        process = subprocess.Popen([sys.executable, "-m", "couveuse", "worker"])
        while process.poll() is None and not stopping.wait(0.2):
            pass
        if process.poll() is None:
            process.terminate()
            process.wait(10)
        stopping.wait(1)


def mark_as_demo() -> None:
    os.environ[PREFIX + "INTERNAL_DEMO"] = "1"
