"""Communes of France by INSEE code, from open data that comes with the product."""

import gzip
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple


class Commune(NamedTuple):
    code: str
    name: str
    department: str

    @property
    def label(self) -> str:
        return f"{self.name} ({self.department})"


def find_commune(code: str | None) -> Commune | None:
    """The commune of a code; for one that was merged, the commune that it is part of today."""
    name = _value(code) if code else None
    if code is None or name is None:
        return None
    if name.startswith(">"):
        return find_commune(name[1:])
    return Commune(code, name, _value(f"D{_department(code)}") or _department(code))


def commune_label(code: str) -> str:
    """ "La Châtre (Indre)"; the code itself when nobody knows it."""
    found = find_commune(code)
    return found.label if found else code


def is_commune(code: str) -> bool:
    """Whether a commune has, or had, this code."""
    return find_commune(code) is not None


def _department(code: str) -> str:
    return code[:3] if code.startswith(("97", "98")) else code[:2]


@lru_cache(maxsize=1)
def _table() -> bytes:
    """One string of 0.7 MB, searched as it is: a dictionary of it would weigh ten times that."""
    return gzip.decompress((files("couveuse.core.geo") / "communes.tsv.gz").read_bytes())


@lru_cache(maxsize=512)
def _value(key: str) -> str | None:
    if not key.isalnum():
        return None
    line = f"\n{key}\t".encode()
    start = _table().find(line)
    if start < 0:
        return None
    start += len(line)
    return _table()[start : _table().index(b"\n", start)].decode()
