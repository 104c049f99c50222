"""What contracts say, in which papers, and how they are signed on screen."""

import datetime as dt
import io

import pypdf
import pytest
import sqlalchemy as sa

from couveuse.core.errors import NotAllowed, Refused
from couveuse.trainees import actions, contracts, queries
from couveuse.trainees.forms import (
    AmendmentForm,
    PieceForm,
    SignatureForm,
    SuspensionEndForm,
    SuspensionForm,
    contents_form,
)
from couveuse.trainees.models import (
    AgreementDocument,
    AgreementPeriod,
    DocumentKind,
    KeptOnceSigned,
    PaperReplaced,
    SignedAlready,
    SuspendedAlready,
)
from couveuse.trainees.rules import content_keys
from tests import build
from tests.trainees.agreeing import PDF, again, ending, file_scan, renewal, sign

SIRET, OFFICE = "73282932000074", "1 place du Marché, 36400 La Châtre"


@pytest.fixture
async def known(db, cast):
    """The structure with what papers say of it."""
    structure = await db.merge(cast.home)
    structure.siret, structure.registered_office = SIRET, OFFICE
    await db.flush()
    return structure


async def write(db, cast, agreement, *, ready: bool = True, **texts: str) -> None:
    kind = await queries.kind_of(db, agreement)
    keys = content_keys(kind)
    said = {key: f"Ce que dit {key}." for key in keys} | texts
    form = contents_form(keys).model_validate({**said, "is_ready": "on" if ready else ""})
    await actions.write_contents(db, cast.actors["ines"], agreement, form)


async def prepare(db, cast, store, agreement, kind=DocumentKind.CONTRACT, by="ines"):
    made = await actions.make_paper(db, cast.actors[by], store, agreement, kind)
    return await queries.get_document(db, cast.actors["ines"], made.id)


async def put_name(db, cast, store, document, by: str, name: str | None = None, sha256=None):
    form = SignatureForm(typed_name=name or cast.actors[by].name, sha256=sha256 or document.sha256)
    await actions.sign_on_screen(db, cast.actors[by], store, document, form)


def text_of(store, document) -> str:
    data = store.path(document.sha256).read_bytes()
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def codes(refused) -> list[str]:
    return [one.code for one in refused.value.reasons]


# ---------------------------------------------------------------- the points


async def test_it_is_not_complete_until_every_point_is_written(db, cast):
    agreement = await sign(db, cast)
    keys = content_keys(await queries.kind_of(db, agreement))

    for key in keys:
        with pytest.raises(Refused) as refused:
            await write(db, cast, agreement, **{key: ""})
        assert [one.field for one in refused.value.reasons] == [key]

    await write(db, cast, agreement)
    agreement = await again(db, cast, agreement)
    assert agreement.contents_ready_at is not None
    assert set(agreement.contents) == set(keys)


async def test_the_database_wants_every_point_too(db, cast):
    agreement = await build.make_agreement(db, cast.zoe, cast.home, document=None)
    agreement.contents = {"price": "10 %"}
    agreement.contents_ready_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    with pytest.raises(sa.exc.IntegrityError, match="lacks a point"):
        await db.flush()


async def test_points_may_be_written_little_by_little(db, cast):
    agreement = await sign(db, cast)
    await write(db, cast, agreement, ready=False, price="", pay="")

    agreement = await again(db, cast, agreement)
    assert "price" not in agreement.contents
    assert agreement.contents_ready_at is None


async def test_nothing_is_written_after_the_signature(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))

    with pytest.raises(KeptOnceSigned):
        await write(db, cast, agreement)


# ---------------------------------------------------------------- papers


@pytest.mark.usefixtures("known")
async def test_the_contract_says_who_what_and_until_when(db, cast, store):
    agreement = await sign(db, cast)
    await write(db, cast, agreement, price="10 % des ventes #strong[x] $y$")
    document = await prepare(db, cast, store, agreement)

    text = text_of(store, document)
    assert not document.is_draft
    for said in (
        "Contrat d'appui au projet d'entreprise (CAPE)",
        "CIVAM de la Châtre",
        "Zoe Essai",
        SIRET,
        OFFICE,
        "du 1er décembre 2026 au 30 novembre 2027 inclus, soit 12 mois",
        "10 % des ventes #strong[x] $y$",
        "Avant le début d'activité",
        "Cotisations sociales",
        "Attestation d'assurance",
        "Ce contrat prend fin le 30 novembre 2027",
    ):
        assert said.replace("'", "’") in text.replace("'", "’"), said
    assert "PROJET" not in text


