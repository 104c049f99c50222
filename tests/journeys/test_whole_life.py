"""One person from her first welcome to the year after her test, through the screens alone."""

import datetime as dt
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.mail import OutgoingMail
from couveuse.equipment.models import Booking
from couveuse.occupancy.models import PlotPeriod
from couveuse.people.models import Membership, Person, Session
from couveuse.trainees.models import AgreementPeriod, LegalNotice, Path
from tests import build
from tests.cast import Cast
from tests.conftest import NOON, Browser
from tests.html import Element, parse
from tests.trainees.agreeing import PDF

D = dt.date
Open = Callable[..., Awaitable[Browser]]
PERIODS = [(D(2027, 3, 1), D(2028, 2, 29)), (D(2028, 3, 1), D(2029, 2, 28))]
LAST_PERIOD = (D(2029, 3, 1), D(2030, 2, 28))
END = D(2029, 9, 30)


class Life:
    """The windows of those who take part, and where the person's things stand."""

    def __init__(self, browse: Open, db: AsyncSession, cast: Cast, set_clock: Any) -> None:
        self.browse, self.db, self.cast = browse, db, cast
        self._set_clock = set_clock
        self._windows: dict[str, Browser] = {}

    def on(self, day: D) -> None:
        """Come to that day, at noon; nobody stays signed in for months."""
        self._set_clock(dt.datetime.combine(day, dt.time(11), dt.UTC))
        self._windows.clear()

    async def window(self, name: str) -> Browser:
        who: Any = await self.person() if name == "nour" else name
        if name not in self._windows:
            self._windows[name] = await self.browse(who)
            await self.db.execute(sa.update(Session).values(last_seen_at=clock.now()))
            await self.db.commit()
        return self._windows[name]

    async def person(self) -> Person:
        found = sa.select(Person).where(Person.given_name == "Nour")
        return (await self.db.scalars(found)).one()

    async def page(self, name: str, path: str) -> Element:
        return await (await self.window(name)).page(path)

    async def send(self, name: str, path: str, data: Any = None, **more: Any) -> str:
        """What is sent is taken; returns where that leads."""
        answer = await (await self.window(name)).post(path, data, **more)
        said = parse(answer.text)
        wrong = [one.text for one in said.all() if "error" in one.attrs.get("class", "")]
        assert answer.status_code == 303, (path, answer.status_code, wrong)
        place = answer.headers["location"].split("?")[0]
        assert place != "/connexion"
        return place

    async def sign(self, place: str, data: bytes) -> None:
        """File the signed scan, and send the notices that it opens."""
        scan = {"document": ("contrat.pdf", data, "application/pdf")}
        await self.send("ines", f"{place}/document", files=scan)

    async def send_notices(self, day: D, count: int) -> None:
        query = sa.select(LegalNotice.id).where(LegalNotice.sent_on.is_(None))
        person = await self.person()
        open_ = list(
            await self.db.scalars(
                query.where(
                    LegalNotice.agreement_id.in_(
                        sa.select(AgreementPeriod.agreement_id).where(
                            AgreementPeriod.person_id == person.id
                        )
                    )
                )
            )
        )
        assert len(open_) == count
        for one in open_:
            sent = {"sent_on": str(day), "reference": f"LR {one}"}
            await self.send("ines", f"/avis/{one}", sent)

    async def renew(self, place: str, first: D, last: D) -> None:
        sent = {"signed_on": str(first - dt.timedelta(20)), "starts_on": first, "ends_on": last}
        await self.send("ines", f"{place}/renouvellements", {k: str(v) for k, v in sent.items()})

    async def take_plot(self, plot: int, first: D, last: D) -> str:
        nour = await self.person()
        sent = {"kind": "stay", "person_id": nour.id, "starts_on": first, "ends_on": last}
        sent = {key: str(value) for key, value in sent.items()}
        return await self.send("ines", f"/parcelles/{plot}/occupations", sent)


@pytest.fixture
def life(browse: Open, db: AsyncSession, cast: Cast, fixed_clock: Any) -> Life:
    return Life(browse, db, cast, fixed_clock)


