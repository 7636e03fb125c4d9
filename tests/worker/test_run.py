"""Real runs in real workers: finished, stopped, killed at any moment, failed, resumed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from labbench.audio.clips import open_clips
from labbench.audio.findings import Check, Finding, keep
from labbench.errors import BusyError, DataError, RunError
from labbench.presets import resolved
from labbench.runs import RunFolder, events, log, status
from labbench.runs.flaws import ENGINE
from labbench.runs.reader import follow
from labbench.scheduler.start import new_run, start
from labbench.training.engine import native
from tests import tiny

TIMED = ("time", "elapsed_s", "duration_s", "clips_per_s", "memory_bytes", "attempt")


@pytest.fixture(autouse=True)
def clips(labbench_home: Path) -> None:
    tiny.make_clips()


def finish(run: RunFolder) -> int:
    process = start(run)
    for _ in follow(run, process):
        pass
    return process.wait()


def wait_for(run: RunFolder, process: subprocess.Popen[bytes], step: int) -> None:
    """Until the run has told that many steps (or ended)."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if run.status().step >= step:
            return
        time.sleep(0.01)


def numbers(run: RunFolder) -> list[list[object]]:
    """All steps, epochs and evaluations of a run without what a clock says."""
    return [
        [getattr(event, name) for name in event.__struct_fields__ if name not in TIMED]
        for event in log.read_all(run.events_path)
        if isinstance(event, events.Step | events.Epoch | events.Evaluated)
    ]


def same_outcome(one: RunFolder, other: RunFolder) -> None:
    assert numbers(one) == numbers(other)
    for split in ("validation", "test"):
        mine, theirs = one.predictions(split), other.predictions(split)
        np.testing.assert_array_equal(mine.logits, theirs.logits)
        assert mine.names == theirs.names


def test_a_run_finishes_learns_and_leaves_a_whole_folder() -> None:
    clips = open_clips("tones")
    leak = Finding(kind="leak", level="warning", count=1, what="1 clip", first=("a = b",))
    note = Finding(kind="silent", level="note", count=1, what="2 clips")
    keep(clips.folder, Check(fingerprint=clips.meta.fingerprint, findings=(leak, note)))
    run = new_run(tiny.preset(epochs=6))
    assert run.status().state == "queued"
    assert finish(run) == 0
    ended = run.status()
    assert ended.state == "finished"
    assert (ended.epoch, ended.step) == (6, 30)
    history = run.history()
    assert len(history.steps["loss"]) == 30
    assert history.steps["loss"][-5:].mean() < history.steps["loss"][:5].mean() / 2
    test = run.predictions("test")
    assert test.words == tiny.WORDS
    assert test.logits.shape == (15, 3)
    assert test.names[0] == "low/test0.wav"
    accuracy = float((test.predicted == test.actual).mean())
    assert ended.test_accuracy == accuracy == history.evaluations["test"].accuracy
    assert history.best is not None
    assert history.best.epoch == ended.best_epoch == test.epoch
    about = run.about()
    assert about["clips"]["counts"] == tiny.COUNTS
    assert about["parameters"] == ended.parameters
    (started,) = [one for one in log.read_all(run.events_path) if isinstance(one, events.Started)]
    assert about["engine"] == ended.engine == started.engine == ENGINE
    assert about["clips"]["warnings"] == ["1 clip: a = b"]
    assert run.preset() == resolved(tiny.preset(epochs=6))
    left = {path.name for path in run.path.iterdir()}
    assert left >= {"preset.toml", "run.json", "events.jsonl", "status.json", "console.log"}
    assert not [name for name in left if name.endswith(".tmp") or name == ".reserve"]


def test_killed_again_and_again_it_gives_the_very_same_numbers() -> None:
    whole = new_run(tiny.preset())
    assert finish(whole) == 0
    killed = new_run(tiny.preset())
    rng = random.Random(0)
    for kill in range(4):
        process = start(killed)
        wait_for(killed, process, killed.status().step + rng.choice([1, 2, 4]))
        time.sleep(rng.uniform(0, 0.2))
        process.kill()
        process.wait()
        if kill == 0:
            assert killed.status().state == "lost"
            assert "--resume" in killed.status().hint
        if killed.status().state == "finished":
            break
    if killed.status().state != "finished":
        assert finish(killed) == 0
    same_outcome(whole, killed)


