"""Forms sent from the field: each arrives once, however often it is sent."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from couveuse.core.db import Base
from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_


class SentForm(Base):
    """A form that arrived, by the key that its author's device gave it, and what it made."""

    __tablename__ = "sent_form"
    __table_args__ = (sa.UniqueConstraint("author_id", "once", name="sent_form_once"),)

    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    once: Mapped[str]
    digest: Mapped[bytes]
    """Of what the form said: the same key for something else is refused."""
    made_id: Mapped[int]
    """The visit, report, note or step that it made or changed; the digest says which."""
    at: Mapped[dt.datetime]


class SentMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce formulaire vient d'arriver une première fois. Rechargez la page.")
        super().__init__(Reason("sent_meanwhile", sentence))


class OnceReusedForFollowUp(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce formulaire a déjà servi pour autre chose. Rechargez la page.")
        super().__init__(Reason("once_reused", sentence))


promise("sent_form_once", SentMeanwhile)
