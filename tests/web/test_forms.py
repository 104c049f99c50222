"""What is sent, read into a checked model: every error said, nothing typed lost."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar, post
from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator

from couveuse.core.errors import Reason, Refused
from couveuse.core.fields import Amount, Day, Id, Line, LocalMoment, Name, Tick
from couveuse.web.deps import Web
from couveuse.web.forms import Form, bind, blank, filled, uploaded
from tests.conftest import Browser


class Everything(BaseModel):
    name: Name
    kind: Literal["a", "b"] = "a"
    day: Day | None = None
    at: LocalMoment | None = None
    price: Amount | None = None
    count: Annotated[int, Field(ge=1, le=50)] = 1
    who: list[Id] = Field(default_factory=list[int], max_length=3)
    agreed: Tick = False
    note: Line | None = None

    @field_validator("day")
    @classmethod
    def _not_a_sunday(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        if day and day.isoweekday() == 7 and info.data.get("kind") == "b":
            raise ValueError("Écrivez une heure, par exemple 08:00.")
        return day

    @model_validator(mode="after")
    def _whole(self) -> "Everything":
        if self.note == "rien ne va":
            raise ValueError("Choisissez dans la liste.")
        return self


bound: list[Form[Everything]] = []
sent_files: list[bytes | None] = []


@post("/")
async def probe(request: Web) -> None:
    form = await bind(Everything, request)
    file = await uploaded(request, "file")
    bound.append(form)
    sent_files.append(await file.read() if file else None)


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app: Any = Litestar([probe], openapi_config=None, logging_config=None)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x.local") as client:
        yield client


Send = Callable[..., Any]


@pytest.fixture(params=["urlencoded", "multipart"])
def send(request: pytest.FixtureRequest, http: httpx.AsyncClient) -> Send:
    """Both ways in which browsers send a form."""
    files = {"other": ("", b"")} if request.param == "multipart" else None

    async def sent(**values: Any) -> Form[Everything]:
        answer = await http.post("/", data=values, files=files)
        assert answer.status_code == 201, answer.text
        return bound[-1]

    return sent


# ---------------------------------------------------------------- read


async def test_everything_is_read(send: Send) -> None:
    form = await send(
        name="  Ferme  de la Châtre ",
        kind="b",
        day="23/11/2026",
        at="2026-12-01T08:00",
        price="1 250,50",
        count="12",
        who=["3", "5"],
        agreed="on",
        note="l'été « chaud »",
    )

    assert form.is_valid
    assert form.data == Everything(
        name="Ferme de la Châtre",
        kind="b",
        day=dt.date(2026, 11, 23),
        at=dt.datetime(2026, 12, 1, 8),  # noqa: DTZ001, a wall clock
        price=Decimal("1250.50"),
        count=12,
        who=[3, 5],
        agreed=True,
        note="l'été « chaud »",
    )


async def test_blank_means_missing(send: Send) -> None:
    form = await send(name="x", kind="", day=" ", at="", price="", count="", who="", note=" \t ")

    assert form.is_valid
    assert form.data == Everything(name="x")


async def test_one_of_a_list_is_a_list(send: Send) -> None:
    assert (await send(name="x", who="3")).data.who == [3]
    assert (await send(name="x", who=["3", "", "4"])).data.who == [3, 4]


async def test_the_first_of_a_field_sent_twice_counts(send: Send) -> None:
    assert (await send(name=["x", "y"])).data.name == "x"


async def test_what_was_not_asked_for_is_left_out(send: Send) -> None:
    form = await send(name="x", is_admin="1", id="3")

    assert form.data.model_dump().keys() == Everything.model_fields.keys()


# ---------------------------------------------------------------- refused


async def test_every_error_is_said_at_its_field_and_nothing_typed_is_lost(send: Send) -> None:
    typed = {
        "kind": "c",
        "day": "31/02/2026",
        "at": "hier",
        "price": "cher",
        "count": "51",
        "who": "abc",
        "note": "x" * 201,
    }

    form = await send(**typed)

    assert not form.is_valid
    assert {name: form.value(name) for name in typed} == typed
    assert form.errors("name") == ["Ce champ est à remplir."]
    assert form.errors("kind") == ["Choisissez une des réponses proposées."]
    assert "Cette date n'existe pas" in form.errors("day")[0]
    assert "Ce moment n'existe pas" in form.errors("at")[0]
    assert form.errors("price") == ["Écrivez un nombre, par exemple 12,50."]
    assert form.errors("count") == ["Il faut au plus 50."]
    assert form.errors("who") == ["Écrivez un nombre entier, en chiffres."]
    assert form.errors("note") == ["C'est trop long : 200 caractères au plus."]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("count", "1.5"),
        ("count", "9" * 5000),
        ("count", "0x10"),
        ("price", "-1"),
        ("price", "1" * 13),
        ("price", "0,00001"),
        ("price", "NaN"),
        ("who", "0"),
        ("who", str(2**63)),
        ("who", ["1", "2", "3", "4"]),
        ("day", "0000-00-00"),
        ("day", "9999-12-31"),
        ("at", "2026-12-01T08:00+01:00"),
        ("name", "x" * 201),
        ("name", "\u202egnp.eman"),
    ],
)
async def test_each_wrong_answer_has_a_sentence_of_ours(
    send: Send, field: str, typed: str | list[str]
) -> None:
    form = await send(**{"name": "x", field: typed})

    (error,) = form.errors(field)
    assert error.endswith(".")
    assert not {"Input", "should", "value", "%("} & set(error.split())


async def test_a_zero_byte_never_reaches_the_database(send: Send) -> None:
    form = await send(name="a\x00b", note="c\x00", count="2")

    assert not form.is_valid
    assert set(form.field_errors) == {"name", "note"}


async def test_rules_across_fields_are_said_at_theirs_or_above(send: Send) -> None:
    sunday = await send(name="x", kind="b", day="2026-11-22")
    nothing = await send(name="x", note="rien ne va")

    assert sunday.errors("day") == ["Écrivez une heure, par exemple 08:00."]
    assert nothing.problems == ["Choisissez dans la liste."]


async def test_a_refusal_is_shown_at_its_field_or_above() -> None:
    form = blank(Everything, name="x")
    form.refuse(Refused(Reason("a", "Un.", field="name"), Reason("b", "Deux.", field="gone")))

    assert form.errors("name") == ["Un."]
    assert form.problems == ["Deux."]
    assert not form.is_valid


# ---------------------------------------------------------------- files


async def test_a_file_where_a_text_is_expected_is_no_text(http: httpx.AsyncClient) -> None:
    await http.post("/", files={"name": ("x.txt", b"Ferme")}, data={"note": "x"})

    assert bound[-1].errors("name") == ["Ce champ est à remplir."]
    assert bound[-1].value("note") == "x"


async def test_a_text_where_a_file_is_expected_is_no_file(http: httpx.AsyncClient) -> None:
    await http.post("/", data={"name": "x", "file": "/etc/passwd"})

    assert sent_files[-1] is None


async def test_no_file_chosen_is_no_file(http: httpx.AsyncClient) -> None:
    await http.post("/", data={"name": "x"}, files={"file": ("", b"")})
    assert sent_files[-1] is None

    await http.post("/", data={"name": "x"}, files={"file": ("a.jpg", b"")})
    assert sent_files[-1] == b""

    await http.post("/", data={"name": "x"}, files={"file": ("a.jpg", b"abc")})
    assert sent_files[-1] == b"abc"


# ---------------------------------------------------------------- filled in beforehand


def test_a_form_shows_what_is_known() -> None:
    form = blank(
        Everything,
        name="x",
        day=dt.date(2026, 11, 23),
        at=dt.datetime(2026, 12, 1, 8),  # noqa: DTZ001, a wall clock
        price=Decimal("12.50"),
        who=[3, 4],
        agreed=True,
        note=None,
    )

    assert form.value("day") == "2026-11-23"
    assert form.value("at") == "2026-12-01T08:00"
    assert form.value("price") == "12.50"
    assert form.chosen("who") == ["3", "4"]
    assert form.value("agreed") == "on"
    assert form.value("note") == ""
    assert filled(Everything, form).value("name") == ""  # not one of its fields


def test_bounds_stand_once_in_the_model() -> None:
    form = blank(Everything)

    assert form.bounds("name") == {"required": True, "maxlength": 200}
    assert form.bounds("count") == {"min": 1, "max": 50}
    assert form.bounds("unknown") == {}


# ---------------------------------------------------------------- bodies of every kind

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
BODIES = {
    "no body": (FORM, b""),
    "no type": ("", b"name=x"),
    "an unknown type": ("application/x-nothing", b"name=x"),
    "a charset": (f"{FORM}; charset=latin-1", b"name=x"),
    "JSON": ("application/json", b'{"name": "x"}'),
    "broken JSON": ("application/json", b'{"name": '),
    "msgpack": ("application/x-msgpack", b"\xc1"),
    "bytes that are no text": (FORM, b"name=%FF%FE&note=\xff\xfe"),
    "half a surrogate": (FORM, b"name=%ED%A0%80"),
    "half an escape": (FORM, b"name=%E"),
    "no names": (FORM, b"=x&&==&name"),
    "many fields": (FORM, b"&".join(b"f%d=x" % n for n in range(5000))),
    "a deep name": (FORM, b"name[a][b][c]=x&name[]=y"),
    "no boundary": (PARTS, b"--x\r\n\r\n--x--"),
    "another boundary": (f"{PARTS}; boundary=y", b"--x\r\n\r\n--x--"),
    "an empty boundary": (f"{PARTS}; boundary=", b"----"),
    "an odd boundary": (f'{PARTS}; boundary="\\', b"--\r\n"),
    "half a body": (
        f"{PARTS}; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nFer',
    ),
    "a part without a name": (
        f"{PARTS}; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n",
    ),
    "a part that is no text": (
        f"{PARTS}; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\xfe\r\n--x--\r\n',
    ),
    "a part in another charset": (
        f"{PARTS}; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n%s\r\n\r\nx\r\n--x--\r\n"
        % b"Content-Type: text/plain; charset=nothing",
    ),
    "an odd part": (f"{PARTS}; boundary=x", b"--x\r\nnothing\r\n\r\nx\r\n--x--\r\n"),
    "many parts": (
        f"{PARTS}; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n" * 3000 + b"--x--\r\n",
    ),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/connexion", "/profil", "/langue", "/materiel"])
async def test_a_body_of_any_kind_is_read_or_refused(
    browse: Callable[..., Any], path: str, name: str
) -> None:
    kind, body = BODIES[name]
    browser: Browser = await browse("ines")

    answer = await browser.http.post(
        path, content=body, headers={"content-type": kind, "x-csrftoken": browser.token}
    )

    assert answer.status_code in {303, 400, 413, 415, 422}, answer.status_code
    assert "<html" in answer.text or answer.status_code == 303


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(values=st.dictionaries(st.sampled_from(list(Everything.model_fields)), st.text(max_size=40)))
async def test_whatever_is_typed_is_read_or_refused(
    http: httpx.AsyncClient, values: dict[str, str]
) -> None:
    body = "&".join(
        f"{name}={quote(text.encode('utf-8', 'surrogatepass'))}" for name, text in values.items()
    )

    answer = await http.post("/", content=body, headers={"content-type": FORM})

    assert answer.status_code == 201
    form = bound[-1]
    assert form.is_valid or form.field_errors or form.problems
