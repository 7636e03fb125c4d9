"""Whatever a file holds, its reader gives a value or says which file is wrong."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from labbench.errors import LabbenchError
from tests.fuzz.readers import READERS, Reader

A_READER = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


def fuzz(reader: Reader, folder: Path, mutations: int) -> None:
    """Read so many mutations of a good file."""
    path = folder / reader.name

    @settings(
        max_examples=mutations, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(content=reader.mutated(reader.good))
    def survives(content: bytes) -> None:
        path.write_bytes(content)
        with contextlib.suppress(LabbenchError):
            reader.read(path)

    survives()


@A_READER
def test_a_good_file_is_read(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / reader.name
    path.write_bytes(reader.good)
    assert reader.read(path) is not None


@A_READER
def test_no_mutation_falls_over(reader: Reader, tmp_path: Path) -> None:
    fuzz(reader, tmp_path, 40)


@pytest.mark.long
@A_READER
def test_none_of_many_mutations_falls_over(reader: Reader, tmp_path: Path) -> None:
    fuzz(reader, tmp_path, 1_000)
