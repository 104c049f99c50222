"""Style, layout, types, imports and templates: the last line of the tests speaks for them too."""

import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import run


@pytest.mark.slow
@pytest.mark.parametrize("check", run.CHECKS)
def test_the_check_of(check: str) -> None:
    program, *arguments = run.CHECKS[check]
    found = subprocess.run(
        [run.PYTHON.parent / program, *arguments],
        cwd=run.ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert found.returncode == 0, f"{found.stdout}\n{found.stderr}"


def locked(lock: Path) -> dict[str, str]:
    lines = [line.rstrip(" \\") for line in lock.read_text().splitlines() if line[:1].isalnum()]
    return dict(line.partition(";")[0].strip().split("==") for line in lines)


def test_the_tests_run_on_the_versions_that_the_product_runs_on() -> None:
    product, tests = locked(run.RUN_LOCK), locked(run.TEST_LOCK)

    assert product.items() <= tests.items()


def test_every_package_that_is_asked_for_is_locked() -> None:
    project = tomllib.loads((run.ROOT / "pyproject.toml").read_text())
    asked = [Requirement(line) for line in project["project"]["dependencies"]]
    asked += [Requirement(line) for line in project["dependency-groups"]["test"]]
    versions = locked(run.TEST_LOCK)

    assert [line for line in asked if versions[line.name] not in line.specifier] == []


@pytest.mark.parametrize("lock", [run.RUN_LOCK, run.TEST_LOCK], ids=lambda lock: lock.name)
def test_a_lock_names_checksums_and_no_address(lock: Path) -> None:
    text = lock.read_text()

    assert "://" not in text
    assert text.count("--hash=sha256:") > len(locked(lock))
