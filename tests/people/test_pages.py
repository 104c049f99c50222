"""The screens of persons, memberships, papers, invitations and of one's own account."""

import datetime as dt

import httpx
import pytest
import sqlalchemy as sa

from couveuse.app import create_app
from couveuse.core.actor import Role
from couveuse.core.mail import OutgoingMail
from couveuse.core.tokens import hashed
from couveuse.people import actions, queries
from couveuse.people.models import LinkPurpose, Membership, Paper, Person, Session, SignInFailure
from tests import build
from tests.html import parse
from tests.people.test_sign_in import PASSWORD, QUICK, note_failures

UNKNOWN = 999_999_999
PEOPLE = [
    ("GET", "/personnes"),
    ("GET", "/personnes/nouvelle"),
    ("POST", "/personnes"),
    ("GET", "/personnes/{id}"),
    ("GET", "/personnes/{id}/modification"),
    ("POST", "/personnes/{id}"),
    ("POST", "/personnes/{id}/invitation"),
    ("GET", "/personnes/{id}/appartenances/nouvelle"),
    ("POST", "/personnes/{id}/appartenances"),
    ("GET", "/personnes/{id}/papiers/nouveau"),
    ("POST", "/personnes/{id}/papiers"),
    ("GET", "/appartenances/{id}"),
    ("POST", "/appartenances/{id}"),
    ("POST", "/papiers/{id}/retrait"),
    ("GET", "/profil"),
    ("POST", "/profil"),
    ("POST", "/profil/mot-de-passe"),
    ("POST", "/profil/sessions/{id}/fin"),
    ("POST", "/profil/sessions/fin"),
    ("POST", "/deconnexion"),
]


async def send(browser, method, path):
    return await (browser.get(path) if method == "GET" else browser.post(path))


@pytest.mark.parametrize(("method", "path"), PEOPLE)
async def test_without_signing_in_there_is_only_the_sign_in_page(browse, cast, method, path):
    browser = await browse()

    answer = await send(browser, method, path.format(id=cast.lea.id))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion")


@pytest.mark.parametrize(("method", "path"), [line for line in PEOPLE if "{id}" in line[1]])
@pytest.mark.parametrize("row_id", [UNKNOWN, 0, 2**63, "x"])
async def test_what_does_not_exist_is_not_found(browse, method, path, row_id):
    browser = await browse("ines")

    answer = await send(browser, method, path.format(id=row_id))

    assert answer.status_code == 404


MANAGING = [line for line in PEOPLE[1:11] if line != ("GET", "/personnes/{id}")]


@pytest.mark.parametrize(("method", "path"), MANAGING)
@pytest.mark.parametrize("name", ["lea", "rosa"])
async def test_who_does_not_manage_changes_nobody(browse, cast, name, method, path):
    browser = await browse(name)

    answer = await send(browser, method, path.format(id=cast.tom.id))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path"), [line for line in PEOPLE[4:7] if line[1] != "/personnes"]
)
async def test_a_manager_does_not_touch_people_of_other_structures(browse, cast, method, path):
    paul = await browse("paul")

    answer = await send(paul, method, path.format(id=cast.ines.id))

    assert answer.status_code == 403


async def test_a_manager_cannot_become_coordinator_through_an_address(browse, cast, db):
    """A changed address receives sign-in links: it must be out of reach."""
    paul = await browse("paul")
    data = {"given_name": "Ines", "family_name": "Essai", "email": "paul2@couveuse.example"}

    answer = await paul.post(f"/personnes/{cast.ines.id}", data)

    assert answer.status_code == 403
    assert (await db.get(Person, cast.ines.id)).email == "ines@couveuse.example"


# ---------------------------------------------------------------- the list and the sheet


async def test_the_list_says_who_does_what_and_how_to_call(browse, cast):
    browser = await browse("lea")

    shown = await browser.page("/personnes")

    line = shown.one(data_person=str(cast.marc.id))
    assert "Marc Essai" in line.text
    assert "accompagnement salarié, CIVAM" in line.text
    assert "02 54 00 00 00" in line.text
    assert shown.all(data_person=str(cast.zoe.id)) == []
    assert shown.all("a", href="/personnes/nouvelle") == []


