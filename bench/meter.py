"""Processor time and memory of process trees, read from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

import psutil

TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """The process and everything that it started."""
    parent = psutil.Process(pid)
    return [pid, *(child.pid for child in parent.children(recursive=True))]


def seconds(pids: Iterable[int]) -> float:
    """User and system time used so far by each process tree."""
    return sum(_own(pid) + _ended_children(pid) for root in pids for pid in tree(root))


def _own(pid: int) -> float:
    """The scheduler's own count, in nanoseconds: ticks of 10 ms are coarse for short rounds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int((_text(task) or "0").split()[0]) for task in tasks) / 1e9


def _ended_children(pid: int) -> float:
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[13:15]) / TICK


def _text(path: Path) -> str:
    """Empty when the process ended meanwhile."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def proportional_mib(pid: int) -> float:
    """PSS: private memory, and a fair share of what is shared with others."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024
