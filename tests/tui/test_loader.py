"""Loading in a thread: one at a time, again where something else is wanted, errors to one place."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from labbench.errors import LabbenchError
from labbench.tui import loader
from labbench.tui.loader import Loader, in_thread


class Shown(Widget):
    """Shows what was loaded of what is wanted."""

    def __init__(self, load: Callable[[str], str], **options: Any) -> None:
        super().__init__()
        self.wanted: str | None = "a"
        self.told: list[str] = []
        self.threads: list[int] = []
        self.failed: list[str] = []
        self.loader = Loader(
            self, lambda: self.wanted, load, self.done, options.pop("failed", self.fail), **options
        )

    def done(self, found: str) -> None:
        self.told.append(found)
        self.threads.append(threading.get_ident())

    def fail(self, error: LabbenchError) -> None:
        self.failed.append(error.what)


class Room(App[None]):
    """One widget that loads."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self.shown = shown
        self.complaints: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.shown

    def complain(self, error: LabbenchError) -> None:
        self.complaints.append(error.what)


class Gate:
    """Work that waits until it is let go on, and tells which ones began and in which thread."""

    def __init__(self, error: LabbenchError | None = None) -> None:
        self.began: list[str] = []
        self.threads: set[int] = set()
        self.most = 0
        self._open = threading.Semaphore(0)
        self._inside = 0
        self._error = error

    def __call__(self, wanted: str) -> str:
        self._inside += 1
        self.most = max(self.most, self._inside)
        self.began.append(wanted)
        self.threads.add(threading.get_ident())
        assert self._open.acquire(timeout=60)
        self._inside -= 1
        if self._error is not None:
            raise self._error
        return wanted.upper()

    def let(self, count: int = 1) -> None:
        self._open.release(count)


async def ended(pilot: Pilot[Any]) -> None:
    """Nothing is under way any more."""
    await pilot.pause()
    while any(not worker.is_finished for worker in pilot.app.workers):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def test_work_is_done_in_a_thread_and_told_in_that_of_the_app() -> None:
    gate = Gate()
    shown = Shown(gate)
    async with Room(shown).run_test() as pilot:
        shown.loader.ask()
        gate.let()
        await ended(pilot)
        assert shown.told == ["A"]
        assert shown.threads == [threading.get_ident()]
        assert threading.get_ident() not in gate.threads


async def test_one_load_at_a_time_and_the_same_is_not_loaded_again() -> None:
    gate = Gate()
    shown = Shown(gate)
    async with Room(shown).run_test() as pilot:
        for _ in range(5):
            shown.loader.ask()
        gate.let(5)
        await ended(pilot)
        assert (gate.began, gate.most, shown.told) == (["a"], 1, ["A"])
        shown.loader.ask()
        await ended(pilot)
        assert gate.began == ["a", "a"]


async def test_asked_for_again_meanwhile_it_is_loaded_once_more() -> None:
    gate = Gate()
    shown = Shown(gate)
    async with Room(shown).run_test() as pilot:
        for _ in range(5):
            shown.loader.ask(again=True)
        gate.let(5)
        await ended(pilot)
        assert (gate.began, gate.most) == (["a", "a"], 1)


@pytest.mark.parametrize(("drop", "told"), [(False, ["A", "C"]), (True, ["C"])])
async def test_what_is_wanted_by_then_is_loaded_after_it_and_nothing_between(
    drop: bool, told: list[str]
) -> None:
    gate = Gate()
    shown = Shown(gate, drop_stale=drop)
    async with Room(shown).run_test() as pilot:
        for wanted in "abc":
            shown.wanted = wanted
            shown.loader.ask()
        gate.let(3)
        await ended(pilot)
        assert (gate.began, shown.told) == (["a", "c"], told)


async def test_nothing_is_loaded_where_nothing_is_wanted() -> None:
    gate = Gate()
    shown = Shown(gate)
    async with Room(shown).run_test() as pilot:
        shown.loader.ask()
        shown.wanted = None
        shown.loader.ask(again=True)
        gate.let(2)
        await ended(pilot)
        assert gate.began == ["a"]


async def test_an_error_goes_to_who_asked_and_the_next_load_is_as_ever() -> None:
    gate = Gate(LabbenchError("is gone."))
    shown = Shown(gate)
    async with Room(shown).run_test() as pilot:
        for count in (1, 2):
            shown.loader.ask()
            gate.let()
            await ended(pilot)
            assert (shown.failed, shown.told) == (["is gone."] * count, [])


async def test_an_error_of_what_nobody_wants_any_more_is_not_told() -> None:
    gate = Gate(LabbenchError("is gone."))
    shown = Shown(gate)
    async with Room(shown).run_test() as pilot:
        shown.loader.ask()
        shown.wanted = "b"
        gate.let(2)
        await ended(pilot)
        assert (gate.began, shown.failed) == (["a", "b"], ["is gone."])


async def test_an_error_that_nobody_takes_is_said_by_the_app() -> None:
    gate = Gate(LabbenchError("is gone."))
    shown = Shown(gate, failed=None)
    room = Room(shown)
    async with room.run_test() as pilot:
        shown.loader.ask()
        gate.let(2)
        await ended(pilot)
        in_thread(room, lambda: gate("b"), shown.told.append)
        await ended(pilot)
        assert (room.complaints, shown.told) == (["is gone."] * 2, [])


async def test_an_error_of_another_kind_ends_the_app() -> None:
    room = Room(Shown({}.__getitem__))

    async def press(pilot: Pilot[Any]) -> None:
        room.shown.loader.ask()

    await asyncio.wait_for(room.run_async(headless=True, auto_pilot=press), 60)
    assert room.return_code == 1


async def test_nobody_is_told_who_is_gone() -> None:
    gate = Gate()
    shown = Shown(gate)
    async with Room(shown).run_test() as pilot:
        shown.loader.ask()
        while not gate.began:
            await pilot.pause()
        await shown.remove()
        gate.let()
        await ended(pilot)
        assert (gate.began, shown.told) == (["a"], [])


async def test_before_it_is_mounted_nothing_is_loaded() -> None:
    gate = Gate()
    shown = Shown(gate)
    shown.loader.ask()
    async with Room(shown).run_test() as pilot:
        gate.let()
        shown.loader.ask()
        await ended(pilot)
        assert gate.began == ["a"]


async def test_what_takes_long_is_loaded_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = {"now": 100.0, "cpu": 0.0}
    times = SimpleNamespace(monotonic=lambda: clock["now"], thread_time=lambda: clock["cpu"])
    monkeypatch.setattr(loader, "time", times)

    def load(wanted: str) -> str:
        clock["cpu"] += 0.5
        return wanted

    shown = Shown(load, share=0.05)
    async with Room(shown).run_test() as pilot:
        for now, loads in ((100.0, 1), (109.9, 1), (110.1, 2), (119.0, 2), (120.2, 3)):
            clock["now"] = now
            shown.loader.ask_if_due()
            await ended(pilot)
            assert len(shown.told) == loads
        shown.loader.ask()
        await ended(pilot)
        assert len(shown.told) == 4
