"""The pages of plots. Each module holds the handlers of one resource."""

from couveuse.plots.pages.imports import ImportPages
from couveuse.plots.pages.maps import MapPages
from couveuse.plots.pages.outlines import OutlinePages
from couveuse.plots.pages.passport import DocumentPages, LandEventPages, PassportPages
from couveuse.plots.pages.plots import NewPlotPages, PlotCarePages, ServiceEndPages

ROUTES = [
    NewPlotPages,
    PlotCarePages,
    ServiceEndPages,
    OutlinePages,
    PassportPages,
    LandEventPages,
    DocumentPages,
    MapPages,
    ImportPages,
]