async def welcomed(life: Life) -> str:
    """Paul meets her and passes her on; ines takes her on. Returns her path."""
    partner, home = life.cast.partner.id, life.cast.home.id
    sheet = {
        "structure_id": str(partner),
        "given_name": "Nour",
        "family_name": "Lambert",
        "email": "nour@exemple.fr",
        "kind": "garden",
        "project": "Des légumes pour les cantines du coin.",
        "met_on": str(NOON.date()),
        "notice_given": "on",
        "consent": "on",
        "once": "accueil",
    }
    found = await life.send("paul", "/accueils", sheet)
    path = f"/parcours/{await path_id(life)}"
    assert await life.send("paul", "/accueils", sheet) == found  # sent twice, kept once
    asked = {"structure_id": str(home), "consent": "on", "once": "orientation"}
    await life.send("paul", f"{path}/orientations", asked)
    life.on(D(2026, 12, 1))
    page = await life.page("ines", "/orientations")
    links = [one["href"] for one in page.all("a", href=None)]
    (referral,) = {one for one in links if re.search(r"/orientations/\d", one)}
    answer = {"answer": "accept", "first_meeting_on": "2026-12-04"}
    await life.send("ines", f"{referral}/reponse", answer)
    return path


async def path_id(life: Life) -> int:
    person = await life.person()
    return (await life.db.scalars(sa.select(Path.id).where(Path.person_id == person.id))).one()


async def selected(life: Life, path: str) -> None:
    """She applies, the committee says yes, and the letter leaves."""
    life.on(D(2026, 12, 10))
    file = await life.send("ines", f"{path}/candidatures", {"to_test": "Deux hectares de légumes"})
    page = await life.page("ines", file)
    for kind in page.all("input", name="kind"):
        scan = {"document": ("piece.pdf", PDF, "application/pdf")}
        await life.send("ines", f"{file}/pieces", {"kind": kind["value"]}, files=scan)
    assert "dossier complet" in (await life.page("ines", file)).text
    life.on(D(2027, 1, 15))
    session = {"structure_id": str(life.cast.home.id), "held_on": "2027-01-20"}
    table = await life.send("ines", "/comites", session)
    for juror in (life.cast.rosa, life.cast.marc):
        await life.send("ines", f"{table}/membres", {"person_id": str(juror.id)})
    await life.send("ines", f"{table}/dossiers", {"application_id": file.rsplit("/", 1)[1]})
    page = await life.page("rosa", table)
    (case,) = {one["href"] for one in page.all("a", href=None) if "/dossiers/" in one["href"]}
    life.on(D(2027, 1, 20))
    form = (await life.page("rosa", case)).one("form", action=f"{case}/grille")
    levels = {one["name"]: one["value"] for one in form.all("input", type="radio")}
    await life.send("rosa", f"{case}/grille", levels)
    decided = {"decision": "yes", "reasons": "Un projet clair, un lieu prêt."}
    await life.send("ines", f"{case}/decision", decided)
    await life.send("ines", f"{case}/notification", {"notified_on": "2027-01-20"})
    assert "candidature retenue" in (await life.page("ines", path)).text


async def under_agreement(life: Life, path: str) -> str:
    """Member, followed by marc, and a CAPE signed before it starts. Returns the agreement."""
    life.on(D(2027, 2, 15))
    nour, home = (await life.person()).id, life.cast.home.id
    seat = {"structure_id": str(home), "role": "trainee", "starts_on": "2027-02-15"}
    await life.send("ines", f"/personnes/{nour}/appartenances", seat)
    place = {"member_id": str(life.cast.marc.id), "kind": "technical", "is_lead": "on"}
    await life.send("ines", f"/testeurs/{nour}/groupe", place | {"starts_on": "2027-02-15"})
    first, last = PERIODS[0]
    asked = {
        "kind": "cape",
        "structure_id": str(home),
        "signed_on": "2027-02-15",
        "starts_on": str(first),
        "ends_on": str(last),
        "once": "convention",
    }
    agreement = await life.send("ines", f"/testeurs/{nour}/conventions", asked)
    assert await life.send("ines", f"/testeurs/{nour}/conventions", asked) == agreement
    assert "attend le document signé" in (await life.page("ines", agreement)).text
    await life.sign(agreement, PDF)
    await life.send_notices(D(2027, 2, 15), 2)
    life.on(first)
    await life.send("ines", f"{path}/etapes", {"state": "in_test"})
    return agreement


