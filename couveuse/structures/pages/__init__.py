"""Screens of structures and sites."""

from couveuse.structures.pages.sites import ClosingPages, NewSitePages, SitePages
from couveuse.structures.pages.structures import DeparturePages, StructurePages

ROUTES = [StructurePages, DeparturePages, NewSitePages, SitePages, ClosingPages]
