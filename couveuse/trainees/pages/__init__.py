"""The pages of those in test. Each module holds the handlers of one resource."""

from litestar import Router

from couveuse.trainees import policy
from couveuse.trainees.pages.after import AfterPages, ExitPages, NewsLinkPages, NewsPages
from couveuse.trainees.pages.agreements import AgreementPages, NewAgreementPages
from couveuse.trainees.pages.applications import ApplicationPages, PathApplicationPages
from couveuse.trainees.pages.board import board
from couveuse.trainees.pages.cases import CasePages
from couveuse.trainees.pages.changes import (
    AmendmentPages,
    NewAmendmentPages,
    SuspensionEndPages,
    SuspensionPages,
)
from couveuse.trainees.pages.committees import CommitteePages, CommitteeParts
from couveuse.trainees.pages.contracts import (
    ContentsPages,
    PaperPages,
    SignaturePages,
    WordingPages,
)
from couveuse.trainees.pages.documents import DocumentPages, SignedDocumentPages
from couveuse.trainees.pages.groups import GroupPages, PlacePages
from couveuse.trainees.pages.introductions import IntroductionPages, IntroductionsToTake
from couveuse.trainees.pages.joinings import JoiningPages
from couveuse.trainees.pages.notices import NoticePages
from couveuse.trainees.pages.paths import PathPages
from couveuse.trainees.pages.pieces import PiecePages
from couveuse.trainees.pages.referrals import PathReferralPages, ReferralPages
from couveuse.trainees.pages.renewals import EarlyEndPages, RenewalPages
from couveuse.trainees.pages.welcome import WelcomePages
from couveuse.web.menu import offers

# In one router: on their own, two controllers cannot share a path, even for different methods,
# since Litestar gives each of them the OPTIONS of that path.
ROUTES = [
    Router(
        "/",
        route_handlers=[
            board,
            PathPages,
            WelcomePages,
            JoiningPages,
            PathReferralPages,
            ReferralPages,
            IntroductionPages,
            IntroductionsToTake,
            PathApplicationPages,
            ApplicationPages,
            CommitteePages,
            CommitteeParts,
            CasePages,
            NewAgreementPages,
            AgreementPages,
            RenewalPages,
            EarlyEndPages,
            SignedDocumentPages,
            DocumentPages,
            NoticePages,
            GroupPages,
            PlacePages,
            ContentsPages,
            PaperPages,
            WordingPages,
            SignaturePages,
            AmendmentPages,
            NewAmendmentPages,
            SuspensionPages,
            SuspensionEndPages,
            PiecePages,
            ExitPages,
            NewsPages,
            NewsLinkPages,
            AfterPages,
        ],
    )
]
offers({"trainees.board": policy.can_see_trainees})