async def test_the_list_is_searched_without_javascript(browse, cast):
    browser = await browse("lea")

    by_name = await browser.page("/personnes", params={"q": "TOM"})
    by_place = await browser.page("/personnes", params={"structure": str(cast.partner.id)})
    nobody = await browser.page("/personnes", params={"q": "qqq"})

    assert len(by_name.all(data_person=None)) == 1
    assert len(by_place.all(data_person=None)) == 2
    assert "Personne ne correspond" in nobody.text


@pytest.mark.parametrize("structure", ["", "abc", "-1", "9" * 40, "²"])
async def test_a_filter_that_cannot_be_read_filters_nothing(browse, structure):
    browser = await browse("lea")

    shown = await browser.page("/personnes", params={"structure": structure})

    assert len(shown.all(data_person=None)) == 7


async def test_the_list_costs_the_same_for_many(browse, db, cast, statements):
    browser = await browse("lea")
    await browser.page("/personnes")
    before = len(statements)
    await browser.page("/personnes")
    of_few = len(statements) - before
    for _ in range(30):
        await build.make_membership(db, await build.make_person(db), cast.home)
    await db.commit()

    before = len(statements)
    await browser.page("/personnes")

    assert len(statements) - before == of_few == 4


async def test_a_sheet_shows_what_its_reader_may_know(browse, db, cast):
    marc = await db.get(Person, cast.marc.id)
    marc.phone_shared = False
    await db.commit()

    of_trainee = await (await browse("tom")).page(f"/personnes/{cast.marc.id}")
    of_coordinator = await (await browse("ines")).page(f"/personnes/{cast.marc.id}")

    assert "02 54 00 00 00" not in of_trainee.text
    assert "marc@couveuse.example" not in of_trainee.text
    assert "préfère ne pas montrer" in of_trainee.text
    assert "Papiers" not in of_trainee.text
    assert "02 54 00 00 00" in of_coordinator.text
    assert of_coordinator.all("a", href=f"/personnes/{cast.marc.id}/modification")


async def test_a_sheet_shows_papers_with_their_state(browse, db, cast):
    first_aid = await build.make_qualification(db, "Secourisme")
    await build.make_paper(db, cast.lea, first_aid, end=dt.date(2026, 12, 10))
    await db.commit()

    shown = await (await browse("marc")).page(f"/personnes/{cast.lea.id}")

    texts = [line.text for line in shown.all("li", data_paper=None)]
    assert "Conduite tracteur" in texts[0]
    assert "à jour" in texts[0]
    assert "au 9 déc. 2026" in texts[1]
    assert "à renouveler bientôt" in texts[1]


# ---------------------------------------------------------------- adding and editing


NEW = {
    "given_name": "Anna",
    "family_name": "Petit",
    "email": "anna@exemple.fr",
    "phone": "06 12 34 56 78",
    "phone_shared": "on",
}


async def test_a_person_is_added_by_hand(browse, db):
    browser = await browse("paul")

    answer = await browser.post("/personnes", NEW)
    shown = await browser.page(answer.headers["location"])

    assert answer.status_code == 303
    assert "Anna Petit" in shown.one("h1").text
    assert "06 12 34 56 78" in shown.text
    assert (await queries.find_by_email(db, "anna@exemple.fr")).phone == "+33612345678"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("given_name", "", "Ce champ est à remplir."),
        ("family_name", "x" * 201, "200 caractères au plus"),
        ("given_name", "A\x07nna", "ne s'écrit pas"),
        ("given_name", "A\x00nna", "illisible"),
        ("email", "anna", "prenom@exemple.fr"),
        ("email", "LEA@couveuse.example", "déjà celle d'une autre personne"),
        ("phone", "123", "Ce numéro n'existe pas"),
        ("language", "klingon", "réponses proposées"),
    ],
)
async def test_a_bad_field_is_said_beside_it_and_the_rest_is_kept(browse, field, value, said):
    browser = await browse("ines")

    answer = await browser.post("/personnes", NEW | {field: value})

    shown = parse(answer.text)
    assert answer.status_code == 422
    place = shown.one(id=f"f-{field}")
    assert said in " ".join(place.parent.text.split())
    assert place["aria-invalid"] == "true"
    assert shown.one("input", name="family_name" if field != "family_name" else "given_name")[
        "value"
    ]


