"""Rights on land: what the law allows, what stays rest on, papers, warnings before the end."""

import asyncio
import datetime as dt
import io
from decimal import Decimal

import pytest
import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from PIL import Image
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from couveuse.core import journal
from couveuse.core.actor import Actor
from couveuse.core.db import make_engine, make_sessions, unit_of_work
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.files import MAX_BYTES, StoredFile
from couveuse.occupancy.models import PeriodKind, PlotPeriod, Stay
from couveuse.plots.models import Plot, plot_right
from couveuse.structures import actions, queries
from couveuse.structures.forms import LandRightForm, NewLandRightForm, RenewalForm
from couveuse.structures.models import (
    LandForm,
    LandRight,
    RightInUse,
    RightState,
    StaysBeyondRight,
    Structure,
)
from couveuse.structures.rules import FORM_LABELS, FORM_REMARKS, limits_in_words
from tests import build
from tests.html import parse

TODAY = dt.date(2026, 11, 25)
UNKNOWN = 999_999_999
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def typed(**fields) -> LandRightForm:
    usual = {"form": "free_loan", "starts_on": "2026-01-01", "ends_on": "2030-12-31"}
    return LandRightForm.model_validate(usual | fields)


async def hold(db, cast, *, end: dt.date | None = dt.date(2031, 1, 1), **fields) -> LandRight:
    fields = {"structure_id": cast.home.id, "form": "free_loan", "start": build.LONG_AGO} | fields
    during = Range(fields.pop("start"), end)
    right = LandRight(site_id=cast.farm.id, during=during, **fields)
    db.add(right)
    await db.flush()
    return right


async def again(db, cast, right: LandRight | int) -> LandRight:
    right_id = right if isinstance(right, int) else right.id
    return await queries.get_land_right(db, cast.actors["ines"], right_id)


async def record(db, cast, **fields) -> LandRight:
    data = NewLandRightForm(site_id=cast.farm.id, **dict(typed(**fields)))
    return await actions.record_land_right(db, cast.actors["ines"], cast.home, data)


def reasons(refused) -> dict[str, str]:
    return {one.code: str(one).replace("\u00a0", " ") for one in refused.value.reasons}


async def settle(db, cast, right: LandRight, last: dt.date) -> None:
    """A stay until a day, on a plot of the right."""
    plot = Plot(site_id=cast.farm.id, code=f"P{right.id}", during=Range(build.LONG_AGO, None))
    stay = Stay()
    db.add_all([plot, stay])
    await db.flush()
    await db.execute(sa.insert(plot_right).values(plot_id=plot.id, land_right_id=right.id))
    db.add(
        PlotPeriod(
            plot_id=plot.id,
            stay_id=stay.id,
            kind=PeriodKind.STAY,
            during=Range(dt.date(2026, 1, 1), last + dt.timedelta(days=1)),
            created_by_id=cast.ines.id,
        )
    )
    await db.flush()


# --- what the law allows


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"form": "safer", "ends_on": "2031-12-31"}, None),
        ({"form": "safer", "ends_on": "2032-01-01"}, "right_too_long"),
        ({"form": "safer", "ends_on": ""}, "end_needed"),
        ({"form": "safer", "ends_on": "2037-12-31", "renewals": 1}, None),
        ({"form": "safer", "ends_on": "2038-01-01", "renewals": 1}, "right_too_long"),
        ({"form": "safer", "ends_on": "2031-12-31", "renewals": 2}, "too_many_renewals"),
        ({"form": "rural_lease", "ends_on": "2034-12-31"}, None),
        ({"form": "rural_lease", "ends_on": "2034-12-30"}, "right_too_short"),
        ({"form": "rural_lease", "ends_on": ""}, None),
        ({"form": "environmental_lease", "ends_on": "2030-12-31"}, "right_too_short"),
        ({"form": "free_loan", "yearly_fee": "0,01"}, "fee_on_free_form"),
        ({"form": "free_loan", "yearly_fee": "0"}, None),
        ({"form": "free_loan", "ends_on": ""}, None),
        ({"form": "precarious", "yearly_fee": "120,50"}, None),
        ({"form": "castle"}, "unknown_form"),
    ],
)
async def test_the_limits_of_each_form(db, cast, fields, code):
    fields = {name: value or None for name, value in fields.items()}
    if code is None:
        right = await record(db, cast, **fields)
        assert right.yearly_fee in (None, Decimal("120.50"))
    else:
        with pytest.raises(Refused) as refused:
            await record(db, cast, **fields)
        assert list(reasons(refused)) == [code]
        assert await db.scalar(sa.select(sa.func.count()).select_from(LandRight)) == 0


