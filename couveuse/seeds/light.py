"""Rosa of the demonstration, who has no account to remember: her link, and a sheet that came back.

Anybody may make her link anew from her page; the one written here is known to nobody.
"""

import datetime as dt
import hashlib
from typing import Any

import sqlalchemy as sa

from couveuse.core import clock
from couveuse.core.files import FileStore, store_document
from couveuse.core.tokens import hashed, new_token
from couveuse.core.typesetting import Paper, PaperParty, PaperSection, typeset
from couveuse.followup.light_forms import season_end
from couveuse.followup.models import (
    AgreedStep,
    Level,
    LightAccess,
    Report,
    ReportSignature,
    Visit,
    VisitState,
)
from couveuse.followup.signed import hash_of, signed_text
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_visits import COFFEE, SHEET, FollowFacts
from couveuse.seeds.telling import Author, entry
from couveuse.seeds.visit_book import Book, at_hour, make_visit, weekday, write_report

OFFICE, VOLUNTEER = "Inès", "Rosa"


async def keep_link(book: Book) -> None:
    """One link that serves, last opened some days ago."""
    rosa, office = book.people[VOLUNTEER], book.people[OFFICE]
    opened = at_hour(book.today - 4 * DAY, 18)
    access = await book.db.scalar(
        sa.select(LightAccess).where(
            LightAccess.person_id == rosa.id, LightAccess.ended_at.is_(None)
        )
    )
    if access is None:
        access = LightAccess(
            person_id=rosa.id,
            token_hash=hashed(new_token()),
            created_by_id=office.id,
            created_at=at_hour(book.today - 40 * DAY, 10),
        )
        book.db.add(access)
    access.until = max(access.until or book.today, season_end(book.today))
    access.last_used_at = max(access.last_used_at or opened, opened)


def tell_of_hugo(book: Book, pair: FollowFacts) -> None:
    """Shared, and waiting for both signatures: the first thing on her screen."""
    visit = make_visit(book, pair, weekday(book.today - 4 * DAY), VisitState.HELD)
    write_report(book, visit, COFFEE, Level.SHARED, due=15, closed=False)


async def tell_of_karim(
    book: Book, pair: FollowFacts, store: FileStore | None
) -> list[dict[str, Any]]:
    """A visit told on the sheet, signed there by both, typed in by the coordination."""
    day, office = weekday(book.today - 9 * DAY), book.people[OFFICE]
    visit = make_visit(book, pair, day, VisitState.HELD)
    report = write_report(book, visit, SHEET, Level.SHARED, due=20, closed=False)
    report.typed_by, report.mood, report.themes = office, None, []
    report.scan = await _scan(book, visit, report, store)
    steps = [one for one in book.db.new if isinstance(one, AgreedStep) and one.report is report]
    await book.db.flush()
    report.signed_text = text = signed_text(visit, report, steps)
    await book.db.flush()  # a signature is of the text that stands
    for person in (visit.person, visit.mentor):
        book.db.add(
            ReportSignature(
                report_id=report.id,
                person_id=person.id,
                name=person.name,
                signed_at=clock.day_start(day, clock.PARIS),
                text_hash=hash_of(text),
                scan=report.scan,
                filed_by_id=office.id,
            )
        )
    make_visit(book, pair, weekday(book.today + 5 * DAY), VisitState.PLANNED)
    return _lines(visit, office, at_hour(day + 2 * DAY, 10))


async def _scan(book: Book, visit: Visit, report: Report, store: FileStore | None) -> str:
    words = f"{report.seen}\n{report.said}\n{report.advice}"
    if store is None:
        return hashlib.sha256(words.encode()).hexdigest()
    sheet = Paper(
        title="Feuille de visite",
        author=visit.mentor.name,
        footer="Remplie à la main",
        subtitle=f"{visit.day:%d/%m/%Y}",
        parties=[PaperParty("Personne en test", visit.person.name)],
        sections=[
            PaperSection("Vu", report.seen or ""),
            PaperSection("Dit par la personne", report.said or ""),
            PaperSection("Conseils", report.advice or ""),
        ],
        signatures=[
            PaperParty("Lu et signé", one.name, [f"le {visit.day:%d/%m/%Y}"])
            for one in (visit.person, visit.mentor)
        ],
    )
    return await store_document(book.db, store, await typeset(sheet))


def _lines(visit: Visit, office: Any, at: dt.datetime) -> list[dict[str, Any]]:
    slot = {"start": visit.starts_at.isoformat(), "end": visit.ends_at.isoformat()}
    details = {"slot": slot, "zone": clock.PARIS.key}
    author = Author(office.id, office.name)
    who = f"{visit.person.name}, {visit.mentor.name}"
    return [
        entry("visit", visit.id, "visit.report_typed", at, author, details),
        entry("visit", visit.id, "visit.signed_on_paper", at, author, details | {"who": who}),
    ]
