"""What a slice above has against a change below it: asked before the change is written."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Concatenate, Generic, ParamSpec

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core.errors import Reason, Refused

P = ParamSpec("P")


class Objections(Generic[P]):
    """Used as a decorator by who may object, and called by who is about to change something."""

    def __init__(self) -> None:
        self._asked: list[Callable[Concatenate[AsyncSession, P], Awaitable[Iterable[Reason]]]] = []

    def __call__(
        self, ask: Callable[Concatenate[AsyncSession, P], Awaitable[Iterable[Reason]]]
    ) -> Callable[Concatenate[AsyncSession, P], Awaitable[Iterable[Reason]]]:
        self._asked.append(ask)
        return ask

    async def hear(self, db: AsyncSession, *args: P.args, **kwargs: P.kwargs) -> None:
        """Refuse the change with everything that anybody has against it."""
        reasons = [one for ask in self._asked for one in await ask(db, *args, **kwargs)]
        if reasons:
            raise Refused(*reasons)
