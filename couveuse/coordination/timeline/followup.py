"""Visits, reports and figures that the reader may read, and what was agreed; no word of them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from couveuse.coordination.timeline.source import EventKind, Rows, Saying, Source, row
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.followup.accounts import month_name
from couveuse.followup.models import AgreedStep, FigureMonth, Level, Report, Visit
from couveuse.followup.policy import visible_figures, visible_reports, visible_steps
from couveuse.people.models import Person
from couveuse.structures.models import Site
from couveuse.trainees.rules.groups import follow_up_name

MENTOR, OWNER = aliased(Person), aliased(Person)


def _visits(_actor: Actor, person_id: int) -> Sequence[Rows]:
    zone = sa.func.coalesce(Site.time_zone, clock.PARIS.key)
    starts = sa.func.timezone(zone, Visit.starts_at)
    details: dict[str, Any] = {
        "visit_id": Visit.id,
        "who": Person.given_name + " " + Person.family_name,
        "follows": Visit.kind,
        "note": Visit.reason,
    }
    return [
        row(starts, Visit.state, Visit.id, **details)
        .select_from(Visit)
        .join(Person, Person.id == Visit.mentor_id)
        .outerjoin(Site, Site.id == Visit.site_id)
        .where(Visit.person_id == person_id)
    ]


def _reports(actor: Actor, person_id: int) -> Sequence[Rows]:
    """Shared ones, for those who read them."""
    details: dict[str, Any] = {
        "visit_id": Report.visit_id,
        "mentor": MENTOR.given_name + " " + MENTOR.family_name,
    }
    code = sa.case((Report.signed_text.is_not(None), "signed"), else_="shared")
    return [
        row(sa.func.timezone("Europe/Paris", Report.shared_at), code, Report.id, **details)
        .select_from(Report)
        .join(Report.visit)
        .join(Person, Person.id == Visit.person_id)
        .join(MENTOR, MENTOR.id == Report.author_id)
        .where(Visit.person_id == person_id, Report.level == Level.SHARED, visible_reports(actor))
    ]


def _steps(actor: Actor, person_id: int) -> Sequence[Rows]:
    """When they were agreed; what became of them stands in the list of actions."""
    agreed_on = sa.func.timezone("Europe/Paris", AgreedStep.created_at)
    details: dict[str, Any] = {
        "person_id": AgreedStep.person_id,
        "what": AgreedStep.what,
        "owner": OWNER.given_name,
    }
    return [
        row(agreed_on, "step", AgreedStep.id, **details)
        .select_from(AgreedStep)
        .join(Person, Person.id == AgreedStep.person_id)
        .join(OWNER, OWNER.id == AgreedStep.owner_id)
        .outerjoin(Report, Report.id == AgreedStep.report_id)
        .where(AgreedStep.person_id == person_id, visible_steps(actor))
    ]


def _visit(sentence: str) -> Saying:
    names = {"follows": follow_up_name}
    return Saying(sentence, names, "followup.visits.show", ["visit_id"], opens=lambda _: True)


VISITS = Source(
    EventKind.FOLLOW_UP,
    _visits,
    {
        "planned": _visit(N_("Visite prévue avec %(who)s (%(follows)s)")),
        "held": _visit(N_("Visite avec %(who)s (%(follows)s)")),
        "missed": _visit(N_("Visite manquée avec %(who)s (%(follows)s)")),
        "cancelled": _visit(N_("Visite annulée avec %(who)s (%(follows)s)")),
    },
)


def _report(sentence: str) -> Saying:
    return Saying(
        sentence, route="followup.reports.show", address=["visit_id"], opens=lambda _: True
    )


VISIT_REPORTS = Source(
    EventKind.FOLLOW_UP,
    _reports,
    {
        "shared": _report(N_("Compte rendu partagé par %(mentor)s")),
        "signed": _report(N_("Compte rendu de %(mentor)s, signé")),
    },
)
STEPS = Source(
    EventKind.FOLLOW_UP,
    _steps,
    {"step": Saying(N_("Convenu : %(what)s (%(owner)s)"))},
)


def _figures(actor: Actor, person_id: int) -> Sequence[Rows]:
    """Months that the reader may read, on the day they were first kept."""
    details: dict[str, Any] = {"person_id": FigureMonth.person_id, "month": FigureMonth.month}
    return [
        row(
            sa.func.timezone(clock.PARIS.key, FigureMonth.made_at),
            "month",
            FigureMonth.id,
            **details,
        )
        .select_from(FigureMonth)
        .join(Person, Person.id == FigureMonth.person_id)
        .where(FigureMonth.person_id == person_id, visible_figures(actor))
    ]


FIGURES = Source(
    EventKind.FOLLOW_UP,
    _figures,
    {
        "month": Saying(
            N_("Chiffres du mois : %(month)s"),
            {"month": month_name},
            "followup.shared_figures.show",
            ["person_id"],
            opens=lambda _: True,
        )
    },
)