async def test_a_leap_day_counts_whole_years(db, cast):
    """From 29 February on, six years end on 27 February: the 28th would begin the seventh."""
    await record(db, cast, form="safer", starts_on="2028-02-29", ends_on="2034-02-27")
    with pytest.raises(Refused):
        await record(db, cast, form="safer", starts_on="2028-02-29", ends_on="2034-02-28")


async def test_a_refusal_says_the_reason_the_day_and_the_article(db, cast):
    with pytest.raises(Refused) as refused:
        await record(db, cast, form="safer", ends_on="2040-01-01", renewals=3)

    assert reasons(refused) == {
        "too_many_renewals": (
            "« Mise à disposition SAFER » : renouvelable 1 fois au plus. Notez un nouveau droit, "
            "d'une autre forme. (Code rural L142-6)"
        ),
        "right_too_long": (
            "« Mise à disposition SAFER » : 6 ans au plus, renouvelable 1 fois au plus, à partir "
            "du 1er janv. 2026. Le dernier jour possible est le 31 déc. 2037. (Code rural L142-6)"
        ),
    }


async def test_the_law_of_the_first_day_counts(db, cast):
    """A change of the law is a row: rights begun before keep to what was in force."""
    old = await db.scalar(sa.select(LandForm).where(LandForm.code == "safer"))
    assert old
    change = dt.date(2027, 1, 1)
    old.in_force = Range(old.in_force.lower, change)
    await db.flush()
    db.add(LandForm(code="safer", label=old.label, max_years=3, in_force=Range(change, None)))
    await db.flush()

    await record(db, cast, form="safer", starts_on="2026-12-31", ends_on="2032-12-30")
    with pytest.raises(Refused):
        await record(db, cast, form="safer", starts_on="2027-01-01", ends_on="2032-12-31")
    await record(db, cast, form="safer", starts_on="2027-01-01", ends_on="2029-12-31")


async def test_every_form_has_its_words_in_the_catalogue(db):
    forms = await queries.list_land_forms(db)

    assert {one.label for one in forms} == set(FORM_LABELS)
    assert {one.watch for one in forms if one.watch} == set(FORM_REMARKS)
    words = {one.code: limits_in_words(one) for one in forms}
    assert words["rural_lease"] == ["9 ans au moins"]
    assert words["safer"] == ["6 ans au plus", "renouvelable 1 fois au plus"]
    assert words["free_loan"] == ["gratuit"]


# --- renewals and changes


async def test_a_renewal_counts_and_goes_further(db, cast):
    ines = cast.actors["ines"]
    right = await hold(db, cast, form="safer", start=TODAY, end=TODAY + relativedelta(years=6))

    await actions.renew_land_right(db, ines, right, RenewalForm(ends_on=dt.date(2038, 11, 24)))
    assert (right.renewals, right.last_day) == (1, dt.date(2038, 11, 24))
    with pytest.raises(Refused) as refused:
        await actions.renew_land_right(db, ines, right, RenewalForm(ends_on=dt.date(2040, 1, 1)))

    assert set(reasons(refused)) == {"too_many_renewals", "right_too_long"}
    kept = await again(db, cast, right)
    assert (kept.renewals, kept.last_day) == (1, dt.date(2038, 11, 24))
    line = (await journal.lines_about(db, "land_right", right.id))[0]
    assert "24 nov. 2038" in journal.sentence(line)


@pytest.mark.parametrize(("end", "code"), [(None, "no_end"), (dt.date(2031, 1, 1), "not_longer")])
async def test_a_renewal_must_go_further(db, cast, end, code):
    right = await hold(db, cast, end=end)

    data = RenewalForm(ends_on=dt.date(2030, 12, 31))
    with pytest.raises(Refused) as refused:
        await actions.renew_land_right(db, cast.actors["ines"], right, data)

    assert list(reasons(refused)) == [code]


