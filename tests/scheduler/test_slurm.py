"""Runs as jobs of a real Slurm: started, pushed out and gone on with, stopped, vanished."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labbench.errors import LabbenchError, RunError
from labbench.presets import to_toml
from labbench.runs import RunFolder, find, list_runs
from labbench.scheduler import slurm, slurm_queue, start
from tests import tiny
from tests.scheduler import queueing
from tests.scheduler.queueing import environment, starts
from tests.scheduler.slurm_cluster import Cluster, cluster, environment_of, missing

pytest.importorskip("submitit")
pytestmark = pytest.mark.xdist_group("slurm")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if lacks := missing():
        pytest.skip(f"needs {lacks} (Debian: slurm-wlm, munge)")
    with cluster(tmp_path_factory.mktemp("slurm")) as found:
        yield found


@pytest.fixture
def on_cluster(here: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster this process and its children find, without jobs at the end."""
    for key, value in environment_of(here).items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(slurm, "LOOK_EVERY_S", 0.0)
    tiny.make_clips()
    yield here
    here.ask("scancel", "--user", "root")
    until(lambda: here.ask("squeue", "-h") == "")


@pytest.fixture
def preset(tmp_path: Path) -> str:
    path = tmp_path / "tiny.toml"
    path.write_text(to_toml(tiny.preset(epochs=400)))
    return str(path)


def until(true: Callable[[], object]) -> None:
    """Wait for something that a busy machine may take long to bring about."""
    queueing.until(true, within_s=120)


def labbench(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "labbench", *arguments],
        capture_output=True, text=True, timeout=60, env=environment(),
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def submitted(preset: str, *arguments: str) -> RunFolder:
    done = labbench("run", preset, "--on", "slurm", "--detach", "--quiet", *arguments)
    return find(done.stdout.strip())


def settled(run: RunFolder) -> str:
    slurm.settle([(run, run.status())])
    return run.status().state


def job(run: RunFolder) -> str:
    known = slurm_queue.submission(run)
    assert known is not None
    return known.job


def test_a_run_goes_on_from_its_checkpoint_whatever_ends_its_job(
    on_cluster: Cluster, preset: str
) -> None:
    run = submitted(preset, "--slurm-args", "-p low --cpus-per-task=1")
    until(lambda: run.status().epoch > 0)
    assert run.status().slot == f"slurm:{job(run)}"
    # What a time limit sends: the job hands itself back.
    on_cluster.ask("scancel", "--signal=USR2", job(run))
    until(lambda: run.status().state == "queued")
    assert "goes on from epoch" in run.status().message
    waiting, reached = run.status().waiting, run.status().step
    assert waiting is not None
    assert (waiting.host, waiting.job) == ("slurm", job(run))
    on_cluster.hurry(job(run))
    until(lambda: run.status().step > reached)
    with pytest.raises(RunError, match="is running already"):
        start.resume(run)
    # Another takes the node: Slurm puts the job back.
    words = ["sbatch", "--parsable", "-p", "high", "--exclusive", "-o", "/dev/null"]
    on_cluster.ask(*words, "--wrap", "true")
    until(lambda: run.status().state == "queued")
    pushed_out = run.status().step
    until(lambda: on_cluster.job(job(run))["JobState"] == "PENDING")
    assert settled(run) == "queued"
    # Taken out by its owner, it is resumed as another job.
    labbench("stop", run.id)
    assert settled(run) == "stopped"
    before = job(run)
    until(lambda: before not in (slurm_queue.jobs() or {}))
    labbench("run", "--resume", run.id, "--detach")
    assert job(run) != before
    until(lambda: run.status().step > pushed_out)
    labbench("stop", run.id)
    until(lambda: run.status().state == "stopped")
    assert [one.step for one in starts(run)] == [0, reached, pushed_out]
    steps = run.history().steps["step"].tolist()
    assert steps == list(range(1, len(steps) + 1)), "none is lost or made twice"


