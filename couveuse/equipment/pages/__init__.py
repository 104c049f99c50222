"""The pages of equipment. Each module holds the handlers of one resource."""

from couveuse.equipment.pages.board import BoardPages
from couveuse.equipment.pages.bookings import BookingPages, ItemBookingPages, MyBookingPages
from couveuse.equipment.pages.decisions import DecisionPages
from couveuse.equipment.pages.items import ItemPages
from couveuse.equipment.pages.outages import OutagePages

ROUTES = [
    BoardPages,
    ItemPages,
    ItemBookingPages,
    BookingPages,
    MyBookingPages,
    DecisionPages,
    OutagePages,
]