async def test_a_whole_life(life: Life) -> None:
    db, cast = life.db, life.cast
    first_plot = await build.make_plot(db, cast.farm, code="V-1")
    second_plot = await build.make_plot(db, cast.farm, code="V-2")
    tractor = await build.make_item(db, cast.farm, name="Tracteur vert", needs_agreement=True)
    await db.commit()

    path = await welcomed(life)
    await selected(life, path)
    agreement = await under_agreement(life, path)
    nour = (await life.person()).id

    # The first season: a plot with its entry report, a tractor, a visit read and signed by both.
    ground = await life.take_plot(first_plot.id, *PERIODS[0])
    reports = f"/parcelles/{first_plot.id}/etats-des-lieux"
    stays = (await life.page("marc", f"{reports}/nouveau")).one("select", name="stay_id")
    report = {"kind": "entry", "made_on": "2027-03-01", "keys": "deux clés du portail"}
    report["stay_id"] = stays.all("option")[-1]["value"]
    await life.send("marc", reports, report | {"water_meter": "120"})
    too_late = {"starts_at": "2028-03-10T09:00", "ends_at": "2028-03-10T12:00"}
    window = await life.window("nour")
    answer = await window.post(f"/materiel/{tractor.id}/reservations", too_late)
    assert answer.status_code == 422
    slot = {"starts_at": "2027-03-10T09:00", "ends_at": "2027-03-10T12:00"}
    await life.send("nour", f"/materiel/{tractor.id}/reservations", slot)
    await visited(life)

    # The second period, with a second plot; then the third one, which is the last.
    life.on(D(2028, 2, 10))
    await life.renew(agreement, *PERIODS[1])
    await life.sign(agreement, PDF + b"%2\n%%EOF\n")
    await life.send_notices(D(2028, 2, 10), 2)
    longer = {"starts_on": str(PERIODS[0][0]), "ends_on": str(LAST_PERIOD[1])}
    await life.send("ines", f"{ground}/dates", longer)
    await life.take_plot(second_plot.id, PERIODS[1][0], LAST_PERIOD[1])
    life.on(D(2029, 2, 9))
    await life.renew(agreement, *LAST_PERIOD)
    await life.sign(agreement, PDF + b"%3\n%%EOF\n")
    await life.send_notices(D(2029, 2, 9), 2)
    fourth = {"signed_on": "2029-02-09", "starts_on": "2030-03-01", "ends_on": "2031-02-28"}
    refused = await (await life.window("ines")).post(f"{agreement}/renouvellements", fourth)
    assert refused.status_code == 422
    assert "Cette période était la dernière" in parse(refused.text).text
    assert "36 mois au plus en tout" in parse(refused.text).text

    # She finds land before the end: everything is settled on one screen.
    life.on(D(2029, 9, 1))
    slot = {"starts_at": "2029-10-10T09:00", "ends_at": "2029-10-10T12:00"}
    await life.send("nour", f"/materiel/{tractor.id}/reservations", slot)
    await ended(life, agreement)
    await life.send_notices(D(2029, 9, 1), 2)
    await promises_hold(life, nour)

    # She leaves, and six months later says where she is, without any account.
    life.on(D(2029, 10, 2))
    left = {"left_on": str(END), "outcome": "settled_nearby", "insee_code": "36046", "area_ha": "3"}
    await life.send("ines", f"/testeurs/{nour}/sortie", left)
    await answered(life, nour)
    await told_in_order(life, nour)


async def visited(life: Life) -> None:
    life.on(D(2027, 4, 14))
    planned = {
        "person_id": str((await life.person()).id),
        "starts_at": "2027-04-14T10:00",
        "duration_minutes": "90",
        "kind": "technical",
        "once": "visite",
    }
    visit = await life.send("marc", "/visites", planned)
    report = f"{visit}/compte-rendu"
    held = (await life.page("marc", f"{visit}/tenue")).one("form", action=f"{visit}/tenue")
    await life.send("marc", f"{visit}/tenue", filled_in(held))
    seen = {"seen": "Les semis lèvent bien.", "version": "0", "once": "texte"}
    await life.send("marc", report, seen)
    await life.send("marc", f"{visit}/partage", {"level": "shared"})
    for name in ("marc", "nour"):
        form = (await life.page(name, report)).one("form", action=f"{visit}/signature")
        await life.send(name, f"{visit}/signature", filled_in(form))
    assert "Les semis lèvent bien." in (await life.page("nour", report)).text


