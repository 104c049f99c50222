"""The pages of grants and hours. Each module holds the handlers of one resource."""

from litestar import Router

from couveuse.network.pages.charging import ChargePages, OneChargePages
from couveuse.network.pages.grants import FundedActionPages, GrantPages, NewActionPages
from couveuse.network.pages.hours import HourPages

ROUTES = [
    Router(
        "/",
        route_handlers=[
            GrantPages,
            NewActionPages,
            FundedActionPages,
            HourPages,
            ChargePages,
            OneChargePages,
        ],
    )
]
