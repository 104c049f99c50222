"""The personal link of a volunteer: one screen without a password, and nothing else."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core import clock
from couveuse.core.db import Base
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_
from couveuse.people.models import Person


class LightAccess(Base):
    """A link for somebody who follows as a volunteer. Only a hash of its token is kept.

    It opens nothing on a day when its holder is no volunteer, or follows nobody.
    """

    __tablename__ = "light_access"
    __table_args__ = (
        sa.UniqueConstraint("token_hash", name="light_access_token_once"),
        sa.CheckConstraint("octet_length(token_hash) = 32", name="light_access_keeps_a_hash"),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name="light_access_ended_by_somebody"
        ),
        sa.Index(
            "light_access_one_open",
            "person_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "person_id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes]
    until: Mapped[dt.date]
    """The last day."""
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    """Stopped, or made anew."""
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    last_used_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    created_by: Mapped[Person] = relationship(foreign_keys=created_by_id, lazy="raise")
    ended_by: Mapped[Person | None] = relationship(foreign_keys=ended_by_id, lazy="raise")

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.until >= clock.today()


class LinkMadeMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_("Un lien vient d'être fait pour cette personne. Rechargez la page.")
        super().__init__(Reason("link_made_meanwhile", sentence))


promise("light_access_one_open", LinkMadeMeanwhile)
