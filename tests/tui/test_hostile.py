"""No screen lets a name act on the terminal: each is opened in a home full of such names."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from labbench import paths
from labbench.errors import DataError
from labbench.runs import find
from labbench.tui.app import BenchApp
from labbench.tui.bench.form import FormScreen
from labbench.tui.data.clips import ClipsScreen
from labbench.tui.inside.screen import TABS, InsideScreen
from labbench.tui.results.screen import PANES, ResultsScreen
from labbench.tui.routes import MODES
from labbench.tui.run.screen import RunScreen
from labbench.tui.screen import BenchScreen
from tests import hostile
from tests.hostile import MARK, NAME
from tests.tui.conftest import World, keys, settle
from tests.tui.listening import AtOnce

KEYS = {
    "bench": [["end"], ["question_mark"], ["ctrl+p"]],
    "runs": [["down"], ["t"], ["n"], ["D"], ["s"]],
    "tables": [["enter"], ["enter", "m"]],
    "compare": [["tab"], ["tab", "tab"], ["tab", "tab", "tab"]],
    "data": [["down"], ["down", "down"], ["D"]],
}
"""What is pressed on the first screen of a mode, one after the other."""
AFTER: dict[type[Screen[Any]], list[list[str]]] = {
    RunScreen: [["tab"], ["tab", "tab"]],
    ResultsScreen: [["enter"], ["enter", "enter"]],
    ClipsScreen: [["w"], ["enter"], ["slash", "E"]],
}


class Look:
    """Looks at what is painted, screen by screen."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot, self.app = pilot, pilot.app
        self.classes: set[type[Screen[Any]]] = set()
        self.commands: set[str] = set()
        self.marked = 0

    async def now(self) -> None:
        await settle(self.pilot)
        screen, painted = self.app.screen, self.app.export_screenshot()
        ElementTree.fromstring(painted)
        assert hostile.controls(painted) == [], screen
        self.classes.add(type(screen))
        self.marked += MARK in painted
        if isinstance(screen, BenchScreen) and (command := screen.headless()):
            self.commands.add(command)

    async def press(self, *pressed: str) -> None:
        """Press keys, look, and leave what they opened."""
        below = self.app.screen
        await keys(self.pilot, *pressed)
        await self.now()
        while self.app.screen is not below:
            self.app.pop_screen()
        await settle(self.pilot)

    async def open(self, screen: Screen[Any]) -> None:
        """Open a screen, look, press what it takes, and leave it."""
        await self.app.push_screen(screen)
        await self.now()
        for pressed in AFTER.get(type(screen), []):
            await self.press(*pressed)
        self.app.pop_screen()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home full of hostile names, made once."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("hostile")
        patch.setenv("LABBENCH_HOME", str(root))
        hostile.fill(patch)
        yield root


@pytest.fixture
def look_world(home: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("LABBENCH_HOME", str(home))
    world.analyst = AtOnce
    return world


async def test_no_name_acts_on_the_terminal(look_world: World, tmp_path: Path) -> None:
    async with look_world.app().run_test(size=(140, 45), notifications=True) as pilot:
        look, app = Look(pilot), pilot.app
        assert isinstance(app, BenchApp)
        await settle(pilot)
        for entry in app.runs.entries[:2]:
            app.mark(entry.id)
        for mode in MODES:
            await keys(pilot, mode.key)
            await look.now()
            for pressed in KEYS[mode.name]:
                await look.press(*pressed)
        run = find("1")
        for folder in (*paths.runs_dir().glob("x*"), *paths.runs_dir().glob("0002*")):
            await look.open(RunScreen(folder.name))
        for pane in PANES:
            await look.open(ResultsScreen(run.id, pane))
        for tab in TABS:
            await look.open(InsideScreen(run.id, tab))
        for name in ("tones", NAME):
            await look.open(ClipsScreen(name))
        await look.open(FormScreen(run.preset()))
        app.complain(DataError(NAME, where=NAME, hint=NAME))
        await look.now()
    assert look.marked > 20
    assert {one for one in _screens(BenchScreen) if one.about} <= look.classes
    _paste(look.commands, tmp_path)


def _screens(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _screens(one)


def _paste(commands: set[str], folder: Path) -> None:
    """Paste copied commands into a shell that has nothing to run but `labbench`."""
    assert any("EVIL" in one for one in commands)
    for command in commands:
        assert hostile.controls(command) == []
    script = "labbench() { :; }\n" + "\n".join(sorted(commands))
    done = subprocess.run(
        ["/bin/bash", "-c", script], cwd=folder, env={"PATH": "/nowhere"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
