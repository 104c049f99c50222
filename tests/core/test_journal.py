"""The journal: who did what, when, in words of the reader's language and hours of the place."""

import datetime as dt

import pytest
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import i18n, journal
from tests.cast import Cast
from tests.conftest import NOON

journal.words(
    {
        "test.moved": "a déplacé la réservation : %(slot)s (avant : %(before)s)",
        "test.changed": "a modifié : %(changes)s",
        "test.cancelled": "a annulé la réservation",
        "test.dated": "%(what)s, %(day)s",
        "test.held": "%(what)s, %(days)s, %(since)s",
    }
)
SLOT = {"start": NOON.isoformat(), "end": (NOON + dt.timedelta(hours=2)).isoformat()}


async def line(db: AsyncSession) -> journal.JournalLine:
    await db.flush()
    (found, *_) = await journal.lines_about(db, "test", 7)
    return found


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


async def test_a_line_says_who_what_and_when(db: AsyncSession, cast: Cast) -> None:
    journal.record(db, cast.actors["lea"], "test.cancelled", 7)

    found = await line(db)
    assert (found.actor_name, found.at) == ("Lea Essai", NOON)
    assert (found.actor_id, found.subject_kind) == (cast.lea.id, "test")
    assert journal.sentence(found) == "a annulé la réservation"
    i18n.set_language("en")
    assert journal.sentence(found) == "cancelled the booking"


async def test_what_the_product_does_by_itself_names_nobody(db: AsyncSession) -> None:
    journal.record(db, None, "test.cancelled", 7)

    found = await line(db)
    assert (found.actor_id, found.actor_name) == (None, None)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("Europe/Paris", "12:00 – 14:00"), ("America/Martinique", "07:00 – 09:00")],
)
async def test_spans_are_told_in_the_hours_of_the_place(
    db: AsyncSession, zone: str, hours: str
) -> None:
    journal.record(db, None, "test.moved", 7, slot=SLOT, before=SLOT, zone=zone)

    told = plain(journal.sentence(await line(db)))

    assert (
        told == f"a déplacé la réservation : mer. 25 nov., {hours} (avant : mer. 25 nov., {hours})"
    )


async def test_changes_are_told_field_by_field(db: AsyncSession) -> None:
    changes = [
        {"label": "Nom", "before": "Tracteur", "after": "Tracteur vert"},
        {"label": "Caution", "before": "–", "after": "50 %"},
    ]
    journal.record(db, None, "test.changed", 7, changes=changes)

    found = await line(db)

    told = journal.sentence(found)
    assert told == "a modifié : Nom (Tracteur → Tracteur vert), Caution (– → 50 %)"
    i18n.set_language("en")
    assert "Deposit (– → 50 %)" in journal.sentence(found)


async def test_lines_come_newest_first_and_only_so_many(db: AsyncSession) -> None:
    for number in range(4):
        journal.record(db, None, "test.cancelled", 7, number=number)
    journal.record(db, None, "test.cancelled", 8)
    await db.flush()

    lines = await journal.lines_about(db, "test", 7, limit=3)

    assert [one.details["number"] for one in lines] == [3, 2, 1]


async def test_what_is_unknown_is_left_out_and_the_rest_kept_as_text(
    db: AsyncSession, cast: Cast
) -> None:
    day = dt.date(2026, 11, 25)
    journal.record(db, None, "test.cancelled", 7, why=None, day=day, at=NOON, n=2)

    kept = {"day": {"day": "2026-11-25"}, "at": NOON.isoformat(), "n": 2}
    assert (await line(db)).details == kept


async def test_days_and_words_are_said_in_the_language_of_the_reader(db: AsyncSession) -> None:
    """Whoever wrote the line, and in which language."""
    i18n.set_language("en")
    what = journal.Words("Repos, engrais vert", "Léa")
    days = Range(dt.date(2026, 11, 1), dt.date(2027, 11, 1))
    journal.record(db, None, "test.held", 7, what=what, days=days, since=Range(days.lower, None))
    found = await line(db)

    i18n.set_language("fr")
    assert journal.sentence(found) == (
        "repos, engrais vert Léa, du 1er nov. 2026 au 31 oct. 2027, à partir du 1er nov. 2026"
    )
    i18n.set_language("en")
    assert journal.sentence(found).startswith("rest, green manure Léa, from 1 Nov 2026 to 31 Oct")


def test_days_are_said_in_the_language_of_the_reader() -> None:
    first = dt.date(2026, 2, 3)
    spell = journal.Spell("partout", Range(first, dt.date(2026, 3, 1)))
    what = [journal.changed("Parcelles", first, "–"), journal.changed("Site", "–", spell)]
    line = journal.JournalLine(
        verb="test.dated", details=journal.kept({"what": what, "day": first})
    )

    said = {}
    for language in ("fr", "en"):
        i18n.set_language(language)
        said[language] = journal.sentence(line)

    assert "3 févr. 2026" in said["fr"]
    assert "partout, 3 févr. 2026 – 28 févr. 2026" in said["fr"]
    assert said["en"].count("Feb") == 4
    assert "févr" not in said["en"]
