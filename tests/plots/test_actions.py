import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from couveuse.core import geo, journal
from couveuse.core.errors import Refused
from couveuse.plots import actions, describing, queries
from couveuse.plots.dividing import shared_out
from couveuse.plots.forms import LandEventForm, NewPlotForm, PlotForm
from couveuse.plots.models import Plot, PlotLineage, PlotParcel
from couveuse.plots.split_forms import Part, SplitForm, Whole
from tests import build

D = dt.date
ON = D(2027, 3, 1)
FIELD = geo.rectangle((1.98, 46.57), 100, 50, 0)
WEST, EAST = geo.rectangle((1.98, 46.57), 100, 25, 0), geo.rectangle((1.9803263, 46.57), 100, 25, 0)


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


async def afresh(db, *plots: Plot) -> None:
    """What a refusal undid is read again before the plots are used again."""
    for plot in plots:
        await db.refresh(plot)


async def whole(db, plot: Plot) -> Plot:
    [fresh] = await queries.lock_plots(db, [plot.id])
    return fresh


async def verbs(db, plot: Plot) -> list[str]:
    await db.flush()
    return [line.verb for line in await journal.lines_about(db, "plot", plot.id)]


@pytest.fixture
async def plot(db, cast) -> Plot:
    right = await build.make_land_right(db, cast.farm, end=D(2032, 1, 1))
    return await build.make_plot(
        db,
        cast.farm,
        code="LC-9",
        rights=[right],
        parcels=[PlotParcel(reference="36046000ZB0105", area_m2=Decimal(900))],
        declared_m2=Decimal(1000),
        covered_m2=Decimal(300),
        soil="limon",
        has_water=True,
        features=["haie"],
        conversion_on=D(2021, 3, 15),
    )


# --- adding and changing


def form(**fields) -> NewPlotForm:
    return NewPlotForm.model_validate(
        {"site_id": 1, "code": "N-1", "starts_on": "2026-01-01"} | fields
    )


async def test_a_plot_is_added_with_all_that_is_said_of_it(db, cast):
    data = form(
        insee_code="36046",
        parcels="zb 105 : 1 200,5\n36046 000 C 12",
        features=["haie, mare ; haie"],
        declared_m2="10 000",
        conversion_on="15/03/2021",
    )
    plot = await actions.create_plot(db, cast.actors["ines"], cast.farm, data, FIELD)
    plot = await whole(db, plot)
    assert plot.during == Range(D(2026, 1, 1), None)
    assert {one.reference: one.area_m2 for one in plot.parcels} == {
        "36046000ZB0105": Decimal("1200.5"),
        "360460000C0012": None,
    }
    assert plot.features == ["haie", "mare"]
    assert plot.area_m2 == geo.area_m2(FIELD)
    assert plot.size_m2 == 10_000
    assert await verbs(db, plot) == ["plot.added"]


async def test_a_plot_without_outline_has_none_in_the_database_too(db, cast):
    plot = await actions.create_plot(db, None, cast.farm, form())
    assert await db.scalar(sa.select(Plot.id).where(Plot.outline.is_(None), Plot.id == plot.id))


async def test_a_code_is_of_one_plot_whatever_its_case(db, cast, plot):
    with pytest.raises(Refused) as refused:
        await actions.create_plot(db, cast.actors["ines"], cast.farm, form(code="lc-9"))
    assert codes(refused) == ["plot_code_taken"]


async def test_parts_larger_than_the_plot_are_refused(db, cast):
    with pytest.raises(Refused) as refused:
        await actions.create_plot(db, None, cast.farm, form(declared_m2="100", covered_m2="101"))
    assert codes(refused) == ["parts_beyond_area"]


async def test_a_right_of_another_site_is_refused(db, cast):
    right = await build.make_land_right(db, cast.neuvy)
    with pytest.raises(Refused) as refused:
        await actions.create_plot(db, None, cast.farm, form(rights=[right.id]))
    assert codes(refused) == ["unknown_right"]


async def edited(db, plot, **fields) -> Plot:
    present = await whole(db, plot)
    data = PlotForm.model_validate(describing.typed(present) | fields)
    return await actions.edit_plot(db, None, present, data)


async def test_a_change_is_written_in_the_journal_with_what_was(db, plot):
    await edited(db, plot, soil="argile", parcels="36046000ZB0105\n36046000ZB0106")
    await db.flush()
    (line,) = await journal.lines_about(db, "plot", plot.id)
    assert journal.sentence(line) == (
        "a modifié la parcelle : Sol (limon → argile), Parcelles cadastrales "
        "(36046000ZB0105 : 900 → 36046000ZB0105, 36046000ZB0106)"
    )


