"""Words that ask for a second look, and the text that is signed."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.followup.models import Level
from couveuse.followup.queries import get_report, list_steps_of_report, load_visit
from couveuse.followup.rules import SUBJECTS, sensitive_words
from couveuse.followup.signed import signed_text
from tests import build
from tests.cast import Cast
from tests.followup.conftest import make_report

WORDS = [
    ("Elle est en dépression depuis mars", [("dépression", "health")]),
    ("DEPRESSION", [("DEPRESSION", "health")]),
    ("She is pregnant", [("pregnant", "health")]),
    ("Il va à la mosquée", [("mosquée", "belief")]),
    ("Ses origines étrangères", [("étrangères", "origin")]),
    ("Adhérente au syndicat", [("syndicat", "opinion")]),
    ("Il est paresseux et malade", [("paresseux", "judgement"), ("malade", "health")]),
    ("malade, malade et malade", [("malade", "health")]),
    ("Les romarins sont beaux, la race de brebis aussi", [("race", "origin")]),
    ("Mildiou sur les tomates, filet à poser", []),
    ("Médiateur, votre voisin, dévoté", []),
    ("", []),
    (None, []),
]


@pytest.mark.parametrize(("text", "found"), WORDS)
def test_words_that_ask_for_a_second_look(text: str | None, found: list[tuple[str, str]]) -> None:
    assert sensitive_words(text) == found
    assert {subject for _, subject in found} <= set(SUBJECTS)


async def test_the_signed_text_says_everything_in_french_whatever_the_reader_speaks(
    db: AsyncSession, cast: Cast
) -> None:
    made, written = await make_report(
        db, cast, Level.SHARED, said="La bâche tient.", photos=[{"file": "ab", "place": [46.5, 2]}]
    )
    await build.make_step(db, cast.lea, cast.marc, written, what="Apporter la pige")
    visit = await load_visit(db, made.id)
    report = await get_report(db, cast.actors["lea"], visit)

    text = signed_text(visit, report, await list_steps_of_report(db, report))

    assert text == (
        f"Compte rendu de visite n° {visit.id}\n\n"
        "Personne en test : Lea Essai\n"
        "Visite faite par : Marc Essai\n"
        "Compte rendu écrit par : Marc Essai\n"
        "Début : 2026-11-24 12:00 (Europe/Paris)\n"
        "Durée : 90 minutes\n"
        "Nature : technique\n"
        "Forme : Sur place\n"
        "Personnes : Marc Essai (présent·e), Lea Essai (présent·e)\n"
        "Thèmes : Sol\n\n"
        "Vu\nLes planches sont propres.\n\n"
        "Dit par la personne\nLa bâche tient.\n\n"
        "Convenu\n- Apporter la pige (Marc Essai)\n\n"
        "Photos\n- ab (46.5, 2)\n"
    )
