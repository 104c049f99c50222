"""What is kept of oneself: the notice, and a copy of everything."""

from litestar import Controller, Response, get

from couveuse.coordination.exports import own_archive
from couveuse.core import clock
from couveuse.core.retention import read_periods
from couveuse.trainees.queries import has_file, list_coordination
from couveuse.web.deps import Db, Files, Me, Web
from couveuse.web.render import page


class OwnDataPages(Controller):
    path = "/mes-donnees"

    @get(name="coordination.own_data.show")
    async def show(self, request: Web, db: Db, me: Me) -> Response[str]:
        return page(
            request,
            "coordination/own_data/show.html",
            periods=await read_periods(db),
            coordination=await list_coordination(db),
            has_file=await has_file(db, me, me.person_id),
        )

    @get("/archive", name="coordination.own_data.archive")
    async def archive(self, db: Db, me: Me, files: Files) -> Response[bytes]:
        name = f"mes-donnees-{clock.today()}.zip"
        return Response(
            await own_archive(db, me, files),
            media_type="application/zip",
            headers={
                "content-disposition": f'attachment; filename="{name}"',
                "cache-control": "private, no-store",
            },
        )
