"""Where the embedded PostgreSQL keeps its cluster, and the account that runs it for root."""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

MAJOR = 18
ACCOUNT = "couveuse"
# sun_path holds 104 bytes on macOS and 108 on Linux, the socket's own name included.
SOCKET_FOLDER_LIMIT = 84


class ProgramFailed(RuntimeError):
    """PostgreSQL cannot be started or used here; says why in words."""


@dataclass(frozen=True, slots=True)
class Account:
    """An ordinary account that runs the server when we are root."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Try it: permission bits alone do not tell (access lists, mounts, groups)."""
        walk = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
        done = subprocess.run(  # noqa: S603, our own words
            walk,
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            stderr=subprocess.DEVNULL,
        )
        return done.returncode == 0


def service_account(cluster: Path) -> Account:
    """The owner of an existing cluster stays its owner; otherwise `couveuse`, made if need be."""
    if cluster.exists():
        # Perhaps without a name: a volume may outlive the container whose accounts it knew.
        owner = cluster.stat()
        return Account(f"number {owner.st_uid}", owner.st_uid, owner.st_gid)
    return _named(ACCOUNT) or _made() or _named("postgres") or _nobody()


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def _made() -> Account | None:
    if not (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
        return None
    options = "--system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin"
    # Its answer does not matter: another process may have made the account meanwhile.
    subprocess.run(  # noqa: S603
        [useradd, *options.split(), ACCOUNT], check=False, capture_output=True
    )
    return _named(ACCOUNT)


def _nobody() -> Account:
    raise ProgramFailed(
        "PostgreSQL does not run as root and no account could be made for it: create an account "
        f"named {ACCOUNT}, start as an ordinary user, or give DATABASE_URL"
    )


def home_for(root: Path) -> tuple[Path, Account | None]:
    """Where the cluster of ``root`` lives, and the account that runs it (None: ourselves).

    For an ordinary user it lives in the data folder. For root too, when the service account can
    walk there: if the data folder alone is closed to it, that folder is opened for walking through
    (not for reading) to the account's group. A closed folder above, such as /root, is not ours to
    open: then the cluster gets a folder of its own in /var/lib, and the file `cluster-is-in` says
    which.
    """
    if os.geteuid() != 0:
        return root, None
    pointer = root / "cluster-is-in"
    if pointer.exists():
        return _elsewhere(pointer)
    account = service_account(root / f"pg{MAJOR}")
    if not account.can_enter(root) and account.can_enter(root.parent):
        _let_in(root, account)
    if account.can_enter(root):
        return root, account
    if (root / f"pg{MAJOR}").exists():
        raise ProgramFailed(
            f"A folder above {root} is closed to the account {account.name}, which owns the "
            f"database in it: move {root} elsewhere, or open that folder (chmod o+x)"
        )
    home = Path(tempfile.mkdtemp(prefix="couveuse-", dir="/var/lib"))
    _let_in(home, account)
    pointer.write_text(f"{home}\n")
    return home, account


def _elsewhere(pointer: Path) -> tuple[Path, Account]:
    home = Path(pointer.read_text().strip())
    if not home.is_dir():
        raise ProgramFailed(
            f"{pointer} says that the database is in {home}, which is no longer there: "
            f"bring it back, or remove {pointer} to begin with an empty one"
        )
    return home, service_account(home / f"pg{MAJOR}")


def _let_in(folder: Path, account: Account) -> None:
    mode = folder.stat().st_mode
    if mode & 0o070:
        folder.chmod(mode | 0o001)
    else:
        os.chown(folder, -1, account.gid)
        folder.chmod(mode | 0o010)


def socket_folder_of(home: Path) -> Path:
    folder = home / "run"
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_LIMIT:
        return folder
    # Not the configured temporary folder: every process must find the same place.
    key = sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(f"/tmp/couveuse-{os.geteuid()}-{key}")  # noqa: S108, checked by _own


def own(folder: Path, account: Account | None) -> None:
    """Make ``folder`` the server's alone. One that somebody else put there is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.lstat()
    ours = {os.geteuid(), account.uid if account else os.geteuid()}
    if folder.is_symlink() or not folder.is_dir() or owner.st_uid not in ours:
        raise ProgramFailed(f"{folder} belongs to somebody else")
    if account:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    folder.chmod(0o700)


@contextmanager
def locked(folder: Path) -> Generator[None]:
    with private(folder / "lock") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def private(path: Path) -> IO[str]:
    # Whoever can open a file can lock it: nobody else shall.
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except PermissionError as error:
        raise ProgramFailed(
            f"{path.parent} belongs to another account: start couveuse as that account, "
            "or choose another folder with COUVEUSE_DATA"
        ) from error