async def test_an_edited_person_keeps_what_was_not_touched(browse, db, cast):
    browser = await browse("ines")

    form = await browser.page(f"/personnes/{cast.tom.id}/modification")
    sent = {
        field["name"]: field.attrs.get("value", "")
        for field in form.one("form", id="person-form").all("input")
        if field["type"] != "checkbox" and field["name"] != "_csrf_token"
    }
    answer = await browser.post(f"/personnes/{cast.tom.id}", sent | {"given_name": "Thomas"})

    assert answer.status_code == 303
    tom = await db.get(Person, cast.tom.id, populate_existing=True)
    assert (tom.name, tom.phone, tom.email) == (
        "Thomas Essai",
        "+33254000000",
        "tom@couveuse.example",
    )


async def test_an_address_that_is_taken_is_said_on_the_form(browse, cast):
    browser = await browse("ines")
    data = NEW | {"email": "lea@couveuse.example"}

    answer = await browser.post(f"/personnes/{cast.tom.id}", data)

    assert answer.status_code == 422
    assert parse(answer.text).one("input", name="given_name")["value"] == "Anna"


# ---------------------------------------------------------------- memberships


async def test_a_manager_adds_a_membership_in_their_own_structure(browse, db, cast):
    browser = await browse("paul")

    form = await browser.page(f"/personnes/{cast.lea.id}/appartenances/nouvelle")
    answer = await browser.post(
        f"/personnes/{cast.lea.id}/appartenances",
        {
            "structure_id": str(cast.partner.id),
            "role": "mentor",
            "salaried": "on",
            "starts_on": "2026-12-01",
            "ends_on": "2027-11-30",
        },
    )

    offered = [radio["value"] for radio in form.all("input", type="radio")]
    assert offered == ["trainee", "mentor", "equipment_manager", "structure_manager"]
    assert answer.headers["location"] == f"/personnes/{cast.lea.id}"
    shown = await browser.page(f"/personnes/{cast.lea.id}")
    assert "du 1er déc. 2026 au 30 nov. 2027" in shown.text
    made = await db.scalar(
        sa.select(Membership).where(
            Membership.role == Role.MENTOR, Membership.person_id == cast.lea.id
        )
    )
    assert made.during.upper == dt.date(2027, 12, 1)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"role": "coordinator"}, 403),
        ({"structure": "home"}, 403),
        ({"structure_id": str(UNKNOWN)}, 404),
        ({"structure_id": "abc"}, 422),
        ({"structure_id": str(2**70)}, 422),
        ({"role": "king"}, 422),
        ({"starts_on": "2026-02-30"}, 422),
        ({"starts_on": ""}, 422),
        ({"starts_on": "0001-01-01"}, 422),
        ({"ends_on": "2026-11-30"}, 422),
        ({"ends_on": "9999-12-31"}, 422),
    ],
)
async def test_a_membership_that_cannot_be_is_refused(browse, cast, changed, status):
    browser = await browse("paul")
    places = {"home": str(cast.home.id), "partner": str(cast.partner.id)}
    place = {"structure_id": places[changed.pop("structure", "partner")]}
    data = {"role": "mentor", "starts_on": "2026-12-01"} | place | changed

    answer = await browser.post(f"/personnes/{cast.lea.id}/appartenances", data)

    assert answer.status_code == status


async def test_an_overlapping_membership_is_refused_with_its_reason(browse, cast):
    browser = await browse("ines")
    data = {"structure_id": str(cast.home.id), "role": "trainee", "starts_on": "2026-12-01"}

    answer = await browser.post(f"/personnes/{cast.lea.id}/appartenances", data)

    assert answer.status_code == 422
    assert "tient déjà ce rôle" in parse(answer.text).text


