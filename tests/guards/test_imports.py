"""The rules of the house that no linter knows: sizes, rooms, and who may say what."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import run
from couveuse.core.paths import MIGRATIONS, PACKAGE

FILES = sorted(PACKAGE.rglob("*.py"))
PAGES = [
    path for path in FILES if "pages" in {*path.parts, path.stem} and path.name != "__init__.py"
]
SLICES = sorted({path.parent.name for path in PACKAGE.glob("*/policy.py")})


def name(path: Path) -> str:
    return str(path.relative_to(run.ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_long() -> None:
    long = {name(path): path.read_text("utf-8").count("\n") for path in FILES}

    assert {path: count for path, count in long.items() if count > 400} == {}


def test_no_function_is_long() -> None:
    long = {
        f"{name(path)}:{one.name}": lines(one)
        for path in FILES
        if "seeds" not in path.parts  # made-up data is long by nature
        for one in functions(path)
        if lines(one) > 60
    }

    assert set(long) <= {"couveuse/occupancy/summary.py:_figures"}  # a list of figures


def test_a_handler_is_a_paragraph() -> None:
    long = {
        f"{name(path)}:{one.name}": lines(one)
        for path in PAGES
        for one in functions(path)
        if one.decorator_list and lines(one) > 45
    }

    assert long == {}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_hold_no_sql(path: Path) -> None:
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } | {
        alias.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    sql = {one for one in imported if one.startswith("sqlalchemy")}

    assert sql <= {"sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.dialects.postgresql.Range"}


def test_roles_are_named_by_policies_alone() -> None:
    """Handlers and templates ask ``can_x``; what shows or writes a role is in `people`."""
    naming = {
        name(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Role"
        and node.attr.isupper()
    }
    allowed = {f"couveuse/{one}/policy.py" for one in SLICES}

    assert {path for path in naming - allowed if "/seeds/" not in path} <= {
        "couveuse/equipment/consequences.py",  # who else may see an item, in SQL
        "couveuse/people/models.py",
        "couveuse/people/rules.py",
        "couveuse/people/actions/memberships.py",  # one coordinator has to stay
    }


def test_nobody_commits() -> None:
    committing = {
        name(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    }

    assert committing == set()


def test_the_clock_is_asked_in_one_place() -> None:
    """Tests set it, and every process agrees on it."""
    asking = {
        name(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and ast.unparse(node.value) in {"dt.datetime", "dt.date", "datetime", "date"}
    }

    assert asking == {"couveuse/core/clock.py"}


def test_migrations_do_not_import_what_changes() -> None:
    importing = {
        path.name
        for path in (MIGRATIONS / "versions").glob("*.py")
        if "couveuse" in path.read_text("utf-8").replace("couveuse_", "")
        and any(
            isinstance(node, ast.ImportFrom) and (node.module or "").startswith("couveuse")
            for node in ast.walk(tree(path))
        )
    }

    assert importing == set()


def test_the_repository_speaks_of_the_product_alone() -> None:
    """No path of a machine on which it was made."""
    texts = [*FILES, *(run.ROOT / "tests").rglob("*.py"), *(run.ROOT / "templates").rglob("*.*")]
    places = ("/ro" + "ot/", "/wo" + "rk/", "/ho" + "me/")

    assert [name(path) for path in texts if any(p in path.read_text("utf-8") for p in places)] == []