async def test_an_unfinished_contract_is_a_draft(db, cast, store):
    agreement = await sign(db, cast)
    document = await prepare(db, cast, store, agreement)

    assert document.is_draft
    assert "PROJET" in text_of(store, document)
    assert "[à compléter]" in text_of(store, document)
    with pytest.raises(Refused) as refused:
        await put_name(db, cast, store, document, "zoe")
    assert codes(refused) == ["draft"]


async def test_the_same_words_make_no_new_version(db, cast, store):
    agreement = await sign(db, cast)
    first = await prepare(db, cast, store, agreement)
    assert (await prepare(db, cast, store, agreement)).id == first.id

    await write(db, cast, agreement)
    second = await prepare(db, cast, store, agreement)
    assert (first.number, second.number) == (1, 2)
    assert len(await queries.list_documents(db, agreement.id)) == 2


@pytest.mark.usefixtures("known")
async def test_the_wording_follows_the_end_of_the_contract(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    before = await prepare(db, cast, store, agreement, DocumentKind.WORDING)
    await actions.renew_agreement(db, cast.actors["ines"], agreement, renewal())
    after = await prepare(db, cast, store, agreement, DocumentKind.WORDING)

    assert "prend fin le 30 novembre 2027" in text_of(store, before)
    assert "prend fin le 30 novembre 2028" in text_of(store, after)
    terms = contracts.Terms(
        await again(db, cast, agreement),
        await queries.kind_of(db, await again(db, cast, agreement)),
    )
    assert SIRET in contracts.wording(terms)


@pytest.mark.usefixtures("known")
async def test_a_renewal_an_amendment_and_an_early_end_have_papers(db, cast, store):
    ines = cast.actors["ines"]
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    for kind in (DocumentKind.RENEWAL, DocumentKind.EARLY_END):
        with pytest.raises(Refused):
            await prepare(db, cast, store, agreement, kind)

    await actions.renew_agreement(db, ines, agreement, renewal())
    said = text_of(store, await prepare(db, cast, store, agreement, DocumentKind.RENEWAL))
    assert "pour la première fois la convention signée le 25 novembre 2026" in said
    assert "du 1er décembre 2027 au 30 novembre 2028" in said

    await actions.end_early(db, ines, agreement, ending("2027-06-30", "Installation en juillet"))
    said = text_of(store, await prepare(db, cast, store, agreement, DocumentKind.EARLY_END))
    assert "prend fin le 30 juin 2027 inclus, au lieu du 30 novembre 2027" in said
    assert "Installation en juillet" in said


async def test_a_kind_without_points_or_wording_has_a_contract_too(db, cast, store):
    agreement = await sign(db, cast, kind="training_placement")
    document = await prepare(db, cast, store, agreement)

    assert not document.is_draft
    assert "Convention avec l’organisme" in text_of(store, document).replace("'", "’")


# ---------------------------------------------------------------- signing on screen


@pytest.mark.usefixtures("known")
async def test_both_sides_sign_and_the_period_counts(db, cast, store):
    agreement = await sign(db, cast, signed_on="2026-11-20")
    await write(db, cast, agreement)
    document = await prepare(db, cast, store, agreement)

    await put_name(db, cast, store, document, "zoe", "zoe  ESSAI")
    assert not (await again(db, cast, agreement)).periods[0].is_signed
    with pytest.raises(SignedAlready):
        await put_name(db, cast, store, document, "zoe")
    await put_name(db, cast, store, document, "ines")

    (period,) = (await again(db, cast, agreement)).periods
    signed, unsigned = await queries.list_documents(db, agreement.id)
    assert (period.signed_on, period.document) == (dt.date(2026, 11, 25), signed.sha256)
    assert {one.sha256 for one in unsigned.signatures} == {unsigned.sha256}
    text = text_of(store, signed)
    assert unsigned.sha256 in text.replace(" ", "")
    assert "Signé à l’écran le 25 novembre 2026 à 12:00" in text.replace("'", "’")
    with pytest.raises((KeptOnceSigned, PaperReplaced)):
        await put_name(db, cast, store, document, "ines")


@pytest.mark.usefixtures("known")
async def test_only_the_version_on_the_screen_is_signed(db, cast, store):
    agreement = await sign(db, cast)
    await write(db, cast, agreement)
    document = await prepare(db, cast, store, agreement)
    with pytest.raises(PaperReplaced):
        await put_name(db, cast, store, document, "zoe", sha256="ab" * 32)

    await write(db, cast, agreement, price="Autre prix")
    await prepare(db, cast, store, agreement)
    with pytest.raises(PaperReplaced):
        await put_name(db, cast, store, document, "zoe")


@pytest.mark.usefixtures("known")
async def test_what_changed_since_the_paper_was_made_is_not_signed(db, cast, store):
    agreement = await sign(db, cast)
    await write(db, cast, agreement)
    document = await prepare(db, cast, store, agreement)
    await write(db, cast, agreement, price="Autre prix")

    with pytest.raises(PaperReplaced):
        await put_name(db, cast, store, document, "zoe")


@pytest.mark.usefixtures("known")
async def test_what_one_side_signed_is_not_taken_back(db, cast, store):
    agreement = await sign(db, cast)
    await write(db, cast, agreement)
    await put_name(db, cast, store, await prepare(db, cast, store, agreement), "zoe")

    with pytest.raises(Refused) as refused:
        await actions.withdraw(db, cast.actors["ines"], agreement)
    assert codes(refused) == ["signed_on_screen"]


@pytest.mark.usefixtures("known")
async def test_nobody_signs_for_somebody_else(db, cast, store):
    agreement = await sign(db, cast)
    await write(db, cast, agreement)
    document = await prepare(db, cast, store, agreement)

    with pytest.raises(Refused) as refused:
        await put_name(db, cast, store, document, "zoe", "Quelqu'un d'autre")
    assert codes(refused) == ["other_name"]
    with pytest.raises(NotAllowed):
        await put_name(db, cast, store, document, "marc")


@pytest.mark.usefixtures("known")
async def test_signing_on_screen_after_the_first_day_is_refused(db, cast, store, fixed_clock):
    agreement = await sign(db, cast)
    await write(db, cast, agreement)
    document = await prepare(db, cast, store, agreement)
    fixed_clock(dt.datetime(2026, 12, 2, 9, 0, tzinfo=dt.UTC))

    with pytest.raises(Refused) as refused:
        await put_name(db, cast, store, document, "zoe")
    assert codes(refused) == ["signed_after_start"]


async def test_the_database_keeps_papers_and_signatures(db, cast, store):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    (document,) = await queries.list_documents(db, agreement.id)
    table = AgreementDocument.__table__

    for statement in (
        sa.update(table).where(table.c.id == document.id).values(sha256="ab" * 32),
        sa.delete(table).where(table.c.id == document.id),
    ):
        with pytest.raises(sa.exc.IntegrityError, match="document 1"):
            async with db.begin_nested():
                await db.execute(statement)
    with pytest.raises(sa.exc.IntegrityError, match="not the document"):
        async with db.begin_nested():
            await db.execute(
                sa.text(
                    "INSERT INTO agreement_signature "
                    "(document_id, party, person_id, typed_name, signed_at, sha256) "
                    "VALUES (:id, 'trainee', :person, 'x', now(), 'other')"
                ),
                {"id": document.id, "person": cast.zoe.id},
            )


# ---------------------------------------------------------------- amendments


def change(**fields) -> AmendmentForm:
    usual = {
        "title": "Fourgon",
        "text": "La personne peut prendre le fourgon.",
        "signed_on": "2026-12-10",
        "starts_on": "2027-01-01",
    }
    return AmendmentForm.model_validate(usual | fields)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"starts_on": "2026-11-30"}, "outside"),
        ({"starts_on": "2027-12-01"}, "outside"),
        ({"signed_on": "2027-01-02"}, "signed_after_effect"),
    ],
)
async def test_an_amendment_lies_within_its_agreement(db, cast, store, fields, code):
    agreement = await file_scan(db, cast, store, await sign(db, cast))

    with pytest.raises(Refused) as refused:
        await actions.amend(db, cast.actors["ines"], store, agreement, change(**fields))
    assert code in codes(refused)


