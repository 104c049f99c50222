"""What a database says about itself."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from couveuse.core.db import Base


class DemoMark(Base):
    """The demonstration made this database: it may fill it again. No row means real data.

    A row of a table, since it follows the data through dumps and copies under any owner.
    """

    __tablename__ = "demo_mark"

    made_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    filled_until: Mapped[dt.date]
    """The Monday after the last week that has its bookings."""
