"""Files past their period: kept on with a reason, or erased by somebody who copies the name."""

from typing import Any

from litestar import Controller, Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.coordination import policy
from couveuse.coordination.actions.retention import erase_file, keep_file, told
from couveuse.coordination.forms import EraseForm, KeepForm
from couveuse.coordination.queries.retention import (
    count_parts,
    find_erasure,
    get_file_to_review,
    read_review,
)
from couveuse.coordination.retention.linking import WORDS
from couveuse.core import clock
from couveuse.core.errors import Refused
from couveuse.core.i18n import N_
from couveuse.core.retention import read_periods
from couveuse.web.deps import Db, Me, RowId, Web
from couveuse.web.forms import Form, bind, blank
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "file_kept": N_("Le dossier est gardé. Il vous sera proposé à nouveau ce jour-là."),
        "file_erased": N_("Le dossier est effacé. Les chiffres n'ont pas changé."),
    }
)


class RetentionPages(Controller):
    path = "/conservation"

    @get(name="coordination.retention.index")
    async def index(self, request: Web, db: Db, me: Me) -> Response[str]:
        require(policy.can_review_files(me))
        return page(
            request,
            "coordination/retention/index.html",
            review=await read_review(db),
            told=told,
            zone=clock.PARIS,
        )

    @get("/{person_id:int}", name="coordination.retention.show")
    async def show(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[str]:
        require(policy.can_review_files(me))
        return await show(request, db, person_id)

    @post("/{person_id:int}/maintien", name="coordination.retention.keep")
    async def keep(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        require(policy.can_review_files(me))
        await get_file_to_review(db, person_id)
        form = await bind(KeepForm, request)
        if form.is_valid:
            try:
                await keep_file(db, me, person_id, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return see_other(request, "coordination.retention.index", notice="file_kept")
        return await show(request, db, person_id, keep=form)

    @post("/{person_id:int}/effacement", name="coordination.retention.erase")
    async def erase(self, request: Web, db: Db, me: Me, person_id: RowId) -> Response[Any]:
        require(policy.can_review_files(me))
        await _there_or_gone(db, person_id)
        form = await bind(EraseForm, request)
        if form.is_valid:
            try:
                await erase_file(db, me, person_id, form.data)
            except Refused as refused:
                if await find_erasure(db, person_id):
                    raise
                form.refuse(refused)
            else:
                return see_other(request, "coordination.retention.index", notice="file_erased")
        return await show(request, db, person_id, erase=form)


async def _there_or_gone(db: AsyncSession, person_id: int) -> None:
    """Of a file that was just erased the action says so; of nobody's there is none."""
    if not await find_erasure(db, person_id):
        await get_file_to_review(db, person_id)


async def show(
    request: Web,
    db: AsyncSession,
    person_id: int,
    *,
    keep: Form[KeepForm] | None = None,
    erase: Form[EraseForm] | None = None,
) -> Response[str]:
    file = await get_file_to_review(db, person_id)
    return page(
        request,
        "coordination/retention/show.html",
        status=422 if keep or erase else 200,
        file=file,
        person=file.person,
        parts=await count_parts(db, person_id),
        periods=await read_periods(db),
        link_words=WORDS,
        today=clock.today(),
        keep=keep or blank(KeepForm),
        erase=erase or blank(EraseForm),
    )
