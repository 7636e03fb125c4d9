"""The results of a run: from the list of runs to a cell's clips and back, live and before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.widgets import Static

from labbench.presets import Preset
from labbench.runs import RunFolder, create, list_runs, predictions, status
from labbench.tui.canvas import Canvas
from labbench.tui.results.cell import CellScreen
from labbench.tui.results.screen import ResultsScreen
from labbench.tui.run.screen import RunScreen
from labbench.tui.runs.screen import RunsScreen
from labbench.tui.table import Table
from tests.recorded import predicted, report_matrix
from tests.tui.conftest import SIZES, World, keys, settle
from tests.tui.test_ways import key_line

SMALL, LARGE = SIZES
FINISHED, RUNNING, QUEUED = (("2", *["j"] * steps, "R") for steps in (7, 6, 3))


def results(pilot: Any) -> ResultsScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ResultsScreen)
    return screen


def drawn(screen: ResultsScreen) -> str:
    """The matrix as it stands on the screen."""
    matrix = screen.query_one(Canvas)
    return "\n".join(matrix.render_line(y).text for y in range(matrix.size.height))


def words(screen: Any, part: str) -> str:
    return str(screen.query_one(part, Static).render())


async def test_from_the_list_to_a_cells_clips_and_back(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED)
        screen = results(pilot)
        # The worst confusion is under the cursor.
        assert "tree → three: 15 clips (9.2% of tree)" in drawn(screen)
        await keys(pilot, "enter")
        cell = pilot.app.screen
        assert isinstance(cell, CellScreen)
        assert "15 clips predicted three, actual tree" in words(cell, "#head")
        assert len(cell.query_one(Table).keys) == 15
        await keys(pilot, "escape")
        assert pilot.app.screen is screen
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_the_cursor_moves_by_arrows_and_letters(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED)
        await keys(pilot, "k", "up", "l", "right", "h")  # two rows up, a column to the right
        assert "dog → four: 0 clips" in drawn(results(pilot))
        assert "its clips" not in key_line(pilot.app)
        await keys(pilot, "enter")
        results(pilot)
        await keys(pilot, *["left"] * 20, *["up"] * 20)
        assert "zero: 369 of 385 clips correct" in drawn(results(pilot))
        await keys(pilot, "n")
        assert "tree → three" in drawn(results(pilot))
        await keys(pilot, "n")
        assert "three → tree: 8 clips" in drawn(results(pilot))


async def test_percent_and_order_keep_the_cell(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED, "p", "o")
        text = drawn(results(pilot))
        assert "percent of row" in text
        assert "tree → three: 15 clips" in text
        assert text.splitlines()[1].split()[:2] == ["thr", "tre"]
        await keys(pilot, "y")
        assert pilot.app.clipboard == "labbench show 1 confusion --percent --order confusion"


async def test_all_of_16_words_is_seen_at_80_by_24(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED)
        rows = [line.split()[0] for line in drawn(results(pilot)).splitlines()[2:18]]
        assert tuple(rows) == report_matrix()[0]


async def test_a_smaller_terminal_scrolls_with_the_cursor(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=(60, 15)) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED)
        text = drawn(results(pilot))
        assert "rows 12-16" in text
        assert "tree → three" in text
        await keys(pilot, *["up"] * 16)
        assert "rows 1-6" in drawn(results(pilot))


async def test_a_click_moves_the_cursor_and_a_second_lists(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED)
        place = (6 + 4 * 1 + 2, 2 + 5)  # five taken for one
        await pilot.click(Canvas, offset=place)
        await settle(pilot)
        assert "five → one: 6 clips" in drawn(results(pilot))
        await pilot.click(Canvas, offset=place, times=2)
        await settle(pilot)
        assert isinstance(pilot.app.screen, CellScreen)


async def test_classes_are_sorted(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED, "tab", "s", "s", "y")
        assert pilot.app.clipboard == "labbench show 1 classes --order recall"
        view = results(pilot).view()
        assert view is not None
        assert view.as_json()["classes"][0]["class"] == "tree"


async def test_the_summary_has_the_published_figure(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED, "tab", "tab")
        summary = results(pilot).found.summary  # type: ignore[union-attr]
        assert summary is not None
        assert summary.as_json()["published_accuracy"] == 0.9533
        await keys(pilot, "y")
        assert pilot.app.clipboard == "labbench show 1 summary"


async def test_validation_or_test_clips(world: World, recorded: Any) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED)
        assert "test, best epoch 9" in words(pilot.app.screen, "#tabs")
        await keys(pilot, "t", "y")
        assert "validation, best epoch 9" in words(pilot.app.screen, "#tabs")
        assert pilot.app.clipboard == "labbench show 1 confusion --split validation"


async def test_a_live_run_shows_the_newest_results(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=LARGE) as pilot:
        await settle(pilot)
        await keys(pilot, *RUNNING)
        screen = results(pilot)
        assert "validation, epoch 7, still training" in words(screen, "#tabs")
        found = screen.found
        screen.loader.ask()
        await settle(pilot)
        assert screen.found is found  # nothing changed, nothing was judged again
        labels, matrix = report_matrix()
        better = predicted(np.diag(matrix.sum(axis=1)), labels, split="validation", epoch=8)
        predictions.write(recorded[1].predictions_path("validation"), better)
        screen.loader.ask()
        await settle(pilot)
        assert "validation, epoch 8, still training" in words(screen, "#tabs")
        assert "accuracy 1.0000" in words(screen, "#said")
        assert "tree → three: 0 clips" in drawn(screen)  # the cursor stays


async def test_before_the_first_epoch_it_says_why_and_then_fills(
    world: World, recorded: list[RunFolder]
) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *QUEUED)
        screen = results(pilot)
        assert "It waits for its turn" in words(screen, "#empty")
        await keys(pilot, "enter", "p", "o", "n", "j", "h", "tab", "s", "shift+tab")
        assert pilot.app.screen is screen
        labels, matrix = report_matrix()
        run = RunFolder(screen.run_folder.path)
        found = predicted(matrix, labels, split="validation", epoch=1)
        predictions.write(run.predictions_path("validation"), found)
        screen.loader.ask()
        await settle(pilot)
        assert not screen.query_one("#empty").display
        assert "tree → three" in drawn(screen)


async def test_a_run_that_failed_at_once_can_be_resumed_from_here(
    world: World, recorded: list[RunFolder]
) -> None:
    for split in ("validation", "test"):
        recorded[2].predictions_path(split).unlink(missing_ok=True)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", *["j"] * 5, "R")
        text = words(pilot.app.screen, "#empty")
        assert "out of memory" in text
        assert "Try training.batch=32." in text
        await keys(pilot, "r")
        assert world.resumed == [recorded[2].id]


async def test_the_next_run_in_the_same_pane(world: World, recorded: list[RunFolder]) -> None:
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED, "tab", "right_square_bracket")
        assert results(pilot).run_id == recorded[1].id
        assert results(pilot).pane == "classes"
        await keys(pilot, "left_square_bracket")
        assert results(pilot).run_id == recorded[0].id


async def test_damaged_predictions_are_told(world: World, recorded: list[RunFolder]) -> None:
    recorded[0].predictions_path("test").write_bytes(b"torn")
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED)
        assert "cannot be read" in words(pilot.app.screen, "#empty")
        assert pilot.app.is_running


async def test_a_cells_clips_are_exported(
    world: World, recorded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, *FINISHED, "enter", "e", "down", "down", "enter")
        (file,) = tmp_path.glob("*.json")
        assert len(json.loads(file.read_text())["clips"]) == 15


async def test_a_newcomer_is_at_a_confusion_matrix_in_under_ten_keys(world: World) -> None:
    """Enter trains the demo, enter shows its results, enter a cell's clips."""

    def start(preset: Preset) -> RunFolder:
        run = create(preset)
        world.launched.append(preset)
        return run

    world.submit = start  # type: ignore[method-assign]
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert not list_runs()
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, RunScreen)
        (run,) = list_runs()
        finish(run)
        await settle(pilot)
        await keys(pilot, "enter")
        assert "tree → three: 15 clips" in drawn(results(pilot))
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, CellScreen)


