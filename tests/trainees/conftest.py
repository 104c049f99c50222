"""A place for files of the tests of agreements."""

from pathlib import Path

import pytest

from couveuse.core.files import FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")
