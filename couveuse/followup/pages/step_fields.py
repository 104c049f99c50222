"""The lines of what was agreed, in the form of a report: numbered fields, empty ones left out."""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import ValidationError

from couveuse.core.errors import Reason, Refused
from couveuse.core.i18n import N_
from couveuse.followup.forms import StepDraft
from couveuse.followup.models import AgreedStep

MOST = 12
FIELDS = {"id": "step_id", "what": "step_what", "owner_id": "step_owner", "due_on": "step_due"}


def line_numbers(values: Mapping[str, Sequence[str]]) -> list[int]:
    """The lines to show: those typed and an empty one, two at least."""
    typed = [n for n in range(1, MOST + 1) if values.get(f"step_what_{n}")]
    return list(range(1, min(max(*typed, 1, 1) + 1, MOST) + 1))


def typed_steps(steps: Sequence[AgreedStep]) -> dict[str, list[str]]:
    """The values of the form for the steps of a report."""
    ids = {f"step_id_{n}": [str(step.id)] for n, step in enumerate(steps, 1)}
    return ids | draft_values(steps)


def draft_values(steps: Iterable[AgreedStep | StepDraft]) -> dict[str, list[str]]:
    """The values of the form for steps that have no row yet."""
    values: dict[str, list[str]] = {}
    for n, step in enumerate(steps, 1):
        values[f"step_what_{n}"] = [step.what]
        values[f"step_owner_{n}"] = [str(step.owner_id)]
        if step.due_on:
            values[f"step_due_{n}"] = [step.due_on.isoformat()]
    return values


def read_steps(values: Mapping[str, Sequence[str]]) -> list[StepDraft]:
    """What was typed, line by line. Raises Refused with each line that cannot be read."""
    steps: list[StepDraft] = []
    reasons: list[Reason] = []
    for n in range(1, MOST + 1):
        if not values.get(f"step_what_{n}"):
            continue
        said = {
            name: values[f"{field}_{n}"][0]
            for name, field in FIELDS.items()
            if values.get(f"{field}_{n}")
        }
        try:
            steps.append(StepDraft.model_validate(said))
        except ValidationError:
            sentence = N_(
                "Action %(n)s : dites en quelques mots ce qui est convenu, qui le fait, et une "
                "date qui existe."
            )
            reasons.append(Reason("unreadable_step", sentence, {"n": n}))
    if reasons:
        raise Refused(*reasons)
    return steps
