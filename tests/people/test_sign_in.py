"""Getting in: by password, by mailed link; and what happens to those who guess."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from couveuse.core.mail import OutgoingMail
from couveuse.core.tokens import hashed
from couveuse.people import actions, queries
from couveuse.people.models import LinkPurpose, MailedLink, Session, SignInFailure
from tests.conftest import NOON
from tests.html import parse

PASSWORD = "le tracteur est vert"
QUICK = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)])
"""A hash says how much work checking it takes: this one takes hardly any."""
SIGN_IN = {"email": "lea@couveuse.example", "password": PASSWORD}


@pytest.fixture
async def password(db, cast):
    person = await queries.find_by_email(db, "lea@couveuse.example")
    person.password_hash = QUICK.hash(PASSWORD)
    await db.commit()
    return PASSWORD


async def note_failures(db, number, *, email="lea@couveuse.example", network="127.0.0.1", at=NOON):
    key = queries.account_key(email)
    db.add_all([SignInFailure(at=at, address=network, account=key) for _ in range(number)])
    await db.commit()


async def count_failures(db):
    return await db.scalar(sa.select(sa.func.count()).select_from(SignInFailure))


# ---------------------------------------------------------------- passwords


async def test_the_right_password_opens_a_session_with_a_token_of_its_own(browse, db, password):
    browser = await browse("tom")
    before = browser.http.cookies["session"]

    answer = await browser.post("/connexion", SIGN_IN)

    after = browser.http.cookies["session"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert after != before
    kept = await db.scalars(sa.select(Session.token_hash))
    assert set(kept) == {hashed(after)}


async def test_the_address_may_be_typed_with_capitals(browse, password):
    browser = await browse()

    answer = await browser.post("/connexion", SIGN_IN | {"email": " LEA@Couveuse.Example "})

    assert answer.status_code == 303


async def test_after_sign_in_comes_the_page_that_was_asked_for(browse, password):
    browser = await browse()

    asked = await browser.get("/personnes?q=tom")
    form = await browser.page(asked.headers["location"])
    following = form.one("form", action="/connexion").one("input", name="next")["value"]
    answer = await browser.post("/connexion", SIGN_IN | {"next": following})

    assert asked.status_code == 303
    assert answer.headers["location"] == "/personnes?q=tom"


@pytest.mark.parametrize("trap", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_sign_in_never_leads_to_another_site(browse, password, trap):
    browser = await browse()

    answer = await browser.post("/connexion", SIGN_IN | {"next": trap})
    form = await browser.page("/connexion", params={"next": trap})

    assert answer.headers["location"] == "/"
    assert form.one("form", action="/connexion").all("input", name="next") == []


async def test_a_wrong_password_and_an_unknown_address_read_the_same(browse, db, password):
    browser = await browse()

    wrong = await browser.post("/connexion", SIGN_IN | {"password": "autre chose"})
    unknown = await browser.post(
        "/connexion", {"email": "personne@couveuse.example", "password": "autre chose"}
    )
    without = await browser.post(
        "/connexion", {"email": "tom@couveuse.example", "password": "autre chose"}
    )

    said = {
        parse(answer.text).one("div", class_="form-errors").text
        for answer in (wrong, unknown, without)
    }
    assert {wrong.status_code, unknown.status_code, without.status_code} == {422}
    assert len(said) == 1
    assert "session" not in browser.http.cookies
    assert await count_failures(db) == 3


async def test_a_refused_sign_in_keeps_the_address_and_not_the_password(browse, password):
    browser = await browse()

    answer = await browser.post("/connexion", SIGN_IN | {"password": "autre chose"})

    assert parse(answer.text).one("input", name="email")["value"] == "lea@couveuse.example"
    assert "autre chose" not in answer.text


async def test_an_empty_form_says_what_to_fill_and_counts_for_nothing(browse, db):
    browser = await browse()

    answer = await browser.post("/connexion", {})

    assert answer.status_code == 422
    assert answer.text.count("Ce champ est à remplir.") == 2
    assert await count_failures(db) == 0


async def test_after_ten_failures_the_account_waits_even_with_the_right_password(
    browse, db, password
):
    await note_failures(db, 10, network="192.0.2.1")
    browser = await browse()

    answer = await browser.post("/connexion", SIGN_IN)

    assert answer.status_code == 429
    assert parse(answer.text).one("input", name="email")["value"] == "lea@couveuse.example"


async def test_after_fifty_failures_the_network_waits_for_any_account(browse, db, password):
    await note_failures(db, 50, email="someone@else.example")
    browser = await browse()

    answer = await browser.post("/connexion", SIGN_IN)

    assert answer.status_code == 429


async def test_failures_of_other_accounts_and_networks_hold_nobody_up(browse, db, password):
    await note_failures(db, 49, email="someone@else.example")
    await note_failures(db, 9, network="192.0.2.1")
    browser = await browse()

    answer = await browser.post("/connexion", SIGN_IN)

    assert answer.status_code == 303


async def test_a_quarter_of_an_hour_later_failures_are_forgotten(browse, db, password):
    await note_failures(db, 60, at=NOON - dt.timedelta(minutes=15))
    browser = await browse()

    answer = await browser.post("/connexion", SIGN_IN)

    assert answer.status_code == 303


async def test_success_neither_counts_nor_clears_what_others_did(browse, db, password):
    await note_failures(db, 9)
    browser = await browse()

    for _ in range(3):
        await browser.post("/connexion", SIGN_IN)

    assert await count_failures(db) == 9


async def test_a_blocked_attempt_does_not_lengthen_the_wait(browse, db, password):
    await note_failures(db, 10)
    browser = await browse()

    await browser.post("/connexion", SIGN_IN | {"password": "autre chose"})

    assert await count_failures(db) == 10


async def test_a_post_without_token_is_refused(browse, password):
    browser = await browse()
    browser.http.cookies.delete("csrf")

    answer = await browser.http.post("/connexion", data=SIGN_IN)

    assert answer.status_code == 403


async def test_who_left_can_sign_in_and_sees_nothing_of_the_network(browse):
    zoe = await browse("zoe")

    assert (await zoe.get("/personnes")).status_code == 403
    assert (await zoe.get("/structures")).status_code == 403
    assert (await zoe.get("/profil")).status_code == 200


# ---------------------------------------------------------------- mailed links


async def mailed(db):
    return (await db.scalars(sa.select(OutgoingMail).order_by(OutgoingMail.id))).all()


async def link_in(db, pattern):
    mails = await mailed(db)
    found = re.search(rf"^http://testserver\.local({pattern})$", mails[-1].body, re.MULTILINE)
    assert found, mails[-1].body
    return found[1]


async def test_a_mailed_link_opens_a_session_once(browse, db):
    browser = await browse()

    asked = await browser.post("/connexion/lien", {"email": "Tom@couveuse.example"})
    path = await link_in(db, r"/connexion/lien/[\w-]{40,}")
    shown = await browser.page(path)
    form = shown.one("form", class_="post-button")
    entered = await browser.post(form["action"])
    token = browser.http.cookies["session"]
    again = await (await browse()).post(path)

    assert asked.status_code == 200
    assert (await mailed(db))[0].is_secret
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert await db.scalar(sa.select(Session.id).where(Session.token_hash == hashed(token)))
    assert again.status_code == 410


async def test_looking_at_a_link_does_not_use_it(browse, db):
    browser = await browse()
    await browser.post("/connexion/lien", {"email": "tom@couveuse.example"})
    path = await link_in(db, r"/connexion/lien/[\w-]{40,}")

    for _ in range(3):
        await browser.page(path)

    assert (await browser.post(path)).status_code == 303


async def test_a_link_lives_a_quarter_of_an_hour(browse, db, fixed_clock):
    browser = await browse()
    await browser.post("/connexion/lien", {"email": "tom@couveuse.example"})
    path = await link_in(db, r"/connexion/lien/[\w-]{40,}")

    fixed_clock(NOON + dt.timedelta(minutes=15))

    assert (await browser.get(path)).status_code == 410
    assert (await browser.post(path)).status_code == 410


async def test_unknown_and_known_addresses_get_the_same_page(browse, db):
    browser = await browse()

    known = await browser.post("/connexion/lien", {"email": "tom@couveuse.example"})
    unknown = await browser.post("/connexion/lien", {"email": "tim@couveuse.example"})

    assert known.text.replace("tom@", "tim@") == unknown.text
    assert len(await mailed(db)) == 1


async def test_nobody_fills_a_letter_box_with_links(browse, db):
    browser = await browse()

    answers = [
        await browser.post("/connexion/lien", {"email": "tom@couveuse.example"}) for _ in range(5)
    ]

    assert len(await mailed(db)) == 3
    assert len({answer.text for answer in answers}) == 1


async def test_a_mistyped_address_is_said_to_be_one(browse, db):
    browser = await browse()

    answer = await browser.post("/connexion/lien", {"email": "tom@couveuse"})

    assert answer.status_code == 422
    assert parse(answer.text).one("input", name="email")["value"] == "tom@couveuse"
    assert await mailed(db) == []


async def test_the_token_of_a_link_is_not_in_the_database(browse, db):
    browser = await browse()
    await browser.post("/connexion/lien", {"email": "tom@couveuse.example"})
    token = (await link_in(db, r"/connexion/lien/[\w-]{40,}")).rpartition("/")[2]

    kept = await db.scalar(sa.select(MailedLink.token_hash))

    assert kept == hashed(token)


@pytest.mark.parametrize("path", ["/connexion/lien/x", "/mot-de-passe/x", "/invitations/x"])
async def test_a_made_up_link_gets_a_page_that_says_what_to_do(browse, path):
    browser = await browse()

    shown, sent = await browser.get(path), await browser.post(path, {"password": "x" * 12})

    assert (shown.status_code, sent.status_code) == (410, 410)
    assert "Ce lien ne sert plus" in shown.text


async def test_a_link_for_one_purpose_serves_no_other(browse, db, cast):
    token = await actions.issue_link(db, cast.tom, LinkPurpose.INVITATION)
    await db.commit()
    browser = await browse()

    assert (await browser.post(f"/connexion/lien/{token}")).status_code == 410


async def test_the_address_in_a_mail_is_never_what_the_asker_says(browse, db):
    browser = await browse()

    await browser.post(
        "/connexion/lien", {"email": "tom@couveuse.example"}, headers={"host": "evil.example"}
    )

    assert "evil" not in (await mailed(db))[0].body


# ---------------------------------------------------------------- forgotten passwords


async def test_a_forgotten_password_is_replaced_and_other_browsers_are_signed_out(browse, db):
    thief = await browse("tom")
    browser = await browse()
    await browser.post("/mot-de-passe/oublie", {"email": "tom@couveuse.example"})
    path = await link_in(db, r"/mot-de-passe/[\w-]{40,}")

    await browser.page(path)
    answer = await browser.post(path, {"password": "la grange est rouge"})

    assert answer.status_code == 303
    assert (await browser.get("/profil")).status_code == 200
    assert (await thief.get("/profil")).status_code == 303
    person = await queries.find_by_email(db, "tom@couveuse.example")
    assert PasswordHash.recommended().verify("la grange est rouge", person.password_hash)


@pytest.mark.parametrize("bad", ["court", "x" * 201, "tom@couveuse.example", ""])
async def test_a_refused_password_does_not_use_the_link_up(browse, db, bad):
    browser = await browse()
    await browser.post("/mot-de-passe/oublie", {"email": "tom@couveuse.example"})
    path = await link_in(db, r"/mot-de-passe/[\w-]{40,}")

    refused = await browser.post(path, {"password": bad})

    assert refused.status_code == 422
    assert parse(refused.text).one("input", id="f-password")["aria-invalid"] == "true"
    assert (await browser.get(path)).status_code == 200


async def test_a_forgotten_password_link_lives_an_hour(browse, db, fixed_clock):
    browser = await browse()
    await browser.post("/mot-de-passe/oublie", {"email": "tom@couveuse.example"})
    path = await link_in(db, r"/mot-de-passe/[\w-]{40,}")

    fixed_clock(NOON + dt.timedelta(minutes=59))
    in_time = await browser.get(path)
    fixed_clock(NOON + dt.timedelta(minutes=60))
    too_late = await browser.get(path)

    assert (in_time.status_code, too_late.status_code) == (200, 410)


# ---------------------------------------------------------------- the demonstration's door


async def test_without_the_demonstration_its_door_does_not_exist(browse):
    browser = await browse()

    answer = await browser.post("/connexion/demo", {"person": "lea"})
    form = await browser.page("/connexion")

    assert answer.status_code in {404, 405}
    assert form.all("button", name="person") == []