@pytest.mark.parametrize(("number", "products"), [(signal.SIGINT, ""), (signal.SIGTERM, "torch")])
def test_a_signal_ends_it_after_the_step_and_it_resumes_exactly(
    number: int, products: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(native.CHOICE, products)
    whole = new_run(tiny.preset())
    assert finish(whole) == 0
    run = new_run(tiny.preset())
    process = start(run)
    wait_for(run, process, 3)
    process.send_signal(number)
    assert process.wait(30) == 130
    stopped = run.status()
    assert stopped.state == "stopped"
    assert 0 < stopped.step < 20
    status.write(run.status_path, msgspec.structs.replace(stopped, engine=0))
    assert run.about()["products"] == (products or native.name_of(native.kernels()))
    monkeypatch.setenv(native.CHOICE, "")
    assert finish(run) == 0
    same_outcome(whole, run)
    assert run.status().attempt == 2
    assert run.status().engine == 0, "that of the engine which began it"
    started = [one for one in log.read_all(run.events_path) if isinstance(one, events.Started)]
    assert [one.engine for one in started] == [ENGINE, ENGINE]


def test_a_second_signal_ends_it_at_once() -> None:
    run = new_run(tiny.preset(epochs=1000))
    process = start(run)
    wait_for(run, process, 2)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130
    assert run.status().state == "stopped"


def test_requests_in_the_folder_are_met() -> None:
    run = new_run(tiny.preset(epochs=1000, checkpoint_every_s=0.0))
    process = start(run)
    wait_for(run, process, 1)
    run.ask("checkpoint")
    deadline = time.monotonic() + 30
    while list(run.control_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not list(run.control_path.iterdir())
    run.ask("stop")
    assert process.wait(30) == 130
    assert run.status().state == "stopped"
    run.ask("stop-now")
    process = start(run)
    wait_for(run, process, run.status().step + 1)
    run.ask("stop-now")
    assert process.wait(30) == 130


def test_it_ignores_a_hang_up() -> None:
    run = new_run(tiny.preset(epochs=1000))
    process = start(run)
    wait_for(run, process, 1)
    process.send_signal(signal.SIGHUP)
    step = run.status().step
    wait_for(run, process, step + 2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130


def test_a_run_has_one_writer() -> None:
    run = new_run(tiny.preset(epochs=1000))
    process = start(run)
    wait_for(run, process, 1)
    with pytest.raises(RunError, match="running already"):
        start(run)
    second = subprocess.run(
        [sys.executable, "-m", "labbench.worker", str(run.path)], capture_output=True, text=True
    )
    assert second.returncode == BusyError.exit_code
    assert "another worker" in second.stderr
    assert run.status().state == "running"
    process.kill()
    process.wait()
    with run.writing():
        pass


def test_a_loss_that_is_no_number_fails_the_run_and_keeps_the_checkpoint() -> None:
    preset = tiny.preset(epochs=30)
    changed = new_run(preset)
    assert finish(new_run(preset)) == 0
    path = changed.path / "preset.toml"
    rate = "learning_rate = 0.003"
    assert rate in path.read_text()
    path.write_text(path.read_text().replace(rate, "learning_rate = 1e9"))
    assert finish(changed) == 7
    status = changed.status()
    assert status.state == "failed"
    assert "the loss became" in status.message
    assert "learning_rate" in status.hint


def test_clips_that_are_gone_fail_the_run_with_a_word() -> None:
    from labbench.audio import library

    run = new_run(tiny.preset())
    library.remove("tones")
    assert finish(run) == DataError.exit_code
    assert "tones" in run.status().message
    with pytest.raises(DataError, match="tones"):
        new_run(tiny.preset())


def test_a_resumed_run_refuses_other_clips() -> None:
    run = new_run(tiny.preset(epochs=1000))
    process = start(run)
    wait_for(run, process, 6)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130
    tiny.make_clips(seed=1)
    assert finish(run) == DataError.exit_code
    assert "no longer those" in run.status().message
    tiny.make_clips(seed=0)
    process = start(run)
    wait_for(run, process, run.status().step + 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130


def test_a_finished_run_has_nothing_to_resume() -> None:
    run = new_run(tiny.preset(epochs=1))
    assert finish(run) == 0
    with pytest.raises(RunError, match="nothing to resume"):
        start(run)


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file system of 4 MiB for the runs."""
    place = tmp_path / "small-disk"
    place.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("needs to mount a small tmpfs")
    monkeypatch.setenv("LABBENCH_RUNS", str(place))
    yield place  # type: ignore[misc]
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_fails_the_run_in_words_and_it_resumes_with_room(small_disk: Path) -> None:
    run = new_run(tiny.preset(epochs=1000))
    process = start(run)
    wait_for(run, process, 6)
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"\0" * 4096):
            pass
    assert process.wait(60) == RunError.exit_code
    status = run.status()
    assert status.state == "failed"
    assert "disk is full" in status.message
    assert "Free some space" in status.hint
    reached = status.step
    ballast.unlink()
    process = start(run)
    wait_for(run, process, reached + 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130
    assert run.status().step > 0
    steps = run.history().steps["step"].tolist()
    assert steps == list(range(1, len(steps) + 1))