async def test_a_right_is_not_shortened_under_a_stay(db, cast):
    ines = cast.actors["ines"]
    right = await hold(db, cast)
    right_id = right.id
    await settle(db, cast, right, dt.date(2028, 10, 31))

    await actions.edit_land_right(db, ines, right, typed(ends_on="2028-10-31"))
    with pytest.raises(StaysBeyondRight) as refused:
        await actions.edit_land_right(db, ines, right, typed(ends_on="2028-10-30"))
    assert "s'appuient sur ce droit" in str(refused.value.reasons[0])
    right = await again(db, cast, right_id)
    with pytest.raises(StaysBeyondRight):
        await actions.edit_land_right(db, ines, right, typed(starts_on="2026-01-02"))
    right = await again(db, cast, right_id)
    with pytest.raises(RightInUse):
        await actions.remove_land_right(db, ines, right)

    assert (await again(db, cast, right_id)).last_day == dt.date(2028, 10, 31)


async def test_a_following_right_carries_a_stay_on(db, cast):
    first = await hold(db, cast, end=dt.date(2027, 1, 1))
    second = await hold(db, cast, start=dt.date(2027, 1, 1))
    await settle(db, cast, first, dt.date(2026, 12, 31))
    plot = await db.scalar(sa.select(Plot.id).where(Plot.code == f"P{first.id}"))
    await db.execute(sa.insert(plot_right).values(plot_id=plot, land_right_id=second.id))
    await db.execute(sa.update(PlotPeriod).values(during=Range(TODAY, dt.date(2028, 1, 1))))

    with pytest.raises(StaysBeyondRight):
        await actions.edit_land_right(
            db, cast.actors["ines"], second, typed(starts_on="2027-01-02")
        )


async def test_a_mistake_is_removed_and_told_on_the_structure(db, cast):
    right = await again(db, cast, await hold(db, cast))

    await actions.remove_land_right(db, cast.actors["ines"], right)

    with pytest.raises(NotVisible):
        await again(db, cast, right)
    line = (await journal.lines_about(db, "structure", cast.home.id))[0]
    assert "Ferme test La Châtre" in journal.sentence(line)


# --- states and warnings


@pytest.mark.parametrize(
    ("start", "end", "state", "months"),
    [
        (TODAY, None, RightState.IN_FORCE, None),
        (TODAY + relativedelta(days=1), TODAY + relativedelta(days=9), RightState.TO_COME, 3),
        (build.LONG_AGO, TODAY, RightState.ENDED, None),
        (build.LONG_AGO, TODAY + relativedelta(days=1), RightState.ENDING, 3),
        (build.LONG_AGO, TODAY + relativedelta(months=3), RightState.ENDING, 3),
        (build.LONG_AGO, TODAY + relativedelta(months=3, days=1), RightState.ENDING, 6),
        (build.LONG_AGO, TODAY + relativedelta(months=6), RightState.ENDING, 6),
        (build.LONG_AGO, TODAY + relativedelta(months=12), RightState.ENDING, 12),
        (build.LONG_AGO, TODAY + relativedelta(months=12, days=1), RightState.IN_FORCE, None),
    ],
)
def test_the_state_of_a_right_and_its_warning(start, end, state, months):
    right = LandRight(during=Range(start, end))

    assert right.state_on(TODAY) == state
    assert right.warning_on(TODAY) == months


async def test_rights_that_end_are_listed_the_soonest_first(db, cast):
    lea = cast.actors["lea"]
    ends = [relativedelta(years=1, days=1), relativedelta(years=1), relativedelta(months=2)]
    far, year, soon = [await hold(db, cast, end=TODAY + one) for one in ends]
    await hold(db, cast, end=TODAY)
    await hold(db, cast, end=None)
    await hold(db, cast, start=TODAY + dt.timedelta(days=1), end=TODAY + dt.timedelta(days=9))

    ending = await queries.list_rights_ending(db, lea)
    sooner = await queries.list_rights_ending(db, lea, dt.timedelta(days=90))

    assert [one.id for one in ending] == [soon.id, year.id]
    assert [one.id for one in sooner] == [soon.id]
    assert (ending[0].site.name, ending[0].structure.label) == ("Ferme test La Châtre", "CIVAM")
    assert await queries.list_rights_ending(db, cast.actors["zoe"]) == []
    assert far.id in {one.id for one in await queries.list_land_rights(db, lea)}


