"""Secrets around lea, each in one place only: reports, grids, her own figures."""

import datetime as dt
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import AssessmentAnswers, Level, ReportNote, Side, Visit
from couveuse.trainees.models import Agreement
from couveuse.trainees.models import Path as WayIn
from tests import build
from tests.cast import Cast
from tests.conftest import NOON
from tests.followup.hidden_sessions import make_session_secrets
from tests.followup.told import Secrets, store_photo

OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
DAY = NOON.replace(hour=9)


async def make_secrets(db: AsyncSession, cast: Cast, folder: Path) -> Secrets:
    """Around lea: a report of each level with all its parts, a grid that both answered, her own
    figures, and the sessions where she is with others."""
    made = Secrets(asked=dict.fromkeys(("q", "recherche"), "texte"))
    made.values = {
        "person_id": [cast.lea.id],
        "signer_id": [cast.lea.id, cast.marc.id],
        "structure_id": [cast.home.id],
        "site_id": [cast.farm.id],
        "path_id": list(await db.scalars(sa.select(WayIn.id))),
        "agreement_id": list(await db.scalars(sa.select(Agreement.id))),
        "stem": ["parcelles"],
        "filename": ["parcelles.csv", "parcelles.xlsx"],
    }
    await _make_reports(db, cast, made, folder)
    await _make_figures(db, cast, made)
    made.words += ["grille-person", "grille-mentor"]
    made.values["assessment_id"] = [await _answered(db, cast)]
    await make_session_secrets(db, cast, made, folder)
    await db.commit()
    return made


async def _make_reports(db: AsyncSession, cast: Cast, made: Secrets, folder: Path) -> None:
    visits: dict[Level, Visit] = {}
    for number, level in enumerate(Level):
        visits[level] = visit = await build.make_visit(db, cast.lea, cast.marc, DAY)
        name = await store_photo(db, folder, f"{number}a")
        made.files[name] = f"photo-{level}"
        texts = dict.fromkeys(("seen", "said", "advice", "mood"), f"Le texte-{level}.")
        photos = [{"file": name, "place": [f"lieu-{level}", 1.98]}]
        report = await build.make_report(db, visit, cast.marc, level, photos=photos, **texts)
        owner = cast.lea if level == Level.SHARED else cast.marc
        await build.make_step(db, cast.lea, owner, report, what=f"Semer action-{level}")
        made.words += [f"{part}-{level}" for part in ("texte", "action", "lieu")]
        if level == Level.SHARED:
            report.committee_text = "Le comité-shared."
            note = {"author_id": cast.lea.id, "kind": "comment", "text": "La note-shared."}
            db.add(ReportNote(report_id=report.id, written_at=NOON, **note))
    made.words += ["comité-shared", "note-shared"]
    made.values["visit_id"] = [visit.id for visit in visits.values()]
    made.values["sha256"] = list(made.files)


async def _make_figures(db: AsyncSession, cast: Cast, made: Secrets) -> None:
    """November is opened to marc alone, without its hours; October is not."""
    for month, word, amount in ((NOVEMBER, "novembre", "7391"), (OCTOBER, "octobre", "8264")):
        outlet = await build.make_heading(db, cast.lea, f"vente-{word}", place=month.month)
        await build.make_month(db, cast.lea, month, {outlet: amount}, words=f"Dit en mots-{word}.")
        made.words += [f"vente-{word}", f"mots-{word}"]
        made.values.setdefault("heading_id", []).append(outlet.id)
    await build.make_figure_share(db, cast.lea, NOVEMBER, reader=cast.marc)
    made.values["month"] = ["2026-10", "2026-11"]
    made.values["sheet"] = ["chiffres.xlsx", "detail.csv", "mois.csv"]


async def _answered(db: AsyncSession, cast: Cast) -> int:
    assessment = await build.make_assessment(db, cast.lea, cast.lea)
    code = (await db.scalars(sa.select(build.GridVersion.criteria))).first()[0]["code"]
    for side, author in ((Side.PERSON, cast.lea), (Side.MENTOR, cast.marc)):
        said = {code: {"level": 1, "comment": f"La grille-{side}."}}
        answers = {"side": side, "author_id": author.id, "said": said, "given_at": NOON}
        db.add(AssessmentAnswers(assessment_id=assessment.id, **answers))
        await db.flush()  # the person first, the database insists
    return assessment.id
