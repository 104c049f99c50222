"""Applying, sitting in committee, deciding, and telling the person."""

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, i18n, journal
from couveuse.core.actor import Actor
from couveuse.core.db import atomic
from couveuse.core.errors import NotAllowed, NotVisible, Reason, Refused
from couveuse.core.files import FileStore, store_document
from couveuse.core.i18n import N_
from couveuse.core.jobs import queue
from couveuse.people.queries import list_people_to_choose
from couveuse.trainees import policy, queries
from couveuse.trainees.actions.paths import move_path
from couveuse.trainees.forms.selection import (
    ApplicationForm,
    CommitteeForm,
    DecisionForm,
    MemberForm,
    NewCommitteeForm,
    PieceForm,
)
from couveuse.trainees.models import (
    Application,
    ApplicationPiece,
    CaseJuror,
    Committee,
    CommitteeCase,
    CommitteeMember,
    DecidedMeanwhile,
    Decision,
    Path,
    PathState,
    ToldAlready,
)
from couveuse.trainees.rules.paths import FOLLOWS, may_apply, state_name
from couveuse.trainees.rules.selection import LEADS_TO, missing_pieces

journal.words(
    {
        "path.application_opened": N_("a ouvert une candidature"),
        "path.application_edited": N_("a modifié la candidature"),
        "path.piece_received": N_("a reçu une pièce de la candidature"),
        "path.application_complete": N_("a complété le dossier de candidature"),
        "path.on_agenda": N_("a mis la candidature à l'ordre du jour du %(day)s"),
        "path.decided": N_("a noté la décision du comité"),
        "path.letter_sent": N_("a noté l'envoi de la réponse"),
        "path.letter_mailed": N_("a envoyé la réponse du comité par courriel"),
        "committee.called": N_("a convoqué ce comité"),
        "committee.edited": N_("a modifié ce comité"),
        "committee.invited": N_("a invité %(name)s"),
        "committee.minutes_written": N_("a écrit le compte rendu"),
        "committee.conflict_declared": N_("a déclaré un lien d'intérêt"),
    }
)
COMPLETE_FILE = N_("Compléter le dossier")
NEXT_AFTER = {
    Decision.YES: N_("Préparer l'entrée"),
    Decision.YES_IF: N_("Vérifier la condition du comité"),
    Decision.WAIT: N_("Reprendre contact quand une place se libère"),
    Decision.NO: N_("Dire la décision de vive voix, et voir la suite avec la personne"),
}


@atomic
async def apply(db: AsyncSession, actor: Actor, path: Path, asked: ApplicationForm) -> Application:
    """Open the file of an application; the path says so."""
    if not may_apply(path.state):
        sentence = N_("Depuis l'étape « %(state)s », on n'ouvre pas de candidature.")
        raise Refused(Reason("not_from_here", sentence, {"state": state_name(path.state)}))
    application = Application(
        path_id=path.id,
        opened_on=clock.today(),
        created_by_id=actor.person_id,
        **asked.model_dump(),
    )
    db.add(application)
    await db.flush()  # another open one is found before the path moves
    if path.state != PathState.APPLYING:
        step = i18n.gettext(COMPLETE_FILE)
        await move_path(
            db, actor, path, PathState.APPLYING, next_step=step, next_actor_id=path.person_id
        )
    journal.record(db, actor, "path.application_opened", path.id)
    return application


@atomic
async def edit_application(
    db: AsyncSession, actor: Actor, application: Application, asked: ApplicationForm
) -> None:
    for name, value in asked:
        setattr(application, name, value)
    journal.record(db, actor, "path.application_edited", application.path_id)


