"""A table filled with what was run: all runs that are one of its cells, and what they came to."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from labbench.audio.chosen import clips_of
from labbench.audio.library import AUTO, fingerprint_of
from labbench.errors import DataError
from labbench.evaluation.compare import difference_to_published
from labbench.runs import Clips, Identity, RunFolder, Status, identity
from labbench.runs.flaws import flaw
from labbench.runs.status import LIVE
from labbench.tables.layout import PlannedCell, TableLayout

CellState = Literal["missing", "queued", "live", "finished", "stopped", "lost", "failed"]
STATES: tuple[CellState, ...] = (
    "finished", "live", "queued", "stopped", "lost", "failed", "missing",
)  # fmt: skip
"""In the order in which a figure is near."""

RowSort = Literal["table", "ours", "published", "difference", "far"]
ROW_SORTS: Mapping[RowSort, str] = {
    "table": "as the report has them", "ours": "our accuracy, best first",
    "published": "published accuracy, best first",
    "difference": "difference, ours worst first", "far": "farthest from the report first",
}  # fmt: skip
"""The orders of a table's rows, in words."""


@dataclass(frozen=True, slots=True)
class CellRun:
    """One run that is a cell."""

    run: RunFolder
    status: Status
    seed: int

    @property
    def state(self) -> CellState:
        """As of a cell: a starting run is a live one."""
        if self.status.state in LIVE:
            return "live"
        return next(state for state in STATES if state == self.status.state)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and the runs that are it."""

    planned: PlannedCell
    runs: tuple[CellRun, ...]
    """All of them, oldest first."""

    @property
    def by_seed(self) -> dict[int, CellRun]:
        """The run that stands for each seed: a finished one, else the one next to it."""
        best: dict[int, CellRun] = {}
        for one in self.runs:
            before = best.get(one.seed)
            if before is None or _nearness(one) <= _nearness(before):
                best[one.seed] = one
        return dict(sorted(best.items()))

    @property
    def finished(self) -> tuple[CellRun, ...]:
        """The finished runs, one a seed, in the order of seeds."""
        return tuple(one for one in self.by_seed.values() if one.status.test_accuracy is not None)

    @property
    def accuracies(self) -> tuple[float, ...]:
        """Accuracy on the test clips by seed."""
        found = (one.status.test_accuracy for one in self.finished)
        return tuple(value for value in found if value is not None)

    @property
    def mean(self) -> float | None:
        """Our figure: the mean over seeds."""
        values = self.accuracies
        return statistics.fmean(values) if values else None

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation over seeds; None with fewer than two."""
        values = self.accuracies
        return statistics.stdev(values) if len(values) > 1 else None

    @property
    def published(self) -> float | None:
        """The report's accuracy, where it has one."""
        return self.planned.figure.accuracy if self.planned.figure else None

    @property
    def difference(self) -> float | None:
        """Ours less the published one; None on synthetic speech."""
        return difference_to_published(self.mean, self.published, synthetic=self.synthetic)

    @property
    def state(self) -> CellState:
        """What is under way comes first, then what ails a seed, then what is done."""
        states = {one.state for one in self.by_seed.values()}
        order: tuple[CellState, ...] = ("live", "queued", "failed", "lost", "stopped", "finished")
        return next((state for state in order if state in states), "missing")

    @property
    def live(self) -> CellRun | None:
        """A run of it that has a worker."""
        return next((one for one in self.by_seed.values() if one.state == "live"), None)

    @property
    def failed_run(self) -> CellRun | None:
        """A run of it that failed or is lost."""
        return next((o for o in self.by_seed.values() if o.state in ("failed", "lost")), None)

    @property
    def synthetic(self) -> bool:
        """Whether its figure is on synthetic speech."""
        return any(one.status.synthetic for one in self.finished)


def _nearness(one: CellRun) -> int:
    return STATES.index(one.state)


