"""Grids to look at oneself with, and what the person and a mentor said with them.

A version of a grid never changes: what was said with it is read with it for ever. The person speaks
first, then a mentor, then both talk it over. Levels are words in an order, never marks: nothing is
added up, and nobody is compared with anybody.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person


class Side(StrEnum):
    """Who speaks."""

    PERSON = "person"
    MENTOR = "mentor"


class Grid(Base):
    """An axis of the test to look at: technique, economy, sales, the life one lives."""

    __tablename__ = "grid"
    __table_args__ = (sa.Index("grid_name_once", sa.text("lower(name)"), unique=True),)

    name: Mapped[str]
    """Typed by coordination, or a French sentence of the catalogue."""
    retired_on: Mapped[dt.date | None]

    versions: Mapped[list["GridVersion"]] = relationship(
        back_populates="grid", order_by="GridVersion.number.desc()", lazy="raise"
    )

    @property
    def present(self) -> "GridVersion":
        """The version that new assessments use."""
        return self.versions[0]


class GridVersion(Base):
    __tablename__ = "grid_version"
    __table_args__ = (
        sa.UniqueConstraint("grid_id", "number", name="grid_version_number_once"),
        sa.CheckConstraint("cardinality(levels) BETWEEN 3 AND 5", name="grid_version_levels"),
        sa.CheckConstraint(
            "jsonb_array_length(criteria) BETWEEN 3 AND 12", name="grid_version_size"
        ),
    )

    grid_id: Mapped[int] = mapped_column(sa.ForeignKey("grid.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    levels: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    """In words, from the first steps on."""
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """Each ``{"code": …, "label": …, "help": … or null}``; a code keeps its meaning between
    versions, so that progress is drawn across them."""
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """None: it came with the product."""
    made_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    grid: Mapped[Grid] = relationship(back_populates="versions", lazy="raise")


class Assessment(Base):
    """One look at one person with one grid."""

    __tablename__ = "assessment"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "version_id", "made_on", name="assessment_once_a_day"),
        sa.CheckConstraint(
            "(talked_on IS NULL) = (talked_by_id IS NULL)", name="assessment_talk_has_somebody"
        ),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("grid_version.id"), index=True)
    made_on: Mapped[dt.date]
    begun_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    talked_on: Mapped[dt.date | None]
    talked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    talk: Mapped[str | None]
    """What both keep of it."""

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    version: Mapped[GridVersion] = relationship(lazy="raise")
    answers: Mapped[list["AssessmentAnswers"]] = relationship(lazy="raise")

    def of(self, side: Side) -> "AssessmentAnswers | None":
        return next((one for one in self.answers if one.side == side), None)

    @property
    def is_open(self) -> bool:
        return self.talked_on is None

    @property
    def is_answered(self) -> bool:
        """Both spoke: each now reads the other."""
        return len(self.answers) == len(Side)


class AssessmentAnswers(Base):
    """What one side said."""

    __tablename__ = "assessment_answers"
    __table_args__ = (
        sa.UniqueConstraint("assessment_id", "side", name="assessment_answers_once"),
        one_of("side", Side, "assessment_answers_side_known"),
    )

    assessment_id: Mapped[int] = mapped_column(sa.ForeignKey("assessment.id"))
    side: Mapped[str]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """By code of a criterion: ``{"level": 0…4 or null, "comment": … or null}``."""
    given_at: Mapped[dt.datetime]

    author: Mapped[Person] = relationship(lazy="raise")

    def level(self, code: str) -> int | None:
        return self.said.get(code, {}).get("level")

    def comment(self, code: str) -> str | None:
        return self.said.get(code, {}).get("comment")


class GridNameTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Une grille porte déjà ce nom. Ouvrez-la, ou choisissez un autre nom.")
        super().__init__(Reason("grid_name_taken", sentence, field="name"))


class VersionMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_("Quelqu'un vient de changer cette grille. Rechargez la page.")
        super().__init__(Reason("version_meanwhile", sentence))


class VersionIsKept(Conflict):
    def __init__(self) -> None:
        sentence = N_("Une version ne change pas. Faites-en plutôt une nouvelle.")
        super().__init__(Reason("version_is_kept", sentence))


class BegunAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Cette évaluation est déjà commencée aujourd'hui. Ouvrez-la dans la liste.")
        super().__init__(Reason("begun_already", sentence))


class PersonFirst(Conflict):
    def __init__(self) -> None:
        sentence = N_("La personne répond d'abord. Revenez quand elle aura répondu.")
        super().__init__(Reason("person_first", sentence))


class TalkedOver(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette évaluation a été reprise ensemble : elle ne change plus. Commencez-en une autre."
        )
        super().__init__(Reason("talked_over", sentence))


promise("grid_name_once", GridNameTaken)
promise("grid_version_number_once", VersionMeanwhile)
promise("grid_version_is_kept", VersionIsKept)
promise("assessment_once_a_day", BegunAlready)
promise("assessment_answers_once", VersionMeanwhile)
promise("assessment_person_first", PersonFirst)
promise("assessment_talked_is_closed", TalkedOver)