async def test_what_is_not_signed_needs_no_amendment(db, cast, store):
    agreement = await sign(db, cast)

    with pytest.raises(Refused) as refused:
        await actions.amend(db, cast.actors["ines"], store, agreement, change())
    assert codes(refused) == ["not_signed"]


@pytest.mark.usefixtures("known")
async def test_a_signed_amendment_stays_and_is_named_by_the_renewal(db, cast, store):
    ines = cast.actors["ines"]
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    amendment = await actions.amend(db, ines, store, agreement, change())
    (paper, _) = await queries.list_documents(db, agreement.id)
    assert "La personne peut prendre le fourgon." in text_of(store, paper)
    paper = await queries.get_document(db, ines, paper.id)

    await put_name(db, cast, store, paper, "zoe")
    await put_name(db, cast, store, paper, "ines")
    (amendment,) = await queries.list_amendments(db, agreement.id)
    assert amendment.is_signed
    with pytest.raises(KeptOnceSigned):
        await actions.file_amendment(db, ines, store, amendment, PDF)
    with pytest.raises(sa.exc.IntegrityError, match="is signed"):
        async with db.begin_nested():
            await db.execute(sa.text("UPDATE agreement_amendment SET text = 'autre'"))

    await actions.renew_agreement(db, ines, agreement, renewal())
    said = text_of(store, await prepare(db, cast, store, agreement, DocumentKind.RENEWAL))
    assert "avenants n° 1 (Fourgon)" in said


