"""The pages of the way through a test-space."""

from couveuse.trainees import policy
from couveuse.trainees.pages.board import board
from couveuse.trainees.pages.paths import PathPages
from couveuse.web.render import offers

ROUTES = [board, PathPages]
offers({"trainees.board": policy.can_see_trainees})
