"""How a test ended, and the news given afterwards."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from couveuse.core.fields import Amount, Day, Line, Paragraph
from couveuse.core.geo.communes import is_commune
from couveuse.core.i18n import N_
from couveuse.trainees.models import Living, Outcome

UNKNOWN_COMMUNE = N_("Ce code INSEE n'est celui d'aucune commune. Vérifiez ses cinq caractères.")
Area = Annotated[Amount, Field(le=10_000)]


def _known(code: str) -> str:
    code = code.upper()
    if not is_commune(code):
        raise ValueError(UNKNOWN_COMMUNE)
    return code


Commune = Annotated[str, Field(max_length=5), AfterValidator(_known)]


class ExitForm(BaseModel):
    left_on: Day
    outcome: Outcome
    reasons: Paragraph | None = None
    insee_code: Commune | None = None
    legal_form: Line | None = None
    area_ha: Area | None = None


class NewsForm(BaseModel):
    situation: Outcome
    insee_code: Commune | None = None
    area_ha: Area | None = None
    living: Living | None = None
    comment: Paragraph | None = None
