#!/usr/bin/env python3
"""Run couveuse from a checkout, with nothing but Python 3.11 or later and pip.

python3 run.py [--port 8001 …]     install what is needed, run the product with its demonstration
python3 run.py test [-k word …]    install the test tools too, run all checks and tests
python3 run.py check               only the checks: style, types, imports, templates
python3 run.py doctor (or another  any command of couveuse itself
    command) …
python3 run.py lock                for maintainers: choose the package versions again

Everything lands in .venv beside this file; the versions and their checksums are in
requirements.lock and requirements-test.lock.
"""

# No annotations: an older Python must get far enough to say that it is too old.
# pyright: basic

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "couveuse-stamp"
RUN_LOCK, TEST_LOCK = ROOT / "requirements.lock", ROOT / "requirements-test.lock"
OLDEST = (3, 11)

# tests/guards runs these too, so that the last line of the tests speaks for everything.
CHECKS = {
    "style": ["ruff", "check", "--no-cache", "."],
    "layout": ["ruff", "format", "--check", "--no-cache", "."],
    "types": ["basedpyright", "--pythonpath", str(PYTHON)],
    "imports": ["lint-imports", "--no-cache"],
    "templates": ["djlint", "templates", "--lint", "--quiet"],
}
# In the order of their names: tests/browser, the slowest, comes first; no core waits at the end.
BY_FILE = ["--dist", "loadfile", "--no-loadscope-reorder"]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(arguments):
    if sys.version_info < OLDEST:
        leave(f"couveuse needs Python 3.11 or later; this is {sys.version.split()[0]}.")
    verb = arguments[0] if arguments else ""
    if verb in ("-h", "--help"):
        say((__doc__ or "").strip())
    elif verb == "test":
        sys.exit(test(arguments[1:]))
    elif verb == "check":
        sys.exit(check())
    elif verb == "lock":
        lock()
    else:
        sync(RUN_LOCK)
        demo = ["serve", "--demo"] if not verb or verb.startswith("-") else []
        become([PYTHON, "-m", "couveuse", *demo, *arguments])


def test(arguments):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without stopping what we start
    sync(TEST_LOCK)
    browser = chromium(needed="not browser" not in " ".join(arguments))
    with system_postgresql() as server:
        found = {"COUVEUSE_TEST_CHROMIUM": browser, "COUVEUSE_TEST_DEBIAN_PG": server}
        environment = {**os.environ, **{name: value for name, value in found.items() if value}}
        # The whole of it on two cores at once, file by file; a part is quicker without.
        command = [PYTHON, "-m", "pytest", *(arguments or ["-n", "2", *BY_FILE])]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def check():
    sync(TEST_LOCK)
    failed = [name for name, command in CHECKS.items() if not passes(name, command)]
    if failed:
        say(f"failed: {', '.join(failed)}")
    return len(failed)


def passes(name, command):
    say(f"== {name}: {' '.join(command[:3])}")
    program = PYTHON.parent / command[0]
    return subprocess.run([program, *command[1:]], cwd=ROOT, check=False).returncode == 0


# ------------------------------------------------------------------------------------ packages


def sync(wanted):
    """Bring .venv to what ``wanted`` lists; done in no time when it is there already."""
    VENV.mkdir(exist_ok=True)
    with one_at_a_time():
        # The test tools include everything that running needs.
        enough = {stamp(wanted), stamp(TEST_LOCK)}
        if PYTHON.exists() and STAMP.exists() and STAMP.read_text() in enough:
            return
        say(f"Installing the packages of {wanted.name} into .venv …")
        STAMP.unlink(missing_ok=True)
        clear_unless_ours()
        uv = find_uv()
        if not (uv and install_with_uv(uv, wanted)):
            install_with_pip(wanted)
        site = next(VENV.glob("lib/python3*/site-packages"), VENV / "Lib/site-packages")
        (site / "couveuse-checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
        STAMP.write_text(stamp(wanted))


def stamp(wanted):
    return hashlib.sha256(wanted.read_bytes() + f"{sys.version} {ROOT}".encode()).hexdigest()


def clear_unless_ours():
    """Another Python's .venv, or one whose Python is gone, cannot be filled: empty it."""
    ask = ["-c", "import sys; print(sys.version, sys.base_prefix)"]
    try:
        told = subprocess.run([PYTHON, *ask], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        told = ""
    if told.strip() != f"{sys.version} {sys.base_prefix}":
        for name in ("bin", "include", "lib", "Scripts", "Lib"):
            shutil.rmtree(VENV / name, ignore_errors=True)


def find_uv():
    """The uv of the system, or one of our own by pip: several times faster than pip itself."""
    own = VENV / "uv/bin/uv"
    if uv := shutil.which("uv") or (own.exists() and own):
        return uv
    block = re.search(r"^uv==(?:.*\\\n)*.*\n", TEST_LOCK.read_text(), re.MULTILINE)
    (VENV / "uv.txt").write_text(block[0] if block else "")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Apart, so that Debian's Python allows it, and neither lock removes it.
    only_uv = ["--target", VENV / "uv", "--upgrade", "--require-hashes", "-r", VENV / "uv.txt"]
    subprocess.run([*pip, *only_uv], check=False, stderr=subprocess.DEVNULL)
    return own if own.exists() else None


def install_with_uv(uv, wanted):
    environment = {**os.environ}
    if "PIP_CERT" in environment:  # behind a proxy of one's own, uv must be told as pip was
        environment.setdefault("SSL_CERT_FILE", environment["PIP_CERT"])
    make = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV]
    fill = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, wanted]
    return all(
        subprocess.run(step, env=environment, check=False).returncode == 0 for step in (make, fill)
    )