async def test_the_list_puts_the_soonest_end_first_and_the_past_last(db, cast):
    past = await hold(db, cast, end=TODAY)
    longer_past = await hold(db, cast, end=dt.date(2024, 1, 1))
    open_end = await hold(db, cast, end=None)
    soon = await hold(db, cast, end=dt.date(2027, 1, 1))

    listed = await queries.list_land_rights(db, cast.actors["lea"], site_id=cast.farm.id)

    assert [one.id for one in listed] == [soon.id, open_end.id, past.id, longer_past.id]
    assert await queries.list_land_rights(db, cast.actors["lea"], site_id=cast.neuvy.id) == []


# --- the promises of the database, on both servers


async def test_the_database_itself_refuses_what_the_law_does(database):
    engine = create_async_engine(database)
    async with AsyncSession(engine, expire_on_commit=False) as db:
        structure = await build.make_structure(db)
        site = await build.make_site(db, structure)
        person = await build.make_person(db)
        await db.commit()
        ids = {"structure_id": structure.id, "site_id": site.id}

    async def refused(**fields) -> str:
        async with AsyncSession(engine, expire_on_commit=False) as db:
            usual = {"form": "safer", "during": Range(build.LONG_AGO, None)}
            db.add(LandRight(**(ids | usual | fields)))
            with pytest.raises(IntegrityError) as error:
                await db.flush()
            return error.value.orig.__cause__.constraint_name

    free = {"form": "free_loan", "yearly_fee": Decimal(0)}
    assert await refused(**free) == "land_right_free_loan_is_free"
    assert await refused(yearly_fee=Decimal(-1)) == "land_right_fee_not_negative"
    assert await refused(during=Range(None, TODAY)) == "land_right_has_a_start"

    async with AsyncSession(engine, expire_on_commit=False) as db:
        right = LandRight(**ids, form="safer", during=Range(build.LONG_AGO, dt.date(2030, 1, 1)))
        db.add(right)
        await db.flush()
        plot = Plot(site_id=site.id, code="P1", during=Range(build.LONG_AGO, None))
        stay = Stay()
        db.add_all([plot, stay])
        await db.flush()
        await db.execute(sa.insert(plot_right).values(plot_id=plot.id, land_right_id=right.id))
        db.add(
            PlotPeriod(
                plot_id=plot.id,
                stay_id=stay.id,
                kind=PeriodKind.STAY,
                during=Range(build.LONG_AGO, dt.date(2030, 1, 1)),
                created_by_id=person.id,
            )
        )
        await db.commit()
        right.during = Range(build.LONG_AGO, dt.date(2029, 12, 31))
        with pytest.raises(IntegrityError) as error:
            await db.flush()
        assert error.value.orig.__cause__.constraint_name == "land_right_covers_stays"
    await engine.dispose()


async def settled(engine) -> dict[str, int]:
    """A right until the end of 2030 on a plot, and a stay to put there."""
    async with AsyncSession(engine, expire_on_commit=False) as db:
        structure = await build.make_structure(db)
        site = await build.make_site(db, structure)
        person = await build.make_person(db)
        during = Range(TODAY, dt.date(2031, 1, 1))
        right = LandRight(
            structure_id=structure.id, site_id=site.id, form="free_loan", during=during
        )
        plot, stay = Plot(site_id=site.id, code="P1", during=Range(TODAY, None)), Stay()
        db.add_all([right, plot, stay])
        await db.flush()
        await db.execute(sa.insert(plot_right).values(plot_id=plot.id, land_right_id=right.id))
        await db.commit()
        ids = {"plot_id": plot.id, "stay_id": stay.id, "created_by_id": person.id}
        return ids | {"right": right.id}


def actor_named(person_id: int) -> Actor:
    return Actor(person_id, "Inès", None, None, frozenset(), 0)