@dataclass(frozen=True, slots=True)
class TableProgress:
    """A table with its runs on one data set."""

    layout: TableLayout
    cells: Mapping[tuple[str, str], Cell]
    clips: Clips
    """The data set that its figures are on."""

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells.values())

    def count(self, *states: CellState) -> int:
        """How many cells are in one of some states."""
        return sum(cell.state in states for cell in self)

    @property
    def done(self) -> int:
        """How many cells have a figure."""
        return sum(cell.mean is not None for cell in self)

    @property
    def differences(self) -> tuple[float, ...]:
        """Ours less the published accuracy, of every cell that has both."""
        return tuple(cell.difference for cell in self if cell.difference is not None)

    def missed(self, tolerance: float) -> tuple[Cell, ...]:
        """The cells whose figure misses the published one by more than `tolerance`."""
        return tuple(cell for cell in self if misses(cell.difference, tolerance))


def misses(difference: float | None, tolerance: float) -> bool:
    """Whether a difference is larger than allowed; accuracies have four places."""
    return difference is not None and abs(difference) > tolerance + 5e-5


Rows = Iterable[tuple[RunFolder, Status]]


class Cells:
    """All runs by the settings that they are of; but for those that were trained wrongly."""

    def __init__(self, rows: Rows) -> None:
        self._found: dict[str, list[tuple[Identity, CellRun]]] = {}
        for run, status in rows:
            known = identity(run, status)
            if known is not None and flaw(run, status) is None:
                one = CellRun(run, status, known.seed)
                self._found.setdefault(known.settings, []).append((known, one))

    def of(self, cell: PlannedCell, clips: Clips) -> Cell:
        """A cell with its runs on these clips."""
        found = self._found.get(cell.key, ())
        return Cell(cell, tuple(one for known, one in found if known.clips.same(clips)))

    def progress_on(self, layout: TableLayout, clips: Clips) -> TableProgress:
        """A table with its runs on these clips; a cell that names its clips, on those."""
        cells = {}
        for place, cell in layout.cells.items():
            name = cell.preset.data.name
            own = clips if name == AUTO else Clips(name, fingerprint_of(name))
            cells[place] = self.of(cell, own)
        return TableProgress(layout, cells, clips)

    def progress(self, layout: TableLayout) -> TableProgress:
        """A table with its runs, on the clips it is looked at on."""
        return self.progress_on(layout, self.clips(layout))

    def clips(self, layout: TableLayout) -> Clips:
        """The clips a table is looked at on.

        Those that new runs of it would get, where the table has runs on them, or none on any;
        else those with most runs.
        """
        wanted, counts = _wanted(layout), Counter[Clips]()
        for cell in layout:
            counts.update(known.clips for known, _ in self._found.get(cell.key, ()))
        if wanted and (not counts or any(wanted.same(clips) for clips in counts)):
            return wanted
        return counts.most_common(1)[0][0] if counts else wanted or Clips(AUTO)


def _wanted(layout: TableLayout) -> Clips | None:
    """The clips that new runs of a table would get; None where several could be meant."""
    try:
        return clips_of(next(iter(layout)).preset)
    except DataError:
        return None


def pairs(layout: TableLayout) -> Sequence[tuple[str, str]] | None:
    """For a table of two halves: its columns, each of the first half with that of the second.

    ColumnPairs are columns named alike but for what comes before the first `-`: xavier-bn, he-bn.
    """
    by_first: dict[str, dict[str, str]] = {}
    for column in layout.columns:
        half, dash, rest = column.partition("-")
        if not dash:
            return None
        by_first.setdefault(half, {})[rest] = column
    if len(by_first) != 2:
        return None
    first, second = by_first.values()
    if first.keys() != second.keys():
        return None
    return [(first[rest], second[rest]) for rest in first]


def sorted_rows(table: TableProgress, sort: RowSort, column: str) -> list[str]:
    """The rows of a table in order of what stands in one of its columns, empty cells last."""
    names, key = list(table.layout.rows), _ROW_KEYS.get(sort)
    if key is None:
        return names
    values = {row: key(table.cells[row, column]) for row in names}
    return sorted(names, key=lambda row: (values[row] is None, values[row] or 0.0))


_ROW_KEYS: Mapping[str, Callable[[Cell], float | None]] = {
    "ours": lambda cell: None if cell.mean is None else -cell.mean,
    "published": lambda cell: None if cell.published is None else -cell.published,
    "difference": lambda cell: cell.difference,
    "far": lambda cell: None if cell.difference is None else -abs(cell.difference),
}
