"""What people do with plots: each verb is all or nothing, and leaves a line in the journal."""

from couveuse.plots.actions.dividing import merge_plots, split_plot
from couveuse.plots.actions.events import add_land_event, edit_land_event, remove_land_event
from couveuse.plots.actions.plots import (
    SeenBefore,
    create_plot,
    edit_plot,
    end_service,
    redraw_plot,
)

__all__ = [
    "SeenBefore",
    "add_land_event",
    "create_plot",
    "edit_land_event",
    "edit_plot",
    "end_service",
    "merge_plots",
    "redraw_plot",
    "remove_land_event",
    "split_plot",
]