async def test_saving_the_same_again_changes_nothing(db, plot):
    await edited(db, plot)
    assert await verbs(db, plot) == []


async def test_a_form_opened_before_somebody_elses_change_is_refused(db, plot):
    seen = describing.digest_of(await whole(db, plot))
    await edited(db, plot, soil="argile")
    with pytest.raises(Refused) as refused:
        await edited(db, plot, soil="sable", seen=seen)
    assert codes(refused) == ["seen_before"]


async def test_the_outline_measures_and_the_declared_area_stays(db, plot):
    drawn = await actions.redraw_plot(db, None, plot, FIELD)
    assert drawn.area_m2 == geo.area_m2(FIELD)
    assert drawn.size_m2 == 1000
    assert drawn.area_gap == 400
    await actions.redraw_plot(db, None, plot, FIELD)
    erased = await actions.redraw_plot(db, None, plot, None)
    assert erased.area_m2 is None
    assert await verbs(db, plot) == ["plot.erased", "plot.drawn"]


# --- service


async def test_service_ends_on_a_day_and_may_go_on_after_all(db, cast, plot):
    ended = await actions.end_service(db, cast.actors["ines"], plot, D(2027, 1, 31))
    assert ended.during.upper == D(2027, 2, 1)
    back = await actions.end_service(db, cast.actors["ines"], plot, None)
    assert back.during.upper is None


async def test_service_does_not_end_before_it_began(db, cast, plot):
    with pytest.raises(Refused) as refused:
        await actions.end_service(db, cast.actors["ines"], plot, D(2019, 12, 31))
    assert codes(refused) == ["ends_too_early"]


async def test_a_plot_that_is_held_beyond_the_day_stays_in_service(db, cast, plot):
    await db.execute(
        sa.text(
            "INSERT INTO plot_period (plot_id, during, kind, created_by_id) "
            "VALUES (:plot, '[2027-01-01,2027-06-01)', 'works', :person)"
        ),
        {"plot": plot.id, "person": cast.ines.id},
    )
    with pytest.raises(Refused) as refused:
        await actions.end_service(db, cast.actors["ines"], plot, D(2027, 5, 30))
    assert codes(refused) == ["plot_still_held"]
    await afresh(db, plot)
    await actions.end_service(db, cast.actors["ines"], plot, D(2027, 5, 31))


# --- splitting


def parts(*sizes, covered=(300, 0)) -> list[Part]:
    return [
        Part(code=f"LC-9{letter}", size_m2=Decimal(size), covered_m2=Decimal(under))
        for letter, size, under in zip("ABC", sizes, (*covered, 0), strict=False)
    ]


async def test_a_split_ends_the_plot_the_day_before_and_loses_no_ground(db, cast, plot):
    children = await actions.split_plot(db, cast.actors["ines"], plot, ON, parts("600", "400"))
    ended = await whole(db, plot)
    assert ended.during == Range(build.LONG_AGO, ON)
    assert [child.during for child in children] == [Range(ON, None)] * 2
    assert sum(child.size_m2 for child in children) == ended.size_m2
    assert sum(child.covered_m2 for child in children) == ended.covered_m2
    lineage = await db.scalars(sa.select(PlotLineage).where(PlotLineage.parent_id == plot.id))
    assert {(one.child_id, one.kind, one.happened_on) for one in lineage} == {
        (child.id, "split", ON) for child in children
    }


async def test_a_new_plot_is_covered_by_the_only_right_of_its_site(db, cast):
    right = await build.make_land_right(db, cast.farm, end=D(2031, 1, 1))
    await build.make_land_right(db, cast.farm, start=D(2015, 1, 1), end=D(2020, 1, 1))  # over
    covered = await actions.create_plot(db, None, cast.farm, form(code="N-1", rights=[]))
    assert [one.id for one in covered.rights] == [right.id]

    await build.make_land_right(db, cast.farm)
    chosen_later = await actions.create_plot(db, None, cast.farm, form(code="N-2", rights=[]))
    assert chosen_later.rights == []


async def test_each_part_has_its_slice_of_the_outline_and_of_what_is_cultivable(db, cast, plot):
    plot.outline = geo.rectangle((1.98, 46.57), 50, 20, 30)
    plot.area_m2, plot.cultivable_m2 = geo.area_m2(plot.outline), Decimal(900)
    await db.flush()
    children = await actions.split_plot(db, cast.actors["ines"], plot, ON, parts("600", "400"))
    assert [round(child.area_m2 or 0, -1) for child in children] == [600, 400]
    assert [child.cultivable_m2 for child in children] == [540, 360]


