"""The screens of agreements: plain posts, refusals with every reason, papers, notices."""

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from couveuse.trainees.models import AgreementPeriod, LegalNotice
from tests.html import parse
from tests.trainees.agreeing import PDF

UNKNOWN = 999_999_999
PERIOD = {"signed_on": "2026-11-25", "starts_on": "2026-12-01", "ends_on": "2027-11-30"}
RENEWAL = {"signed_on": "2027-11-01", "starts_on": "2027-12-01", "ends_on": "2028-11-30"}


def new(cast, **fields) -> dict[str, str]:
    return {"kind": "cape", "structure_id": str(cast.home.id), **PERIOD} | fields


async def note(browser, cast, **fields) -> str:
    """The address of a new agreement of zoe."""
    path = f"/testeurs/{cast.zoe.id}/conventions"
    answer = await browser.post(path, new(cast, **fields))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def file_scan(browser, place: str, data: bytes = PDF, **fields) -> object:
    return await browser.post(
        f"{place}/document", fields, files={"document": ("contrat.pdf", data, "application/pdf")}
    )


async def test_a_whole_agreement_through_the_screens(browse, cast, db):
    ines = await browse("ines")
    form = (await ines.page(f"/testeurs/{cast.zoe.id}/conventions/nouvelle")).one(
        "form", action=f"/testeurs/{cast.zoe.id}/conventions"
    )
    assert form.one("input", name="once")["value"]

    place = await note(ines, cast, once="key")
    assert "attend le document signé" in (await ines.page(place)).text
    assert (await file_scan(ines, place)).status_code == 303
    page = await ines.page(place)
    assert "attend le document signé" not in page.text
    assert "2 possibles" in page.one(id="agreement-clock").text

    answer = await ines.post(f"{place}/renouvellements", RENEWAL)
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    page = await ines.page(place)
    assert len(page.all("li", data_period=None)) == 2
    assert len(page.all("li", data_notice=None)) == 4

    assert (await file_scan(ines, place, PDF + b"\nstartxref\n9\n%%EOF\n")).status_code == 303
    answer = await ines.post(
        f"{place}/rupture", {"ends_on": "2028-01-31", "reason": "Installation"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, place)
    page = await ines.page(place)
    assert "terminée avant la date prévue" not in page.text  # it still runs until then
    assert "Installation" in page.text
    assert len(page.all("li", data_notice=None)) == 6
    last = await db.scalar(
        sa.select(sa.func.max(sa.func.upper(AgreementPeriod.during))).where(
            AgreementPeriod.person_id == cast.zoe.id
        )
    )
    assert last.isoformat() == "2028-02-01"


async def test_a_refused_agreement_says_every_reason_and_keeps_what_was_typed(browse, cast):
    ines = await browse("ines")
    answer = await ines.post(
        f"/testeurs/{cast.lea.id}/conventions",
        new(cast, ends_on="2028-01-01", signed_on="2026-12-02", is_full_time="on"),
    )

    page = parse(answer.text)
    assert answer.status_code == 422
    assert len(page.all("p", class_="error")) == 4
    assert page.one("input", name="ends_on")["value"] == "2028-01-01"
    assert "checked" in page.one("input", name="is_full_time").attrs


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": ""},
        {"kind": "castle"},
        {"structure_id": ""},
        {"structure_id": "x"},
        {"structure_id": str(UNKNOWN)},
        {"signed_on": ""},
        {"starts_on": "2026-02-30"},
        {"ends_on": "9999-12-31"},
        {"ends_on": "2026-11-30"},
        {"carried_months": "-1"},
        {"carried_months": "1,5"},
        {"once": "x" * 201},
    ],
)
async def test_bad_input_is_refused_and_writes_nothing(browse, cast, db, fields):
    ines = await browse("ines")
    answer = await ines.post(f"/testeurs/{cast.zoe.id}/conventions", new(cast, **fields))

    assert answer.status_code == 422
    found = sa.select(AgreementPeriod.id).where(AgreementPeriod.person_id == cast.zoe.id)
    assert await db.scalar(found) is None


async def test_somebody_who_comes_second_is_told_with_409(browse, cast):
    ines = await browse("ines")
    place = await note(ines, cast)
    assert (await ines.post(f"{place}/renouvellements", RENEWAL)).status_code == 303

    answer = await ines.post(f"{place}/renouvellements", RENEWAL)
    assert answer.status_code == 409
    assert "vient de renouveler" in parse(answer.text).text

    assert await ines.post(f"{place}/rupture", {"ends_on": "2027-03-31", "reason": "a"})
    answer = await ines.post(f"{place}/rupture", {"ends_on": "2027-02-28", "reason": "b"})
    assert answer.status_code == 409


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.4 cut", b"\x89PNG broken"])
async def test_what_is_not_a_document_is_refused(browse, cast, data):
    ines = await browse("ines")
    place = await note(ines, cast)

    answer = await file_scan(ines, place, data)

    assert answer.status_code == 422
    assert parse(answer.text).all("p", class_="error")


async def test_a_photo_of_the_signed_paper_will_do(browse, cast):
    ines = await browse("ines")
    place = await note(ines, cast)
    photo = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(photo, "JPEG")

    answer = await file_scan(ines, place, photo.getvalue())
    assert answer.status_code == 303
    link = next(
        one["href"]
        for one in (await ines.page(place)).all("a", href=None)
        if "documents" in one["href"]
    )
    answer = await ines.get(link)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, no-store"


async def test_no_file_at_all_is_said_beside_the_field(browse, cast):
    ines = await browse("ines")
    place = await note(ines, cast)

    answer = await ines.post(f"{place}/document")

    assert answer.status_code == 422
    assert "Choisissez le document signé" in parse(answer.text).text


async def test_a_notice_is_closed_with_a_proof(browse, cast, db):
    ines = await browse("ines")
    place = await note(ines, cast)
    page = await ines.page("/avis")
    link = page.all("li", data_notice=None)[0].one("a")["href"]

    refused = await ines.post(link, {"sent_on": "2026-11-25", "addressee": "MSA"})
    assert refused.status_code == 422
    answer = await ines.post(
        link, {"sent_on": "2026-11-25"}, files={"document": ("ar.pdf", PDF, "application/pdf")}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, place)

    assert len((await ines.page("/avis")).all("li", data_notice=None)) == 1
    assert (await ines.get(f"{link}/preuve")).content == PDF
    sent = await db.scalar(sa.select(LegalNotice).where(LegalNotice.sent_on.is_not(None)))
    assert sent.recorded_by_id == cast.ines.id


async def test_a_mentor_reads_the_dates_and_no_more(browse, cast, db):
    ines = await browse("ines")
    answer = await ines.post(
        f"/testeurs/{cast.lea.id}/conventions",
        new(cast, starts_on="2027-02-01", ends_on="2027-06-30"),
    )
    place = answer.headers["location"]

    seen = await (await browse("marc")).page(place)
    own = await (await browse("lea")).page(place)

    assert "30 juin 2027" in seen.text
    assert not seen.all("li", data_notice=None)
    assert len(own.all("li", data_notice=None)) == 2
    assert not seen.all("form", action=f"{place}/document")
    assert not own.all("form", action=f"{place}/document")


async def test_in_english(browse, cast):
    ines = await browse("ines")
    place = await note(ines, cast)
    ines.http.cookies.set("lang", "en")

    page = await ines.page(place)

    assert "waits for its signed document" in page.text
