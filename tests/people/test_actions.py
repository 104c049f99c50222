"""What is written, refused and told when persons, memberships and papers change."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import create_async_engine

from couveuse.core import journal
from couveuse.core.actor import Role
from couveuse.core.db import make_sessions, unit_of_work
from couveuse.core.errors import Refused
from couveuse.core.jobs import Workshop
from couveuse.core.mail import OutgoingMail
from couveuse.people import actions, mails, queries, tasks
from couveuse.people.forms import (
    InvitationForm,
    PaperForm,
    PersonForm,
    ProfileForm,
    SpellForm,
)
from couveuse.people.models import (
    EmailTaken,
    LinkPurpose,
    MailedLink,
    MembershipOverlap,
    Paper,
    Person,
    Qualification,
    Session,
    SignInFailure,
)
from tests import build
from tests.conftest import NOON

TODAY = dt.date(2026, 11, 25)


async def told(db, person_id):
    return [line.verb for line in await journal.lines_about(db, "person", person_id)]


async def sentences(db, person_id):
    lines = await journal.lines_about(db, "person", person_id)
    return [" ".join(journal.sentence(line).split()) for line in lines]


# ---------------------------------------------------------------- persons


async def test_an_added_person_is_known_by_address(db, cast):
    data = PersonForm(given_name="Anna", family_name="Petit", email="Anna@Exemple.fr")

    person = await actions.add_person(db, cast.actors["ines"], data)

    assert (await queries.find_by_email(db, "anna@exemple.fr")).id == person.id
    assert await sentences(db, person.id) == ["a ajouté cette personne"]


async def test_an_address_belongs_to_one_person(db, cast):
    data = PersonForm(given_name="Anna", family_name="Petit", email="LEA@couveuse.example")

    with pytest.raises(EmailTaken):
        await actions.add_person(db, cast.actors["ines"], data)


async def test_two_persons_may_have_no_address(db, cast):
    data = PersonForm(given_name="Anna", family_name="Petit")

    for _ in range(2):
        await actions.add_person(db, cast.actors["ines"], data)


async def test_links_sent_to_an_old_address_open_nothing(db, cast):
    tom = await db.get(Person, cast.tom.id)
    token = await actions.issue_link(db, tom, LinkPurpose.SIGN_IN)
    data = PersonForm(given_name="Tom", family_name="Essai", email="tom@exemple.fr")

    await actions.edit_person(db, cast.actors["ines"], tom, data)

    with pytest.raises(actions.LinkGone):
        await actions.use_link(db, token, LinkPurpose.SIGN_IN)
    assert await told(db, tom.id) == ["person.address_changed", "person.edited"]


async def test_the_profile_does_not_touch_the_address(db, cast):
    tom = await db.get(Person, cast.tom.id)

    await actions.edit_profile(
        db, cast.actors["tom"], tom, ProfileForm(given_name="Thomas", family_name="Essai")
    )

    assert (tom.name, tom.email, tom.phone) == ("Thomas Essai", "tom@couveuse.example", None)
    assert not tom.phone_shared


# ---------------------------------------------------------------- invitations


async def test_an_invitation_says_who_invites_and_where(db, cast):
    tom = await db.get(Person, cast.tom.id)

    url = await actions.invite(db, cast.actors["paul"], tom, "https://essai.example")

    mail = (await db.scalars(sa.select(OutgoingMail))).one()
    assert url.startswith("https://essai.example/invitations/")
    assert url in mail.body
    assert "Paul Essai" in mail.body
    assert "ADEARI" in mail.body
    assert (mail.recipient, mail.is_secret) == ("tom@couveuse.example", True)
    assert await told(db, tom.id) == ["person.invited"]


async def test_a_new_invitation_replaces_the_one_before(db, cast):
    tom = await db.get(Person, cast.tom.id)
    first = await actions.invite(db, None, tom, "https://essai.example")
    second = await actions.invite(db, None, tom, "https://essai.example")

    found = [
        await queries.find_link(db, url.rpartition("/")[2], LinkPurpose.INVITATION)
        for url in (first, second)
    ]

    assert found == [None, tom]


async def test_nobody_is_invited_without_an_address(db, cast):
    person = await build.make_person(db)

    with pytest.raises(Refused, match="no_email"):
        await actions.invite(db, cast.actors["ines"], person, "https://essai.example")


async def test_an_accepted_invitation_keeps_what_was_corrected(db, cast):
    tom = await db.get(Person, cast.tom.id)
    token = await actions.issue_link(db, tom, LinkPurpose.INVITATION)
    data = InvitationForm(given_name="Thomas", family_name="Essai", phone="06 12 34 56 78")

    person = await actions.accept_invitation(db, token, data)

    assert (person.name, person.phone, person.password_hash) == (
        "Thomas Essai",
        "+33612345678",
        None,
    )
    with pytest.raises(actions.LinkGone):
        await actions.accept_invitation(db, token, data)


async def test_a_refused_password_leaves_the_invitation_alive(db, cast):
    tom = await db.get(Person, cast.tom.id)
    token = await actions.issue_link(db, tom, LinkPurpose.INVITATION)
    data = InvitationForm(given_name="T", family_name="E", password="tom@couveuse.example")

    with pytest.raises(Refused, match="password_is_email"):
        await actions.accept_invitation(db, token, data)

    assert await queries.find_link(db, token, LinkPurpose.INVITATION)


async def test_mails_are_written_in_the_language_of_who_reads_them(cast):
    person = Person(given_name="Sam", family_name="Field", language="fr", email="sam@exemple.fr")

    subject, body = mails.link_mail(person, LinkPurpose.SIGN_IN, "jeton", "https://essai.example")

    assert subject == "Votre lien de connexion"
    assert body.startswith("Bonjour Sam Field,\n\nVoici")
    assert "\nhttps://essai.example/connexion/lien/jeton\n" in body
    assert "15 minutes" in body


def test_links_in_mails_lead_to_pages_that_exist(app):
    assert mails.link_url("", LinkPurpose.SIGN_IN, "x") == app.route_reverse(
        "people.sign_in_links.show", token="x"
    )
    assert mails.link_url("", LinkPurpose.PASSWORD, "x") == app.route_reverse(
        "people.resets.edit", token="x"
    )
    assert mails.invitation_url("", "x") == app.route_reverse("people.invitations.edit", token="x")


# ---------------------------------------------------------------- one use, once


@pytest.mark.race
async def test_of_two_browsers_with_one_link_one_gets_in(database):
    engine = create_async_engine(database)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        person = await build.make_person(db, email="sam@exemple.fr")
        token = await actions.issue_link(db, person, LinkPurpose.SIGN_IN)

    async def enter():
        async with unit_of_work(sessions) as db:
            await actions.use_link(db, token, LinkPurpose.SIGN_IN)
            await asyncio.sleep(0.05)  # the slower one must wait for this commit

    came = await asyncio.gather(*(enter() for _ in range(4)), return_exceptions=True)
    await engine.dispose()

    assert [type(one) for one in came].count(type(None)) == 1
    assert [type(one) for one in came].count(actions.LinkGone) == 3


@pytest.mark.race
async def test_asking_for_many_links_at_once_sends_three(database):
    engine = create_async_engine(database, pool_size=8)
    sessions = make_sessions(engine)
    async with unit_of_work(sessions) as db:
        await build.make_person(db, email="sam@exemple.fr")

    async def ask():
        async with unit_of_work(sessions) as db:
            await actions.send_link(db, "sam@exemple.fr", LinkPurpose.SIGN_IN, "https://x.example")

    await asyncio.gather(*(ask() for _ in range(8)))
    async with sessions() as db:
        sent = await db.scalar(sa.select(sa.func.count()).select_from(MailedLink))
    await engine.dispose()

    assert sent == 3


# ---------------------------------------------------------------- memberships


def spell(start=TODAY, end=None, *, salaried=False):
    return SpellForm(starts_on=start, ends_on=end, salaried=salaried)


async def test_a_person_may_hold_several_roles_in_several_structures(db, cast):
    ines = cast.actors["ines"]

    for structure, role in [
        (cast.home, Role.MENTOR),
        (cast.partner, Role.MENTOR),
        (cast.partner, Role.EQUIPMENT_MANAGER),
    ]:
        await actions.grant_membership(db, ines, cast.lea, structure, role, spell())

    held = await queries.list_memberships(db, cast.lea.id)
    assert len(held) == 4
    assert (await sentences(db, cast.lea.id))[0] == "a ajouté une appartenance : ADEARI"


async def test_the_same_role_twice_at_once_is_refused(db, cast):
    with pytest.raises(MembershipOverlap):
        await actions.grant_membership(
            db, cast.actors["ines"], cast.lea, cast.home, Role.TRAINEE, spell()
        )


async def test_nobody_joins_a_structure_that_left(db, cast):
    gone = await build.make_structure(db, left_on=TODAY - dt.timedelta(days=1))

    with pytest.raises(Refused, match="structure_left"):
        await actions.grant_membership(
            db, cast.actors["ines"], cast.lea, gone, Role.TRAINEE, spell()
        )


async def own_membership(db, person):
    (membership,) = await queries.list_memberships(db, person.id)
    return membership


async def test_an_ended_membership_counts_to_its_last_day(db, cast):
    membership = await own_membership(db, cast.lea)

    await actions.end_membership(db, cast.actors["ines"], membership, TODAY)

    assert membership.last_day == TODAY
    assert not membership.is_over
    assert await told(db, cast.lea.id) == ["person.membership_ended"]


async def test_a_membership_does_not_end_before_it_starts(db, cast):
    membership = await own_membership(db, cast.lea)

    with pytest.raises(Refused, match="ends_before_start") as refused:
        await actions.end_membership(db, cast.actors["ines"], membership, dt.date(2019, 12, 31))

    assert "1er janv. 2020" in str(refused.value.reasons[0])


async def test_the_coordination_never_stands_empty(db, cast):
    membership = await own_membership(db, cast.ines)
    with pytest.raises(actions.LastCoordinator):
        await actions.end_membership(db, cast.actors["ines"], membership, TODAY)

    await actions.grant_membership(
        db, cast.actors["ines"], cast.marc, cast.home, Role.COORDINATOR, spell()
    )
    membership = await own_membership(db, cast.ines)

    await actions.end_membership(db, cast.actors["ines"], membership, TODAY)
    assert membership.last_day == TODAY


async def test_a_later_first_day_does_not_empty_the_coordination_either(db, cast):
    ines = cast.actors["ines"]
    membership = await own_membership(db, cast.ines)
    later = spell(dt.date(2030, 1, 1))
    with pytest.raises(actions.LastCoordinator):
        await actions.edit_membership(db, ines, membership, later)
    await actions.edit_membership(db, ines, membership, spell(TODAY))

    other = await actions.grant_membership(
        db, ines, cast.marc, cast.home, Role.COORDINATOR, spell(TODAY, dt.date(2029, 12, 1))
    )
    with pytest.raises(actions.LastCoordinator):  # nobody in December
        await actions.edit_membership(db, ines, membership, later)

    await actions.edit_membership(db, ines, other, spell(TODAY, dt.date(2029, 12, 31)))
    await actions.edit_membership(db, ines, membership, later)
    assert membership.during.lower == dt.date(2030, 1, 1)


async def test_who_coordinated_long_ago_does_not_stand_in_for_the_last_one(db, cast):
    """An end in the past is made good by who coordinates now, not by who did then."""
    await build.make_membership(db, cast.marc, cast.home, Role.COORDINATOR, end=dt.date(2026, 6, 1))
    membership = await own_membership(db, cast.ines)

    with pytest.raises(actions.LastCoordinator):
        await actions.end_membership(db, cast.actors["ines"], membership, dt.date(2026, 3, 1))


async def test_dates_may_be_corrected_but_not_cut_short(db, cast):
    membership = await build.make_membership(
        db, cast.lea, cast.partner, Role.MENTOR, end=dt.date(2027, 1, 1)
    )

    await actions.edit_membership(
        db, cast.actors["ines"], membership, spell(TODAY, dt.date(2027, 6, 30), salaried=True)
    )
    assert (membership.last_day, membership.salaried) == (dt.date(2027, 6, 30), True)

    with pytest.raises(Refused, match="ends_sooner"):
        await actions.edit_membership(
            db, cast.actors["ines"], membership, spell(TODAY, dt.date(2027, 6, 29))
        )


# ---------------------------------------------------------------- papers


async def test_a_new_qualification_is_made_once(db, cast):
    data = PaperForm(qualification="Permis B", starts_on=TODAY)
    again = PaperForm(qualification="permis b", starts_on=TODAY)

    first = await actions.record_paper(db, cast.actors["gaston"], cast.lea, data)
    second = await actions.record_paper(db, cast.actors["gaston"], cast.tom, again)

    assert first.qualification_id == second.qualification_id
    names = await db.scalars(
        sa.select(Qualification.name).where(sa.func.lower(Qualification.name) == "permis b")
    )
    assert names.all() == ["Permis B"]
    assert await sentences(db, cast.lea.id) == ["a enregistré un papier : Permis B"]


async def test_a_withdrawn_paper_is_worth_nothing_from_today(db, cast):
    paper = (await queries.papers_of(db, cast.lea.id))[0]

    await actions.withdraw_paper(db, cast.actors["gaston"], paper)

    assert paper.during == Range(build.LONG_AGO, TODAY)
    assert await told(db, cast.lea.id) == ["person.paper_withdrawn"]
    with pytest.raises(Refused, match="already_expired"):
        await actions.withdraw_paper(db, cast.actors["gaston"], paper)


async def test_a_paper_withdrawn_before_its_first_day_leaves_no_trace_but_the_journal(db, cast):
    data = PaperForm(qualification="Permis B", starts_on=TODAY)
    made = await actions.record_paper(db, cast.actors["gaston"], cast.tom, data)
    await db.flush()
    paper = await queries.get_paper(db, cast.actors["gaston"], made.id)

    await actions.withdraw_paper(db, cast.actors["gaston"], paper)

    assert await db.scalar(sa.select(Paper.id).where(Paper.person_id == cast.tom.id)) is None
    assert await told(db, cast.tom.id) == ["person.paper_withdrawn", "person.paper_recorded"]


# ---------------------------------------------------------------- housekeeping


async def test_old_sign_ins_are_forgotten_and_present_ones_kept(db, cast, databases, settings):
    old = NOON - dt.timedelta(days=91)
    for at in (old, NOON):
        key = b"k" + at.isoformat().encode()
        db.add(SignInFailure(at=at, address="192.0.2.1", account=key))
        db.add(Session(token_hash=key, person_id=cast.lea.id, created_at=at, last_seen_at=at))
        db.add(
            MailedLink(
                token_hash=key,
                purpose=LinkPurpose.SIGN_IN,
                person_id=cast.lea.id,
                created_at=at,
                expires_at=at,
            )
        )
    await db.commit()

    await tasks.forget_old_sign_ins(Workshop(databases.writer, settings))

    for table in (SignInFailure, Session, MailedLink):
        assert await db.scalar(sa.select(sa.func.count()).select_from(table)) == 1