def finish(run: RunFolder) -> None:
    """What a worker leaves at the end."""
    labels, matrix = report_matrix()
    predictions.write(run.predictions_path("test"), predicted(matrix, labels))
    done = status.Status(
        state="finished", preset="demo", created=1.0, epoch=3, epochs=3, best_epoch=3,
        best_val_accuracy=0.95, test_accuracy=0.9533, synthetic=True, clips="synthetic",
    )  # fmt: skip
    status.write(run.status_path, done)


PROBE = """
import asyncio, sys
from tests.recorded import record
from tests.tui.conftest import World, keys, settle
from labbench.tui.results.screen import ResultsScreen

record()

async def main():
    async with World().app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, "2", "enter", "escape")
        assert "sklearn" not in sys.modules, "loaded by the list or the run"
        assert "scipy" not in sys.modules, "loaded by the list or the run"
        await pilot.press("R")
        await settle(pilot)
        assert isinstance(pilot.app.screen, ResultsScreen)
        assert "sklearn" in sys.modules
        assert "torch" not in sys.modules

asyncio.run(main())
"""


def test_scikit_learn_is_loaded_when_results_are_opened(labbench_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


async def test_keys_are_answered_while_results_are_read(
    world: World, recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from labbench.tui.results import screen as module

    gate = threading.Event()
    whole = module.read

    def slow(*args: Any, **options: Any) -> Any:
        gate.wait(20)
        return whole(*args, **options)

    monkeypatch.setattr(module, "read", slow)
    async with world.app().run_test(size=SMALL) as pilot:
        await settle(pilot)
        await keys(pilot, "2", *["j"] * 7)
        await pilot.press("R")
        await pilot.pause()
        screen = results(pilot)
        await pilot.press("tab")
        await pilot.pause()
        assert screen.pane == "classes"
        assert "reading" in words(screen, "#empty")
        gate.set()
        await settle(pilot)
        assert screen.evaluation is not None
