"""Writes the paths of the demonstration, and keeps what comes next ahead of the day."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_paths import BEFORE_TEST, PATHS, USUAL, PathFacts
from couveuse.seeds.demo_people import ADEARI, CIVAM, MRJC, PLES
from couveuse.seeds.network import Placed
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import entry, noon
from couveuse.trainees.actions.paths import VERBS
from couveuse.trainees.models import Path, PathState, PathStep

WRITERS = {CIVAM: "Inès", ADEARI: "Paul", PLES: "Claire", MRJC: "Nadia"}
Step = tuple[PathState, dt.date, str | None]


async def add_paths(db: AsyncSession, placed: Placed, today: dt.date) -> list[dict[str, Any]]:
    """The lines of the journal, to be written with all the others in their order."""
    steps = [_steps(one, today) for one in PATHS]
    ids = await add_rows(
        db, Path, [_row(one, placed, today, taken) for one, taken in zip(PATHS, steps, strict=True)]
    )
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for facts, path_id, taken in zip(PATHS, ids, steps, strict=True):
        author = placed.author(WRITERS[facts.structure])
        for state, day, note in taken:
            at = noon(day)
            rows.append(
                {
                    "path_id": path_id,
                    "state": state.value,
                    "happened_on": day,
                    "note": note,
                    "recorded_by_id": author.id,
                    "recorded_at": at,
                }
            )
            lines.append(entry("path", path_id, VERBS[state], at, author, {}))
    await add_rows(db, PathStep, rows)
    return lines


def _steps(facts: PathFacts, today: dt.date) -> list[Step]:
    """From the first contact to where she stands."""
    first = today - (facts.in_test_for + BEFORE_TEST) * DAY
    taken: list[Step] = [(PathState.CONTACT, first, None)]
    taken += [(state, first + days * DAY, None) for state, days in USUAL]
    taken.append((PathState.IN_TEST, today - facts.in_test_for * DAY, None))
    return taken + [(state, today - ago * DAY, note) for state, ago, note in facts.since_then]


def _row(facts: PathFacts, placed: Placed, today: dt.date, taken: list[Step]) -> dict[str, Any]:
    state, last, _ = taken[-1]
    return {
        "person_id": placed.people[facts.person],
        "structure_id": placed.structures[facts.structure],
        "state": state.value,
        "project": facts.project,
        "next_step": facts.next_step,
        "next_due_on": today + facts.due_in * DAY if facts.next_step else None,
        "next_actor_id": placed.people[facts.actor] if facts.actor else None,
        "opened_on": taken[0][1],
        "closed_on": last if state == PathState.CLOSED else None,
        "changed_at": noon(last),
    }


async def keep_paths(db: AsyncSession, today: dt.date) -> None:
    """What was to come when the demonstration was made is to come again; late stays late."""
    for facts in PATHS:
        if facts.next_step:
            await db.execute(
                sa.update(Path)
                .where(
                    Path.project == facts.project,
                    Path.next_step == facts.next_step,
                    Path.next_due_on < today,
                )
                .values(next_due_on=today + facts.due_in * DAY)
            )
