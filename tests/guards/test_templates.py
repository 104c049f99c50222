"""Templates only show: they compile, are used, are translated, and need no trust."""

import ast
import fnmatch
import hashlib
import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from couveuse.core.i18n import LANGUAGES, set_language
from couveuse.core.letters import _environment as letters
from couveuse.core.paths import PACKAGE, STATIC, TEMPLATES
from couveuse.web.templates import Templates

ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*"))
PAGES = [name for name in ALL if name.endswith(".html")]
COMPILED = Templates()
HTMX = {
    *("hx-sse:connect", "hx-sse:close", "hx-get", "hx-post", "hx-target", "hx-swap", "hx-trigger"),
    *("hx-indicator", "hx-push-url", "hx-confirm", "hx-include", "hx-headers", "hx-disable"),
    *("hx-sync", "hx-partial"),  # the last is an element
}
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
CLASSES = re.compile(r"{% block main_class %}.*?{% endblock %}")
JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)


@cache
def source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def code(name: str) -> str:
    """The source without its comments."""
    return COMMENT.sub("", source(name))


@cache
def markup(name: str) -> str:
    """What stands in the template outside Jinja, each of its marks replaced by ¤."""
    return JINJA.sub("¤", CLASSES.sub("", source(name)))


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_it_compiles(name: str, language: str) -> None:
    set_language(language)
    if name.endswith(".html"):
        COMPILED.get(name)
    else:
        letters().get_template(name)


def test_none_is_unused() -> None:
    named = {
        pattern
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (pattern := pattern_of(node)).endswith((".html", ".txt"))
    }
    included = {found for name in ALL for found in re.findall(r'"([\w./]+)"', code(name))}

    assert [
        name
        for name in ALL
        if name not in included and not any(fnmatch.fnmatch(name, one) for one in named)
    ] == []


def pattern_of(node: ast.AST) -> str:
    """A text of the source, with a star for each part that is known only when it runs."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(pattern_of(part) or "*" for part in parts)
        case _:
            return ""


@pytest.mark.parametrize("name", ALL)
def test_it_is_short(name: str) -> None:
    assert source(name).count("\n") <= 120


@pytest.mark.parametrize("name", [name for name in PAGES if "/_" in name])
def test_a_part_says_what_it_needs(name: str) -> None:
    assert re.match(r"{#.+?#}", source(name), re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_only_the_chosen_htmx_is_used(name: str) -> None:
    found = set(re.findall(r"(?<!/)\bhx-[\w:-]+", code(name)))

    assert {one.removesuffix(":inherited") for one in found} <= HTMX


BANNED = {
    "trusting what was typed": r"\|\s*safe\b|Markup",
    "an inline style": r"\bstyle\s*=|<style",
    "an inline script": r"<script(?![^>]*\bsrc=)|javascript:",
    "an inline handler": r"\son[a-z]+\s*=",
    "an address by hand": r"\b(href|src|action|formaction|hx-(?:get|post))=[\"']/",
    "an address of somebody else": r"\b(href|src|action|formaction)=[\"'](https?:)?//",
    "a context that is passed on unseen": r"with context",
}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_banned_is_in_it(name: str) -> None:
    assert [what for what, sign in BANNED.items() if re.search(sign, code(name))] == []


OUR_OWN = {
    "ui/boards.html": {
        *("row.id", "row.tone", "number", "place", "booking_id"),
        *("heading", "item_url", "booking_url"),
    }
}
"""What may stand unescaped, for speed: ids, class names and addresses that we made."""


@pytest.mark.parametrize("name", PAGES)
def test_what_people_wrote_is_escaped(name: str) -> None:
    unescaped = re.findall(r"{% autoescape false %}(.*?){% endautoescape %}", code(name), re.DOTALL)
    shown = {one.strip() for part in unescaped for one in re.findall(r"{{(.*?)}}", part)}

    assert len(unescaped) == code(name).count("autoescape false")
    assert {one for one in shown if not one.endswith("|e")} == OUR_OWN.get(name, set())


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_sends_carries_its_token(name: str) -> None:
    forms = re.findall(r"<form\b[^>]*>.*?</form>", code(name), re.DOTALL)
    sending = [form for form in forms if re.search(r'method="post"', form)]

    assert [form for form in sending if not re.search(r"{{ csrf(_field)?\(", form)] == []
    assert [form for form in forms if "hx-post" in form and form not in sending] == []
    assert len(forms) == code(name).count("<form")


# ---------------------------------------------------------------- words


SHOWN_AS_THEY_ARE = {"couveuse", "In English", "En français"}
WRITES_ATTRIBUTES = "ui/fields.html"


@pytest.mark.parametrize("name", [name for name in PAGES if name != WRITES_ATTRIBUTES])
def test_every_word_can_be_translated(name: str) -> None:
    shown = re.sub(r"<[^>]*>", "\n", markup(name))
    shown = re.sub(r"\bm²", " ", unescape(shown))  # a unit is the same in both languages
    words = {line.strip(" ¤·:,()–×%\xa0\t") for line in re.split(r"[\n¤]", shown)}

    assert {word for word in words if re.search(r"[^\W\d_]{2}", word)} <= SHOWN_AS_THEY_ARE


@pytest.mark.parametrize("name", PAGES)
def test_every_word_of_an_attribute_can_be_translated(name: str) -> None:
    spoken = re.findall(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"', markup(name))

    assert [text for text in spoken if re.search(r"[^\W\d_]{2}", text.replace("¤", ""))] == []


ROOMS = ("actions", "forms", "mails", "pages", "policy", "queries", "rules", "tasks", "week")
IN_FRENCH = re.compile(r"[àâçéèêëîïôùûœÀÉ«»]")


def test_every_french_sentence_of_the_code_is_marked() -> None:
    unmarked: list[str] = []
    for path in python_files():
        if {*path.parts, path.stem} & set(ROOMS):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            marked = {id(node) for one in ast.walk(tree) if is_mark(one) for node in ast.walk(one)}
            unmarked += [
                f"{path.relative_to(PACKAGE)}:{node.lineno} {node.value}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and IN_FRENCH.search(node.value)
                and id(node) not in marked
            ]

    assert unmarked == []


def is_mark(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in {"N_", "ngettext"}


# ---------------------------------------------------------------- files beside them


def test_every_icon_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "img/icons.svg").read_text()))
    called = {icon for name in PAGES for icon in re.findall(r'\bicon\("([\w-]+)"', code(name))}

    assert called - drawn == set()


def test_every_style_sheet_and_script_is_used() -> None:
    head = "".join(source(name) for name in PAGES)
    files = [*(STATIC / "css").iterdir(), *(STATIC / "js").iterdir()]

    assert [path.name for path in files if path.stem not in head] == []
    assert [path.name for path in files if path.read_text("utf-8").count("\n") > 400] == []


def test_what_others_made_is_the_file_that_its_note_describes() -> None:
    note = (STATIC / "vendor/README.md").read_text(encoding="utf-8")
    files = [*(STATIC / "vendor").glob("*.js"), *(STATIC / "fonts").iterdir()]

    for path in files:
        assert path.name in note
        assert hashlib.sha256(path.read_bytes()).hexdigest() in note
