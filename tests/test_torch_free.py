"""Rooms that screens need start without what is slow to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = ("torch", "scipy", "sklearn", "textual")

ROOMS = ("labbench.errors", "labbench.units", "labbench.paths", "labbench.architecture",
         "labbench.presets", "labbench.runs")  # fmt: skip


def loaded(code: str) -> set[str]:
    """The slow packages a fresh interpreter holds after `code`."""
    look = f"\nimport sys\nprint(*(set({SLOW!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code + look], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("room", ROOMS)
def test_room_loads_nothing_slow(room: str) -> None:
    assert loaded(f"import {room}") == set()


def test_using_presets_and_runs_loads_nothing_slow() -> None:
    code = """
from labbench.presets import Library
from labbench.runs import create, list_runs
library = Library()
library.listed("summary")
run = create(library.get("vgg"))
[run] = list_runs()
run.preset(), run.status(), run.history()
"""
    assert loaded(code) == set()


def test_the_test_can_fail() -> None:
    assert loaded("import labbench.nets") >= {"torch"}