async def test_the_parts_inherit_the_land(db, cast, plot):
    children = await actions.split_plot(db, cast.actors["ines"], plot, ON, parts("600", "400"))
    for child in [await whole(db, one) for one in children]:
        assert (child.soil, child.has_water, child.features) == ("limon", True, ["haie"])
        assert child.conversion_on == D(2021, 3, 15)
        assert [right.last_day for right in child.rights] == [D(2031, 12, 31)]
        assert [(one.reference, one.area_m2) for one in child.parcels] == [("36046000ZB0105", None)]
        assert child.site_id == plot.site_id


@pytest.mark.parametrize(
    ("sizes", "covered", "reasons"),
    [
        (("600", "399"), (300, 0), ["sizes_differ"]),
        (("600", "401"), (300, 0), ["sizes_differ"]),
        (("600", "400"), (200, 0), ["covered_differ"]),
        (("1000",), (300,), ["one_part"]),
        (("200", "800"), (300, 0), ["covered_too_large"]),
        (("600", "300"), (300, 10), ["sizes_differ", "covered_differ"]),
    ],
)
async def test_a_split_that_loses_or_makes_ground_is_refused(
    db, cast, plot, sizes, covered, reasons
):
    with pytest.raises(Refused) as refused:
        await actions.split_plot(db, None, plot, ON, parts(*sizes, covered=covered))
    assert codes(refused) == reasons
    assert (await whole(db, plot)).during.upper is None


async def test_two_parts_of_one_code_are_refused(db, plot):
    twice = [part.model_copy(update={"code": "X"}) for part in parts("600", "400")]
    with pytest.raises(Refused) as refused:
        await actions.split_plot(db, None, plot, ON, twice)
    assert codes(refused) == ["same_code"]


@pytest.mark.parametrize("day", [D(2019, 12, 31), build.LONG_AGO])
async def test_a_split_needs_a_day_after_the_first(db, plot, day):
    with pytest.raises(Refused) as refused:
        await actions.split_plot(db, None, plot, day, parts("600", "400"))
    assert codes(refused) == ["not_in_service"]


async def test_a_plot_is_split_once(db, plot):
    await actions.split_plot(db, None, plot, ON, parts("600", "400"))
    for day in (ON, ON - dt.timedelta(days=30), ON + dt.timedelta(days=30)):
        with pytest.raises(Refused) as refused:
            await actions.split_plot(db, None, plot, day, parts("500", "500"))
        assert codes(refused) == ["divided"]


async def test_a_part_keeps_its_first_day_so_that_no_ground_is_there_twice(db, plot):
    [part, _] = await actions.split_plot(db, None, plot, ON, parts("600", "400"))
    for one, day in ((part, ON - dt.timedelta(days=1)), (part, ON + dt.timedelta(days=1))):
        await afresh(db, one)
        typed = describing.typed(await whole(db, one)) | {"starts_on": day}
        with pytest.raises(Refused) as refused:
            await actions.edit_plot(db, None, one, PlotForm.model_validate(typed))
        assert codes(refused) == ["plot_divided"]


async def test_after_a_split_the_end_of_service_stays(db, cast, plot):
    await actions.split_plot(db, None, plot, ON, parts("600", "400"))
    with pytest.raises(Refused) as refused:
        await actions.end_service(db, cast.actors["ines"], plot, None)
    assert codes(refused) == ["has_descendants"]


async def test_drawn_parts_lie_within_the_plot_and_apart(db, plot):
    await actions.redraw_plot(db, None, plot, FIELD)
    first, second = parts("600", "400")
    fits = [first.model_copy(update={"outline": WEST}), second.model_copy(update={"outline": EAST})]
    away = geo.rectangle((1.99, 46.57), 20, 20, 0)
    with pytest.raises(Refused) as refused:
        await actions.split_plot(
            db, None, plot, ON, [fits[0], second.model_copy(update={"outline": away})]
        )
    assert codes(refused) == ["outside"]
    with pytest.raises(Refused) as refused:
        await actions.split_plot(
            db, None, plot, ON, [fits[0], second.model_copy(update={"outline": WEST})]
        )
    assert codes(refused) == ["overlap"]
    children = await actions.split_plot(db, None, plot, ON, fits)
    assert [child.area_m2 for child in children] == [geo.area_m2(WEST), geo.area_m2(EAST)]