async def test_nobody_shortens_a_right_while_a_stay_is_being_put_on_it(database):
    """Whoever is first wins, the other waits and is refused; no stay is left beyond its right."""
    engine = make_engine(database)
    sessions = make_sessions(engine)
    ids = await settled(engine)
    right_id = ids.pop("right")
    actor = actor_named(ids["created_by_id"])

    async def shorten() -> None:
        async with unit_of_work(sessions) as db:
            right = await db.get_one(LandRight, right_id)
            short = typed(starts_on=TODAY, ends_on="2028-12-31")
            await actions.edit_land_right(db, actor, right, short)

    async with sessions() as moving_in:
        stay = Range(TODAY, dt.date(2031, 1, 1))
        moving_in.add(PlotPeriod(**ids, kind=PeriodKind.STAY, during=stay))
        await moving_in.flush()
        shortening = asyncio.create_task(shorten())
        await asyncio.sleep(0.3)
        assert not shortening.done()
        await moving_in.commit()
    with pytest.raises(StaysBeyondRight):
        await shortening
    await engine.dispose()


async def test_two_renewals_at_once_count_as_one(database):
    engine = make_engine(database)
    sessions = make_sessions(engine)
    ids = await settled(engine)
    actor = actor_named(ids["created_by_id"])

    async def renew() -> str:
        async with unit_of_work(sessions) as db:
            right = await db.get_one(LandRight, ids["right"])
            await asyncio.sleep(0.1)  # both have read it
            try:
                await actions.renew_land_right(
                    db, actor, right, RenewalForm(ends_on=dt.date(2032, 12, 31))
                )
            except Refused as refused:
                return refused.reasons[0].code
            return "renewed"

    assert sorted(await asyncio.gather(*(renew() for _ in range(8)))) == (
        ["not_longer"] * 7 + ["renewed"]
    )
    async with sessions() as db:
        right = await db.get_one(LandRight, ids["right"])
        assert (right.renewals, right.last_day) == (1, dt.date(2032, 12, 31))
    await engine.dispose()


# --- screens


def pages(structure: int, right: int) -> list[tuple[str, str]]:
    return [
        ("GET", f"/structures/{structure}/droits/nouveau"),
        ("POST", f"/structures/{structure}/droits"),
        ("GET", f"/droits/{right}/modification"),
        ("POST", f"/droits/{right}"),
        ("GET", f"/droits/{right}/renouvellement"),
        ("POST", f"/droits/{right}/renouvellement"),
        ("POST", f"/droits/{right}/suppression"),
    ]


async def send(browser, method, path, data=None, **kwargs):
    return await (browser.get(path) if method == "GET" else browser.post(path, data, **kwargs))


def answers(**fields) -> dict[str, str]:
    usual = {"form": "free_loan", "starts_on": "2026-01-01", "ends_on": "2030-12-31"}
    return usual | fields


async def test_only_coordination_and_the_structure_record_rights(browse, db, cast):
    right = await hold(db, cast)
    await db.commit()
    signed_out, zoe = await browse(), await browse("zoe")
    reading = [("GET", f"/droits/{right.id}"), ("GET", f"/droits/{right.id}/document")]

    for method, path in pages(cast.home.id, right.id):
        for name in ("lea", "marc", "gaston", "paul"):
            assert (await send(await browse(name), method, path)).status_code == 403, (name, path)
    for method, path in [*pages(cast.home.id, right.id), *reading]:
        assert (await send(signed_out, method, path)).status_code == 303
        assert (await send(zoe, method, path)).status_code == 404
    for method, path in [*pages(UNKNOWN, UNKNOWN), ("GET", f"/droits/{UNKNOWN}")]:
        assert (await send(await browse("ines"), method, path)).status_code == 404
    assert (await zoe.get("/structures/droits")).status_code == 403
    assert (await (await browse("lea")).get(f"/droits/{right.id}")).status_code == 200
    assert await db.scalar(sa.select(sa.func.count()).select_from(LandRight)) == 1


