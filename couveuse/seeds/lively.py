"""What makes the present days of the demonstration worth looking at, placed before all else."""

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from couveuse.core.clock import Week
from couveuse.equipment.models import BookingState
from couveuse.seeds.demo_items import REPAIRS, SERVICING
from couveuse.seeds.demo_people import CHATRE, TRACTOR
from couveuse.seeds.drafts import DAY, MINUTE, Draft, Wish, span
from couveuse.seeds.planner import Planner
from couveuse.seeds.reading import Going

MORNING, AFTERNOON = 8 * 60, 13 * 60
TRACTORS = ("TR-02", "TR-01")
PURPOSES = ("Préparation des planches", "Transport de caisses", "Broyage du couvert", "Binage")


class Plan(NamedTuple):
    """Something for somebody, on the first of several days on which it fits."""

    code: str
    given_name: str
    days: Sequence[int]
    """Counted from today."""
    minutes: Sequence[int]
    length: int
    purpose: str


TODAY_OR_TOMORROW = (
    Plan("RO-01", "Léa", (1,), (510, 480, 840, 600), 180, "Affinage avant les semis"),
    Plan("LA-01", "Léa", (1,), (840, 870, 600, 480, 960), 90, "Carottes pour les paniers"),
    Plan("SE-01", "Léa", (1,), (540, 840, 480), 120, "Mesclun"),
)
THIS_EVENING = Plan("TE-01", "Léa", (0,), (1140, 1110, 1080, 1170), 60, "Tunnels")
LATER = (
    Plan("LA-01", "Léa", (3, 4, 5), (840, 600, 960), 120, "Betteraves"),
    Plan("DE-01", "Léa", (5, 6, 7), (540, 600, 840), 120, "Bords de tunnels"),
)
SOON = range(5, 12)
REQUESTS = (
    Plan("TE-03", "Awa", SOON, (540, 600, 840), 120, "Palettes de terreau"),
    Plan("VA-01", "Tom", SOON, (480, 510, 780), 240, "Plants à chercher"),
    Plan("BR-01", "Léa", SOON, (540, 600, 840), 180, "Paillage de haie"),
    Plan("TR-03", "Bastien", SOON, (840, 540, 600), 120, "Chargement de compost"),
    Plan("EP-01", "Awa", SOON, (510, 780), 240, "Compost de déchets verts"),
)
WAITING = 4


def enliven(planner: Planner, weeks: Sequence[Week], going: Going) -> None:
    """Around today: a repair, a service to come, Léa's bookings, requests, tractors out."""
    dice = Random(f"today {planner.today}")  # noqa: S311, the same day is the same each time
    if not going.outages:
        _repair(planner)
    _service(planner, weeks)
    if going.leas < 3:
        _first(planner, TODAY_OR_TOMORROW, dice, most=1)
        _first(planner, (THIS_EVENING, *LATER), dice, most=3)
    _request(planner, dice, WAITING - going.requests)
    for week in weeks:
        for day in week.days:
            _tractor_out(planner, day, dice)


def _repair(planner: Planner) -> None:
    """One that began yesterday at two, or this morning; as long as the item is free for it."""
    yesterday, today = planner.today - DAY, planner.today
    for day, minute, lengths in ((yesterday, 840, (148, 100, 52, 28)), (today, 0, (42, 18))):
        for hours in lengths:
            for fault in REPAIRS:
                if planner.block(fault._replace(hours=hours), day, minute):
                    return


def _service(planner: Planner, weeks: Sequence[Week]) -> None:
    following = Week.of(planner.today).shifted(1)
    if following not in weeks:
        return
    for fault in SERVICING:
        for day in following.days[1:4]:
            if planner.block(fault, day, MORNING, days_before=9):
                return


def _first(planner: Planner, plans: Sequence[Plan], dice: Random, *, most: int) -> list[Draft]:
    """Keep the first plans that fit, at most so many."""
    kept: list[Draft] = []
    for plan in plans:
        if len(kept) < most and (draft := _try(planner, plan, dice)):
            planner.keep(draft)
            kept.append(draft)
    return kept


def _try(planner: Planner, plan: Plan, dice: Random) -> Draft | None:
    machine = planner.network.machines.get(plan.code)
    holder = planner.network.holders.get(plan.given_name)
    if machine is None or holder is None:
        return None
    for days in plan.days:
        for minute in plan.minutes:
            start, end = span(machine, planner.today + days * DAY, minute, plan.length)
            made_at = planner.made_at(machine, start, dice)
            wish = Wish(machine, holder, start, end, plan.purpose, made_at)
            if draft := planner.place(wish):
                return draft
    return None


def _request(planner: Planner, dice: Random, most: int) -> None:
    """Requests made yesterday evening, to be answered in the coming days."""
    asked = 0
    for plan in REQUESTS:
        if asked >= most or (draft := _try(planner, plan, dice)) is None:
            continue
        evening = planner.midnight - dice.randrange(180, 360) * MINUTE
        draft.wish = draft.wish._replace(made_at=evening)
        if draft.in_question:
            draft.state, draft.answer_by = BookingState.REQUESTED, draft.last_answer()
            planner.keep(draft)
            asked += 1


def _tractor_out(planner: Planner, day: dt.date, dice: Random) -> None:
    """Somebody has a tractor of the farm from eight to six: one person, or two in turn."""
    codes = TRACTORS if day.toordinal() % 2 else TRACTORS[::-1]
    parts = ((MORNING, 600),) if dice.random() < 0.4 else ((MORNING, 300), (AFTERNOON, 300))
    drivers = [
        name
        for name, holder in planner.network.holders.items()
        if holder.facts.home == CHATRE
        and any(p.qualification == TRACTOR for p in holder.facts.papers)
    ]
    for minute, length in parts:
        dice.shuffle(drivers)
        offset = (day - planner.today).days
        plans = [
            Plan(code, name, (offset,), (minute,), length, dice.choice(PURPOSES))
            for code in codes
            for name in drivers
        ]
        _first(planner, plans, dice, most=1)
