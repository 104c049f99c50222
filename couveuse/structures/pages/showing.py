"""What every page that lists rights on land needs to name them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock
from couveuse.core.i18n import gettext
from couveuse.structures.models import LandForm, LandRight
from couveuse.structures.queries import form_on, list_land_forms
from couveuse.structures.rules import right_state, warning


async def rights_context(db: AsyncSession, rights: Sequence[LandRight]) -> dict[str, Any]:
    forms = await list_land_forms(db) if rights else []
    return {
        "rights": rights,
        "form_names": {right.id: form_name(forms, right) for right in rights},
        "today": clock.today(),
        "right_state": right_state,
        "warning": warning,
    }


def form_of(forms: Sequence[LandForm], right: LandRight) -> LandForm | None:
    """As the law was when the right began."""
    first = right.during.lower
    return form_on(forms, right.form, first) if first else None


def form_name(forms: Sequence[LandForm], right: LandRight) -> str:
    form = form_of(forms, right)
    return gettext(form.label) if form else right.form
