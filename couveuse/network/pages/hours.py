"""Hours of support of a period, the sessions behind each figure, and both as files."""

from collections.abc import Sequence

from litestar import Controller, Response, get
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible
from couveuse.core.i18n import N_
from couveuse.network import policy, queries
from couveuse.network.hours import WAYS, Counted, Proof, cut
from couveuse.network.rules import KINDS
from couveuse.network.summary import (
    PROOFS,
    SESSIONS,
    narrowed,
    sessions_table,
    summarise,
    tables,
    under_line,
)
from couveuse.occupancy import exports
from couveuse.occupancy.pages.figures import SHEET
from couveuse.occupancy.pages.periods import read_season
from couveuse.occupancy.season import Season
from couveuse.web.deps import Db, Me, Web
from couveuse.web.forms import is_number
from couveuse.web.guards import require
from couveuse.web.menu import offers
from couveuse.web.render import page

Text = FromQuery[str | None]
WANTED = {
    "signe": (N_("signé"), {Proof.SIGNED}),
    "feuille": (N_("feuille signée"), {Proof.PAPER}),
    "prouve": (N_("signé, à l'écran ou sur feuille"), {Proof.SIGNED, Proof.PAPER}),
    "a-signer": (N_("à signer"), {Proof.UNSIGNED}),
}
offers({"network.hours.index": policy.can_count})


def read_year(first: str | None, last: str | None) -> Season:
    """The period of an address; the calendar year of today when it says none, as funders count."""
    if not first and not last:
        return Season.year(clock.today().year)
    return read_season(first, last)


async def count(db: AsyncSession, me: Actor, season: Season) -> list[Counted]:
    sessions = await queries.list_sessions(db, me, season.start, season.end)
    return cut(sessions, season.start, season.end)


class HourPages(Controller):
    path = "/heures"

    @get(name="network.hours.index")
    async def index(
        self, request: Web, db: Db, me: Me, debut: Text = None, fin: Text = None
    ) -> Response[str]:
        require(policy.can_count(me))
        season = read_year(debut, fin)
        return page(
            request,
            "network/hours.html",
            season=season,
            summary=summarise(await count(db, me, season)),
            farm_season=Season.around(clock.today()),
            year=Season.year(clock.today().year),
            sees_grants=policy.can_see_grants(me),
            charges=policy.can_charge_anything(me),
        )

    @get("/seances", name="network.sessions.index")
    async def sessions(
        self,
        request: Web,
        db: Db,
        me: Me,
        debut: Text = None,
        fin: Text = None,
        par: Text = None,
        numero: Text = None,
        preuve: Text = None,
    ) -> Response[str]:
        """The list behind a figure; each line leads to its signed source, if it may be opened."""
        require(policy.can_count(me))
        season = read_year(debut, fin)
        counted, code, under = _behind(await count(db, me, season), par, numero, preuve)
        (group,) = [one for one in summarise(counted).groups if one.code == (code or "structures")]
        title = next((one.name or group.none for one in group.lines if one.id == under), "")
        return page(
            request,
            "network/sessions.html",
            season=season,
            counted=counted,
            group=group if code else None,
            title=title if code else "",
            code=code,
            under=under,
            wanted=preuve,
            wanted_words={word: text for word, (text, _) in WANTED.items()},
            counts=lambda one: under_line(one, code, under),
            proofs=PROOFS,
            kinds=KINDS,
            can_charge=lambda session: policy.can_charge(me, session),
        )

    @get("/export/{filename:str}", name="network.hour_exports.show")
    async def export(
        self,
        db: Db,
        me: Me,
        filename: FromPath[str],
        debut: Text = None,
        fin: Text = None,
        par: Text = None,
        numero: Text = None,
        preuve: Text = None,
    ) -> Response[bytes]:
        """``heures.xlsx`` with every list, one list as ``personnes.csv``, or the sessions alone."""
        require(policy.can_count(me))
        season = read_year(debut, fin)
        stem, _, kind = filename.rpartition(".")
        counted, _code, _under = _behind(await count(db, me, season), par, numero, preuve)
        if kind == "csv" and stem in {*WAYS, SESSIONS}:
            data, media_type = exports.as_csv(tables(summarise(counted))[stem]), "text/csv"
        elif kind == "xlsx" and stem == "heures":
            made = tables(summarise(counted)).values()
            data, media_type = exports.as_workbook(made, season.title()), SHEET
        elif kind == "xlsx" and stem == SESSIONS:
            data = exports.as_workbook([sessions_table(counted)], season.title())
            media_type = SHEET
        else:
            raise NotVisible
        name = f"{stem}_{season.start}_{season.last_day}.{kind}"
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        }
        return Response(data, media_type=media_type, headers=headers)


def _behind(
    counted: Sequence[Counted], code: str | None, number: str | None, proof: str | None
) -> tuple[list[Counted], str | None, int]:
    """What the address narrows to: a line of a group, and what waits for a signature or not."""
    code, under = code or None, 0
    found = list(counted)
    if code is not None:
        if code not in WAYS or not (number == "0" or (number and is_number(number))):
            raise NotVisible
        under = int(number or 0)
        found = narrowed(found, code, under)
    if proof in WANTED:
        _text, proofs = WANTED[proof]
        found = [one for one in found if under_line(one, code, under)[0] in proofs]
    return found, code, under
