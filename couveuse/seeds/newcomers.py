"""People on their way in: welcomed, referred, applying, decided on. Names are made up.

Done again, it keeps something waiting for today: an introduction, and a committee to come.
"""

import datetime as dt
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.people.models import Person
from couveuse.seeds.almanac import DAY
from couveuse.seeds.demo_people import ADEARI, CIVAM, PLES
from couveuse.seeds.network import Placed
from couveuse.seeds.rows import add_rows
from couveuse.seeds.telling import noon
from couveuse.structures.models import Structure
from couveuse.trainees.models import (
    Application,
    ApplicationPiece,
    CaseJuror,
    Committee,
    CommitteeCase,
    CommitteeMember,
    Introduction,
    IntroductionState,
    Path,
    PathStep,
    Referral,
    Welcome,
)

COMMITTEE_PLACE = "Salle des fêtes, La Châtre"


class NewcomerFacts(NamedTuple):
    given_name: str
    family_name: str
    phone: str
    structure: str
    by: str
    kind: str
    project: str
    states: tuple[tuple[str, int], ...]
    """What happened how many days ago, the oldest first."""
    next_step: str
    due: int
    """In how many days; past ones are late."""
    prescriber: str | None = None
    needs: str | None = None
    consents: bool = True


NEWCOMERS = (
    NewcomerFacts(
        "Nour", "Belkacem", "+33199001061", CIVAM, "Inès", "livestock",
        "Trente brebis laitières et une petite fromagerie, à deux avec sa sœur.",
        (("contact", 13),), "Premier rendez-vous", -3, "Mission locale",
        "Comprendre ce que coûte une fromagerie.",
    ),
    NewcomerFacts(
        "Théo", "Marchandier", "+33199001062", CIVAM, "Inès", "craft",
        "Un fournil au bois qui livre trois marchés, avec du blé d'ici.",
        (("contact", 40), ("welcomed", 30), ("oriented_out", 17)),
        "Réponse de PLES attendue", -2, "France Travail", "Un local, un statut pour commencer.",
    ),
    NewcomerFacts(
        "Lina", "Fauconnier", "+33199001063", CIVAM, "Inès", "garden",
        "Légumes de plein champ pour la cantine de La Châtre.",
        (("contact", 90), ("welcomed", 80), ("applying", 21)), "Compléter le dossier", 4,
        "CFPPA", "Un hectare, un tunnel, du matériel partagé.",
    ),
    NewcomerFacts(
        "Gabin", "Sauzet", "+33199001064", CIVAM, "Inès", "orchard",
        "Petits fruits et plantes à infusion, vente à la ferme.",
        (("contact", 150), ("welcomed", 140), ("applying", 60), ("selected", 3)),
        "Préparer l'entrée", 30, "Un paysan voisin",
    ),
    NewcomerFacts(
        "Ilyès", "Cornet", "+33199001065", ADEARI, "Paul", "garden",
        "Reprendre le jardin d'un oncle et en vivre, pas à pas.",
        (("contact", 9), ("welcomed", 6)), "Proposer une suite", 4, "Chambre d'agriculture",
    ),
    NewcomerFacts(  # the same person, welcomed twice: the two sheets are there to be joined
        "Ilyes", "Cornet", "+33199001066", CIVAM, "Inès", "crops",
        "Un jardin de famille à reprendre, avec un peu de grandes cultures.",
        (("contact", 3),), "Premier rendez-vous", 5, None, "Un hectare pour commencer.",
    ),
)  # fmt: skip

INTRODUCTIONS = (
    ("Prune", "Delalande", "life", "Argenton-sur-Creuse",
     "Je quitte Paris avec ma fille. Je ne sais pas encore quoi, mais dehors et avec d'autres."),
    ("Omar", "Siaka", "garden", "Châteauroux",
     "J'ai fait du maraîchage au pays, dix ans. Je cherche où recommencer, même petit."),
    ("Solène", "Vaudour", "processing", "La Châtre",
     "Des conserves et des soupes avec les légumes qui ne se vendent pas."),
)  # fmt: skip
SENDING_PHONE = "+33199001069"


async def add_newcomers(db: AsyncSession, placed: Placed, today: dt.date) -> None:
    paths = [await _add_newcomer(db, placed, one, today) for one in NEWCOMERS]
    await _add_referral(db, placed, paths[1], today)
    await _add_committees(db, placed, paths[2], paths[3], today)
    await _introduce(db, today, 0)


async def keep_newcomers(db: AsyncSession, today: dt.date) -> None:
    """Somebody new introduces a project, and what was not decided is for next week."""
    found = await db.scalars(
        sa.select(Introduction.sent_at).where(Introduction.state == IntroductionState.WAITING)
    )
    if not any(at > noon(today - 9 * DAY) for at in found):
        number = await db.scalar(sa.select(sa.func.count()).select_from(Introduction)) or 0
        await _introduce(db, today, number)
    undecided = sa.select(CommitteeCase.committee_id).where(CommitteeCase.decision.is_(None))
    await db.execute(
        sa.update(Committee)
        .where(
            Committee.id.in_(undecided),
            Committee.held_on < today,
            Committee.place == COMMITTEE_PLACE,
        )
        .values(held_on=today + 7 * DAY)
    )