def test_the_form_of_a_split_gives_the_rest_to_the_part_left_empty():
    asked = SplitForm.model_validate(
        {"happened_on": "2027-03-01", "code_1": "A", "size_1": "600", "code_2": "B"}
        | {"covered_1": "300", "tunnels_2": "2", "beds_1": "0", "beds_2": "0"}
    )
    whole = Whole(Decimal(1000), None, Decimal(300), tunnels=3, beds=0)
    first, second = asked.parts(whole)
    assert [first.size_m2, second.size_m2] == [600, 400]
    assert [first.covered_m2, second.covered_m2] == [300, 0]
    assert [first.tunnels, second.tunnels] == [1, 2]
    assert [first.cultivable_m2, second.cultivable_m2] == [None, None]

    def wrong(**fields) -> list[str | None]:
        with pytest.raises(Refused) as refused:
            asked.model_copy(update=fields).parts(whole)
        return [reason.field for reason in refused.value.reasons]

    assert wrong(size_1=None) == ["size_1", "size_2"]
    assert wrong(code_2=None, size_2=Decimal(400)) == ["code_2"]
    assert wrong(tunnels_2=None) == ["tunnels_1", "tunnels_2"]


@pytest.mark.parametrize(
    ("whole", "weights", "shares"),
    [("900", (600, 400), (540, 360)), ("10.5", (1, 1), (5, Decimal("5.5"))), ("3", (1, 1), (2, 1)),
     ("1", (1, 1, 1), (0, 1, 0)), ("0", (1, 1), (0, 0)), ("930", (1, 0), (930, 0))],
)  # fmt: skip
def test_what_is_shared_out_adds_up(whole, weights, shares):
    assert tuple(shared_out(Decimal(whole), [Decimal(one) for one in weights])) == shares


async def test_tunnels_and_beds_are_neither_lost_nor_made(db, plot):
    plot.tunnels, plot.beds = 2, 40
    await db.flush()
    first, second = parts("600", "400")
    with pytest.raises(Refused) as refused:
        await actions.split_plot(db, None, plot, ON, [first, second])
    assert codes(refused) == ["tunnels_differ", "beds_differ"]
    await afresh(db, plot)
    whole_parts = [
        first.model_copy(update={"tunnels": 2, "beds": 30}),
        second.model_copy(update={"beds": 10}),
    ]
    children = await actions.split_plot(db, None, plot, ON, whole_parts)
    assert [(child.tunnels, child.beds) for child in children] == [(2, 30), (0, 10)]


async def test_a_part_whose_slice_is_no_sound_outline_is_named(db, plot):
    await actions.redraw_plot(db, None, plot, geo.rectangle((1.98, 46.57), 100, 50, 0))
    with pytest.raises(Refused) as refused:
        await actions.split_plot(db, None, plot, ON, parts("999.9", "0.1"))
    assert codes(refused) == ["unsound_slice"]
    assert "« LC-9B »" in str(refused.value.reasons[0])
    assert (await whole(db, plot)).during.upper is None


# --- merging


async def two_plots(db, cast, **fields) -> list[Plot]:
    one = await build.make_plot(
        db, cast.farm, declared_m2=Decimal(600), soil="limon", conversion_on=D(2021, 1, 1), **fields
    )
    other = await build.make_plot(
        db, cast.farm, declared_m2=Decimal(400), soil="sable", conversion_on=D(2024, 1, 1), **fields
    )
    return [one, other]


async def test_a_merge_ends_the_plots_and_begins_one_as_large(db, cast):
    plots = await two_plots(db, cast)
    await actions.redraw_plot(db, None, plots[0], WEST)
    await actions.redraw_plot(db, None, plots[1], EAST)
    made = await whole(
        db, await actions.merge_plots(db, cast.actors["ines"], plots, ON, "GR-1", "Grande")
    )
    assert made.during == Range(ON, None)
    assert made.size_m2 == 1000
    assert made.area_m2
    assert abs(made.area_m2 - geo.area_m2(FIELD)) < 5
    assert made.soil == "limon ; sable"
    assert made.conversion_on == D(2024, 1, 1)
    assert [(await whole(db, plot)).during.upper for plot in plots] == [ON, ON]
    relatives = await queries.lineage_of(db, cast.actors["ines"], made.id)
    assert [one.id for one in relatives.parents] == [plot.id for plot in plots]


async def test_land_that_is_not_all_in_conversion_is_conventional_together(db, cast):
    plots = await two_plots(db, cast)
    plots.append(await build.make_plot(db, cast.farm))
    made = await actions.merge_plots(db, None, plots, ON, "GR-1")
    assert made.conversion_on is None