def test_a_job_that_waits_is_queued_and_one_that_vanished_is_lost(
    on_cluster: Cluster, preset: str
) -> None:
    run = submitted(preset, "--slurm-args", "--begin=now+1hour")
    assert settled(run) == "queued"
    assert run.status().message == f"Slurm job {job(run)}: pending (BeginTime)"
    (row,) = json.loads(labbench("runs", "--json").stdout)
    assert row["state"] == "queued"
    with pytest.raises(RunError, match=f"waits as Slurm job {job(run)} already"):
        start.resume(run)
    on_cluster.ask("scancel", job(run))
    until(lambda: settled(run) == "lost")
    assert f"Slurm job {job(run)} is gone: CANCELLED" in run.status().message
    assert "is gone" in labbench("watch", run.id, code=RunError.exit_code).stderr
    assert not run.console_path.exists()
    start.resume(run, slurm="--begin=now+2hours")
    assert run.status().state == "queued"
    assert start.stop(run) == "stopped"
    until(lambda: job(run) not in (slurm_queue.jobs() or {}))


def test_what_the_cluster_refuses_leaves_no_run(on_cluster: Cluster, preset: str) -> None:
    done = labbench("run", preset, "--on", "slurm", "--slurm-args", "-p nowhere", code=5)
    assert "invalid partition" in done.stderr
    assert list_runs() == []


def test_a_sweep_makes_each_cell_a_job_once(on_cluster: Cluster) -> None:
    held = ("--on", "slurm", "--slurm-args", "--begin=now+1hour", "--json")
    sweep = ("sweep", "custom-ch32", "--grid", "model.activation=relu,tanh", "--data", "tones",
             "--set", "data.words=low,middle,high", "--name", "two")  # fmt: skip
    (document,) = json.loads(labbench(*sweep, *held).stdout)["tables"]
    assert [one["preset"] for one in document["queued"]] == [run.status().preset
                                                             for run in list_runs()]  # fmt: skip
    (document,) = json.loads(labbench(*sweep, *held).stdout)["tables"]
    assert (document["queued"], document["under_way"]) == ([], 2)
    first, second = list_runs()
    on_cluster.ask("scancel", job(first))
    until(lambda: job(first) not in (slurm_queue.jobs() or {}))
    (document,) = json.loads(labbench(*sweep, *held).stdout)["tables"]
    assert [one["run"] for one in document["queued"]] == [first.id]
    labbench(*sweep, "--stop")
    assert [run.status().state for run in (first, second)] == ["stopped", "stopped"]
    assert slurm_queue.jobs() == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", {}),
        ("-p gpu -t 8:00:00", {"partition": "gpu", "time": "8:00:00"}),
        (
            "-pgpu --gres=gpu:1 --exclusive",
            {"partition": "gpu", "gres": "gpu:1", "exclusive": True},
        ),
        ("--mem 8G --comment 'two words'", {"mem": "8G", "comment": "two words"}),
    ],
    ids=["none", "short", "mixed", "apart"],
)
def test_options_are_read_as_sbatch_reads_them(line: str, found: dict[str, object]) -> None:
    assert slurm.options(line) == found


@pytest.mark.parametrize(
    "line",
    [
        "--output=x", "-Z 3", "gpu", "--comment 'open", "--", "--=x", "--Bad;name=x",
        *(f"--comment=a{sign}b" for sign in "\n\r\0\t\x1b\x7f\x85\u2028\u202e\udc80"),
        "--comment 'a\ntouch x'", "-p\ngpu",
    ],
)  # fmt: skip
def test_options_that_cannot_be_used_are_named(line: str) -> None:
    with pytest.raises(LabbenchError, match="--slurm-args") as refused:
        slurm.options(line)
    assert str(refused.value).isprintable()


def test_without_slurm_it_is_said_before_there_is_a_run(
    preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))  # noqa: PTH120
    assert "no Slurm here" in labbench("run", preset, "--on", "slurm", code=1).stderr
    assert "--on slurm" in labbench("run", preset, "--slurm-args", "-p gpu", code=2).stderr
    assert list_runs() == []


def test_a_cluster_that_does_not_answer_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.make_clips()
    run = start.new_run(tiny.preset(), waiting=slurm_queue.waiting("7"))
    monkeypatch.setattr(slurm_queue, "jobs", lambda: None)
    slurm.settle([(run, run.status())], now=True)
    assert run.status().state == "queued"
    monkeypatch.setattr(slurm_queue, "jobs", dict)
    monkeypatch.setattr(slurm_queue, "about", lambda job: {})
    slurm.settle([(run, run.status())], now=True)
    assert run.status().message == "its Slurm job 7 is gone."
