"""Writes what was said with grids."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import Assessment, AssessmentAnswers, Grid, GridVersion, Side
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_grids import LOOKS, LookFacts
from couveuse.seeds.network import Placed
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import noon


async def add_grids(db: AsyncSession, placed: Placed, today: dt.date) -> None:
    """Léa's looks at her own test, and Marc's. The talk comes after the answers."""
    found = await db.execute(sa.select(Grid.name, GridVersion.id).join(GridVersion.grid))
    versions = {row.name: row.id for row in found}
    lea, marc = placed.people["Léa"], placed.people["Marc"]
    looks = [
        {
            "person_id": lea,
            "version_id": versions[one.grid],
            "made_on": today - one.days_ago * DAY,
            "begun_by_id": lea,
        }
        for one in LOOKS
    ]
    ids = await add_rows(db, Assessment, looks)
    for side, author in ((Side.PERSON, lea), (Side.MENTOR, marc)):
        rows = [
            {
                "assessment_id": made,
                "side": side,
                "author_id": author,
                "said": _said(one, side),
                "given_at": noon(today - one.days_ago * DAY),
            }
            for made, one in zip(ids, LOOKS, strict=True)
        ]
        await add_rows(db, AssessmentAnswers, rows)
    for made, one in zip(ids, LOOKS, strict=True):
        if one.talk:
            talked_on = today - (one.days_ago - 3) * DAY
            await db.execute(
                sa.update(Assessment)
                .where(Assessment.id == made)
                .values(talked_on=talked_on, talked_by_id=marc, talk=one.talk)
            )


def _said(look: LookFacts, side: Side) -> dict[str, Any]:
    levels = look.person if side == Side.PERSON else look.mentor
    words = look.words if side == Side.PERSON else {}
    return {code: {"level": level, "comment": words.get(code)} for code, level in levels.items()}