@atomic
async def record_piece(
    db: AsyncSession,
    actor: Actor,
    store: FileStore,
    application: Application,
    asked: PieceForm,
    data: bytes | None,
) -> None:
    """Note a paper that came in, with its file when it was sent; the last needed one is dated."""
    kinds = await queries.list_piece_kinds(db, application.opened_on)
    if asked.kind not in {kind.code for kind in kinds}:
        raise Refused(Reason("unknown_kind", N_("Choisissez dans la liste."), field="kind"))
    row = {
        "application_id": application.id,
        "kind": asked.kind,
        "received_on": asked.received_on or clock.today(),
        "document": await store_document(db, store, data) if data else None,
    }
    kept = {"received_on": row["received_on"]} | ({"document": row["document"]} if data else {})
    await db.execute(
        insert(ApplicationPiece)
        .values(row)
        .on_conflict_do_update(constraint="application_piece_one_per_kind", set_=kept)
    )
    await db.refresh(application, ["pieces"])
    journal.record(db, actor, "path.piece_received", application.path_id)
    if application.complete_on is None and not missing_pieces(application, kinds):
        application.complete_on = clock.today()
        journal.record(db, actor, "path.application_complete", application.path_id)


# ---------------------------------------------------------------- the session


@atomic
async def hold_committee(db: AsyncSession, actor: Actor, asked: NewCommitteeForm) -> Committee:
    if not policy.can_hold_committee(actor, asked.structure_id):
        raise NotAllowed
    committee = Committee(**asked.model_dump())
    db.add(committee)
    await db.flush()  # the journal needs the id
    journal.record(db, actor, "committee.called", committee.id)
    return committee


@atomic
async def edit_committee(
    db: AsyncSession, actor: Actor, committee: Committee, asked: CommitteeForm
) -> None:
    for name, value in asked:
        setattr(committee, name, value)
    journal.record(db, actor, "committee.edited", committee.id)


@atomic
async def write_minutes(db: AsyncSession, actor: Actor, committee: Committee, minutes: str) -> None:
    committee.minutes = minutes
    journal.record(db, actor, "committee.minutes_written", committee.id)


@atomic
async def invite_to_committee(
    db: AsyncSession, actor: Actor, committee: Committee, asked: MemberForm
) -> None:
    """Invite somebody of the network, or note whether who was invited came."""
    people = dict(await list_people_to_choose(db, actor))
    known = {one.person_id for one in await queries.list_members(db, committee.id)}
    if asked.person_id not in people and asked.person_id not in known:
        sentence = N_("Choisissez quelqu'un dans la liste.")
        raise Refused(Reason("unknown_member", sentence, field="person_id"))
    row = {**asked.model_dump(mode="json"), "committee_id": committee.id}
    await db.execute(
        insert(CommitteeMember)
        .values(row)
        .on_conflict_do_update(
            constraint="committee_member_once", set_={"presence": row["presence"]}
        )
    )
    if asked.person_id not in known:
        name = people[asked.person_id]
        journal.record(db, actor, "committee.invited", committee.id, name=name)
        await queue(
            db, "tell_about_committee", committee_id=committee.id, person_id=asked.person_id
        )


@atomic
async def put_on_agenda(
    db: AsyncSession, actor: Actor, committee: Committee, application: Application
) -> CommitteeCase:
    """Put an open application on the agenda; it stands on one agenda at a time."""
    if application.closed_on is not None:
        raise NotVisible
    case = CommitteeCase(committee_id=committee.id, application_id=application.id)
    db.add(case)
    journal.record(db, actor, "path.on_agenda", application.path_id, day=committee.held_on)
    await db.flush()  # the id is needed
    return case


# ---------------------------------------------------------------- each juror


@atomic
async def fill_grid(
    db: AsyncSession,
    actor: Actor,
    case: CommitteeCase,
    levels: Mapping[str, str],
    comment: str | None,
) -> None:
    """One's own grid, as often as one likes until it is decided; never with a conflict declared."""
    await _undecided(db, case)
    values = {"levels": dict(levels), "comment": comment, "filled_at": clock.now()}
    await _say(db, actor, case, values)


@atomic
async def declare_conflict(
    db: AsyncSession, actor: Actor, case: CommitteeCase, conflict: str
) -> None:
    """A tie with the applicant: one's grid goes, and no other can come."""
    await _undecided(db, case)
    values = {"conflict": conflict, "levels": None, "comment": None, "filled_at": None}
    await _say(db, actor, case, values)
    journal.record(db, actor, "committee.conflict_declared", case.committee_id)


