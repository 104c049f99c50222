"""Where templates, static files and migrations are: beside the package, or inside the wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
_WHEEL = PACKAGE / "_assets"
_TOP = _WHEEL if _WHEEL.is_dir() else PACKAGE.parent

TEMPLATES = _TOP / "templates"
STATIC = _TOP / "static"
MIGRATIONS = _TOP / "migrations"
LOCALE = PACKAGE / "locale"
