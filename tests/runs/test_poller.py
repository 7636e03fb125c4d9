"""All runs as the screens are told of them."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from labbench import paths
from labbench.presets import Preset
from labbench.runs import create, notes, poller, status
from labbench.runs.notes import Notes
from tests.recorded import record
from tests.unprivileged import unprivileged

LOOK = """
from labbench import paths
from labbench.runs.poller import RunsPoller
for one in RunsPoller(paths.runs_dir(), lambda: 0.0).poll().entries:
    print(one.id, one.status.state, one.status.message)
"""


def test_a_run_that_may_not_be_read_is_listed_as_such() -> None:
    closed, good = create(Preset()), create(Preset())
    closed.path.chmod(0)
    command = unprivileged(sys.executable, "-c", LOOK)
    done = subprocess.run(command, capture_output=True, text=True)
    closed.path.chmod(0o755)
    assert done.stdout.splitlines() == [
        f"{closed.id} failed {closed.status_path}: cannot be read: Permission denied.",
        f"{good.id} queued ",
    ]


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "ENDED_AT_ONCE", 2)


@pytest.mark.usefixtures("labbench_home", "few_at_once")
def test_in_passing_each_ended_run_has_its_turn_and_a_live_one_is_always_seen() -> None:
    ended = [record() for _ in range(5)]
    live = record(state="queued", epochs=0)
    seen = poller.RunsPoller(paths.runs_dir(), lambda: 10_000.0)
    assert len(seen.poll().entries) == 6
    for run in ended:
        notes.write(run.path, Notes(note="a good one"))
    status.write(live.status_path, msgspec.structs.replace(live.status(), message="waits"))
    first = seen.poll(passing=True)
    assert len(first.entries) == 6
    assert live.id in first.changed
    assert len(first.changed) == 3
    turns = [seen.poll(passing=True).changed for _ in range(3)]
    assert frozenset.union(first.changed, *turns) == {one.id for one in (*ended, live)}
    assert seen.poll(passing=True).changed == frozenset()


@pytest.mark.usefixtures("labbench_home", "few_at_once")
def test_else_all_are_seen() -> None:
    ended = [record() for _ in range(5)]
    seen = poller.RunsPoller(paths.runs_dir(), lambda: 10_000.0)
    seen.poll()
    for run in ended:
        notes.write(run.path, Notes(note="a good one"))
    assert len(seen.poll().changed) == 5
    ended[0].remove()
    assert seen.poll(passing=True).changed == {ended[0].id}
    assert len(seen.poll().entries) == 4
