"""Outlines for maps and for other programs."""

import json
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromQuery

from couveuse.core import clock
from couveuse.core.errors import Unreadable
from couveuse.core.fields import read_day
from couveuse.core.i18n import N_
from couveuse.plots import policy, queries
from couveuse.plots.queries import MapRow
from couveuse.web.deps import Db, Me, Web
from couveuse.web.guards import require

GEOJSON = "application/geo+json"
NOT_A_DAY = N_("« %(value)s » n'est pas une date. Écrivez par exemple 2026-11-23.")


class MapPages(Controller):
    path = "/parcelles"

    @get("/carte.geojson", name="plots.map")
    async def show(
        self,
        request: Web,
        db: Db,
        me: Me,
        lieu: FromQuery[int | None] = None,
        jour: FromQuery[str | None] = None,
    ) -> Response[bytes]:
        require(policy.can_see_plots(me))
        try:
            day = read_day(jour) if jour else clock.today()
        except ValueError:
            raise Unreadable(NOT_A_DAY, value=str(jour)[:40]) from None
        rows = await queries.list_plots_for_map(db, me, day, lieu)
        collection = {
            "type": "FeatureCollection",
            "features": [_feature(request, row) for row in rows],
        }
        return Response(
            json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode(),
            media_type=GEOJSON,
            headers={"cache-control": "no-store"},
        )


def _feature(request: Web, row: MapRow) -> dict[str, Any]:
    url = request.app.route_reverse("occupancy.plots.show", plot_id=row.id)
    about = {"id": row.id, "code": row.code, "nom": row.name, "lieu": row.site, "url": url}
    return {"type": "Feature", "id": row.id, "properties": about, "geometry": row.outline}