async def test_dates_of_a_membership_are_corrected(browse, db, cast):
    (held,) = await queries.list_memberships(db, cast.tom.id)
    browser = await browse("paul")

    form = await browser.page(f"/appartenances/{held.id}")
    answer = await browser.post(f"/appartenances/{held.id}", {"starts_on": "01/03/2021"})
    too_short = await browser.post(
        f"/appartenances/{held.id}", {"starts_on": "2021-03-01", "ends_on": "2026-12-01"}
    )

    assert form.one("input", name="starts_on")["value"] == "2020-01-01"
    assert answer.headers["location"] == f"/personnes/{cast.tom.id}"
    assert too_short.status_code == 422
    assert "passez par « Terminer »" in parse(too_short.text).text
    await db.refresh(held)
    assert held.during.lower == dt.date(2021, 3, 1)


async def test_memberships_of_other_structures_are_left_alone(browse, db, cast):
    (held,) = await queries.list_memberships(db, cast.lea.id)
    browser = await browse("paul")

    assert (await browser.get(f"/appartenances/{held.id}")).status_code == 403
    assert (await browser.post(f"/appartenances/{held.id}", {})).status_code == 403
    shown = await browser.page(f"/personnes/{cast.lea.id}")
    assert shown.all("a", href=f"/appartenances/{held.id}") == []


async def test_ending_a_membership_is_offered_where_it_is_settled(browse, app, db, cast):
    (held,) = await queries.list_memberships(db, cast.tom.id)

    shown = await (await browse("paul")).page(f"/personnes/{cast.tom.id}")

    ending = app.route_reverse("coordination.membership_ends.new", membership_id=held.id)
    assert shown.one("a", href=ending)


# ---------------------------------------------------------------- papers


async def test_a_paper_is_recorded_and_withdrawn(browse, db, cast):
    browser = await browse("gaston")

    form = await browser.page(f"/personnes/{cast.tom.id}/papiers/nouveau")
    answer = await browser.post(
        f"/personnes/{cast.tom.id}/papiers",
        {"qualification": "Certiphyto", "starts_on": "2026-01-05", "reference": "36-123"},
    )
    paper = await db.scalar(sa.select(Paper).where(Paper.person_id == cast.tom.id))
    shown = await browser.page(answer.headers["location"])
    withdrawn = await browser.post(f"/papiers/{paper.id}/retrait")
    twice = await browser.post(f"/papiers/{paper.id}/retrait")

    names = form.one("datalist").all("option")
    assert [one["value"] for one in names] == ["Conduite tracteur"]
    assert "Certiphyto" in shown.text
    assert "36-123" in shown.text
    assert withdrawn.headers["location"] == f"/personnes/{cast.tom.id}"
    assert twice.status_code == 409


@pytest.mark.parametrize(
    "changed", [{"qualification": ""}, {"starts_on": "hier"}, {"ends_on": "2020-01-01"}]
)
async def test_a_paper_that_cannot_be_is_refused(browse, cast, changed):
    browser = await browse("gaston")
    data = {"qualification": "Permis B", "starts_on": "2026-01-05"} | changed

    answer = await browser.post(f"/personnes/{cast.tom.id}/papiers", data)

    assert answer.status_code == 422


async def test_nobody_withdraws_their_own_paper(browse, db, cast):
    (paper,) = await queries.papers_of(db, cast.lea.id)

    answer = await (await browse("lea")).post(f"/papiers/{paper.id}/retrait")

    assert answer.status_code == 403


# ---------------------------------------------------------------- invitations


async def test_an_invited_person_comes_in(browse, db, cast):
    paul, guest = await browse("paul"), await browse()

    sent = await paul.post(f"/personnes/{cast.tom.id}/invitation")
    mail = (await db.scalars(sa.select(OutgoingMail))).one()
    path = "/invitations/" + mail.body.partition("/invitations/")[2].split()[0]
    shown = await guest.page(path)
    data = {"given_name": "Tom", "family_name": "Bernard", "phone": "06 12 34 56 78"}
    entered = await guest.post(path, data)

    assert sent.headers["location"] == f"/personnes/{cast.tom.id}"
    assert "ADEARI, en test" in shown.text
    assert shown.one("input", name="phone")["value"] == "02 54 00 00 00"
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "Tom Bernard" in (await guest.page("/profil")).text
    assert (await guest.get(path)).status_code == 410


