"""What every page, paper and list tells a reader of words that are not for everybody."""

import datetime as dt
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import sqlalchemy as sa
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.files import StoredFile
from couveuse.followup.models import AssessmentAnswers, Level, Report, ReportNote, Side, Visit
from couveuse.trainees.models import Agreement
from couveuse.trainees.models import Path as WayIn
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.guards.doors import Door

NOVEMBER = dt.date(2026, 11, 1)
DAY = NOON.replace(hour=9)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDLESS = {"equipment.live"}


@dataclass(slots=True)
class Secrets:
    """Around lea: a report of each level with all its parts, a grid that both answered."""

    visits: dict[Level, Visit] = field(default_factory=dict)
    reports: dict[Level, Report] = field(default_factory=dict)
    photos: dict[Level, str] = field(default_factory=dict)
    values: dict[str, list[object]] = field(default_factory=dict)
    """What the parameters of addresses may be."""

    @property
    def words(self) -> list[str]:
        """Each stands in one place only; where somebody reads it, the page holds it."""
        of_reports = [f"{part}-{level}" for level in Level for part in ("texte", "action", "lieu")]
        others = (
            "note-shared",
            "comité-shared",
            "grille-person",
            "grille-mentor",
            "vente-novembre",
        )
        return [*of_reports, *others]


async def make_secrets(db: AsyncSession, cast: Cast, folder: Path) -> Secrets:
    made = Secrets()
    for number, level in enumerate(Level):
        visit = await build.make_visit(db, cast.lea, cast.marc, DAY)
        made.photos[level] = name = f"{number}a" * 32
        db.add(StoredFile(sha256=name, media_type="image/jpeg", size=3))
        path = folder / "files" / name[:2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"jpg")
        texts = dict.fromkeys(("seen", "said", "advice", "mood"), f"Le texte-{level}.")
        photos = [{"file": name, "place": [f"lieu-{level}", 1.98]}]
        report = await build.make_report(db, visit, cast.marc, level, photos=photos, **texts)
        owner = cast.lea if level == Level.SHARED else cast.marc
        await build.make_step(db, cast.lea, owner, report, what=f"Semer action-{level}")
        made.visits[level], made.reports[level] = visit, report
    shared = made.reports[Level.SHARED]
    shared.committee_text = "Le comité-shared."
    note = {"author_id": cast.lea.id, "kind": "comment", "text": "La note-shared."}
    db.add(ReportNote(report_id=shared.id, written_at=NOON, **note))
    assessment = await _answered(db, cast)
    outlet = await build.make_heading(db, cast.lea, "vente-novembre")
    await build.make_month(db, cast.lea, NOVEMBER, {outlet: "7391"})
    await build.make_figure_share(db, cast.lea, NOVEMBER, reader=cast.marc)
    values = {
        "visit_id": [visit.id for visit in made.visits.values()],
        "person_id": [cast.lea.id],
        "assessment_id": [assessment],
        "sha256": list(made.photos.values()),
        "structure_id": [cast.home.id],
        "site_id": [cast.farm.id],
        "path_id": list(await db.scalars(sa.select(WayIn.id))),
        "agreement_id": list(await db.scalars(sa.select(Agreement.id))),
        "month": ["2026-11"],
        "sheet": ["chiffres.xlsx", "detail.csv"],
        "stem": ["parcelles"],
        "filename": ["parcelles.csv", "parcelles.xlsx"],
    }
    made.values = {name: list(found) for name, found in values.items()}
    await db.commit()
    return made


async def _answered(db: AsyncSession, cast: Cast) -> int:
    assessment = await build.make_assessment(db, cast.lea, cast.lea)
    code = (await db.scalars(sa.select(build.GridVersion.criteria))).first()[0]["code"]
    for side, author in ((Side.PERSON, cast.lea), (Side.MENTOR, cast.marc)):
        said = {code: {"level": 1, "comment": f"La grille-{side}."}}
        answers = {"side": side, "author_id": author.id, "said": said, "given_at": NOON}
        db.add(AssessmentAnswers(assessment_id=assessment.id, **answers))
        await db.flush()  # the person first, the database insists
    return assessment.id


async def told_to(browser: Browser, doors: list[Door], secrets: Secrets) -> dict[str, set[str]]:
    """By word, the doors behind which it stands."""
    told: dict[str, set[str]] = {}
    for door in doors:
        for address in addresses(door, secrets):
            answer = await browser.get(address)
            text = words_of(answer)
            for word in secrets.words:
                if word in text:
                    told.setdefault(word, set()).add(door.name)
            for level, name in secrets.photos.items():
                if name in address and answer.status_code == 200:
                    told.setdefault(f"photo-{level}", set()).add(door.name)
    return told


def addresses(door: Door, secrets: Secrets) -> list[str]:
    """Each way to fill in the address, and to search; none when it is about something else."""
    if door.method != "GET" or door.name in ENDLESS or set(door.parameters) - set(secrets.values):
        return []
    filled: list[dict[str, object]] = [{}]
    for name in door.parameters:
        filled = [one | {name: value} for one in filled for value in secrets.values[name]]
    plain = [door.at(**one) for one in filled]
    asked = [f"{plain[0]}?{name}=texte" for name in door.questions if name in {"q", "recherche"}]
    return plain + asked


def words_of(answer: Any) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "application/pdf":
        pages = PdfReader(io.BytesIO(answer.content)).pages
        return "\n".join(page.extract_text() for page in pages)
    if kind == XLSX:
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        return "\n".join(str(row) for sheet in book for row in sheet.values)
    return answer.text
