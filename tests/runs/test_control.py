"""Requests to a worker."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from labbench.runs import control


def test_no_folder_no_request(tmp_path: Path) -> None:
    folder = tmp_path / "control"
    assert control.pending(folder) is None
    control.clear(folder)
    control.ask(folder, "stop")
    assert control.pending(folder) == "stop"


@pytest.mark.parametrize("order", itertools.permutations(["checkpoint", "stop", "stop-now"]))
def test_the_most_urgent_comes_first_however_they_came(
    tmp_path: Path, order: tuple[control.Request, ...]
) -> None:
    for request in order:
        control.ask(tmp_path, request)
        control.ask(tmp_path, request)
    for expected in ("stop-now", "stop", "checkpoint"):
        assert control.pending(tmp_path) == expected
        control.done(tmp_path, expected)
        control.done(tmp_path, expected)
    assert control.pending(tmp_path) is None


def test_clear_takes_back_requests_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "note").touch()
    for request in control.REQUESTS:
        control.ask(tmp_path, request)
    control.clear(tmp_path)
    assert control.pending(tmp_path) is None
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["note"]
