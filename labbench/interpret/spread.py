"""Work on every core at once, each piece by torch operations of a single thread.

torch's own threads meet after every operation, and wait for each other where a worker that trains
has a core. Here they meet once a batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(
    work: Callable[[Item], Result], items: Iterable[Item]
) -> Generator[Result, None, None]:  # fmt: skip
    """The results of `work`, in the order of the items, few of them ahead of the consumer.

    As many threads as torch has. Closing the iterator waits for what is under way and drops the
    rest.

    Raises:
        Exception: what `work` raised.
    """
    threads = torch.get_num_threads()
    pool = ThreadPoolExecutor(threads, "spread", initializer=_alone)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        # What the threads set holds for all threads to come.
        torch.set_num_threads(threads)


def _alone() -> None:
    """Give this thread single-threaded operations.

    A thread takes torch's number once, at its first question or operation: asking binds the 1.
    """
    torch.set_num_threads(1)
    torch.get_num_threads()
