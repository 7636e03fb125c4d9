"""Epochs found in a log, beside those of a reader that decodes all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labbench.runs.course import Course, last_epoch
from labbench.runs.events import Epoch, encode
from labbench.runs.log import read_all
from tests.recorded import course


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(map(encode, course())))
    return path


@pytest.mark.parametrize("chunk", [7, 64, 1000, 1 << 20])
def test_the_last_epoch_is_found_from_the_end(log: Path, chunk: int) -> None:
    epochs = [event for event in read_all(log) if isinstance(event, Epoch)]
    assert last_epoch(log, chunk) == epochs[-1]
    # Steps after the last epoch, the last of them torn.
    with log.open("ab") as file:
        file.write(b"".join(map(encode, course()[1:9])) + b'{"type":"st')
    assert last_epoch(log, chunk) == epochs[-1]


@pytest.mark.parametrize("chunk", [64, 1 << 20])
def test_a_torn_epoch_is_none(log: Path, chunk: int) -> None:
    epochs = [event for event in read_all(log) if isinstance(event, Epoch)]
    log.write_bytes(log.read_bytes()[:-20])
    assert last_epoch(log, chunk) == epochs[-2]


def test_no_epoch(tmp_path: Path) -> None:
    assert last_epoch(tmp_path / "none") is None
    (tmp_path / "steps").write_bytes(b"".join(map(encode, course(0))))
    assert last_epoch(tmp_path / "steps") is None


def test_accuracies_are_read_on(log: Path) -> None:
    found = Course(log)
    assert found.read()
    assert len(found.accuracies) == 12
    with log.open("ab") as file:
        file.write(encode(course()[-1]))
    assert found.read(most_bytes=1)
    assert len(found.accuracies) == 13