async def _say(
    db: AsyncSession, actor: Actor, case: CommitteeCase, values: Mapping[str, object]
) -> None:
    members = await queries.list_members(db, case.committee_id)
    if actor.person_id not in {one.person_id for one in members}:
        raise NotAllowed
    row = {"case_id": case.id, "person_id": actor.person_id, **values}
    await db.execute(
        insert(CaseJuror)
        .values(row)
        .on_conflict_do_update(constraint="case_juror_once", set_=values)
    )


async def _undecided(db: AsyncSession, case: CommitteeCase) -> None:
    """Held still until the end: nobody decides meanwhile."""
    decision = await db.scalar(
        sa.select(CommitteeCase.decision)
        .where(CommitteeCase.id == case.id)
        .with_for_update(key_share=True)
    )
    if decision is not None:
        raise DecidedMeanwhile


# ---------------------------------------------------------------- the decision


@atomic
async def decide(db: AsyncSession, actor: Actor, case: CommitteeCase, asked: DecisionForm) -> None:
    """Note what was decided and why; the path follows. Of two decisions at once, one counts."""
    today = clock.today()
    day = asked.decided_on or today
    if day > today:
        sentence = N_("Ce jour n'est pas encore venu.")
        raise Refused(Reason("decided_to_come", sentence, field="decided_on"))
    state, path = LEADS_TO[asked.decision], case.application.path
    if state not in FOLLOWS[PathState(path.state)]:
        sentence = N_(
            "Depuis l'étape « %(state)s », le comité ne décide pas : notez d'abord où "
            "en est la personne."
        )
        raise Refused(Reason("not_applying", sentence, {"state": state_name(path.state)}))
    values = asked.model_dump(mode="python") | {
        "decision": asked.decision.value,
        "decided_on": day,
        "decided_by_id": actor.person_id,
    }
    decided = await db.scalar(
        sa.update(CommitteeCase)
        .where(CommitteeCase.id == case.id, CommitteeCase.decision.is_(None))
        .values(values)
        .returning(CommitteeCase.id)
        .execution_options(synchronize_session=False)
    )
    if decided is None:
        raise DecidedMeanwhile
    await move_path(
        db,
        actor,
        path,
        state,
        on=max(day, await queries.last_step_day(db, path)),
        next_step=i18n.gettext(NEXT_AFTER[asked.decision]),
        next_due_on=asked.conditions_due_on or asked.reapply_on or asked.valid_until,
        next_actor_id=None,
    )
    case.application.closed_on = today
    journal.record(db, actor, "path.decided", path.id)


@atomic
async def note_letter_sent(
    db: AsyncSession, actor: Actor, case: CommitteeCase, day: dt.date | None
) -> None:
    """The person has been told; from then on she reads the letter herself."""
    told_on = day or clock.today()
    if case.decided_on is None or not case.decided_on <= told_on <= clock.today():
        sentence = N_("La réponse part après la décision, aujourd'hui au plus tard.")
        raise Refused(Reason("letter_day", sentence, field="notified_on"))
    case.notified_on = told_on
    journal.record(db, actor, "path.letter_sent", case.application.path_id)


@atomic
async def mail_letter(db: AsyncSession, actor: Actor, case: CommitteeCase) -> None:
    """Send the letter by mail. Of two who send it at once, one does."""
    person = case.application.path.person
    if case.decided_on is None or person.email is None:
        sentence = N_("Sans décision ou sans adresse, la réponse ne part pas par courriel.")
        raise Refused(Reason("letter_without_address", sentence))
    sent = await db.scalar(
        sa.update(CommitteeCase)
        .where(CommitteeCase.id == case.id, CommitteeCase.notified_on.is_(None))
        .values(notified_on=clock.today())
        .returning(CommitteeCase.id)
        .execution_options(synchronize_session=False)
    )
    if sent is None:
        raise ToldAlready
    await queue(db, "tell_decision", case_id=case.id)
    journal.record(db, actor, "path.letter_mailed", case.application.path_id)
