"""What every way of signing in ends with, or fails with."""

from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.i18n import N_
from couveuse.core.settings import Settings
from couveuse.people import actions
from couveuse.people.models import LinkPurpose
from couveuse.people.rules import network_of
from couveuse.people.signin import cookie_name, session_cookie
from couveuse.web.deps import Web
from couveuse.web.render import go_to, own_path, page

WAYS_ON = {
    LinkPurpose.SIGN_IN: N_("Demandez un nouveau lien sur la page de connexion."),
    LinkPurpose.PASSWORD: N_("Demandez un nouveau lien sur la page du mot de passe oublié."),
    LinkPurpose.INVITATION: N_(
        "Si vous avez déjà accepté l'invitation, connectez-vous avec votre adresse. "
        "Sinon, demandez une nouvelle invitation à la personne qui vous a invité."
    ),
}


async def admit(
    request: Web,
    db: AsyncSession,
    settings: Settings,
    person_id: int,
    *,
    address: str | None = None,
    notice: str | None = None,
) -> Response[None]:
    """Open a session with a token of its own and leave for the page that was asked for."""
    token = await actions.open_session(
        db,
        person_id,
        user_agent=request.headers.get("user-agent"),
        replaces=request.cookies.get(cookie_name(settings)),
    )
    home = request.app.route_reverse("coordination.home")
    answer = go_to(request, own_path(address) or home, notice=notice)
    answer.set_cookie(session_cookie(settings, token))
    return answer


def gone(request: Web, purpose: LinkPurpose) -> Response[str]:
    """The friendly page behind a link that no longer serves."""
    return page(
        request,
        "people/link_gone.html",
        status=410,
        way_on=WAYS_ON[purpose],
        is_password=purpose == LinkPurpose.PASSWORD,
    )


def network(request: Web) -> str:
    """The network address that failed attempts are counted for."""
    return network_of(request.client.host if request.client else None)
