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


@pytest.mark.parametrize(
    "room", ["labbench", "labbench.audio.library", "labbench.audio.clips", "labbench.evaluation",
             "labbench.views", "labbench.cli.app", "labbench.scheduler.start",
             "labbench.runs.reader", "labbench.scheduler.dispatch", "labbench.scheduler.slurm",
             "labbench.export.tables", "labbench.doctor.runs", "labbench.report.page"],
)  # fmt: skip
def test_room_loads_no_torch_and_no_screen(room: str) -> None:
    assert not loaded(f"import {room}") & {"torch", "textual"}


@pytest.mark.parametrize("words", [["--help"], ["presets", "--json"], ["runs"], ["data", "list"]])
def test_command_loads_nothing_slow(words: list[str]) -> None:
    code = f"""
import contextlib, io
from labbench.cli.app import run_app
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    assert run_app({words!r}) == 0
"""
    assert loaded(code) == set()


def test_the_app_is_painted_before_anything_slow_is_loaded() -> None:
    code = """
import asyncio
from labbench.tui.app import BenchApp
async def paint():
    async with BenchApp().run_test(size=(140, 45)) as pilot:
        await pilot.press("2")
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
asyncio.run(paint())
"""
    assert loaded(code) == {"textual"}


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
