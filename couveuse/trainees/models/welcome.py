"""First welcome: the sheet that any structure may fill, and what newcomers send by themselves."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base, one_of
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.structures.models import Structure
from couveuse.trainees.models.path import Path


class ProjectKind(StrEnum):
    """What somebody wants to do; not everybody comes to farm."""

    GARDEN = "garden"
    LIVESTOCK = "livestock"
    CROPS = "crops"
    ORCHARD = "orchard"
    PROCESSING = "processing"
    FARM_OTHER = "farm_other"
    CRAFT = "craft"
    SERVICES = "services"
    CULTURE = "culture"
    LIFE = "life"
    UNKNOWN = "unknown"


class Welcome(Base):
    """The common sheet of a first welcome: who, where from, needs and wishes, what was agreed."""

    __tablename__ = "welcome"
    __table_args__ = (
        sa.UniqueConstraint("path_id", name="welcome_one_per_path"),
        sa.UniqueConstraint("created_by_id", "once", name="welcome_once"),
        sa.CheckConstraint("(once IS NULL) = (once_digest IS NULL)", name="welcome_once_whole"),
        one_of("kind", ProjectKind, "welcome_kind_known"),
    )

    path_id: Mapped[int] = mapped_column(sa.ForeignKey("path.id"))
    structure_id: Mapped[int] = mapped_column(sa.ForeignKey("structure.id"), index=True)
    """Who welcomed; the path may be carried by another one since."""
    kind: Mapped[str]
    commune: Mapped[str | None]
    origin: Mapped[str | None]
    """How she came to the test-space, in her words."""
    prescriber: Mapped[str | None]
    """Who sent her."""
    needs: Mapped[str | None]
    wishes: Mapped[str | None]
    met_on: Mapped[dt.date | None]
    """The first meeting, held or to come."""
    notice_given_on: Mapped[dt.date]
    """When she was told what is kept about her, why and for how long."""
    consent_on: Mapped[dt.date | None]
    """When she agreed that the sheet be passed on; None while she did not, or no longer does."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    once: Mapped[str | None]
    once_digest: Mapped[bytes | None]

    path: Mapped[Path] = relationship(lazy="raise")
    structure: Mapped[Structure] = relationship(lazy="raise")


class IntroductionState(StrEnum):
    WAITING = "waiting"
    TAKEN = "taken"
    SET_ASIDE = "set_aside"


class Introduction(Base):
    """A project that a visitor without an account introduced; nobody's file until it is taken."""

    __tablename__ = "introduction"
    __table_args__ = (
        sa.UniqueConstraint("once", name="introduction_once"),
        one_of("state", IntroductionState, "introduction_state_known"),
        one_of("kind", ProjectKind, "introduction_kind_known"),
        sa.CheckConstraint(
            "(path_id IS NULL) = (state <> 'taken')", name="introduction_taken_has_a_path"
        ),
        sa.CheckConstraint(
            "email IS NOT NULL OR phone IS NOT NULL", name="introduction_can_be_answered"
        ),
    )

    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    commune: Mapped[str | None]
    kind: Mapped[str]
    project: Mapped[str]
    consents: Mapped[bool] = mapped_column(server_default=sa.false())
    """Agreed that a partner structure may read it too."""
    language: Mapped[str | None]
    sent_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    once: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=IntroductionState.WAITING)
    path_id: Mapped[int | None] = mapped_column(sa.ForeignKey("path.id"))
    reason: Mapped[str | None]
    """Why it was set aside."""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class IntroductionSent(Base):
    """Counts what comes from a network address; forgotten after a day."""

    __tablename__ = "introduction_sent"
    __table_args__ = (sa.Index(None, "address", "at"),)

    at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    address: Mapped[str] = mapped_column(INET)


class OnceReusedForWelcome(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce formulaire a déjà servi pour un autre accueil. Rechargez la page.")
        super().__init__(Reason("once_reused", sentence))


class IntroductionTaken(Conflict):
    def __init__(self) -> None:
        sentence = N_("Quelqu'un vient de répondre à cette présentation. Rechargez la liste.")
        super().__init__(Reason("introduction_taken", sentence))


class SheetJoined(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette fiche vient d'être réunie avec une autre. Cherchez la personne dans la liste."
        )
        super().__init__(Reason("sheet_joined", sentence))


promise("welcome_once", OnceReusedForWelcome)
# Whoever writes about somebody in the moment when two sheets of hers become one.
promise("fk_path_person_id_person", SheetJoined)
promise("fk_follow_up_member_person_id_person", SheetJoined)
