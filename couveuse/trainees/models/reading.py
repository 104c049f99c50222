"""Who opened whose file, on which day."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from couveuse.core.db import Base
from couveuse.people.models import Person


class FileReading(Base):
    """Somebody opened a file, or a paper of it, of somebody else: once for each day."""

    __tablename__ = "file_reading"
    __table_args__ = (
        sa.UniqueConstraint(
            *("person_id", "reader_id", "what", "subject_id", "read_on"),
            name="file_reading_once_a_day",
        ),
        sa.Index(None, "read_on"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    """Whose file it is."""
    reader_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    what: Mapped[str]
    """What was opened: ``file``, or a kind of record kept in it."""
    subject_id: Mapped[int]
    """The record opened; the person herself for the whole file."""
    read_on: Mapped[dt.date]
    read_at: Mapped[dt.datetime]
    """The first time that day."""

    reader: Mapped[Person] = relationship(foreign_keys=reader_id, lazy="raise")
