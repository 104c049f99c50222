"""Saying what pays sessions: a list to tick, and one session alone."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.actor import Actor
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup.models import Visit
from couveuse.followup.pages.visits import Way, leads_to
from couveuse.network import actions, policy, queries
from couveuse.network.forms import ChargeForm, OneChargeForm
from couveuse.network.hours import Kind, Session
from couveuse.network.models import FundedAction
from couveuse.network.pages.hours import read_year
from couveuse.network.rules import KINDS, Consumed, ceiling_problems, consume, fits
from couveuse.network.summary import PROOFS
from couveuse.occupancy.season import Season
from couveuse.web.deps import Db, Me, Web
from couveuse.web.forms import Form, bind, blank, is_number
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

Text = FromQuery[str | None]
MOST = 60
"""Sessions of one list: the following ones come once these are charged."""
notices(
    {
        "charged": N_("C'est imputé."),
        "charge_removed": N_("Plus rien ne paie cette séance."),
    }
)


@leads_to
def charge_door(me: Actor, visit: Visit) -> Way | None:
    """From the page of a visit to what pays it, for those who say so."""
    if not policy.can_charge_visit(me, visit):
        return None
    return "network.session_charges.edit", f"{Kind.VISIT}-{visit.id}", N_("Qui paie cette visite")


class Choice(NamedTuple):
    """A session with what may pay it, the likely one first, and what speaks against that one."""

    session: Session
    actions: list[FundedAction]
    warnings: list[Reason]


class Paying(NamedTuple):
    """What is open to pay, with what is consumed of it already."""

    actions: Sequence[FundedAction]
    consumed: Mapping[int, Consumed]

    def beyond(self, action: FundedAction, session: Session) -> list[Reason]:
        return ceiling_problems(action, self.consumed[action.id], [session])

    def fitting(self, session: Session) -> list[FundedAction]:
        return [one for one in self.actions if fits(one, session)]


async def read_paying(db: AsyncSession) -> Paying:
    found = await queries.list_open_actions(db)
    charged = await queries.list_charged(db, [one.id for one in found])
    return Paying(found, {id_: consume(sessions) for id_, sessions in charged.items()})


async def offer(db: AsyncSession, paying: Paying, sessions: Sequence[Session]) -> list[Choice]:
    """What may pay each: first what paid the person's last session, then what has room left."""
    people = [one.about_id for one in sessions if one.kind == Kind.VISIT]
    usual = await queries.last_actions(db, people)
    found: list[Choice] = []
    for session in sessions:
        last = usual.get(session.about_id) if session.kind == Kind.VISIT else None
        ranked = [
            ((one.id != last, bool(beyond)), place, one, beyond)
            for place, one in enumerate(paying.fitting(session))
            for beyond in [paying.beyond(one, session)]
        ]
        ranked.sort(key=lambda rank: rank[:2])
        warnings = ranked[0][3] if ranked else []
        found.append(Choice(session, [one for _, _, one, _ in ranked], warnings))
    return found


class ChargePages(Controller):
    path = "/heures"

    @get("/a-imputer", name="network.charges.new")
    async def new(
        self, request: Web, db: Db, me: Me, debut: Text = None, fin: Text = None
    ) -> Response[str]:
        require(policy.can_charge_anything(me))
        return await show_list(request, db, me, read_year(debut, fin), blank(ChargeForm))

    @post("/imputations", name="network.charges.create")
    async def create(
        self, request: Web, db: Db, me: Me, debut: Text = None, fin: Text = None
    ) -> Response[Any]:
        require(policy.can_charge_anything(me))
        season = read_year(debut, fin)
        form = await bind(ChargeForm, request)
        if form.is_valid:
            try:
                await actions.charge(db, me, chosen(form), form.data.reason)
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(request, "network.charges.new", notice="charged")
        return await show_list(request, db, me, season, form, status=422)


def chosen(form: Form[ChargeForm]) -> dict[str, int]:
    """The sessions ticked, each with the action of its own field."""
    if not form.data.sessions:
        sentence = N_("Cochez au moins une séance.")
        raise Refused(Reason("nothing_ticked", sentence))
    found: dict[str, int] = {}
    for key in form.data.sessions:
        text = form.value(f"action_{key}")
        found[key] = int(text) if is_number(text) else 0
    return found


async def show_list(
    request: Web,
    db: AsyncSession,
    me: Actor,
    season: Season,
    form: Form[ChargeForm],
    *,
    status: int = 200,
) -> Response[str]:
    waiting = await queries.list_to_charge(db, me, season.start, season.end)
    paying = await read_paying(db)
    payable = [one for one in waiting if paying.fitting(one)]
    return page(
        request,
        "network/charges/new.html",
        status=status,
        season=season,
        form=form,
        choices=await offer(db, paying, payable[:MOST]),
        waiting=len(payable),
        unpaid=len(waiting) - len(payable),
        proofs=PROOFS,
        kinds=KINDS,
        can_exceed=policy.can_exceed(me),
    )


class OneChargePages(Controller):
    """What pays one session: ``visit-12``, or a half-day of a workshop, ``workshop-7``."""

    path = "/heures/seances/{key:str}/imputation"

    @get(name="network.session_charges.edit")
    async def edit(self, request: Web, db: Db, me: Me, key: FromPath[str]) -> Response[str]:
        (session,) = await queries.load_sessions(db, me, [key])
        require(policy.can_charge(me, session))
        return await show_one(request, db, me, session, blank(OneChargeForm))

    @post(name="network.session_charges.update")
    async def update(self, request: Web, db: Db, me: Me, key: FromPath[str]) -> Response[Any]:
        (session,) = await queries.load_sessions(db, me, [key])
        require(policy.can_charge(me, session))
        form = await bind(OneChargeForm, request)
        if form.is_valid:
            try:
                await change(db, me, session, form.data)
            except Refused as refused:
                form.refuse(refused)
                (session,) = await queries.load_sessions(db, me, [key])
            else:
                notice = "charged" if form.data.action_id else "charge_removed"
                return see_other(request, "network.session_charges.edit", notice=notice, key=key)
        return await show_one(request, db, me, session, form, status=422)


async def change(db: AsyncSession, me: Actor, session: Session, asked: OneChargeForm) -> None:
    if asked.action_id is None:
        await actions.take_off(db, me, session)
    else:
        wanted = {session.key: asked.action_id}
        await actions.charge(db, me, wanted, asked.reason, known=asked.known)


async def show_one(
    request: Web,
    db: AsyncSession,
    me: Actor,
    session: Session,
    form: Form[OneChargeForm],
    *,
    status: int = 200,
) -> Response[str]:
    (choice,) = await offer(db, await read_paying(db), [session])
    charge = (await queries.find_charges(db, [session])).get(session.key)
    return page(
        request,
        "network/charges/edit.html",
        status=status,
        form=form,
        session=session,
        choice=choice,
        charge=charge,
        proofs=PROOFS,
        kinds=KINDS,
        can_exceed=policy.can_exceed(me),
        can_change=charge is None
        or (policy.can_move_charge(me, session) and not charge.action.grant.is_closed),
        sees_grants=policy.can_see_grants(me),
    )
