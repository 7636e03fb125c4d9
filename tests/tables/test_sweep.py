"""Sweeps: what is missing is queued once, whatever happened before and meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from labbench import paths
from labbench.cli import sweeping
from labbench.errors import BusyError, DataError, LabbenchError, PresetError, RunError
from labbench.presets import Library, to_tree
from labbench.runs import RunFolder, faults, machine, status, tickets
from labbench.runs.reader import listing
from labbench.tables import pace as estimates
from labbench.tables import sweep
from labbench.tables.grid import Axis, keep, table_of
from labbench.tables.layout import TableLayout
from labbench.tables.pace import Pace, calibrated, cost, estimate
from labbench.tables.progress import Cells
from labbench.tables.sweep import Plan, alone, plan, submit_cells
from tests import tiny
from tests.scheduler.queueing import cleaned_up, environment, fake_workers, occupied

GRID = (Axis("model.activation", ("relu", "tanh")), Axis("model.dropout", ("0", "0.5")))


@pytest.fixture(autouse=True)
def table(labbench_home: Path) -> Iterator[None]:
    """A table of 2 x 2 cells, `tiny`, of a small net on the tones."""
    tiny.make_clips()
    import tomli_w

    tree = to_tree(tiny.preset(epochs=2))
    del tree["name"]
    folder = paths.user_presets_dir()
    folder.mkdir(parents=True)
    (folder / "small.toml").write_text(tomli_w.dumps(tree))
    keep("tiny", table_of(Library(), "small", GRID))
    with cleaned_up():
        yield


def layout(**only: object) -> TableLayout:
    return TableLayout.of(Library(), "tiny", **only)  # type: ignore[arg-type]


def planned(seeds: int = 1, **only: object) -> Plan:
    return plan(layout(**only), Cells(listing()[0]), seeds=seeds)


def swept(seeds: int = 1) -> list[RunFolder]:
    """The runs that a sweep queues; nobody starts them."""
    occupied()
    return [one.run for one in submit_cells(planned(seeds).tasks) if one.run]


def set_state(run: RunFolder, state: str, **changes: object) -> None:
    told = msgspec.structs.replace(run.status(), state=state, waiting=None, **changes)
    status.write(run.status_path, told)


def labbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "labbench", *arguments],
        capture_output=True, text=True, timeout=120, env=environment(),
    )  # fmt: skip


def names(of: Plan) -> list[tuple[str, int]]:
    return [(task.cell.name, task.preset.training.seed) for task in of.tasks]


def test_what_waits_in_vain_is_queued_anew() -> None:
    first, *others = swept()
    tickets.drop(first.path, machine.host())
    found = planned()
    assert (len(found.tasks), found.under_way) == (1, len(others))
    assert [one.run for one in submit_cells(found.tasks)] == [first]
    assert tickets.read(first.path, machine.host()) is not None
    assert planned().under_way == 1 + len(others)


def test_all_of_an_empty_table_is_missing() -> None:
    assert names(planned(2)) == [
        (f"tiny/{row}/{column}", seed)
        for row in ("relu", "tanh") for column in ("0", "0.5") for seed in (0, 1)
    ]  # fmt: skip
    assert names(planned(1, rows=["tanh"], columns=["0"])) == [("tiny/tanh/0", 0)]


def test_only_what_is_missing_failed_lost_or_stopped_is_queued() -> None:
    first, second, third, fourth = swept()
    assert names(planned()) == []
    assert planned().under_way == 4
    set_state(first, "finished", test_accuracy=0.9)
    set_state(second, "failed")
    set_state(third, "lost")
    set_state(fourth, "stopped")
    again = planned()
    assert (again.finished, again.under_way, again.again) == (1, 0, 3)
    assert [task.before.run.id for task in again.tasks if task.before] == [
        second.id, third.id, fourth.id
    ]  # fmt: skip
    queued = [one.run for one in submit_cells(again.tasks)]
    assert [run.id for run in queued if run] == [second.id, third.id, fourth.id]
    assert len(listing()[0]) == 5, "no new run was made"
    assert names(planned(2)) == [
        (name, 1) for name in ("tiny/relu/0", "tiny/relu/0.5", "tiny/tanh/0", "tiny/tanh/0.5")
    ]
    assert len(names(planned(changes=["training.epochs=3"]))) == 4, "other cells"


def test_a_cell_that_stands_in_a_table_twice_is_queued_once() -> None:
    tree = table_of(Library(), "small", (GRID[0], Axis("training.device", ("cpu", "auto"))))
    keep("twice", tree)
    both = plan(TableLayout.of(Library(), "twice"), Cells([]))
    assert [task.cell.row for task in both.tasks] == ["relu", "tanh"]


def test_one_cell_that_cannot_be_queued_does_not_keep_the_rest() -> None:
    first, *_ = swept()
    set_state(first, "failed")
    (first.path / "preset.toml").write_text("[")
    done = list(submit_cells(planned(2).tasks))
    assert [one.run is None for one in done] == [True, False, False, False, False]
    assert isinstance(done[0].error, PresetError)


def test_clips_that_are_not_there_are_told_before_anything_is_queued() -> None:
    with pytest.raises(DataError, match="tonnes"):
        planned(changes=["data.name=tonnes"])
    assert listing()[0] == []


def test_runs_on_a_device_at_once() -> None:
    occupied()
    (done, *_) = list(submit_cells(planned().tasks, per_device=3))
    assert done.run is not None
    waiting = done.run.status().waiting
    assert waiting is not None
    assert waiting.slots == "3"


def test_only_one_sweep_queues_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "LOCK_WAIT_S", 0.1)
    with alone(), pytest.raises(BusyError, match="another sweep"), alone():
        pass
    with alone():
        pass


def test_a_runs_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError), alone(tmp_path / "file" / "runs"):
        pass


def test_two_sweeps_at_once_queue_nothing_twice() -> None:
    occupied()
    command = [sys.executable, "-m", "labbench", "sweep", "tiny", "--seeds", "3", "--no-estimate"]
    both = [
        subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    ids = [line for one in both for line in one.communicate(timeout=60)[0].split()]
    assert [one.returncode for one in both] == [0, 0]
    assert len(ids) == len(set(ids)) == 12
    assert len(listing()[0]) == 13


def test_sweep_dry_run_wait_and_stop_by_command() -> None:
    dry = labbench("sweep", "tiny", "--seeds", "2", "--dry-run", "--no-estimate", "--json")
    assert dry.returncode == 0
    told = json.loads(dry.stdout)["tables"][0]
    assert (len(told["planned"]), told["queued"], told["estimate_s"]) == (8, [], None)
    assert listing()[0] == []
    with fake_workers():
        done = labbench("sweep", "tiny", "--no-estimate", "--wait", "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)["tables"][0]
        assert len(told["queued"]) == 4
        assert "4 of 4 finished" in done.stderr
        again = labbench("sweep", "tiny")
        assert "4 finished, 0 under way, 0 to queue" in again.stderr
        assert again.stdout == ""
        occupied()
        grown = labbench(
            "sweep", "small", "--grid", "model.activation=tanh,elu", "--grid", "model.dropout=0",
            "--name", "tiny", "--no-estimate",
        )  # fmt: skip
        assert [line.split("-", 1)[1] for line in grown.stdout.split()] == ["tiny-elu-0"]
        stopped = labbench("sweep", "tiny", "--stop")
        assert "1 run" not in stopped.stdout
        assert "taken out of the queue" in stopped.stderr
        assert "nothing of it" in labbench("sweep", "tiny", "--stop").stderr
    assert planned().tasks[0].cell.name == "tiny/elu/0"


def test_what_cannot_be_swept() -> None:
    missing = labbench("sweep", "tinny")
    assert missing.returncode == PresetError.exit_code
    assert "Did you mean 'tiny'?" in missing.stderr
    table = labbench("sweep", "tiny", "--grid", "model.convs=2,3")
    assert table.returncode == PresetError.exit_code
    assert "is a table already" in table.stderr


def test_the_estimate_by_what_was_timed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def timed(presets: list[object]) -> Pace:
        asked.append(len(presets))
        return Pace.of([(cost(tiny.preset()), 0.01)])

    monkeypatch.setattr(estimates, "calibrated", timed)
    whole = planned(2)
    assert estimate(whole, time_steps=False) is None
    span = estimate(whole)
    # 8 runs of 2 epochs of 36 + 12/3 clips, and the start of each.
    assert span is not None
    assert span.work_s == pytest.approx(8 * (2 * 40 * 0.01 + estimates.START_S))
    assert estimate(whole, time_steps=False) == span, "kept for the next time"
    assert estimate(whole) == span
    assert asked == [8]
    assert span.span_s * span.at_once == span.work_s
    assert estimate(plan(layout(), Cells([]), seeds=1)) is not None


@pytest.mark.parametrize("point", ["[0, 0.5]", "[-1, 0.5]", "[3.0, -1]", "[3.0, 0]", "[1e300, 1]"])
def test_what_cannot_have_been_timed_is_nothing(point: str) -> None:
    paths.runs_dir().mkdir(parents=True, exist_ok=True)
    path = paths.runs_dir() / f".pace-{machine.host()}.json"
    path.write_text(f'{{"cpu x": [[1.0, 0.5], {point}]}}')
    assert estimates.known_pace(planned(0), "cpu", "x").points == ()


def test_steps_are_timed_in_a_child() -> None:
    pace = calibrated([tiny.preset(), tiny.preset()])
    ((macs, seconds),) = pace.points
    assert macs == cost(tiny.preset())
    assert 0 < seconds < 60


def elsewhere(run: RunFolder, **changes: object) -> None:
    """Have a run wait in the queue of a host that is not this one."""
    now = run.status()
    assert now.waiting is not None
    waits = msgspec.structs.replace(now.waiting, host="attic")
    changed = {"waiting": waits, **changes}
    status.write(run.status_path, msgspec.structs.replace(now, **changed))


def test_watching_ends_where_all_waits_for_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "ELSEWHERE_S", 0.0)
    monkeypatch.setattr(sweeping, "LOOK_EVERY_S", 0.01)
    runs = swept()
    for run in runs:
        elsewhere(run)
    with pytest.raises(LabbenchError, match="4 runs in the queue of attic") as told:
        sweeping.watch([layout()], 1, [], as_json=False)
    assert told.value.hint == f"Here instead: labbench run --resume {runs[0].number}"


def test_what_another_host_trains_is_waited_for() -> None:
    first, *others = swept()
    for run in others:
        elsewhere(run)
    rows = listing()[0]
    wait = [(run, run.status()) for run in others]
    assert sweeping.only_elsewhere(wait, rows) is not None
    assert sweeping.only_elsewhere([*wait, (first, first.status())], rows) is None, "it waits here"
    busy = msgspec.structs.replace(status.this_process(), host="attic")
    elsewhere(first, state="running", writer=busy, heartbeat=time.time(), waiting=None)
    assert sweeping.only_elsewhere(wait, listing()[0]) is None


def test_why_runs_wait_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sweeping, "LOOK_EVERY_S", 0.01)
    runs = swept()
    faults.write(paths.runs_dir(), {runs[0].id: "no room."})
    looks = iter([None, None, KeyboardInterrupt])

    def ensure() -> None:
        if found := next(looks):
            raise found

    monkeypatch.setattr(sweeping, "ensure_dispatcher", ensure)
    assert sweeping.watch([layout()], 1, [], as_json=False) == 0
    assert capsys.readouterr().err.count(f"{runs[0].id}: could not be started: no room.") == 1
