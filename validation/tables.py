"""Tables of results: on the terminal, and as Markdown for the documents."""

from __future__ import annotations

from dataclasses import dataclass, field

import rich.box
import rich.table
from rich.console import Console

_FIRST = 24

MODELLED = "modelled"
REAL = "real"
BOTH = "modelled on real"


@dataclass(frozen=True)
class Bar:
    """A figure to reach. met: None if nothing could be measured."""

    what: str
    wanted: str
    measured: str
    met: bool | None
    basis: str

    @property
    def verdict(self) -> str:
        return "not measured" if self.met is None else "met" if self.met else "not met"


@dataclass(frozen=True)
class Number:
    """One of the few figures of the first page, in a reader's words. order: among those with one verdict."""

    order: int
    what: str
    figure: str
    wanted: str
    met: bool
    basis: str


@dataclass(frozen=True)
class Mark:
    """What one entrant reached in one respect."""

    entrant: str
    what: str
    reached: str


@dataclass(frozen=True)
class Table:
    """basis: what the figures rest on."""

    title: str
    basis: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass
class Results:
    """Tables and bars, in the order in which they are shown; curves are for the pictures."""

    tables: list[Table] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    curves: dict[str, object] = field(default_factory=dict)

    def __iadd__(self, other: Results) -> Results:
        self.tables += other.tables
        self.bars += other.bars
        self.numbers += other.numbers
        self.marks += other.marks
        self.curves |= other.curves
        return self


def bars_table(bars: list[Bar]) -> Table:
    """The bars beside what was measured."""
    rows = tuple((bar.what, bar.wanted, bar.measured, bar.verdict, bar.basis) for bar in bars)
    return Table("Targets", "each as stated", ("what", "bar", "measured", "verdict", "based on"), rows)


def numbers_table(numbers: list[Number]) -> Table:
    """The first page's figures: those that miss what is wanted come first."""
    ordered = sorted(numbers, key=lambda number: (number.met, number.order))
    rows = tuple((each.what, each.figure, each.wanted, each.basis) for each in ordered)
    return Table(
        "In ten numbers, worst first", "each as stated", ("", "measured", "wanted", "based on"), rows
    )


def marks_table(marks: list[Mark]) -> Table:
    """Every entrant in a column of its own; a dash where it does not take part."""
    names = list(dict.fromkeys(mark.entrant for mark in marks))
    reached = {(mark.what, mark.entrant): mark.reached for mark in marks}
    rows = tuple(
        (what, *(reached.get((what, name), "-") for name in names))
        for what in dict.fromkeys(mark.what for mark in marks)
    )
    return Table("The entrants side by side", "each as stated", ("what", *names), rows)


def show(console: Console, table: Table) -> None:
    """Print, at 80 columns or more."""
    printed = rich.table.Table(
        title=f"{table.title} ({table.basis})",
        title_justify="left",
        box=rich.box.SIMPLE_HEAD,
        padding=0,
        min_width=80,
    )
    for at, column in enumerate(table.columns):
        widest = max((len(row[at]) for row in table.rows), default=0)
        least = min(widest, _FIRST) if at == 0 else min(widest, len(column))
        printed.add_column(column, justify="left" if at == 0 else "right", min_width=least)
    for row in table.rows:
        printed.add_row(*row)
    console.print(printed)


def markdown(table: Table) -> str:
    """A heading, what it is based on, and the table."""
    return "\n".join([f"### {table.title}", "", f"Based on: {table.basis}.", "", rows(table)])


def rows(table: Table) -> str:
    """The table alone."""
    lines = ["| " + " | ".join(table.columns) + " |", "| " + " | ".join("---" for _ in table.columns) + " |"]
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join(lines)
