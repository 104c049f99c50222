"""Grants and their actions: what is consumed and left, and the forms."""

from decimal import Decimal
from typing import Any, NamedTuple

from litestar import Controller, Response, get, post
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup.pages.choices import new_once
from couveuse.network import actions, policy, queries
from couveuse.network.forms import FundedActionForm, GrantForm, PartForm
from couveuse.network.hours import Line
from couveuse.network.models import FundedAction, Grant
from couveuse.network.rules import MODES, Consumed, Left, consume, left_of
from couveuse.structures.queries import list_structures_to_choose
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.menu import offers
from couveuse.web.render import notices, page, see_other

offers({"network.grants.index": policy.can_see_grants})
notices(
    {
        "grant_made": N_("Le financement est noté. Ajoutez maintenant ce qu'il paie."),
        "grant_changed": N_("Le financement est modifié."),
        "grant_closed": N_("Le financement est clos : plus rien ne s'y impute."),
        "grant_reopened": N_("Le financement est rouvert."),
        "action_added": N_("L'action est ajoutée."),
        "action_changed": N_("L'action est modifiée."),
    }
)


class Account(NamedTuple):
    """An action with what was charged to it: of everybody, then of those the reader may count."""

    action: FundedAction
    consumed: Consumed
    people: list[Line]

    @property
    def left(self) -> Left | None:
        return left_of(self.action.total_minutes, self.consumed.total.whole)

    @property
    def left_half_days(self) -> Left | None:
        return left_of(self.action.total_half_days, self.consumed.total.whole_half_days)

    def left_for(self, line: Line) -> Left | None:
        return left_of(self.action.person_minutes, line.time.whole)

    def left_half_days_for(self, line: Line) -> Left | None:
        return left_of(self.action.person_half_days, line.time.whole_half_days)


async def read_accounts(db: AsyncSession, me: Actor, grants: list[Grant]) -> dict[int, Account]:
    """By action."""
    wanted = [action for grant in grants for action in grant.actions]
    ids = [one.id for one in wanted]
    everything = await queries.list_charged(db, ids)
    own = everything
    if not policy.can_manage_grants(me):
        own = await queries.list_charged(db, ids, me)
    return {
        one.id: Account(one, consume(everything[one.id]), consume(own[one.id]).people)
        for one in wanted
    }