def filled_in(form: Element) -> dict[str, Any]:
    """What a browser sends of a form as it is shown."""
    sent: dict[str, Any] = {}
    for one in form.all("input"):
        name, ticks = one.attrs.get("name"), one.attrs.get("type") in {"checkbox", "radio"}
        if name and name != "_csrf_token" and (not ticks or "checked" in one.attrs):
            sent.setdefault(name, []).append(one.attrs.get("value", "on"))
    for one in form.all("select"):
        options = one.all("option")
        chosen = [option for option in options if "selected" in option.attrs] or options[:1]
        sent[one["name"]] = [option["value"] for option in chosen]
    return sent


async def ended(life: Life, agreement: str) -> None:
    screen = await life.page("ines", f"{agreement}/fin?jour={END}")
    assert "deux clés du portail" in screen.text
    form = screen.one("form", method="post", class_="form wide")
    sent = filled_in(form) | {"reason": "Elle a trouvé une ferme"}
    assert len(sent["bookings"]) == 1
    assert len(sent["ground"]) == 2
    assert sent["handback"]
    await life.send("ines", f"{agreement}/fin", sent)


async def promises_hold(life: Life, nour: int) -> None:
    db = life.db
    db.expunge_all()
    during = sa.select(AgreementPeriod.during).where(AgreementPeriod.person_id == nour)
    assert list(await db.scalars(during.order_by(AgreementPeriod.number))) == [
        *(Range(first, last + dt.timedelta(1)) for first, last in PERIODS),
        Range(LAST_PERIOD[0], END + dt.timedelta(1)),
    ]
    after = END + dt.timedelta(1)
    ends = await db.scalars(
        sa.select(sa.func.max(sa.func.upper(PlotPeriod.during))).group_by(PlotPeriod.plot_id)
    )
    assert set(ends) == {after}
    states = sa.select(Booking.state).where(Booking.person_id == nour).order_by(Booking.during)
    assert list(await db.scalars(states)) == ["confirmed", "cancelled"]
    seats = sa.select(sa.func.upper(Membership.during)).where(Membership.person_id == nour)
    assert list(await db.scalars(seats)) == [after]


async def answered(life: Life, nour: int) -> None:
    life.on(D(2030, 3, 31))
    page = await life.page("ines", f"/testeurs/{nour}/sortie")
    contact = next(one["href"] for one in page.all("a", href=None) if "/suites/" in one["href"])
    await life.send("ines", f"{contact}/demande")
    query = sa.select(OutgoingMail.body).where(OutgoingMail.recipient == "nour@exemple.fr")
    bodies = " ".join(await life.db.scalars(query))
    (link,) = set(re.findall(r"/nouvelles/[\w-]+", bodies))
    stranger = await life.browse(None)
    assert (await stranger.page(link)).text.count("Nour") >= 1
    said = {"situation": "settled_nearby", "insee_code": "36046", "living": "partly"}
    assert (await stranger.post(link, said)).status_code == 200
    assert (await stranger.get(link)).status_code == 410  # one link, one answer
    asked = "moment=6&quoi=settled&debut=2029-01-01&fin=2030-03-31"
    share = await life.page("ines", f"/apres-test?{asked}")
    assert "Nour Lambert" in share.text
    assert "suivi après le test" in (await life.page("ines", f"/testeurs/{nour}")).text


async def told_in_order(life: Life, nour: int) -> None:
    """Her own file, the way she reads it: from the latest day back to the first one."""
    page = await life.page("ines", f"/testeurs/{nour}")
    told = page.one(id="timeline").text
    days = [one["datetime"] for one in page.one(id="timeline").all("time", datetime=None)]
    assert days == sorted(days, reverse=True)
    wanted = ["suivi après le test", "test terminé", "renouvelé", "signé avec", "Accueil par"]
    places = [told.index(one) for one in wanted]
    assert places == sorted(places)
