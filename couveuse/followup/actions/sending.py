"""A form sent several times arrives once."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.actor import Actor
from couveuse.core.errors import Refused
from couveuse.followup import queries
from couveuse.followup.forms import OnceForm, StepDraft
from couveuse.followup.models import SentForm

T = TypeVar("T")


async def once(
    db: AsyncSession,
    actor: Actor,
    form: OnceForm,
    subject: str,
    act: Callable[[], Awaitable[T]],
    find: Callable[[int], Awaitable[T]],
) -> T:
    """Do it, or find what the same form did the first time.

    ``subject`` says what the form is about. After a refusal its key may be used again.
    """
    if first := await queries.find_sent(db, actor, form, subject):
        return await find(first)
    try:
        return await act()
    except Refused:  # perhaps by the first sending, which arrived meanwhile
        if first := await queries.find_sent(db, actor, form, subject):
            return await find(first)
        raise


def subject_of(what: str, steps: Sequence[StepDraft], files: Sequence[bytes] = ()) -> str:
    """What a form is about, with what it says beside its own fields."""
    said = repr((steps, [hashlib.sha256(one).hexdigest() for one in files]))
    return f"{what} {hashlib.sha256(said.encode()).hexdigest()}"


def keep_sent(db: AsyncSession, actor: Actor, form: OnceForm, subject: str, made_id: int) -> None:
    """Remember what the form made, in the transaction that made it."""
    if form.once is not None:
        db.add(
            SentForm(
                author_id=actor.person_id,
                once=form.once,
                digest=form.digest(subject),
                made_id=made_id,
                at=clock.now(),
            )
        )
