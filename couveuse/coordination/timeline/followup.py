"""Visits, reports and figures that the reader may read, and what was agreed; no word of them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from couveuse.coordination.timeline.source import EventKind, Rows, Saying, Source, row
from couveuse.core import clock, i18n
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_
from couveuse.followup.accounts import month_name
from couveuse.followup.committee_policy import visible_reviews
from couveuse.followup.models import (
    AgreedStep,
    Assessment,
    FigureMonth,
    Grid,
    GridVersion,
    Level,
    ProgressCommittee,
    ProgressDecision,
    ProgressReview,
    Report,
    Visit,
)
from couveuse.followup.policy import (
    visible_assessments,
    visible_figures,
    visible_reports,
    visible_steps,
)
from couveuse.followup.rules import DECISIONS
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


def _committees(actor: Actor, person_id: int) -> Sequence[Rows]:
    """Sessions about the person; what was decided, once the minutes are closed."""
    zone = sa.func.coalesce(Site.time_zone, clock.PARIS.key)
    is_closed = ProgressReview.closed_at.is_not(None)
    details: dict[str, Any] = {
        "review_id": ProgressReview.id,
        "decision": sa.case((is_closed, ProgressReview.decision)),
        "note": ProgressCommittee.reason,
    }
    code = sa.case((is_closed, "decided"), else_=ProgressCommittee.state)
    starts = sa.func.timezone(zone, ProgressCommittee.starts_at)
    return [
        row(starts, code, ProgressReview.id, **details)
        .select_from(ProgressReview)
        .join(ProgressReview.committee)
        .join(Person, Person.id == ProgressReview.person_id)
        .outerjoin(Site, Site.id == ProgressCommittee.site_id)
        .where(ProgressReview.person_id == person_id, visible_reviews(actor))
    ]


def _assessments(actor: Actor, person_id: int) -> Sequence[Rows]:
    """When each began and when it was talked over, for the two who talk."""
    details: dict[str, Any] = {"assessment_id": Assessment.id, "grid": Grid.name}
    return [
        row(day, code, Assessment.id, **details)
        .select_from(Assessment)
        .join(Person, Person.id == Assessment.person_id)
        .join(GridVersion, GridVersion.id == Assessment.version_id)
        .join(Grid, Grid.id == GridVersion.grid_id)
        .where(Assessment.person_id == person_id, day.is_not(None), visible_assessments(actor))
        for day, code in ((Assessment.made_on, "begun"), (Assessment.talked_on, "talked"))
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


def _decision_name(code: str) -> str:
    return i18n.gettext(DECISIONS[ProgressDecision(code)])


def _committee(sentence: str) -> Saying:
    names = {"decision": _decision_name}
    return Saying(sentence, names, "followup.reviews.show", ["review_id"], opens=lambda _: True)


COMMITTEES = Source(
    EventKind.FOLLOW_UP,
    _committees,
    {
        "planned": _committee(N_("Comité de suivi prévu")),
        "held": _committee(N_("Comité de suivi")),
        "cancelled": _committee(N_("Comité de suivi annulé")),
        "decided": _committee(N_("Comité de suivi : %(decision)s")),
    },
)


def _assessment(sentence: str) -> Saying:
    names = {"grid": i18n.gettext}
    route = "followup.assessments.show"
    return Saying(sentence, names, route, ["assessment_id"], opens=lambda _: True)


ASSESSMENTS = Source(
    EventKind.FOLLOW_UP,
    _assessments,
    {
        "begun": _assessment(N_("Évaluation commencée : %(grid)s")),
        "talked": _assessment(N_("Évaluation reprise ensemble : %(grid)s")),
    },
)
