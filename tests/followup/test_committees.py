"""Progress committees, page by page: called, prepared, held, and their minutes closed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.mail import OutgoingMail
from couveuse.followup import actions, tasks
from couveuse.followup.models import (
    AgreedStep,
    Level,
    ProgressAddition,
    ProgressCommittee,
    ProgressMember,
    ProgressReview,
    ProgressSignature,
    StepState,
)
from couveuse.followup.signed import hash_of
from couveuse.people.models import Person
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.followup.conftest import DAY, Group, make_report
from tests.followup.steps import made
from tests.followup.test_locks import broken
from tests.html import parse
from tests.photos import taken_upright

Browse = Callable[..., Any]
COMMITTEES = "/comites-de-suivi"
CALL = {"starts_at": "2026-12-01T14:00", "duration_minutes": "60", "mode": "video"}
MINUTES = {
    "minutes": "Léa a dit où elle en est.",
    "decision": "continue",
    "reasons": "Les ventes tiennent le plan.",
}


async def call(browser: Browser, *people: Person, **fields: Any) -> str:
    """The address of a session that is planned."""
    sent = CALL | {"person_ids": [one.id for one in people], **fields}
    answer = await browser.post(COMMITTEES, sent)
    assert made(answer), answer.text
    return answer.headers["location"]


async def review_of(db: AsyncSession, person: Person) -> str:
    """The address of the last review of somebody."""
    query = sa.select(ProgressReview.id).where(ProgressReview.person_id == person.id)
    found = await db.scalar(query.order_by(ProgressReview.id.desc()).limit(1))
    return f"{COMMITTEES}/bilans/{found}"


@pytest_asyncio.fixture
async def held(db: AsyncSession, cast: Cast) -> ProgressReview:
    """A session of yesterday about lea, where marc, rosa and ines were."""
    session = await build.make_progress(
        db, cast.home, cast.ines, NOON - DAY, cast.marc, cast.rosa, cast.ines, state="held"
    )
    review = await build.make_review(db, session, cast.lea)
    await db.commit()
    return review


# ---------------------------------------------------------------- from the call to the minutes


async def test_a_committee_from_its_call_to_its_minutes(
    browse: Browse, db: AsyncSession, cast: Cast, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    marc, lea, ines = await browse("marc"), await browse("lea"), await browse("ines")
    session = await call(marc, cast.lea)
    review = await review_of(db, cast.lea)

    said = {"went_well": "Les paniers.", "hard": "Les semaines de juin."}
    assert made(await lea.post(f"{review}/bilan", said))
    assert "Les paniers." not in (await marc.page(review)).text
    assert made(await lea.post(f"{review}/bilan", said | {"is_ready": "on"}))
    assert "Les paniers." in (await marc.page(review)).text

    fixed_clock(NOON + 7 * DAY)
    record = (await marc.page(session)).one("form", action=f"{session}/tenue")
    fields = {one["name"]: "present" for one in record.all("select", name=None)}
    assert made(await marc.post(f"{session}/tenue", fields))
    assert (await lea.post(f"{review}/bilan", said)).status_code == 422

    step = {
        "step_what_1": "Chiffrer un deuxième tunnel",
        "step_owner_1": cast.lea.id,
        "step_due_1": "2027-01-15",
    }
    sent = MINUTES | step | {"version": 0, "next_on": "2027-05-03"}
    assert made(await marc.post(f"{review}/compte-rendu", sent))
    assert "Les ventes tiennent le plan." not in (await lea.page(review)).text
    assert (await lea.get(f"{review}/compte-rendu.pdf")).status_code == 404
    assert made(await ines.post(f"{review}/cloture", {"version": 1}))

    page = await lea.page(review)
    assert "Les ventes tiennent le plan." in page.text
    assert "Chiffrer un deuxième tunnel" in (await lea.page("/")).text
    pdf = await lea.get(f"{review}/compte-rendu.pdf")
    assert pdf.content.startswith(b"%PDF")
    text_hash = page.one("input", name="text_hash")["value"]
    assert (await lea.post(f"{review}/signature", {"text_hash": "0" * 64})).status_code == 422
    assert (
        "Le point sur mon test" in (await lea.page("/")).one("li", data_minutes_to_sign=None).text
    )
    assert made(await lea.post(f"{review}/signature", {"text_hash": text_hash}))
    assert made(await lea.post(f"{review}/signature", {"text_hash": text_hash}))
    assert (await lea.page("/")).all("li", data_minutes_to_sign=None) == []
    signed = (await marc.page(review)).all("li", data_signature=None)
    assert [one["data-signature"] for one in signed] == [str(cast.ines.id), str(cast.lea.id)]
    assert all(text_hash in one.text for one in signed)
    assert made(await lea.post(f"{review}/ajouts", {"text": "C'était le tunnel 3.", "once": "k1"}))
    assert made(await lea.post(f"{review}/ajouts", {"text": "C'était le tunnel 3.", "once": "k1"}))
    page = await marc.page(review)
    assert len(page.all("li", data_addition=None)) == 1
    assert (await marc.post(f"{review}/compte-rendu", sent)).status_code == 422
    timeline = await lea.page(f"/testeurs/{cast.lea.id}?nature=suivi")
    assert "Comité de suivi : Continuer" in timeline.text


async def test_the_same_form_sent_twice_calls_one_session(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    ines = await browse("ines")

    first = await call(ines, cast.lea, cast.tom, once="abc")
    again = await call(ines, cast.lea, cast.tom, once="abc")

    assert first == again
    assert await db.scalar(sa.select(sa.func.count()).select_from(ProgressCommittee)) == 1
    members = list(await db.scalars(sa.select(ProgressMember.person_id)))
    assert members == sorted([cast.ines.id, cast.marc.id])


async def test_minutes_unfinished_are_not_closed(browse: Browse, held: ProgressReview) -> None:
    ines = await browse("ines")
    review = f"{COMMITTEES}/bilans/{held.id}"
    sent = MINUTES | {"decision": "continue_if", "version": 0}
    assert made(await ines.post(f"{review}/compte-rendu", sent))

    answer = await ines.post(f"{review}/cloture", {"version": 1})

    assert answer.status_code == 422
    assert "Dites les conditions avant de clore." in parse(answer.text).text


async def test_who_wrote_over_another_text_sees_both(browse: Browse, held: ProgressReview) -> None:
    ines, marc = await browse("ines"), await browse("marc")
    review = f"{COMMITTEES}/bilans/{held.id}"
    assert made(await ines.post(f"{review}/compte-rendu", MINUTES | {"version": 0}))

    mine = MINUTES | {"minutes": "Mon texte à moi", "version": 0}
    answer = await marc.post(f"{review}/compte-rendu", mine)

    page = parse(answer.text)
    assert answer.status_code == 422
    assert "Léa a dit où elle en est." in page.text
    assert "Mon texte à moi" in page.one("textarea", name="minutes").text
    assert page.one("input", name="version")["value"] == "1"
    assert (await marc.post(f"{review}/cloture", {"version": 0})).status_code == 422


async def test_the_preparation_holds_what_is_there_and_no_word_of_a_report(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    await make_report(
        db, cast, Level.SHARED, seen="Zinnia", committee_text="Le plan de culture tient."
    )
    await build.make_step(db, cast.lea, cast.lea, what="Poser les filets")
    closed = {"state": StepState.DONE, "changed_at": NOON, "changed_by_id": cast.lea.id}
    await build.make_step(db, cast.lea, cast.marc, what="Prêter la herse", **closed)
    session = await build.make_progress(db, cast.home, cast.ines, NOON + DAY, cast.rosa)
    await build.make_review(db, session, cast.lea)
    await db.commit()

    page = await (await browse("rosa")).page(await review_of(db, cast.lea))

    for words in (
        "Le plan de culture tient.",
        "1 visite, 1 h 30",
        "Poser les filets",
        "Prêter la herse",
        "CAPE",
    ):
        assert words in page.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Zinnia" not in page.text


# ---------------------------------------------------------------- who reads


READS_REVIEW = {"lea", "marc", "denis", "odile", "luc", "ines", "rosa"}


async def test_who_reads_of_a_review(
    browse: Browse, db: AsyncSession, cast: Cast, group: Group
) -> None:
    """Lea and tom pass on the same session; rosa sits there."""
    session = await build.make_progress(
        db, cast.home, cast.ines, NOON - DAY, cast.rosa, state="held"
    )
    secret = {"said": {"need": "Zinnia"}, "ready_at": NOON - 2 * DAY}
    closed = {"closed_at": NOON, "closed_by_id": cast.ines.id}
    await build.make_review(db, session, cast.lea, **secret, **MINUTES, **closed)
    await build.make_review(db, session, cast.tom, said={"need": "Dahlia"}, ready_at=NOON)
    await db.commit()
    address = await review_of(db, cast.lea)
    others = {"denis": group.denis, "odile": group.odile, "hans": group.hans, "luc": group.manager}
    read: set[str] = set()
    for name in ("lea", "marc", "rosa", "paul", "ines", "tom", "gaston", "zoe", *others):
        browser = await browse(others.get(name, name))
        answer = await browser.get(address)
        if answer.status_code == 200:
            assert "Zinnia" in answer.text
            assert "Dahlia" not in answer.text
            read.add(name)
        if name in ("lea", "tom"):
            page = await browser.page(f"{COMMITTEES}/{session.id}")
            other = "Tom" if name == "lea" else "Lea"
            assert other not in page.one("main").text

    assert read == READS_REVIEW


@pytest.mark.parametrize(
    ("days", "state", "reads"),
    [
        (2, "planned", True),
        (-30, "held", True),
        (-31, "held", False),
        (2, "cancelled", False),
    ],
)
async def test_what_an_invitation_lets_read_ends_by_itself(
    days: int, state: str, reads: bool, browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    session = await build.make_progress(
        db, cast.home, cast.ines, NOON + days * DAY, cast.gaston, state=state
    )
    await build.make_review(db, session, cast.lea)
    await db.commit()
    gaston = await browse("gaston")

    answer = await gaston.get(await review_of(db, cast.lea))

    assert answer.status_code == (200 if reads else 404)


async def test_an_invitation_that_is_removed_lets_read_no_more(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    ines, gaston = await browse("ines"), await browse("gaston")
    session = await call(ines, cast.lea)
    review = await review_of(db, cast.lea)
    assert (await gaston.get(review)).status_code == 404
    assert made(await ines.post(f"{session}/membres", {"member_id": cast.gaston.id}))
    assert (await gaston.get(review)).status_code == 200
    readings = await ines.page(f"/testeurs/{cast.lea.id}/lectures")
    assert "Gaston" in readings.text

    seat = await db.scalar(
        sa.select(ProgressMember.id).where(ProgressMember.person_id == cast.gaston.id)
    )
    assert made(await ines.post(f"{session}/membres/{seat}/retrait"))

    assert (await gaston.get(review)).status_code == 404


async def test_whoever_is_reviewed_sits_on_no_other_side(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    """Not by the pages, and not even when a row says so."""
    ines, tom = await browse("ines"), await browse("tom")
    session = await call(ines, cast.lea, cast.tom)
    answer = await ines.post(f"{session}/membres", {"member_id": cast.tom.id})
    assert answer.status_code == 422
    committee_id = int(session.rpartition("/")[2])
    db.add(ProgressMember(committee_id=committee_id, person_id=cast.tom.id, invited_at=NOON))
    await db.commit()
    leas = sa.select(ProgressReview.id).where(ProgressReview.person_id == cast.lea.id)

    assert (await tom.get(f"{COMMITTEES}/bilans/{await db.scalar(leas)}")).status_code == 404


async def test_the_grids_are_for_the_members_when_the_person_says_so(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    from couveuse.followup.models import AssessmentAnswers, Side

    assessment = await build.make_assessment(db, cast.lea, cast.lea)
    said = {"sol": {"level": 1, "comment": "Zinnia"}}
    for side, author in ((Side.PERSON, cast.lea), (Side.MENTOR, cast.marc)):
        answers = {"side": side, "author_id": author.id, "said": said, "given_at": NOON}
        db.add(AssessmentAnswers(assessment_id=assessment.id, **answers))
        await db.flush()
    session = await build.make_progress(db, cast.home, cast.ines, NOON + DAY, cast.rosa)
    await build.make_review(db, session, cast.lea)
    await db.commit()
    rosa, lea = await browse("rosa"), await browse("lea")
    review = await review_of(db, cast.lea)
    assert (await rosa.page(review)).all("figure") == []

    assert made(await lea.post(f"{review}/bilan", {"shows_grids": "on"}))

    page = await rosa.page(review)
    assert len(page.all("figure")) == 1
    assert "Zinnia" not in page.text


# ---------------------------------------------------------------- mails and reminders


async def test_everybody_is_told_and_no_mail_names_who_is_reviewed(
    browse: Browse, cast: Cast, tell_mails: Callable[[], Any]
) -> None:
    ines = await browse("ines")
    session = await call(ines, cast.lea, place="https://visio.example/salle")
    guest = {"guest": "Anne Martin, MSA", "guest_email": "anne@msa.example"}
    assert made(await ines.post(f"{session}/membres", guest))
    assert made(await ines.post(f"{session}/annulation", {"reason": "Grippe de l'animatrice"}))

    mails: list[OutgoingMail] = await tell_mails()

    to = [(one.recipient, one.subject.partition(" ")[0]) for one in mails]
    assert sorted(one.recipient for one in mails) == [
        "anne@msa.example",
        "anne@msa.example",
        "lea@couveuse.example",
        "lea@couveuse.example",
        "marc@couveuse.example",
        "marc@couveuse.example",
    ], to
    for one in mails:
        if one.recipient != "lea@couveuse.example":
            assert "Lea" not in one.subject + one.body
        if one.recipient == "anne@msa.example":
            assert "/comites-de-suivi" not in one.body


async def test_another_hour_asks_everybody_anew_and_the_same_one_nobody(
    db: AsyncSession, browse: Browse, cast: Cast, tell_mails: Callable[[], Any]
) -> None:
    ines, marc = await browse("ines"), await browse("marc")
    session = await call(ines, cast.lea)
    assert made(await marc.post(f"{session}/reponse", {"coming": "no"}))
    answers = sa.select(ProgressMember.presence, ProgressMember.answered_at.is_not(None)).where(
        ProgressMember.person_id == cast.marc.id
    )
    sent = len(await tell_mails())

    assert made(await ines.post(f"{session}/deplacement", CALL))
    assert len(await tell_mails()) == sent
    assert (await db.execute(answers)).one() == ("excused", True)

    assert made(await ines.post(f"{session}/deplacement", CALL | {"place": "Salle 2"}))
    assert (await db.execute(answers)).one() == ("excused", True)

    later = CALL | {"place": "Salle 2", "starts_at": "2026-12-03T14:00"}
    assert made(await ines.post(f"{session}/deplacement", later))
    assert (await db.execute(answers)).one() == ("expected", False)
    assert len(await tell_mails()) > sent


async def test_reminders_come_once_a_month_before_and_ten_days_after(
    db: AsyncSession, cast: Cast, fixed_clock: Callable[[dt.datetime], None]
) -> None:
    """Lea entered on 1 February 2026: 12 months are due on 1 February 2027; tom likewise."""

    async def reminded() -> list[tuple[str, str]]:
        await tasks.remind(db, "http://x")
        await tasks.remind(db, "http://x")
        mails = await db.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id))
        return [(one.recipient.partition("@")[0], one.subject) for one in mails]

    session = await build.make_progress(
        db, cast.home, cast.ines, dt.datetime(2026, 8, 3, 9, tzinfo=dt.UTC), state="held"
    )
    await build.make_review(db, session, cast.lea)
    await build.make_review(db, session, cast.tom)
    await db.flush()
    fixed_clock(dt.datetime(2026, 8, 12, 9, tzinfo=dt.UTC))
    assert await reminded() == []
    fixed_clock(dt.datetime(2026, 8, 13, 9, tzinfo=dt.UTC))
    late = await reminded()
    assert sorted(who for who, _ in late) == ["ines", "marc", "paul"]

    fixed_clock(dt.datetime(2026, 12, 31, 9, tzinfo=dt.UTC))
    assert await reminded() == late
    fixed_clock(dt.datetime(2027, 1, 1, 9, tzinfo=dt.UTC))
    soon = (await reminded())[len(late) :]
    assert sorted(who for who, _ in soon) == ["ines", "marc", "paul"]
    assert all("à prévoir" in subject for _, subject in soon)


async def test_who_is_due_stands_on_the_page_and_at_home(browse: Browse, cast: Cast) -> None:
    """The 6 months of lea passed in August without a session."""
    marc, ines, lea = await browse("marc"), await browse("ines"), await browse("lea")

    assert [one["data-due"] for one in (await marc.page(COMMITTEES)).all("li", data_due=None)] == [
        str(cast.lea.id)
    ]
    assert len((await ines.page(COMMITTEES)).all("li", data_due=None)) == 2
    home = (await marc.page("/")).one("li", data_due=str(cast.lea.id))
    assert "en retard" in home.text
    assert "août 2026" in (await lea.page(COMMITTEES)).text.replace("\u00a0", " ")
    await call(marc, cast.lea)
    assert (await marc.page("/")).all("li", data_due=None) == []


# ---------------------------------------------------------------- what the database keeps


CLOSED = "progress_minutes_closed"
LOCKED = (
    ("UPDATE progress_review SET minutes = 'autre' WHERE id = :review", CLOSED),
    ("UPDATE progress_review SET decision = 'stop' WHERE id = :review", CLOSED),
    ("UPDATE progress_review SET closed_at = NULL WHERE id = :review", CLOSED),
    ('UPDATE progress_review SET said = \'{"hard": "x"}\' WHERE id = :review', CLOSED),
    ("DELETE FROM progress_review WHERE id = :review", CLOSED),
    ("UPDATE progress_committee SET starts_at = now() WHERE id = :committee", CLOSED),
    ("UPDATE progress_committee SET state = 'planned' WHERE id = :committee", CLOSED),
    ("UPDATE progress_member SET presence = 'absent' WHERE committee_id = :committee", CLOSED),
    ("DELETE FROM progress_member WHERE committee_id = :committee", CLOSED),
    ("UPDATE agreed_step SET what = 'autre' WHERE review_id = :review", CLOSED),
    ("UPDATE agreed_step SET review_id = NULL WHERE review_id = :review", CLOSED),
    ("DELETE FROM agreed_step WHERE review_id = :review", CLOSED),
    ("UPDATE progress_addition SET text = 'autre' WHERE review_id = :review", CLOSED),
    ("UPDATE progress_review SET signed_text = 'autre' WHERE id = :review", CLOSED),
    ("UPDATE progress_review SET signed_text = NULL WHERE id = :review", CLOSED),
    ("UPDATE progress_signature SET name = 'autre' WHERE review_id = :review", CLOSED),
    ("DELETE FROM progress_signature WHERE review_id = :review", CLOSED),
    (
        (
            "INSERT INTO progress_signature (review_id, person_id, name, signed_at, text_hash)"
            " SELECT :review, committee_id, 'x', now(), repeat('0', 64) FROM progress_review"
        ),
        "progress_signature_of_its_text",
    ),
)


async def close(db: AsyncSession, cast: Cast, review: ProgressReview) -> None:
    db.add(
        AgreedStep(
            person_id=cast.lea.id,
            owner_id=cast.lea.id,
            review_id=review.id,
            what="Chiffrer",
            created_by_id=cast.ines.id,
        )
    )
    await db.flush()
    await db.execute(
        sa.update(ProgressReview)
        .where(ProgressReview.id == review.id)
        .values(**MINUTES, closed_at=NOON, closed_by_id=cast.ines.id)
    )
    await db.refresh(review)
    await actions.sign_minutes(db, cast.actors["lea"], review)
    note = {"review_id": review.id, "author_id": cast.lea.id, "text": "oui", "written_at": NOON}
    db.add(ProgressAddition(**note))
    await db.flush()


async def test_closed_minutes_are_locked(
    db: AsyncSession, cast: Cast, held: ProgressReview
) -> None:
    await close(db, cast, held)

    for statement, constraint in LOCKED:
        values = {"review": held.id, "committee": held.committee_id}
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        assert await broken(db, statement, **used) == constraint, statement
    await db.execute(sa.text("UPDATE progress_review SET read_at = now()"))
    await db.execute(sa.text("UPDATE agreed_step SET state = 'done' WHERE review_id IS NOT NULL"))


REFUSED = (
    (
        "UPDATE progress_review SET signed_text = 'x' WHERE id = :held",
        "progress_review_signed_once_closed",
    ),
    (
        (
            "UPDATE progress_review SET minutes = 'x', decision = 'continue', reasons = 'x',"
            " closed_at = now() WHERE id = :held"
        ),
        "progress_review_closed_whole",
    ),
    (
        (
            "UPDATE progress_review SET minutes = 'x', decision = 'continue_if', reasons = 'x',"
            " closed_at = now(), closed_by_id = :ines WHERE id = :held"
        ),
        "progress_review_conditions_said",
    ),
    (
        (
            "UPDATE progress_review SET minutes = 'x', decision = 'continue', reasons = 'x',"
            " closed_at = now(), closed_by_id = :ines WHERE id = :planned"
        ),
        "progress_minutes_after_session",
    ),
    (
        "UPDATE progress_review SET shows_grids = true WHERE id = :held",
        "progress_self_review_until_held",
    ),
    (
        (
            "INSERT INTO agreed_step (person_id, owner_id, what, created_by_id, review_id)"
            " VALUES (:tom, :tom, 'x', :ines, :held)"
        ),
        "agreed_step_of_the_person_reviewed",
    ),
    (
        "INSERT INTO progress_member (committee_id, invited_at) VALUES (:session, now())",
        "progress_member_person_or_guest",
    ),
    (
        "INSERT INTO progress_review (committee_id, person_id) VALUES (:session, :lea)",
        "progress_review_once",
    ),
)


async def test_what_the_tables_refuse(db: AsyncSession, cast: Cast, held: ProgressReview) -> None:
    session = await build.make_progress(db, cast.home, cast.ines, NOON + DAY)
    planned = await build.make_review(db, session, cast.lea)
    ids = {"held": held.id, "planned": planned.id, "session": session.id}
    ids |= {name: cast.person(name).id for name in ("ines", "lea", "tom")}

    for statement, constraint in REFUSED:
        used = {name: value for name, value in ids.items() if f":{name}" in statement}
        assert await broken(db, statement, **used) == constraint, statement


async def test_what_is_signed_holds_every_word_and_fact(
    browse: Browse, db: AsyncSession, cast: Cast, held: ProgressReview
) -> None:
    ines = await browse("ines")
    review = f"{COMMITTEES}/bilans/{held.id}"
    step = {"step_what_1": "Chiffrer un tunnel", "step_owner_1": cast.lea.id}
    sent = MINUTES | step | {"version": 0, "next_on": "2027-05-03", "decision": "continue_if"}
    assert made(await ines.post(f"{review}/compte-rendu", sent | {"conditions": "Comptes à jour"}))
    assert made(await ines.post(f"{review}/cloture", {"version": 1}))

    await db.refresh(held)
    text = str(held.signed_text)

    for words in (
        f"Compte rendu de comité de suivi n° {held.id}",
        "Personne en test : Lea Essai",
        "Rosa",
        "Clos par : Ines",
        *(str(one) for one in MINUTES.values() if one != "continue"),
        "Continuer, à des conditions",
        "Comptes à jour",
        "- Chiffrer un tunnel (Lea Essai)",
        "2027-05-03",
    ):
        assert words in text
    (signature,) = (await db.scalars(sa.select(ProgressSignature))).all()
    assert (signature.person_id, signature.text_hash) == (cast.ines.id, hash_of(text))


async def test_minutes_signed_on_paper_keep_the_sheet(
    browse: Browse, db: AsyncSession, cast: Cast, held: ProgressReview
) -> None:
    await build.make_minutes(db, held, cast.ines)
    await db.commit()
    ines, lea, rosa = await browse("ines"), await browse("lea"), await browse("rosa")
    review = f"{COMMITTEES}/bilans/{held.id}"
    address, sent = f"{review}/signature-papier", {"signed_on": "2026-11-25"}
    sheet = {"scan": ("feuille.jpg", taken_upright((40, 20)), "image/jpeg")}

    for fields, files in (
        ({}, sheet),
        ({"signer_ids": cast.ines.id}, sheet),
        ({"signer_ids": cast.tom.id}, sheet),
        ({"signer_ids": cast.lea.id}, None),
        ({"signer_ids": cast.lea.id, "signed_on": "2026-11-01"}, sheet),
        ({"signer_ids": cast.lea.id, "text_hash": "0" * 64}, sheet),
    ):
        assert (await ines.post(address, sent | fields, files=files)).status_code == 422
    assert (await rosa.post(address, sent, files=sheet)).status_code == 403
    assert made(await ines.post(address, sent | {"signer_ids": cast.lea.id}, files=sheet))
    again = await ines.post(address, sent | {"signer_ids": cast.lea.id}, files=sheet)
    assert again.status_code == 422

    line = (await lea.page(review)).one("li", data_signature=str(cast.lea.id))
    assert "Signé sur papier" in line.text
    assert (await lea.get(line.one("a")["href"])).headers["content-type"] == "image/jpeg"
    assert (await (await browse("tom")).get(f"{address}/{cast.lea.id}")).status_code == 404


# ---------------------------------------------------------------- one for each date that is due


async def test_a_second_session_for_the_same_date_is_refused(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    """Lea entered in February: on 1 December and on 15 December a session is for her 6 months; in
    January for her 12."""
    ines = await browse("ines")
    first = await call(ines, cast.lea)
    second = CALL | {"starts_at": "2026-12-15T14:00", "person_ids": [cast.lea.id, cast.tom.id]}

    answer = await ines.post(COMMITTEES, second)

    assert answer.status_code == 422
    assert "Lea Essai a déjà un comité de suivi prévu le " in parse(answer.text).text
    later = await call(ines, cast.lea, starts_at="2027-01-10T14:00")
    moved = CALL | {"starts_at": "2026-12-20T14:00"}
    assert (await ines.post(f"{later}/deplacement", moved)).status_code == 422
    assert made(await ines.post(f"{first}/annulation", {"reason": "Neige"}))
    assert made(await ines.post(f"{later}/deplacement", moved))
    other = await call(ines, cast.tom)
    answer = await ines.post(f"{other}/personnes", {"person_id": cast.lea.id})
    assert answer.status_code == 422


async def test_two_sessions_for_one_date_are_refused_by_the_table(
    db: AsyncSession, cast: Cast
) -> None:
    for number in (1, 2):
        session = await build.make_progress(db, cast.home, cast.ines, NOON + number * DAY)
        await build.make_review(db, session, cast.lea)
    on = "UPDATE progress_review SET milestone_on = '2027-02-01'"

    assert await broken(db, on) == "progress_review_planned_once"


async def test_the_list_names_whom_each_session_was_about(
    browse: Browse, db: AsyncSession, cast: Cast, held: ProgressReview
) -> None:
    """Only to those who may read of them."""
    await build.make_review(
        db, await build.make_progress(db, cast.home, cast.ines, NOON + DAY), cast.tom
    )
    extra = await db.get_one(ProgressCommittee, held.committee_id)
    await build.make_review(db, extra, cast.tom)
    await db.commit()

    named = [one.text for one in (await (await browse("ines")).page(COMMITTEES)).all("li")]
    assert sum("Lea Essai, Tom" in one for one in named) == 1
    assert "Tom" not in (await (await browse("lea")).page(COMMITTEES)).one("main").text


async def test_people_of_another_structure_are_not_theirs_to_review(
    browse: Browse, db: AsyncSession, cast: Cast
) -> None:
    paul = await browse("paul")

    answer = await paul.post(COMMITTEES, CALL | {"person_ids": [cast.lea.id]})

    assert answer.status_code == 422
    assert await db.scalar(sa.select(sa.func.count()).select_from(ProgressCommittee)) == 0
