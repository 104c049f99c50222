"""Settings: from the environment, or from secret files named by ``NAME_FILE``."""

import os
import re
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from platformdirs import user_data_path
from pydantic import AliasChoices, BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from couveuse.core.i18n import N_, translated

PREFIX = "COUVEUSE_"


class SettingsProblem(Exception):
    """Every wrong setting at once, each with its name and what it should be."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class SecretFiles(PydanticBaseSettingsSource):
    """Reads ``NAME_FILE=/path`` for any setting, as container platforms hand out secrets."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        for name in _names(field):
            if path := os.environ.get(f"{name}_FILE"):
                return Path(path).read_text(encoding="utf-8").strip(), name, False
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            key: self.get_field_value(field, key)
            for key, field in self.settings_cls.model_fields.items()
        }
        return {name: value for value, name, _ in found.values() if value is not None}


def _names(field: Any) -> list[str]:
    alias = field.validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [alias]


def _named(name: str) -> Any:
    return Field(default=None, validation_alias=name)


Blank = BeforeValidator(lambda value: value or None)
OptionalText = Annotated[str | None, Blank]


class Settings(BaseSettings):
    """What an installation may choose. Everything has a default that works on one machine."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    database_url: OptionalText = _named("DATABASE_URL")
    data: Annotated[Path | None, Blank] = _named(PREFIX + "DATA")
    secret_text: OptionalText = _named(PREFIX + "SECRET")
    base_url: OptionalText = _named(PREFIX + "BASE_URL")
    smtp_url: OptionalText = _named(PREFIX + "SMTP_URL")
    mail_from: OptionalText = _named(PREFIX + "MAIL_FROM")
    tiles_url: OptionalText = _named(PREFIX + "TILES_URL")
    """Where maps find their ground, with {z}, {x} and {y}; none: outlines on plain paper."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", validation_alias=PREFIX + "LOG_LEVEL"
    )
    """INFO adds a line for each request."""
    demo: bool = Field(default=False, validation_alias=PREFIX + "INTERNAL_DEMO")
    """Set by ``serve --demo`` for the processes that it starts; the database must bear its mark."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings  # ours names files one by one
        return init_settings, env_settings, SecretFiles(settings_cls)

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str | None) -> str | None:
        schemes = {"postgres", "postgresql", "postgresql+asyncpg"}
        if value and not _split(value, schemes):
            raise ValueError(
                N_("attendu : une adresse postgresql://… (PostgreSQL est la seule base possible)")
            )
        return value

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        parts = _split(value or "", {"http", "https"})
        if value and not (parts and parts.hostname):
            raise ValueError(
                N_("attendu : l'adresse publique du site, par exemple https://espace-test.example")
            )
        return value.rstrip("/") if value else None

    @field_validator("tiles_url")
    @classmethod
    def _is_tiles(cls, value: str | None) -> str | None:
        # The host goes into a header, where a quote or a semicolon would open it to others.
        host = r"(\{s\}\.)?[A-Za-z0-9.-]+(:[0-9]+)?"
        is_address = value and re.fullmatch(rf"https?://{host}/[^\s\"'<>;]*", value)
        if value and not (is_address and all(one in value for one in ("{z}", "{x}", "{y}"))):
            raise ValueError(
                N_("attendu : une adresse de tuiles, https://tuiles.example/{z}/{x}/{y}.png")
            )
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: str | None) -> str | None:
        parts = _split(value or "", {"smtp", "smtps"})
        if value and not (parts and parts.hostname):
            raise ValueError(N_("attendu : smtp://utilisateur:motdepasse@serveur:port"))
        return value

    @field_validator("secret_text")
    @classmethod
    def _is_long(cls, value: str | None) -> str | None:
        if value and len(value) < 32:
            raise ValueError(N_("attendu : au moins 32 caractères tirés au hasard"))
        return value

    @cached_property
    def data_folder(self) -> Path:
        return (self.data or user_data_path("couveuse")).expanduser().absolute()

    @cached_property
    def secret(self) -> str:
        """The key that signs form tokens: given, or made once and kept in the data folder."""
        return self.secret_text or _kept_secret(self.data_folder / "secret")

    @property
    def is_https(self) -> bool:
        return bool(self.base_url and self.base_url.startswith("https://"))

    @property
    def public_url(self) -> str:
        """Where links in mails lead."""
        return self.base_url or "http://127.0.0.1:8000"

    @property
    def sender(self) -> str:
        host = urlsplit(self.base_url or "").hostname or "localhost"
        return self.mail_from or f"couveuse@{host}"


def _split(url: str, schemes: set[str]) -> SplitResult | None:
    """The parts of an address of one of the schemes; None when it cannot be read."""
    try:
        parts = urlsplit(url)
        readable = parts.scheme in schemes and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        return None
    return parts if readable else None


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):  # linked whole: nobody reads half a secret
            path.hardlink_to(new)
        new.unlink()
    return path.read_text(encoding="utf-8").strip()


def load_settings(**given: Any) -> Settings:
    """Read the settings. Raises SettingsProblem that names every wrong value."""
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsProblem([_line(problem) for problem in error.errors()]) from error
    except OSError as error:
        raise SettingsProblem(
            [translated(N_("Fichier de secret illisible : %(path)s"), {"path": error.filename})]
        ) from error


def _line(problem: Any) -> str:
    name = str(problem["loc"][0])
    cause = problem.get("ctx", {}).get("error")
    if problem["type"] == "literal_error":
        choices = {"choices": problem["ctx"]["expected"]}
        return f"{name} : {translated(N_('attendu : %(choices)s'), choices)}"
    return f"{name} : {translated(str(cause)) if cause else problem['msg']}"
