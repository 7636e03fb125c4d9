"""A world for the app: a clock that stands still, a machine that never changes, no workers."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

os.environ["TEXTUAL_ANIMATIONS"] = "none"

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from labbench.audio.jobs import Order
from labbench.presets import Preset
from labbench.runs import RunFolder, create
from labbench.scheduler.start import new_run
from labbench.tables.layout import TableLayout
from labbench.tables.pace import Estimate
from labbench.tables.sweep import Submitted
from labbench.tui.app import BenchApp
from labbench.tui.services import Machine, Services, plan
from labbench.worker.analyst import Analyst
from tests.recorded import record

NOW = 10_000.0
SIZES = ((80, 24), (140, 45))


@dataclass
class World:
    """What the app asked of the world."""

    launched: list[Preset] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    stopped: list[tuple[str, bool]] = field(default_factory=list)
    analyst: Callable[[RunFolder], Analyst] = Analyst
    """Who answers questions about a run's net."""
    made: list[Order] = field(default_factory=list)
    swept: list[tuple[str, int, int]] = field(default_factory=list)
    """Table, cells and seeds of what was queued."""

    def sweep(self, layout: TableLayout, seeds: int) -> list[Submitted]:
        """What is missing, queued: nobody starts it."""
        tasks = plan(layout, seeds).tasks
        self.swept.append((layout.name, len(layout), seeds))
        return [Submitted(task, new_run(task.preset)) for task in tasks]

    def submit(self, preset: Preset) -> RunFolder:
        """A run that waits: nobody starts it."""
        self.launched.append(preset)
        return create(preset)

    def app(self) -> BenchApp:
        """The app in this world; it looks at runs when it is told to."""
        return BenchApp(
            Services(
                now=lambda: NOW,
                machine=lambda: Machine("cuda:0", "H100", 0.41, 3_100_000_000, 80_000_000_000),
                begin=lambda: None,
                submit=self.submit,
                resume=lambda run: self.resumed.append(run.id),
                stop=lambda run, now: self.stopped.append((run.id, now)),
                estimate=lambda plan: Estimate(3_600.0 * len(plan.tasks), 2),
                sweep=self.sweep,
                make=self.made.append,
                analyst=self.analyst,
                beating=False,
            )
        )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield World()
    monkeypatch.undo()
    time.tzset()


async def settle(pilot: Pilot[Any], *, look: bool = True) -> None:
    """Have the app look at all runs, and wait until nothing is under way."""
    app = pilot.app
    assert isinstance(app, BenchApp)
    await pilot.pause()
    if look:
        app.poll()
    while any(not worker.is_finished for worker in app.workers):
        await app.workers.wait_for_complete()
        await pilot.pause()
    for box in app.screen.query(Input):
        box.cursor_blink = False
    await pilot.pause()


async def keys(pilot: Pilot[Any], *pressed: str) -> None:
    """Press keys one after the other, waiting for what each does, or several of one key do."""
    for _, same in groupby(pressed):
        await pilot.press(*same)
        await settle(pilot)


def pressing(*pressed: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """What a snapshot does before it is taken: look, then press keys."""

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await keys(pilot, *pressed)

    return before


@pytest.fixture
def recorded(labbench_home: Path) -> list[RunFolder]:
    """One run in every state."""
    return every_state()


def every_state() -> list[RunFolder]:
    """One new run in every state, ages told by the world's clock."""
    live: dict[str, Any] = {"created": NOW - 600, "device": "cuda:0"}
    return [
        record(preset="custom-ch32", ended=NOW - 3600, created=NOW - 9000),
        record(preset="custom-ch64-tanh/8/do0.5", state="running", epochs=7, **live),
        record(preset="large-filter-ch64-tanh/3/bn", state="failed", epochs=4,
               message="out of memory at epoch 4: 61 GB asked, 58 free.",
               hint="Try training.batch=32.", ended=NOW - 3000, created=NOW - 5000),
        record(preset="vgg", state="running", epochs=5, writer=None, heartbeat=NOW - 840,
               created=NOW - 4000),
        record(preset="custom-ch64-tanh/8/bn", state="queued", epochs=0, created=NOW - 60),
        record(preset="demo", synthetic=True, ended=NOW - 100, created=NOW - 400),
        record(preset="custom-ch128", state="stopped", epochs=3, ended=NOW - 90_000,
               created=NOW - 95_000, message="stopped on request."),
        record(preset="base", state="starting", epochs=0, message="loading torch",
               created=NOW - 12, left_s=None),
    ]  # fmt: skip
