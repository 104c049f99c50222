"""The browsers where one is signed in: signing out here, or elsewhere."""

from litestar import Controller, Response, post

from couveuse.core.errors import NotVisible
from couveuse.core.i18n import N_
from couveuse.people import actions
from couveuse.people.signin import session_cookie
from couveuse.web.deps import Config, Db, Me, RowId, Web
from couveuse.web.render import notices, see_other

notices(
    {
        "signed_out": N_("Vous êtes déconnecté·e. À bientôt."),
        "session_closed": N_("Cet appareil est déconnecté."),
        "sessions_closed": N_("Tous vos autres appareils sont déconnectés."),
    }
)


@post("/deconnexion", name="people.sessions.destroy_current")
async def sign_out(request: Web, db: Db, me: Me, settings: Config) -> Response[None]:
    await actions.close_session(db, me, me.session_id)
    answer = see_other(request, "people.sign_in.new", notice="signed_out")
    answer.set_cookie(session_cookie(settings, None))
    return answer


class SessionPages(Controller):
    path = "/profil/sessions"

    @post("/{session_id:int}/fin", name="people.sessions.destroy")
    async def destroy(self, request: Web, db: Db, me: Me, session_id: RowId) -> Response[None]:
        if not await actions.close_session(db, me, session_id):
            raise NotVisible
        return see_other(request, "people.profile.show", notice="session_closed")

    @post("/fin", name="people.sessions.destroy_others")
    async def destroy_others(self, request: Web, db: Db, me: Me) -> Response[None]:
        await actions.close_sessions(db, me.person_id, but=me.session_id)
        return see_other(request, "people.profile.show", notice="sessions_closed")
