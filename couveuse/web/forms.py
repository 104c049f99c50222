"""From what a browser sends to a checked model, keeping what was typed and every error."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Generic, TypeVar, get_origin

import annotated_types
from litestar.datastructures import FormMultiDict, UploadFile
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from couveuse.core.errors import Reason, Refused, Unreadable
from couveuse.core.i18n import N_, translated
from couveuse.web.deps import Web

M = TypeVar("M", bound=BaseModel)

MESSAGES = {
    "missing": N_("Ce champ est à remplir."),
    "string_too_long": N_("C'est trop long : %(max_length)s caractères au plus."),
    "string_too_short": N_("C'est trop court : %(min_length)s caractères au moins."),
    "too_long": N_("C'est trop : %(max_length)s au plus."),
    "int_parsing": N_("Écrivez un nombre entier, en chiffres."),
    "int_from_float": N_("Écrivez un nombre entier, en chiffres."),
    "int_parsing_size": N_("Ce nombre est trop grand."),
    "decimal_parsing": N_("Écrivez un nombre, par exemple 12,50."),
    "decimal_max_places": N_("%(decimal_places)s décimales au plus."),
    "decimal_max_digits": N_("Ce nombre est trop grand."),
    "decimal_whole_digits": N_("Ce nombre est trop grand."),
    "finite_number": N_("Écrivez un nombre, par exemple 12,50."),
    "greater_than": N_("Il faut plus que %(gt)s."),
    "greater_than_equal": N_("Il faut au moins %(ge)s."),
    "less_than": N_("Il faut moins que %(lt)s."),
    "less_than_equal": N_("Il faut au plus %(le)s."),
    "enum": N_("Choisissez une des réponses proposées."),
    "literal_error": N_("Choisissez une des réponses proposées."),
    "time_parsing": N_("Écrivez une heure, par exemple 08:00."),
    "time_type": N_("Écrivez une heure, par exemple 08:00."),
    "list_type": N_("Choisissez dans la liste."),
}
BAD_NUMBER = N_(
    "« %(text)s » n'est pas un numéro. Revenez à la page précédente et choisissez dans la liste."
)
UNREADABLE = N_("Cette réponse est illisible. Corrigez-la.")


class Form(Generic[M]):
    """A form as it stands on the screen: typed values, errors by field, and the data once valid."""

    def __init__(self, model: type[M], values: Mapping[str, list[str]] | None = None) -> None:
        self.model = model
        self.values = dict(values or {})
        self.field_errors: dict[str, list[str]] = {}
        self.problems: list[str] = []
        self.reasons: list[Reason] = []
        self.checked: M | None = None

    @property
    def is_valid(self) -> bool:
        return self.checked is not None and not self.field_errors and not self.problems

    @property
    def data(self) -> M:
        """The checked values. Only for a valid form."""
        assert self.checked is not None  # noqa: S101
        return self.checked

    def value(self, name: str) -> str:
        values = self.values.get(name)
        return values[0] if values else ""

    def chosen(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def errors(self, name: str) -> list[str]:
        return self.field_errors.get(name, [])

    def needs_fold(self, name: str) -> bool:
        """Whether the doubled hour of October was typed, so that the form asks which one."""
        return any(one.code == "doubled_hour" and one.field == name for one in self.reasons)

    def bounds(self, name: str) -> Mapping[str, Any]:
        """What the model demands of the field, for the HTML attributes: it stands once, there."""
        return _bounds(self.model, name)

    def refuse(self, refused: Refused) -> None:
        """Show the reasons of a refusal: beside their field, or above the form."""
        self.reasons = list(refused.reasons)
        for reason in refused.reasons:
            if reason.field in self.model.model_fields:
                self.field_errors.setdefault(str(reason.field), []).append(str(reason))
            else:
                self.problems.append(str(reason))


def blank(model: type[M], **initial: Any) -> Form[M]:
    """A form to fill in, with what is known already."""
    return Form(model, {key: _texts(value) for key, value in initial.items() if value is not None})


def filled(model: type[M], record: object) -> Form[M]:
    """A form that shows the present state of a record, field by field."""
    return blank(model, **{name: getattr(record, name, None) for name in model.model_fields})


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["on"] if value else []
    if isinstance(value, list | tuple | set | frozenset):
        return [str(one) for one in value]
    return [value.isoformat(timespec="minutes") if hasattr(value, "hour") else str(value)]


async def bind(model: type[M], request: Web) -> Form[M]:
    """Read the posted form into ``model``. Blank means missing; all errors are collected."""
    sent = await request.form()
    form = Form(model, _values(sent))
    fields = {
        name: form.values[name] if _is_many(info) else form.values[name][0]
        for name, info in model.model_fields.items()
        if name in form.values
    }
    if unclean := [name for name in fields if any("\x00" in text for text in form.values[name])]:
        form.field_errors = {name: [translated(UNREADABLE)] for name in unclean}
        return form
    try:
        form.checked = model.model_validate(fields)
    except ValidationError as error:
        for problem in error.errors():
            _keep(form, problem)
    return form


def _values(sent: FormMultiDict) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str) and value.strip():
            values.setdefault(name, []).append(value.strip())
    return values


async def uploaded(request: Web, name: str) -> UploadFile | None:
    """The file sent under a name; None when none was chosen."""
    value = (await request.form()).get(name)
    return value if isinstance(value, UploadFile) and value.filename else None


def read_id(text: str | None) -> int | None:
    """The id that an address asks for. Raises Unreadable for what cannot be one."""
    if not text:
        return None
    if not is_number(text):
        raise Unreadable(BAD_NUMBER, text=text[:40])
    return int(text)


def is_number(text: str) -> bool:
    """Whether it may be the key of a row: digits only, and not too many."""
    return text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < 2**63


def _is_many(info: FieldInfo) -> bool:
    return get_origin(info.annotation) is list


def _keep(form: Form[Any], problem: Any) -> None:
    where = str(problem["loc"][0]) if problem["loc"] else None
    if where in form.model.model_fields:
        form.field_errors.setdefault(str(where), []).append(_message(problem))
    else:
        form.problems.append(_message(problem))


def _message(problem: Any) -> str:
    if problem["type"] == "value_error":  # raised by our own validators, in marked French
        return translated(str(problem["ctx"]["error"]))
    return translated(MESSAGES.get(problem["type"], UNREADABLE), problem.get("ctx", {}))


@cache
def _bounds(model: type[BaseModel], name: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    info = model.model_fields.get(name)
    if info is None:
        return found
    if info.is_required():
        found["required"] = True
    for limit in info.metadata:
        match limit:
            case annotated_types.MinLen(n):
                found["minlength"] = n
            case annotated_types.MaxLen(n):
                found["maxlength"] = n
            case annotated_types.Ge(n):
                found["min"] = n
            case annotated_types.Le(n):
                found["max"] = n
            case _:
                pass
    return found
