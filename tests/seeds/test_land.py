"""The land of the demonstration on the day it is made."""

import datetime as dt
from collections import Counter, defaultdict

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from couveuse.core.geo.cadastre import normal_reference
from couveuse.core.geo.checking import check_outline
from couveuse.occupancy.conditions import POINTS, STATES, side_by_side
from couveuse.occupancy.models import ConditionReport, PeriodKind, PlotPeriod, Stay, stay_person
from couveuse.people.models import Person
from couveuse.plots.models import LandEvent, LandEventKind, Plot, PlotLineage
from couveuse.plots.organic import Stage, organic_stage
from couveuse.plots.rotation import family_of
from couveuse.seeds.demo_land import PLOTS
from couveuse.structures.models import Function, LandForm, LandRight, Structure, StructureFunction
from couveuse.structures.rules import land_right_problems
from tests.conftest import NOON

TODAY = NOON.date()


async def test_the_seven_structures_hold_functions_since_they_joined(demo_db):
    rows = await demo_db.execute(
        sa.select(
            Structure.name,
            Structure.joined_on,
            StructureFunction.function,
            sa.func.lower(StructureFunction.during),
        )
        .join(StructureFunction, StructureFunction.structure_id == Structure.id)
        .where(StructureFunction.site_id.is_(None))
    )
    held = defaultdict(set)
    for name, joined_on, function, first in rows:
        held[name].add(function)
        assert first == joined_on
    assert len(held) == 7
    assert held["Pôle local d'économie solidaire"] == {Function.INCUBATION, Function.SUPPORT}


async def test_rights_keep_the_limits_of_their_form(demo_db):
    forms = {one.code: one for one in await demo_db.scalars(sa.select(LandForm))}
    rights = (await demo_db.scalars(sa.select(LandRight))).all()
    assert {right.form for right in rights} == {"free_loan", "rural_lease", "precarious"}
    for right in rights:
        reasons = land_right_problems(
            forms[right.form],
            right.during.lower,
            right.last_day,
            right.renewals,
            right.yearly_fee,
        )
        assert list(reasons) == []
    assert {right.last_day for right in rights} >= {
        dt.date(2031, 12, 31),
        dt.date(2032, 11, 10),
        dt.date(2026, 12, 31),
    }


async def test_plots_have_sound_outlines_that_agree_with_their_area(demo_db):
    plots = (
        await demo_db.scalars(
            sa.select(Plot).options(selectinload(Plot.parcels), selectinload(Plot.rights))
        )
    ).all()
    assert {plot.code for plot in plots} == {"NV", *(one.code for one in PLOTS)}
    for plot in plots:
        checked = check_outline(plot.outline)
        assert not checked.problems
        assert plot.area_gap is None
        assert [normal_reference(one.reference) for one in plot.parcels] == [
            one.reference for one in plot.parcels
        ]
        assert plot.parcels
        assert plot.rights
    stages = Counter(organic_stage(plot.conversion_on, TODAY) for plot in plots)
    assert stages == {Stage.ORGANIC: 8, Stage.CONVENTIONAL: 2, Stage.C2: 1}


async def test_les_varennes_was_split_two_seasons_ago(demo_db):
    rows = (await demo_db.scalars(sa.select(PlotLineage))).all()
    plots = {plot.id: plot for plot in await demo_db.scalars(sa.select(Plot))}
    assert {(plots[one.parent_id].code, plots[one.child_id].code) for one in rows} == {
        ("NV", "NV-1"),
        ("NV", "NV-2"),
    }
    [parent] = {one.parent_id for one in rows}
    children = [plots[one.child_id] for one in rows]
    assert {child.during.lower for child in children} == {plots[parent].during.upper}
    assert sum(child.size_m2 for child in children) == plots[parent].size_m2
    assert sum(child.covered_m2 for child in children) == plots[parent].covered_m2


async def test_a_stay_is_one_unbroken_time_of_the_same_people(demo_db):
    groups = await demo_db.scalars(
        sa.select(sa.func.array_agg(stay_person.c.person_id)).group_by(stay_person.c.stay_id)
    )
    members = [tuple(sorted(group)) for group in groups]
    assert len(members) == len(set(members)) > 10
    assert sum(len(group) == 2 for group in members) == 2
    claims = await demo_db.execute(
        sa.select(PlotPeriod.stay_id, PlotPeriod.during)
        .where(PlotPeriod.stay_id.is_not(None))
        .order_by(PlotPeriod.stay_id, PlotPeriod.during)
    )
    ends: dict[int, dt.date] = {}
    for stay_id, during in claims:
        assert ends.get(stay_id, during.lower) == during.lower
        ends[stay_id] = during.upper
    assert set(ends) == set(await demo_db.scalars(sa.select(Stay.id)))


async def test_lea_and_tom_are_on_their_plots(demo_db):
    rows = await demo_db.execute(
        sa.select(Person.given_name, Plot.code, PlotPeriod.during)
        .join(stay_person, stay_person.c.person_id == Person.id)
        .join(PlotPeriod, PlotPeriod.stay_id == stay_person.c.stay_id)
        .join(Plot, Plot.id == PlotPeriod.plot_id)
        .where(PlotPeriod.kind == PeriodKind.STAY, PlotPeriod.during.contains(TODAY))
    )
    held = {name: (code, during.lower) for name, code, during in rows}
    assert held["Léa"][0] == "LC-2"
    assert held["Tom"] == ("NV-1", dt.date(2026, 11, 1))


async def test_the_passport_of_each_plot_tells_several_years(demo_db):
    plots = {plot.id: plot for plot in await demo_db.scalars(sa.select(Plot))}
    kinds = defaultdict(set)
    for event in await demo_db.scalars(sa.select(LandEvent)):
        plot = plots[event.plot_id]
        kinds[plot.code].add(event.kind)
        last = event.ends_on or event.happened_on
        assert last < TODAY
        assert plot.during.upper is None or last < plot.during.upper
        if event.kind in (LandEventKind.CROP, LandEventKind.COVER):
            assert event.family == family_of(event.crop) is not None
    assert all({LandEventKind.SOIL_TEST, LandEventKind.CROP} <= kinds[code] for code in kinds)
    assert len(kinds) == 9
    assert {LandEventKind.INCIDENT, LandEventKind.INPUT} <= kinds["LC-2"]


async def test_somebody_who_left_has_both_reports_and_lea_the_first(demo_db):
    reports = (
        await demo_db.scalars(
            sa.select(ConditionReport).order_by(ConditionReport.stay_id, ConditionReport.made_on)
        )
    ).all()
    by_stay = defaultdict(list)
    for report in reports:
        by_stay[report.stay_id].append(report)
        assert all(one["point"] in POINTS and one["state"] in STATES for one in report.points)
    [pair] = [some for some in by_stay.values() if len(some) == 2]
    assert [report.kind for report in pair] == ["entry", "exit"]
    assert any(line.differs for line in side_by_side(*pair))
    [alone] = [some for some in by_stay.values() if len(some) == 1]
    assert alone[0].kind == "entry"