async def test_an_amendment_may_be_signed_on_paper(db, cast, store):
    ines = cast.actors["ines"]
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    amendment = await actions.amend(db, ines, store, agreement, change())

    for _ in range(2):  # sent twice, it is filed once
        await actions.file_amendment(db, ines, store, amendment, PDF + b"\n%%EOF\n")
    with pytest.raises(KeptOnceSigned):
        await actions.file_amendment(db, ines, store, amendment, PDF)

    assert [one.is_signed for one in await queries.list_documents(db, agreement.id)] == [
        True,
        False,
        True,
    ]


# ---------------------------------------------------------------- suspensions and pieces


async def test_a_suspension_does_not_stop_the_clock(db, cast, store, fixed_clock):
    agreement = await file_scan(db, cast, store, await sign(db, cast))
    before = await queries.standing_of(db, agreement)
    form = SuspensionForm.model_validate({"starts_on": "2027-01-10"})
    suspension = await actions.suspend(db, cast.actors["ines"], agreement, form)

    with pytest.raises(SuspendedAlready):
        await actions.suspend(db, cast.actors["ines"], agreement, form)
    fixed_clock(dt.datetime(2027, 1, 10, 9, 0, tzinfo=dt.UTC))
    assert await queries.is_suspended(db, agreement.id)
    end = SuspensionEndForm.model_validate({"ends_on": "2027-02-20"})
    await actions.end_suspension(db, cast.actors["ines"], suspension, end)

    (kept,) = await queries.list_suspensions(db, agreement.id)
    assert kept.last_day == dt.date(2027, 2, 20)
    after = await queries.standing_of(db, await again(db, cast, agreement))
    assert (after.last, after.latest) == (before.last, before.latest)


@pytest.mark.parametrize("fields", [{"starts_on": "2026-11-30"}, {"starts_on": "2027-12-01"}])
async def test_a_suspension_lies_within_its_agreement(db, cast, fields):
    agreement = await sign(db, cast)

    with pytest.raises(Refused):
        await actions.suspend(
            db, cast.actors["ines"], agreement, SuspensionForm.model_validate(fields)
        )


async def test_a_piece_is_noted_once_and_may_be_put_right(db, cast):
    agreement = await sign(db, cast)
    ines = cast.actors["ines"]
    for day, document in (("2026-11-24", None), ("2026-11-25", "ab" * 32)):
        form = PieceForm.model_validate({"code": "insurance", "received_on": day})
        await actions.receive_piece(db, ines, agreement, form, document)

    (piece,) = (await queries.list_pieces(db, agreement.id)).values()
    assert (piece.received_on, piece.document) == (dt.date(2026, 11, 25), "ab" * 32)
    for fields, code in (
        ({"code": "castle", "received_on": "2026-11-25"}, "unknown_piece"),
        ({"code": "insurance", "received_on": "2026-11-26"}, "not_yet"),
    ):
        with pytest.raises(Refused) as refused:
            await actions.receive_piece(db, ines, agreement, PieceForm.model_validate(fields))
        assert codes(refused) == [code]


async def test_a_mistake_goes_away_with_its_drafts(db, cast, store):
    agreement = await sign(db, cast)
    await prepare(db, cast, store, agreement)
    form = PieceForm.model_validate({"code": "insurance", "received_on": "2026-11-25"})
    await actions.receive_piece(db, cast.actors["ines"], agreement, form)

    await actions.withdraw(db, cast.actors["ines"], agreement)

    assert not await db.scalar(
        sa.select(AgreementPeriod.id).where(AgreementPeriod.person_id == cast.zoe.id)
    )
