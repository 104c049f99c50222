import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Cast
from tests.equipment.shed import Shed


@pytest.fixture
def shed(db: AsyncSession, cast: Cast) -> Shed:
    return Shed(db, cast)