class GrantPages(Controller):
    path = "/financements"

    @get(name="network.grants.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_see_grants(me))
        grants = list(await queries.list_grants(db, me))
        return page(
            request,
            "network/grants/index.html",
            grants=grants,
            accounts=await read_accounts(db, me, grants),
            modes=MODES,
            today=clock.today(),
            can_manage=policy.can_manage_grants(me),
        )

    @get("/nouveau", name="network.grants.new")
    async def new(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_manage_grants(me))
        return await show_form(request, db, me, blank(GrantForm, once=new_once()))

    @post(name="network.grants.create")
    async def create(self, request: Web, db: Db, me: Me) -> Response[Any]:
        require(policy.can_manage_grants(me))
        form = await bind(GrantForm, request)
        try:
            parts = read_parts(form, {id_ for id_, _ in await list_structures_to_choose(db, me)})
            if form.is_valid:
                grant = await actions.make_grant(db, me, form.data, parts)
                return _to(request, grant.id, "grant_made")
        except Refused as refused:
            form.refuse(refused)
        return await show_form(request, db, me, form, status=422)

    @get("/{grant_id:int}", name="network.grants.show")
    async def show(self, request: Web, db: Db, me: Me, grant_id: RowId) -> Response[str]:
        return await show_grant(request, db, me, grant_id)

    @get("/{grant_id:int}/modifier", name="network.grants.edit")
    async def edit(self, request: Web, db: Db, me: Me, grant_id: RowId) -> Response[str]:
        grant = await queries.get_grant(db, me, grant_id)
        require(policy.can_manage_grants(me) and not grant.is_closed)
        form = blank(
            GrantForm,
            funder=grant.funder,
            name=grant.name,
            reference=grant.reference,
            starts_on=grant.first_day,
            ends_on=grant.last_day,
            structure_ids=[one.structure_id for one in grant.shares],
        )
        for share in grant.shares:
            if share.percent is not None:
                form.values[f"part_{share.structure_id}"] = [f"{share.percent.normalize():f}"]
        return await show_form(request, db, me, form, grant)

    @post("/{grant_id:int}", name="network.grants.update")
    async def update(self, request: Web, db: Db, me: Me, grant_id: RowId) -> Response[Any]:
        grant = await queries.get_grant(db, me, grant_id)
        require(policy.can_manage_grants(me))
        form = await bind(GrantForm, request)
        try:
            known = {id_ for id_, _ in await list_structures_to_choose(db, me)}
            parts = read_parts(form, known | grant.holder_ids)
            if form.is_valid:
                await actions.change_grant(db, me, grant, form.data, parts)
                return _to(request, grant_id, "grant_changed")
        except Refused as refused:
            form.refuse(refused)
        grant = await queries.get_grant(db, me, grant_id)
        return await show_form(request, db, me, form, grant, status=422)

    @post("/{grant_id:int}/cloture", name="network.grant_ends.create")
    async def close(self, request: Web, db: Db, me: Me, grant_id: RowId) -> Response[Any]:
        grant = await queries.get_grant(db, me, grant_id)
        require(policy.can_manage_grants(me))
        try:
            await actions.close_grant(db, me, grant)
        except Refused as refused:
            return await show_grant(request, db, me, grant_id, refused=refused, status=422)
        return _to(request, grant_id, "grant_closed")

    @post("/{grant_id:int}/reouverture", name="network.grant_returns.create")
    async def reopen(self, request: Web, db: Db, me: Me, grant_id: RowId) -> Response[None]:
        grant = await queries.get_grant(db, me, grant_id)
        require(policy.can_manage_grants(me))
        await actions.reopen_grant(db, me, grant)
        return _to(request, grant_id, "grant_reopened")


class NewActionPages(Controller):
    path = "/financements/{grant_id:int}/actions"

    @get("/nouvelle", name="network.funded_actions.new")
    async def new(self, request: Web, db: Db, me: Me, grant_id: RowId) -> Response[str]:
        grant = await queries.get_grant(db, me, grant_id)
        require(policy.can_manage_grants(me) and not grant.is_closed)
        form = blank(FundedActionForm, mode="individual", once=new_once())
        return show_action_form(request, form, grant)

    @post(name="network.funded_actions.create")
    async def create(self, request: Web, db: Db, me: Me, grant_id: RowId) -> Response[Any]:
        grant = await queries.get_grant(db, me, grant_id)
        require(policy.can_manage_grants(me))
        form = await bind(FundedActionForm, request)
        if form.is_valid:
            try:
                await actions.add_action(db, me, grant, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, grant_id, "action_added")
        return show_action_form(request, form, grant, status=422)


class FundedActionPages(Controller):
    path = "/actions-financees/{action_id:int}"

    @get("/modifier", name="network.funded_actions.edit")
    async def edit(self, request: Web, db: Db, me: Me, action_id: RowId) -> Response[str]:
        action = await queries.get_action(db, me, action_id)
        require(policy.can_manage_grants(me) and not action.grant.is_closed)
        form = blank(
            FundedActionForm,
            label=action.label,
            mode=action.mode,
            total_hours=in_hours(action.total_minutes),
            person_hours=in_hours(action.person_minutes),
            total_half_days=action.total_half_days,
            person_half_days=action.person_half_days,
        )
        return show_action_form(request, form, action.grant, action)

    @post(name="network.funded_actions.update")
    async def update(self, request: Web, db: Db, me: Me, action_id: RowId) -> Response[Any]:
        action = await queries.get_action(db, me, action_id)
        require(policy.can_manage_grants(me))
        form = await bind(FundedActionForm, request)
        if form.is_valid:
            try:
                await actions.change_action(db, me, action, form.data)
            except Refused as refused:
                form.refuse(refused)
                action = await queries.get_action(db, me, action_id)
            else:
                return _to(request, action.grant_id, "action_changed")
        return show_action_form(request, form, action.grant, action, status=422)


def in_hours(minutes: int | None) -> str | None:
    """As a field shows it: ``20``, ``20.5``; what does not end is refused when it is typed."""
    return None if minutes is None else f"{(Decimal(minutes) / 60).normalize():f}"


def read_parts(form: Form[GrantForm], known: set[int]) -> dict[int, Decimal | None]:
    """The structures ticked, each with the part of its own field."""
    parts: dict[int, Decimal | None] = {}
    for structure_id in form.checked.structure_ids if form.checked else []:
        if structure_id not in known:
            sentence = N_("Cette structure n'est plus dans la liste. Choisissez-en une autre.")
            raise Refused(Reason("no_such_structure", sentence, field="structure_ids"))
        typed = form.value(f"part_{structure_id}")
        try:
            parts[structure_id] = PartForm.model_validate({"percent": typed or None}).percent
        except ValidationError:
            sentence = N_("Une part s'écrit en pour cent, par exemple 40 ou 33,5.")
            raise Refused(Reason("bad_part", sentence, field="structure_ids")) from None
    return parts


async def show_grant(
    request: Web,
    db: AsyncSession,
    me: Actor,
    grant_id: int,
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> Response[str]:
    grant = await queries.get_grant(db, me, grant_id)
    return page(
        request,
        "network/grants/show.html",
        status=status,
        grant=grant,
        accounts=await read_accounts(db, me, [grant]),
        modes=MODES,
        lines=await journal.lines_about(db, "grant", grant.id),
        refused=refused,
        zone=clock.PARIS,
        today=clock.today(),
        query=f"debut={grant.first_day}&fin={grant.last_day}",
        can_manage=policy.can_manage_grants(me),
    )


async def show_form(
    request: Web,
    db: AsyncSession,
    me: Actor,
    form: Form[Any],
    grant: Grant | None = None,
    *,
    status: int = 200,
) -> Response[str]:
    structures = await list_structures_to_choose(db, me)
    known = {id_ for id_, _ in structures}
    kept = [] if grant is None else [one.structure for one in grant.shares]
    structures += [(one.id, one.label) for one in kept if one.id not in known]
    return page(
        request,
        "network/grants/form.html",
        status=status,
        form=form,
        grant=grant,
        structures=structures,
    )


def show_action_form(
    request: Web,
    form: Form[Any],
    grant: Grant,
    action: FundedAction | None = None,
    *,
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "network/grants/action_form.html",
        status=status,
        form=form,
        grant=grant,
        action=action,
        modes=MODES,
    )


def _to(request: Web, grant_id: int, notice: str) -> Response[None]:
    return see_other(request, "network.grants.show", notice=notice, grant_id=grant_id)
