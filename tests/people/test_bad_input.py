"""Whatever is sent to a form, the answer is a page that says what is wrong, never a crash."""

from urllib.parse import quote

import pytest

from couveuse.people import actions, queries
from couveuse.people import forms as people
from couveuse.people.models import LinkPurpose
from couveuse.structures import forms as structures
from tests.people.test_pages import PEOPLE
from tests.structures.test_pages import PAGES

OPEN = [
    "/connexion",
    "/connexion/lien",
    "/langue",
    "/mot-de-passe/oublie",
    "/mot-de-passe/{token}",
    "/invitations/{token}",
]
GUARDED = [path for method, path in PEOPLE + PAGES if method == "POST" and "fin" not in path]
FORMS = [
    *(people.SignInForm, people.LanguageForm, people.ChangePasswordForm, people.PersonForm),
    *(people.MembershipForm, people.PaperForm, structures.StructureForm, structures.SiteForm),
    *(structures.DepartureForm, structures.ClosingForm),
]
FIELDS = {name for form in FORMS for name in form.model_fields}
VALUES = [
    "\x00",
    "é" * 5000,
    "9" * 400,
    "2026-02-30",
    "\u202e\u200b",
    "\r\nSet-Cookie: a=b",
    b"\xff\xfe\xed\xa0\x80",
]
BODIES = [
    ("application/json", b"{"),
    ("text/plain", b"x"),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="name"\r\n'),
    ("application/x-www-form-urlencoded", b"%%%=&&&=%ff"),
    ("", b""),
]


@pytest.mark.parametrize("path", [path for path in OPEN + GUARDED if path != "/deconnexion"])
async def test_nothing_that_is_sent_makes_a_crash(browse, db, cast, path):
    token = await actions.issue_link(db, cast.tom, LinkPurpose.INVITATION)
    (held,) = await queries.list_memberships(db, cast.lea.id)
    await db.commit()
    ids = {"/appartenances/{id}": held.id, "/structures/{id}": cast.home.id}
    row_id = next((known for start, known in ids.items() if path.startswith(start)), cast.lea.id)
    address = path.format(id=row_id, site=cast.farm.id, token=token)
    browser = await browse("ines")
    sent = [("application/x-www-form-urlencoded", filled(value)) for value in VALUES] + BODIES

    for kind, body in sent:
        headers = {"content-type": kind, "x-csrftoken": browser.token}
        answer = await browser.http.post(address, content=body, headers=headers)
        assert answer.status_code < 500, (kind, body)
        assert "a" not in answer.cookies


def filled(value):
    return "&".join(f"{name}={quote(value)}" for name in FIELDS).encode()


@pytest.mark.parametrize(
    "address",
    [
        "/personnes?q=%00&structure=%00",
        "/personnes?q=%ff&q=a",
        "/connexion?next=%00",
        "/connexion/lien/%00",
        "/connexion/lien/%ff",
        "/invitations/" + "a" * 3000,
        "/mot-de-passe/%2e%2e",
        "/sites/1%2f2",
    ],
)
async def test_no_address_makes_a_crash(browse, address):
    browser = await browse("ines")

    assert (await browser.get(address)).status_code < 500
