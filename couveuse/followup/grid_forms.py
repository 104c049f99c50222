"""What the screens of grids and assessments ask for."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, create_model

from couveuse.core.fields import Day, Id, Name, Paragraph
from couveuse.core.i18n import N_
from couveuse.followup.models import GridVersion

LEVELS, CRITERIA = (3, 5), (3, 12)


def read_lines(value: Any) -> Any:
    """Texts of several lines → the lines that say something."""
    texts = [value] if isinstance(value, str) else value
    return [" ".join(line.split()) for text in texts for line in text.splitlines() if line.strip()]


def _bounded(lines: list[str], bounds: tuple[int, int], sentence: str) -> list[str]:
    least, most = bounds
    if not least <= len(lines) <= most or max(map(len, lines)) > 200:
        raise ValueError(sentence)
    if len({line.casefold() for line in lines}) < len(lines):
        raise ValueError(N_("Deux lignes disent la même chose. Retirez-en une."))
    return lines


def read_levels(value: Any) -> Any:
    return _bounded(
        read_lines(value), LEVELS, N_("Il faut de 3 à 5 niveaux, un par ligne, courts.")
    )


def read_criteria(value: Any) -> Any:
    return _bounded(
        read_lines(value), CRITERIA, N_("Il faut de 3 à 12 critères, un par ligne, courts.")
    )


class GridVersionForm(BaseModel):
    levels: Annotated[list[str], BeforeValidator(read_levels)]
    criteria: Annotated[list[str], BeforeValidator(read_criteria)]

    def listed(self) -> list[dict[str, Any]]:
        """Criteria with the code that their words make: the same words keep the same code."""
        return [criterion(line) for line in self.criteria]


class GridForm(GridVersionForm):
    name: Name


def criterion(line: str) -> dict[str, Any]:
    """ "Sol : fertilité, structure" → its label, and the help after the colon."""
    label, _, more = line.partition(":")
    return {"code": coded(label), "label": label.strip(), "help": more.strip() or None}


def coded(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", plain)) or "x"


def written(criteria: Sequence[dict[str, Any]]) -> str:
    """Criteria as they are typed."""
    return "\n".join(
        f"{one['label']} : {one['help']}" if one["help"] else one["label"] for one in criteria
    )


class BeginForm(BaseModel):
    grid_id: Id


class TalkForm(BaseModel):
    talked_on: Day
    talk: Paragraph | None = None


def answers_form(version: GridVersion) -> type[BaseModel]:
    """A level and a few words for each criterion; both may be left out."""
    fields: dict[str, Any] = {}
    for one in version.criteria:
        fields[f"level_{one['code']}"] = (int | None, Field(None, ge=0, lt=len(version.levels)))
        fields[f"comment_{one['code']}"] = (str | None, Field(None, max_length=200))
    return create_model("AnswersForm", **fields)


def said(version: GridVersion, answers: BaseModel) -> dict[str, dict[str, Any]]:
    """The form as it is kept."""
    return {
        one["code"]: {
            "level": getattr(answers, f"level_{one['code']}"),
            "comment": getattr(answers, f"comment_{one['code']}"),
        }
        for one in version.criteria
    }
