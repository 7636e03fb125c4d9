"""The app in a terminal with real workers; the terminal dies, the run does not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli_w

from labbench import paths
from labbench.presets import to_tree
from labbench.runs import find, list_runs, predictions, status
from labbench.tui.results.screen import ResultsScreen
from tests import tiny
from tests.recorded import predicted, report_matrix
from tests.scheduler.queueing import cleaned_up, environment, until
from tests.terminal import Terminal
from tests.tui.conftest import World, keys, settle


@pytest.fixture
def bench(labbench_home: Path) -> Iterator[None]:
    """Clips, and a preset of the user's own that learns them in seconds."""
    tiny.make_clips()
    tree = to_tree(tiny.preset(epochs=30))
    del tree["name"]
    folder = paths.user_presets_dir()
    folder.mkdir(parents=True)
    (folder / "tiny.toml").write_text(tomli_w.dumps(tree), encoding="utf-8")
    with cleaned_up():
        yield


def app() -> Terminal:
    env = {**environment(), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return Terminal([sys.executable, "-m", "labbench"], env=env, size=(80, 24))


@pytest.mark.usefixtures("bench")
def test_launch_lose_the_terminal_come_back_and_see_it_finish() -> None:
    with app() as terminal:
        terminal.shows("Nothing has been trained here yet")
        terminal.press("escape")
        terminal.shows("custom-ch32")
        # All at once, as over a slow line.
        terminal.press("/tiny")
        terminal.shows("tiny .*enter take")
        terminal.press("enter")
        terminal.shows("enter launch")
        terminal.press("enter")
        terminal.shows("0001-tiny")
        run = find("1")
        until(lambda: run.status().state == "running" and run.status().step > 2)
    # The terminal is gone, and the app with it.
    assert terminal.process.returncode is not None
    step = run.status().step
    until(lambda: run.status().step > step or run.status().state == "finished")

    with app() as terminal:
        terminal.shows("custom-ch32")
        terminal.press("2")
        terminal.shows("1 run ")
        until(lambda: run.status().state == "finished", within_s=90)
        terminal.shows("✔")
        terminal.press("R")
        terminal.shows(r"actual.*low.*middle.*high")
        terminal.press("q")
        terminal.process.wait(20)
        assert terminal.process.returncode == 0
    assert len(list_runs()) == 1


async def test_a_new_user_comes_to_a_confusion_matrix_in_under_ten_keys(world: World) -> None:
    """From an empty folder; how the run is trained is tested above."""
    pressed: list[str] = []

    async def press(pilot: Any, key: str) -> None:
        pressed.append(key)
        await keys(pilot, key)

    async with world.app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        run = find("1")
        words, matrix = report_matrix()
        predictions.write(run.predictions_path("test"), predicted(matrix, words))
        done = msgspec.structs.replace(run.status(), state="finished", test_accuracy=0.95)
        status.write(run.status_path, done)
        await settle(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ResultsScreen)
        assert pilot.app.screen.matrix_shown
    assert len(pressed) < 10
