"""Runs that wait: for a cluster that is silent, or in vain."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from textual.widgets import Static

from labbench.runs import machine, status, tickets
from labbench.tui.app import BenchApp
from tests.recorded import record
from tests.tui.conftest import World, keys, settle


async def test_a_cluster_that_does_not_answer_is_told_once_and_holds_nobody_up(
    world: World,
) -> None:
    waiting = status.Waiting(host="slurm", since=1.0, job="7")
    record(state="queued", epochs=0, waiting=waiting)
    answered = threading.Event()

    def silent(rows: object) -> str:
        answered.wait(60)
        return "Slurm does not answer."

    app = BenchApp(replace(world.app().services, settle=silent))
    async with app.run_test(size=(80, 24)) as pilot:
        app.poll()
        while not app.runs.entries:
            await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        assert "queued" in str(app.screen.query_one("#told", Static).render())
        answered.set()
        await settle(pilot)
        await settle(pilot)
        assert [one.message for one in app._notifications] == ["Slurm does not answer."]


@pytest.mark.parametrize("ours", [True, False])
async def test_a_run_that_nobody_will_start_says_so_and_is_resumed_by_its_key(
    world: World, ours: bool
) -> None:
    run = record(state="queued", epochs=0, waiting=status.Waiting(host=machine.host(), since=1.0))
    if ours:
        tickets.issue(run.path, machine.host())
    async with world.app().run_test(size=(140, 45)) as pilot:
        await settle(pilot)
        await keys(pilot, "2")
        told = str(pilot.app.screen.query_one("#told", Static).render())
        assert ("nobody starts it" in told) is not ours
        assert ("labbench run --resume 1" in told) is not ours
        await keys(pilot, "r")
        assert world.resumed == ([] if ours else [run.id])