def install_with_pip(wanted):
    # No pip inside: Debian's Python cannot put it there without another package.
    made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", VENV], check=False)
    if made.returncode:
        leave("Python's venv module is missing: install python3-venv, then run this again.")
    pip = [sys.executable, "-m", "pip", "--python", PYTHON, "--disable-pip-version-check"]
    done = subprocess.run([*pip, "install", "-q", "--require-hashes", "-r", wanted], check=False)
    if done.returncode:
        leave("The packages could not be installed: see above. (No pip? Install python3-pip.)")


@contextmanager
def one_at_a_time():
    try:
        import fcntl  # noqa: PLC0415, absent from Windows
    except ImportError:
        yield
        return
    with (VENV / "couveuse-lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def lock():
    VENV.mkdir(exist_ok=True)
    uv = find_uv() or leave("uv is needed for this: pip install uv")
    options = "--universal --python-version 3.11 --generate-hashes --upgrade --quiet"
    options += " --no-emit-index-url --no-header --no-annotate"  # no address in a lock
    compile_ = [uv, "pip", "compile", *options.split(), "pyproject.toml"]
    subprocess.run([*compile_, "-o", RUN_LOCK.name], cwd=ROOT, check=True)
    test_too = ["--group", "test", "-c", RUN_LOCK.name, "-o", TEST_LOCK.name]
    subprocess.run([*compile_, *test_too], cwd=ROOT, check=True)


# ------------------------------------------------------------------- what the tests need besides


def chromium(*, needed):
    """The path of a Chromium for the browser tests; installed when this machine lets us."""
    given = os.environ.get("COUVEUSE_TEST_CHROMIUM")
    found = given or which_chromium()
    if not found and needed and is_debian() and os.geteuid() == 0:
        say("Installing Chromium …")
        apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        wanted = ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
        for step in (["update"], wanted):
            subprocess.run([*apt, *step], env=quiet, check=False, stdin=subprocess.DEVNULL)
        found = which_chromium()
    if not found and needed:
        leave(
            "The browser tests need Chromium: install it (Debian: sudo apt install chromium; "
            "elsewhere: .venv/bin/playwright install chromium), "
            "or leave them out with: python3 run.py test -m 'not browser'"
        )
    return found


def which_chromium():
    ask = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    if system := next(filter(None, map(shutil.which, CHROMIUMS)), None):
        return system
    told = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    path = told.stdout.strip()
    return path if path and Path(path).exists() else None


def is_debian():
    release = Path("/etc/os-release")
    return release.exists() and "\nID=debian\n" in f"\n{release.read_text()}\n"


@contextmanager
def system_postgresql():
    """A throwaway cluster of the system's own PostgreSQL (15 or later): its address, or None."""
    given = os.environ.get("COUVEUSE_TEST_DEBIAN_PG")
    programs = None if given else postgresql_programs()
    account = service_account()
    if given or not programs or account is False:
        if not given:
            say("No PostgreSQL of the system, so no tests on it (Debian: apt install postgresql)")
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="couveuse-pg-", dir="/tmp"))  # short: a socket goes there
    try:
        if account:
            shutil.chown(folder, account, account)
        say(f"Also testing on {start_cluster(programs, folder, account)}")
        yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
    finally:
        stop = [programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"]
        run_as(account, stop, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def postgresql_programs():
    """The oldest one that couveuse accepts: the newest comes with couveuse anyway."""
    folders = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda p: int(p.parts[-2]))
    return next((path for path in folders if int(path.parts[-2]) >= 15), None)


def service_account():
    """PostgreSQL refuses root: the account of its package. None: ourselves; False: nobody."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415, absent from Windows

    return next((user.pw_name for user in pwd.getpwall() if user.pw_name == "postgres"), False)


def start_cluster(programs, folder, account):
    data = folder / "data"
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
    run_as(account, [*initdb, "--encoding=UTF8", "--locale=C.UTF-8"])
    options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=200"
    start = [programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"]
    run_as(account, start)
    version = subprocess.check_output([programs / "postgres", "--version"], text=True)
    return version.strip()


def run_as(account, command, *, check=True):
    # The server keeps these descriptors open: never a pipe.
    groups = {"user": account, "group": account, "extra_groups": []} if account else {}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    subprocess.run(command, cwd="/", check=check, **quiet, **groups)


# --------------------------------------------------------------------------------------- small


def become(command):
    arguments = [str(part) for part in command]
    if os.name == "nt":
        sys.exit(subprocess.run(arguments, check=False).returncode)
    os.execv(arguments[0], arguments)


def say(text):
    print(text, flush=True)


def leave(text):
    sys.exit(text)


if __name__ == "__main__":
    main(sys.argv[1:])
