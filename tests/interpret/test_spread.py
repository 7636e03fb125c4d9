"""Work on every core: in order, errors passed on, the rest dropped, torch left as it was."""

from __future__ import annotations

import contextlib
import threading

import pytest
import torch

from labbench.interpret.spread import spread


@pytest.fixture(autouse=True)
def four_threads() -> object:
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


def test_results_are_in_order_and_operations_single_threaded() -> None:
    seen = set()

    def work(item: int) -> tuple[int, int]:
        seen.add(threading.get_ident())
        return item * item, torch.get_num_threads()

    found = list(spread(work, range(20)))
    assert found == [(item * item, 1) for item in range(20)]
    assert 1 <= len(seen) <= 4
    assert threading.get_ident() not in seen
    assert torch.get_num_threads() == 4


def test_an_error_ends_it() -> None:
    def work(item: int) -> int:
        return 1 // (item - 2)

    with pytest.raises(ZeroDivisionError):
        list(spread(work, range(9)))
    assert torch.get_num_threads() == 4


def test_what_is_not_wanted_any_more_is_not_done() -> None:
    begun: list[int] = []
    with contextlib.closing(spread(begun.append, range(1000))) as found:
        next(iter(found))
    assert len(begun) <= 10
    assert torch.get_num_threads() == 4
