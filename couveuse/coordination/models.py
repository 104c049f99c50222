"""What coordination decided about files that nobody touched for long: kept on, or erased.

An erasure is the only way past what locks signed texts: while one is under way, the database lets
its own transaction empty words and names, and nothing else. It keeps no word about the person.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person


class KeptFile(Base):
    """A file that coordination keeps beyond its period, until a day and for a reason."""

    __tablename__ = "kept_file"
    __table_args__ = (
        sa.CheckConstraint("reason <> ''", name="kept_file_has_a_reason"),
        sa.CheckConstraint("until > kept_on", name="kept_file_until_a_later_day"),
        sa.Index(None, "person_id", "until"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kept_on: Mapped[dt.date]
    until: Mapped[dt.date]
    """The last day; afterwards it is proposed again."""
    reason: Mapped[str]
    kept_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    kept_by: Mapped[Person] = relationship(foreign_keys=kept_by_id, lazy="raise")


class Erasure(Base):
    """A person whose file was erased: when, by whom, under which period. Never changed."""

    __tablename__ = "erasure"
    __table_args__ = (
        sa.UniqueConstraint("person_id", name="erasure_once"),
        sa.Index(None, "began_at"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    erased_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """None: the operator, from the command line."""
    erased_at: Mapped[dt.datetime]
    began_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    """Start of the very transaction, put by the database: no other one erases under this row."""
    is_under_way: Mapped[bool] = mapped_column(server_default=sa.true())
    period: Mapped[str]
    """Code of the period that was over."""
    last_contact_on: Mapped[dt.date]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    """How many rows of each table were emptied or removed."""

    erased_by: Mapped[Person | None] = relationship(foreign_keys=erased_by_id, lazy="raise")


class ErasedAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce dossier vient d'être effacé par quelqu'un d'autre. Il n'y a plus rien à faire."
        )
        super().__init__(Reason("erased_already", sentence))


class PersonErased(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Le dossier de cette personne a été effacé : plus rien ne s'y ajoute. Si elle revient, "
            "enregistrez-la comme une nouvelle personne."
        )
        super().__init__(Reason("person_erased", sentence))


class OnlyErases(Conflict):
    def __init__(self) -> None:
        sentence = N_("Un effacement vide des textes ; il n'écrit rien d'autre.")
        super().__init__(Reason("only_erases", sentence))


promise("erasure_once", ErasedAlready)
promise("person_is_erased", PersonErased)
promise("erasing_only_erases", OnlyErases)
