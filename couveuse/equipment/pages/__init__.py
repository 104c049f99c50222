"""The pages of equipment. Each module holds the handlers of one resource."""

from litestar import Router

from couveuse.equipment import policy
from couveuse.equipment.pages.board import BoardPages
from couveuse.equipment.pages.bookings import BookingPages, ItemBookingPages, MyBookingPages
from couveuse.equipment.pages.catalogue import (
    ItemCarePages,
    NewItemPages,
    RetiredItemPages,
    UnattendedItemPages,
)
from couveuse.equipment.pages.decisions import DecisionPages
from couveuse.equipment.pages.imports import ImportPages
from couveuse.equipment.pages.items import ItemPages
from couveuse.equipment.pages.outages import OutagePages
from couveuse.equipment.pages.photos import PhotoPages
from couveuse.web.menu import everybody, offers

# In one router: on their own, two controllers cannot share a path (`/materiel`), even for different
# methods, since Litestar gives each of them the OPTIONS of that path.
ROUTES = [
    Router(
        "/",
        route_handlers=[
            BoardPages,
            ItemPages,
            ItemBookingPages,
            BookingPages,
            MyBookingPages,
            DecisionPages,
            OutagePages,
            NewItemPages,
            RetiredItemPages,
            UnattendedItemPages,
            ItemCarePages,
            PhotoPages,
            ImportPages,
        ],
    )
]
offers({"equipment.board": policy.can_see_items, "equipment.bookings.mine": everybody})
