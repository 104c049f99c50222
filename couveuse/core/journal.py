"""Who did what to which record, when, in words."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.db import Base
from couveuse.core.prepared import Prepared

GONE = "—"
"""What stands in the place of erased words."""


class JournalLine(Base):
    """One change. Ids without foreign keys and the name of the time: it outlives its subject."""

    __tablename__ = "journal_line"
    __table_args__ = (sa.Index(None, "subject_kind", "subject_id", "id"),)

    at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    actor_id: Mapped[int | None]
    actor_name: Mapped[str | None]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    verb: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class Words(NamedTuple):
    """A marked sentence inside a line, said in the language of its reader, and what follows it."""

    text: str
    more: str = ""


class Spell(NamedTuple):
    """Where, a name or a marked word, and from when to when."""

    place: str
    during: Range[dt.date]


_WORDS: dict[str, str] = {}


def words(sentences: dict[str, str]) -> None:
    """Say how verbs read: ``booking.moved`` → "a déplacé la réservation au %(slot)s"."""
    _WORDS.update(sentences)


def record(
    db: AsyncSession, actor: Actor | None, verb: str, subject_id: int, **details: Any
) -> None:
    """Add a line to the journal of the record; ``verb`` is ``kind.what_happened``.

    Without an actor, the product itself acted (a request that lapsed). Written with the next flush.
    """
    db.add(JournalLine(**_line(actor, verb, subject_id, details)))


# A line of what people do all day, and the job that tells of it: one statement for both.
_WRITE = Prepared(
    sa.text("""
        WITH line AS (
            INSERT INTO journal_line
                (at, actor_id, actor_name, subject_kind, subject_id, verb, details)
            VALUES (:at, :actor_id, :actor_name, :subject_kind, :subject_id, :verb, :details)
        )
        INSERT INTO pgqueuer (priority, entrypoint, payload, status)
        VALUES (0, :job, :payload, 'queued')
    """)
)


async def record_and_queue(
    db: AsyncSession,
    actor: Actor | None,
    verb: str,
    subject_id: int,
    details: dict[str, Any],
    job: str,
    payload: dict[str, Any],
) -> None:
    """Write a line at once, and queue a job (``jobs.queue``)."""
    line = _line(actor, verb, subject_id, details)
    line["details"] = json.dumps(line["details"])
    await _WRITE.all(db, **line, job=job, payload=json.dumps(payload).encode())


def _line(
    actor: Actor | None, verb: str, subject_id: int, details: dict[str, Any]
) -> dict[str, Any]:
    return {
        "at": clock.now(),
        "actor_id": actor.person_id if actor else None,
        "actor_name": actor.name if actor else None,
        "subject_kind": verb.partition(".")[0],
        "subject_id": subject_id,
        "verb": verb,
        "details": kept(details),
    }


def kept(details: dict[str, Any]) -> dict[str, Any]:
    """Details as a line keeps them: dates and words in no language, until somebody reads them."""
    return {key: _kept(value) for key, value in details.items() if value is not None}


def _kept(value: Any) -> Any:
    match value:
        case dt.datetime():
            return value.isoformat()
        case dt.date():
            return {"day": value.isoformat()}
        case Spell(place=place, during=during):
            return {"place": place, **_kept(during)}
        case Range(lower=first, upper=end):
            last = end - dt.timedelta(days=1) if end else None
            return {"first": str(first) if first else None, "last": str(last) if last else None}
        case Words(text=text, more=more):
            return {"text": text, "more": more}
        case str() | int() | float() | list() | dict():
            return value
        case _:
            return str(value)


def emptied(details: dict[str, Any]) -> dict[str, Any]:
    """The same keys without what people wrote: the line still reads, and names nobody."""
    return {key: value if key == "zone" else _emptied(value) for key, value in details.items()}


def _emptied(value: Any) -> Any:
    match value:
        case str():
            return GONE
        case list():
            return [{**one, "before": GONE, "after": GONE} for one in value]
        case {"text": _}:
            return {**value, "more": GONE if value.get("more") else ""}
        case _:
            return value


async def lines_about(
    db: AsyncSession, kind: str, subject_id: int, *, limit: int = 50
) -> Sequence[JournalLine]:
    """The journal of one record, newest first."""
    return (
        await db.scalars(
            sa.select(JournalLine)
            .where(JournalLine.subject_kind == kind, JournalLine.subject_id == subject_id)
            .order_by(JournalLine.id.desc())
            .limit(limit)
        )
    ).all()


def sentence(line: JournalLine) -> str:
    """The line in words of the reader's language, without who and when."""
    zone = clock.zone_named(line.details.get("zone", clock.PARIS.key))
    details = {key: _shown(value, zone) for key, value in line.details.items()}
    return i18n.gettext(_WORDS[line.verb]) % details


def _shown(value: Any, zone: ZoneInfo) -> Any:
    """Days, spans and words as the reader says them, a list as what changed; the rest stands."""
    match value:
        case list():
            return ", ".join(_change(one) for one in value)
        case {"start": start, "end": end}:
            return slot_text(dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end), zone)
        case {"day": day}:
            return i18n.day(dt.date.fromisoformat(day))
        case {"place": place, "first": first, "last": last}:
            return f"{i18n.gettext(place)}, {_end(first)} – {_end(last)}"
        case {"first": first, "last": last}:
            until = dt.date.fromisoformat(last) if last else None
            return i18n.days(dt.date.fromisoformat(first), until)
        case {"text": text, "more": more}:
            said = i18n.gettext(text)
            return f"{said[:1].lower()}{said[1:]} {more}".strip()
        case _:
            return value


def _end(kept: str | None) -> str:
    return i18n.day(dt.date.fromisoformat(kept)) if kept else "…"


def changed(label: str, before: Any, after: Any) -> dict[str, Any]:
    """One field that changed, for a list of details; the label is a marked sentence."""
    return {"label": label, "before": _kept(before), "after": _kept(after)}


def _change(kept: dict[str, Any]) -> str:
    before, after = (_shown(kept[side], clock.PARIS) for side in ("before", "after"))
    return f"{i18n.gettext(kept['label'])} ({before} → {after})"


def slot_text(start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> str:
    """A span of instants in local words: ``lun. 23 nov., 08:00 – 10:00``."""
    return i18n.slot(start.astimezone(zone), end.astimezone(zone))
