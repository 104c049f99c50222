"""The figures side by side, and whether each goal is met."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    product: str
    beside: str
    ratio: str
    goal: str
    is_met: bool | None


class Table:
    def __init__(self) -> None:
        self.lines: list[Line] = []

    def compare(
        self,
        what: str,
        product: list[float],
        beside: list[float],
        most: float | None,
        unit: str = "ms",
    ) -> None:
        """Medians of both, and the median of the ratios of each round. Without a goal, for show."""
        ratios = [ours / theirs for ours, theirs in zip(product, beside, strict=True)]
        ratio = median(ratios)
        spread = f"{ratio:.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        ours, theirs = (f"{median(values):.2f} {unit}" for values in (product, beside))
        goal = f"≤ {most:g}×" if most else ""
        self._add(Line(what, ours, theirs, spread, goal, ratio <= most if most else None))

    def count(self, what: str, found: float, most: float, unit: str = "") -> None:
        shown = f"{found:g}{unit}"
        self._add(Line(what, shown, "", "", f"≤ {most:g}{unit}", found <= most))

    def same(self, what: str, found: list[int]) -> None:
        shown = ", ".join(str(number) for number in found)
        self._add(Line(what, shown, "", "", "the same", len(set(found)) == 1))

    def tell(self, what: str, shown: str, beside: str = "") -> None:
        self._add(Line(what, shown, beside, "", "", None))

    def _add(self, line: Line) -> None:
        self.lines.append(line)
        print(_row(line), flush=True)

    def show(self) -> int:
        """Print the table for the README. The exit code: 0 when every goal is met."""
        print("\n| what | product | beside | ratio (rounds) | goal | |\n|---|---|---|---|---|---|")
        print("\n".join(_row(line) for line in self.lines))
        return 0 if all(line.is_met is not False for line in self.lines) else 1


def _row(line: Line) -> str:
    verdict = {True: "met", False: "**missed**", None: ""}[line.is_met]
    cells = (line.what, line.product, line.beside, line.ratio, line.goal, verdict)
    return f"| {' | '.join(cells)} |"