async def test_a_structure_manager_records_renews_and_removes_a_right(browse, db, cast):
    paul = await browse("paul")
    form = answers(
        form="safer",
        site_id=str(cast.neuvy.id),
        ends_on="31/12/2026",
        owner_name="SAFER du Centre",
        owner_contact="02 54 00 00 00",
        yearly_fee="1 250,50",
        conditions="Haies à entretenir.",
    )

    made = await paul.post(f"/structures/{cast.partner.id}/droits", form)
    where = made.headers["location"]
    shown = await paul.page(where)
    structure = await paul.page(f"/structures/{cast.partner.id}")
    renewed = await paul.post(f"{where}/renouvellement", {"ends_on": "2031-12-31"})
    later = await paul.page(where)
    removed = await paul.post(f"{where}/suppression")

    assert [one.status_code for one in (made, renewed, removed)] == [303] * 3
    for word in ("Mise à disposition SAFER", "SAFER du Centre", "1 250,50 €", "Haies à entretenir"):
        assert word in shown.text
    assert "fin dans moins de 3 mois" in shown.text
    assert "6 ans au plus, renouvelable 1 fois au plus." in shown.text
    warned = structure.one("p", data_warning=where.rpartition("/")[2]).text
    assert "Lieu-test Neuvy" in warned
    assert "jeudi 31 décembre 2026" in warned
    assert not later.all("p", data_warning=None)
    assert "a renouvelé ce droit jusqu'au" in later.text
    assert not later.all("a", href=f"{where}/renouvellement")  # the law allows one only
    assert (await paul.get(where)).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("form", "", "à remplir"),
        ("form", "castle", "forme de la liste"),
        ("site_id", "", "à remplir"),
        ("site_id", str(UNKNOWN), "site de la liste"),
        ("starts_on", "", "à remplir"),
        ("ends_on", "2025-01-01", "avant le premier"),
        ("yearly_fee", "100", "est gratuit"),
        ("yearly_fee", "-1", "au moins 0"),
        ("yearly_fee", "beaucoup", "12,50"),
        ("yearly_fee", "NaN", "12,50"),
        ("renewals", "-1", "au moins 0"),
        ("renewals", "21", "au plus 20"),
        ("renewals", "x", "nombre entier"),
        ("conditions", "x" * 4001, "4000 caractères"),
        ("owner_name", "x" * 201, "200 caractères"),
    ],
)
async def test_a_bad_field_is_said_beside_it_and_nothing_is_kept(
    browse, db, cast, field, value, said
):
    form = answers(site_id=str(cast.farm.id)) | {field: value}

    answer = await (await browse("ines")).post(f"/structures/{cast.home.id}/droits", form)

    assert answer.status_code == 422
    told = parse(answer.text).one(id=f"f-{field}").parent.text
    assert said in told.replace("\u202f", " ")
    assert await db.scalar(sa.select(sa.func.count()).select_from(LandRight)) == 0


async def test_a_refused_change_keeps_what_was_typed_and_the_right(browse, db, cast):
    right = await hold(db, cast)
    await settle(db, cast, right, dt.date(2028, 10, 31))
    await db.commit()
    ines = await browse("ines")

    answer = await ines.post(
        f"/droits/{right.id}", answers(ends_on="2027-01-01", owner_name="M. Bru")
    )
    removed = await ines.post(f"/droits/{right.id}/suppression")

    shown = parse(answer.text)
    assert answer.status_code == 422
    assert "s'appuient sur ce droit" in shown.one(id="f-ends_on").parent.text
    assert shown.one(id="f-owner_name")["value"] == "M. Bru"
    assert removed.status_code == 409
    assert "Des parcelles s'appuient sur ce droit" in parse(removed.text).text
    await db.refresh(right)
    assert (right.last_day, right.owner_name) == (dt.date(2030, 12, 31), None)


async def test_the_form_offers_each_form_and_says_what_it_asks(browse, cast):
    shown = await (await browse("ines")).page(
        f"/structures/{cast.home.id}/droits/nouveau?site={cast.farm.id}"
    )

    options = {one["value"] for one in shown.one(id="f-form").all("option")}
    assert {"owned", "free_loan", "safer", "rural_lease", "support_contract"} < options
    assert shown.one("option", selected=None, value=str(cast.farm.id))
    assert "Code rural L142-6" in shown.text
    assert "Strictement gratuit" in shown.text


