"""Settings: every wrong value named at once, secrets from files, and what depends on https."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from couveuse.app import create_app
from couveuse.core import i18n
from couveuse.core.settings import Settings, SettingsProblem, load_settings
from couveuse.people.signin import cookie_name, session_cookie

NAMES = (
    "DATABASE_URL",
    "COUVEUSE_DATA",
    "COUVEUSE_SECRET",
    "COUVEUSE_BASE_URL",
    "COUVEUSE_SMTP_URL",
    "COUVEUSE_MAIL_FROM",
)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def problems(monkeypatch: pytest.MonkeyPatch, **wrong: str) -> list[str]:
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsProblem) as problem:
        load_settings()
    return problem.value.lines


def test_everything_has_a_default_that_works_on_one_machine(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)

    assert settings.database_url is None
    assert settings.smtp_url is None
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.sender == "couveuse@localhost"
    assert len(settings.secret) >= 32
    assert not settings.is_https


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = problems(
        monkeypatch,
        DATABASE_URL="mysql://x",
        COUVEUSE_BASE_URL="espace.example",
        COUVEUSE_SMTP_URL="mail.example:25",
        COUVEUSE_SECRET="court",
    )

    named = {line.partition(" : ")[0]: line for line in lines}
    assert set(named) == {
        "DATABASE_URL",
        "COUVEUSE_BASE_URL",
        "COUVEUSE_SMTP_URL",
        "COUVEUSE_SECRET",
    }
    assert "postgresql://" in named["DATABASE_URL"]
    assert "https://" in named["COUVEUSE_BASE_URL"]
    assert "court" not in named["COUVEUSE_SECRET"]  # a secret is not repeated


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "sqlite:///x.db"),
        ("DATABASE_URL", "localhost"),
        ("DATABASE_URL", "postgresql://h:port/db"),
        ("COUVEUSE_BASE_URL", "ftp://espace.example"),
        ("COUVEUSE_BASE_URL", "https://"),
        ("COUVEUSE_BASE_URL", "https://[::1"),
        ("COUVEUSE_BASE_URL", "https://espace.example:99999"),
        ("COUVEUSE_SMTP_URL", "smtp://"),
        ("COUVEUSE_SMTP_URL", "smtp://mail.example:vingt-cinq"),
        ("COUVEUSE_SMTP_URL", "smtp://mail.example:99999"),
        ("COUVEUSE_SECRET", "x" * 31),
    ],
)
def test_a_wrong_value_says_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    (line,) = problems(monkeypatch, **{name: value})

    assert line.startswith(f"{name} : attendu : ")


def test_it_is_said_in_english_too(monkeypatch: pytest.MonkeyPatch) -> None:
    i18n.set_language("en")

    assert "expected: at least 32" in problems(monkeypatch, COUVEUSE_SECRET="x")[0]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")

    assert load_settings() == Settings()


@pytest.mark.parametrize(
    "url",
    ["postgres://u:p@h/d", "postgresql://u@/d?host=/run/pg", "postgresql+asyncpg://[::1]:5433/d"],
)
def test_any_postgresql_will_do(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    assert load_settings().database_url == url


# ---------------------------------------------------------------- secrets


def test_each_value_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret, database = tmp_path / "secret", tmp_path / "database"
    secret.write_text("s" * 40 + "\n")
    database.write_text("postgresql://u@h/d\n")
    monkeypatch.setenv("COUVEUSE_SECRET_FILE", str(secret))
    monkeypatch.setenv("DATABASE_URL_FILE", str(database))

    settings = load_settings()

    assert settings.secret == "s" * 40
    assert settings.database_url == "postgresql://u@h/d"


def test_the_value_itself_comes_before_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("f" * 40)
    monkeypatch.setenv("COUVEUSE_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("COUVEUSE_SECRET", "e" * 40)

    assert load_settings().secret == "e" * 40


def test_a_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = str(tmp_path / "nowhere")

    assert missing in problems(monkeypatch, COUVEUSE_SECRET_FILE=missing)[0]


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"

    first, again = load_settings(data=folder).secret, load_settings(data=folder).secret

    assert first == again
    assert len(first) == 64
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret"]


@pytest.mark.slow
def test_processes_that_start_together_share_one_secret(tmp_path: Path) -> None:
    program = "from couveuse.core.settings import load_settings; print(load_settings().secret)"
    environment = {**os.environ, "COUVEUSE_DATA": str(tmp_path / "new")}
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]

    said = {process.communicate(timeout=30)[0] for process in starting}

    assert len(said) == 1
    assert len(said.pop().strip()) == 64


# ---------------------------------------------------------------- https


@pytest.mark.parametrize(
    ("address", "prefix", "secure"),
    [("https://espace.example", "__Host-", True), ("http://192.168.1.5:8000", "", False)],
)
def test_cookies_are_bound_to_https_where_there_is_https(
    tmp_path: Path, address: str, prefix: str, secure: bool
) -> None:
    settings = load_settings(base_url=address, data=tmp_path)
    csrf = create_app(settings).csrf_config
    session = session_cookie(settings, "token")

    assert csrf is not None
    assert (cookie_name(settings), csrf.cookie_name) == (f"{prefix}session", f"{prefix}csrf")
    assert (session.secure, csrf.cookie_secure) == (secure, secure)
    assert (session.httponly, csrf.cookie_httponly) == (True, True)
    assert (session.samesite, csrf.cookie_samesite) == ("lax", "lax")
    assert session.path == "/"
    assert session.domain is None


def test_the_public_address_ends_without_a_slash_and_names_the_sender() -> None:
    settings = load_settings(base_url="https://espace.example/")

    assert settings.public_url == "https://espace.example"
    assert settings.sender == "couveuse@espace.example"
    assert load_settings(mail_from="bonjour@civam.example").sender == "bonjour@civam.example"
