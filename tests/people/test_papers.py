"""Papers with their kinds: how long they last, who checks them, who is reminded and when."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.app import Databases
from couveuse.core.errors import Refused
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.core.settings import Settings
from couveuse.equipment.queries import missing_papers
from couveuse.people import actions, queries
from couveuse.people.forms import PaperForm
from couveuse.people.models import Paper, PaperKind, PaperState
from couveuse.people.rules import last_day_after, paper_problems, reminder_step
from couveuse.people.tasks import remind_of_papers
from tests import build
from tests.cast import Cast
from tests.conftest import NOON

DAY = dt.timedelta(days=1)
TODAY = NOON.date()
PDF = b"%PDF-1.7\n1 0 obj\nendobj\nstartxref\n0\n%%EOF\n"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2026-11-01", 60, "2031-10-31"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-28", 1, "2026-02-27"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-03-01", 12, "2027-02-28"),
        ("2027-03-01", 12, "2028-02-29"),
    ],
)
def test_so_many_months_end_the_day_before_the_same_day(first: str, months: int, last: str) -> None:
    assert last_day_after(day(first), months) == day(last)


LIMITED = PaperKind(code="x", label="Certiphyto", max_months=60, reference="loi")
FREE = PaperKind(code="y", label="Permis", max_months=None)


@pytest.mark.parametrize(
    ("kind", "last", "refused"),
    [
        (LIMITED, "2031-10-31", False),
        (LIMITED, "2031-11-01", True),
        (LIMITED, "2027-01-01", False),
        (LIMITED, None, True),
        (FREE, "2099-01-01", False),
        (FREE, None, False),
        (None, None, False),
    ],
)
def test_a_paper_lasts_as_long_as_its_kind_allows(
    kind: PaperKind | None, last: str | None, refused: bool
) -> None:
    found = list(paper_problems(kind, day("2026-11-01"), day(last) if last else None))

    assert bool(found) == refused
    if found:
        assert "31 oct. 2031" in str(found[0])


@pytest.mark.parametrize(
    ("left", "step"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, None), (-5, None)],
)
def test_reminders_come_sixty_thirty_and_seven_days_before(left: int, step: int | None) -> None:
    assert reminder_step(left) == step


# ---------------------------------------------------------------- recording


async def test_the_kinds_are_there_with_their_lengths_and_law(db: AsyncSession) -> None:
    kinds = {one.code: one for one in await queries.list_paper_kinds(db)}

    lengths = {code: (one.usual_months, one.max_months) for code, one in kinds.items()}
    assert lengths["certiphyto"] == lengths["medical_visit"] == (60, 60)
    assert lengths["driving_fitness"] == (60, 60)
    assert lengths["insurance"] == (12, None)
    assert lengths["licence"] == (None, None)
    assert kinds["medical_visit"].first_due_months == 3
    assert all(kinds[one].reference for one in ("certiphyto", "medical_visit", "driving_fitness"))


@pytest.mark.parametrize(
    ("kind", "last", "end"),
    [
        ("certiphyto", None, "2031-11-25"),
        ("certiphyto", "2028-01-31", "2028-02-01"),
        ("insurance", None, "2027-11-25"),
        ("licence", None, None),
    ],
)
async def test_the_usual_length_is_taken_when_no_end_is_said(
    db: AsyncSession, cast: Cast, kind: str, last: str | None, end: str | None
) -> None:
    data = PaperForm(kind=kind, starts_on=TODAY, ends_on=day(last) if last else None)

    paper = await actions.record_paper(db, cast.actors["gaston"], cast.lea, data)

    assert paper.during == Range(TODAY, day(end) if end else None)
    assert not paper.is_to_check


async def test_a_name_known_keeps_its_kind(db: AsyncSession, cast: Cast) -> None:
    await build.make_qualification(db, "Certiphyto DENSA", kind="certiphyto")
    data = PaperForm(
        qualification="certiphyto densa", kind="licence", starts_on=TODAY, ends_on=day("2040-01-01")
    )

    with pytest.raises(Refused, match="paper_too_long"):
        await actions.record_paper(db, cast.actors["gaston"], cast.lea, data)


@pytest.mark.parametrize("kind", ["driving_fitness", "nothing"])
async def test_a_kind_out_of_force_is_no_choice(db: AsyncSession, cast: Cast, kind: str) -> None:
    data = PaperForm(kind=kind, starts_on=day("2025-09-30"))

    with pytest.raises(Refused, match="unknown_kind"):
        await actions.record_paper(db, cast.actors["gaston"], cast.lea, data)


async def test_the_same_paper_sent_twice_is_one(db: AsyncSession, cast: Cast) -> None:
    data = PaperForm(kind="licence", starts_on=TODAY, reference="36-12")

    first = await actions.record_paper(db, cast.actors["lea"], cast.lea, data)
    again = await actions.record_paper(db, cast.actors["lea"], cast.lea, data)

    assert first.id == again.id


# ---------------------------------------------------------------- sent, then checked


async def send(browse: Callable[..., Any], cast: Cast, db: AsyncSession) -> Paper:
    browser = await browse("tom")
    answer = await browser.post(
        f"/personnes/{cast.tom.id}/papiers",
        {"qualification": "conduite tracteur", "starts_on": "2026-11-01"},
        files={"document": ("attestation.pdf", PDF, "application/pdf")},
    )
    assert answer.status_code == 303
    return (await db.scalars(sa.select(Paper).where(Paper.person_id == cast.tom.id))).one()


async def holds(db: AsyncSession, cast: Cast) -> bool:
    item = await build.make_item(db, cast.farm, requirements=[cast.tractor_training])
    return not (await missing_papers(db, [item.id], cast.tom.id, TODAY, TODAY))[item.id]


async def test_what_one_sends_counts_once_somebody_has_looked(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    paper = await send(browse, cast, db)
    assert paper.state_on(TODAY) == PaperState.TO_CHECK
    assert not await holds(db, cast)

    ines = await browse("ines")
    assert "Tom Essai" in (await ines.page("/papiers")).one(data_paper=str(paper.id)).text
    opened = await ines.get(f"/papiers/{paper.id}/document")
    answer = await ines.post(f"/papiers/{paper.id}/verification")
    again = await ines.post(f"/papiers/{paper.id}/verification")

    assert opened.content == PDF
    assert (answer.status_code, again.status_code) == (303, 409)
    await db.refresh(paper)
    assert (paper.is_to_check, paper.checked_by_id) == (False, cast.ines.id)
    assert await holds(db, cast)


async def test_a_paper_not_accepted_is_told_with_the_reason(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    paper = await send(browse, cast, db)
    paul = await browse("paul")

    shown = await paul.page(f"/papiers/{paper.id}/renvoi")
    bare = await paul.post(f"/papiers/{paper.id}/renvoi")
    answer = await paul.post(f"/papiers/{paper.id}/renvoi", {"reason": "Photo illisible"})
    again = await paul.post(f"/papiers/{paper.id}/renvoi", {"reason": "Photo illisible"})

    assert "Conduite tracteur" in shown.text
    assert (bare.status_code, answer.status_code, again.status_code) == (422, 303, 404)
    mail = (await db.scalars(sa.select(OutgoingMail))).one()
    assert mail.recipient == cast.tom.email
    assert "Photo illisible" in mail.body


async def test_nobody_checks_their_own_paper(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    paper = await build.make_paper(db, cast.ines, cast.tractor_training, is_to_check=True)
    await db.commit()

    answer = await (await browse("ines")).post(f"/papiers/{paper.id}/verification")

    assert answer.status_code == 403


async def test_somebody_who_sends_a_paper_does_not_name_new_ones(
    browse: Callable[..., Any], cast: Cast
) -> None:
    tom = await browse("tom")
    sent = {"qualification": "Permis imaginaire", "starts_on": "2026-11-01"}

    answer = await tom.post(f"/personnes/{cast.tom.id}/papiers", sent)

    assert answer.status_code == 422
    assert "pas dans la liste" in answer.text


async def test_a_file_that_is_no_paper_is_refused_and_the_rest_is_kept(
    browse: Callable[..., Any], cast: Cast
) -> None:
    tom = await browse("tom")
    answer = await tom.post(
        f"/personnes/{cast.tom.id}/papiers",
        {"kind": "insurance", "issuer": "Groupama", "starts_on": "2026-11-01"},
        files={"document": ("x.pdf", b"hello", "application/pdf")},
    )

    assert answer.status_code == 422
    assert "ni un PDF ni une photo" in answer.text
    assert 'value="Groupama"' in answer.text


async def test_the_next_paper_begins_where_the_last_one_ends(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    kind = await build.make_qualification(db, "Assurance RC", kind="insurance")
    paper = await build.make_paper(db, cast.tom, kind, end=day("2026-12-10"), issuer="MAIF")
    await db.commit()

    path = f"/personnes/{cast.tom.id}/papiers/nouveau?papier={paper.id}"
    form = await (await browse("tom")).page(path)

    said = {name: form.one("input", name=name)["value"] for name in ("starts_on", "issuer")}
    assert said == {"starts_on": "2026-12-10", "issuer": "MAIF"}


# ---------------------------------------------------------------- reminders and lists


async def remind(db: AsyncSession, databases: Databases, settings: Settings) -> list[str]:
    await db.commit()
    await remind_of_papers(Workshop(databases.writer, settings))
    return [one.body for one in await db.scalars(sa.select(OutgoingMail))]


async def test_one_mail_for_each_paper_and_step(
    db: AsyncSession,
    cast: Cast,
    databases: Databases,
    settings: Settings,
    fixed_clock: Callable[[dt.datetime], None],
) -> None:
    licence = await build.make_qualification(db, "Certiphyto", kind="certiphyto")
    await build.make_paper(db, cast.tom, licence, end=TODAY + 61 * DAY)

    counts: list[int] = []
    for shift in (0, 1, 1, 2, 31, 32, 54, 54, 60, 61, 90):
        fixed_clock(NOON + shift * DAY)
        counts.append(len(await remind(db, databases, settings)))

    assert counts == [0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3]


async def test_a_paper_that_another_follows_is_not_spoken_of(
    db: AsyncSession, cast: Cast, databases: Databases, settings: Settings
) -> None:
    licence = await build.make_qualification(db, "Certiphyto", kind="certiphyto")
    end = TODAY + 20 * DAY
    await build.make_paper(db, cast.tom, licence, end=end)
    later = await build.make_paper(db, cast.tom, licence, start=end, is_to_check=True)
    assert len(await remind(db, databases, settings)) == 1  # nobody has looked at it yet

    later.is_to_check = False
    await db.execute(sa.delete(OutgoingMail))

    assert await remind(db, databases, settings) == []


async def test_who_left_or_has_no_address_is_not_written_to(
    db: AsyncSession, cast: Cast, databases: Databases, settings: Settings
) -> None:
    licence = await build.make_qualification(db, "Certiphyto", kind="certiphyto")
    silent = await build.make_person(db)
    await build.make_membership(db, silent, cast.home)
    for person in (cast.zoe, silent):
        await build.make_paper(db, person, licence, end=TODAY + 20 * DAY)

    assert await remind(db, databases, settings) == []


async def test_managers_see_the_papers_of_their_own_people(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    licence = await build.make_qualification(db, "Certiphyto", kind="certiphyto")
    for person in (cast.lea, cast.tom, cast.zoe):
        await build.make_paper(db, person, licence, end=TODAY + 20 * DAY)
    await db.commit()

    seen = {
        name: {
            person
            for person in ("Léa", "Lea", "Tom", "Zoe")
            if person in (await (await browse(name)).page("/papiers")).one("main").text
        }
        for name in ("ines", "paul", "gaston")
    }

    assert seen == {"ines": {"Lea", "Tom"}, "paul": {"Tom"}, "gaston": {"Lea"}}


@pytest.mark.parametrize(
    ("today", "late"), [("2026-05-01", "à faire"), ("2026-05-02", "en retard")]
)
async def test_the_medical_visit_is_due_three_months_after_the_start(
    browse: Callable[..., Any],
    cast: Cast,
    fixed_clock: Callable[[dt.datetime], None],
    today: str,
    late: str,
) -> None:
    fixed_clock(dt.datetime.combine(day(today), dt.time(11), dt.UTC))

    page = await (await browse("paul")).page("/papiers")

    (line,) = page.all(data_missing=str(cast.tom.id))
    assert "1er mai" in line.text
    assert "Visite médicale" in line.text
    assert late in line.text


async def test_who_has_had_the_visit_is_not_asked_for_it(
    browse: Callable[..., Any], db: AsyncSession, cast: Cast
) -> None:
    visit = await build.make_qualification(db, "Visite", kind="medical_visit")
    await build.make_paper(db, cast.tom, visit, start=day("2026-03-01"), end=day("2031-03-01"))
    await db.commit()

    page = await (await browse("paul")).page("/papiers")

    assert page.all(data_missing=str(cast.tom.id)) == []
