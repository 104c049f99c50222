"""What every signature of a text keeps, whatever the text."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from couveuse.people.models import Person


class Signature:
    """Somebody signed that text, under their name of the day: on screen, or on a paper kept here.

    On paper the day counts; whoever filed the paper saw that it is this text.
    """

    name: Mapped[str]
    signed_at: Mapped[dt.datetime]
    text_hash: Mapped[str]
    """SHA-256 of the signed text; the database checks it."""
    scan: Mapped[str | None]
    """Signed on paper: SHA-256 of the stored scan. None: on screen."""

    @declared_attr
    @classmethod
    def person_id(cls) -> Mapped[int]:
        return mapped_column(sa.ForeignKey("person.id"), index=True)

    @declared_attr
    @classmethod
    def filed_by_id(cls) -> Mapped[int | None]:
        """Who put the signed paper here."""
        return mapped_column(sa.ForeignKey("person.id"))

    @declared_attr
    @classmethod
    def filed_by(cls) -> Mapped[Person | None]:
        return relationship(foreign_keys=[cls.filed_by_id], lazy="raise")  # type: ignore[list-item]

    @property
    def is_on_paper(self) -> bool:
        return self.scan is not None


def signature_promises(table: str, of: str) -> tuple[sa.Constraint, ...]:
    """What a table of signatures keeps: each signs once, a real hash, a paper filed by another."""
    return (
        sa.UniqueConstraint(of, "person_id", name=f"{table}_once"),
        sa.CheckConstraint("text_hash ~ '^[0-9a-f]{64}$'", name=f"{table}_has_a_hash"),
        sa.CheckConstraint("scan ~ '^[0-9a-f]{64}$'", name=f"{table}_scan_is_a_file"),
        sa.CheckConstraint(
            "(scan IS NULL) = (filed_by_id IS NULL)", name=f"{table}_on_paper_is_filed"
        ),
        sa.CheckConstraint("filed_by_id <> person_id", name=f"{table}_filed_by_another"),
    )
