"""Reads of structures, sites, functions and land rights. Visibility is part of each."""

from couveuse.structures.queries.functions import (
    Matrix,
    SiteRow,
    StructureRow,
    get_function,
    list_functions,
    who_does_what,
    who_serves,
)
from couveuse.structures.queries.land_rights import (
    YEAR,
    form_on,
    get_document,
    get_land_right,
    list_land_forms,
    list_land_rights,
    list_rights_ending,
)
from couveuse.structures.queries.plots import PlotLine, list_plot_lines, tells_plots
from couveuse.structures.queries.resting import (
    Resting,
    Thing,
    rests_on_sites,
    rests_on_structure,
    what_rests_on_site,
    what_rests_on_structure,
)
from couveuse.structures.queries.structures import (
    find_structure,
    get_site,
    get_structure,
    list_sites,
    list_sites_to_choose,
    list_structures,
    list_structures_to_choose,
)

__all__ = [
    "YEAR",
    "Matrix",
    "PlotLine",
    "Resting",
    "SiteRow",
    "StructureRow",
    "Thing",
    "find_structure",
    "form_on",
    "get_document",
    "get_function",
    "get_land_right",
    "get_site",
    "get_structure",
    "list_functions",
    "list_land_forms",
    "list_land_rights",
    "list_plot_lines",
    "list_rights_ending",
    "list_sites",
    "list_sites_to_choose",
    "list_structures",
    "list_structures_to_choose",
    "rests_on_sites",
    "rests_on_structure",
    "tells_plots",
    "what_rests_on_site",
    "what_rests_on_structure",
    "who_does_what",
    "who_serves",
]