async def test_an_invitation_badly_answered_may_be_answered_again(browse, db, cast):
    token = await actions.issue_link(db, cast.tom, LinkPurpose.INVITATION)
    await db.commit()
    guest = await browse()
    data = {"given_name": "Tom", "family_name": "", "password": "tom@couveuse.example"}

    blank = await guest.post(f"/invitations/{token}", data)
    own_address = await guest.post(f"/invitations/{token}", data | {"family_name": "B"})
    entered = await guest.post(
        f"/invitations/{token}", data | {"family_name": "B", "password": "une phrase à moi"}
    )

    assert (blank.status_code, own_address.status_code) == (422, 422)
    assert "n'est pas un mot de passe" in parse(own_address.text).text
    assert entered.status_code == 303


async def test_an_invitation_lives_two_weeks(browse, db, cast, fixed_clock):
    token = await actions.issue_link(db, cast.tom, LinkPurpose.INVITATION)
    await db.commit()
    guest = await browse()

    fixed_clock(dt.datetime(2026, 12, 9, 10, 59, tzinfo=dt.UTC))
    in_time = await guest.get(f"/invitations/{token}")
    fixed_clock(dt.datetime(2026, 12, 9, 11, 0, tzinfo=dt.UTC))
    too_late = await guest.get(f"/invitations/{token}")

    assert (in_time.status_code, too_late.status_code) == (200, 410)


# ---------------------------------------------------------------- one's own account


async def test_the_account_shows_what_is_mine(browse, cast):
    browser = await browse("lea")

    shown = await browser.page("/profil")

    assert "lea@couveuse.example" in shown.text
    assert "Conduite tracteur" in shown.text
    assert "CIVAM" in shown.text
    assert "cet appareil" in shown.text


async def test_the_account_is_changed(browse, db, cast):
    browser = await browse("lea")
    data = {"given_name": "Léa", "family_name": "Martin", "phone": "0612345678", "language": "fr"}

    answer = await browser.post("/profil", data)

    assert answer.headers["location"] == "/profil"
    lea = await db.get(Person, cast.lea.id, populate_existing=True)
    assert (lea.name, lea.phone, lea.phone_shared, lea.language) == (
        "Léa Martin",
        "+33612345678",
        False,
        "fr",
    )
    assert browser.http.cookies["lang"] == "fr"


async def test_a_bad_number_in_the_account_is_said_and_kept(browse):
    browser = await browse("lea")

    answer = await browser.post(
        "/profil", {"given_name": "Léa", "family_name": "Martin", "phone": "12"}
    )

    assert answer.status_code == 422
    assert parse(answer.text).one("input", name="phone")["value"] == "12"


async def test_a_first_password_needs_no_other_and_closes_other_browsers(browse, db, cast):
    browser, other = await browse("lea"), await browse("lea")

    answer = await browser.post("/profil/mot-de-passe", {"password": "le tracteur est bleu"})

    assert answer.headers["location"] == "/profil"
    assert (await browser.get("/profil")).status_code == 200
    assert (await other.get("/profil")).status_code == 303


@pytest.fixture
async def password(db, cast):
    person = await db.get(Person, cast.lea.id)
    person.password_hash = QUICK.hash(PASSWORD)
    await db.commit()
    return PASSWORD


async def test_a_password_is_changed_by_who_knows_it(browse, db, cast, password):
    browser = await browse("lea")
    new = {"password": "le tracteur est bleu"}

    without = await browser.post("/profil/mot-de-passe", new)
    wrong = await browser.post("/profil/mot-de-passe", new | {"current": "au hasard"})
    right = await browser.post("/profil/mot-de-passe", new | {"current": password})

    assert (without.status_code, wrong.status_code, right.status_code) == (422, 422, 303)
    assert "pas votre mot de passe actuel" in parse(wrong.text).text
    assert await db.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 1


async def test_guessing_the_present_password_has_the_same_limit(browse, db, password):
    await note_failures(db, 10)
    browser = await browse("lea")

    answer = await browser.post(
        "/profil/mot-de-passe", {"password": "le tracteur est bleu", "current": password}
    )

    assert answer.status_code == 422
    assert "Trop de tentatives" in parse(answer.text).text


