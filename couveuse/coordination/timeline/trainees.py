"""Steps of the path, agreements, and who follows."""

from collections.abc import Sequence

import sqlalchemy as sa

from couveuse.coordination.timeline.source import EventKind, Rows, Saying, Source, row
from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.i18n import N_, gettext
from couveuse.people.models import Person
from couveuse.structures.models import Structure
from couveuse.trainees.models import (
    AfterContact,
    Agreement,
    AgreementKind,
    AgreementPeriod,
    Application,
    CommitteeCase,
    Exit,
    FollowUpMember,
    Path,
    PathStep,
    Referral,
    Welcome,
)
from couveuse.trainees.rules.groups import follow_up_name
from couveuse.trainees.rules.paths import state_name
from couveuse.trainees.rules.selection import decision_name

LABEL = sa.func.coalesce(Structure.short_name, Structure.name)
FULL_NAME = Person.given_name + " " + Person.family_name
FIRST, AFTER = sa.func.lower(AgreementPeriod.during), sa.func.upper(AgreementPeriod.during)


def _steps(_actor: Actor, person_id: int) -> Sequence[Rows]:
    details = {"state": PathStep.state, "note": PathStep.note}
    return [
        row(PathStep.happened_on, "step", PathStep.id, **details)
        .join(Path, Path.id == PathStep.path_id)
        .where(Path.person_id == person_id)
    ]


PATH = Source(
    EventKind.PATH,
    _steps,
    {"step": Saying(N_("Parcours : %(state)s"), {"state": state_name})},
)


def _welcomes(_actor: Actor, person_id: int) -> Sequence[Rows]:
    said_on = sa.func.coalesce(
        Welcome.met_on, sa.func.timezone(clock.PARIS.key, Welcome.created_at).cast(sa.Date)
    )
    details = {"path_id": Welcome.path_id, "structure": LABEL}
    return [
        row(said_on, "welcome", Welcome.id, **details)
        .select_from(Welcome)
        .join(Path, Path.id == Welcome.path_id)
        .join(Structure, Structure.id == Welcome.structure_id)
        .where(Path.person_id == person_id)
    ]


def _referrals(_actor: Actor, person_id: int) -> Sequence[Rows]:
    details = {"path_id": Referral.path_id, "structure": LABEL}
    sent, answered = (
        sa.func.timezone(clock.PARIS.key, at) for at in (Referral.sent_at, Referral.answered_at)
    )
    return [
        one.select_from(Referral)
        .join(Path, Path.id == Referral.path_id)
        .join(Structure, Structure.id == Referral.to_structure_id)
        .where(Path.person_id == person_id, *more)
        for one, more in (
            (row(sent, "sent", Referral.id, **details), ()),
            (
                row(answered, Referral.state, Referral.id, **details),
                (Referral.answered_at.is_not(None),),
            ),
        )
    ]


def _of_path(sentence: str) -> Saying:
    return Saying(sentence, route="trainees.paths.show", address=["path_id"], opens=lambda _: True)


WELCOMES = Source(
    EventKind.PATH,
    _welcomes,
    {"welcome": _of_path(N_("Accueil par %(structure)s"))},
)
REFERRALS = Source(
    EventKind.PATH,
    _referrals,
    {
        "sent": _of_path(N_("Orientation proposée vers %(structure)s")),
        "accepted": _of_path(N_("Orientation acceptée par %(structure)s")),
        "declined": _of_path(N_("Orientation déclinée par %(structure)s")),
    },
)


def _selection(_actor: Actor, person_id: int) -> Sequence[Rows]:
    """A decision is told once its letter is sent: nobody learns it from a list."""
    path_id = Application.path_id
    decided = {"path_id": path_id, "decision": CommitteeCase.decision}
    return [
        row(Application.opened_on, "applied", Application.id, path_id=path_id)
        .select_from(Application)
        .join(Path, Path.id == path_id)
        .where(Path.person_id == person_id),
        row(CommitteeCase.notified_on, "decided", CommitteeCase.id, **decided)
        .select_from(CommitteeCase)
        .join(Application, Application.id == CommitteeCase.application_id)
        .join(Path, Path.id == path_id)
        .where(Path.person_id == person_id, CommitteeCase.notified_on.is_not(None)),
    ]


SELECTION = Source(
    EventKind.PATH,
    _selection,
    {
        "applied": _of_path(N_("Candidature ouverte")),
        "decided": Saying(
            N_("Décision du comité : %(decision)s"),
            {"decision": decision_name},
            "trainees.paths.show",
            ["path_id"],
            opens=lambda _: True,
        ),
    },
)


