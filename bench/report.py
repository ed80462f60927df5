"""What was measured, as rows; and the table of them."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Cell:
    """The rounds of one item with one program. CPU is the mean over all rounds: its clock is too coarse for one."""

    values: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0
    operations: int = 0
    note: str = ""  # instead of figures: why there are none

    def add(self, value: float, cpu_seconds: float = 0.0, operations: int = 0) -> None:
        self.values.append(value)
        self.cpu_seconds += cpu_seconds
        self.operations += operations

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def cpu_per_operation(self) -> float | None:
        """Seconds, or None where CPU time was not taken."""
        return self.cpu_seconds / self.operations if self.operations else None

    def __str__(self) -> str:
        return self.note or "not measured"


@dataclass(frozen=True)
class Row:
    item: str
    unit: str  # "s", "ms", "MB", "/s"
    cells: dict[str, Cell]  # by name of the measured program
    aim: str = ""


SCALE = {"s": 1.0, "ms": 1e3, "MB": 1e-6, "/s": 1.0}


def number(value: float) -> str:
    """Three significant digits and no exponent."""
    if value >= 100:  # noqa: PLR2004 -- three digits stand before the point
        return f"{value:.0f}"
    return f"{value:.3g}"


def figures(cell: Cell, unit: str) -> str:
    """The median with the smallest and largest round, and CPU for one operation: `1.31 s (1.28-1.40), CPU 2.31 s`."""
    if not cell.values:
        return str(cell)
    scale = SCALE[unit]
    low, high = min(cell.values) * scale, max(cell.values) * scale
    text = f"{number(cell.median * scale)} {unit} ({number(low)}-{number(high)})"
    if (cpu := cell.cpu_per_operation) is not None:
        text += f", CPU {duration(cpu)}"
    return f"{text} {cell.note}".strip()


def duration(seconds: float) -> str:
    for limit, unit, scale in ((1e-3, "us", 1e6), (1.0, "ms", 1e3)):
        if seconds < limit:
            return f"{number(seconds * scale)} {unit}"
    return f"{number(seconds)} s"


def table(rows: Iterable[Row], programs: Sequence[str]) -> Iterator[str]:
    """A Markdown table, aligned so that it also reads well as it is."""
    lines = [["what", *programs, "aim"]]
    lines += [[row.item, *(figures(row.cells[name], row.unit) for name in programs), row.aim] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        yield "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |"


def as_json(rows: Iterable[Row]) -> list[dict[str, object]]:
    return [
        {
            "item": row.item,
            "unit": row.unit,
            "aim": row.aim,
            "programs": {
                name: {"rounds": cell.values, "cpu_per_operation": cell.cpu_per_operation, "note": cell.note}
                for name, cell in row.cells.items()
            },
        }
        for row in rows
    ]
