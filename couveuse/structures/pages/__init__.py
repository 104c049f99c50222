"""Screens of structures, sites, functions and land rights."""

from couveuse.structures import policy
from couveuse.structures.pages.functions import FunctionPages, MatrixPages, NewFunctionPages
from couveuse.structures.pages.imports import ImportPages
from couveuse.structures.pages.land_rights import (
    DocumentPages,
    LandRightIndex,
    LandRightPages,
    NewLandRightPages,
    RenewalPages,
)
from couveuse.structures.pages.sites import ClosingPages, NewSitePages, SitePages
from couveuse.structures.pages.structures import DeparturePages, StructurePages
from couveuse.web.menu import offers

ROUTES = [
    StructurePages,
    DeparturePages,
    ImportPages,
    NewSitePages,
    SitePages,
    ClosingPages,
    MatrixPages,
    NewFunctionPages,
    FunctionPages,
    LandRightIndex,
    NewLandRightPages,
    LandRightPages,
    RenewalPages,
    DocumentPages,
]
offers({"structures.index": policy.can_see_structures})