async def test_one_other_browser_is_signed_out(browse, db, cast):
    browser, other = await browse("lea"), await browse("lea")
    theirs = hashed(other.http.cookies["session"])
    session_id = await db.scalar(sa.select(Session.id).where(Session.token_hash == theirs))

    shown = await browser.page("/profil")
    answer = await browser.post(f"/profil/sessions/{session_id}/fin")

    assert len(shown.all("li", data_session=None)) == 2
    assert answer.headers["location"] == "/profil"
    assert (await other.get("/profil")).status_code == 303
    assert (await browser.get("/profil")).status_code == 200


async def test_nobody_signs_somebody_else_out(browse, db):
    browser, stranger = await browse("lea"), await browse("tom")
    mine = hashed(browser.http.cookies["session"])
    session_id = await db.scalar(sa.select(Session.id).where(Session.token_hash == mine))

    answer = await stranger.post(f"/profil/sessions/{session_id}/fin")

    assert answer.status_code == 404
    assert (await browser.get("/profil")).status_code == 200


async def test_all_other_browsers_are_signed_out_at_once(browse):
    browser, *others = [await browse("lea") for _ in range(3)]
    stranger = await browse("tom")

    await browser.post("/profil/sessions/fin")

    assert [(await one.get("/profil")).status_code for one in others] == [303, 303]
    assert (await browser.get("/profil")).status_code == 200
    assert (await stranger.get("/profil")).status_code == 200


async def test_signing_out_ends_the_session_on_the_server_too(browse):
    browser = await browse("lea")
    token = browser.http.cookies["session"]

    answer = await browser.post("/deconnexion")
    browser.http.cookies.set("session", token, domain="testserver.local")

    assert answer.headers["location"] == "/connexion"
    assert (await browser.get("/profil")).status_code == 303


# ---------------------------------------------------------------- language


async def test_anybody_may_change_the_language_and_stays_on_the_page(browse):
    browser = await browse()

    answer = await browser.post("/langue", {"language": "en", "next": "/mot-de-passe/oublie"})

    assert answer.headers["location"] == "/mot-de-passe/oublie"
    assert browser.http.cookies["lang"] == "en"


async def test_a_signed_in_person_keeps_the_language_for_mails(browse, db, cast):
    browser = await browse("lea")

    await browser.post("/langue", {"language": "en", "next": "/profil"})

    assert (await db.get(Person, cast.lea.id, populate_existing=True)).language == "en"


@pytest.mark.parametrize("data", [{"language": "de"}, {}, {"language": "en", "next": "//x.y"}])
async def test_a_language_that_does_not_exist_changes_nothing(browse, data):
    browser = await browse()

    answer = await browser.post("/langue", data)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert ("lang" in browser.http.cookies) is (data.get("language") == "en")


# ---------------------------------------------------------------- the demonstration


@pytest.fixture
async def demo(settings, databases, outer):
    app = create_app(settings.model_copy(update={"demo": True}), databases)
    app.state.reader, app.state.writer = databases.reader, databases.writer
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local") as http:
        yield http


async def test_in_the_demonstration_one_enters_as_anybody(demo, cast):
    shown = parse((await demo.get("/connexion")).text)
    token = shown.all("input", name="_csrf_token")[0]["value"]
    labels = {one["value"]: one.text for one in shown.all("button", name="person")}

    answer = await demo.post("/connexion/demo", data={"person": "lea", "_csrf_token": token})

    assert list(labels) == ["ines", "paul", "marc", "rosa", "lea", "tom", "gaston", "zoe"]
    assert labels["lea"] == "Entrer comme Lea Essai, en test"
    assert labels["rosa"] == "Entrer comme Rosa Essai, accompagnement bénévole"
    assert labels["zoe"] == "Entrer comme Zoe Essai, qui n'est plus membre"
    assert answer.status_code == 303
    assert "Lea Essai" in (await demo.get("/profil")).text


@pytest.mark.parametrize("person", ["nobody", "", "lea@couveuse.example"])
async def test_the_demonstration_knows_only_its_cast(demo, person):
    shown = parse((await demo.get("/connexion")).text)
    token = shown.all("input", name="_csrf_token")[0]["value"]

    answer = await demo.post("/connexion/demo", data={"person": person, "_csrf_token": token})

    assert answer.status_code == 422