def _after(_actor: Actor, person_id: int) -> Sequence[Rows]:
    """What became of somebody stands on the page of the exit, for those who may read it there."""
    answered_on = sa.func.timezone(clock.PARIS.key, AfterContact.answered_at)
    details = {"person_id": Exit.person_id, "months": AfterContact.months}
    return [
        row(Exit.left_on, "left", Exit.id, person_id=Exit.person_id)
        .select_from(Exit)
        .where(Exit.person_id == person_id),
        row(answered_on, "news", AfterContact.id, **details)
        .select_from(AfterContact)
        .join(Exit, Exit.id == AfterContact.exit_id)
        .where(Exit.person_id == person_id, AfterContact.answered_at.is_not(None)),
    ]


def _of_exit(sentence: str) -> Saying:
    return Saying(
        sentence, route="trainees.exits.edit", address=["person_id"], opens=lambda _: True
    )


AFTER_THE_TEST = Source(
    EventKind.PATH,
    _after,
    {
        "left": _of_exit(N_("Fin du test")),
        "news": _of_exit(N_("Nouvelles, %(months)s mois après la fin du test")),
    },
)


def _agreements(_actor: Actor, person_id: int) -> Sequence[Rows]:
    label = (
        sa.select(AgreementKind.label)
        .where(AgreementKind.code == Agreement.kind, AgreementKind.in_force.contains(FIRST))
        .limit(1)
        .scalar_subquery()
    )
    details = {
        "agreement_id": Agreement.id,
        "agreement": sa.func.coalesce(label, Agreement.kind),
        "structure": LABEL,
        "first_day": FIRST,
        "last_day": AFTER - 1,
    }
    made = sa.case(
        (AgreementPeriod.document.is_(None), "waits"),
        (AgreementPeriod.number == 0, "signed"),
        else_="renewed",
    )
    signed_on = sa.func.coalesce(AgreementPeriod.signed_on, FIRST)
    last = sa.select(sa.func.max(AgreementPeriod.number)).where(
        AgreementPeriod.agreement_id == Agreement.id
    )
    ended = sa.case((Agreement.ended_on.is_not(None), "broken_off"), else_="ends")
    theirs = Agreement.person_id == person_id
    return [
        _of_agreements(row(signed_on, made, AgreementPeriod.id, **details)).where(theirs),
        _of_agreements(
            row(AFTER - 1, ended, AgreementPeriod.id, note=Agreement.end_reason, **details)
        ).where(
            theirs,
            AgreementPeriod.document.is_not(None),
            AgreementPeriod.number == last.correlate(Agreement).scalar_subquery(),
        ),
    ]


def _of_agreements(select: Rows) -> Rows:
    return (
        select.select_from(AgreementPeriod)
        .join(Agreement, Agreement.id == AgreementPeriod.agreement_id)
        .join(Structure, Structure.id == Agreement.structure_id)
    )


def _agreement(sentence: str) -> Saying:
    names = {"agreement": gettext}
    return Saying(
        sentence, names, "trainees.agreements.show", ["agreement_id"], opens=lambda _: True
    )


AGREEMENTS = Source(
    EventKind.AGREEMENTS,
    _agreements,
    {
        "signed": _agreement(
            N_("%(agreement)s signé avec %(structure)s, du %(first_day)s au %(last_day)s")
        ),
        "renewed": _agreement(
            N_("%(agreement)s renouvelé avec %(structure)s, du %(first_day)s au %(last_day)s")
        ),
        "waits": _agreement(
            N_("%(agreement)s avec %(structure)s à signer, du %(first_day)s au %(last_day)s")
        ),
        "ends": _agreement(N_("Dernier jour : %(agreement)s avec %(structure)s")),
        "broken_off": _agreement(
            N_("Dernier jour, avant le terme : %(agreement)s avec %(structure)s")
        ),
    },
)


def _group(_actor: Actor, person_id: int) -> Sequence[Rows]:
    details = {"who": FULL_NAME, "follows": FollowUpMember.kind}
    begins = sa.func.lower(FollowUpMember.during)
    role = sa.case((FollowUpMember.is_lead, "leads"), else_="follows")
    ends = sa.func.upper(FollowUpMember.during)
    return [
        one.select_from(FollowUpMember)
        .join(Person, Person.id == FollowUpMember.member_id)
        .where(FollowUpMember.person_id == person_id, *more)
        for one, more in (
            (row(begins, role, FollowUpMember.id, **details), ()),
            (row(ends - 1, "leaves", FollowUpMember.id, **details), (ends.is_not(None),)),
        )
    ]


FOLLOW_UP = Source(
    EventKind.FOLLOW_UP,
    _group,
    {
        "follows": Saying(
            N_("%(who)s rejoint le groupe de suivi (%(follows)s)"), {"follows": follow_up_name}
        ),
        "leads": Saying(
            N_("%(who)s devient référent·e (%(follows)s)"), {"follows": follow_up_name}
        ),
        "leaves": Saying(
            N_("%(who)s quitte le groupe de suivi (%(follows)s)"), {"follows": follow_up_name}
        ),
    },
)
