"""Threads that run one function on their own share of the clips, and add up what they found.

torch's own threading meets at a barrier after every operation. Here every rank works through a
whole step on its own clips with single-threaded operations (torch lets go of the interpreter
lock inside them) and meets the others only where a sum over all clips is needed. Shares and the
order of sums are fixed by the number of ranks alone, so results are the same to the bit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from torch import Tensor

Result = TypeVar("Result")


def share(clips: int, ranks: int, rank: int) -> slice:
    """The clips of one rank: contiguous, and at most one more than any other rank has."""
    low, more = divmod(clips, ranks)
    start = rank * low + min(rank, more)
    return slice(start, start + low + (rank < more))


def _alone() -> None:
    """Give this thread single-threaded operations.

    A thread takes torch's number once, at its first question or operation: asking binds the 1.
    """
    torch.set_num_threads(1)
    torch.get_num_threads()


class Team:
    """A fixed number of threads, each with single-threaded torch operations."""

    def __init__(self, ranks: int) -> None:
        self.ranks = ranks
        self._slots: list[Tensor | None] = [None] * ranks
        self._barrier = threading.Barrier(ranks)
        threads = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(ranks, "engine", initializer=_alone)
        # Starts every thread now; the last line undoes what they set for threads to come.
        self.run(lambda rank: self._barrier.wait())
        torch.set_num_threads(threads)

    def run(self, work: Callable[[int], Result]) -> list[Result]:
        """Run `work(rank)` on every rank at once; results in the order of ranks.

        Raises:
            Exception: the first one a rank raised. Ranks waiting for it are released.
        """
        self._barrier.reset()
        futures = [self._pool.submit(self._guarded, work, rank) for rank in range(self.ranks)]
        errors = [error for future in futures if (error := future.exception())]
        if errors:
            broken = threading.BrokenBarrierError
            raise next((e for e in errors if not isinstance(e, broken)), errors[0])
        return [future.result() for future in futures]

    def dismiss(self) -> None:
        """End the threads; the team cannot run again."""
        self._pool.shutdown()

    def _guarded(self, work: Callable[[int], Result], rank: int) -> Result:
        try:
            with torch.no_grad():
                return work(rank)
        except BaseException:
            self._barrier.abort()
            raise

    def sum(self, rank: int, part: Tensor) -> Tensor:
        """The sum of every rank's `part`; every rank has to call it, and gets the same bits."""
        return torch.stack(self.gather(rank, part)).sum(0)

    def gather(self, rank: int, part: Tensor) -> list[Tensor]:
        """Every rank's `part`, in the order of ranks; every rank has to call it."""
        self._slots[rank] = part
        self._barrier.wait()
        parts = [slot for slot in self._slots if slot is not None]
        self._barrier.wait()
        return parts
