"""Whatever a file holds, its reader gives a value or says what is wrong."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from labbench.errors import LabbenchError
from tests.fuzz.amount import MANY
from tests.fuzz.readers import READERS, Reader
from tests.fuzz.world import World, make, replaced

A_READER = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield make()


@pytest.fixture(autouse=True)
def labbench_home(world: World) -> None:
    """All tests of this file read one home."""


def fuzz(reader: Reader, world: World, mutations: int) -> None:
    """Read so many mutations of a good file."""
    path = reader.place(world)
    good = path.read_bytes() if reader.good is None else reader.good

    @settings(
        max_examples=mutations, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(content=reader.mutated(good))
    def survives(content: bytes) -> None:
        with replaced(path, content), contextlib.suppress(LabbenchError):
            reader.read(world, path)

    with warnings.catch_warnings():
        # What NumPy says of figures that are no numbers.
        warnings.simplefilter("ignore", RuntimeWarning)
        survives()


@A_READER
def test_a_good_file_is_read(reader: Reader, world: World) -> None:
    path = reader.place(world)
    with replaced(path, path.read_bytes() if reader.good is None else reader.good):
        assert reader.read(world, path) not in (None, "not kept")


@pytest.mark.parametrize(
    "reader", [one for one in READERS if not one.is_text], ids=lambda reader: reader.name
)
def test_what_is_no_file_falls_over_nowhere(reader: Reader, world: World, tmp_path: Path) -> None:
    path = reader.place(world)
    aside = tmp_path / "aside"
    if path.exists():
        path.rename(aside)
    makers = (path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to(path.name), lambda: None)
    try:
        for make_one in makers:
            make_one()
            with contextlib.suppress(LabbenchError):
                reader.read(world, path)
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
    finally:
        if aside.exists():
            aside.rename(path)


@A_READER
def test_no_mutation_falls_over(reader: Reader, world: World) -> None:
    fuzz(reader, world, 20)


@pytest.mark.long
@A_READER
def test_none_of_many_mutations_falls_over(reader: Reader, world: World) -> None:
    fuzz(reader, world, MANY)