async def test_plots_of_two_sites_or_one_plot_alone_are_not_merged(db, cast):
    one, _ = await two_plots(db, cast)
    away = await build.make_plot(db, cast.neuvy)
    with pytest.raises(Refused) as refused:
        await actions.merge_plots(db, None, [one, away], ON, "GR-1")
    assert codes(refused) == ["sites_differ"]
    with pytest.raises(Refused) as refused:
        await actions.merge_plots(db, None, [one], ON, "GR-1")
    assert codes(refused) == ["one_plot"]


async def test_plots_whose_rights_end_apart_are_not_merged(db, cast):
    short = await build.make_land_right(db, cast.farm, end=D(2028, 1, 1))
    follows = await build.make_land_right(db, cast.farm, start=D(2028, 1, 1), end=D(2032, 1, 1))
    long = await build.make_land_right(db, cast.farm, end=D(2032, 1, 1))
    one = await build.make_plot(db, cast.farm, rights=[short])
    other = await build.make_plot(db, cast.farm, rights=[long])
    same = await build.make_plot(db, cast.farm, rights=[short, follows])
    with pytest.raises(Refused) as refused:
        await actions.merge_plots(db, None, [one, other], ON, "GR-1")
    assert codes(refused) == ["rights_differ"]
    made = await whole(db, await actions.merge_plots(db, None, [other, same], ON, "GR-1"))
    assert len(made.rights) == 3


async def test_plots_that_end_apart_are_not_merged(db, cast):
    one = await build.make_plot(db, cast.farm)
    other = await build.make_plot(db, cast.farm, end=D(2030, 1, 1))
    with pytest.raises(Refused) as refused:
        await actions.merge_plots(db, None, [one, other], ON, "GR-1")
    assert codes(refused) == ["ends_differ"]


async def test_a_code_taken_refuses_the_merge_and_leaves_no_trace(db, cast):
    plots = await two_plots(db, cast)
    with pytest.raises(Refused) as refused:
        await actions.merge_plots(db, None, plots, ON, plots[0].code.lower())
    assert codes(refused) == ["plot_code_taken"]
    await afresh(db, *plots)
    assert (await whole(db, plots[0])).during.upper is None


# --- passport


def line(**fields) -> LandEventForm:
    return LandEventForm.model_validate(
        {"kind": "crop", "happened_on": "2026-05-01", "crop": "carottes"} | fields
    )


async def test_a_crop_tells_its_family_and_its_title(db, cast, plot):
    event = await actions.add_land_event(db, cast.actors["lea"], plot, line())
    assert (event.title, event.family) == ("carottes", "apiaceae")


async def test_nothing_is_written_for_days_to_come_or_out_of_service(db, cast, plot):
    with pytest.raises(Refused) as refused:
        await actions.add_land_event(db, cast.actors["lea"], plot, line(happened_on="2026-11-26"))
    assert codes(refused) == ["to_come"]
    ended = await build.make_plot(db, cast.farm, end=D(2026, 6, 1))
    with pytest.raises(Refused) as refused:
        await actions.add_land_event(db, cast.actors["lea"], ended, line(happened_on="2026-06-01"))
    assert codes(refused) == ["after_service"]


async def test_the_passport_goes_with_the_ground_across_splits_and_merges(db, cast, plot):
    lea, tom = cast.actors["lea"], cast.actors["tom"]
    await build.make_land_event(db, plot, cast.lea)
    await build.make_land_event(db, plot, cast.lea, title="secret", is_personal=True, kind="works")
    children = await actions.split_plot(db, None, plot, ON, parts("600", "400"))
    again = await actions.merge_plots(db, None, children, D(2028, 1, 1), "LC-10")
    read = [event.title for event, _ in await queries.list_land_events(db, tom, again.id)]
    assert read == ["oignon"]
    own = [event.title for event, _ in await queries.list_land_events(db, lea, again.id)]
    assert set(own) == {"oignon", "secret"}
    grown = await queries.list_grown(db, tom, again.id)
    assert [one.family for one in grown] == ["alliaceae"]


async def test_of_a_personal_crop_others_learn_the_family_alone(db, cast, plot):
    await build.make_land_event(db, plot, cast.lea, title="ail d'essai", is_personal=True)
    [hers] = await queries.list_grown(db, cast.actors["lea"], plot.id)
    [for_tom] = await queries.list_grown(db, cast.actors["tom"], plot.id)
    assert (hers.family, hers.crop) == ("alliaceae", "oignon")
    assert (for_tom.family, for_tom.crop) == ("alliaceae", "culture")


async def test_the_journal_keeps_personal_titles_to_itself(db, cast, plot):
    await actions.add_land_event(db, cast.actors["lea"], plot, line(is_personal="on"))
    await db.flush()
    (said,) = await journal.lines_about(db, "plot", plot.id)
    assert "carottes" not in journal.sentence(said)