async def _add_newcomer(
    db: AsyncSession, placed: Placed, facts: NewcomerFacts, today: dt.date
) -> Path:
    structure_id, author_id = placed.structures[facts.structure], placed.people[facts.by]
    person = Person(
        given_name=facts.given_name,
        family_name=facts.family_name,
        phone=facts.phone,
        phone_shared=False,
        language="fr",
        met_by_id=structure_id,
    )
    db.add(person)
    await db.flush()  # the path needs the id
    begun, (state, changed) = today - facts.states[0][1] * DAY, facts.states[-1]
    path = Path(
        person_id=person.id,
        structure_id=structure_id,
        state=state,
        project=facts.project,
        next_step=facts.next_step,
        next_due_on=today + facts.due * DAY,
        next_actor_id=None if state == "oriented_out" else author_id,
        opened_on=begun,
        changed_at=noon(today - changed * DAY),
    )
    db.add(path)
    await db.flush()  # the steps need the id
    steps = [
        {
            "path_id": path.id,
            "state": state,
            "happened_on": today - ago * DAY,
            "recorded_by_id": author_id,
            "recorded_at": noon(today - ago * DAY),
        }
        for state, ago in facts.states
    ]
    await add_rows(db, PathStep, steps)
    db.add(_sheet(path, facts, author_id, begun))
    return path


def _sheet(path: Path, facts: NewcomerFacts, author_id: int, begun: dt.date) -> Welcome:
    return Welcome(
        path_id=path.id,
        structure_id=path.structure_id,
        kind=facts.kind,
        origin="Porte ouverte de la ferme test",
        prescriber=facts.prescriber,
        needs=facts.needs,
        met_on=begun + 10 * DAY if len(facts.states) > 1 else None,
        notice_given_on=begun,
        consent_on=begun if facts.consents else None,
        created_by_id=author_id,
        created_at=noon(begun),
    )


async def _add_referral(db: AsyncSession, placed: Placed, path: Path, today: dt.date) -> None:
    """Waiting for a little too long."""
    names = (await db.scalars(sa.select(Structure.name).order_by(Structure.name))).all()
    sent_on = today - 17 * DAY
    db.add(
        Referral(
            path_id=path.id,
            from_structure_id=placed.structures[CIVAM],
            to_structure_id=placed.structures[PLES],
            note="Cherche une couveuse pour démarrer sans créer d'entreprise.",
            options=list(names),
            consent_on=path.opened_on,
            sent_by_id=placed.people["Inès"],
            sent_at=noon(sent_on),
        )
    )


async def _add_committees(
    db: AsyncSession, placed: Placed, applying: Path, selected: Path, today: dt.date
) -> None:
    """One next week, with a file that lacks papers; one just held, whose answer is to be sent."""
    lacking = _application(applying, placed, today - 21 * DAY, "Vivre d'un hectare de légumes.")
    whole = _application(selected, placed, today - 60 * DAY, "Vendre des petits fruits à la ferme.")
    whole.complete_on, whole.closed_on = today - 20 * DAY, today - 3 * DAY
    coming = _committee(placed, today + 7 * DAY, "Point sur les places de l'an prochain.")
    held = _committee(placed, today - 3 * DAY, None)
    held.minutes = "Présent·es : Marc, Rosa, Inès. Un dossier, retenu."
    db.add_all([lacking, whole, coming, held])
    await db.flush()  # what follows needs the ids
    pieces = [(lacking, kind) for kind in ("project", "resume")]
    pieces += [(whole, kind) for kind in ("project", "resume", "budget", "means", "insurance")]
    rows = [
        {"application_id": one.id, "kind": kind, "received_on": one.opened_on + 5 * DAY}
        for one, kind in pieces
    ]
    await add_rows(db, ApplicationPiece, rows)
    jurors = [placed.people[name] for name in ("Inès", "Marc", "Rosa")]
    seats: list[dict[str, Any]] = [
        {"committee_id": one.id, "person_id": juror, "presence": presence}
        for one, presence in ((coming, "expected"), (held, "present"))
        for juror in jurors
    ]
    await add_rows(db, CommitteeMember, seats)
    open_case = CommitteeCase(committee_id=coming.id, application_id=lacking.id)
    decided = CommitteeCase(
        committee_id=held.id,
        application_id=whole.id,
        decision="yes",
        reasons="Le projet est clair, les débouchés sont là, le lieu peut l'accueillir.",
        decided_on=today - 3 * DAY,
        decided_by_id=placed.people["Inès"],
        valid_until=today + 180 * DAY,
    )
    db.add_all([open_case, decided])
    await db.flush()  # the grids need the ids
    levels = {"question": "solid", "experience": "growing", "economy": "growing", "fit": "solid"}
    for juror, remark in zip(jurors[1:], ("Sait ce qui lui manque.", "Bien entouré."), strict=True):
        said = noon(today - 3 * DAY)
        db.add(
            CaseJuror(
                case_id=decided.id,
                person_id=juror,
                levels=levels,
                comment=remark,
                filled_at=said,
            )
        )


def _application(path: Path, placed: Placed, day: dt.date, to_test: str) -> Application:
    return Application(
        path_id=path.id,
        opened_on=day,
        to_test=to_test,
        place="Ferme test La Châtre",
        machines="Motoculteur, tunnel, arrosage",
        sales="Marché du samedi et deux magasins",
        means_year_one="Allocation pendant dix mois, puis mi-temps",
        wished_from=day + 150 * DAY,
        created_by_id=placed.people["Inès"],
    )


def _committee(placed: Placed, day: dt.date, agenda: str | None) -> Committee:
    return Committee(
        structure_id=placed.structures[CIVAM],
        held_on=day,
        held_at=dt.time(14, 0),
        place=COMMITTEE_PLACE,
        agenda=agenda,
    )


async def _introduce(db: AsyncSession, today: dt.date, number: int) -> None:
    given_name, family_name, kind, commune, project = INTRODUCTIONS[number % len(INTRODUCTIONS)]
    db.add(
        Introduction(
            given_name=given_name,
            family_name=family_name,
            phone=SENDING_PHONE,
            kind=kind,
            commune=commune,
            project=project,
            consents=True,
            language="fr",
            sent_at=noon(today - DAY),
            once=f"demo-{number}",
        )
    )