async def test_rights_are_listed_for_the_network_and_for_the_site(browse, db, cast):
    right = await hold(db, cast, end=TODAY + relativedelta(months=5), owner_name="Mme Petit")
    over = await hold(db, cast, end=TODAY)
    await db.commit()
    lea = await browse("lea")

    for path in ("/structures/droits", f"/sites/{cast.farm.id}"):
        shown = await lea.page(path)
        line = shown.one("li", data_right=str(right.id)).text
        for word in ("Prêt à usage", "Mme Petit", "CIVAM", "fin dans moins de 6 mois"):
            assert word in line
        assert "terminé" in shown.one("li", data_right=str(over.id)).text
    assert not shown.all("a", href=f"/structures/{cast.home.id}/droits/nouveau?site={cast.farm.id}")


# --- documents


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


async def put(browser, right: LandRight, data: bytes, name: str = "bail.pdf", **fields):
    files = {"document": (name, data, "application/octet-stream")}
    return await browser.post(f"/droits/{right.id}", answers(**fields), files=files)


async def test_a_signed_pdf_is_kept_as_it_is_and_served_to_members(browse, db, cast):
    right = await hold(db, cast)
    await db.commit()
    ines, where = await browse("ines"), f"/droits/{right.id}/document"

    assert (await ines.get(where)).status_code == 404
    assert (await put(ines, right, PDF, "../../etc/passwd")).status_code == 303
    sent = await (await browse("lea")).get(where)

    assert (sent.status_code, sent.content) == (200, PDF)
    assert sent.headers["content-type"] == "application/pdf"
    assert sent.headers["x-content-type-options"] == "nosniff"
    said = sent.headers["content-disposition"]
    assert said.startswith("attachment")
    assert "ferme-test-la-chatre-2020-01-01.pdf" in said or "2026-01-01.pdf" in said
    assert (await (await browse("zoe")).get(where)).status_code == 404
    assert (await (await browse()).get(where)).status_code == 303


async def test_a_document_stays_is_replaced_or_removed(browse, db, cast):
    right = await hold(db, cast)
    await db.commit()
    ines = await browse("ines")

    async def kept() -> str | None:
        return await db.scalar(sa.select(LandRight.document).where(LandRight.id == right.id))

    await put(ines, right, PDF)
    first = await kept()
    await ines.post(f"/droits/{right.id}", answers())
    assert await kept() == first
    assert (await put(ines, right, photo(), "photo.png")).status_code == 303
    assert await kept() not in (None, first)
    sent = await ines.get(f"/droits/{right.id}/document")
    assert sent.headers["content-type"] == "image/jpeg"
    assert sent.headers["content-disposition"].startswith("inline")
    await ines.post(f"/droits/{right.id}", answers(remove_document="on"))
    assert await kept() is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "ni un PDF ni une photo"),
        (b"<html><script>alert(1)</script>", "ni un PDF ni une photo"),
        (b"MZ" + b"\0" * 100, "ni un PDF ni une photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ni un PDF ni une photo"),
        (PDF[:40], "sa fin manque"),
        (PDF + b" " * MAX_BYTES, "dépasse 8 Mo"),
        (b"\0" * (MAX_BYTES + 1), "dépasse 8 Mo"),
    ],
    ids=["empty", "html", "program", "svg", "cut", "large pdf", "large"],
)
async def test_what_is_no_document_is_refused_on_its_field(browse, db, cast, data, said):
    right = await hold(db, cast)
    await db.commit()

    answer = await put(await browse("ines"), right, data, owner_name="M. Bru")

    shown = parse(answer.text)
    assert answer.status_code == 422
    assert said in shown.one(id="f-document").parent.text
    assert shown.one(id="f-owner_name")["value"] == "M. Bru"
    assert await db.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 0


async def test_the_name_of_a_document_cannot_be_typed(browse, db, cast):
    right = await hold(db, cast)
    await db.commit()

    await (await browse("ines")).post(f"/droits/{right.id}", answers(document="a" * 64))

    assert await db.scalar(sa.select(LandRight.document)) is None


def test_a_structure_says_whether_it_was_a_member_on_a_day():
    structure = Structure(joined_on=dt.date(2020, 1, 1), left_on=dt.date(2025, 12, 31))

    days = [dt.date(2019, 12, 31), dt.date(2020, 1, 1), dt.date(2025, 12, 31), dt.date(2026, 1, 1)]
    assert [structure.was_member_on(day) for day in days] == [False, True, True, False]
