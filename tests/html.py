"""Reading pages in tests: parsed HTML, the token of forms, what htmx would make of an answer."""

from html.parser import HTMLParser
from typing import Any


class Element:
    """A tag with its attributes, children and text. Enough to ask what a page says."""

    def __init__(self, tag: str, attrs: dict[str, str], parent: "Element | None") -> None:
        self.tag = tag
        self.attrs = attrs
        self.parent = parent
        self.children: list[Element | str] = []

    @property
    def text(self) -> str:
        """All words inside, spaces folded (non-breaking ones too)."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def walk(self) -> Any:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, tag: str | None = None, /, **attrs: str | None) -> list["Element"]:
        """Elements by tag and attributes; ``data_item="3"`` means ``data-item``, None any value."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            element
            for element in self.walk()
            if (tag is None or element.tag == tag)
            and all(
                name in element.attrs and value in (None, element.attrs[name])
                for name, value in wanted.items()
            )
        ]

    def one(self, tag: str | None = None, /, **attrs: str | None) -> "Element":
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} elements for {tag} {attrs}"
        return found[0]


VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#root", {}, None)
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1])
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1])
        self._open[-1].children.append(element)

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open[-1].tag != tag:
            self._open.pop()
        if len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse(text: str) -> Element:
    builder = _Builder()
    builder.feed(text)
    return builder.root
