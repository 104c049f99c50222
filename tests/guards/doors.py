"""The handlers of the application as a visitor sees them: doors with an address."""

import inspect
import re
from dataclasses import dataclass
from typing import Any

from litestar import Litestar

from couveuse.web.guards import signed_in


@dataclass(frozen=True, slots=True)
class Door:
    method: str
    name: str
    path: str
    is_public: bool
    is_guarded: bool
    questions: tuple[str, ...]
    """Names of what may follow the question mark."""

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def parameters(self) -> dict[str, str]:
        """Name and type of what the address holds."""
        return dict(re.findall(r"{(\w+):(\w+)}", self.path))

    def at(self, **values: object) -> str:
        return re.sub(r"{(\w+):\w+}", lambda found: str(values[found[1]]), self.path)


def list_doors(app: Litestar) -> list[Door]:
    """Every handler of ours; the router of static files has its own tests."""
    return [
        Door(
            method,
            str(handler.name),
            route.path,
            bool(handler.opt.get("public")),
            signed_in in handler.resolve_guards(),
            tuple(name for name, asked in _asked(handler).items() if asked.default is None),
        )
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"})
        if not str(handler.name).startswith("static")
    ]


def _asked(handler: Any) -> dict[str, inspect.Parameter]:
    """What a handler reads, by itself or through what it depends on."""
    own = dict(inspect.signature(handler.fn).parameters)
    for name, provided in handler.resolve_dependencies().items():
        if name in own:
            own |= inspect.signature(provided.dependency).parameters
    return own


RECORDS = {
    "followup.links.show": "odette",
    "followup.volunteers.new": "lea",
    "followup.sheets.show": "lea",
    "followup.papers.new": "lea",
    "followup.scans.show": "paper",
    "network.hour_exports.show": "hours",
    "followup.minutes.edit": "held",
    "followup.minutes_papers.show": "closed",
    "followup.minutes_paper_signatures.show": "closed",
    "followup.paper_signatures.show": "paper",
}
"""What is behind a door that opens for few records: another one than the first."""


def reader_of(door: Door) -> str:
    """Who opens most records behind it: coordination does not read what follow-up says."""
    if door.path.startswith("/mes-chiffres"):
        return "lea"
    own = (
        *("followup.steps.index", "followup.assessments.index"),
        "followup.volunteers.new",
        *("followup.shared_figures.show", "followup.shared_figure_exports.show"),
    )
    by_coordination = door.name in own or door.name.startswith("followup.grid")
    return "marc" if door.name.startswith("followup.") and not by_coordination else "ines"
