"""Work on many things in a few threads: results in order, and little of all in memory at a time."""

from __future__ import annotations

import mmap
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy.typing as npt
from threadpoolctl import threadpool_limits

Item = TypeVar("Item")
Result = TypeVar("Result")

IN_FLIGHT = 4
"""Things a thread may be ahead of who takes the results."""


class Crew:
    """Threads that each work on a thing of their own."""

    def __init__(self, pool: ThreadPoolExecutor, size: int) -> None:
        self._pool = pool
        self._most = IN_FLIGHT * size

    def in_order(
        self, work: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Result]]:
        """Each item and what `work` makes of it. Items are taken a few ahead, on this thread."""
        ahead: deque[tuple[Item, Future[Result]]] = deque()
        try:
            for item in items:
                ahead.append((item, self._pool.submit(work, item)))
                if len(ahead) >= self._most:
                    first, future = ahead.popleft()
                    yield first, future.result()
            while ahead:
                first, future = ahead.popleft()
                yield first, future.result()
        finally:
            for _, future in ahead:
                future.cancel()


@contextmanager
def crew(name: str) -> Iterator[Crew]:
    """As many threads as there are cores; products of matrices have no threads of their own
    meanwhile, which would wait for each other on a machine that has other work."""
    size = os.cpu_count() or 1
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(size, name) as pool:
        yield Crew(pool, size)


def let_go(array: npt.NDArray[Any]) -> None:
    """Take what was read of a mapped array out of this process; it is read again when needed.

    Whoever goes through all of a large file would else be seen with all of it in memory.
    """
    if isinstance(array.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        array.base.madvise(mmap.MADV_DONTNEED)
