"""Which clips have prints alike: all pairs are looked at, and few are in memory at a time.

Prints lie in a file of their own that has no name. Blocks of them are multiplied with each other,
tile by tile; of the pairs, only the likeliest are kept.

Shape letters: M prints of P numbers, R and C of them beside a tile; K pairs.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import numpy.typing as npt

from labbench.audio.ahead import Crew
from labbench.audio.progress import Progress
from labbench.errors import DataError

PRINT = 192
"""Numbers of a print."""

BLOCK, TILE = 4096, 512
"""Prints that are read at once (3 MB); those a side of a tile, which a core's cache holds."""

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Block = tuple[Ints, Floats]
"""(M,) places of prints, and (M, P) the prints."""


class Prints:
    """Prints of clips, one after the other, in a file that goes with us."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __enter__(self) -> Prints:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._file.close()

    def append(self, prints_MP: Floats) -> None:
        """Keep some more.

        Raises:
            DataError: there is no room for them.
        """
        left = prints_MP.astype(np.float32).tobytes()
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise DataError(
                f"clips cannot be compared: {error.strerror or error}.",
                where=tempfile.gettempdir(),
                hint="Free some space, or set TMPDIR to a folder on another disk.",
            ) from error  # fmt: skip
        self._count += len(prints_MP)

    def read(self, start: int, stop: int) -> Floats:
        """(M, P) of some; any thread may ask."""
        size = 4 * PRINT
        content = os.pread(self._file.fileno(), (stop - start) * size, start * size)
        return np.frombuffer(content, np.float32).reshape(-1, PRINT)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Places of prints that are alike."""

    places_K2: Ints
    """The first is the lower one; the likeliest pairs come first."""
    likeness_K: Floats
    complete: bool
    """Whether these are all pairs that are so much alike."""


class _Best:
    """The likeliest pairs so far."""

    def __init__(self, least: float, most: int) -> None:
        self.floor = least
        """What is less alike cannot be among them."""
        self._most = most
        self._held = 0
        self._complete = True
        self._places: list[Ints] = []
        self._likeness: list[Floats] = []

    def add(self, places_K2: Ints, likeness_K: Floats, complete: bool = True) -> None:
        self._complete &= complete
        self._places.append(places_K2)
        self._likeness.append(likeness_K)
        self._held += len(likeness_K)
        if self._held > 2 * self._most:
            self.pairs()

    def pairs(self) -> Pairs:
        places = np.concatenate([np.zeros((0, 2), np.int64), *self._places])
        likeness = np.concatenate([np.zeros(0, np.float32), *self._likeness])
        best = np.argsort(-likeness, kind="stable")[: self._most]
        if len(best) < len(likeness):
            self._complete = False
            self.floor = float(likeness[best[-1]])
        self._held, self._places, self._likeness = len(best), [places[best]], [likeness[best]]
        return Pairs(places[best], likeness[best], self._complete)


def likeliest(
    prints: Prints, wanted_M: npt.NDArray[np.bool_], least: float, most: int, crew: Crew,
    progress: Progress,
) -> Pairs:  # fmt: skip
    """The pairs of wanted prints whose product is `least` or more, `most` of them at most."""
    best = _Best(least, most)
    starts = range(0, len(prints), BLOCK)

    def loaded(start: int) -> Block:
        wanted = np.flatnonzero(wanted_M[start : start + BLOCK])
        return start + wanted, prints.read(start, min(start + BLOCK, len(prints)))[wanted]

    def blocks() -> Iterator[tuple[int, Block, int]]:
        for first in starts:
            rows = loaded(first)
            yield from ((first, rows, second) for second in starts if second >= first)

    def compared(one: tuple[int, Block, int]) -> Pairs:
        first, rows, second = one
        found = _Best(best.floor, most)
        columns = rows if first == second else loaded(second)
        for places_K2, likeness_K in _in_tiles(rows, columns, found):
            found.add(places_K2, likeness_K)
        return found.pairs()

    total, pairs = len(prints), max(len(starts) * (len(starts) + 1) // 2, 1)
    for done, (_, found) in enumerate(crew.in_order(compared, blocks())):
        progress(total * done // pairs, total, "comparing pairs")
        best.add(found.places_K2, found.likeness_K, found.complete)
    progress(total, total, "comparing pairs")
    return best.pairs()


def _in_tiles(rows: Block, columns: Block, best: _Best) -> Iterator[tuple[Ints, Floats]]:
    """Places and products of the pairs of two blocks that may be among the best."""
    products = np.empty((TILE, TILE), np.float32)
    for top in range(0, len(rows[0]), TILE):
        places_R, prints_RP = (one[top : top + TILE] for one in rows)
        for left in range(top if rows is columns else 0, len(columns[0]), TILE):
            places_C, prints_CP = (one[left : left + TILE] for one in columns)
            tile_RC = products[: len(places_R), : len(places_C)]
            np.matmul(prints_RP, prints_CP.T, out=tile_RC)
            if rows is columns and top == left:
                tile_RC[np.tril_indices(len(tile_RC))] = -1
            if tile_RC.max() >= best.floor:
                at_R, at_C = np.nonzero(tile_RC >= best.floor)
                yield np.stack([places_R[at_R], places_C[at_C]], axis=1), tile_RC[at_R, at_C]
